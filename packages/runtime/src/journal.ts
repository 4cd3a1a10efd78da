// The ordered durable record of an authority. `append` returns when the records are durable, or it throws and the process must end
// before any message leaves it: after a failed fsync nobody knows what the disk holds (persist, then act).
import { JOURNAL_LIMITS } from "./limits.ts";

export interface JournalEntry {
  /** 1 for the first record, then +1. */
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** What somebody made of all records up to `seq`, in parts of their own making. */
export interface JournalCheckpoint {
  readonly seq: number;
  readonly parts: readonly Uint8Array[];
}

/** What an auditor needs: reading alone. */
export interface JournalReader {
  /** Stands for the records up to its own; undefined: there is every record. */
  readonly checkpoint: JournalCheckpoint | undefined;
  /** Entries in order from `fromSeq` (default: the first after the checkpoint). */
  read(fromSeq?: number): Iterable<JournalEntry>;
  /** The newest sequence number, 0 when empty. */
  readonly lastSeq: number;
  close(): void;
}

export interface Journal extends JournalReader {
  /** The incarnation that writes: one more with every opening. Of two that are open, only the newer's commits succeed. */
  readonly epoch: number;
  /** Appends all records or none, in order, as one commit. Nothing to append is nothing to do. Throws {@link JournalFailure}. */
  append(records: readonly Uint8Array[]): void;
  /** Whether more may be begun. False: the disk is full, and what is left is for what is under way. It may be true again later. */
  hasRoom(): boolean;
}

/** The journal cannot be trusted any more (altered, torn, not writable, held by another process). */
export class JournalFailure extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "JournalFailure";
  }
}

/** Something is wrong with the journal's files themselves: altered, torn where no crash tears, or a part of them is missing. */
export class JournalDamage extends JournalFailure {}

/** Bounds are the caller's promise; a record past them is a bug, not a fault. */
export function checkRecords(records: readonly Uint8Array[]): void {
  if (records.length > JOURNAL_LIMITS.recordsPerAppend) throw new Error(`${records.length} records in one commit`);
  let bytes = 0;
  for (const record of records) {
    bytes += record.length;
    if (record.length === 0 || record.length > JOURNAL_LIMITS.recordBytes) throw new Error(`a journal record of ${record.length} bytes`);
  }
  if (bytes > JOURNAL_LIMITS.appendBytes) throw new Error(`${bytes} bytes in one commit`);
}

/** A journal that is as durable as the process: for tests and for worlds that may forget. */
export function memoryJournal(kept: Uint8Array[] = [], epoch = 1): Journal {
  let open = true;
  const mustBeOpen = (): void => {
    if (!open) throw new JournalFailure("the journal is closed");
  };
  return {
    epoch,
    checkpoint: undefined,
    hasRoom: () => open,
    append(records) {
      mustBeOpen();
      checkRecords(records);
      kept.push(...records.map((record) => record.slice()));
    },
    *read(fromSeq = 1) {
      mustBeOpen();
      for (let seq = Math.max(1, fromSeq); seq <= kept.length; seq++) yield { seq, bytes: (kept[seq - 1] as Uint8Array).slice() };
    },
    get lastSeq() {
      return kept.length;
    },
    close() {
      open = false;
    },
  };
}
