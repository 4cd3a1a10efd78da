// Walks DAG-CBOR bytes once, allocating nothing, and says whether they may be decoded at all: whole, within depth and
// count, only the allowed heads. The decoder behind it believes a list's stated length, so a lie must be found here first.
//
//   head  3 bits type | 5 bits info      info < 24 itself, 24..27: 1, 2, 4, 8 bytes follow, 28..31 never
//   types 0 int · 1 negative · 2 bytes · 3 text · 4 list · 5 map · 6 tag (42 only) · 7 false true null float64
import { LIMITS } from "../limits.ts";
import { CONTENT_ID_BYTES } from "./content-id.ts";

interface Scan {
  readonly bytes: Uint8Array;
  at: number;
  /** Values still allowed. */
  left: number;
  /** Byte strings still allowed: an empty one is a byte here and hundreds in memory. */
  strings: number;
  /** Argument of the head read last. */
  arg: number;
}

/** Undefined when the bytes are one well-formed value; otherwise what is wrong, as the rest of a sentence. */
export function scanNode(bytes: Uint8Array): string | undefined {
  const scan: Scan = { bytes, at: 0, left: LIMITS.nodeValues, strings: LIMITS.nodeByteStrings, arg: 0 };
  const wrong = scanValue(scan, LIMITS.nodeDepth);
  if (wrong !== undefined) return `${wrong} at byte ${scan.at}`;
  return scan.at === bytes.length ? undefined : `${bytes.length - scan.at} bytes are left over`;
}

function scanValue(scan: Scan, depth: number): string | undefined {
  if (--scan.left < 0) return `more than ${LIMITS.nodeValues} values`;
  if (scan.at >= scan.bytes.length) return "the bytes end too soon";
  const head = scan.bytes[scan.at] as number;
  const type = head >> 5;
  if (type === 7) return scanSimple(scan, head & 0x1f);
  const wrong = scanArgument(scan, head & 0x1f);
  if (wrong !== undefined) return wrong;
  const count = scan.arg;
  switch (type) {
    case 0:
    case 1:
      return undefined;
    case 2:
      return --scan.strings < 0 ? `more than ${LIMITS.nodeByteStrings} byte strings` : skip(scan, count);
    case 3:
      return skip(scan, count);
    case 4:
      return scanItems(scan, count, depth, false);
    case 5:
      return scanItems(scan, count, depth, true);
    default:
      return scanLink(scan, count);
  }
}

function scanItems(scan: Scan, count: number, depth: number, keyed: boolean): string | undefined {
  if (depth === 0) return `deeper than ${LIMITS.nodeDepth}`;
  if (count * (keyed ? 2 : 1) > scan.bytes.length - scan.at) return "a list or map states more entries than there are bytes";
  for (let i = 0; i < count; i++) {
    if (keyed) {
      if ((scan.bytes[scan.at] ?? 0) >> 5 !== 3) return "a key of a map is not text";
      const wrong = scanValue(scan, depth - 1);
      if (wrong !== undefined) return wrong;
    }
    const wrong = scanValue(scan, depth - 1);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function scanLink(scan: Scan, tag: number): string | undefined {
  if (tag !== 42) return `tag ${tag}; only links (42) are allowed`;
  if (scan.bytes[scan.at] !== 0x58 || scan.bytes[scan.at + 1] !== CONTENT_ID_BYTES + 1) return "a link that is no content id";
  scan.at += 2;
  return scan.bytes[scan.at] === 0 ? skip(scan, CONTENT_ID_BYTES + 1) : "a link without its leading zero";
}

function scanSimple(scan: Scan, info: number): string | undefined {
  if (info >= 20 && info <= 22) return skip(scan, 1);
  return info === 27 ? skip(scan, 9) : `simple value ${info}; only false, true, null and float64 are allowed`;
}

function scanArgument(scan: Scan, info: number): string | undefined {
  if (info > 27) return "an indefinite or reserved length";
  const size = info < 24 ? 0 : 1 << (info - 24);
  if (scan.at + 1 + size > scan.bytes.length) return "the bytes end too soon";
  let arg = info;
  if (size > 0) {
    arg = 0;
    for (let i = 1; i <= size; i++) arg = arg * 256 + (scan.bytes[scan.at + i] as number);
    if (arg > Number.MAX_SAFE_INTEGER) return "a number beyond 2^53 - 1";
  }
  scan.arg = arg;
  scan.at += 1 + size;
  return undefined;
}

function skip(scan: Scan, count: number): string | undefined {
  if (count > scan.bytes.length - scan.at) return "the bytes end too soon";
  scan.at += count;
  return undefined;
}
