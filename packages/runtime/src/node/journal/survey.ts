// Reads one segment and says where it ends, or halts. Law: one batch at a time is in flight, and the head is written after each; so
// what is damaged where the head says that all was whole, or before something whole, was not done by a crash and is never cut off.
import { JournalDamage, JournalFailure } from "../../journal.ts";
import {
  type Batch,
  BODY_START,
  couldBegin,
  decodeBatch,
  decodeHead,
  decodeHeader,
  endOfBegun,
  type Head,
  isZero,
  SECTOR,
  type SegmentHeader,
  sameBytes,
  slotPosition,
} from "./layout.ts";
import type { SegmentName } from "./names.ts";

/** A head is written after its batch is synced, and is on the disk with the next one: so many batches may be ahead of it. */
const BATCHES_BEYOND_HEAD = 2;
const ADVICE = "nothing was changed; put the journal's folder back from a backup, or ask for help with a copy of it";

export interface Survey {
  readonly header: SegmentHeader;
  /** The newer slot. */
  readonly head: Head;
  /** After each batch, and (the first) before them all. */
  readonly ends: readonly Head[];
  readonly isSealed: boolean;
  /** What stands after the last batch: nothing, a commit that a crash cut short, or what a writer wrote that was not allowed to any more. */
  readonly tail: "clean" | "torn" | "fenced";
}

export function damaged(file: string, what: string): JournalDamage {
  return new JournalDamage(`${file}: ${what}; ${ADVICE}`);
}

/** Header and head alone. `start` is the file's first bytes, up to where the batches begin. */
export function surveyStart(start: Uint8Array, file: string, name: SegmentName): { header: SegmentHeader; newest: Head; older: Head } {
  if (start.length < BODY_START) throw damaged(file, `the file ends at byte ${start.length}, before any record`);
  const header = decodeHeader(start.subarray(0, SECTOR));
  if (header === undefined) throw damaged(file, "bytes 0 to 511 are no whole header");
  if ("unknownFormat" in header) throw new JournalFailure(`${file} has format ${header.unknownFormat}, which this version does not read`);
  if (header.epoch !== name.epoch || header.seq + 1 !== name.firstSeq) throw damaged(file, "the header does not name this file");
  if (!isZero(start, 3 * SECTOR, BODY_START)) throw damaged(file, "there is something between the head and the first batch");
  const slots = [0, 1].map((slot) => decodeHead(header, start.subarray(slotPosition(slot), slotPosition(slot) + SECTOR)));
  const [a, b] = slots;
  if (a === undefined || b === undefined) throw damaged(file, `slot ${a === undefined ? 0 : 1} of the head is not whole`);
  const [newest, older] = a.index > b.index || (a.index === b.index && b.state === "open") ? [a, b] : [b, a];
  const isInPlace = newest.index === 0 ? older.index === 0 : older.index === newest.index - 1 && newest === slots[newest.index % 2];
  if (!isInPlace || older.state !== "open") throw damaged(file, "the two slots of the head do not belong together");
  return { header, newest, older };
}

/**
 * The whole segment. A live one is being written meanwhile: what follows its head may be anything.
 * Throws a {@link JournalFailure} that says what was found where.
 */
export function surveySegment(bytes: Uint8Array, file: string, name: SegmentName, isLive = false): Survey {
  const { header, newest, older } = surveyStart(bytes.subarray(0, BODY_START), file, name);
  const ends: Head[] = [{ index: 0, seq: header.seq, position: BODY_START, hash: header.hash, state: "open" }];
  for (const { batch, at } of batchesOf(bytes, header)) {
    if (newest.state === "sealed" && ends.length > newest.index) break;
    ends.push({ index: ends.length, seq: batch.seq, position: at + batch.length, hash: batch.hash, state: "open" });
  }
  const end = ends.at(-1) as Head;
  if (end.index < newest.index) {
    throw damaged(file, `the batch at byte ${end.position} (record ${end.seq + 1} and on) is damaged, and the head says that it was whole`);
  }
  for (const head of [newest, older]) {
    if (!isSameEnd(head, ends[head.index])) throw damaged(file, `the head does not name the batch that ends with record ${head.seq}`);
  }
  if (newest.state === "sealed") return { header, head: newest, ends, isSealed: true, tail: sealedTail(bytes, end, header, file) };
  if (isLive) return { header, head: newest, ends, isSealed: false, tail: "clean" };
  if (end.index - newest.index > BATCHES_BEYOND_HEAD) throw damaged(file, `the head was put back: it names record ${newest.seq}`);
  return { header, head: newest, ends, isSealed: false, tail: openTail(bytes, end, newest, header.epoch, file) };
}

function sealedTail(bytes: Uint8Array, end: Head, header: SegmentHeader, file: string): "clean" | "fenced" {
  if (bytes.length === end.position) return "clean";
  const beyond = decodeBatch(bytes, end.position);
  if (beyond?.epoch === header.epoch || isZero(bytes, end.position)) return "fenced";
  throw damaged(file, `it was closed at byte ${end.position}, and something else follows`);
}

/** What one commit that a crash cut short can have left, and nothing else, is a torn end. */
function openTail(bytes: Uint8Array, end: Head, head: Head, epoch: number, file: string): "clean" | "torn" {
  if (head.state === "at rest" && end.index > head.index) throw damaged(file, `it was closed behind record ${head.seq}, and more follows`);
  if (isZero(bytes, end.position)) return "clean";
  if (head.state === "at rest") throw damaged(file, `it was closed at byte ${end.position}, and not all behind that is zero`);
  const start = bytes.subarray(end.position, end.position + SECTOR);
  const length = endOfBegun(start);
  if (!couldBegin(start, epoch, end) || (length !== undefined && !isZero(bytes, end.position + length))) {
    throw damaged(file, `byte ${end.position} does not begin record ${end.seq + 1}, and is not what a crash leaves of it`);
  }
  for (let at = end.position; at < bytes.length; at += SECTOR) {
    const later = decodeBatch(bytes, at);
    if (later !== undefined) {
      throw damaged(
        file,
        `byte ${end.position} does not begin record ${end.seq + 1}, and record ${later.firstSeq} stands whole at byte ${at}`,
      );
    }
  }
  return "torn";
}

function isSameEnd(a: Head, b: Head | undefined): boolean {
  return b !== undefined && a.seq === b.seq && a.position === b.position && sameBytes(a.hash, b.hash);
}

/** Batch after batch as long as each is whole and follows the one before. */
export function* batchesOf(bytes: Uint8Array, header: SegmentHeader): Generator<{ readonly batch: Batch; readonly at: number }> {
  let { seq, hash } = header;
  for (let at = BODY_START; ; ) {
    const batch = decodeBatch(bytes, at);
    const follows = batch?.epoch === header.epoch && batch.firstSeq === seq + 1 && sameBytes(batch.previous, hash);
    if (batch === undefined || !follows) return;
    yield { batch, at };
    at += batch.length;
    ({ seq, hash } = batch);
  }
}
