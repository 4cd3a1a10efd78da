// A node of the chunk index that was read, with what was read below it. It belongs to its content, not to a version: versions that have
// the same node share it, so that opening the next version of a world costs what changed in it. Pure.
import { type IndexSlots, slotPlace } from "./index-tree.ts";
import type { Chunk } from "./types.ts";

export class Branch {
  /** 1: its slots are chunks. */
  readonly level: number;
  /** Its first chunk, counted from the world's upper left one. */
  readonly x: number;
  readonly y: number;
  readonly slots: IndexSlots;
  /** By slot; what was not read yet is undefined. */
  readonly branches: (Branch | undefined)[] = [];
  readonly chunks: (Chunk | undefined)[] = [];
  /** What another version has in places where this one has something else: parts of that may still be shared. */
  readonly before: (Branch | undefined)[] = [];

  constructor(level: number, x: number, y: number, slots: IndexSlots, before: Branch | undefined) {
    this.level = level;
    this.x = x;
    this.y = y;
    this.slots = slots;
    if (before?.level !== level) return;
    // Of three versions in a row the first is not kept alive by the third.
    before.before.length = 0;
    for (const [slot, { cid }] of slots) {
      const isSame = before.slots.get(slot)?.cid === cid;
      if (isSame) this.chunks[slot] = before.chunks[slot];
      if (isSame) this.branches[slot] = before.branches[slot];
      else this.before[slot] = before.branches[slot];
    }
  }

  placeOf(slot: number): { readonly x: number; readonly y: number } {
    const { x, y } = slotPlace(slot, this.level);
    return { x: this.x + x, y: this.y + y };
  }
}

/** Every chunk that was read below a node, and where it hangs. */
export function* chunksUnder(
  branch: Branch | undefined,
): Generator<{ readonly leaf: Branch; readonly slot: number; readonly chunk: Chunk }> {
  if (branch === undefined) return;
  for (const slot of branch.slots.keys()) {
    const chunk = branch.chunks[slot];
    if (chunk !== undefined) yield { leaf: branch, slot, chunk };
    yield* chunksUnder(branch.branches[slot]);
  }
}
