// From parts to frames: whoever holds the same cells and looks from the same cell gets the very same bytes.
// Law: a frame is made once per way of looking and tick; how many read it costs nothing here.
import { LIMITS } from "../limits.ts";
import type { CellEncoder } from "./cell-encoder.ts";
import { CELL_EDGE, type CellKey, cellKey, cellsInView, cellX, cellY } from "./cells.ts";
import { composeSnapshot } from "./format.ts";

/** Bytes of a frame before its parts, at most. */
const HEAD_BYTES = 16;
const NOTHING: readonly Uint8Array[] = [];

export class ViewFrames {
  private readonly encoder: CellEncoder;
  private readonly viewRadius: number;
  /** From a cell's key to the keys of the cells seen from it; the same everywhere but at the edge of the world. */
  private readonly offsets: readonly number[];
  private readonly reach: number;
  private tick = 0;
  private readonly steady = new Map<CellKey, readonly Uint8Array[]>();
  private readonly first = new Map<CellKey, readonly Uint8Array[]>();

  /** `viewRadius` in units, as the manifest states it. */
  constructor(encoder: CellEncoder, viewRadius: number) {
    this.encoder = encoder;
    this.viewRadius = viewRadius;
    const middle = cellKey(0, 0);
    const inView = cellsInView(middle, viewRadius);
    this.offsets = inView.map((key) => key - middle);
    this.reach = Math.max(...inView.map((key) => Math.abs(cellX(key))));
  }

  /** Ends the encoder's tick and begins to hand out its frames. */
  closeTick(tick: number): void {
    this.encoder.closeTick();
    this.tick = tick;
    this.steady.clear();
    this.first.clear();
  }

  /**
   * The frames of this tick for a link. `held`: the cell it looked from when it was last written to, undefined when it holds
   * nothing or missed a tick; `from`: the cell it looks from now. Empty when there is nothing new; nearly always one frame.
   */
  frames(held: CellKey | undefined, from: CellKey): readonly Uint8Array[] {
    if (held === undefined) return this.shared(this.first, from, () => this.fresh(from));
    if (held === from) return this.shared(this.steady, from, () => this.changes(from, from));
    return this.changes(held, from);
  }

  private shared(made: Map<CellKey, readonly Uint8Array[]>, from: CellKey, make: () => readonly Uint8Array[]): readonly Uint8Array[] {
    let frames = made.get(from);
    if (frames === undefined) {
      frames = make();
      made.set(from, frames);
    }
    return frames;
  }

  private fresh(from: CellKey): readonly Uint8Array[] {
    return this.composed(
      this.cells(from).map((cell) => this.encoder.keyframe(cell)),
      true,
    );
  }

  private changes(held: CellKey, from: CellKey): readonly Uint8Array[] {
    const parts: Uint8Array[] = [];
    const before = held === from ? undefined : new Set(this.cells(held));
    for (const cell of this.cells(from)) {
      const part = before === undefined || before.delete(cell) ? this.encoder.delta(cell) : this.encoder.keyframe(cell);
      if (part !== undefined) parts.push(part);
    }
    for (const cell of before ?? []) parts.push(this.encoder.leavePart(cell));
    return parts.length === 0 ? NOTHING : this.composed(parts, false);
  }

  private cells(from: CellKey): readonly CellKey[] {
    const isInside = Math.max(Math.abs(cellX(from)), Math.abs(cellY(from))) + this.reach <= CELL_EDGE;
    return isInside ? this.offsets.map((offset) => from + offset) : cellsInView(from, this.viewRadius);
  }

  /** One frame, or several of the same tick when one would be larger than LIMITS.worldFrameBytes or LIMITS.cellsPerSnapshot. */
  private composed(parts: readonly Uint8Array[], fresh: boolean): readonly Uint8Array[] {
    const frames: Uint8Array[] = [];
    let begin = 0;
    let size = HEAD_BYTES;
    for (let i = 0; i <= parts.length; i++) {
      const next = parts[i]?.length ?? 0;
      const isFull = size + next > LIMITS.worldFrameBytes || i - begin >= LIMITS.cellsPerSnapshot;
      if (i < parts.length && !(isFull && i > begin)) {
        size += next;
        continue;
      }
      frames.push(composeSnapshot(this.tick, parts.slice(begin, i), fresh && begin === 0));
      begin = i;
      size = HEAD_BYTES + next;
    }
    return frames;
  }
}
