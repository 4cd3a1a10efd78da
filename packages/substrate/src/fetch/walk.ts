// What a version is made of, found block by block: the root names scene and index, the scene its pictures, the index what lies where.
// Each block has a rank: first what is needed anywhere, then what is near the places one stands in, then the rest by distance. Nodes of
// the index are looked at only on the way to something: what is far away costs nothing until it is its turn. Pure.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { readParts } from "../assets/asset.ts";
import { decodeNode } from "../blocks/node-codec.ts";
import { FETCH, LIMITS } from "../limits.ts";
import { type IndexEntry, indexLevels, readSlots, slotPlace } from "../versions/index-tree.ts";
import { type Root, readRoot } from "../versions/root-codec.ts";
import { chunkBounds, type Scene } from "../versions/scene.ts";
import { readScene } from "../versions/scene-codec.ts";
import type { AssetInfo } from "../versions/types.ts";

/** A place in the world, units. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/**
 * Where to begin: around these places, and what lies within the radius of one is near. Without a place nothing is, but what all need.
 * Who does not know the world yet says how they follow from its scene.
 */
export interface Surroundings {
  readonly spots: readonly Spot[] | ((scene: Scene) => readonly Spot[]);
  /** Units. */
  readonly radius: number;
}

type Kind = "root" | "scene" | "picture" | "part" | "index" | "chunk";

/** A block that something taken in has named. */
export interface NamedBlock {
  readonly cid: ContentId;
  readonly kind: Kind;
  /** Its own length, where what names it states that. */
  readonly bytes: number | undefined;
  readonly entry?: IndexEntry;
  readonly asset?: AssetInfo;
  /** Index nodes: 1 and up. Chunks: 0. */
  readonly level: number;
  /** What it covers: chunks from the world's upper left one. */
  readonly x: number;
  readonly y: number;
  readonly above: NamedBlock | undefined;
  /** Blocks right below that are not here with all that is below them. */
  missing: number;
  isNear: boolean;
}

const NEED_RANK = { root: 0, scene: 1, index: 2, picture: 3, part: 3, chunk: 4 } as const;
const FAR_RANK = 10;
/** Nodes of the index are asked for so many units before the chunks that they name, so that these need not wait for them. */
const LEAD_UNITS = 64;

type ChunkArea = ReturnType<typeof chunkBounds>;

export class VersionWalk {
  readonly #root: ContentId;
  readonly #wholes: Set<ContentId>;
  readonly #radius: number;
  readonly #spotsOf: ((scene: Scene) => readonly Spot[]) | undefined;
  #spots: readonly Spot[];
  /** Named and not taken in yet. */
  readonly #open = new Map<ContentId, NamedBlock>();
  #near = 0;
  #named = 1;
  #stated: Root | undefined;
  #area: ChunkArea | undefined;
  #levels = 0;
  #corner: Spot = { x: 0, y: 0 };
  /** The top of the index, when it came before the scene that says what it covers. */
  #early: { readonly block: NamedBlock; readonly bytes: Uint8Array } | undefined;
  #missingPictures = 0;
  #hasMoved = false;
  /** Blocks and bytes below what is known to be here whole: they are not looked at again. */
  skippedBlocks = 0;
  skippedBytes = 0;
  blocksTotal = 1;
  bytesTotal: number | undefined;

  /** `wholes`: index nodes and scenes that are known to be here with all that is below them; grows as the walk goes on. */
  constructor(root: ContentId, around: Surroundings, wholes: Set<ContentId>) {
    this.#root = root;
    this.#radius = around.radius;
    this.#spotsOf = typeof around.spots === "function" ? around.spots : undefined;
    this.#spots = typeof around.spots === "function" ? [] : around.spots.slice(0, FETCH.spots);
    this.#wholes = wholes;
  }

  begin(): NamedBlock {
    const first = this.#newBlock({ cid: this.#root, kind: "root" });
    this.#open.set(first.cid, first);
    this.#near = 1;
    return first;
  }

  get isWhole(): boolean {
    return this.#open.size === 0;
  }
  /** Everything near, and all that is needed anywhere, was taken in. */
  get isPlayable(): boolean {
    return this.#near === 0;
  }

  find(cid: ContentId): NamedBlock | undefined {
    return this.#open.get(cid);
  }

