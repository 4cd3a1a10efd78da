// A heartbeat's node: what a head names. It holds together, by links, the public version, the sealed state, and the sealed ends of the
// journal that came after the state. Strict, and without anything that changes when it is signed again.
import { type ContentId, DID_KEY_PATTERN, fail, type Result, type WorldId } from "@sojourn/protocol";
import { nodeBlock } from "../blocks/block.ts";
import { decodeNode, Link, type NodeMap } from "../blocks/node-codec.ts";
import { HEADS } from "../limits.ts";
import type { Block, BlockStore } from "../stores/port.ts";
import { badShape, Fields, readShape } from "../versions/fields.ts";

/** What a world lets others keep of it: nothing; the land as its author made it; that and what was built; all of the version. */
export const ARCHIVE_POLICIES = ["none", "terrain", "builds", "all"] as const;
export type ArchivePolicy = (typeof ARCHIVE_POLICIES)[number];

export interface Archive {
  readonly policy: ArchivePolicy;
  /** How much older than the world the public version is kept, milliseconds. */
  readonly delayMs: number;
}

export interface Heartbeat {
  readonly world: WorldId;
  /** The writer's epoch: the head that names this node is of the same one. */
  readonly epoch: number;
  /** The journal records that the state holds, and those that state and tail hold together. Both count from the journal's first. */
  readonly stateSeq: number;
  readonly journalSeq: number;
  readonly tick: number;
  readonly timeMs: number;
  /** The public version's root; null when the archive policy is `none`. */
  readonly version: ContentId | null;
  /** The sealed state's index: a node whose links are everything that belongs to it. */
  readonly state: ContentId | null;
  /** The newest sealed end of the journal after the state, which names the one before it. */
  readonly tail: ContentId | null;
  /** The last heartbeat of the state before this one; null for the first. History: a replica may have let go of it. */
  readonly before: ContentId | null;
  readonly archive: Archive;
  /** An heir's: on what all of this goes on, and since when. */
  readonly resumed?: Resumed;
}

/** The head of the world that an heir goes on from: the last by its own key, or by an heir before. */
export interface Resumed {
  readonly head: Uint8Array;
  /** The heartbeat that it names. A link, so that it stays with all that the world sealed, which the heir carries and cannot open. */
  readonly heartbeat: ContentId;
  /** When the heir began, by its own clock, milliseconds since 1970. */
  readonly sinceMs: number;
}

/** Journal records `fromSeq` to `toSeq`, both included, sealed in one block or in a node that links to several. */
export interface TailLink {
  readonly before: ContentId | null;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly sealed: ContentId;
}

const HEARTBEAT_FORMAT = "sojourn-heartbeat";
const TAIL_FORMAT = "sojourn-tail";
const FORMAT_VERSION = 1;

/** Fault `oversized` cannot happen: every field is bounded. A heartbeat that contradicts itself is a bug and throws. */
export async function heartbeatBlock(heartbeat: Heartbeat): Promise<Block> {
  return await written(nodeOfHeartbeat(heartbeat), "a heartbeat", readHeartbeatNode);
}

export async function tailBlock(tail: TailLink): Promise<Block> {
  const { before, fromSeq, toSeq, sealed } = tail;
  const node = { format: TAIL_FORMAT, formatVersion: FORMAT_VERSION, before: linkOrNull(before), fromSeq, toSeq, sealed: new Link(sealed) };
  return await written(node, "a link of the tail", readTailNode);
}

async function written(node: NodeMap, what: string, read: (bytes: Uint8Array) => Result<unknown>): Promise<Block> {
  const block = await nodeBlock(node, what);
  const again = block.ok ? read(block.value.bytes) : block;
  if (!block.ok || !again.ok) throw new TypeError(again.ok ? what : again.fault.detail);
  return block.value;
}

function nodeOfHeartbeat(heartbeat: Heartbeat): NodeMap {
  const { world, epoch, stateSeq, journalSeq, tick, timeMs, archive } = heartbeat;
  return {
    format: HEARTBEAT_FORMAT,
    formatVersion: FORMAT_VERSION,
    ...{ world, epoch, stateSeq, journalSeq, tick, timeMs },
    version: linkOrNull(heartbeat.version),
    state: linkOrNull(heartbeat.state),
    tail: linkOrNull(heartbeat.tail),
    before: linkOrNull(heartbeat.before),
    archive: { policy: archive.policy, delayMs: archive.delayMs },
    ...(heartbeat.resumed === undefined ? {} : { resumed: { ...heartbeat.resumed, heartbeat: new Link(heartbeat.resumed.heartbeat) } }),
  };
}

function linkOrNull(cid: ContentId | null): Link | null {
  return cid === null ? null : new Link(cid);
}

