// What lies in a journal's folder, by its names. A name has one spelling; a file with any other is not the journal's.
import { join } from "node:path";

const SEGMENT = /^(\d{10})-(\d{16})\.segment$/;
const EPOCH = /^(\d{10})\.epoch$/;
const CHECKPOINT = /^(\d{16})\.checkpoint$/;
/** Being made; whoever opens the journal removes what a crash left of it. */
const UNFINISHED = /\.new$/;

export interface SegmentName {
  readonly name: string;
  readonly epoch: number;
  readonly firstSeq: number;
}

export interface Names {
  /** By epoch, then by first record. */
  readonly segments: SegmentName[];
  /** Rising. */
  readonly epochs: number[];
  /** Rising; each is the number of the last record it holds. */
  readonly checkpoints: number[];
  readonly unfinished: string[];
  readonly unknown: string[];
}

const digits = (n: number, width: number): string => String(n).padStart(width, "0");

export function segmentName(epoch: number, firstSeq: number): string {
  return `${digits(epoch, 10)}-${digits(firstSeq, 16)}.segment`;
}
export function epochName(epoch: number): string {
  return `${digits(epoch, 10)}.epoch`;
}
export function checkpointName(seq: number): string {
  return `${digits(seq, 16)}.checkpoint`;
}
export function unfinished(path: string): string {
  return `${path}.new`;
}

export function sortNames(names: readonly string[]): Names {
  const found: Names = { segments: [], epochs: [], checkpoints: [], unfinished: [], unknown: [] };
  for (const name of [...names].sort()) {
    const segment = SEGMENT.exec(name);
    if (segment !== null) found.segments.push({ name, epoch: Number(segment[1]), firstSeq: Number(segment[2]) });
    else if (EPOCH.test(name)) found.epochs.push(Number(EPOCH.exec(name)?.[1]));
    else if (CHECKPOINT.test(name)) found.checkpoints.push(Number(CHECKPOINT.exec(name)?.[1]));
    else (UNFINISHED.test(name) ? found.unfinished : found.unknown).push(name);
  }
  return found;
}

export function epochFile(folder: string, epoch: number): string {
  return join(folder, epochName(epoch));
}
