// The chunk index: a tree whose nodes cover 8×8 of the level below, over chunks counted from the world's upper left one. Its
// shape follows from which chunks are there and from nothing else, so the same world has the same index however it came to be.
// Every entry states the blocks and bytes below it: one changed chunk rewrites one node per level and no total is recounted.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { nodeBlock } from "../blocks/block.ts";
import { Link, type NodeValue } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import type { Block } from "../stores/port.ts";
import { badShape, Fields, intWithin, listOf, readShape } from "./fields.ts";

const FANOUT = LIMITS.indexFanout;
const MAX_LEVEL = 8;

/** A subtree or a chunk: its block, and how many blocks and bytes hang on it, itself included. */
export interface IndexEntry {
  readonly cid: ContentId;
  readonly bytes: number;
  readonly blocks: number;
}

/** `x`, `y`: chunks counted from the upper left one of the world. `entry` null takes the chunk out. */
export interface IndexChange {
  readonly x: number;
  readonly y: number;
  readonly entry: IndexEntry | null;
}

export type ReadNode = (cid: ContentId) => Promise<Result<NodeValue>>;
export type IndexSlots = ReadonlyMap<number, IndexEntry>;

/** Levels an index needs for a world of so many chunks: 1 for up to 8×8. */
export function indexLevels(chunksWide: number, chunksHigh: number): number {
  let level = 1;
  while (FANOUT ** level < Math.max(chunksWide, chunksHigh)) level++;
  return level;
}

/** The slot of chunk (x, y) in the node of `level` that covers it. */
export function slotAt(x: number, y: number, level: number): number {
  const side = FANOUT ** (level - 1);
  return (Math.floor(y / side) % FANOUT) * FANOUT + (Math.floor(x / side) % FANOUT);
}

/** Where a slot of a node of `level` begins: chunks from the node's own first one. */
export function slotPlace(slot: number, level: number): { readonly x: number; readonly y: number } {
  const side = FANOUT ** (level - 1);
  return { x: (slot % FANOUT) * side, y: Math.floor(slot / FANOUT) * side };
}

/** Reads one node and checks it against what the entry above it states. Faults: the store's, or `bad-block`. */
export async function readIndexNode(entry: IndexEntry, level: number, read: ReadNode): Promise<Result<IndexSlots>> {
  const node = await read(entry.cid);
  return node.ok ? readSlots(entry, level, node.value) : node;
}

/** The same of a node that is here already. */
export function readSlots(entry: IndexEntry, level: number, node: NodeValue): Result<IndexSlots> {
  return readShape(`index node ${entry.cid}`, () => {
    const fields = new Fields(node, "node");
    fields.int("level", level, level);
    const slots = new Map<number, IndexEntry>();
    let last = -1;
    for (const [slot, below] of fields.list("entries", FANOUT * FANOUT, readEntry)) {
      if (slot <= last) badShape("its entries are out of order");
      if (level === 1 && below.blocks !== 1) badShape("a chunk is one block");
      last = slot;
      slots.set(slot, below);
    }
    fields.end();
    const blocks = [...slots.values()].reduce((sum, below) => sum + below.blocks, 1);
    const bytes = [...slots.values()].reduce((sum, below) => sum + below.bytes, 0);
    if (slots.size === 0 || blocks !== entry.blocks || bytes >= entry.bytes) badShape("it does not hold what the node above states");
    return slots;
  });
}

function readEntry(item: NodeValue, path: string): [number, IndexEntry] {
  const parts = listOf(item, 4, path, (part) => part);
  const link = parts[1];
  if (parts.length !== 4 || !(link instanceof Link)) return badShape(`${path} must be slot, link, bytes, blocks`);
  const slot = intWithin(parts[0], 0, FANOUT * FANOUT - 1, path);
  return [
    slot,
    { cid: link.cid, bytes: intWithin(parts[2], 1, LIMITS.versionBytes, path), blocks: intWithin(parts[3], 1, LIMITS.versionBlocks, path) },
  ];
}

/**
 * Applies changes to the index under `root` (null: an empty one) and gives the new root, null when nothing is left. New nodes
 * are pushed onto `made`. Faults: the reader's, `bad-block`, `oversized`.
 */
export async function changeIndex(
  root: IndexEntry | null,
  level: number,
  changes: readonly IndexChange[],
  read: ReadNode,
  made: Block[],
): Promise<Result<IndexEntry | null>> {
  if (level > MAX_LEVEL) return fail("oversized", "client", "the world has more chunks than an index can name");
  const slots = new Map<number, IndexEntry>();
  if (root !== null) {
    const old = await readIndexNode(root, level, read);
    if (!old.ok) return old;
    for (const [slot, entry] of old.value) slots.set(slot, entry);
  }
  for (const [slot, group] of Map.groupBy(changes, ({ x, y }) => slotAt(x, y, level))) {
    const below = level === 1 ? ok(group.at(-1)?.entry ?? null) : await changeIndex(slots.get(slot) ?? null, level - 1, group, read, made);
    if (!below.ok) return below;
    if (below.value === null) slots.delete(slot);
    else slots.set(slot, below.value);
  }
  return slots.size === 0 ? ok(null) : await writeNode(level, slots, made);
}

/** Makes one node; it is pushed onto `made`. */
export async function writeNode(level: number, slots: IndexSlots, made: Block[]): Promise<Result<IndexEntry>> {
  const ordered = [...slots].sort(([a], [b]) => a - b);
  const entries = ordered.map(([slot, { cid, bytes, blocks }]) => [slot, new Link(cid), bytes, blocks]);
  const block = await nodeBlock({ level, entries }, "an index node");
  if (!block.ok) return block;
  made.push(block.value);
  return ok({
    cid: block.value.cid,
    bytes: ordered.reduce((sum, [, entry]) => sum + entry.bytes, block.value.bytes.length),
    blocks: ordered.reduce((sum, [, entry]) => sum + entry.blocks, 1),
  });
}

/** Every chunk below a node: (x, y) from the world's upper left chunk. Faults: the reader's, `bad-block`. */
export async function allEntries(
  root: IndexEntry,
  level: number,
  read: ReadNode,
  see: (x: number, y: number, entry: IndexEntry) => void,
  x0 = 0,
  y0 = 0,
): Promise<Result<void>> {
  const node = await readIndexNode(root, level, read);
  if (!node.ok) return node;
  for (const [slot, entry] of node.value) {
    const at = slotPlace(slot, level);
    if (level === 1) see(x0 + at.x, y0 + at.y, entry);
    else {
      const below = await allEntries(entry, level - 1, read, see, x0 + at.x, y0 + at.y);
      if (!below.ok) return below;
    }
  }
  return ok(undefined);
}
