// The journal's bytes (JOURNAL.md draws them): numbers are 64 bits, big-endian; every piece ends in the SHA-256 of itself.
// Law: one meaning has one spelling. Whatever has no meaning is zero, and a decoder returns undefined for anything else.
import { createHash } from "node:crypto";

export const FORMAT = 2;
export const SECTOR = 512;
/** The first batch; before it are three sectors: the header and the two slots of the head. */
export const BODY_START = 4_096;
export const HASH_BYTES = 32;
/** What the first batch of a journal follows. */
export const GENESIS: Uint8Array = sha256(new TextEncoder().encode("sojourn journal 2"));

/** Where a journal stands after a batch. */
export interface Standing {
  /** Number of the last record, 0 before the first. */
  readonly seq: number;
  /** Hash of the last batch, and by its chain of everything before it. */
  readonly hash: Uint8Array;
}

export interface SegmentHeader extends Standing {
  readonly epoch: number;
  /** The header's own hash: heads of this segment are bound to it. */
  readonly ownHash: Uint8Array;
}

/** The end of a segment, as one of its two slots tells it. */
export interface Head extends Standing {
  /** Batches in this segment. */
  readonly index: number;
  /** The first byte after the last batch. */
  readonly position: number;
  /** Open: batches may follow. Sealed: the journal goes on in the next segment. At rest: it was closed in good order, nothing under way. */
  readonly state: HeadState;
}

const HEAD_STATES = ["open", "sealed", "at rest"] as const;
export type HeadState = (typeof HEAD_STATES)[number];

export interface Batch extends Standing {
  readonly epoch: number;
  readonly firstSeq: number;
  readonly previous: Uint8Array;
  readonly records: readonly Uint8Array[];
  /** Bytes it takes up, padding included. */
  readonly length: number;
}

const MAGIC = { segment: "sojourn journal\n", head: "sojourn head   \n", batch: "sojourn batch  \n", epoch: "sojourn epoch  \n" } as const;

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

export function isZero(bytes: Uint8Array, from = 0, to: number = bytes.length): boolean {
  // Compared in pieces with a piece of zeros: much faster than byte by byte.
  for (let at = from; at < to; at += ZEROS.length) {
    const end = Math.min(to, at + ZEROS.length);
    if (Buffer.compare(bytes.subarray(at, end), ZEROS.subarray(0, end - at)) !== 0) return false;
  }
  return true;
}
const ZEROS = new Uint8Array(65_536);

export function padded(length: number): number {
  return Math.ceil(length / SECTOR) * SECTOR;
}

export class Scribe {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  text(text: string): this {
    for (let i = 0; i < text.length; i++) this.bytes[this.at + i] = text.charCodeAt(i);
    this.at += text.length;
    return this;
  }
  number(n: number): this {
    this.#view.setBigUint64(this.at, BigInt(n));
    this.at += 8;
    return this;
  }
  short(n: number): this {
    this.#view.setUint32(this.at, n);
    this.at += 4;
    return this;
  }
  put(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
    return this;
  }
  /** The hash of what was written so far (after `before`, if given). */
  seal(before: Uint8Array = NOTHING): Uint8Array {
    const hash = sha256(before, this.bytes.subarray(0, this.at));
    this.put(hash);
    return hash;
  }
}
const NOTHING = new Uint8Array(0);

