// Opening a world whose journal ends too early: from the newest checkpoint that is whole, as one that asks its peers what it has lost.
// Law: from before the journal is touched until it says itself that the world is asking, a file beside it says so.
import { join } from "node:path";
import { amnesiaRecord, type Custody, type WorldId } from "@sojourn/protocol";
import { type Journal, JournalDamage, JournalFailure, type Log } from "@sojourn/runtime";
import { beginAgain, fileStore, finishBeginning } from "@sojourn/runtime/node";
import { JOURNAL_FOLDER, type Ledger } from "./ledger.ts";

const MARK = "amnesia-begun";

/** What an operator can do about a journal that ends too early. */
export const BOTH_WAYS: string =
  "put the folder back from a backup that is complete; or, when there is none, open the world with --amnesia (amnesia: true): " +
  "it begins with the newest checkpoint that is whole and asks its peers what it has lost";

/** Whether this world was told to open like that and has not written it down yet. */
export async function hasBegunAmnesia(dataFolder: string): Promise<boolean> {
  return (await fileStore(dataFolder).get(MARK)) !== undefined;
}

/** Throws where nobody but the world itself may open what is left. */
export async function insistOnMemory(dataFolder: string): Promise<void> {
  if (await hasBegunAmnesia(dataFolder))
    throw new JournalFailure("this world has lost a part of its journal and has not asked its peers yet; open it first");
}

/** Opens the journal; when `isAmnesiac`, also what is left of one that is damaged. */
export async function openWhatIsLeft(open: () => Journal, dataFolder: string, isAmnesiac: boolean, log: Log): Promise<Journal> {
  const folder = join(dataFolder, JOURNAL_FOLDER);
  if (isAmnesiac) finishBeginning(folder);
  let journal: Journal;
  try {
    journal = open();
  } catch (error) {
    if (!(error instanceof JournalDamage)) throw error;
    if (!isAmnesiac) throw new JournalDamage(`${error.message}; ${BOTH_WAYS}`, error);
    await markAmnesia(dataFolder);
    log.warn("journal begins again", { because: error.message, ...beginAgain(folder, Date.now()) });
    return open();
  }
  if (isAmnesiac) await markAmnesia(dataFolder);
  return journal;
}

/** From now on this folder opens as a world that has lost the end of its journal, until it has written that down itself. */
export function markAmnesia(dataFolder: string): Promise<void> {
  return fileStore(dataFolder).set(MARK, new TextEncoder().encode("the journal lacks its end\n"));
}

/** Writes that this world has lost the end of its journal, unless it is asking already. */
export async function beginToAsk(ledger: Ledger, dataFolder: string, peers: readonly WorldId[]): Promise<void> {
  const { custody } = ledger;
  if (custody.memory.amnesia === undefined) {
    ledger.take(amnesiaRecord(custody, [...new Set([...peers, ...everMet(custody)])], ledger.wallMs));
    ledger.commit();
  }
  await fileStore(dataFolder).delete(MARK);
}

/** Everybody this world ever had to do with, as far as it knows. */
function* everMet(custody: Custody): Generator<WorldId> {
  const { came, went, fences } = custody.memory;
  for (const shelf of [came, went]) {
    yield* shelf.kept.keys();
    yield* shelf.below.keys();
  }
  yield* fences.keys();
  yield* custody.closedBelow.keys();
  yield* custody.openTo.keys();
  yield* custody.openFrom.keys();
  for (const { to } of custody.overridden.values()) yield to;
}
