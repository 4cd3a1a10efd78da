// How the replicas of a world stand, from its data folder: what the world last wrote of them, and whether it is open.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { FaultError, fault, type WorldId } from "@sojourn/protocol";
import { JournalFailure } from "@sojourn/runtime";
import { holdLock, readJournal } from "@sojourn/runtime/node";
import type { Succession } from "@sojourn/substrate";
import { readWorldId } from "../authority/identity.ts";
import { readResumed } from "../heirs/inherited.ts";
import { readHeirs } from "../heirs/stated-heirs.ts";
import { JOURNAL_FOLDER } from "../kernel/ledger.ts";
import { readFileText } from "./files.ts";
import { STATUS_FILE } from "./keeper.ts";
import { replicaPlaces } from "./replica-place.ts";
import type { ReplicationStatus } from "./replica-status.ts";

export interface Replication {
  readonly world: WorldId;
  readonly isRunning: boolean;
  /** The last record in the journal. */
  readonly seq: number;
  /** Replicas that replicas.json names, whether or not a world has fed them. */
  readonly configured: readonly string[];
  /** Who may go on with the world; undefined: it never named anybody. */
  readonly heirs: Succession | undefined;
  /** The world that this one goes on with, as its heir. */
  readonly resumes: WorldId | undefined;
  /** Undefined: no world has kept replicas from this folder. */
  readonly status: ReplicationStatus | undefined;
}

/** Throws a FaultError when no world has opened there, and a JournalFailure when its journal cannot be read. */
export async function readReplication(dataFolder: string): Promise<Replication> {
  const world = await readWorldId(dataFolder);
  if (world === undefined) throw new FaultError(fault("no-such-target", "client", `no world has opened in ${dataFolder} yet`));
  const reader = readJournal(join(dataFolder, JOURNAL_FOLDER), { beginning: "newest" });
  const seq = reader.lastSeq;
  reader.close();
  const places = await replicaPlaces(dataFolder, []);
  const source = await readFileText(join(dataFolder, STATUS_FILE));
  return {
    ...{ world, seq, isRunning: isHeld(join(dataFolder, `${JOURNAL_FOLDER}.lock`)) },
    heirs: (await readHeirs(dataFolder, world))?.succession,
    resumes: (await readResumed(dataFolder))?.world,
    configured: places.map(({ replica }) => replica),
    status: source === undefined ? undefined : parsed(source),
  };
}

/** The world wrote it itself; a file cut short by a crash says nothing. */
function parsed(source: string): ReplicationStatus | undefined {
  try {
    return JSON.parse(source) as ReplicationStatus;
  } catch {
    return undefined;
  }
}

function isHeld(lock: string): boolean {
  if (!existsSync(lock)) return false;
  try {
    holdLock(lock).release();
    return false;
  } catch (error) {
    if (error instanceof JournalFailure) return true;
    throw error;
  }
}
