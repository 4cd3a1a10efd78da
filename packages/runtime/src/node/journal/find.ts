// Looks through a journal's folder: which epochs began, which segments there are and how they follow one another, which checkpoint to
// begin from. Law: every file is accounted for; a gap, a stranger or a contradiction halts with a sentence.
import { join } from "node:path";
import { JournalFailure } from "../../journal.ts";
import type { Log } from "../../log.ts";
import { type Disk, readFrom, readWhole } from "../disk.ts";
import { readCheckpoint, type StoredCheckpoint } from "./checkpoint-file.ts";
import { BODY_START, decodeEpoch, GENESIS, type Head, type SegmentHeader, type Standing, sameBytes } from "./layout.ts";
import { checkpointName, epochFile, epochName, type Names, type SegmentName, sortNames } from "./names.ts";
import { damaged, surveySegment, surveyStart } from "./survey.ts";

export interface FoundSegment {
  readonly name: string;
  readonly file: string;
  readonly header: SegmentHeader;
  /** After its last batch that counts. */
  readonly end: Head;
  /** Before the last batch; for the older slot of the head. */
  readonly beforeEnd: Head;
  readonly isSealed: boolean;
  /** A crash kept the head from being written after the last batch. */
  readonly isHeadBehind: boolean;
  readonly tail: "clean" | "torn" | "fenced";
}

export interface Found {
  /** The newest that began; 0 when none did. */
  readonly epoch: number;
  readonly epochs: readonly number[];
  readonly segments: readonly FoundSegment[];
  /** Written by who had lost the right to: to be removed. */
  readonly fenced: readonly string[];
  readonly base: StoredCheckpoint | undefined;
  readonly end: Standing;
}

/** Where reading begins: the newest checkpoint that is whole, the first record there is (and then all there is is checked), or the checkpoint of one's choice. */
export type Beginning = "newest" | "first" | number;

export interface FindOptions {
  readonly beginning: Beginning;
  readonly log: Log;
  /** The journal is being written by another process. */
  readonly isLive: boolean;
}

const START: Standing = { seq: 0, hash: GENESIS };

export function findJournal(disk: Disk, folder: string, options: FindOptions): Found {
  return lookedThrough(disk, folder, sortNames(disk.list(folder)), options);
}

/** A second look, by who has begun an epoch since: what may have changed is the last segment, and whether it still is the last. */
export function findAgain(disk: Disk, folder: string, before: Found, options: FindOptions): Found {
  const names = sortNames(disk.list(folder));
  const last = before.segments.at(-1);
  const name = names.segments.find((one) => one.name === last?.name);
  if (last === undefined || name === undefined || names.segments.length !== before.segments.length + before.fenced.length) {
    return lookedThrough(disk, folder, names, options);
  }
  const around = { nextHeader: undefined, isNeeded: true, base: before.base, isLive: false };
  const again = foundSegment(disk, folder, name, around);
  return { ...before, epochs: names.epochs, segments: [...before.segments.slice(0, -1), again], end: again.end };
}

function lookedThrough(disk: Disk, folder: string, names: Names, options: FindOptions): Found {
  const [stranger] = names.unknown;
  if (stranger !== undefined) throw damaged(join(folder, stranger), "this is no file of the journal");
  const epoch = newestEpoch(disk, folder, names.epochs);
  const { current, fenced } = withoutFenced(names.segments);
  // Their headers are looked at all the same: a name that was changed is no reason to drop anything.
  for (const segment of fenced) startOf(disk, folder, segment);
  for (const { name } of fenced) options.log.warn("journal segment refused: a newer epoch had begun", { name });
  const ahead = current.find((segment) => segment.epoch > epoch);
  if (ahead !== undefined) throw damaged(join(folder, epochName(ahead.epoch)), "a segment of this epoch is there and this file is not");
  const base = chosenCheckpoint(disk, folder, names.checkpoints, current[0]?.firstSeq ?? 1, options);
  const segments = surveyed(disk, folder, current, base, options);
  const last = segments.at(-1);
  if (last?.isSealed === true) throw damaged(last.file, "the journal goes on after it in a segment that is not there");
  const end = last?.end ?? START;
  if (base !== undefined && base.seq > end.seq) {
    throw damaged(join(folder, checkpointName(base.seq)), `the journal ends with record ${end.seq}, before this checkpoint`);
  }
  return { epoch, epochs: names.epochs, segments, fenced: fenced.map(({ name }) => name), base, end };
}

function newestEpoch(disk: Disk, folder: string, epochs: readonly number[]): number {
  for (const epoch of epochs) {
    const file = epochFile(folder, epoch);
    if (decodeEpoch(readWhole(disk, file)) !== epoch) throw damaged(file, "this is not the beginning of the epoch it names");
  }
  return epochs.at(-1) ?? 0;
}

/** A segment that begins after one of a newer epoch began was made by a writer that had lost the right to. */
function withoutFenced(segments: readonly SegmentName[]): { current: SegmentName[]; fenced: SegmentName[] } {
  const isFenced = (one: SegmentName): boolean => segments.some((other) => other.epoch > one.epoch && other.firstSeq < one.firstSeq);
  return { current: segments.filter((one) => !isFenced(one)), fenced: segments.filter(isFenced) };
}

