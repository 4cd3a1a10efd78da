// The custody of a world that is closed, held under its lock so that nobody opens it meanwhile.
import { JournalFailure, systemClock } from "@sojourn/runtime";
import { worldKeys } from "../authority/identity.ts";
import { insistOnMemory } from "../kernel/amnesia.ts";
import { Ledger, openJournal } from "../kernel/ledger.ts";

/** The caller closes it. Undefined when a running world holds the journal. Throws a JournalFailure. */
export async function closedLedger(dataFolder: string): Promise<Ledger | undefined> {
  const { world } = await worldKeys(dataFolder);
  await insistOnMemory(dataFolder);
  try {
    return new Ledger(openJournal(dataFolder), world, systemClock.now);
  } catch (problem) {
    if (problem instanceof JournalFailure && /another process holds/.test(problem.message)) return undefined;
    throw problem;
  }
}
