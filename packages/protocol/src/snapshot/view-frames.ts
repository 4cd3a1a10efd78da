// From parts to frames: whoever holds the same cells and sees the same things happen gets the very same bytes.
// Law: a frame is made once per way of looking and tick; how many read it costs nothing here.
import { LIMITS } from "../limits.ts";
import { FRAME } from "../messages.ts";
import type { Cell, CellEncoder } from "./cell-encoder.ts";
import { CELL_EDGE, type CellKey, cellKey, cellsInView, cellX, cellY } from "./cells.ts";
import { FORM, FRESH, writePartHead } from "./format.ts";
import { KeyTable } from "./key-table.ts";
import { FrameWriter } from "./wire.ts";

/** Bytes of a frame before its parts, at most. */
const HEAD_BYTES = 16;
/** Frames are written one behind the other into pieces of memory of this size; a piece lives as long as a link holds a frame in it. */
const PIECE_BYTES = 262_144;
const NOTHING: readonly Uint8Array[] = [];

type Frames = readonly Uint8Array[];

/** Frames made already, and where in `alikeCells` the cells they are of are listed. */
interface Alike {
  readonly start: number;
  readonly count: number;
  readonly frames: Frames;
}

export class ViewFrames {
  private readonly encoder: CellEncoder;
  /** By row of a view from its middle on: how many cells to each side are in it. The same everywhere; the world's edge cuts it. */
  private readonly widths: readonly number[];
  private tick = 0;
  private keys: Float64Array<ArrayBuffer> = new Float64Array(64);
  /** By row of the plane: the place of its first active cell, plus 1; 0 where nothing is active. */
  private readonly rows = new Int32Array(2 * CELL_EDGE + 1);
  private readonly filledRows: number[] = [];
  private readonly steady = new KeyTable<Frames>();
  private readonly first = new KeyTable<Frames>();
  /** Steady frames by what is in them: views that see the same things happen share them, wherever they are. */
  private readonly alike = new Map<number, Alike>();
  private readonly alikeCells: Cell[] = [];
  private readonly seen: Cell[] = [];
  private memory = new FrameWriter(PIECE_BYTES);
  // The frames being made.
  private readonly parts = new FrameWriter(4_096);
  private partCount = 0;
  private isFresh = false;
  private made: Uint8Array[] = [];

  /** `viewRadius` in units, as the manifest states it. */
  constructor(encoder: CellEncoder, viewRadius: number) {
    this.encoder = encoder;
    const widths: number[] = [];
    for (const key of cellsInView(cellKey(0, 0), viewRadius)) {
      const row = Math.abs(cellY(key));
      widths[row] = Math.max(widths[row] ?? 0, cellX(key));
    }
    this.widths = widths;
  }

  /** Ends the encoder's tick and begins to hand out its frames. */
  closeTick(tick: number): void {
    this.encoder.closeTick();
    this.tick = tick;
    this.steady.clear();
    this.first.clear();
    this.alike.clear();
    const { active } = this.encoder;
    if (this.keys.length < active.length) this.keys = new Float64Array(active.length * 2);
    this.alikeCells.length = 0;
    for (let i = 0; i < this.filledRows.length; i++) this.rows[this.filledRows[i] as number] = 0;
    this.filledRows.length = 0;
    for (let i = 0; i < active.length; i++) {
      const { key } = active[i] as Cell;
      this.keys[i] = key;
      const row = cellY(key) + CELL_EDGE;
      if (this.rows[row] !== 0) continue;
      this.rows[row] = i + 1;
      this.filledRows.push(row);
    }
  }

  /**
   * The frames of this tick for a link. `held`: the cell it looked from when it was last written to, undefined when it holds
   * nothing or missed a tick; `from`: the cell it looks from now. Empty when there is nothing new; nearly always one frame.
   */
  frames(held: CellKey | undefined, from: CellKey): Frames {
    if (held !== undefined && held !== from) return this.moved(held, from);
    const known = held === undefined ? this.first : this.steady;
    let frames = known.get(from);
    if (frames === undefined) {
      frames = held === undefined ? this.fresh(from) : this.changes(from);
      known.set(from, frames);
    }
    return frames;
  }

  private fresh(from: CellKey): Frames {
    this.begin(true);
    this.eachRow(from, (left, right) => {
      for (let key = left; key <= right; key++) this.addKeyframe(key);
    });
    return this.end(true);
  }

  /** What happened in view. Where things only go on as they went, a frame without parts says that time has passed. */
  private changes(from: CellKey): Frames {
    if (!this.look(from)) return NOTHING;
    const { seen } = this;
    let name = seen.length;
    for (let i = 0; i < seen.length; i++) name = (Math.imul(name, 0x9e37_79b1) ^ (seen[i] as Cell).deltaStart) & 0x3fff_ffff;
    const known = this.alike.get(name);
    if (known !== undefined && this.isSameAs(known)) return known.frames;
    this.begin(false);
    for (let i = 0; i < seen.length; i++) this.addDelta(seen[i] as Cell);
    const frames = this.end(true);
    this.alike.set(name, { start: this.alikeCells.length, count: seen.length, frames });
    for (let i = 0; i < seen.length; i++) this.alikeCells.push(seen[i] as Cell);
    return frames;
  }