function chosenCheckpoint(
  disk: Disk,
  folder: string,
  seqs: readonly number[],
  firstSeq: number,
  { beginning, log }: FindOptions,
): StoredCheckpoint | undefined {
  const whole: StoredCheckpoint[] = [];
  for (const seq of seqs) {
    const checkpoint = readCheckpoint(disk, folder, seq);
    // Records are the truth, and a checkpoint only spares reading them: an older one with more records gives the same.
    if (checkpoint === undefined) log.error("checkpoint damaged, an older one is used", { file: join(folder, checkpointName(seq)) });
    else whole.push(checkpoint);
  }
  const usable = whole.filter(({ seq }) => seq >= firstSeq - 1);
  const chosen =
    typeof beginning === "number" ? usable.find(({ seq }) => seq === beginning) : beginning === "newest" ? usable.at(-1) : undefined;
  if (typeof beginning === "number" && chosen === undefined) {
    throw new JournalFailure(`${folder} has no whole checkpoint ${beginning}; those it has are ${usable.map(({ seq }) => seq).join(", ")}`);
  }
  if (chosen !== undefined || firstSeq === 1) return chosen;
  const oldest = usable[0];
  if (oldest === undefined) throw damaged(folder, `records 1 to ${firstSeq - 1} are missing, and no whole checkpoint stands for them`);
  return oldest;
}

function surveyed(
  disk: Disk,
  folder: string,
  names: readonly SegmentName[],
  base: StoredCheckpoint | undefined,
  options: FindOptions,
): FoundSegment[] {
  const segments: FoundSegment[] = [];
  let before: Standing | undefined;
  for (const [i, name] of names.entries()) {
    const next = names[i + 1];
    const isNeeded = options.beginning === "first" || base === undefined || next === undefined || next.firstSeq - 1 > base.seq;
    const nextHeader = next === undefined ? undefined : startOf(disk, folder, next).header;
    const segment = foundSegment(disk, folder, name, { nextHeader, isNeeded, base, isLive: options.isLive && next === undefined });
    if (segment.tail !== "clean")
      options.log.warn("journal end cut off", { file: segment.file, byte: segment.end.position, was: segment.tail });
    before ??= i === 0 && name.firstSeq > 1 ? segment.header : START;
    if (!isSameStanding(segment.header, before)) {
      throw damaged(segment.file, `it does not follow record ${before.seq}: a segment is missing, or is another journal's`);
    }
    before = segment.end;
    segments.push(segment);
  }
  return segments;
}

interface Around {
  readonly nextHeader: SegmentHeader | undefined;
  /** Its records are read; otherwise header and head do. */
  readonly isNeeded: boolean;
  readonly base: StoredCheckpoint | undefined;
  readonly isLive: boolean;
}

function startOf(disk: Disk, folder: string, name: SegmentName): ReturnType<typeof surveyStart> & { bytes: number } {
  const path = join(folder, name.name);
  const file = disk.open(path, "read");
  try {
    return { ...surveyStart(readFrom(file, 0, BODY_START), path, name), bytes: file.size };
  } finally {
    file.close();
  }
}

function foundSegment(disk: Disk, folder: string, name: SegmentName, around: Around): FoundSegment {
  const file = join(folder, name.name);
  const { nextHeader, base } = around;
  if (!around.isNeeded) {
    const { header, newest, older, bytes } = startOf(disk, folder, name);
    if (newest.state === "sealed" && isSameStanding(newest, nextHeader) && bytes === newest.position) {
      return { name: name.name, file, header, end: newest, beforeEnd: older, isSealed: true, isHeadBehind: false, tail: "clean" };
    }
  }
  const bytes = readWhole(disk, file);
  const { header, head, ends, isSealed, tail } = surveySegment(bytes, file, name, around.isLive);
  const at = nextHeader === undefined ? ends.length - 1 : ends.findIndex((end) => isSameStanding(end, nextHeader));
  const end = ends[at];
  if (end === undefined || at < head.index) {
    throw damaged(file, `it ends with record ${ends.at(-1)?.seq}, and the next segment follows record ${nextHeader?.seq}`);
  }
  const isBaseHere = base !== undefined && base.seq >= header.seq && base.seq <= end.seq;
  if (isBaseHere && !ends.some((one) => isSameStanding(one, base))) {
    throw damaged(file, `the checkpoint of record ${base.seq} is that of another journal`);
  }
  // Whatever a newer epoch does not follow was never told of to anybody.
  const isCut = at < ends.length - 1;
  return {
    ...{ name: name.name, file, header, end, beforeEnd: ends[Math.max(0, at - 1)] as Head, isSealed: isSealed && !isCut },
    ...{ isHeadBehind: head.index < end.index, tail: isCut ? "fenced" : tail },
  };
}

function isSameStanding(a: Standing, b: Standing | undefined): boolean {
  return b !== undefined && a.seq === b.seq && sameBytes(a.hash, b.hash);
}
