// Going back to an older version of a closed world: its content becomes the newest version, what was built since is gone from it, and what
// travellers carry and where they are stays as it is. Going forward again is going back to the later version.

import { join } from "node:path";
import { type ContentId, type Custody, fail, ok, type Result } from "@sojourn/protocol";
import { readLog, rollBack } from "@sojourn/substrate";
import { directoryStore } from "@sojourn/substrate/node";
import { BLOCKS_FOLDER } from "../authority/ground-truth.ts";
import { openAmended, openWhole } from "../authority/heartbeat.ts";
import type { Ledger } from "../kernel/ledger.ts";
import { closedLedger } from "./closed-ledger.ts";

export interface RolledBack {
  /** The new version. */
  readonly root: ContentId;
  /** The one that was served until now, its parent. */
  readonly parent: ContentId;
  /** Builds that are not in the world any more, and those that are again. */
  readonly gone: number;
  readonly back: number;
}

/** Faults: `busy` (the world runs), `malformed` (no version of this world's), and the store's. Throws a JournalFailure. */
export async function rollBackWorld(dataFolder: string, to: ContentId): Promise<Result<RolledBack>> {
  const ledger = await closedLedger(dataFolder);
  if (ledger === undefined) return fail("busy", "client", "this world is running; stop it first, so that nobody stands in what goes");
  try {
    return await inClosed(dataFolder, ledger, to);
  } finally {
    ledger.close();
  }
}

async function inClosed(dataFolder: string, ledger: Ledger, to: ContentId): Promise<Result<RolledBack>> {
  const from = ledger.custody.substrate;
  if (from === undefined) return fail("malformed", "client", "this world has no version yet; it makes one when it first opens");
  const store = directoryStore(join(dataFolder, BLOCKS_FOLDER));
  const log = await readLog(from, store);
  if (!log.ok) return log;
  if (!log.value.versions.some(({ root }) => root === to))
    return fail("malformed", "client", `${to} is no earlier version of this world (sojourn log lists them)`);
  const older = await openWhole(to, store);
  if (!older.ok) return older;
  const present = await openWhole(from, store, older.value);
  const tick = Math.max(older.value.version.tick, present.ok ? present.value.version.tick : 0);
  const made = await rollBack({ to, from, tick, timeMs: ledger.timeMs }, store);
  if (!made.ok) return made;
  const view = await openAmended(made.value, store);
  if (!view.ok) return view;
  const standing = new Set([...view.value.loadedChunks()].flatMap((chunk) => chunk.objects.map(({ id }) => id)));
  const { builds, without, back } = sorted(ledger.custody, standing);
  const gone = without.filter((id) => ledger.custody.builds.get(id)?.isGone !== true).length;
  ledger.write({ r: "version", root: made.value.root, builds, ...(without.length === 0 ? {} : { without }) });
  ledger.commit();
  return ok({ root: made.value.root, parent: from, gone, back });
}

/** Builds that a version holds already, by whether they stand in this one. What is in no version yet waits for the next heartbeat. */
function sorted(custody: Custody, standing: ReadonlySet<string>): { builds: string[]; without: string[]; back: number } {
  const exported = [...custody.builds.values()].filter(({ version }) => version !== undefined);
  const builds = exported.filter(({ id }) => standing.has(id));
  const without = exported.filter(({ id }) => !standing.has(id)).map(({ id }) => id);
  return { builds: builds.map(({ id }) => id), without, back: builds.filter(({ isGone }) => isGone === true).length };
}
