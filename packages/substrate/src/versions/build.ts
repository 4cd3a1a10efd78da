// Builds a version from its parts, all in memory: the scene, the chunks, and the bytes of the pictures. The same parts give the same root
// wherever and however often they are put together; it is the writer's, who takes the chunks as they come.
import { type ContentId, ok, type Result } from "@sojourn/protocol";
import type { Block } from "../stores/port.ts";
import type { Scene } from "./scene.ts";
import type { Chunk, SubstrateVersion } from "./types.ts";
import { writeVersion } from "./write.ts";

export interface VersionParts {
  readonly name: string;
  readonly scene: Scene;
  /** In any order. */
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
  const blocks = new Map<ContentId, Block>();
  const chunks = [...parts.chunks].sort((a, b) => a.cy - b.cy || a.cx - b.cx);
  const written = await writeVersion({ ...parts, chunks }, async (block) => {
    blocks.set(block.cid, block);
    return ok(undefined);
  });
  if (!written.ok) return written;
  let bytes = 0;
  for (const block of blocks.values()) bytes += block.bytes.length;
  return ok({ ...written.value, blocks: [...blocks.values()], bytes });
}
