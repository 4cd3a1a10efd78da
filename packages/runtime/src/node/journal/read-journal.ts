// A journal for who reads alone, also while a world writes it: what is read is checked as when it is opened, and nothing is changed.
import { type JournalEntry, JournalFailure, type JournalReader } from "../../journal.ts";
import { JOURNAL_LIMITS } from "../../limits.ts";
import { type Log, silentLog } from "../../log.ts";
import { type Disk, nodeDisk } from "../disk.ts";
import { failure, readEntries } from "./file-journal.ts";
import { type Beginning, type Found, findJournal } from "./find.ts";

export interface ReadJournalOptions {
  readonly disk?: Disk;
  readonly log?: Log;
  /** Default "first": every record there is, and a checkpoint only when the first ones were dropped. */
  readonly beginning?: Beginning;
}

/** Throws a {@link JournalFailure} when there is none, or something in it is damaged or missing. */
export function readJournal(folder: string, options: ReadJournalOptions = {}): JournalReader {
  const disk = options.disk ?? nodeDisk;
  if (!disk.exists(folder)) throw new JournalFailure(`there is no journal at ${folder}`);
  const { beginning = "first", log = silentLog } = options;
  const found = atRest(folder, () => findJournal(disk, folder, { beginning, log, isLive: true }));
  let isOpen = true;
  return {
    checkpoint: found.base,
    lastSeq: found.end.seq,
    read(fromSeq = (found.base?.seq ?? 0) + 1): Iterable<JournalEntry> {
      if (!isOpen) throw new JournalFailure("the journal is closed");
      return readEntries(disk, found.segments, fromSeq);
    },
    close() {
      isOpen = false;
    },
  };
}

/** A segment may begin, end or go between two looks of a reader; what is wrong every time is wrong. */
export function atRest(folder: string, find: () => Found): Found {
  for (let attempt = 1; ; attempt++) {
    try {
      return find();
    } catch (error) {
      if (attempt === JOURNAL_LIMITS.readAttempts) throw failure(`the journal ${folder} cannot be read`, error);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, JOURNAL_LIMITS.readAgainMs);
    }
  }
}
