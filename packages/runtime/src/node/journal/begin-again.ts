// What is left of a journal whose end is damaged or gone: the newest checkpoint that is whole begins the journal anew, and all else is put
// aside beside it, unchanged, for whoever can make more of it. Law: a crash in between leaves either the old folder or the new one.
import { dirname, join } from "node:path";
import { type Disk, nodeDisk, syncFolder } from "../disk.ts";
import { holdLock } from "../process-lock.ts";
import { readCheckpoint, type StoredCheckpoint, writeCheckpoint } from "./checkpoint-file.ts";
import { sortNames } from "./names.ts";
import { writeEpoch } from "./plant-journal.ts";
import { SegmentWriter } from "./segment-writer.ts";

export interface BegunAgain {
  /** Where the files lie that were there. */
  readonly aside: string;
  /** Records in the checkpoint that it begins with; 0 when none was whole, and nothing is left. */
  readonly seq: number;
}

/**
 * Throws a {@link JournalFailure} while another process holds the journal, and what the disk throws. The folder must be there.
 * What it leaves opens like any journal; that it lacks its end is for the caller to remember.
 */
export function beginAgain(folder: string, nowMs: number, disk: Disk = nodeDisk): BegunAgain {
  const lock = holdLock(`${folder}.lock`);
  try {
    const { checkpoints, epochs, segments } = sortNames(disk.list(folder));
    const base = newestWhole(disk, folder, checkpoints);
    const epoch = Math.max(base?.epoch ?? 0, ...epochs, ...segments.map((segment) => segment.epoch));
    const fresh = freshOf(folder);
    const aside = `${folder}.lost-${nowMs}`;
    if (disk.exists(fresh)) for (const name of disk.list(fresh)) disk.remove(join(fresh, name));
    else disk.makeFolder(fresh);
    makeAnew(disk, fresh, Math.max(1, epoch), base);
    disk.rename(folder, aside);
    disk.rename(fresh, folder);
    syncFolder(disk, dirname(folder));
    return { aside, seq: base?.seq ?? 0 };
  } finally {
    lock.release();
  }
}

/** A crash between the two renames left no folder and a new one that is complete. */
export function finishBeginning(folder: string, disk: Disk = nodeDisk): void {
  if (disk.exists(folder) || !disk.exists(freshOf(folder))) return;
  disk.rename(freshOf(folder), folder);
  syncFolder(disk, dirname(folder));
}

function freshOf(folder: string): string {
  return `${folder}.begin`;
}

function newestWhole(disk: Disk, folder: string, seqs: readonly number[]): StoredCheckpoint | undefined {
  for (const seq of [...seqs].reverse()) {
    const checkpoint = readCheckpoint(disk, folder, seq);
    if (checkpoint !== undefined) return checkpoint;
  }
  return undefined;
}

/** The epoch that was the newest, and an empty segment that follows the checkpoint. */
function makeAnew(disk: Disk, folder: string, epoch: number, base: StoredCheckpoint | undefined): void {
  writeEpoch(disk, folder, epoch);
  if (base === undefined) return;
  writeCheckpoint(disk, folder, base);
  SegmentWriter.make(disk, folder, epoch, base, 0).close();
}
