// Reads PNG pictures for comparing: 8-bit grey, RGB, RGBA and palettes, not interlaced. Written for tests, apart from the code it judges.
import { inflateSync } from "node:zlib";

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** RGBA, row by row. */
  readonly pixels: Uint8Array;
}

const CHANNELS: { readonly [type: number]: number } = { 0: 1, 2: 3, 3: 1, 6: 4 };

export function readPng(bytes: Uint8Array): Picture {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (data.readUInt32BE(0) !== 0x89504e47) throw new Error("no PNG");
  const width = data.readUInt32BE(16);
  const height = data.readUInt32BE(20);
  const type = data[25] as number;
  const channels = CHANNELS[type];
  if (data[24] !== 8 || data[28] !== 0 || channels === undefined) throw new Error("a PNG of another kind");
  const parts: Buffer[] = [];
  let palette: Uint8Array = Buffer.alloc(0);
  let clear: Uint8Array = Buffer.alloc(0);
  for (let at = 8; at < data.length; ) {
    const length = data.readUInt32BE(at);
    const name = data.toString("latin1", at + 4, at + 8);
    const body = data.subarray(at + 8, at + 8 + length);
    if (name === "IDAT") parts.push(body);
    if (name === "PLTE") palette = body;
    if (name === "tRNS") clear = body;
    at += 12 + length;
  }
  const rows = unfilter(inflateSync(Buffer.concat(parts)), width * channels, height, channels);
  const pixels = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const at = i * channels;
    if (type === 6) pixels.set(rows.subarray(at, at + 4), i * 4);
    else if (type === 2) pixels.set([...rows.subarray(at, at + 3), 255], i * 4);
    else if (type === 0) pixels.set([rows[at], rows[at], rows[at], 255] as number[], i * 4);
    else pixels.set([...palette.subarray((rows[at] as number) * 3, (rows[at] as number) * 3 + 3), clear[rows[at] as number] ?? 255], i * 4);
  }
  return { width, height, pixels };
}

function unfilter(raw: Buffer, rowBytes: number, height: number, channels: number): Uint8Array {
  const out = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (rowBytes + 1)];
    for (let x = 0; x < rowBytes; x++) {
      const left = x >= channels ? (out[y * rowBytes + x - channels] as number) : 0;
      const up = y > 0 ? (out[(y - 1) * rowBytes + x] as number) : 0;
      const corner = x >= channels && y > 0 ? (out[(y - 1) * rowBytes + x - channels] as number) : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter as number] as number;
      out[y * rowBytes + x] = (raw[y * (rowBytes + 1) + 1 + x] as number) + guess;
    }
  }
  return out;
}

function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const [da, db, dc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)] as const;
  return da <= db && da <= dc ? a : db <= dc ? b : c;
}
