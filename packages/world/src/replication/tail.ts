// The journal's end after a state, shipped in sealed segments. Each says by its name which records it holds, so that none can stand in another's
// place, and a restore takes all of them, in order, up to the last.
import { openPart, SEALING_LIMITS, sealPart } from "@sojourn/passport/node";
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import {
  type Block,
  type BlockStore,
  decodeNode,
  type Heartbeat,
  Link,
  makeBlock,
  type NodeMap,
  nodeBlock,
  parseContentId,
  readTail,
  type TailLink,
  tailBlock,
} from "@sojourn/substrate";
import { REPLICATION_LIMITS } from "../limits.ts";
import { type CutList, joinRows } from "./state-parts.ts";

const FORMAT = "sojourn-tail-parts";

export interface SealedTail {
  /** The link of the tail. */
  readonly cid: ContentId;
  /** The link is the last one. */
  readonly blocks: readonly Block[];
}

function nameOf(fromSeq: number, toSeq: number, part: number): string {
  return `tail ${fromSeq}-${toSeq} ${part}`;
}

/** Seals records `fromSeq` and on, at least one, as the next link after `before`. */
export async function sealTail(
  records: readonly Uint8Array[],
  fromSeq: number,
  before: ContentId | null,
  key: Uint8Array,
): Promise<Result<SealedTail>> {
  const toSeq = fromSeq + records.length - 1;
  const whole = Buffer.concat(records.flatMap((record) => [lengthOf(record), record]));
  const parts: Block[] = [];
  for (let at = 0; at < whole.length; at += SEALING_LIMITS.plainBytes) {
    const plain = whole.subarray(at, at + SEALING_LIMITS.plainBytes);
    parts.push(await makeBlock("raw", sealPart(plain, nameOf(fromSeq, toSeq, parts.length), key)));
  }
  const [only] = parts;
  const blocks = [...parts];
  let sealed = only?.cid as ContentId;
  if (parts.length > 1) {
    const node = await nodeBlock({ format: FORMAT, parts: parts.map(({ cid }) => new Link(cid)) }, "the parts of a segment");
    if (!node.ok) return node;
    blocks.push(node.value);
    sealed = node.value.cid;
  }
  const link = await tailBlock({ before, fromSeq, toSeq, sealed });
  return ok({ cid: link.cid, blocks: [...blocks, link] });
}

function lengthOf(record: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(record.length);
  return length;
}

/** All records after the state. Faults: the store's, `bad-block` (links that do not follow one another), `forged`, `malformed`, `oversized`. */
export async function openTail(heartbeat: Heartbeat, store: BlockStore, key: Uint8Array): Promise<Result<Uint8Array[]>> {
  const links = await readTail(heartbeat, store);
  if (!links.ok) return links;
  const records: Uint8Array[] = [];
  let bytes = 0;
  for (let at = 0; at < links.value.length; at += REPLICATION_LIMITS.parallelBlocks) {
    const some = links.value.slice(at, at + REPLICATION_LIMITS.parallelBlocks);
    for (const opened of await Promise.all(some.map((link) => openLink(link, store, key)))) {
      if (!opened.ok) return opened;
      for (const record of opened.value) {
        bytes += record.length;
        records.push(record);
      }
      if (bytes > REPLICATION_LIMITS.tailBytes)
        return fail("oversized", "peer", `the journal's end has more than ${REPLICATION_LIMITS.tailBytes} bytes`);
    }
  }
  return ok(records);
}

async function openLink({ fromSeq, toSeq, sealed }: TailLink, store: BlockStore, key: Uint8Array): Promise<Result<readonly Uint8Array[]>> {
  const cids = await partsOf(sealed, store);
  if (!cids.ok) return cids;
  const parts: Uint8Array[] = [];
  for (const [i, cid] of cids.value.entries()) {
    const bytes = await store.get(cid);
    const plain = bytes.ok ? openPart(bytes.value, nameOf(fromSeq, toSeq, i), key) : bytes;
    if (!plain.ok) return plain;
    parts.push(plain.value);
  }
  const cut: CutList = { name: "tail", rows: toSeq - fromSeq + 1, parts };
  const joined = joinRows(cut);
  return joined === undefined ? fail("malformed", "peer", `the journal's records ${fromSeq} to ${toSeq} are not whole`) : ok(joined.rows);
}

/** One raw block, or a node that links to several. */
async function partsOf(sealed: ContentId, store: BlockStore): Promise<Result<readonly ContentId[]>> {
  const id = parseContentId(sealed);
  if (!id.ok) return id;
  if (id.value.codec === "raw") return ok([sealed]);
  const bytes = await store.get(sealed);
  if (!bytes.ok) return bytes;
  const node = decodeNode(bytes.value);
  const { format, parts } = (node.ok ? (node.value as NodeMap | null) : undefined) ?? {};
  const isList = format === FORMAT && Array.isArray(parts) && parts.every((part) => part instanceof Link);
  if (!isList) return fail("malformed", "peer", `block ${sealed} does not list the parts of a segment`);
  return ok((parts as Link[]).map(({ cid }) => cid));
}
