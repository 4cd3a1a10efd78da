// What an heir's data folder holds of the world that it goes on with: the head it goes on from, and beside it all that this head names, the
// sealed state included, which the heir carries on and cannot open. Law: of that world an heir has the land and what was built; whoever was
// there, and whatever they had, stays sealed for the world itself.
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  check,
  decodeBase64url,
  encodeBase64url,
  FaultError,
  fault,
  struct,
  text,
  uint,
  type WorldId,
  worldIdSchema,
} from "@sojourn/protocol";
import { fileStore } from "@sojourn/runtime/node";
import {
  type Archive,
  epochOf,
  type GenuineHead,
  type Heartbeat,
  heirEpoch,
  openHead,
  openSuccession,
  type Replica,
  readHeartbeat,
  type SeenHeir,
} from "@sojourn/substrate";
import { folderReplica } from "@sojourn/substrate/node";
import { HEIR_LIMITS } from "../limits.ts";
import { readFileText } from "../replication/files.ts";
import { judge } from "../replication/newest-head.ts";

const RESUMED_FILE = "resumed.json";
const INHERITED_FOLDER = "inherited";

/** Plain, so that it can be handed to a thread. */
export interface Inherited {
  /** The world that is gone on with, by the statement that names this one. */
  readonly world: WorldId;
  readonly statement: Uint8Array;
  readonly head: Uint8Array;
  readonly heartbeat: string;
  /** The epoch in which this heir writes heads of that world. */
  readonly epoch: number;
  readonly resumed: SeenHeir & { readonly heir: WorldId };
  /** The version as the world left it, and what of it others may keep. */
  readonly root: string;
  readonly archive: Archive;
}

export interface ResumedFile {
  readonly world: WorldId;
  readonly head: Uint8Array;
  readonly statement: Uint8Array;
  readonly sinceMs: number;
}

const schema = struct({
  about: text(256),
  world: worldIdSchema,
  head: text(HEIR_LIMITS.headChars),
  statement: text(HEIR_LIMITS.statementChars),
  sinceMs: uint(),
});

/** Where what was inherited lies in a data folder: a replica like any other. */
export function inheritedReplica(dataFolder: string): Replica {
  return folderReplica(join(dataFolder, INHERITED_FOLDER), { name: "what was inherited" });
}

export async function keepResumed(dataFolder: string, { world, head, statement, sinceMs }: ResumedFile): Promise<void> {
  const about = "the world that this one goes on with, from which head, and by which statement (sojourn resume)";
  const kept = { about, world, head: encodeBase64url(head), statement: encodeBase64url(statement), sinceMs };
  await fileStore(dataFolder).set(RESUMED_FILE, new TextEncoder().encode(`${JSON.stringify(kept, undefined, 2)}\n`));
}

/** Whether the world in this folder goes on with another one's land. */
export function isResumed(dataFolder: string): boolean {
  return existsSync(join(dataFolder, RESUMED_FILE));
}

/** Undefined for a world that is nobody's heir. Throws a FaultError when the file is damaged. */
export async function readResumed(dataFolder: string): Promise<ResumedFile | undefined> {
  const path = join(dataFolder, RESUMED_FILE);
  const source = await readFileText(path);
  if (source === undefined) return undefined;
  const kept = check(schema, parsed(source), RESUMED_FILE);
  const [head, statement] = kept.ok ? [kept.value.head, kept.value.statement].map(decodeBase64url) : [];
  if (!kept.ok || head === undefined || statement === undefined) throw damaged(path, kept.ok ? "it holds no head" : kept.fault.detail);
  return { world: kept.value.world, head, statement, sinceMs: kept.value.sinceMs };
}

/** What the world in this folder, called `heir`, goes on with; undefined: nothing. Throws a FaultError that says what is damaged or missing. */
export async function readInherited(dataFolder: string, heir: WorldId): Promise<Inherited | undefined> {
  const file = await readResumed(dataFolder);
  if (file === undefined) return undefined;
  const path = join(dataFolder, RESUMED_FILE);
  const { world, statement, sinceMs } = file;
  const last = openHead(world, file.head, judge);
  const opened = openSuccession(world, statement, judge);
  const rank = opened.ok ? opened.value.heirs.findIndex((one) => one.world === heir) : -1;
  if (!last.ok || !opened.ok) throw damaged(path, last.ok ? (opened.ok ? "" : opened.fault.detail) : last.fault.detail);
  const named = opened.value.heirs[rank];
  if (named === undefined) throw damaged(path, `its statement does not name ${heir}`);
  const heartbeat = await heartbeatOf(dataFolder, last.value);
  return {
    ...{ world, statement, head: file.head, heartbeat: last.value.head.heartbeat },
    epoch: heirEpoch(epochOf(last.value.head), rank),
    resumed: { heir, fromSequence: last.value.head.sequence, sinceMs, afterMs: named.afterMs },
    root: heartbeat.version ?? "",
    archive: heartbeat.archive,
  };
}

async function heartbeatOf(dataFolder: string, { head }: GenuineHead): Promise<Heartbeat> {
  const read = await readHeartbeat(head.heartbeat, inheritedReplica(dataFolder).blocks);
  if (read.ok) return read.value;
  const folder = join(dataFolder, INHERITED_FOLDER);
  throw new FaultError(
    fault("store-failed", "world", `${folder} lacks what was inherited (${read.fault.detail}); put it back from a backup or a replica`),
  );
}

function damaged(path: string, why: string): FaultError {
  return new FaultError(fault("store-failed", "world", `${path} is damaged (${why}); put it back from a backup`));
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}
