// Going on with a silent world as its heir: the newest head of it that a replica has, judged; all that this head names, brought here; and a
// world of the heir's own key, whose land begins as the silent one's ended. Law: too early, unnamed or withdrawn nothing is made; nobody and
// nothing of the silent world's custody is taken over, for only its own key opens that.
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { nodeNotary } from "@sojourn/passport/node";
import { type ContentId, FaultError, fail, fault, type Result, type WorldId } from "@sojourn/protocol";
import { fileStore } from "@sojourn/runtime/node";
import { copyWorld, type FoundHead, newerStatement, openSuccession, type Replica, type Succession } from "@sojourn/substrate";
import { IDENTITY_FILE, readSecret, secretText } from "../authority/identity.ts";
import { JOURNAL_FOLDER } from "../kernel/ledger.ts";
import { HEIR_LIMITS, MESH_LIMITS } from "../limits.ts";
import { flushFolder } from "../replication/flush-folder.ts";
import { judge } from "../replication/newest-head.ts";
import { openReplica, type ReplicaPlace } from "../replication/replica-place.ts";
import { inheritedReplica, keepResumed } from "./inherited.ts";

export interface ResumeFrom {
  /** The world that fell silent. */
  readonly world: WorldId;
  readonly from: ReplicaPlace;
  /** The heir's key, as world.key holds one; of no world that ever opened. */
  readonly keyFile: string;
  /** Made; nothing is overwritten. */
  readonly dataFolder: string;
  /** A statement of heirs by the world's identity key that no head carried yet. */
  readonly statement?: Uint8Array;
  readonly nowMs?: number;
  readonly onProgress?: (progress: { readonly blocks: number; readonly bytes: number }) => void;
}

export interface ResumedWorld {
  readonly world: WorldId;
  readonly heir: WorldId;
  readonly statementVersion: number;
  /** How many the statement names before this heir: they count before it. */
  readonly rank: number;
  /** The world's last moment that is known, by its own clock, and the silence it asked for. */
  readonly lastMs: number;
  readonly afterMs: number;
  readonly sinceMs: number;
  readonly root: ContentId;
  /** Brought here: of the land, and with what stays sealed. */
  readonly blocks: number;
  readonly bytes: number;
}

/**
 * Throws a FaultError: `too-fast` when the silence is not over (`retryAfterMs` says how much of it is left, up to a day), `not-allowed` when the
 * statement does not name this key, `refused` when folder or key were used before, `missing-block` when there is nothing to go on with,
 * `no-such-target`, `forged`, `forked`, and the replica's.
 */
export async function resumeWorld(options: ResumeFrom): Promise<ResumedWorld> {
  const folder = resolve(options.dataFolder);
  if (existsSync(folder)) throw refused(`${folder} is there already, and nothing is overwritten; name a folder that is not there`);
  const secret = await heirsKey(options.keyFile);
  const replica = await openReplica(options.from, false);
  if (!replica.ok) throw new FaultError(replica.fault);
  const fresh = `${folder}.resuming`;
  await rm(fresh, { recursive: true, force: true });
  try {
    await mkdir(dirname(fresh), { recursive: true });
    await mkdir(fresh, { mode: 0o700 });
    const made = await makeFolder(fresh, secret, replica.value, options);
    if (!made.ok) throw new FaultError(made.fault);
    await flushFolder(fresh);
    await rename(fresh, folder);
    return made.value;
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await replica.value.close();
  }
}

/** Two worlds of one key would be two of the same: whoever is in one could be in the other. */
async function heirsKey(keyFile: string): Promise<Uint8Array> {
  const path = resolve(keyFile);
  const secret = await readSecret(path);
  if (secret === undefined)
    throw new FaultError(fault("no-such-target", "client", `there is no file ${keyFile} with a key; sojourn heirs key makes one`));
  if (!existsSync(join(dirname(path), JOURNAL_FOLDER))) return secret;
  throw refused(
    `${path} is the key of a world that has opened; an heir needs a key of its own, or there are two worlds of one key: sojourn heirs key`,
  );
}

async function makeFolder(fresh: string, secret: Uint8Array, replica: Replica, options: ResumeFrom): Promise<Result<ResumedWorld>> {
  const { world, nowMs = Date.now(), onProgress } = options;
  const heir = nodeNotary(secret).world;
  const used = await replica.heads.read(heir);
  if (used.ok && used.value !== undefined) {
    const detail = `a world of this key has opened before, and ${replica.name} keeps it: bring that back, with sojourn restore`;
    return fail("refused", "client", detail);
  }
  let [blocks, bytes] = [0, 0];
  const admit = async (more: number): Promise<boolean> => {
    [blocks, bytes] = [blocks + 1, bytes + more];
    onProgress?.({ blocks, bytes });
    return bytes <= HEIR_LIMITS.inheritedBytes;
  };
  const inherited = inheritedReplica(fresh);
  const copied = await copyWorld({ world, from: replica, to: inherited, judge, nowMs, admit, ahead: MESH_LIMITS.blocksAhead });
  if (!copied.ok) return copied;
  const { found } = copied.value;
  if (found === undefined)
    return fail("missing-block", "client", `${replica.name} holds no head of ${world}: no heartbeat of this world came there`);
  const statement = newerStatement(found.head.succession, options.statement, world, judge);
  const opened = statement === undefined ? undefined : openSuccession(world, statement, judge);
  if (statement === undefined || opened?.ok !== true) {
    return fail(
      "not-allowed",
      "client",
      `${world} names no heirs, as far as ${replica.name} shows: nobody may go on with it; visit shows it, as it was`,
    );
  }
  const may = mayResume(opened.value, heir, found, nowMs);
  if (!may.ok) return may;
  const root = found.heartbeat.version;
  if (root === null)
    return fail("missing-block", "client", "this world lets nobody keep its land (archive policy none): there is nothing to go on with");
  await keepResumed(fresh, { world, head: found.bytes, statement, sinceMs: nowMs });
  await fileStore(fresh).set(IDENTITY_FILE, new TextEncoder().encode(secretText(secret)));
  const facts = { world, heir, statementVersion: opened.value.version, ...may.value, sinceMs: nowMs, root, blocks, bytes };
  return { ok: true, value: facts };
}

function mayResume(
  { heirs, version }: Succession,
  heir: WorldId,
  { heartbeat, claim }: FoundHead,
  nowMs: number,
): Result<Pick<ResumedWorld, "rank" | "lastMs" | "afterMs">> {
  const rank = heirs.findIndex((one) => one.world === heir);
  const named = heirs[rank];
  if (named === undefined) {
    const others = heirs.length === 0 ? "it has withdrawn all heirs" : `it names ${heirs.map((one) => one.world).join(", ")}`;
    return fail("not-allowed", "client", `statement ${version} of the world does not name ${heir}: ${others}`);
  }
  if (claim?.heir.world === heir)
    return fail("refused", "client", "this key goes on with that world already; bring its own world back with sojourn restore");
  const { afterMs } = named;
  const fromMs = heartbeat.timeMs + afterMs;
  if (nowMs >= fromMs) return { ok: true, value: { rank, lastMs: heartbeat.timeMs, afterMs } };
  const [last, from] = [heartbeat.timeMs, fromMs].map((ms) => new Date(ms).toISOString());
  const detail = `it is too early: the world was last heard at ${last}, and this heir may go on with it from ${from}`;
  return fail("too-fast", "client", detail, Math.min(86_400_000, fromMs - nowMs));
}

function refused(detail: string): FaultError {
  return new FaultError(fault("refused", "client", detail));
}
