// What a world keeps for a traveller, read from its journal alone: nothing the world or the traveller says is believed.
import { join } from "node:path";
import {
  type Custody,
  decodeRecord,
  emptyCustody,
  lockerOf,
  replayRecord,
  type TravellerId,
  valueOf,
  type WorldId,
} from "@sojourn/protocol";
import { readJournal } from "@sojourn/runtime/node";

const JOURNAL_FOLDER = "journal";

export function custodyIn(dataFolder: string, world: WorldId): Custody {
  const journal = readJournal(join(dataFolder, JOURNAL_FOLDER));
  try {
    const custody = emptyCustody(world);
    for (const { seq, bytes } of journal.read()) replayRecord(custody, seq, valueOf(decodeRecord(bytes)));
    return custody;
  } finally {
    journal.close();
  }
}

/** The kinds of what customs kept back for this traveller. */
export function lockerKinds(dataFolder: string, world: WorldId, traveller: TravellerId): string[] {
  return lockerOf(custodyIn(dataFolder, world), traveller).map(({ kind }) => kind);
}
