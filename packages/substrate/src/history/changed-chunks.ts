// Which chunks differ between two versions. Where both indexes have the same node nothing below is read, so the cost follows the change.
import { type ContentId, ok, type Result } from "@sojourn/protocol";
import type { NodeValue } from "../blocks/node-codec.ts";
import type { BlockStore } from "../stores/port.ts";
import { allEntries, type IndexEntry, type IndexSlots, indexLevels, readIndexNode, slotPlace } from "../versions/index-tree.ts";
import type { Root } from "../versions/root-codec.ts";
import { chunkBounds, type Scene } from "../versions/scene.ts";
import type { ChunkCoord } from "../versions/types.ts";
import { readNode } from "../versions/view.ts";

/** The chunk's block in each version; undefined where the world is empty there. */
export interface ChunkPair extends ChunkCoord {
  readonly before: ContentId | undefined;
  readonly after: ContentId | undefined;
}

export interface ChangedChunks {
  readonly chunks: readonly ChunkPair[];
  /** Chunks and index nodes that the newer version has and the older one has not in that place. */
  readonly newBlocks: number;
  readonly newBytes: number;
}

export interface IndexedVersion {
  readonly index: Root["index"];
  readonly bounds: Scene["bounds"];
}

/** Rows from the top, each from the left. Faults: the store's, `bad-block`. */
export async function changedChunks(before: IndexedVersion, after: IndexedVersion, store: BlockStore): Promise<Result<ChangedChunks>> {
  const areas = [chunkBounds(before.bounds), chunkBounds(after.bounds)] as const;
  const levels = areas.map((area) => indexLevels(area.x1 - area.x0, area.y1 - area.y0)) as [number, number];
  const isAlike = areas[0].x0 === areas[1].x0 && areas[0].y0 === areas[1].y0 && levels[0] === levels[1];
  const walk = new Comparison(store);
  const walked = isAlike
    ? await walk.compare(before.index ?? undefined, after.index ?? undefined, levels[0], areas[0].x0, areas[0].y0)
    : await walk.compareAll([before.index, after.index], levels, areas);
  if (!walked.ok) return walked;
  const chunks = walk.chunks.sort((a, b) => a.cy - b.cy || a.cx - b.cx);
  return ok({ chunks, newBlocks: walk.newBlocks, newBytes: walk.newBytes });
}

class Comparison {
  readonly chunks: ChunkPair[] = [];
  newBlocks = 0;
  newBytes = 0;
  readonly #read: (cid: ContentId) => Promise<Result<NodeValue>>;

  constructor(store: BlockStore) {
    this.#read = (cid) => readNode(store, cid);
  }

  /** Two subtrees that cover the same place; x0, y0 are its first chunk. */
  async compare(
    before: IndexEntry | undefined,
    after: IndexEntry | undefined,
    level: number,
    x0: number,
    y0: number,
  ): Promise<Result<void>> {
    if (before?.cid === after?.cid) return ok(undefined);
    if (level === 0) {
      this.#note(x0, y0, before?.cid, after);
      return ok(undefined);
    }
    const old = await this.#slots(before, level);
    if (!old.ok) return old;
    const now = await this.#slots(after, level);
    if (!now.ok) return now;
    if (after !== undefined) this.#count(after.bytes - sumBytes(now.value));
    for (const slot of new Set([...old.value.keys(), ...now.value.keys()])) {
      const { x, y } = slotPlace(slot, level);
      const below = await this.compare(old.value.get(slot), now.value.get(slot), level - 1, x0 + x, y0 + y);
      if (!below.ok) return below;
    }
    return ok(undefined);
  }

  /** Two worlds of different shape: every chunk of both is looked at by its place. */
  async compareAll(
    indexes: readonly (IndexEntry | null)[],
    levels: readonly number[],
    areas: readonly { readonly x0: number; readonly y0: number }[],
  ): Promise<Result<void>> {
    const found: Map<string, { cx: number; cy: number; entry: IndexEntry }>[] = [];
    for (const [i, index] of indexes.entries()) {
      const chunks = new Map<string, { cx: number; cy: number; entry: IndexEntry }>();
      found.push(chunks);
      const { x0, y0 } = areas[i] as { x0: number; y0: number };
      const see = (x: number, y: number, entry: IndexEntry): void => {
        chunks.set(`${x0 + x} ${y0 + y}`, { cx: x0 + x, cy: y0 + y, entry });
      };
      const walked = index === null ? ok(undefined) : await allEntries(index, levels[i] as number, this.#read, see);
      if (!walked.ok) return walked;
    }
    const [old, now] = found as [(typeof found)[0], (typeof found)[0]];
    for (const [key, { cx, cy, entry }] of old) {
      const after = now.get(key)?.entry;
      if (after?.cid !== entry.cid) this.#note(cx, cy, entry.cid, after);
    }
    for (const [key, { cx, cy, entry }] of now) if (!old.has(key)) this.#note(cx, cy, undefined, entry);
    const index = indexes[1];
    if (index) this.#count(index.bytes - sumBytes(new Map([...now.values()].map(({ entry }, i) => [i, entry]))), index.blocks - now.size);
    return ok(undefined);
  }

  async #slots(entry: IndexEntry | undefined, level: number): Promise<Result<IndexSlots>> {
    return entry === undefined ? ok(new Map()) : await readIndexNode(entry, level, this.#read);
  }

  #note(cx: number, cy: number, before: ContentId | undefined, after: IndexEntry | undefined): void {
    this.chunks.push({ cx, cy, before, after: after?.cid });
    if (after !== undefined) this.#count(after.bytes);
  }

  #count(bytes: number, blocks = 1): void {
    this.newBlocks += blocks;
    this.newBytes += bytes;
  }
}

function sumBytes(slots: IndexSlots): number {
  let sum = 0;
  for (const { bytes } of slots.values()) sum += bytes;
  return sum;
}
