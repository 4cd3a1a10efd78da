// A checkpoint of the journal as a file: what somebody made of all records up to `seq`, in parts whose meaning is theirs.
// It is written beside, synced, and renamed into place; its name, its place in the chain and its own hash are checked when it is read.
import { join } from "node:path";
import type { JournalCheckpoint } from "../../journal.ts";
import { type Disk, readWhole, sync, syncFolder, writeAll } from "../disk.ts";
import { FORMAT, HASH_BYTES, Lector, Scribe, type Standing } from "./layout.ts";
import { checkpointName, unfinished } from "./names.ts";

export interface StoredCheckpoint extends Standing, JournalCheckpoint {
  /** The epoch that made it. */
  readonly epoch: number;
}

const MAGIC = "sojourn check  \n";
/** Sixteen letters, four numbers, the hash of the batch that ends at `seq`. */
const FIELDS = 80;

export function encodeCheckpoint({ seq, hash, epoch, parts }: StoredCheckpoint): Uint8Array {
  const bytes = new Uint8Array(FIELDS + parts.reduce((sum, part) => sum + 8 + part.length, 0) + HASH_BYTES);
  const scribe = new Scribe(bytes).text(MAGIC).number(FORMAT).number(epoch).number(seq).number(parts.length).put(hash);
  for (const part of parts) scribe.number(part.length).put(part);
  scribe.seal();
  return bytes;
}

export function decodeCheckpoint(bytes: Uint8Array): StoredCheckpoint | undefined {
  if (bytes.length < FIELDS + HASH_BYTES) return undefined;
  const lector = new Lector(bytes);
  lector.at = bytes.length - HASH_BYTES;
  if (!lector.isSealed()) return undefined;
  lector.at = 0;
  if (!lector.isText(MAGIC) || lector.number() !== FORMAT) return undefined;
  const [epoch, seq, count] = [lector.number(), lector.number(), lector.number()];
  const hash = lector.take(HASH_BYTES);
  const parts: Uint8Array[] = [];
  const end = bytes.length - HASH_BYTES;
  while (lector.at + 8 <= end) parts.push(lector.take(lector.number()));
  return lector.at === end && parts.length === count ? { seq, hash, epoch, parts } : undefined;
}

/** Undefined when the file is not what its name says, whole. Throws what the disk throws. */
export function readCheckpoint(disk: Disk, folder: string, seq: number): StoredCheckpoint | undefined {
  const checkpoint = decodeCheckpoint(readWhole(disk, join(folder, checkpointName(seq))));
  return checkpoint?.seq === seq ? checkpoint : undefined;
}

/** Durable when it returns. `reached` is called when all is written and nothing of it has its name yet. */
export function writeCheckpoint(disk: Disk, folder: string, checkpoint: StoredCheckpoint, reached: () => void = () => {}): void {
  const path = join(folder, checkpointName(checkpoint.seq));
  const file = disk.open(unfinished(path), "create");
  try {
    writeAll(file, encodeCheckpoint(checkpoint), 0);
    sync(file);
  } finally {
    file.close();
  }
  reached();
  disk.rename(unfinished(path), path);
  syncFolder(disk, folder);
}