/** Fault `bad-block`, naming the field. */
export function readHeartbeatNode(bytes: Uint8Array): Result<Heartbeat> {
  return readNode(bytes, "the heartbeat", HEARTBEAT_FORMAT, (fields) => {
    const world = fields.text("world", 64);
    if (!DID_KEY_PATTERN.test(world)) badShape("heartbeat.world must be a world id");
    const count = (key: string): number => fields.int(key, 0, Number.MAX_SAFE_INTEGER);
    const archive = fields.map("archive");
    const heartbeat: Heartbeat = {
      world,
      epoch: fields.int("epoch", 0, HEADS.epochs),
      stateSeq: count("stateSeq"),
      journalSeq: count("journalSeq"),
      tick: count("tick"),
      timeMs: fields.int("timeMs", 0, HEADS.latestMs),
      version: readLink(fields, "version"),
      state: readLink(fields, "state"),
      tail: readLink(fields, "tail"),
      before: readLink(fields, "before"),
      archive: { policy: archive.one("policy", ARCHIVE_POLICIES), delayMs: archive.int("delayMs", 0, HEADS.archiveDelayMs) },
      ...fields.optional("resumed", (of, key) => readResumed(of.map(key))),
    };
    archive.end();
    if (heartbeat.archive.policy === "none" && heartbeat.version !== null) badShape("heartbeat.version is null where the policy is none");
    if (heartbeat.tail === null ? heartbeat.journalSeq !== heartbeat.stateSeq : heartbeat.journalSeq <= heartbeat.stateSeq) {
      badShape("heartbeat.journalSeq is beyond stateSeq by what the tail holds");
    }
    if (heartbeat.state === null && heartbeat.tail !== null) badShape("heartbeat.tail follows a state");
    return heartbeat;
  });
}

function readResumed(fields: Fields): Resumed {
  const resumed = {
    head: fields.bytes("head", HEADS.recordBytes),
    heartbeat: fields.link("heartbeat"),
    sinceMs: fields.int("sinceMs", 0, HEADS.latestMs),
  };
  fields.end();
  return resumed;
}

/** Fault `bad-block`, naming the field. */
export function readTailNode(bytes: Uint8Array): Result<TailLink> {
  return readNode(bytes, "the link of the tail", TAIL_FORMAT, (fields) => {
    const fromSeq = fields.int("fromSeq", 0, Number.MAX_SAFE_INTEGER);
    return {
      before: readLink(fields, "before"),
      fromSeq,
      toSeq: fields.int("toSeq", fromSeq, Number.MAX_SAFE_INTEGER),
      sealed: fields.link("sealed"),
    };
  });
}

function readNode<T>(bytes: Uint8Array, what: string, format: string, read: (fields: Fields) => T): Result<T> {
  const node = decodeNode(bytes);
  if (!node.ok) return fail("bad-block", "world", `${what}: ${node.fault.detail}`);
  return readShape(what, () => {
    const fields = new Fields(node.value, "node");
    fields.one("format", [format]);
    fields.int("formatVersion", FORMAT_VERSION, FORMAT_VERSION);
    const value = read(fields);
    fields.end();
    return value;
  });
}

function readLink(fields: Fields, key: string): ContentId | null {
  return fields.raw(key) === null ? null : fields.link(key);
}

/** A heartbeat from a store. Faults: the store's, `bad-block`. */
export async function readHeartbeat(cid: ContentId, store: BlockStore): Promise<Result<Heartbeat>> {
  const bytes = await store.get(cid);
  return bytes.ok ? readHeartbeatNode(bytes.value) : bytes;
}

/**
 * The links of a heartbeat's tail, oldest first. Faults: the store's, `bad-block` when they do not follow on the state and each other
 * up to `journalSeq`, or are more than `HEADS.tailLinks`.
 */
export async function readTail(heartbeat: Heartbeat, store: BlockStore): Promise<Result<readonly TailLink[]>> {
  const links: TailLink[] = [];
  let expected = heartbeat.journalSeq;
  for (let next = heartbeat.tail; next !== null; next = (links.at(-1) as TailLink).before) {
    if (links.length === HEADS.tailLinks) return fail("bad-block", "world", `the tail has more than ${HEADS.tailLinks} links`);
    const bytes = await store.get(next);
    if (!bytes.ok) return bytes;
    const link = readTailNode(bytes.value);
    if (!link.ok) return link;
    if (link.value.toSeq !== expected)
      return fail("bad-block", "world", `link ${next} of the tail ends at record ${link.value.toSeq}, not ${expected}`);
    links.push(link.value);
    expected = link.value.fromSeq - 1;
  }
  if (expected !== heartbeat.stateSeq) return fail("bad-block", "world", "the tail does not begin where the state ends");
  return { ok: true, value: links.reverse() };
}
