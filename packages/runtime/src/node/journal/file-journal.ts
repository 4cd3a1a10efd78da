// The journal on disk: plain files, one write and one sync a commit, chained by hashes (JOURNAL.md draws the bytes). Law: what `append`
// returned from is durable and was written by the newest epoch; after a write or sync that failed nothing is appended any more.
import { dirname, join } from "node:path";
import { checkRecords, type Journal, type JournalEntry, JournalFailure } from "../../journal.ts";
import { JOURNAL_LIMITS } from "../../limits.ts";
import { type Log, silentLog } from "../../log.ts";
import { type Disk, isNoSpace, nodeDisk, readWhole, sync, syncFolder, writeAll } from "../disk.ts";
import { type HeldLock, holdLock } from "../process-lock.ts";
import type { StoredCheckpoint } from "./checkpoint-file.ts";
import { type Beginning, type FindOptions, type FoundSegment, findAgain, findJournal } from "./find.ts";
import { encodeBatch, encodeEpoch, padded, type SegmentHeader, type Standing } from "./layout.ts";
import { epochFile, sortNames, unfinished } from "./names.ts";
import { SegmentWriter, sealSegment, trimSegment } from "./segment-writer.ts";
import { batchesOf } from "./survey.ts";

export interface FileJournalOptions {
  readonly disk?: Disk;
  /** Takes the process's lock, so that one process at a time writes. Default: the system's, on `<folder>.lock`. */
  readonly lock?: (file: string) => HeldLock;
  readonly log?: Log;
  /** Default "newest". */
  readonly beginning?: Beginning;
  readonly sizes?: Partial<JournalSizes>;
  /** Steadily rising milliseconds. */
  readonly monotonic?: () => number;
  /** Told where it is, for tests that end the process there. */
  readonly reached?: (place: JournalMoment) => void;
}

export type JournalMoment = "epoch" | "opening" | "rotation" | "sealing";

export interface JournalSizes {
  /** A segment is followed by another when it holds so much. */
  readonly segmentBytes: number;
  /** Space is taken in pieces of so much. */
  readonly pieceBytes: number;
  /** So much space is always there ahead; it is what is left when the disk is full. */
  readonly reserveBytes: number;
}

/** Segments as they are read: in order, each up to its end. */
interface Readable {
  readonly file: string;
  readonly header: SegmentHeader;
  readonly end: Standing;
}

/**
 * Opens (or makes) the journal in `folder` for this process alone, checks it, and begins a new epoch.
 * Throws a {@link JournalFailure} that says what to do: another process holds it, something is damaged or missing, the disk is full.
 */
export function fileJournal(folder: string, options: FileJournalOptions = {}): Journal {
  const disk = options.disk ?? nodeDisk;
  let lock: HeldLock | undefined;
  try {
    if (!disk.exists(folder)) {
      disk.makeFolder(folder);
      syncFolder(disk, dirname(folder));
    }
    lock = (options.lock ?? holdLock)(`${folder}.lock`);
    return new FileJournal(folder, disk, lock, options);
  } catch (error) {
    lock?.release();
    if (isNoSpace(error)) {
      throw new JournalFailure(`the journal ${folder} cannot be opened: the disk is full; make room, and open the world again`, error);
    }
    throw failure(`the journal ${folder} cannot be opened`, error);
  }
}

class FileJournal implements Journal {
  readonly epoch: number;
  readonly checkpoint: StoredCheckpoint | undefined;
  readonly #folder: string;
  readonly #disk: Disk;
  readonly #lock: HeldLock;
  readonly #log: Log;
  readonly #sizes: JournalSizes;
  readonly #monotonic: () => number;
  readonly #reached: (place: JournalMoment) => void;
  readonly #closed: Readable[];
  #segment: SegmentWriter;
  #broken: JournalFailure | undefined;
  /** Since when there is no more room, and when it was last looked for. */
  #isFull = false;
  #triedAtMs = Number.NEGATIVE_INFINITY;

