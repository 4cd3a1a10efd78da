// The next version: objects put in and taken out. Only the chunks they stand in, the index nodes above those and the root are
// new; everything else is the parent's own blocks. Nothing is stored here: the caller makes the new blocks durable, then acts.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { nodeBlock } from "../blocks/block.ts";
import type { Block, BlockStore } from "../stores/port.ts";
import { chunkIsEmpty, SOLID_BYTES } from "./chunk-codec.ts";
import { changeIndex, type IndexChange, indexLevels } from "./index-tree.ts";
import { checkStaticObject, settledObject } from "./object-codec.ts";
import { type Root, readRoot, rootNode } from "./root-codec.ts";
import { chunkAt, chunkBounds } from "./scene.ts";
import type { Chunk, StaticObject, SubstrateView } from "./types.ts";
import { chunkBlock } from "./version-blocks.ts";
import { readNode } from "./view.ts";

/** What to take out: the object's id, or better the object itself, whose place tells the chunk without a search. */
export type Removal = string | Pick<StaticObject, "id" | "x" | "y">;

export interface Amendment {
  readonly add: readonly StaticObject[];
  readonly remove: readonly Removal[];
  /** The world's tick and time (milliseconds since 1970) that the new version stands for. */
  readonly tick: number;
  readonly timeMs: number;
}

export interface AmendedVersion {
  readonly root: ContentId;
  /** Blocks the parent does not have, the root last. Put them into a store before opening the version. */
  readonly newBlocks: Block[];
}

/** How an amendment goes on. */
export interface AmendOptions {
  /** Waited for after each chunk: who has other work lets it be done there, so that a large change never holds it up. */
  readonly rest?: () => Promise<void>;
}

/**
 * `store` is only read, and must hold the viewed version. An id both removed and added is a move. Faults: `malformed` (a bad
 * object, an id that is there twice or not at all, a place outside of the world), `oversized`, and the store's.
 */
export async function amendVersion(
  view: SubstrateView,
  change: Amendment,
  store: BlockStore,
  { rest }: AmendOptions = {},
): Promise<Result<AmendedVersion>> {
  const { version } = view;
  const rootValue = await readNode(store, version.root);
  if (!rootValue.ok) return rootValue;
  const root = readRoot(rootValue.value);
  if (!root.ok) return root;
  const touched = await touchedChunks(view, change, rest);
  if (!touched.ok) return touched;
  const newBlocks: Block[] = [];
  const changes: IndexChange[] = [];
  const area = chunkBounds(version.bounds);
  for (const { before, objects } of touched.value) {
    await rest?.();
    // A chunk's tiles are unpacked when they are looked at: here, one chunk between two rests.
    const chunk: Chunk = { ...before, objects: [...objects.values()] };
    const at = { x: chunk.cx - area.x0, y: chunk.cy - area.y0 };
    if (chunkIsEmpty(chunk)) {
      changes.push({ ...at, entry: null });
      continue;
    }
    const block = await chunkBlock(chunk, version);
    if (!block.ok) return block;
    newBlocks.push(block.value);
    changes.push({ ...at, entry: { cid: block.value.cid, bytes: block.value.bytes.length, blocks: 1 } });
  }
  const levels = indexLevels(area.x1 - area.x0, area.y1 - area.y0);
  const index =
    changes.length === 0
      ? ok(root.value.index)
      : await changeIndex(root.value.index, levels, changes, (cid) => readNode(store, cid), newBlocks);
  if (!index.ok) return index;
  const next = nextRoot(version.root, root.value, index.value, change);
  const rootBlock = await nodeBlock(rootNode(next), "the root");
  if (!rootBlock.ok) return rootBlock;
  return ok({ root: rootBlock.value.cid, newBlocks: [...newBlocks, rootBlock.value] });
}

function nextRoot(parent: ContentId, root: Root, index: Root["index"], change: Amendment): Root {
  const below = {
    blocks: root.below.blocks - (root.index?.blocks ?? 0) + (index?.blocks ?? 0),
    bytes: root.below.bytes - (root.index?.bytes ?? 0) + (index?.bytes ?? 0),
  };
  return { ...root, parent, tick: change.tick, timeMs: change.timeMs, index, below };
}

interface TouchedChunk {
  readonly before: Chunk;
  /** After the change, by id. */
  readonly objects: Map<string, StaticObject>;
}

/** The chunks that the change touches, with their objects after it. */
async function touchedChunks(view: SubstrateView, change: Amendment, rest: AmendOptions["rest"]): Promise<Result<TouchedChunk[]>> {
  const { bounds, layers } = view.version;
  const touched = new Map<string, TouchedChunk>();
  const touch = async (x: number, y: number): Promise<Result<Map<string, StaticObject>>> => {
    const { cx, cy } = chunkAt(bounds, x, y);
    const known = touched.get(`${cx},${cy}`);
    if (known !== undefined) return ok(known.objects);
    await rest?.();
    const chunk = await view.chunk(cx, cy);
    if (!chunk.ok) return chunk;
    const { value: before = { cx, cy, layers: [], solid: new Uint8Array(SOLID_BYTES), boxes: [], objects: [] } } = chunk;
    const objects = new Map(before.objects.map((object) => [object.id, object]));
    touched.set(`${cx},${cy}`, { before, objects });
    return ok(objects);
  };
  for (const removal of change.remove) {
    const object = typeof removal === "string" ? await findObject(view, removal) : ok(removal);
    if (!object.ok) return object;
    const objects = await touch(object.value.x, object.value.y);
    if (!objects.ok) return objects;
    if (!objects.value.delete(object.value.id))
      return fail("malformed", "client", `object "${object.value.id}" does not stand where it was said to`);
  }
  for (const object of change.add) {
    const checked = checkStaticObject(object);
    if (!checked.ok) return checked;
    const settled = settledObject(object);
    const isInside = settled.x >= bounds.x0 && settled.x < bounds.x1 && settled.y >= bounds.y0 && settled.y < bounds.y1;
    if (!isInside) return fail("malformed", "client", `object "${object.id}" stands outside of the world`);
    if (layers[object.layer]?.kind !== "object")
      return fail("malformed", "client", `object "${object.id}": layer ${object.layer} is no object layer`);
    const objects = await touch(settled.x, settled.y);
    if (!objects.ok) return objects;
    if (objects.value.has(object.id)) return fail("malformed", "client", `object "${object.id}" stands there already`);
    objects.value.set(object.id, settled);
  }
  return ok([...touched.values()]);
}

async function findObject(view: SubstrateView, id: string): Promise<Result<StaticObject>> {
  for (const chunk of view.loadedChunks()) {
    const object = chunk.objects.find((one) => one.id === id);
    if (object !== undefined) return ok(object);
  }
  const coords = await view.chunks();
  if (!coords.ok) return coords;
  for (const { cx, cy } of coords.value) {
    const chunk = await view.chunk(cx, cy);
    if (!chunk.ok) return chunk;
    const object = chunk.value?.objects.find((one) => one.id === id);
    if (object !== undefined) return ok(object);
  }
  return fail("malformed", "client", `no object "${id}" stands in version ${view.version.root}`);
}
