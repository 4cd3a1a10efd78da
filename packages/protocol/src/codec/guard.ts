// What stands before the decoder: one walk over the bytes that proves they are one canonical DAG-CBOR value within given bounds.
// Law: it allocates nothing that grows with what the bytes claim, so a lie about a length costs its sender and nobody else.
import { LIMITS } from "../limits.ts";

/** Bounds of one value. `maxValues` counts everything: maps, lists, keys and scalars. */
export interface PlainLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxValues: number;
}

const MAJOR_NEGATIVE = 1;
const MAJOR_BYTES = 2;
const MAJOR_TEXT = 3;
const MAJOR_LIST = 4;
const MAJOR_MAP = 5;
const MAJOR_TAG = 6;
const MAJOR_SIMPLE = 7;
const FALSE = 20;
const TRUE = 21;
const NULL = 22;
const FLOAT64 = 27;

/** Keys that are not read as an ordinary property, or could not be written back: these, and all that begin with `$`. */
const TRAPS: readonly (readonly number[])[] = ["__proto__", "constructor"].map((key) => [...key].map((letter) => letter.charCodeAt(0)));
const DOLLAR = 0x24;

/** Why these bytes are not one canonical value within the limits; undefined when they are. */
export function objectionTo(bytes: Uint8Array, limits: PlainLimits): string | undefined {
  if (bytes.length > limits.maxBytes) return `longer than ${limits.maxBytes} bytes`;
  const walk = new Walk(bytes, limits);
  return walk.run();
}

class Walk {
  private readonly bytes: Uint8Array;
  private readonly limits: PlainLimits;
  private readonly view: DataView;
  private at = 0;
  private values = 0;
  /** Argument of the head read last: a length, a count or a magnitude. */
  private argument = 0;
  private objection: string | undefined;
  // One row per open map or list: members still to come, and where the last key lies (-1 for a list).
  private depth = 0;
  private readonly left = new Int32Array(LIMITS.plainDepth);
  private readonly keyAt = new Int32Array(LIMITS.plainDepth);
  private readonly keyLength = new Int32Array(LIMITS.plainDepth);

  constructor(bytes: Uint8Array, limits: PlainLimits) {
    if (limits.maxDepth > LIMITS.plainDepth) throw new Error(`maxDepth is at most ${LIMITS.plainDepth}`);
    this.bytes = bytes;
    this.limits = limits;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): string | undefined {
    do {
      if (this.depth > 0) {
        const top = this.depth - 1;
        this.left[top] = (this.left[top] as number) - 1;
        if ((this.keyAt[top] as number) >= 0 && !this.key(top)) return this.objection;
      }
      if (!this.value()) return this.objection;
      while (this.depth > 0 && this.left[this.depth - 1] === 0) this.depth -= 1;
    } while (this.depth > 0);
    return this.at === this.bytes.length ? undefined : `${this.bytes.length - this.at} bytes after the value`;
  }

  private refuse(objection: string): false {
    this.objection = `${objection} at byte ${this.at}`;
    return false;
  }

  private count(): boolean {
    this.values += 1;
    return this.values <= this.limits.maxValues || this.refuse(`more than ${this.limits.maxValues} values`);
  }

  private value(): boolean {
    if (!this.count()) return false;
    if (this.at >= this.bytes.length) return this.refuse("cut short");
    const first = this.bytes[this.at] as number;
    const major = first >> 5;
    if (major === MAJOR_SIMPLE) return this.simple(first & 31);
    if (major === MAJOR_TAG) return this.refuse("a tag");
    if (!this.head(first & 31)) return false;
    switch (major) {
      case MAJOR_NEGATIVE:
        return this.argument < Number.MAX_SAFE_INTEGER || this.refuse("an integer that is not safe");
      case MAJOR_BYTES:
        return this.skip(this.argument, false);
      case MAJOR_TEXT:
        return this.skip(this.argument, true);
      case MAJOR_LIST:
        return this.open(this.argument, 1, -1);
      case MAJOR_MAP:
        return this.open(this.argument, 2, 0);
      default:
        return true;
    }
  }

