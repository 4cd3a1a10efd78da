// What a place that holds one heartbeat lacks of another: both are walked side by side, level by level, and wherever the new one names a
// block that the old one named, the walk stops. It costs what changed, not what is there.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { parseContentId } from "../blocks/content-id.ts";
import { decodeNode, Link, linksOf, type NodeMap, type NodeValue } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import type { Block, BlockStore } from "../stores/port.ts";

/** Links that lead to what was before and is no part of this: by the format of the node that has them. */
const HISTORY_LINKS: ReadonlyMap<NodeValue, string> = new Map([
  ["sojourn-heartbeat", "before"],
  ["sojourn-substrate", "parent"],
]);

/** The ids of all blocks that belong to a node: its links without those to its past. */
export function contentLinks(node: NodeValue): ContentId[] {
  if (node === null || typeof node !== "object" || Array.isArray(node) || node instanceof Uint8Array || node instanceof Link)
    return linksOf(node);
  const past = HISTORY_LINKS.get((node as NodeMap).format ?? null);
  return Object.entries(node as NodeMap).flatMap(([key, value]) => (key === past ? [] : linksOf(value)));
}

/**
 * Every block of `root` that `held` has not, what names a block before it. `read` gives blocks by id, up to `ahead` at the same time; of those
 * of `held` that it does not have, the walk thinks nothing. The first fault is the last thing given: the reader's, `bad-block`, `oversized`.
 */
export async function* missingBlocks(
  root: ContentId,
  held: ContentId | undefined,
  read: BlockStore,
  ahead = 1,
): AsyncGenerator<Result<Block>> {
  const known = new Set<ContentId>(held === undefined ? [] : [held]);
  const given = new Set<ContentId>();
  let level = known.has(root) ? [] : [root];
  let heldLevel = held === undefined ? [] : [held];
  while (level.length > 0) {
    const links = new Set<ContentId>();
    const heldLinks = await linksBelow(heldLevel, read);
    for (const cid of heldLinks) known.add(cid);
    if (given.size + level.length > LIMITS.versionBlocks)
      return yield fail("oversized", "world", `what hangs on ${root} has more than ${LIMITS.versionBlocks} blocks`);
    for await (const block of inOrder(level, ahead, (cid) => readBlock(cid, read))) {
      if (!block.ok) return yield block;
      given.add(block.value.block.cid);
      for (const link of block.value.links) links.add(link);
      yield ok(block.value.block);
    }
    level = [...links].filter((cid) => !known.has(cid) && !given.has(cid));
    heldLevel = heldLinks.filter((cid) => !links.has(cid));
  }
}

/** What `act` makes of each, in order, some of it begun ahead. Nothing of it is under way any more when this ends, however it ends. */
async function* inOrder<T, R>(items: readonly T[], ahead: number, act: (item: T) => Promise<R>): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  let next = 0;
  try {
    while (next < items.length || begun.length > 0) {
      while (begun.length < ahead && next < items.length) {
        const one = act(items[next++] as T);
        // What throws does so when its turn comes, and not before.
        one.catch(() => undefined);
        begun.push(one);
      }
      const done = await (begun[0] as Promise<R>);
      begun.shift();
      yield done;
    }
  } finally {
    await Promise.allSettled(begun);
  }
}

async function linksBelow(cids: readonly ContentId[], read: BlockStore): Promise<ContentId[]> {
  const links = new Set<ContentId>();
  for (const cid of cids) {
    if (isLeaf(cid)) continue;
    const block = await readBlock(cid, read);
    for (const link of block.ok ? block.value.links : []) links.add(link);
  }
  return [...links];
}

async function readBlock(
  cid: ContentId,
  read: BlockStore,
): Promise<Result<{ readonly block: Block; readonly links: readonly ContentId[] }>> {
  const bytes = await read.get(cid);
  if (!bytes.ok) return bytes;
  const block = { cid, bytes: bytes.value };
  if (isLeaf(cid)) return ok({ block, links: [] });
  const node = decodeNode(bytes.value);
  return node.ok ? ok({ block, links: contentLinks(node.value) }) : node;
}

function isLeaf(cid: ContentId): boolean {
  const id = parseContentId(cid);
  return id.ok && id.value.codec === "raw";
}
