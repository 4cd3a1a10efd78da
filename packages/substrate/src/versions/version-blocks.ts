// The blocks that a version is made of beside its index, and a version as its readers see it. What cannot be read back is not written.
import { fail, ok, type Result } from "@sojourn/protocol";
import { nodeBlock } from "../blocks/block.ts";
import { decodeNode } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import type { Block } from "../stores/port.ts";
import { chunkNode, readChunk } from "./chunk-codec.ts";
import { checkStaticObject } from "./object-codec.ts";
import type { Root } from "./root-codec.ts";
import type { Scene } from "./scene.ts";
import { readScene, sceneNode } from "./scene-codec.ts";
import type { Chunk, SubstrateVersion } from "./types.ts";

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
