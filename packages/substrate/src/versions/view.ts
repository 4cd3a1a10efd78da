// Looking at a version: chunks are read when asked for, checked, and kept. The store's law (what it gives hashes to its id)
// is all that is believed; every node is read strictly. A view that follows another one of the same world reads what changed alone.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { readAsset } from "../assets/asset.ts";
import { decodeNode, type NodeValue } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import type { BlockStore, GetOptions } from "../stores/port.ts";
import { Branch, chunksUnder } from "./branch.ts";
import { keptChunk, readChunk } from "./chunk-codec.ts";
import { indexLevels, readIndexNode, slotAt } from "./index-tree.ts";
import { type Root, readRoot } from "./root-codec.ts";
import { chunkBounds } from "./scene.ts";
import { readScene } from "./scene-codec.ts";
import type { Chunk, ChunkCoord, StaticObject, SubstrateVersion, SubstrateView } from "./types.ts";
import { versionOf } from "./version-blocks.ts";

/** Chunks asked for at the same time by `loadAll` and `loadArea`. */
const PARALLEL_CHUNKS = 16;

/** Reads a node of a version. Faults: the store's, `bad-block`. */
export async function readNode(store: BlockStore, cid: ContentId, options: GetOptions = {}): Promise<Result<NodeValue>> {
  const bytes = await store.get(cid, options);
  if (!bytes.ok) return bytes;
  const node = decodeNode(bytes.value);
  return node.ok ? node : fail("bad-block", "world", `block ${cid}: ${node.fault.detail}`);
}

export interface OpenOptions extends GetOptions {
  /** A view of another version of the same world: what is in both and was read there is not read again. */
  readonly after?: SubstrateView | undefined;
}

/**
 * Opens the version with this root: reads its root and scene, nothing else. Faults: `bad-content-id`, `missing-block`,
 * `store-failed`, `bad-block`.
 */
export async function openVersion(root: ContentId, store: BlockStore, options: OpenOptions = {}): Promise<Result<SubstrateView>> {
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
  const version = versionOf({ cid: root, bytes: bytes.value }, decoded.value, scene.value);
  return ok(new View(version, decoded.value, store, options.after instanceof View ? options.after : undefined));
}

class View implements SubstrateView {
  readonly version: SubstrateVersion;
  readonly #root: Root;
  readonly #store: BlockStore;
  readonly #area: ReturnType<typeof chunkBounds>;
  readonly #levels: number;
  /** Counted together with the views this one shares chunks with. */
  readonly #count: { reads: number };
  readonly #branches: Map<ContentId, Promise<Result<Branch>>> = new Map();
  readonly #chunks: Map<ContentId, Promise<Result<Chunk>>> = new Map();
  #top: Branch | undefined;
  /** The top of the version before, until this one's own is read. */
  #before: Branch | undefined;

