// A journal made of what lies elsewhere: a checkpoint, and the records that came after it. What it leaves opens like any journal. Law: the
// folder has its name when all of it is durable, or not at all.
import { dirname, join } from "node:path";
import { JournalFailure } from "../../journal.ts";
import { JOURNAL_LIMITS } from "../../limits.ts";
import { type Disk, nodeDisk, sync, syncFolder, writeAll } from "../disk.ts";
import { type StoredCheckpoint, writeCheckpoint } from "./checkpoint-file.ts";
import { encodeBatch, encodeEpoch, padded, type Standing } from "./layout.ts";
import { epochFile, unfinished } from "./names.ts";
import { SegmentWriter } from "./segment-writer.ts";

/** Records are put in commits of about so many bytes. */
const COMMIT_BYTES = 1_048_576;

export interface Planting {
  /** The newest that began; whoever opens the journal begins the next. */
  readonly epoch: number;
  readonly checkpoint: StoredCheckpoint;
  /** The records after the checkpoint, in order. */
  readonly records: Iterable<Uint8Array>;
}

/** Gives the number of the last record. Throws a {@link JournalFailure} when `folder` is there, and what the disk throws. */
export function plantJournal(folder: string, { epoch, checkpoint, records }: Planting, disk: Disk = nodeDisk): number {
  if (disk.exists(folder)) throw new JournalFailure(`${folder} is there already`);
  const fresh = `${folder}.planting`;
  if (disk.exists(fresh)) for (const name of disk.list(fresh)) disk.remove(join(fresh, name));
  else disk.makeFolder(fresh);
  writeEpoch(disk, fresh, epoch);
  writeCheckpoint(disk, fresh, checkpoint);
  let before: Standing = checkpoint;
  for (const commits of grouped(records, JOURNAL_LIMITS.segmentBytes)) before = writeSegment(disk, fresh, epoch, before, commits);
  // An empty segment closes the row: the last one of a journal is never sealed.
  const last = SegmentWriter.make(disk, fresh, epoch, before, 0);
  last.close();
  disk.rename(fresh, folder);
  syncFolder(disk, dirname(folder));
  return before.seq;
}

function writeSegment(disk: Disk, folder: string, epoch: number, before: Standing, records: readonly Uint8Array[]): Standing {
  const batches = [...grouped(records, COMMIT_BYTES)];
  const encoded: { bytes: Uint8Array; after: Standing }[] = [];
  let standing = before;
  for (const batch of batches) {
    const one = encodeBatch(epoch, standing, batch);
    encoded.push(one);
    standing = one.after;
  }
  const writer = SegmentWriter.make(
    disk,
    folder,
    epoch,
    before,
    encoded.reduce((sum, { bytes }) => sum + padded(bytes.length), 0),
  );
  for (const { bytes, after } of encoded) {
    writer.write(bytes);
    writer.note(after, bytes.length);
  }
  writer.seal();
  return standing;
}

/** In order, so many that each group has about `bytes` bytes; no group is empty. */
function* grouped(records: Iterable<Uint8Array>, bytes: number): Generator<Uint8Array[]> {
  let group: Uint8Array[] = [];
  let size = 0;
  for (const record of records) {
    if (group.length > 0 && (size + record.length > bytes || group.length === JOURNAL_LIMITS.recordsPerAppend)) {
      yield group;
      group = [];
      size = 0;
    }
    group.push(record);
    size += record.length;
  }
  if (group.length > 0) yield group;
}

/** That an epoch began, for a journal that nobody else can be writing. */
export function writeEpoch(disk: Disk, folder: string, epoch: number): void {
  const path = epochFile(folder, epoch);
  const file = disk.open(unfinished(path), "create");
  try {
    writeAll(file, encodeEpoch(epoch), 0);
    sync(file);
  } finally {
    file.close();
  }
  disk.rename(unfinished(path), path);
}