export class Lector {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  isText(text: string): boolean {
    for (let i = 0; i < text.length; i++) if (this.bytes[this.at + i] !== text.charCodeAt(i)) return false;
    this.at += text.length;
    return true;
  }
  /** A number past what counts exactly is never equal to anything that was written. */
  number(): number {
    const n = Number(this.#view.getBigUint64(this.at));
    this.at += 8;
    return Number.isSafeInteger(n) ? n : Number.NaN;
  }
  short(): number {
    this.at += 4;
    return this.#view.getUint32(this.at - 4);
  }
  take(length: number): Uint8Array {
    this.at += length;
    return this.bytes.slice(this.at - length, this.at);
  }
  /** Whether the hash of everything so far stands here; moves past it. */
  isSealed(before: Uint8Array = NOTHING): boolean {
    const hash = sha256(before, this.bytes.subarray(0, this.at));
    return sameBytes(hash, this.take(HASH_BYTES));
  }
}

/** One sector. `before` is where the journal stands when the segment begins. */
export function encodeHeader(epoch: number, before: Standing): { bytes: Uint8Array; header: SegmentHeader } {
  const scribe = new Scribe(new Uint8Array(SECTOR)).text(MAGIC.segment).number(FORMAT).number(epoch).number(before.seq).put(before.hash);
  const ownHash = scribe.seal();
  return { bytes: scribe.bytes, header: { epoch, seq: before.seq, hash: before.hash, ownHash } };
}

/** A format this version does not read is not damage: the number. */
export function decodeHeader(sector: Uint8Array): SegmentHeader | { readonly unknownFormat: number } | undefined {
  if (sector.length !== SECTOR) return undefined;
  const lector = new Lector(sector);
  if (!lector.isText(MAGIC.segment)) return undefined;
  const [format, epoch, seq] = [lector.number(), lector.number(), lector.number()];
  const hash = lector.take(HASH_BYTES);
  if (!lector.isSealed() || !isZero(sector, lector.at)) return undefined;
  if (format !== FORMAT) return { unknownFormat: format };
  return { epoch, seq, hash, ownHash: sector.slice(lector.at - HASH_BYTES, lector.at) };
}

/** One sector. Batch `index` is told by slot `index` mod 2, so that the slot before it stays whole while this one is written. */
export function encodeHead(header: SegmentHeader, head: Head): Uint8Array {
  const scribe = new Scribe(new Uint8Array(SECTOR)).text(MAGIC.head).number(head.index).number(head.seq).number(head.position);
  scribe.put(head.hash).number(HEAD_STATES.indexOf(head.state)).seal(header.ownHash);
  return scribe.bytes;
}

export function slotPosition(index: number): number {
  return SECTOR * (1 + (index % 2));
}

export function decodeHead(header: SegmentHeader, sector: Uint8Array): Head | undefined {
  const lector = new Lector(sector);
  if (!lector.isText(MAGIC.head)) return undefined;
  const [index, seq, position] = [lector.number(), lector.number(), lector.number()];
  const hash = lector.take(HASH_BYTES);
  const state = HEAD_STATES[lector.number()];
  if (!lector.isSealed(header.ownHash) || !isZero(sector, lector.at) || state === undefined) return undefined;
  return { index, seq, position, hash, state };
}

/** All records of one commit, padded to whole sectors: a sector that holds a commit is never written again. */
export function encodeBatch(epoch: number, before: Standing, records: readonly Uint8Array[]): { bytes: Uint8Array; after: Standing } {
  const length = batchBytes(records);
  const scribe = new Scribe(new Uint8Array(padded(length)))
    .text(MAGIC.batch)
    .number(length)
    .number(epoch)
    .number(before.seq + 1);
  scribe.number(records.length).put(before.hash);
  for (const record of records) scribe.short(record.length).put(record);
  const hash = scribe.seal();
  return { bytes: scribe.bytes, after: { seq: before.seq + records.length, hash } };
}

/** Whether a sector can be the beginning of a batch that follows `before`, written in part: as far as it goes it says what it must. */
export function couldBegin(sector: Uint8Array, epoch: number, before: Standing): boolean {
  const scribe = new Scribe(new Uint8Array(BATCH_FIELDS))
    .text(MAGIC.batch)
    .number(0)
    .number(epoch)
    .number(before.seq + 1)
    .number(0)
    .put(before.hash);
  const written = sector.findLastIndex((byte) => byte !== 0) + 1;
  const isOpen = (i: number): boolean => (i >= 16 && i < 24) || (i >= 40 && i < 48);
  return scribe.bytes.every((byte, i) => i >= written || isOpen(i) || byte === sector[i]);
}

/** Where the batch that begins in this sector would end; undefined when the sector does not say so. */
export function endOfBegun(sector: Uint8Array): number | undefined {
  const length = new Lector(sector.subarray(16, 24)).number();
  return length > 0 ? padded(length) : undefined;
}

/** Bytes of a batch without its padding. */
export function batchBytes(records: readonly Uint8Array[]): number {
  return BATCH_FIELDS + records.reduce((sum, record) => sum + 4 + record.length, 0) + HASH_BYTES;
}
/** Sixteen letters, four numbers, the hash of the batch before. */
const BATCH_FIELDS = 80;

/** The whole batch that begins at `at`, whatever it follows; undefined when there is none. */
export function decodeBatch(body: Uint8Array, at: number): Batch | undefined {
  if (at + BATCH_FIELDS + HASH_BYTES > body.length) return undefined;
  const start = new Lector(body.subarray(at));
  if (!start.isText(MAGIC.batch)) return undefined;
  const size = start.number();
  const length = padded(size);
  if (!(size >= BATCH_FIELDS + HASH_BYTES) || at + length > body.length) return undefined;
  const bytes = body.subarray(at, at + length);
  if (!sameBytes(sha256(bytes.subarray(0, size - HASH_BYTES)), bytes.subarray(size - HASH_BYTES, size))) return undefined;
  if (!isZero(bytes, size)) return undefined;
  const [epoch, firstSeq, count] = [start.number(), start.number(), start.number()];
  const previous = start.take(HASH_BYTES);
  const records: Uint8Array[] = [];
  while (start.at + 4 <= size - HASH_BYTES) records.push(start.take(start.short()));
  if (records.length !== count || count === 0 || start.at !== size - HASH_BYTES) return undefined;
  return { epoch, firstSeq, previous, records, length, seq: firstSeq + count - 1, hash: start.take(HASH_BYTES) };
}

/** That an epoch began; the file is made once and never changed. */
export function encodeEpoch(epoch: number): Uint8Array {
  const scribe = new Scribe(new Uint8Array(32 + HASH_BYTES)).text(MAGIC.epoch).number(FORMAT).number(epoch);
  scribe.seal();
  return scribe.bytes;
}

export function decodeEpoch(bytes: Uint8Array): number | undefined {
  if (bytes.length !== 32 + HASH_BYTES) return undefined;
  const lector = new Lector(bytes);
  if (!lector.isText(MAGIC.epoch) || lector.number() !== FORMAT) return undefined;
  const epoch = lector.number();
  return lector.isSealed() ? epoch : undefined;
}
