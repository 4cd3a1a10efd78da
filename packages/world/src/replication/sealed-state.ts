// The state of a world as sealed blocks: parts, and one index node that links to them. Whoever holds the blocks sees how large the state is and
// what of it stayed the same, and nothing else. Law: what opens is what was exported, whole and in order, or a fault says what is wrong.
//
//   index   { format "sojourn-state", formatVersion 1, envelope: the sealed state key, contents: a sealed part, parts: [link …] }
import { createHash } from "node:crypto";
import { openPart, type StateKey, sealPart } from "@sojourn/passport/node";
import {
  bool,
  bytes as bytesSchema,
  type ContentId,
  check,
  decodePlain,
  encodePlain,
  fail,
  list,
  OWN_PLAIN_LIMITS,
  ok,
  type Result,
  type Schema,
  struct,
  text,
  uint,
  type WorldId,
  worldIdSchema,
} from "@sojourn/protocol";
import { type Block, type BlockStore, decodeNode, Link, makeBlock, type NodeMap, nodeBlock } from "@sojourn/substrate";
import { REPLICATION_LIMITS } from "../limits.ts";
import { type CutList, cutRows, joinRows, partBytesFor } from "./state-parts.ts";
import type { RowList } from "./state-rows.ts";

const FORMAT = "sojourn-state";
const FORMAT_VERSION = 1;
const CONTENTS = "contents";
const PART = "part";

/** What a state is of. */
export interface StateFacts {
  readonly world: WorldId;
  /** The journal's records that it holds, the hash of the commit that ends with the last, and the epoch. */
  readonly seq: number;
  readonly chain: Uint8Array;
  readonly epoch: number;
  /** {@link stateHash} of its custody. */
  readonly hash: string;
  /** The world was closed in good order behind it: nothing came after. */
  readonly isAtRest: boolean;
  /** The identity key lay in the data folder. */
  readonly isIdentityNear: boolean;
}

export interface SealedState {
  /** The index node's. */
  readonly cid: ContentId;
  /** Parts first, the index last. */
  readonly blocks: readonly Block[];
}

interface Contents extends StateFacts {
  /** SHA-256 over the parts' ids in their order. */
  readonly order: Uint8Array;
  readonly lists: readonly ListSize[];
}

interface ListSize {
  readonly name: string;
  readonly rows: number;
  readonly parts: number;
}

const contentsSchema: Schema<Contents> = struct({
  world: worldIdSchema,
  seq: uint(),
  chain: bytesSchema(32),
  epoch: uint(),
  hash: text(64, /^[0-9a-f]{64}$/),
  isAtRest: bool,
  isIdentityNear: bool,
  order: bytesSchema(32),
  lists: list(struct({ name: text(64), rows: uint(), parts: uint() }), REPLICATION_LIMITS.lists),
});

/** Fault `oversized`: there is more of it than replicas keep. */
export async function sealState(facts: StateFacts, lists: readonly RowList[], { key, envelope }: StateKey): Promise<Result<SealedState>> {
  const bytes = lists.reduce((sum, { rows }) => sum + rows.reduce((all, row) => all + row.length, 0), 0);
  if (bytes > REPLICATION_LIMITS.stateBytes)
    return fail("oversized", "world", `the state has ${bytes} bytes; ${REPLICATION_LIMITS.stateBytes} are kept in replicas`);
  const cut = lists.map((one) => cutRows(one, partBytesFor(bytes)));
  const blocks: Block[] = [];
  for (const { parts } of cut) for (const part of parts) blocks.push(await makeBlock("raw", sealPart(part, PART, key)));
  const cids = blocks.map(({ cid }) => cid);
  const sizes = cut.map(({ name, rows, parts }) => ({ name, rows, parts: parts.length }));
  const contents: Contents = { ...facts, order: orderOf(cids), lists: sizes };
  const node: NodeMap = {
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    envelope,
    contents: sealPart(encodePlain(contents), CONTENTS, key),
    parts: cids.map((cid) => new Link(cid)),
  };
  const index = await nodeBlock(node, "the state's index");
  return index.ok ? ok({ cid: index.value.cid, blocks: [...blocks, index.value] }) : index;
}

/** Gives the key of an envelope: by the identity key, or, in the world itself, by having it. */
export type OpenEnvelope = (envelope: Uint8Array) => Result<Uint8Array>;

