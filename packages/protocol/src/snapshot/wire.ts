// Writing and reading the flat parts of a frame. Big-endian; varints are LEB128 of at most 32 bits (varlongs 53) in their shortest form.
// Law: the reader never reads past the end and never throws: it says `bad` and returns zeros from then on.
import { isUtf8 } from "../codec/guard.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** So few bytes are copied faster one by one than through a view of their own. */
const LOOPED_BYTES = 48;

export class FrameWriter {
  private bytes: Uint8Array<ArrayBuffer>;
  private view: DataView<ArrayBuffer>;
  at = 0;

  constructor(capacity = 64) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** What was written from `start` on, in memory that the next writing overwrites. */
  written(start = 0, end: number = this.at): Uint8Array {
    return this.bytes.subarray(start, end);
  }

  u8(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  u16(value: number): void {
    this.reserve(2);
    this.view.setUint16(this.at, value);
    this.at += 2;
  }

  u32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.at, value);
    this.at += 4;
  }

  /** A whole number from 0 to 2^53 - 1 in eight bytes. */
  u64(value: number): void {
    this.u32(Math.floor(value / 0x1_0000_0000));
    this.u32(value % 0x1_0000_0000);
  }

  f32(value: number): void {
    this.reserve(4);
    this.view.setFloat32(this.at, value);
    this.at += 4;
  }

  varint(value: number): void {
    this.reserve(5);
    while (value > 0x7f) {
      this.bytes[this.at++] = (value & 0x7f) | 0x80;
      value = Math.floor(value / 128);
    }
    this.bytes[this.at++] = value;
  }

  /** A whole number from 0 to 2^53 - 1. */
  varlong(value: number): void {
    this.reserve(8);
    while (value > 0x7f) {
      this.bytes[this.at++] = (value % 128) | 0x80;
      value = Math.floor(value / 128);
    }
    this.bytes[this.at++] = value;
  }

  zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  text(value: string): void {
    this.reserve(5 + value.length * 3);
    // The length's own length is not known yet: text of up to 42 units needs one byte for it, whatever it holds.
    const head = value.length * 3 < 0x80 ? 1 : 0;
    if (head === 1) {
      const { written } = encoder.encodeInto(value, this.bytes.subarray(this.at + 1));
      this.bytes[this.at] = written;
      this.at += 1 + written;
      return;
    }
    const bytes = encoder.encode(value);
    this.varint(bytes.length);
    this.raw(bytes);
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** What another writer wrote. */
  copy(from: FrameWriter, start: number, end: number): void {
    this.reserve(end - start);
    if (end - start > LOOPED_BYTES) {
      this.bytes.set(from.bytes.subarray(start, end), this.at);
      this.at += end - start;
      return;
    }
    const { bytes } = this;
    const source = from.bytes;
    let { at } = this;
    for (let i = start; i < end; i++) bytes[at++] = source[i] as number;
    this.at = at;
  }

  private reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.at + more));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}

export class FrameCursor {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  at: number;
  /** Why the bytes cannot be right; undefined so far. The first reason stays. */
  bad: string | undefined;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  refuse(reason: string): void {
    this.bad ??= `${reason} at byte ${this.at}`;
    this.at = this.bytes.length;
  }

  u8(): number {
    return this.take(1) ? (this.bytes[this.at - 1] as number) : 0;
  }

  i8(): number {
    return this.take(1) ? this.view.getInt8(this.at - 1) : 0;
  }

  u16(): number {
    return this.take(2) ? this.view.getUint16(this.at - 2) : 0;
  }

  i16(): number {
    return this.take(2) ? this.view.getInt16(this.at - 2) : 0;
  }

  u32(): number {
    return this.take(4) ? this.view.getUint32(this.at - 4) : 0;
  }

  u64(): number {
    const value = this.u32() * 0x1_0000_0000 + this.u32();
    if (!Number.isSafeInteger(value)) this.refuse("an integer that is not safe");
    return value;
  }

  /** A finite number; -0 has another spelling and is refused. */
  f32(): number {
    const value = this.take(4) ? this.view.getFloat32(this.at - 4) : 0;
    if (!Number.isFinite(value) || Object.is(value, -0)) this.refuse("a number that is not finite, or is -0");
    return value;
  }

  varint(max: number, what: string): number {
    return this.leb(5, max, what);
  }

  /** A whole number from 0 to 2^53 - 1. */
  varlong(what: string): number {
    return this.leb(8, Number.MAX_SAFE_INTEGER, what);
  }

  private leb(bytes: number, max: number, what: string): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < bytes; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte >= 0x80) continue;
      if (byte === 0 && i > 0) this.refuse("a number that is not in its shortest form");
      else if (value > max) this.refuse(`${what} of ${value}, more than ${max}`);
      return this.bad === undefined ? value : 0;
    }
    this.refuse(`a number of more than ${bytes} bytes`);
    return 0;
  }

  zigzag(max: number, what: string): number {
    const value = this.varint(2 * max, what);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** How many rows of at least `bytesEach` bytes follow: never more than could. */
  count(max: number, bytesEach: number, what: string): number {
    const count = this.varint(max, what);
    if (count * bytesEach > this.left) this.refuse("cut short");
    return this.bad === undefined ? count : 0;
  }

  /** Text; with `isWanted` false it is only checked. */
  text(maxBytes: number, isWanted: boolean): string {
    const length = this.varint(maxBytes, "a text length");
    if (!this.take(length)) return "";
    const start = this.at - length;
    if (isWanted) return decoder.decode(this.bytes.subarray(start, this.at));
    if (!isUtf8(this.bytes, start, this.at)) this.refuse("text that is not UTF-8");
    return "";
  }

  private take(length: number): boolean {
    if (this.bad === undefined && length <= this.left) {
      this.at += length;
      return true;
    }
    this.refuse("cut short");
    return false;
  }
}