  constructor(folder: string, disk: Disk, lock: HeldLock, options: FileJournalOptions) {
    this.#folder = folder;
    this.#disk = disk;
    this.#lock = lock;
    this.#log = options.log ?? silentLog;
    this.#sizes = { ...JOURNAL_LIMITS, ...options.sizes };
    this.#monotonic = options.monotonic ?? (() => performance.now());
    this.#reached = options.reached ?? (() => {});
    for (const name of sortNames(disk.list(folder)).unfinished) disk.remove(join(folder, name));
    const how: FindOptions = { beginning: options.beginning ?? "newest", log: this.#log, isLive: false };
    const before = findJournal(disk, folder, how);
    this.epoch = before.epoch + 1;
    this.#beginEpoch();
    this.#reached("epoch");
    // Whoever wrote until now has seen the new epoch, or what it wrote is seen here.
    const found = findAgain(disk, folder, before, how);
    this.checkpoint = found.base;
    this.#segment = SegmentWriter.make(disk, folder, this.epoch, found.end, this.#sizes.pieceBytes + this.#sizes.reserveBytes);
    this.#reached("opening");
    this.#closed = found.segments.filter((segment) => !this.#tidied(segment));
    for (const name of found.fenced) disk.remove(join(folder, name));
    for (const epoch of found.epochs) if (epoch < this.epoch) disk.remove(epochFile(folder, epoch));
    syncFolder(disk, folder);
  }

  /** Made once: of two that begin the same epoch, one fails. */
  #beginEpoch(): void {
    const path = epochFile(this.#folder, this.epoch);
    const file = this.#disk.open(unfinished(path), "create");
    try {
      writeAll(file, encodeEpoch(this.epoch), 0);
      sync(file);
    } finally {
      file.close();
    }
    this.#disk.link(unfinished(path), path);
    this.#disk.remove(unfinished(path));
    syncFolder(this.#disk, this.#folder);
  }

  /** Closes a segment of an earlier epoch for good; true when nothing is in it and it went. */
  #tidied({ file, header, end, beforeEnd, isSealed, tail, isHeadBehind }: FoundSegment): boolean {
    if (end.index === 0) {
      this.#disk.remove(file);
      return true;
    }
    if (isSealed && tail === "clean") return false;
    const open = this.#disk.open(file, "write");
    try {
      if (isSealed) trimSegment(open, end.position);
      else sealSegment(open, header, end, beforeEnd, isHeadBehind);
    } finally {
      open.close();
    }
    return false;
  }

  get lastSeq(): number {
    return this.#segment.end.seq;
  }

  append(records: readonly Uint8Array[]): void {
    if (this.#broken !== undefined) throw this.#broken;
    checkRecords(records);
    if (records.length === 0) return;
    try {
      const { bytes, after } = encodeBatch(this.epoch, this.#segment.end, records);
      this.#seeToRoom(bytes.length);
      if (this.#segment.room < bytes.length) throw new Error("the disk is full, and the reserve is used up; make room, and open it again");
      this.#segment.write(bytes);
      // After the sync: a newer epoch that began before this looks has not read the journal before this was in it.
      this.#mustBeNewest();
      this.#segment.note(after, bytes.length);
    } catch (error) {
      // Whether the commit reached the disk is unknown now, so nothing may be appended or said any more.
      this.#broken = failure("the journal could not be written", error);
      this.#segment.drop();
      throw this.#broken;
    }
  }

  /** Whether more may be begun. While it is false, what is under way is written to the reserve. Looks for more room now and then. */
  hasRoom(): boolean {
    if (this.#broken !== undefined || !this.#isFull) return this.#broken === undefined;
    try {
      this.#seeToRoom(0);
    } catch (error) {
      this.#broken = failure("the journal could not be written", error);
      this.#segment.drop();
    }
    return this.#broken === undefined && !this.#isFull;
  }

  #seeToRoom(bytes: number): void {
    const { segmentBytes, pieceBytes, reserveBytes } = this.#sizes;
    const isLong = this.#segment.written >= segmentBytes;
    if (!isLong && this.#segment.room >= bytes + reserveBytes) return;
    const nowMs = this.#monotonic();
    if (this.#isFull && nowMs - this.#triedAtMs < JOURNAL_LIMITS.roomAgainMs && this.#segment.room >= bytes) return;
    this.#triedAtMs = nowMs;
    try {
      if (isLong) this.#rotate(padded(bytes) + pieceBytes + reserveBytes);
      else this.#segment.grow(bytes + reserveBytes, pieceBytes);
      if (this.#isFull) this.#log.info("journal has room again", { folder: this.#folder });
      this.#isFull = false;
    } catch (error) {
      if (!isNoSpace(error)) throw error;
      if (!this.#isFull)
        this.#log.error("disk full: nobody leaves, comes in or is born; make room, and the border opens by itself", {
          folder: this.#folder,
          reserveBytes: this.#segment.room,
        });
      this.#isFull = true;
    }
  }

  #rotate(bodyBytes: number): void {
    this.#mustBeNewest();
    const old = this.#segment;
    const next = SegmentWriter.make(this.#disk, this.#folder, this.epoch, old.end, bodyBytes);
    this.#segment = next;
    this.#reached("rotation");
    this.#closed.push({ file: old.file, header: old.header, end: old.end });
    old.seal();
    this.#reached("sealing");
  }

  #mustBeNewest(): void {
    const isMine = this.#disk.exists(epochFile(this.#folder, this.epoch)) && !this.#disk.exists(epochFile(this.#folder, this.epoch + 1));
    if (!isMine)
      throw new JournalFailure(`another process has begun epoch ${this.epoch + 1} or a later one of this journal; this one ends`);
  }

  *read(fromSeq: number = (this.checkpoint?.seq ?? 0) + 1): Generator<JournalEntry> {
    const { file, header, end } = this.#segment;
    yield* readEntries(this.#disk, [...this.#closed, { file, header, end }], fromSeq);
  }

  close(): void {
    const wasWhole = this.#broken === undefined;
    this.#broken ??= new JournalFailure("the journal is closed");
    try {
      if (wasWhole) this.#segment.close();
    } finally {
      this.#lock.release();
    }
  }
}

/** The records of these segments in order. They were surveyed; what changed since is noticed. */
export function* readEntries(disk: Disk, segments: readonly Readable[], fromSeq: number): Generator<JournalEntry> {
  for (const { file, header, end } of segments) {
    if (end.seq < fromSeq) continue;
    let seq = header.seq;
    for (const { batch } of batchesOf(readWhole(disk, file), header)) {
      for (const bytes of batch.records) {
        seq += 1;
        if (seq >= fromSeq) yield { seq, bytes };
      }
      if (seq === end.seq) break;
    }
    if (seq !== end.seq) throw new JournalFailure(`${file}: it changed while it was read`);
  }
}

export function failure(what: string, error: unknown): JournalFailure {
  if (error instanceof JournalFailure) return error;
  return new JournalFailure(`${what}: ${error instanceof Error ? error.message : String(error)}`, error);
}
