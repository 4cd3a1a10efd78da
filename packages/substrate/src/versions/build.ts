// Builds a version from its parts: the scene, the chunks, and the bytes of the pictures. The same
// parts give the same root wherever and however often they are put together.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { nodeBlock } from "../blocks/block.ts";
import { decodeNode, type NodeValue } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import type { Block } from "../stores/port.ts";
import { chunkIsEmpty, chunkNode, readChunk } from "./chunk-codec.ts";
import { changeIndex, type IndexChange, type IndexEntry, indexLevels, type ReadNode } from "./index-tree.ts";
import { checkStaticObject } from "./object-codec.ts";
import { type Root, rootNode } from "./root-codec.ts";
import { chunkBounds, type Scene } from "./scene.ts";
import { readScene, sceneNode } from "./scene-codec.ts";
import type { Chunk, SubstrateVersion } from "./types.ts";

export interface VersionParts {
  readonly name: string;
  readonly scene: Scene;
  readonly chunks: Iterable<Chunk>;
  /** The blocks of all assets of the scene. */
  readonly assetBlocks: readonly Block[];
}

export interface BuiltVersion {
  readonly root: ContentId;
  /** Every block once, the root last. */
  readonly blocks: Block[];
  readonly bytes: number;
  readonly version: SubstrateVersion;
}

/** A first version: no parent, tick 0, time 0. Faults: `malformed`, `oversized`, `bad-block` (parts that contradict each other). */
export async function buildVersion(parts: VersionParts): Promise<Result<BuiltVersion>> {
  const blocks = new Map<ContentId, Block>(parts.assetBlocks.map((block) => [block.cid, block]));
  const scene = await sceneBlock(parts.scene);
  if (!scene.ok) return scene;
  blocks.set(scene.value.block.cid, scene.value.block);
  const contentBytes = sumBytes(blocks.values());
  const contentBlocks = blocks.size;
  const index = await buildIndex(scene.value.scene, parts.chunks, blocks);
  if (!index.ok) return index;
  const root: Root = {
    name: parts.name,
    parent: null,
    tick: 0,
    timeMs: 0,
    scene: scene.value.block.cid,
    index: index.value,
    below: { blocks: contentBlocks + (index.value?.blocks ?? 0), bytes: contentBytes + (index.value?.bytes ?? 0) },
  };
  const rootBlock = await nodeBlock(rootNode(root), "the root");
  if (!rootBlock.ok) return rootBlock;
  blocks.set(rootBlock.value.cid, rootBlock.value);
  const version = versionOf(rootBlock.value, root, scene.value.scene);
  return ok({ root: rootBlock.value.cid, blocks: [...blocks.values()], bytes: sumBytes(blocks.values()), version });
}

/** A version as its readers see it. */
export function versionOf(block: Block, root: Root, scene: Scene): SubstrateVersion {
  return {
    root: block.cid,
    name: root.name,
    parent: root.parent,
    tick: root.tick,
    timeMs: root.timeMs,
    width: scene.bounds.x1 - scene.bounds.x0,
    height: scene.bounds.y1 - scene.bounds.y0,
    ...scene,
    blocks: root.below.blocks + 1,
    bytes: root.below.bytes + block.bytes.length,
  };
}

/** Encodes one chunk and reads it back as any client would: what cannot be read is not written. */
export async function chunkBlock(chunk: Chunk, scene: Scene): Promise<Result<Block>> {
  const what = `chunk (${chunk.cx}, ${chunk.cy})`;
  if (chunk.objects.length > LIMITS.objectsPerChunk) {
    return fail("oversized", "client", `${what} has ${chunk.objects.length} objects; ${LIMITS.objectsPerChunk} are allowed`);
  }
  if (chunk.boxes.length > LIMITS.boxesPerChunk) {
    return fail("oversized", "client", `${what} has ${chunk.boxes.length} solid boxes; ${LIMITS.boxesPerChunk} are allowed`);
  }
  for (const object of chunk.objects) {
    const checked = checkStaticObject(object);
    if (!checked.ok) return checked;
  }
  const node = chunkNode(chunk);
  const readable = readChunk(node, chunk.cx, chunk.cy, scene);
  return readable.ok ? await nodeBlock(node, what) : readable;
}

/** The scene as a block, and as it will be read back. */
export async function sceneBlock(scene: Scene): Promise<Result<{ block: Block; scene: Scene }>> {
  const block = await nodeBlock(sceneNode(scene), "the layers, tilesets and zones of the map");
  if (!block.ok) return block;
  const node = decodeNode(block.value.bytes);
  if (!node.ok) return node;
  const settled = readScene(node.value);
  return settled.ok ? ok({ block: block.value, scene: settled.value }) : settled;
}

async function buildIndex(scene: Scene, chunks: Iterable<Chunk>, blocks: Map<ContentId, Block>): Promise<Result<IndexEntry | null>> {
  const area = chunkBounds(scene.bounds);
  const changes: IndexChange[] = [];
  for (const chunk of chunks) {
    if (chunkIsEmpty(chunk)) continue;
    if (chunk.cx < area.x0 || chunk.cy < area.y0 || chunk.cx >= area.x1 || chunk.cy >= area.y1) {
      return fail("malformed", "client", `chunk (${chunk.cx}, ${chunk.cy}) lies outside of the world`);
    }
    const block = await chunkBlock(chunk, scene);
    if (!block.ok) return block;
    blocks.set(block.value.cid, block.value);
    const entry = { cid: block.value.cid, bytes: block.value.bytes.length, blocks: 1 };
    changes.push({ x: chunk.cx - area.x0, y: chunk.cy - area.y0, entry });
  }
  const made: Block[] = [];
  const nothing: ReadNode = async (cid): Promise<Result<NodeValue>> => fail("missing-block", "client", `a new index has no node ${cid}`);
  const index = await changeIndex(null, indexLevels(area.x1 - area.x0, area.y1 - area.y0), changes, nothing, made);
  for (const block of made) blocks.set(block.cid, block);
  return index;
}

function sumBytes(blocks: Iterable<Block>): number {
  let sum = 0;
  for (const block of blocks) sum += block.bytes.length;
  return sum;
}