export interface OpenedState {
  readonly facts: StateFacts;
  readonly lists: readonly RowList[];
  /** What the world seals with. */
  readonly stateKey: StateKey;
}

/**
 * Reads a whole state. Faults: the store's; `not-holder` (sealed for another key); `forged` (altered); `malformed` (cut short, or no state);
 * `out-of-order` (parts are missing, doubled or in another order); `oversized`.
 */
export async function openState(
  cid: ContentId,
  store: BlockStore,
  open: OpenEnvelope,
  onPart: (done: number, all: number) => void = () => {},
): Promise<Result<OpenedState>> {
  const read = await readIndex(cid, store);
  if (!read.ok) return read;
  const { envelope, contents: sealed, parts: cids } = read.value;
  const key = open(envelope);
  if (!key.ok) return key;
  const contents = readContents(sealed, key.value);
  if (!contents.ok) return contents;
  const { order, lists: sizes, ...facts } = contents.value;
  const isWhole = sizes.reduce((sum, { parts }) => sum + parts, 0) === cids.length;
  if (!isWhole || Buffer.compare(orderOf(cids), order) !== 0)
    return fail("out-of-order", "peer", "the state's parts are not those that were sealed, or not in their order");
  const parts = await readParts(cids, store, key.value, onPart);
  if (!parts.ok) return parts;
  const lists: RowList[] = [];
  let at = 0;
  for (const { name, rows, parts: count } of sizes) {
    const cut: CutList = { name, rows, parts: parts.value.slice(at, at + count) };
    const joined = joinRows(cut);
    if (joined === undefined) return fail("malformed", "peer", `the state's list ${name} does not hold ${rows} rows`);
    lists.push(joined);
    at += count;
  }
  return ok({ facts, lists, stateKey: { key: key.value, envelope } });
}

async function readParts(
  cids: readonly ContentId[],
  store: BlockStore,
  key: Uint8Array,
  onPart: (done: number, all: number) => void,
): Promise<Result<Uint8Array[]>> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (let at = 0; at < cids.length; at += REPLICATION_LIMITS.parallelBlocks) {
    const read = await Promise.all(cids.slice(at, at + REPLICATION_LIMITS.parallelBlocks).map((cid) => store.get(cid)));
    for (const sealed of read) {
      const part = sealed.ok ? openPart(sealed.value, PART, key) : sealed;
      if (!part.ok) return part;
      bytes += part.value.length;
      if (bytes > REPLICATION_LIMITS.stateBytes * 2) return fail("oversized", "peer", "the state has more bytes than are kept in replicas");
      parts.push(part.value);
    }
    onPart(parts.length, cids.length);
  }
  return ok(parts);
}

interface Index {
  readonly envelope: Uint8Array;
  readonly contents: Uint8Array;
  readonly parts: readonly ContentId[];
}

async function readIndex(cid: ContentId, store: BlockStore): Promise<Result<Index>> {
  const bytes = await store.get(cid);
  if (!bytes.ok) return bytes;
  const node = decodeNode(bytes.value);
  const value = node.ok ? (node.value as NodeMap | null) : undefined;
  const { format, formatVersion, envelope, contents, parts } = value ?? {};
  const isState = format === FORMAT && envelope instanceof Uint8Array && contents instanceof Uint8Array && Array.isArray(parts);
  if (!isState || !(parts as unknown[]).every((part) => part instanceof Link))
    return fail("malformed", "peer", `block ${cid} is no index of a world's state`);
  if (formatVersion !== FORMAT_VERSION)
    return fail("unsupported-version", "peer", `the state has format ${String(formatVersion)}, which this version does not read`);
  return ok({ envelope, contents, parts: (parts as Link[]).map((link) => link.cid) });
}

function readContents(sealed: Uint8Array, key: Uint8Array): Result<Contents> {
  const plain = openPart(sealed, CONTENTS, key);
  if (!plain.ok) return plain;
  const value = decodePlain(plain.value, OWN_PLAIN_LIMITS);
  return value.ok ? check(contentsSchema, value.value, "the state's contents") : value;
}

function orderOf(cids: readonly ContentId[]): Uint8Array {
  const hash = createHash("sha256");
  for (const cid of cids) hash.update(`${cid}\n`);
  return new Uint8Array(hash.digest());
}
