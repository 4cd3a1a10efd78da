// Blocks in the order in which a stranger can check them as they come: depth first, each once, what names it before it.
// Law: a walk is bounded before it begins; the first fault is the last thing given.
import { type ContentId, fail, type Result } from "@sojourn/protocol";
import { parseContentId } from "../blocks/content-id.ts";
import { decodeNode, linksOf, type NodeValue } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import type { Block, BlockStore } from "../stores/port.ts";
import { readVersionRoot } from "./version-root.ts";

interface Bounds {
  readonly blocks: number;
  readonly depth: number;
  /** What has no more room, for the fault. */
  readonly what: string;
}

/** Every block of one version. The root's parent is history and no part of it. Faults: the store's, `bad-content-id`, `bad-block`. */
export async function* walkVersion(root: ContentId, store: BlockStore): AsyncGenerator<Result<Block>> {
  const read = await readVersionRoot(root, store);
  if (!read.ok) return yield read;
  const { scene, index, below } = read.value.root;
  yield { ok: true, value: { cid: root, bytes: read.value.bytes } };
  const bounds = { blocks: below.blocks, depth: LIMITS.versionDepth, what: `version ${root}` };
  yield* walk(index === null ? [scene] : [index.cid, scene], store, bounds);
}

/** Every block that this one leads to, older versions included, and the block itself. */
export async function* walkDag(cid: ContentId, store: BlockStore): AsyncGenerator<Result<Block>> {
  yield* walk([cid], store, { blocks: LIMITS.versionBlocks, depth: Number.POSITIVE_INFINITY, what: `what hangs on ${cid}` });
}

async function* walk(from: readonly ContentId[], store: BlockStore, bounds: Bounds): AsyncGenerator<Result<Block>> {
  const seen = new Set<ContentId>();
  const waiting = from.map((cid) => ({ cid, depth: 1 })).reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next.cid)) continue;
    seen.add(next.cid);
    if (seen.size > bounds.blocks || next.depth > bounds.depth) return yield fail("bad-block", "world", `${bounds.what} is too large`);
    const read = await readBlock(next.cid, store);
    if (!read.ok) return yield read;
    const { block, node } = read.value;
    yield { ok: true, value: block };
    const depth = next.depth + 1;
    for (const cid of node === undefined ? [] : linksOf(node).reverse()) waiting.push({ cid, depth });
  }
}

async function readBlock(cid: ContentId, store: BlockStore): Promise<Result<{ readonly block: Block; readonly node?: NodeValue }>> {
  const id = parseContentId(cid);
  if (!id.ok) return id;
  const bytes = await store.get(cid);
  if (!bytes.ok) return bytes;
  const block = { cid, bytes: bytes.value };
  if (id.value.codec === "raw") return { ok: true, value: { block } };
  const node = decodeNode(bytes.value);
  return node.ok ? { ok: true, value: { block, node: node.value } } : node;
}
