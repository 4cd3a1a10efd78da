// A world out of one replica, in a folder that was not there: the newest head, its sealed state, the journal's end, the blocks of the version.
// Law: the folder has its name when all is in it and durable; and a world that was not closed in good order opens as one that has forgotten,
// since nobody can know what the lost seconds held.
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type ContentId, decodePlain, fail, OWN_PLAIN_LIMITS, ok, type Result, type WorldId } from "@sojourn/protocol";
import { JournalFailure } from "@sojourn/runtime";
import { fileStore, plantJournal } from "@sojourn/runtime/node";
import { type BlockStore, fetchVersion, memoryStore, type Replica, verifyBlock } from "@sojourn/substrate";
import { directoryStore } from "@sojourn/substrate/node";
import { BLOCKS_FOLDER } from "../authority/ground-truth.ts";
import { IDENTITY_FILE, secretText } from "../authority/identity.ts";
import { markAmnesia } from "../kernel/amnesia.ts";
import { partsOf, type Replay, replay } from "../kernel/checkpoints.ts";
import { JOURNAL_FOLDER } from "../kernel/ledger.ts";
import { REPLICATION_LIMITS } from "../limits.ts";
import { BLOCKS, FILES } from "./export-state.ts";
import { STATE_FILES } from "./files.ts";
import { flushFolder } from "./flush-folder.ts";
import { type FoundHead, type LastOwn, lastOwnHead } from "./newest-head.ts";
import { type OpenEnvelope, type OpenedState, openState } from "./sealed-state.ts";
import { type RowList, replayOf, rowsOf, stateHash } from "./state-rows.ts";
import { openTail } from "./tail.ts";

export interface RestoreProgress {
  readonly doing: "state" | "journal" | "blocks" | "writing";
  /** 0 to 1; undefined while nobody knows the whole. */
  readonly part: number | undefined;
  readonly blocks: number;
  readonly bytes: number;
}

export interface RestoreOptions {
  readonly replica: Replica;
  readonly world: WorldId;
  /** Opens the envelope of the state key: with the identity key, or because one has it. */
  readonly open: OpenEnvelope;
  /** Made; must not be there, or be empty. */
  readonly dataFolder: string;
  /** Put into the folder when it lay in the one that was lost. */
  readonly identity?: Uint8Array;
  /** For a trial that is thrown away: nothing is synced, and the version's blocks are read by this and not kept. */
  readonly trial?: { readVersion(root: ContentId, from: BlockStore): Promise<Result<RestoredBlocks>> };
  readonly onProgress?: (progress: RestoreProgress) => void;
}

export interface RestoredBlocks {
  readonly blocks: number;
  readonly bytes: number;
}

export interface Restored extends RestoredBlocks {
  readonly world: WorldId;
  readonly from: string;
  readonly heartbeat: ContentId;
  /** When the heartbeat that was found was written, by the world's clock. */
  readonly heartbeatMs: number;
  readonly epoch: number;
  /** Records in the sealed state, and those with the journal's end: the last one restored. */
  readonly stateSeq: number;
  readonly seq: number;
  /** When the last restored record was written. */
  readonly recordMs: number;
  /** {@link stateHash} after the last record. */
  readonly stateHash: string;
  readonly substrate: ContentId | undefined;
  readonly travellers: number;
  readonly items: number;
  readonly builds: number;
  /** Who went on with the world meanwhile. Restored, it begins above that. */
  readonly heir?: WorldId;
  /** The world was closed in good order and nothing came after: nothing is lost. */
  readonly isAtRest: boolean;
  readonly tookMs: number;
}

/**
 * Faults: `refused` (the folder is there), `missing-block` (no head, or a block is missing), `forged`, `not-holder` (another world's key),
 * `malformed`, `out-of-order`, `oversized`, and the stores'.
 */
export async function restoreWorld(options: RestoreOptions): Promise<Result<Restored>> {
  const startedMs = performance.now();
  const folder = resolve(options.dataFolder);
  if (existsSync(folder))
    return fail("refused", "client", `${folder} is there already, and nothing is overwritten; name a folder that is not there`);
  const last = await lastOwnHead(options.replica, options.world);
  if (!last.ok) return last;
  const content = await contentOf(last.value.found, options);
  if (!content.ok) return content;
  const fresh = `${folder}.restoring`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(dirname(fresh), { recursive: true });
  await mkdir(fresh, { mode: 0o700 });
  const written = await writeWorld(fresh, last.value, content.value, options);
  if (!written.ok) {
    await rm(fresh, { recursive: true, force: true });
    return written;
  }
  if (options.trial === undefined) await flushFolder(fresh);
  await rename(fresh, folder);
  const { heir } = last.value;
  return ok({ ...written.value, ...(heir === undefined ? {} : { heir }), tookMs: performance.now() - startedMs });
}

