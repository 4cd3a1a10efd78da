// The ordered durable record of an authority. `append` returns when the records are durable, or it throws and the process must end
// before any message leaves it: after a failed fsync nobody knows what the disk holds (persist, then act).
import { JOURNAL_LIMITS } from "./limits.ts";

export interface JournalEntry {
  /** 1 for the first record, then +1. */
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** What an auditor needs: reading alone. */
export interface JournalReader {
  /** Entries in order from `fromSeq` (default 1). */
  read(fromSeq?: number): Iterable<JournalEntry>;
  /** The newest sequence number, 0 when empty. */
  readonly lastSeq: number;
  close(): void;
}

export interface Journal extends JournalReader {
  /** Appends all records or none, in order, as one commit. Nothing to append is nothing to do. Throws {@link JournalFailure}. */
  append(records: readonly Uint8Array[]): void;
}

/** The journal cannot be trusted any more (altered, torn, not writable, held by another process). */
export class JournalFailure extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "JournalFailure";
  }
}

/** Bounds are the caller's promise; a record past them is a bug, not a fault. */
export function checkRecords(records: readonly Uint8Array[]): void {
  if (records.length > JOURNAL_LIMITS.recordsPerAppend) throw new Error(`${records.length} records in one commit`);
  for (const record of records) {
    if (record.length === 0 || record.length > JOURNAL_LIMITS.recordBytes) throw new Error(`a journal record of ${record.length} bytes`);
  }
}

/** A journal that is as durable as the process: for tests and for worlds that may forget. */
export function memoryJournal(kept: Uint8Array[] = []): Journal {
  let open = true;
  const mustBeOpen = (): void => {
    if (!open) throw new JournalFailure("the journal is closed");
  };
  return {
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
