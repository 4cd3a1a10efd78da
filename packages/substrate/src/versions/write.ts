// Writes a version as its chunks come, for worlds that fit into no memory: every block is handed on as soon as it is made, the root last.
// The same parts give the same root, whoever puts them together.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { nodeBlock } from "../blocks/block.ts";
import type { Block } from "../stores/port.ts";
import { chunkIsEmpty } from "./chunk-codec.ts";
import { indexLevels } from "./index-tree.ts";
import { IndexWriter, type PutBlock } from "./index-writer.ts";
import { type Root, rootNode } from "./root-codec.ts";
import { chunkBounds, type Scene } from "./scene.ts";
import type { Chunk, SubstrateVersion } from "./types.ts";
import { chunkBlock, sceneBlock, versionOf } from "./version-blocks.ts";

export interface WrittenParts {
  readonly name: string;
  readonly scene: Scene;
  /** Row by row from the top; in any order within a row. */
  readonly chunks: AsyncIterable<Chunk> | Iterable<Chunk>;
  /** The blocks of all assets of the scene. */
  readonly assetBlocks: readonly Block[];
}

export interface WrittenVersion {
  readonly root: ContentId;
  readonly version: SubstrateVersion;
}

/**
 * A first version: no parent, tick 0, time 0. Holds one row of index nodes at a time. Faults: `malformed` (chunks out of order or outside
 * of the world), `oversized`, `bad-block` (parts that contradict each other), and those of `put`.
 */
export async function writeVersion(parts: WrittenParts, put: PutBlock): Promise<Result<WrittenVersion>> {
  const scene = await sceneBlock(parts.scene);
  if (!scene.ok) return scene;
  const content = new Map([...parts.assetBlocks, scene.value.block].map((block) => [block.cid, block]));
  let bytes = 0;
  for (const block of content.values()) {
    bytes += block.bytes.length;
    const done = await put(block);
    if (!done.ok) return done;
  }
  const index = await writeIndex(scene.value.scene, parts.chunks, put);
  if (!index.ok) return index;
  const root: Root = {
    name: parts.name,
    parent: null,
    tick: 0,
    timeMs: 0,
    scene: scene.value.block.cid,
    index: index.value,
    below: { blocks: content.size + (index.value?.blocks ?? 0), bytes: bytes + (index.value?.bytes ?? 0) },
  };
  const rootBlock = await nodeBlock(rootNode(root), "the root");
  if (!rootBlock.ok) return rootBlock;
  const done = await put(rootBlock.value);
  if (!done.ok) return done;
  return ok({ root: rootBlock.value.cid, version: versionOf(rootBlock.value, root, scene.value.scene) });
}

async function writeIndex(scene: Scene, chunks: WrittenParts["chunks"], put: PutBlock): Promise<Result<Root["index"]>> {
  const area = chunkBounds(scene.bounds);
  const writer = new IndexWriter(indexLevels(area.x1 - area.x0, area.y1 - area.y0), put);
  for await (const chunk of chunks) {
    if (chunkIsEmpty(chunk)) continue;
    if (chunk.cx < area.x0 || chunk.cy < area.y0 || chunk.cx >= area.x1 || chunk.cy >= area.y1)
      return fail("malformed", "client", `chunk (${chunk.cx}, ${chunk.cy}) lies outside of the world`);
    const block = await chunkBlock(chunk, scene);
    if (!block.ok) return block;
    const done = await put(block.value);
    if (!done.ok) return done;
    const entry = { cid: block.value.cid, bytes: block.value.bytes.length, blocks: 1 };
    const added = await writer.add(chunk.cx - area.x0, chunk.cy - area.y0, entry);
    if (!added.ok) return added;
  }
  return await writer.end();
}