  /** Near and needed blocks have ranks below every other's. */
  rankOf(block: NamedBlock): number {
    const isPlace = block.kind === "chunk" || (block.kind === "index" && this.#area !== undefined);
    if (!isPlace) return NEED_RANK[block.kind];
    const far = this.#distanceOf(block);
    if (block.isNear) return NEED_RANK[block.kind] + far / 1e7;
    return FAR_RANK + (block.kind === "chunk" ? far : Math.max(0, far - LEAD_UNITS) - block.level / 1e3);
  }

  /** One stands elsewhere now. Every rank may have changed. */
  move(spots: readonly Spot[]): void {
    this.#spots = spots.slice(0, FETCH.spots);
    this.#hasMoved = true;
    this.#near = 0;
    for (const block of this.#open.values()) {
      block.isNear = this.#isNear(block);
      if (block.isNear) this.#near += 1;
    }
  }

  /** Where a chunk lies, in chunks of the world. */
  placeOf(block: NamedBlock): { readonly cx: number; readonly cy: number } {
    return { cx: block.x + (this.#area?.x0 ?? 0), cy: block.y + (this.#area?.y0 ?? 0) };
  }

  /** A verified block: gives what it names and was not named before. Fault `bad-block`: it is not what a version has in this place. */
  take(block: NamedBlock, bytes: Uint8Array): Result<readonly NamedBlock[]> {
    if (block.kind === "index" && this.#area === undefined) {
      this.#early = { block, bytes };
      return ok([]);
    }
    const named = this.#read(block, bytes);
    this.#close(block);
    if (!named.ok) return named;
    const fresh = named.value.filter(({ cid }) => !this.#open.has(cid));
    for (const one of fresh) {
      this.#open.set(one.cid, one);
      one.isNear = this.#isNear(one);
      if (one.isNear) this.#near += 1;
    }
    this.#named += fresh.length;
    if (this.#named > this.blocksTotal)
      return fail("bad-block", "world", `version ${this.#root} names more than the ${this.blocksTotal} blocks that it states`);
    if (block.kind === "chunk" || block.missing === 0) this.#settle(block);
    return block.kind === "scene" ? this.#takeEarly(fresh) : ok(fresh);
  }

  #takeEarly(named: readonly NamedBlock[]): Result<readonly NamedBlock[]> {
    const early = this.#early;
    if (early === undefined) return ok(named);
    this.#early = undefined;
    const below = this.take(early.block, early.bytes);
    return below.ok ? ok([...named, ...below.value]) : below;
  }

  #close(block: NamedBlock): void {
    if (this.#open.delete(block.cid) && block.isNear) this.#near -= 1;
  }

  /** A block is here with all that is below it: so may be the one above. */
  #settle(block: NamedBlock): void {
    if (block.kind === "picture" || block.kind === "part") {
      this.#missingPictures -= 1;
      if (this.#missingPictures === 0 && this.#stated !== undefined) this.#wholes.add(this.#stated.scene);
    }
    for (let at: NamedBlock | undefined = block; at?.kind === "index" || at?.kind === "chunk"; at = at.above) {
      if (at.kind === "index") {
        if (at !== block) at.missing -= 1;
        if (at.missing > 0) return;
        this.#wholes.add(at.cid);
      }
    }
  }

  #read(block: NamedBlock, bytes: Uint8Array): Result<NamedBlock[]> {
    switch (block.kind) {
      case "root":
        return this.#readRoot(bytes);
      case "scene":
        return this.#readScene(bytes);
      case "index":
        return this.#readIndex(block, bytes);
      case "picture":
        return this.#readPicture(block, bytes);
      case "part":
      case "chunk":
        return ok([]);
    }
  }

  /** The root's parent is history, not part of the version. */
  #readRoot(bytes: Uint8Array): Result<NamedBlock[]> {
    const node = decodeNode(bytes);
    if (!node.ok) return node;
    const root = readRoot(node.value);
    if (!root.ok) return root;
    const { below, index, scene } = root.value;
    this.#stated = root.value;
    this.blocksTotal = below.blocks + 1;
    this.bytesTotal = below.bytes + bytes.length;
    const named = [this.#newBlock({ cid: scene, kind: "scene" })];
    if (index !== null) named.push(this.#newBlock({ cid: index.cid, kind: "index", entry: index }));
    return ok(named);
  }

  #readScene(bytes: Uint8Array): Result<NamedBlock[]> {
    const node = decodeNode(bytes);
    if (!node.ok) return node;
    const scene: Result<Scene> = readScene(node.value);
    if (!scene.ok) return scene;
    const { bounds, assets } = scene.value;
    const area = chunkBounds(bounds);
    this.#area = area;
    this.#levels = indexLevels(area.x1 - area.x0, area.y1 - area.y0);
    this.#corner = { x: bounds.x0, y: bounds.y0 };
    if (!this.#hasMoved && this.#spotsOf !== undefined) this.#spots = this.#spotsOf(scene.value).slice(0, FETCH.spots);
    const stated = this.#stated as Root;
    if (this.#wholes.has(stated.scene)) {
      this.skippedBlocks += stated.below.blocks - (stated.index?.blocks ?? 0) - 1;
      this.skippedBytes += stated.below.bytes - (stated.index?.bytes ?? 0) - bytes.length;
      return ok([]);
    }
    const pictures = new Map(assets.map((asset) => [asset.cid, asset]));
    this.#missingPictures = pictures.size;
    if (pictures.size === 0) this.#wholes.add(stated.scene);
    return ok([...pictures.values()].map((asset) => this.#newBlock({ cid: asset.cid, kind: "picture", asset })));
  }

  /** A picture is one raw block, or the list of its parts. */
  #readPicture({ asset, cid }: NamedBlock, bytes: Uint8Array): Result<NamedBlock[]> {
    if (asset === undefined || cid.startsWith(RAW_PREFIX)) return ok([]);
    const parts = readParts(asset, bytes);
    if (!parts.ok) return parts;
    const fresh = [...new Set(parts.value)].filter((part) => !this.#open.has(part));
    this.#missingPictures += fresh.length;
    return ok(fresh.map((part) => this.#newBlock({ cid: part, kind: "part" })));
  }

  #readIndex(block: NamedBlock, bytes: Uint8Array): Result<NamedBlock[]> {
    const node = decodeNode(bytes);
    if (!node.ok) return node;
    const level = block.above === undefined ? this.#levels : block.level;
    const slots = readSlots(block.entry as IndexEntry, level, node.value);
    if (!slots.ok) return slots;
    const area = this.#area as ChunkArea;
    const named: NamedBlock[] = [];
    for (const [slot, entry] of slots.value) {
      const at = slotPlace(slot, level);
      const [x, y] = [block.x + at.x, block.y + at.y];
      if (x >= area.x1 - area.x0 || y >= area.y1 - area.y0)
        return fail("bad-block", "world", `the index of version ${this.#root} names chunks outside of the world`);
      if (level > 1 && this.#wholes.has(entry.cid)) {
        this.skippedBlocks += entry.blocks;
        this.skippedBytes += entry.bytes;
        continue;
      }
      const kind = level === 1 ? "chunk" : "index";
      named.push(this.#newBlock({ cid: entry.cid, kind, entry, level: level - 1, x, y, above: block }));
    }
    block.missing = named.length;
    return ok(named);
  }

  #newBlock(block: Pick<NamedBlock, "cid" | "kind"> & Partial<NamedBlock>): NamedBlock {
    const own = block.kind === "chunk" ? block.entry?.bytes : block.kind === "part" ? LIMITS.assetPartBytes : undefined;
    return { bytes: own, level: 0, x: 0, y: 0, above: undefined, missing: 0, isNear: true, ...block };
  }

  #isNear(block: NamedBlock): boolean {
    if (block.kind === "chunk" || (block.kind === "index" && block.above !== undefined)) {
      return this.#spots.length > 0 && this.#distanceOf(block) <= this.#radius;
    }
    return true;
  }

  /** Units from the nearest spot to what the block covers. */
  #distanceOf({ x, y, level, above }: NamedBlock): number {
    const area = this.#area;
    if (area === undefined) return 0;
    const side = LIMITS.indexFanout ** (above === undefined ? this.#levels : level) * LIMITS.chunkTiles;
    const [x0, y0] = [(area.x0 + x) * LIMITS.chunkTiles, (area.y0 + y) * LIMITS.chunkTiles];
    let least = Number.POSITIVE_INFINITY;
    for (const spot of this.#spots.length > 0 ? this.#spots : [this.#corner]) {
      const dx = Math.max(x0 - spot.x, 0, spot.x - x0 - side);
      const dy = Math.max(y0 - spot.y, 0, spot.y - y0 - side);
      least = Math.min(least, Math.hypot(dx, dy));
    }
    return least;
  }
}

/** Every content id with the codec `raw` begins so. */
const RAW_PREFIX = "bafk";