interface Content {
  readonly state: OpenedState;
  readonly atState: Replay;
  readonly tail: readonly Uint8Array[];
}

async function contentOf({ heartbeat }: FoundHead, { replica, open, world, onProgress }: RestoreOptions): Promise<Result<Content>> {
  if (heartbeat.state === null) return fail("missing-block", "client", `the newest heartbeat at ${replica.name} carries no sealed state`);
  const metered = meter(replica.blocks);
  const tell = (doing: RestoreProgress["doing"], part?: number): void => onProgress?.({ doing, part, ...metered.read });
  const state = await openState(heartbeat.state, metered.store, open, (done, all) => tell("state", done / all));
  if (!state.ok) return state;
  const { facts, lists, stateKey } = state.value;
  if (facts.world !== world || facts.seq !== heartbeat.stateSeq)
    return fail("bad-block", "peer", "the sealed state is not the one that its heartbeat speaks of");
  const atState = replayOf(lists);
  if (!atState.ok) return atState;
  if (stateHash(rowsOf(atState.value)) !== facts.hash)
    return fail("forged", "peer", "the sealed state does not come to what it says of itself");
  tell("journal");
  const tail = await openTail(heartbeat, metered.store, stateKey.key);
  return tail.ok ? ok({ state: state.value, atState: atState.value, tail: tail.value }) : tail;
}

async function writeWorld(
  fresh: string,
  { found, epoch: newest }: LastOwn,
  { state, atState, tail }: Content,
  options: RestoreOptions,
): Promise<Result<Omit<Restored, "tookMs">>> {
  const { facts, lists } = state;
  const { replica, identity, trial } = options;
  const checkpoint = { seq: facts.seq, hash: facts.chain, epoch: facts.epoch, parts: partsOf(atState) };
  const files = await writeFiles(fresh, lists);
  if (!files.ok) return files;
  // Above every epoch that the lost world can have begun since.
  const epoch = Math.max(facts.epoch, found.heartbeat.epoch, newest) + REPLICATION_LIMITS.epochsAhead;
  plantJournal(join(fresh, JOURNAL_FOLDER), { epoch, checkpoint, records: tail });
  const custody = replayed(checkpoint, tail);
  if (!custody.ok) return custody;
  const blocks = await writeBlocks(fresh, found, custody.value, lists, options);
  if (!blocks.ok) return blocks;
  const isAtRest = facts.isAtRest && tail.length === 0;
  if (identity !== undefined && facts.isIdentityNear && trial === undefined)
    await fileStore(fresh).set(IDENTITY_FILE, new TextEncoder().encode(secretText(identity)));
  if (!isAtRest) await markAmnesia(fresh);
  const at = custody.value.custody;
  return ok({
    ...{
      world: at.world,
      from: replica.name,
      heartbeat: found.head.heartbeat,
      heartbeatMs: found.heartbeat.timeMs,
      epoch: found.heartbeat.epoch,
    },
    ...{ stateSeq: facts.seq, seq: at.seq, recordMs: at.clockHighWaterMs, stateHash: stateHash(rowsOf(custody.value)) },
    ...{ substrate: at.substrate, travellers: at.residents.size, items: at.items.size, builds: at.builds.size },
    ...{ ...blocks.value, isAtRest },
  });
}

/** The journal as it was planted, read once as an opening would. */
function replayed(
  checkpoint: { readonly seq: number; readonly parts: readonly Uint8Array[] },
  tail: readonly Uint8Array[],
): Result<Replay> {
  try {
    return ok(replay({ checkpoint, read: () => tail.map((bytes, i) => ({ seq: checkpoint.seq + 1 + i, bytes })) }));
  } catch (error) {
    if (error instanceof JournalFailure)
      return fail("malformed", "peer", `the journal's end cannot be put behind the state: ${error.message}`);
    throw error;
  }
}

