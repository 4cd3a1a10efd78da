// Rows cut into parts: a part ends behind a row whose own bytes say so. So rows that were put in, taken out or changed change the parts they
// lie in and no others, wherever they stand; parts that stay the same are sealed to the same bytes and cost nothing again.
import { crc32 } from "node:zlib";
import { REPLICATION_LIMITS } from "../limits.ts";
import type { RowList } from "./state-rows.ts";

/** `rows`: how many rows the parts hold together. */
export interface CutList {
  readonly name: string;
  readonly rows: number;
  readonly parts: readonly Uint8Array[];
}

/** A part in the mean, bytes: larger for a state so large that its parts would not fit one index. A power of two, so that it seldom changes. */
export function partBytesFor(stateBytes: number): number {
  let bytes: number = REPLICATION_LIMITS.partBytes;
  while (stateBytes / bytes > REPLICATION_LIMITS.parts / 2) bytes *= 2;
  return bytes;
}

/** Each row with its length before it (4 bytes), one after the other; cut behind rows, and in the middle of one only when it is too long. */
export function cutRows({ name, rows }: RowList, meanBytes: number): CutList {
  const parts: Uint8Array[] = [];
  const most = Math.min(REPLICATION_LIMITS.partMostBytes, meanBytes * 16);
  let waiting: Uint8Array[] = [];
  let size = 0;
  const emit = (bytes: number): void => {
    const whole = Buffer.concat(waiting);
    parts.push(new Uint8Array(whole.subarray(0, bytes)));
    waiting = bytes === whole.length ? [] : [whole.subarray(bytes)];
    size = whole.length - bytes;
  };
  for (const row of rows) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(row.length);
    waiting.push(length, row);
    size += 4 + row.length;
    while (size > most) emit(most);
    // Of so many rows as make up a mean part, one says that a part ends behind it.
    if (size > 0 && crc32(row) < 0x1_0000_0000 * Math.min(1, row.length / meanBytes)) emit(size);
  }
  if (size > 0) emit(size);
  return { name, rows: rows.length, parts };
}

/** Undefined when the parts do not hold so many rows, or hold anything else. */
export function joinRows({ name, rows: count, parts }: CutList): RowList | undefined {
  const bytes = Buffer.concat(parts);
  const rows: Uint8Array[] = [];
  let at = 0;
  while (rows.length < count) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    rows.push(new Uint8Array(bytes.subarray(at + 4, end)));
    at = end;
  }
  return at === bytes.length ? { name, rows } : undefined;
}