  /** Reads a head's argument in its shortest form. */
  private head(info: number): boolean {
    this.at += 1;
    if (info < 24) {
      this.argument = info;
      return true;
    }
    if (info > 27) return this.refuse(info === 31 ? "an indefinite length" : "a reserved head");
    const size = 1 << (info - 24);
    if (this.at + size > this.bytes.length) return this.refuse("cut short");
    if (size === 1) this.argument = this.view.getUint8(this.at);
    else if (size === 2) this.argument = this.view.getUint16(this.at);
    else if (size === 4) this.argument = this.view.getUint32(this.at);
    else this.argument = this.view.getUint32(this.at) * 0x1_0000_0000 + this.view.getUint32(this.at + 4);
    if (!Number.isSafeInteger(this.argument)) return this.refuse("an integer that is not safe");
    const shortest = size === 1 ? 24 : size === 2 ? 0x100 : size === 4 ? 0x1_0000 : 0x1_0000_0000;
    if (this.argument < shortest) return this.refuse("a number that is not in its shortest form");
    this.at += size;
    return true;
  }

  private simple(info: number): boolean {
    if (info === FALSE || info === TRUE || info === NULL) {
      this.at += 1;
      return true;
    }
    if (info !== FLOAT64) return this.refuse("a simple value other than false, true, null and a 64-bit float");
    if (this.at + 9 > this.bytes.length) return this.refuse("cut short");
    const number = this.view.getFloat64(this.at + 1);
    if (!Number.isFinite(number)) return this.refuse("a number that is not finite");
    if (Number.isInteger(number)) return this.refuse("a float that holds an integer");
    this.at += 9;
    return true;
  }

  private skip(length: number, isText: boolean): boolean {
    if (length > this.bytes.length - this.at) return this.refuse("cut short");
    if (isText && !isUtf8(this.bytes, this.at, this.at + length)) return this.refuse("text that is not UTF-8");
    this.at += length;
    return true;
  }

  /** Opens a map or list of `members`, each of at least `bytesEach` bytes and as many values. */
  private open(members: number, bytesEach: number, keyAt: number): boolean {
    if (members * bytesEach > this.bytes.length - this.at) return this.refuse("cut short");
    if (members * bytesEach > this.limits.maxValues - this.values) return this.refuse(`more than ${this.limits.maxValues} values`);
    if (this.depth >= this.limits.maxDepth) return this.refuse(`more than ${this.limits.maxDepth} levels`);
    this.left[this.depth] = members;
    this.keyAt[this.depth] = keyAt;
    this.keyLength[this.depth] = -1;
    this.depth += 1;
    return true;
  }

  /** Reads a map's next key: text, after the last one in length-then-bytes order, and no trap. */
  private key(top: number): boolean {
    if (!this.count()) return false;
    if (this.at >= this.bytes.length) return this.refuse("cut short");
    const first = this.bytes[this.at] as number;
    if (first >> 5 !== MAJOR_TEXT) return this.refuse("a key that is not text");
    if (!this.head(first & 31)) return false;
    const start = this.at;
    const length = this.argument;
    if (!this.skip(length, true)) return false;
    if (this.isTrap(start, length)) return this.refuse("a reserved key");
    if (!this.follows(start, length, this.keyAt[top] as number, this.keyLength[top] as number)) {
      return this.refuse("keys that are not in order, or one of them twice");
    }
    this.keyAt[top] = start;
    this.keyLength[top] = length;
    return true;
  }

  private isTrap(start: number, length: number): boolean {
    if (length > 0 && this.bytes[start] === DOLLAR) return true;
    return TRAPS.some((trap) => trap.length === length && trap.every((byte, i) => this.bytes[start + i] === byte));
  }

  private follows(start: number, length: number, lastStart: number, lastLength: number): boolean {
    if (length !== lastLength) return length > lastLength;
    for (let i = 0; i < length; i++) {
      const order = (this.bytes[start + i] as number) - (this.bytes[lastStart + i] as number);
      if (order !== 0) return order > 0;
    }
    return false;
  }
}

/** Whether bytes from `start` to `end` are well-formed UTF-8: shortest forms, no surrogates, nothing past U+10FFFF. */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const lead = bytes[at] as number;
    at += 1;
    if (lead < 0x80) continue;
    const more = lead < 0xc2 ? -1 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : -1;
    if (more < 0 || at + more > end) return false;
    const second = bytes[at] as number;
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (let i = 1; i < more; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) return false;
    at += more;
  }
  return true;
}