  constructor(version: SubstrateVersion, root: Root, store: BlockStore, after: View | undefined) {
    this.version = version;
    this.#root = root;
    this.#store = store;
    this.#area = chunkBounds(version.bounds);
    this.#levels = indexLevels(this.#area.x1 - this.#area.x0, this.#area.y1 - this.#area.y0);
    const shared = after !== undefined && after.#root.scene === root.scene ? after : undefined;
    this.#count = shared === undefined ? { reads: 0 } : shared.#count;
    if (shared === undefined) return;
    if (shared.#root.index?.cid === root.index?.cid) this.#top = shared.#top;
    this.#before = shared.#top ?? shared.#before;
  }

  get reads(): number {
    return this.#count.reads;
  }

  async chunk(cx: number, cy: number): Promise<Result<Chunk | undefined>> {
    if (!this.#isInside(cx, cy)) return ok(undefined);
    const [x, y] = [cx - this.#area.x0, cy - this.#area.y0];
    const top = await this.#readTop();
    if (!top.ok) return top;
    let at = top.value;
    while (at !== undefined && at.level > 1) {
      const below = await this.#below(at, slotAt(x, y, at.level));
      if (!below.ok) return below;
      at = below.value;
    }
    return at === undefined ? ok(undefined) : await this.#chunkIn(at, slotAt(x, y, 1));
  }

  async chunks(): Promise<Result<ChunkCoord[]>> {
    const found: ChunkCoord[] = [];
    const walked = await this.#eachLeaf(async (leaf) => {
      for (const slot of leaf.slots.keys()) found.push(this.#placeIn(leaf, slot));
      return ok(undefined);
    });
    if (!walked.ok) return walked;
    return ok(found.sort((a, b) => a.cy - b.cy || a.cx - b.cx));
  }

  async loadAll({ rest }: { readonly rest?: () => Promise<void> } = {}): Promise<Result<void>> {
    return await this.#eachLeaf(async (leaf) => {
      await rest?.();
      const missing = [...leaf.slots.keys()].filter((slot) => leaf.chunks[slot] === undefined);
      if (rest === undefined) return await inParallel(missing, (slot) => this.#chunkIn(leaf, slot));
      for (const slot of missing) {
        const read = await this.#chunkIn(leaf, slot);
        if (!read.ok) return read;
        await rest();
      }
      return ok(undefined);
    });
  }

  async loadArea(x0: number, y0: number, x1: number, y1: number): Promise<Result<void>> {
    const wanted: ChunkCoord[] = [];
    const side = LIMITS.chunkTiles;
    for (let cy = Math.max(this.#area.y0, Math.floor(y0 / side)); cy < Math.min(this.#area.y1, Math.ceil(y1 / side)); cy++) {
      for (let cx = Math.max(this.#area.x0, Math.floor(x0 / side)); cx < Math.min(this.#area.x1, Math.ceil(x1 / side)); cx++) {
        wanted.push({ cx, cy });
      }
    }
    return await inParallel(wanted, ({ cx, cy }) => this.chunk(cx, cy));
  }

  loaded(cx: number, cy: number): Chunk | null | undefined {
    if (this.#root.index === null || !this.#isInside(cx, cy)) return null;
    const [x, y] = [cx - this.#area.x0, cy - this.#area.y0];
    let at = this.#top;
    while (at !== undefined) {
      const slot = slotAt(x, y, at.level);
      if (!at.slots.has(slot)) return null;
      if (at.level === 1) return at.chunks[slot];
      at = at.branches[slot];
    }
    return undefined;
  }

  *loadedChunks(): IterableIterator<Chunk> {
    for (const { chunk } of chunksUnder(this.#top)) yield chunk;
  }

  keepNearest(x: number, y: number, most: number): void {
    const side = LIMITS.chunkTiles;
    const held = [...chunksUnder(this.#top)].map(({ leaf, slot, chunk }) => {
      const [dx, dy] = [(chunk.cx + 0.5) * side - x, (chunk.cy + 0.5) * side - y];
      return { leaf, slot, far: dx * dx + dy * dy };
    });
    if (held.length <= most) return;
    held.sort((a, b) => a.far - b.far);
    for (const { leaf, slot } of held.slice(most)) leaf.chunks[slot] = undefined;
    this.#count.reads++;
  }

  objectsNear(x: number, y: number, reach: number): StaticObject[] {
    const side = LIMITS.chunkTiles;
    const found: StaticObject[] = [];
    for (let cy = Math.floor((y - reach) / side); cy <= Math.floor((y + reach) / side); cy++) {
      for (let cx = Math.floor((x - reach) / side); cx <= Math.floor((x + reach) / side); cx++) {
        for (const object of this.loaded(cx, cy)?.objects ?? []) {
          if (Math.abs(object.x - x) <= reach && Math.abs(object.y - y) <= reach) found.push(object);
        }
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

  #placeIn(branch: Branch, slot: number): ChunkCoord {
    const { x, y } = branch.placeOf(slot);
    return { cx: x + this.#area.x0, cy: y + this.#area.y0 };
  }

  async #readTop(): Promise<Result<Branch | undefined>> {
    if (this.#top !== undefined || this.#root.index === null) return ok(this.#top);
    const read = await this.#readBranch(this.#root.index.cid, this.#levels, 0, 0, this.#root.index, this.#before);
    if (!read.ok) return read;
    this.#top = read.value;
    this.#before = undefined;
    return read;
  }

  async #below(branch: Branch, slot: number): Promise<Result<Branch | undefined>> {
    const entry = branch.slots.get(slot);
    const known = branch.branches[slot];
    if (entry === undefined || known !== undefined) return ok(known);
    const { x, y } = branch.placeOf(slot);
    const read = await this.#readBranch(entry.cid, branch.level - 1, x, y, entry, branch.before[slot]);
    if (read.ok) branch.branches[slot] = read.value;
    branch.before[slot] = undefined;
    return read;
  }

  async #readBranch(
    cid: ContentId,
    level: number,
    x: number,
    y: number,
    entry: NonNullable<Root["index"]>,
    before: Branch | undefined,
  ): Promise<Result<Branch>> {
    const read = async (): Promise<Result<Branch>> => {
      const slots = await readIndexNode(entry, level, (of) => readNode(this.#store, of));
      if (!slots.ok) return slots;
      const branch = new Branch(level, x, y, slots.value, before);
      const isOutside = [...slots.value.keys()].some((slot) => {
        const at = this.#placeIn(branch, slot);
        return !this.#isInside(at.cx, at.cy);
      });
      if (!isOutside) return ok(branch);
      return fail("bad-block", "world", `the index of version ${this.version.root} names chunks outside of the world`);
    };
    return await once(this.#branches, cid, read);
  }

  async #chunkIn(leaf: Branch, slot: number): Promise<Result<Chunk | undefined>> {
    const entry = leaf.slots.get(slot);
    const known = leaf.chunks[slot];
    if (entry === undefined || known !== undefined) return ok(known);
    const chunk = await once(this.#chunks, entry.cid, async () => {
      const { cx, cy } = this.#placeIn(leaf, slot);
      const bytes = await this.#store.get(entry.cid, { maxBytes: entry.bytes });
      if (!bytes.ok) return bytes;
      const node = decodeNode(bytes.value);
      if (!node.ok) return fail("bad-block", "world", `block ${entry.cid}: ${node.fault.detail}`);
      const read = readChunk(node.value, cx, cy, this.version);
      return read.ok ? ok(keptChunk(bytes.value, read.value, this.version)) : read;
    });
    if (chunk.ok && leaf.chunks[slot] === undefined) {
      leaf.chunks[slot] = chunk.value;
      this.#count.reads++;
    }
    return chunk;
  }

  async #eachLeaf(act: (leaf: Branch) => Promise<Result<void>>): Promise<Result<void>> {
    const top = await this.#readTop();
    if (!top.ok || top.value === undefined) return top.ok ? ok(undefined) : top;
    const visit = async (branch: Branch): Promise<Result<void>> => {
      if (branch.level === 1) return await act(branch);
      for (const slot of branch.slots.keys()) {
        const below = await this.#below(branch, slot);
        const visited = below.ok && below.value !== undefined ? await visit(below.value) : below;
        if (!visited.ok) return visited;
      }
      return ok(undefined);
    };
    return await visit(top.value);
  }
}

/** One reading at a time of one block, for all who ask meanwhile. */
async function once<T>(running: Map<ContentId, Promise<T>>, cid: ContentId, read: () => Promise<T>): Promise<T> {
  const known = running.get(cid) ?? read().finally(() => running.delete(cid));
  running.set(cid, known);
  return await known;
}

/** Some at a time; the first fault ends it. */
async function inParallel<T>(items: readonly T[], act: (item: T) => Promise<Result<unknown>>): Promise<Result<void>> {
  for (let i = 0; i < items.length; i += PARALLEL_CHUNKS) {
    for (const done of await Promise.all(items.slice(i, i + PARALLEL_CHUNKS).map(act))) if (!done.ok) return done;
  }
  return ok(undefined);
}
