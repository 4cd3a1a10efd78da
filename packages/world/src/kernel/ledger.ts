// The one pen that writes custody. A record changes the state in memory at once, is durable at the end of the tick, and until then
// nobody outside is told of it (persist, then act).
import { existsSync } from "node:fs";
import { join } from "node:path";
import { applyRecord, type Custody, type CustodyRecord, check, encodeRecord, recordSchema, valueOf, type WorldId } from "@sojourn/protocol";
import { type Journal, JournalFailure } from "@sojourn/runtime";
import { type FileJournalOptions, fileJournal } from "@sojourn/runtime/node";
import { replay } from "./checkpoints.ts";

export const JOURNAL_FOLDER = "journal";

/** Opens the journal in a data folder. Throws a {@link JournalFailure}, also when there is one that this version does not read. */
export function openJournal(
  dataFolder: string,
  options: FileJournalOptions = {},
  open: (folder: string, options: FileJournalOptions) => Journal = fileJournal,
): Journal {
  const old = join(dataFolder, "journal.sqlite");
  if (existsSync(old)) {
    throw new JournalFailure(
      `${old} is the journal of an earlier version, which this one does not read, and in it is who is here and what they carry; ` +
        "open it with that version, or begin another world with another --data",
    );
  }
  return open(join(dataFolder, JOURNAL_FOLDER), options);
}

type Distributed<R> = R extends CustodyRecord ? Omit<R, "t"> : never;
/** A record without its time; the ledger sets it. */
export type Draft = Distributed<CustodyRecord>;

export class Ledger {
  readonly custody: Custody;
  /** Records in the checkpoint it was opened from, 0 for none. */
  readonly checkpointSeq: number;
  readonly #journal: Journal;
  readonly #now: () => number;
  #waiting: Uint8Array[] = [];
  #broken: Error | undefined;

  /** `now` is wall time; records never carry a time before the newest one written. */
  constructor(journal: Journal, world: WorldId, now: () => number) {
    this.#journal = journal;
    this.#now = now;
    this.custody = replay(journal, world).custody;
    this.checkpointSeq = journal.checkpoint?.seq ?? 0;
  }

  /** Now as this world counts it: wall time that never steps back. */
  get timeMs(): number {
    return Math.max(Math.floor(this.#now()), this.custody.clockHighWaterMs);
  }

  /** Wall time as it is, for who must notice that it stepped back. */
  get wallMs(): number {
    return Math.floor(this.#now());
  }

  /** The journal's own: one more with every opening. */
  get epoch(): number {
    return this.#journal.epoch;
  }

  get seq(): number {
    return this.custody.seq;
  }

  /** The last record of which others may be told. */
  get durableSeq(): number {
    return this.#journal.lastSeq;
  }

  /** False while the disk is full: what is under way has a reserve, and nothing more is begun. */
  hasRoom(): boolean {
    return this.#journal.hasRoom();
  }

  /** Writes a record of the world's own. The caller has checked that it is possible: one that is not is a bug and ends the world. */
  write(draft: Draft): void {
    this.take({ ...draft, t: this.timeMs } as CustodyRecord);
  }

  /** Writes a record as it stands. */
  take(record: CustodyRecord): void {
    if (this.#broken !== undefined) throw this.#broken;
    // What could not be read again is not written, and changes nothing.
    valueOf(check(recordSchema, record, `record(${record.r})`));
    try {
      applyRecord(this.custody, record);
      this.#waiting.push(encodeRecord(record));
    } catch (error) {
      this.#broken = error instanceof Error ? error : new Error(String(error));
      throw this.#broken;
    }
  }

  /** Makes everything written since the last commit durable, or throws; after a throw nothing may be said any more. */
  commit(): void {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#waiting.length === 0) return;
    const records = this.#waiting;
    this.#waiting = [];
    this.#journal.append(records);
  }

  close(): void {
    this.#journal.close();
  }
}