async function writeFiles(fresh: string, lists: readonly RowList[]): Promise<Result<void>> {
  for (const row of rowsNamed(lists, FILES)) {
    const plain = decodePlain(row, { ...OWN_PLAIN_LIMITS, maxBytes: REPLICATION_LIMITS.rowBytes });
    const [name, bytes] = plain.ok ? (plain.value as [unknown, unknown]) : [];
    if (!STATE_FILES.includes(name as string) || !(bytes instanceof Uint8Array))
      return fail("malformed", "peer", "the state holds a file that no data folder has");
    await writeFile(join(fresh, name as string), bytes, { mode: 0o600 });
  }
  return ok(undefined);
}

/** The blocks of the version: from the replica, or, what the public must not have, out of the state. */
async function writeBlocks(
  fresh: string,
  { heartbeat }: FoundHead,
  { custody }: Replay,
  lists: readonly RowList[],
  options: RestoreOptions,
): Promise<Result<RestoredBlocks>> {
  let [blocks, bytes] = [0, 0];
  const { replica, trial } = options;
  const cache =
    trial === undefined ? directoryStore(join(fresh, BLOCKS_FOLDER), { durable: false, isVerified: true }) : memoryStore("a trial");
  for (const row of rowsNamed(lists, BLOCKS)) {
    const plain = decodePlain(row, { ...OWN_PLAIN_LIMITS, maxBytes: REPLICATION_LIMITS.rowBytes });
    const [cid, content] = plain.ok ? (plain.value as [ContentId, Uint8Array]) : [];
    const block = cid === undefined || content === undefined ? undefined : await verifyBlock(cid, content);
    if (block?.ok !== true) return block ?? fail("malformed", "peer", "the state holds something that is no block");
    const put = await cache.put(block.value);
    if (!put.ok) return put;
    blocks += 1;
    bytes += block.value.bytes.length;
  }
  const root = custody.substrate;
  if (root === undefined) return ok({ blocks, bytes });
  const source = blocks === 0 ? replica.blocks : cache;
  const read = await readVersion(root, source, cache, options);
  // What was sealed is a whole version. One that came after it is made again as below.
  if (!read.ok && read.fault.code === "missing-block" && source === cache) return ok({ blocks, bytes });
  // A version that came after the heartbeat is in the journal's end and not yet at the replica. The world makes it again when it opens, from its
  // map and the journal; what can be had of the one before it is had.
  const isLater = !read.ok && read.fault.code === "missing-block" && heartbeat.version !== null && heartbeat.version !== root;
  const taken = isLater ? await readVersion(heartbeat.version as ContentId, source, cache, options) : read;
  return taken.ok ? ok({ blocks: blocks + taken.value.blocks, bytes: bytes + taken.value.bytes }) : taken;
}

async function readVersion(
  root: ContentId,
  source: BlockStore,
  cache: BlockStore,
  { trial, onProgress }: RestoreOptions,
): Promise<Result<RestoredBlocks>> {
  if (trial !== undefined) return await trial.readVersion(root, source);
  const fetched = await fetchVersion(root, {
    ...{ cache, sources: source === cache ? [memoryStore("the sealed state")] : [source], requestMs: REPLICATION_LIMITS.blockMs },
    onProgress: ({ bytesDone, bytesTotal, blocksDone }) =>
      onProgress?.({
        doing: "blocks",
        part: bytesTotal === undefined ? undefined : bytesDone / Math.max(1, bytesTotal),
        blocks: blocksDone,
        bytes: bytesDone,
      }),
  });
  return fetched.ok ? ok({ blocks: fetched.value.fetchedBlocks, bytes: fetched.value.fetchedBytes }) : fetched;
}

function rowsNamed(lists: readonly RowList[], name: string): readonly Uint8Array[] {
  return lists.find((list) => list.name === name)?.rows ?? [];
}

function meter(blocks: BlockStore): { readonly store: BlockStore; readonly read: { blocks: number; bytes: number } } {
  const read = { blocks: 0, bytes: 0 };
  const store: BlockStore = {
    name: blocks.name,
    has: (cid) => blocks.has(cid),
    put: (block) => blocks.put(block),
    async get(cid, options) {
      const got = await blocks.get(cid, options);
      if (got.ok) {
        read.blocks += 1;
        read.bytes += got.value.length;
      }
      return got;
    },
  };
  return { store, read };
}
