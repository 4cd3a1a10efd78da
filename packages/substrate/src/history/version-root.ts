// A version's root, read once: what it says and its own bytes.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { decodeNode } from "../blocks/node-codec.ts";
import type { BlockStore } from "../stores/port.ts";
import { type Root, readRoot } from "../versions/root-codec.ts";

export interface VersionRoot {
  readonly root: Root;
  readonly bytes: Uint8Array;
}

/** Whether two versions show the same: one scene, and one index of chunks. Their names, ticks and parents may differ. */
export function isSameContent(a: Root, b: Root): boolean {
  return a.scene === b.scene && a.index?.cid === b.index?.cid;
}

/** Faults: the store's, `bad-content-id`, and `bad-block` when it is no root of a version. */
export async function readVersionRoot(cid: ContentId, store: BlockStore): Promise<Result<VersionRoot>> {
  const bytes = await store.get(cid);
  if (!bytes.ok) return bytes;
  const node = decodeNode(bytes.value);
  const root = node.ok ? readRoot(node.value) : node;
  return root.ok
    ? ok({ root: root.value, bytes: bytes.value })
    : fail("bad-block", "world", `${cid} is no root of a version: ${root.fault.detail}`);
}
