// What changed from one version to another: the map's own parts by name, chunks and tiles by count, objects one by one.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { decodeNode, encodeNode, type NodeValue, sameBytes } from "../blocks/node-codec.ts";
import { HISTORY } from "../limits.ts";
import type { BlockStore } from "../stores/port.ts";
import { readChunk } from "../versions/chunk-codec.ts";
import { objectNode } from "../versions/object-codec.ts";
import type { Root } from "../versions/root-codec.ts";
import type { Scene } from "../versions/scene.ts";
import { readScene, sceneNode } from "../versions/scene-codec.ts";
import type { Chunk, StaticObject } from "../versions/types.ts";
import { readNode } from "../versions/view.ts";
import { type ChunkPair, changedChunks } from "./changed-chunks.ts";
import { readVersionRoot } from "./version-root.ts";

/** Something of the list; `more` counts what is past `HISTORY.named`. */
export interface Named<T> {
  readonly named: readonly T[];
  readonly more: number;
}

export interface VersionDiff {
  readonly before: ContentId;
  readonly after: ContentId;
  /** Parts of the map that differ: `name`, or fields of the scene such as `layers`, `tilesets`, `zones`. */
  readonly map: readonly string[];
  readonly chunks: { readonly added: number; readonly removed: number; readonly changed: number };
  /** Cells that show another tile, over all layers. */
  readonly tiles: number;
  readonly objects: {
    readonly added: Named<StaticObject>;
    readonly removed: Named<StaticObject>;
    readonly changed: Named<{ readonly before: StaticObject; readonly after: StaticObject }>;
  };
  /** What one who has the older version must still fetch for the newer one, pictures aside. */
  readonly newBlocks: number;
  readonly newBytes: number;
}

interface Side {
  readonly bytes: number;
  readonly root: Root;
  readonly scene: Scene;
  readonly sceneBytes: number;
}

/** The store must hold both versions' roots, scenes, and what differs of their indexes and chunks. Faults: the store's, `bad-block`. */
export async function diffVersions(before: ContentId, after: ContentId, store: BlockStore): Promise<Result<VersionDiff>> {
  const old = await readSide(before, store);
  if (!old.ok) return old;
  const now = await readSide(after, store);
  if (!now.ok) return now;
  const sides = [old.value, now.value].map(({ root, scene }) => ({ index: root.index, bounds: scene.bounds }));
  const changed = await changedChunks(sides[0]!, sides[1]!, store);
  if (!changed.ok) return changed;
  const counted = new Counted();
  for (const pair of changed.value.chunks) {
    const noted = await counted.note(pair, old.value, now.value, store);
    if (!noted.ok) return noted;
  }
  const isNewScene = old.value.root.scene !== now.value.root.scene;
  const isNew = before !== after;
  return ok({
    ...{ before, after, map: mapParts(old.value, now.value), chunks: counted.chunks, tiles: counted.tiles, objects: counted.objects() },
    newBlocks: changed.value.newBlocks + (isNew ? 1 : 0) + (isNewScene ? 1 : 0),
    newBytes: changed.value.newBytes + (isNew ? now.value.bytes : 0) + (isNewScene ? now.value.sceneBytes : 0),
  });
}

async function readSide(cid: ContentId, store: BlockStore): Promise<Result<Side>> {
  const read = await readVersionRoot(cid, store);
  if (!read.ok) return read;
  const { root, bytes } = read.value;
  const sceneBytes = await store.get(root.scene);
  if (!sceneBytes.ok) return sceneBytes;
  const node = decodeNode(sceneBytes.value);
  const scene = node.ok ? readScene(node.value) : node;
  if (!scene.ok) return fail("bad-block", "world", `block ${root.scene}: ${scene.fault.detail}`);
  return ok({ bytes: bytes.length, root, scene: scene.value, sceneBytes: sceneBytes.value.length });
}

function mapParts(old: Side, now: Side): string[] {
  const [a, b] = [sceneNode(old.scene), sceneNode(now.scene)];
  const parts = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  const changed = parts.filter((part) => !isSame(a[part] ?? null, b[part] ?? null));
  return old.root.name === now.root.name ? changed : ["name", ...changed];
}

function isSame(a: NodeValue, b: NodeValue): boolean {
  const [left, right] = [encodeNode(a), encodeNode(b)];
  return left.ok && right.ok && sameBytes(left.value, right.value);
}

class Counted {
  readonly chunks: { added: number; removed: number; changed: number } = { added: 0, removed: 0, changed: 0 };
  tiles = 0;
  readonly #gone: Map<string, StaticObject> = new Map();
  readonly #come: Map<string, StaticObject> = new Map();

  async note({ cx, cy, before, after }: ChunkPair, old: Side, now: Side, store: BlockStore): Promise<Result<void>> {
    const a = await readSome(before, cx, cy, old.scene, store);
    if (!a.ok) return a;
    const b = await readSome(after, cx, cy, now.scene, store);
    if (!b.ok) return b;
    this.chunks[before === undefined ? "added" : after === undefined ? "removed" : "changed"] += 1;
    this.tiles += differingCells(a.value, b.value);
    for (const object of a.value?.objects ?? []) this.#gone.set(object.id, object);
    for (const object of b.value?.objects ?? []) this.#come.set(object.id, object);
    return ok(undefined);
  }

  /** An object that went to another chunk is one that changed. */
  objects(): VersionDiff["objects"] {
    const both = [...this.#come].flatMap(([id, after]) => {
      const before = this.#gone.get(id);
      return before === undefined ? [] : [{ before, after }];
    });
    return {
      added: named([...this.#come.values()].filter(({ id }) => !this.#gone.has(id))),
      removed: named([...this.#gone.values()].filter(({ id }) => !this.#come.has(id))),
      changed: named(both.filter(({ before, after }) => !isSame(objectNode(before), objectNode(after)))),
    };
  }
}

function named<T>(all: readonly T[]): Named<T> {
  return { named: all.slice(0, HISTORY.named), more: Math.max(0, all.length - HISTORY.named) };
}

async function readSome(
  cid: ContentId | undefined,
  cx: number,
  cy: number,
  scene: Scene,
  store: BlockStore,
): Promise<Result<Chunk | undefined>> {
  if (cid === undefined) return ok(undefined);
  const node = await readNode(store, cid);
  return node.ok ? readChunk(node.value, cx, cy, scene) : node;
}

function differingCells(a: Chunk | undefined, b: Chunk | undefined): number {
  let cells = 0;
  const layers = new Set([...(a?.layers ?? []), ...(b?.layers ?? [])].map(({ layer }) => layer));
  for (const layer of layers) {
    const [old, now] = [a, b].map((chunk) => chunk?.layers.find((one) => one.layer === layer)?.gids);
    for (let i = 0; i < (old ?? now ?? []).length; i++) if ((old?.[i] ?? 0) !== (now?.[i] ?? 0)) cells += 1;
  }
  return cells;
}
