// Counts from outside what worlds hold: reads their journals alone, replays each, and asks whether every traveller and every item is in
// exactly one place of exactly one world. It shares no state with a running world and may read while worlds write.
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { auditFederation, type ContentId, type CustodyRecord, type DoubleSpend, type FederationAudit } from "@sojourn/protocol";
import { JournalFailure } from "@sojourn/runtime";
import { readJournal } from "@sojourn/runtime/node";
import { type Replay, replay } from "./kernel/checkpoints.ts";
import { JOURNAL_FOLDER } from "./kernel/ledger.ts";
import { AUDIT_LIMITS } from "./limits.ts";

export interface AuditCounts {
  readonly worlds: number;
  readonly travellers: number;
  readonly items: number;
  /** Admissions, all worlds together, since they began. */
  readonly crossings: number;
  /** Departures that were given back. */
  readonly returned: number;
  /** Departures that no decision has resolved yet. */
  readonly unresolved: number;
  readonly travellersLost: number;
  readonly travellersDuplicated: number;
  readonly itemsLost: number;
  readonly itemsDuplicated: number;
  /** In two places by an operator's override, each with its evidence: sojourn transfers shows them. */
  readonly travellersOverridden: number;
  readonly itemsOverridden: number;
  /** What is wrong, by name, at most a few dozen; empty when all is well. */
  readonly wrong: readonly string[];
}

interface Replayed extends Replay {
  readonly records: readonly CustodyRecord[];
}

/**
 * Counts over these worlds' data folders. Throws a JournalFailure when a journal is missing, altered or impossible. Journals of running
 * worlds are read one after the other, so a crossing under way may look wrong for a moment: what looks wrong is read again.
 */
export async function audit(dataFolders: readonly string[]): Promise<AuditCounts> {
  // A folder named twice is one world, not two that hold the same things.
  const folders = [...new Set(dataFolders.map((folder) => (existsSync(folder) ? realpathSync(folder) : folder)))];
  for (let attempt = 1; ; attempt++) {
    const counts = countOnce(folders);
    if (counts.wrong.length === 0 || attempt === AUDIT_LIMITS.attempts) return counts;
    await sleep(AUDIT_LIMITS.againMs);
  }
}

function countOnce(dataFolders: readonly string[]): AuditCounts {
  const replayed = dataFolders.map((folder) => replayFolder(folder));
  const found = auditFederation(replayed.map(({ custody }) => custody));
  return {
    worlds: replayed.length,
    travellers: found.travellers,
    items: found.items,
    crossings: replayed.reduce((sum, one) => sum + one.crossings, 0),
    returned: replayed.reduce((sum, one) => sum + one.returned, 0),
    unresolved: found.unresolved,
    travellersLost: found.travellersLost.length,
    travellersDuplicated: found.travellersDuplicated.length,
    itemsLost: found.itemsLost,
    itemsDuplicated: found.itemsDuplicated.length,
    travellersOverridden: found.travellersOverridden.length,
    itemsOverridden: found.itemsOverridden.length,
    wrong: wrongNames(found),
  };
}

function wrongNames(found: FederationAudit): string[] {
  return [
    ...found.travellersLost.map((name) => `lost: ${name}`),
    ...found.travellersDuplicated.map((name) => `twice: ${name}`),
    ...(found.itemsLost > 0 ? found.itemsMissing.map((item) => `missing: ${item}`) : []),
    ...found.itemsDuplicated.map((item) => `twice: ${item}`),
  ].slice(0, AUDIT_LIMITS.named);
}

/** The version that the world of this data folder serves, or would serve; undefined before its first opening. Throws a JournalFailure. */
export function readServedVersion(dataFolder: string): ContentId | undefined {
  return replayFolder(dataFolder).custody.substrate;
}

/** Proofs of double spends that the world of this data folder keeps. Throws a JournalFailure as {@link audit} does. */
export function readProofs(dataFolder: string): DoubleSpend[] {
  return [...replayFolder(dataFolder).custody.doubleSpends.values()];
}

/** Custody and records (since the first one that is kept) of one data folder, read from its journal alone. */
export function replayFolder(dataFolder: string): Replayed {
  const reader = readJournal(join(dataFolder, JOURNAL_FOLDER));
  try {
    const records: CustodyRecord[] = [];
    return { ...replay(reader, undefined, (record) => records.push(record)), records };
  } catch (error) {
    throw error instanceof JournalFailure ? new JournalFailure(`${dataFolder}: ${error.message}`, error) : error;
  } finally {
    reader.close();
  }
}