  private isSameAs({ start, count }: Alike): boolean {
    const { seen, alikeCells } = this;
    if (count !== seen.length) return false;
    for (let i = 0; i < count; i++) if (alikeCells[start + i] !== seen[i]) return false;
    return true;
  }

  /** Collects the cells in view that changed; false when nothing in view so much as moves. */
  private look(from: CellKey): boolean {
    const { seen, keys, rows, widths } = this;
    const { active } = this.encoder;
    const cx = cellX(from);
    const cy = cellY(from);
    const reach = widths.length - 1;
    const last = Math.min(CELL_EDGE, cy + reach);
    let isMoving = false;
    seen.length = 0;
    for (let y = Math.max(-CELL_EDGE, cy - reach); y <= last; y++) {
      let i = (rows[y + CELL_EDGE] as number) - 1;
      if (i < 0) continue;
      const width = widths[Math.abs(y - cy)] as number;
      const left = cellKey(Math.max(-CELL_EDGE, cx - width), y);
      const right = cellKey(Math.min(CELL_EDGE, cx + width), y);
      while (i < active.length && (keys[i] as number) < left) i += 1;
      for (; i < active.length && (keys[i] as number) <= right; i++) {
        isMoving = true;
        const cell = active[i] as Cell;
        if (cell.deltaEnd !== cell.deltaStart) seen.push(cell);
      }
    }
    return isMoving;
  }

  /** For one who looks from another cell now: what came into view whole, what stayed as it changed, what is out of it named. */
  private moved(held: CellKey, from: CellKey): Frames {
    this.begin(false);
    this.eachRow(from, (left, right) => {
      for (let key = left; key <= right; key++) {
        if (!this.isInView(held, key)) this.addKeyframe(key);
        else {
          const cell = this.encoder.changedCell(key);
          if (cell !== undefined) this.addDelta(cell);
        }
      }
    });
    this.eachRow(held, (left, right) => {
      for (let key = left; key <= right; key++) if (!this.isInView(from, key)) this.addLeave(key);
    });
    return this.end(true);
  }

  /** Calls `see` with the first and last cell of every row in view. */
  private eachRow(from: CellKey, see: (left: CellKey, right: CellKey) => void): void {
    const cx = cellX(from);
    const cy = cellY(from);
    const reach = this.widths.length - 1;
    for (let y = Math.max(-CELL_EDGE, cy - reach); y <= Math.min(CELL_EDGE, cy + reach); y++) {
      const width = this.widths[Math.abs(y - cy)] as number;
      see(cellKey(Math.max(-CELL_EDGE, cx - width), y), cellKey(Math.min(CELL_EDGE, cx + width), y));
    }
  }

  private isInView(from: CellKey, cell: CellKey): boolean {
    const width = this.widths[Math.abs(cellY(cell) - cellY(from))];
    return width !== undefined && Math.abs(cellX(cell) - cellX(from)) <= width;
  }

  private begin(isFresh: boolean): void {
    this.parts.at = 0;
    this.partCount = 0;
    this.isFresh = isFresh;
    this.made = [];
  }

  private addDelta(cell: Cell): void {
    this.makeRoom(cell.deltaEnd - cell.deltaStart);
    this.parts.copy(this.encoder.deltas, cell.deltaStart, cell.deltaEnd);
    this.partCount += 1;
  }

  private addKeyframe(key: CellKey): void {
    const start = this.parts.at;
    this.encoder.writeKeyframe(this.parts, key);
    const size = this.parts.at - start;
    this.parts.at = start;
    if (this.makeRoom(size)) this.encoder.writeKeyframe(this.parts, key);
    else this.parts.at = start + size;
    this.partCount += 1;
  }

  private addLeave(key: CellKey): void {
    this.makeRoom(HEAD_BYTES);
    writePartHead(this.parts, key, FORM.leave);
    this.partCount += 1;
  }

  /** Ends the frame that is being made when so many bytes more do not fit into it: the rest goes into another of the same tick. */
  private makeRoom(bytes: number): boolean {
    const isFull = HEAD_BYTES + this.parts.at + bytes > LIMITS.worldFrameBytes || this.partCount >= LIMITS.cellsPerSnapshot;
    if (!isFull || this.partCount === 0) return false;
    this.end(false);
    return true;
  }

  /** Puts what was written into a frame of its own memory. */
  private end(isLast: boolean): Frames {
    if (this.memory.at > PIECE_BYTES - HEAD_BYTES - this.parts.at)
      this.memory = new FrameWriter(Math.max(PIECE_BYTES, HEAD_BYTES + this.parts.at));
    const { memory } = this;
    const start = memory.at;
    memory.u8(FRAME.snapshot);
    memory.u8(this.isFresh && this.made.length === 0 ? FRESH : 0);
    memory.varlong(this.tick);
    memory.varint(this.partCount);
    memory.copy(this.parts, 0, this.parts.at);
    this.made.push(memory.written(start));
    this.parts.at = 0;
    this.partCount = 0;
    return isLast ? this.made : NOTHING;
  }
}
