// Makes a checkpoint beside a journal that is being written: reads what the one before stands for and the records since, as an opening
// would, so that whatever is written was restored once. Law: it holds durable records only, and what it makes needless goes afterwards.
import { join } from "node:path";
import type { JournalCheckpoint, JournalEntry } from "../../journal.ts";
import { JournalFailure } from "../../journal.ts";
import { JOURNAL_LIMITS } from "../../limits.ts";
import { silentLog } from "../../log.ts";
import { type Disk, nodeDisk, readWhole, syncFolder } from "../disk.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoint-file.ts";
import { type Beginning, type Found, findJournal } from "./find.ts";
import type { Standing } from "./layout.ts";
import { checkpointName, sortNames } from "./names.ts";
import { atRest } from "./read-journal.ts";
import { batchesOf } from "./survey.ts";

export interface CheckpointOptions {
  readonly disk?: Disk;
  /** Segments that no checkpoint needs are kept as long as the folder is no larger. */
  readonly keptBytes?: number;
  /** Called when it is written and has no name yet; for tests that end the process there. */
  readonly reached?: () => void;
}

/** A place in a journal: so many records, and the hash of the commit that ends with the last of them. */
export interface JournalPlace {
  readonly seq: number;
  readonly hash: Uint8Array;
  readonly epoch: number;
}

/**
 * What somebody makes of the records up to `seq`, which ended a commit that was reported, beside whoever writes the journal. `base` is the
 * newest checkpoint up to there. Throws a {@link JournalFailure} when the journal cannot be read.
 */
export function foldJournal<T>(
  folder: string,
  seq: number,
  fold: (base: JournalCheckpoint | undefined, entries: Iterable<JournalEntry>) => T,
): { readonly value: T; readonly place: JournalPlace } {
  const beginning = checkpointUpTo(folder, seq);
  const found = atRest(folder, () => findJournal(nodeDisk, folder, { beginning, log: silentLog, isLive: true }));
  const at: { standing: Standing | undefined } = { standing: undefined };
  const value = fold(found.base, entriesUpTo(nodeDisk, found, seq, at));
  const standing = (at.standing as Standing | undefined) ?? found.base;
  if (standing?.seq !== seq) throw new JournalFailure(`${folder}: no commit ends with record ${seq}`);
  return { value, place: { seq, hash: standing.hash, epoch: found.epoch } };
}

/** The newest checkpoint that stands for no record after `seq` and is whole; all records, when there is none. */
function checkpointUpTo(folder: string, seq: number): Beginning {
  if (!nodeDisk.exists(folder)) throw new JournalFailure(`there is no journal at ${folder}`);
  const before = sortNames(nodeDisk.list(folder)).checkpoints.filter((one) => one <= seq);
  return before.findLast((one) => readCheckpoint(nodeDisk, folder, one) !== undefined) ?? "first";
}

/** What a checkpoint is made of: the one before (if any) and the records after it; gives the new one's parts. */
export type Condense = (base: JournalCheckpoint | undefined, entries: Iterable<JournalEntry>) => readonly Uint8Array[];

/**
 * Makes the checkpoint of the records up to `seq`, which ended a commit that was reported; false when there is one already.
 * Throws a {@link JournalFailure} when the journal cannot be read, and what the disk throws when the checkpoint cannot be written.
 */
export function makeCheckpoint(folder: string, seq: number, condense: Condense, options: CheckpointOptions = {}): boolean {
  const disk = options.disk ?? nodeDisk;
  const find = (): Found => findJournal(disk, folder, { beginning: "newest", log: silentLog, isLive: true });
  const found = atRest(folder, find);
  if ((found.base?.seq ?? 0) >= seq) return false;
  const at: { standing: Standing | undefined } = { standing: undefined };
  const parts = condense(found.base, entriesUpTo(disk, found, seq, at));
  const standing = at.standing as Standing | undefined;
  if (standing?.seq !== seq) throw new JournalFailure(`${folder}: no commit ends with record ${seq}`);
  writeCheckpoint(disk, folder, { ...standing, epoch: found.epoch, parts }, options.reached);
  dropNeedless(disk, folder, options.keptBytes ?? JOURNAL_LIMITS.keptBytes);
  return true;
}

function* entriesUpTo(disk: Disk, found: Found, seq: number, at: { standing: Standing | undefined }): Generator<JournalEntry> {
  const from = found.base?.seq ?? 0;
  for (const { file, header, end } of found.segments) {
    if (end.seq <= from) continue;
    for (const { batch } of batchesOf(readWhole(disk, file), header)) {
      if (batch.seq <= from) continue;
      if (batch.seq > seq) return;
      for (const [i, bytes] of batch.records.entries()) yield { seq: batch.firstSeq + i, bytes };
      at.standing = { seq: batch.seq, hash: batch.hash };
      if (batch.seq === end.seq) break;
    }
  }
}

/** All but the newest checkpoints, then the oldest segments that none of those needs, when there is more than is to be kept. */
function dropNeedless(disk: Disk, folder: string, keptBytes: number): void {
  const names = sortNames(disk.list(folder));
  const whole = names.checkpoints.filter((seq) => readCheckpoint(disk, folder, seq) !== undefined);
  const kept = whole.slice(-JOURNAL_LIMITS.checkpoints);
  for (const seq of names.checkpoints) if (!kept.includes(seq)) disk.remove(join(folder, checkpointName(seq)));
  syncFolder(disk, folder);
  const oldest = kept[0] ?? 0;
  // Segments go after the checkpoints that stand for them are durable, oldest first: what is left has no gap.
  let bytes = names.segments.reduce((sum, { name }) => sum + sizeOf(disk, join(folder, name)), 0);
  for (const [i, { name }] of names.segments.entries()) {
    const next = names.segments[i + 1];
    if (bytes <= keptBytes || next === undefined || next.firstSeq - 1 > oldest) return;
    const size = sizeOf(disk, join(folder, name));
    disk.remove(join(folder, name));
    syncFolder(disk, folder);
    bytes -= size;
  }
}

function sizeOf(disk: Disk, path: string): number {
  const file = disk.open(path, "read");
  try {
    return file.size;
  } finally {
    file.close();
  }
}
