// Looking at a version: chunks are read when asked for, checked, and kept. The store's law (what it gives hashes to its id)
// is all that is believed; every node is read strictly.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { readAsset } from "../assets/asset.ts";
import { decodeNode, type NodeValue } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import type { BlockStore, GetOptions } from "../stores/port.ts";
import { versionOf } from "./build.ts";
import { readChunk } from "./chunk-codec.ts";
import { allEntries, type IndexEntry, type IndexSlots, indexLevels, readIndexNode, slotAt } from "./index-tree.ts";
import { type Root, readRoot } from "./root-codec.ts";
import { chunkBounds } from "./scene.ts";
import { readScene } from "./scene-codec.ts";
import type { Chunk, ChunkCoord, StaticObject, SubstrateVersion, SubstrateView } from "./types.ts";

/** Chunks asked for at the same time by `loadAll` and `loadArea`. */
const PARALLEL_CHUNKS = 16;

/** Reads a node of a version. Faults: the store's, `bad-block`. */
export async function readNode(store: BlockStore, cid: ContentId, options: GetOptions = {}): Promise<Result<NodeValue>> {
  const bytes = await store.get(cid, options);
  if (!bytes.ok) return bytes;
  const node = decodeNode(bytes.value);
  return node.ok ? node : fail("bad-block", "world", `block ${cid}: ${node.fault.detail}`);
}

/**
 * Opens the version with this root: reads its root and scene, nothing else. Faults: `bad-content-id`, `missing-block`,
 * `store-failed`, `bad-block`.
 */
export async function openVersion(root: ContentId, store: BlockStore, options: GetOptions = {}): Promise<Result<SubstrateView>> {
  const bytes = await store.get(root, options);
  if (!bytes.ok) return bytes;
  const node = decodeNode(bytes.value);
  if (!node.ok) return fail("bad-block", "world", `${root} is no root of a version: ${node.fault.detail}`);
  const decoded = readRoot(node.value);
  if (!decoded.ok) return decoded;
  const sceneNode = await readNode(store, decoded.value.scene, options);
  if (!sceneNode.ok) return sceneNode;
  const scene = readScene(sceneNode.value);
  if (!scene.ok) return scene;
  return ok(new View(versionOf({ cid: root, bytes: bytes.value }, decoded.value, scene.value), decoded.value, store));
}

class View implements SubstrateView {
  readonly version: SubstrateVersion;
  readonly #index: Root["index"];
  readonly #store: BlockStore;
  readonly #area: ReturnType<typeof chunkBounds>;
  readonly #levels: number;
  readonly #nodes: Map<ContentId, Promise<Result<IndexSlots>>> = new Map();
  readonly #reading: Map<string, Promise<Result<Chunk | undefined>>> = new Map();
  readonly #chunks: Map<string, Chunk | null> = new Map();

  constructor(version: SubstrateVersion, root: Root, store: BlockStore) {
    this.version = version;
    this.#index = root.index;
    this.#store = store;
    this.#area = chunkBounds(version.bounds);
    this.#levels = indexLevels(this.#area.x1 - this.#area.x0, this.#area.y1 - this.#area.y0);
  }

  async chunk(cx: number, cy: number): Promise<Result<Chunk | undefined>> {
    const key = keyOf(cx, cy);
    const kept = this.#chunks.get(key);
    if (kept !== undefined) return ok(kept ?? undefined);
    const reading = this.#reading.get(key) ?? this.#readChunk(cx, cy);
    this.#reading.set(key, reading);
    const chunk = await reading;
    this.#reading.delete(key);
    if (chunk.ok) this.#chunks.set(key, chunk.value ?? null);
    return chunk;
  }

