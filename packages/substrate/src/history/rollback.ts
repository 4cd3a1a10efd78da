// Going back makes a new version: what an older one held, with the present one as its parent, so that nothing is unsaid.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { nodeBlock } from "../blocks/block.ts";
import type { BlockStore } from "../stores/port.ts";
import type { AmendedVersion } from "../versions/amend.ts";
import { rootNode } from "../versions/root-codec.ts";
import { readVersionRoot } from "./version-root.ts";

export interface Rollback {
  /** The version whose content comes back. */
  readonly to: ContentId;
  /** The present version, which becomes the parent. */
  readonly from: ContentId;
  /** The world's tick and time (milliseconds since 1970) that the new version stands for. */
  readonly tick: number;
  readonly timeMs: number;
}

/** One new block, the root. Faults: the store's, `bad-block`, `malformed` (the two are one). */
export async function rollBack({ to, from, tick, timeMs }: Rollback, store: BlockStore): Promise<Result<AmendedVersion>> {
  if (to === from) return fail("malformed", "client", `${to} is the present version already`);
  const older = await readVersionRoot(to, store);
  if (!older.ok) return older;
  const block = await nodeBlock(rootNode({ ...older.value.root, parent: from, tick, timeMs }), "the root");
  return block.ok ? ok({ root: block.value.cid, newBlocks: [block.value] }) : block;
}
