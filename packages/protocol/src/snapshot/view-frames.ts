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

/** Frames made already, and where in `alikeRuns` the runs they are of are listed. */
interface Alike {
  readonly start: number;
  readonly count: number;
  readonly frames: Frames;
}

/** Numbers of one run: the first active cell, the one behind its last, where its bytes begin and end. */
const RUN = { first: 0, behind: 1, start: 2, end: 3 } as const;
const RUN_NUMBERS = 4;

export class ViewFrames {
  private readonly encoder: CellEncoder;
  /** By row of a view from its middle on: how many cells to each side are in it. The same everywhere; the world's edge cuts it. */
  private readonly widths: readonly number[];
  private tick = 0;
  private keys: Float64Array<ArrayBuffer> = new Float64Array(64);
  /** By active cell: how many before it have something to tell. */
  private told: Int32Array<ArrayBuffer> = new Int32Array(65);
  /** By row of the plane: the place of its first active cell, plus 1; 0 where nothing is active. */
  private readonly rows = new Int32Array(2 * CELL_EDGE + 1);
  private readonly filledRows: number[] = [];
  private readonly steady = new KeyTable<Frames>();
  private readonly first = new KeyTable<Frames>();
  /** Steady frames by what is in them: views that see the same things happen share them, wherever they are. */
  private readonly alike = new Map<number, Alike>();
  private alikeRuns: Int32Array<ArrayBuffer> = new Int32Array(1_024);
  private alikeCount = 0;
  /**
   * What is seen of each row, as RUN has it. Cells lie in the encoder's memory row by row, as they do in the plane: what is seen of one row is
   * one piece of memory, and copied as one.
   */
  private readonly runs: Int32Array;
  /** Numbers in `runs`. */
  private runCount = 0;
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
    this.runs = new Int32Array(RUN_NUMBERS * (2 * widths.length - 1));
  }

  /** Ends the encoder's tick and begins to hand out its frames. */
  closeTick(tick: number): void {
    this.encoder.closeTick();
    this.tick = tick;
    this.steady.clear();
    this.first.clear();
    this.alike.clear();
    const { active } = this.encoder;
    if (this.keys.length < active.length) {
      this.keys = new Float64Array(active.length * 2);
      this.told = new Int32Array(active.length * 2 + 1);
    }
    this.alikeCount = 0;
    for (let i = 0; i < this.filledRows.length; i++) this.rows[this.filledRows[i] as number] = 0;
    this.filledRows.length = 0;
    for (let i = 0; i < active.length; i++) {
      const { key, deltaStart, deltaEnd } = active[i] as Cell;
      this.keys[i] = key;
      this.told[i + 1] = (this.told[i] as number) + (deltaEnd > deltaStart ? 1 : 0);
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
    this.eachRow(from, (y, left, right) => {
      for (let x = left; x <= right; x++) this.addKeyframe(cellKey(x, y));
    });
    return this.end(true);
  }

  /** What happened in view. Where things only go on as they went, a frame without parts says that time has passed. */
  private changes(from: CellKey): Frames {
    if (!this.look(from)) return NOTHING;
    const { runs, runCount } = this;
    let name = runCount;
    for (let i = RUN.start; i < runCount; i += RUN_NUMBERS) name = (Math.imul(name, 0x9e37_79b1) ^ (runs[i] as number)) & 0x3fff_ffff;
    const known = this.alike.get(name);
    if (known !== undefined && this.isSameAs(known)) return known.frames;
    const frames = this.frameOfRuns() ?? this.framesOfRuns();
    this.alike.set(name, { start: this.keepRuns(), count: runCount, frames });
    return frames;
  }

  /** Keeps the runs of a frame that was made; gives back where. */
  private keepRuns(): number {
    const { runs, runCount, alikeCount } = this;
    if (alikeCount + runCount > this.alikeRuns.length) {
      const larger = new Int32Array(2 * (alikeCount + runCount));
      larger.set(this.alikeRuns);
      this.alikeRuns = larger;
    }
    for (let i = 0; i < runCount; i++) this.alikeRuns[alikeCount + i] = runs[i] as number;
    this.alikeCount += runCount;
    return alikeCount;
  }

  /** All that is seen as one frame, each byte of it copied once; undefined when it has no room in one. */
  private frameOfRuns(): Frames | undefined {
    const { runs, runCount, told } = this;
    let bytes = 0;
    let count = 0;
    for (let i = 0; i < runCount; i += RUN_NUMBERS) {
      bytes += (runs[i + RUN.end] as number) - (runs[i + RUN.start] as number);
      count += (told[runs[i + RUN.behind] as number] as number) - (told[runs[i + RUN.first] as number] as number);
    }
    if (HEAD_BYTES + bytes > LIMITS.worldFrameBytes || count > LIMITS.cellsPerSnapshot) return undefined;
    const start = this.head(bytes, count, 0);
    for (let i = 0; i < runCount; i += RUN_NUMBERS) {
      this.memory.copy(this.encoder.deltas, runs[i + RUN.start] as number, runs[i + RUN.end] as number);
    }
    return [this.memory.written(start)];
  }

  private framesOfRuns(): Frames {
    const { runs, runCount, encoder } = this;
    this.begin(false);
    for (let at = 0; at < runCount; at += RUN_NUMBERS) {
      for (let i = runs[at + RUN.first] as number; i < (runs[at + RUN.behind] as number); i++) {
        const cell = encoder.active[i] as Cell;
        if (cell.deltaEnd > cell.deltaStart) this.addDelta(cell);
      }
    }
    return this.end(true);
  }

  /** Whether the same bytes are seen: runs may differ in cells that have none. */
  private isSameAs({ start, count }: Alike): boolean {
    const { runs, alikeRuns } = this;
    if (count !== this.runCount) return false;
    for (let i = 0; i < count; i += RUN_NUMBERS) {
      if (alikeRuns[start + i + RUN.start] !== runs[i + RUN.start] || alikeRuns[start + i + RUN.end] !== runs[i + RUN.end]) return false;
    }
    return true;
  }

  /** Collects what changed in view; false when nothing in view so much as moves. */
  private look(from: CellKey): boolean {
    const { runs, keys, rows, widths } = this;
    const { active } = this.encoder;
    const cx = cellX(from);
    const cy = cellY(from);
    const reach = widths.length - 1;
    const last = Math.min(CELL_EDGE, cy + reach);
    let isMoving = false;
    let count = 0;
    for (let y = Math.max(-CELL_EDGE, cy - reach); y <= last; y++) {
      let i = (rows[y + CELL_EDGE] as number) - 1;
      if (i < 0) continue;
      const width = widths[Math.abs(y - cy)] as number;
      const left = cellKey(Math.max(-CELL_EDGE, cx - width), y);
      const right = cellKey(Math.min(CELL_EDGE, cx + width), y);
      while (i < active.length && (keys[i] as number) < left) i += 1;
      const first = i;
      while (i < active.length && (keys[i] as number) <= right) i += 1;
      if (i === first) continue;
      isMoving = true;
      const { deltaStart } = active[first] as Cell;
      const { deltaEnd } = active[i - 1] as Cell;
      if (deltaEnd === deltaStart) continue;
      runs[count + RUN.first] = first;
      runs[count + RUN.behind] = i;
      runs[count + RUN.start] = deltaStart;
      runs[count + RUN.end] = deltaEnd;
      count += RUN_NUMBERS;
    }
    this.runCount = count;
    return isMoving;
  }

  /** For one who looks from another cell now: what came into view whole, what stayed as it changed, what is out of it named. */
  private moved(held: CellKey, from: CellKey): Frames {
    this.begin(false);
    const heldX = cellX(held);
    const heldY = cellY(held);
    const fromX = cellX(from);
    const fromY = cellY(from);
    this.eachRow(from, (y, left, right) => {
      const width = this.widthAt(y - heldY);
      const [keptLeft, keptRight] = [Math.max(left, heldX - width), Math.min(right, heldX + width)];
      const isKept = keptLeft <= keptRight;
      for (let x = left; x < (isKept ? keptLeft : right + 1); x++) this.addKeyframe(cellKey(x, y));
      if (!isKept) return;
      this.addChanges(y, keptLeft, keptRight);
      for (let x = keptRight + 1; x <= right; x++) this.addKeyframe(cellKey(x, y));
    });
    this.eachRow(held, (y, left, right) => {
      const width = this.widthAt(y - fromY);
      for (let x = left; x <= right; x++) if (Math.abs(x - fromX) > width) this.addLeave(cellKey(x, y));
    });
    return this.end(true);
  }

  /** The deltas of a part of a row. */
  private addChanges(y: number, left: number, right: number): void {
    const { active } = this.encoder;
    const last = cellKey(right, y);
    let i = (this.rows[y + CELL_EDGE] as number) - 1;
    if (i < 0) return;
    for (const first = cellKey(left, y); i < active.length && (this.keys[i] as number) < first; ) i += 1;
    for (; i < active.length && (this.keys[i] as number) <= last; i++) {
      const cell = active[i] as Cell;
      if (cell.deltaEnd > cell.deltaStart) this.addDelta(cell);
    }
  }

  /** How many cells to each side are in view, so many rows away from one's own; below 0 where none is. */
  private widthAt(rows: number): number {
    return this.widths[Math.abs(rows)] ?? -1;
  }

  /** Calls `see` with every row in view and its first and last cell. */
  private eachRow(from: CellKey, see: (y: number, left: number, right: number) => void): void {
    const cx = cellX(from);
    const cy = cellY(from);
    const reach = this.widths.length - 1;
    for (let y = Math.max(-CELL_EDGE, cy - reach); y <= Math.min(CELL_EDGE, cy + reach); y++) {
      const width = this.widthAt(y - cy);
      see(y, Math.max(-CELL_EDGE, cx - width), Math.min(CELL_EDGE, cx + width));
    }
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
    const { parts } = this;
    const start = this.head(parts.at, this.partCount, this.isFresh && this.made.length === 0 ? FRESH : 0);
    this.memory.copy(parts, 0, parts.at);
    this.made.push(this.memory.written(start));
    parts.at = 0;
    this.partCount = 0;
    return isLast ? this.made : NOTHING;
  }

  /** Begins a frame for which there is room; gives back where. */
  private head(bytes: number, count: number, flags: number): number {
    if (this.memory.at > PIECE_BYTES - HEAD_BYTES - bytes) this.memory = new FrameWriter(Math.max(PIECE_BYTES, HEAD_BYTES + bytes));
    const { memory } = this;
    const start = memory.at;
    memory.u8(FRAME.snapshot);
    memory.u8(flags);
    memory.varlong(this.tick);
    memory.varint(count);
    return start;
  }
}
