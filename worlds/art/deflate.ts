// A small deflate of our own: greedy matches, one block, fixed Huffman codes. Compressors change between versions of zlib
// and between processors; a picture that must have the same bytes everywhere cannot lean on one.
import { Buffer } from "node:buffer";

const WINDOW = 32_768;
const MAX_MATCH = 258;
const MAX_CHAIN = 96;

class BitWriter {
  readonly bytes: number[] = [];
  private held = 0;
  private count = 0;

  /** Low bit first, as numbers go. */
  bits(value: number, length: number): void {
    this.held |= value << this.count;
    this.count += length;
    while (this.count >= 8) {
      this.bytes.push(this.held & 255);
      this.held >>>= 8;
      this.count -= 8;
    }
  }

  /** High bit first, as Huffman codes go. */
  code(value: number, length: number): void {
    for (let i = length - 1; i >= 0; i--) this.bits((value >> i) & 1, 1);
  }

  finish(): Uint8Array {
    if (this.count > 0) this.bits(0, 8 - this.count);
    return Uint8Array.from(this.bytes);
  }
}

function writeSymbol(out: BitWriter, symbol: number): void {
  if (symbol < 144) out.code(0x30 + symbol, 8);
  else if (symbol < 256) out.code(0x190 + symbol - 144, 9);
  else if (symbol < 280) out.code(symbol - 256, 7);
  else out.code(0xc0 + symbol - 280, 8);
}

function writeLength(out: BitWriter, length: number): void {
  if (length === MAX_MATCH) {
    writeSymbol(out, 285);
    return;
  }
  const value = length - 3;
  const extra = value < 8 ? 0 : 29 - Math.clz32(value);
  writeSymbol(out, 257 + (extra << 2) + (value >> extra));
  out.bits(value & ((1 << extra) - 1), extra);
}

function writeDistance(out: BitWriter, distance: number): void {
  const value = distance - 1;
  const extra = value < 4 ? 0 : 30 - Math.clz32(value);
  out.code((extra << 1) + (value >> extra), 5);
  out.bits(value & ((1 << extra) - 1), extra);
}

function matchLength(data: Uint8Array, from: number, at: number): number {
  const limit = Math.min(MAX_MATCH, data.length - at);
  let n = 0;
  while (n < limit && data[from + n] === data[at + n]) n++;
  return n;
}

/** Raw deflate of `data`. */
function deflate(data: Uint8Array): Uint8Array {
  const out = new BitWriter();
  const newest = new Map<number, number>();
  const older = new Int32Array(data.length).fill(-1);
  const remember = (at: number): void => {
    if (at + 2 >= data.length) return;
    const key = ((data[at] as number) << 16) | ((data[at + 1] as number) << 8) | (data[at + 2] as number);
    older[at] = newest.get(key) ?? -1;
    newest.set(key, at);
  };
  out.bits(1, 1);
  out.bits(1, 2);
  for (let at = 0; at < data.length; ) {
    remember(at);
    let length = 0;
    let distance = 0;
    let from = older[at] as number;
    for (let tries = 0; from >= 0 && at - from <= WINDOW && tries < MAX_CHAIN; tries++, from = older[from] as number) {
      const n = matchLength(data, from, at);
      if (n > length) [length, distance] = [n, at - from];
    }
    if (length < 3) {
      writeSymbol(out, data[at++] as number);
      continue;
    }
    writeLength(out, length);
    writeDistance(out, distance);
    for (let i = 1; i < length; i++) remember(at + i);
    at += length;
  }
  writeSymbol(out, 256);
  return out.finish();
}

function adler32(data: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of data) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return ((b << 16) | a) >>> 0;
}

/** `data` as a zlib stream, the same bytes on every machine. */
export function zlibBytes(data: Uint8Array): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(adler32(data));
  return Buffer.concat([Buffer.from([0x78, 0x01]), deflate(data), sum]);
}