  async chunks(): Promise<Result<ChunkCoord[]>> {
    const found: ChunkCoord[] = [];
    if (this.#index === null) return ok(found);
    let outside = false;
    const read = (cid: ContentId): Promise<Result<NodeValue>> => readNode(this.#store, cid);
    const walked = await allEntries(this.#index, this.#levels, read, (x, y) => {
      const at = { cx: x + this.#area.x0, cy: y + this.#area.y0 };
      outside ||= !this.#isInside(at.cx, at.cy);
      found.push(at);
    });
    if (!walked.ok) return walked;
    if (outside) return fail("bad-block", "world", `the index of version ${this.version.root} names chunks outside of the world`);
    return ok(found.sort((a, b) => a.cy - b.cy || a.cx - b.cx));
  }

  async loadAll(): Promise<Result<void>> {
    const coords = await this.chunks();
    if (!coords.ok) return coords;
    const loaded = await this.#loadEach(coords.value);
    if (!loaded.ok) return loaded;
    const present = new Set(coords.value.map(({ cx, cy }) => keyOf(cx, cy)));
    const { x0, y0, x1, y1 } = this.#area;
    if ((x1 - x0) * (y1 - y0) > LIMITS.mapTiles) return ok(undefined);
    for (let cy = y0; cy < y1; cy++) {
      for (let cx = x0; cx < x1; cx++) if (!present.has(keyOf(cx, cy))) this.#chunks.set(keyOf(cx, cy), null);
    }
    return ok(undefined);
  }

  async loadArea(x0: number, y0: number, x1: number, y1: number): Promise<Result<void>> {
    const wanted: ChunkCoord[] = [];
    const side = LIMITS.chunkTiles;
    for (let cy = Math.max(this.#area.y0, Math.floor(y0 / side)); cy < Math.min(this.#area.y1, Math.ceil(y1 / side)); cy++) {
      for (let cx = Math.max(this.#area.x0, Math.floor(x0 / side)); cx < Math.min(this.#area.x1, Math.ceil(x1 / side)); cx++) {
        wanted.push({ cx, cy });
      }
    }
    return await this.#loadEach(wanted);
  }

  loaded(cx: number, cy: number): Chunk | null | undefined {
    return this.#isInside(cx, cy) ? this.#chunks.get(keyOf(cx, cy)) : null;
  }

  *loadedChunks(): IterableIterator<Chunk> {
    for (const chunk of this.#chunks.values()) if (chunk !== null) yield chunk;
  }

  objectsNear(x: number, y: number, reach: number): StaticObject[] {
    const found: StaticObject[] = [];
    for (const chunk of this.loadedChunks()) {
      for (const object of chunk.objects) {
        if (Math.abs(object.x - x) <= reach && Math.abs(object.y - y) <= reach) found.push(object);
      }
    }
    return found;
  }

  async asset(cid: ContentId): Promise<Result<Uint8Array>> {
    const asset = this.version.assets.find((one) => one.cid === cid);
    if (asset === undefined) return fail("missing-block", "client", `version ${this.version.root} has no asset ${cid}`);
    return await readAsset(asset, this.#store);
  }

  #isInside(cx: number, cy: number): boolean {
    const { x0, y0, x1, y1 } = this.#area;
    return cx >= x0 && cy >= y0 && cx < x1 && cy < y1;
  }

  async #loadEach(coords: readonly ChunkCoord[]): Promise<Result<void>> {
    for (let i = 0; i < coords.length; i += PARALLEL_CHUNKS) {
      const read = await Promise.all(coords.slice(i, i + PARALLEL_CHUNKS).map(({ cx, cy }) => this.chunk(cx, cy)));
      for (const chunk of read) if (!chunk.ok) return chunk;
    }
    return ok(undefined);
  }

  async #readChunk(cx: number, cy: number): Promise<Result<Chunk | undefined>> {
    let entry: IndexEntry | undefined = this.#index ?? undefined;
    if (!this.#isInside(cx, cy)) return ok(undefined);
    for (let level = this.#levels; level > 0 && entry !== undefined; level--) {
      const slots = await this.#slots(entry, level);
      if (!slots.ok) return slots;
      entry = slots.value.get(slotAt(cx - this.#area.x0, cy - this.#area.y0, level));
    }
    if (entry === undefined) return ok(undefined);
    const node = await readNode(this.#store, entry.cid);
    return node.ok ? readChunk(node.value, cx, cy, this.version) : node;
  }

  async #slots(entry: IndexEntry, level: number): Promise<Result<IndexSlots>> {
    const reading = this.#nodes.get(entry.cid) ?? readIndexNode(entry, level, (cid) => readNode(this.#store, cid));
    this.#nodes.set(entry.cid, reading);
    const slots = await reading;
    if (!slots.ok) this.#nodes.delete(entry.cid);
    return slots;
  }
}

function keyOf(cx: number, cy: number): string {
  return `${cx},${cy}`;
}
