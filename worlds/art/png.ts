// Pictures as PNG files: one palette byte per pixel, no filters, no dates, so the same picture is the same bytes.
import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import type { Bitmap } from "./bitmap.ts";
import { zlibBytes } from "./deflate.ts";
import { PALETTE } from "./palette.ts";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOUR_INDEXED = 3;
const COLOUR_RGBA = 6;

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function header(width: number, height: number, colourType: number): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data[8] = 8;
  data[9] = colourType;
  return chunk("IHDR", data);
}

/** Every row behind its filter byte (0: none). */
function rows(pixels: Uint8Array, rowBytes: number): Buffer {
  const height = pixels.length / rowBytes;
  const out = Buffer.alloc((rowBytes + 1) * height);
  for (let y = 0; y < height; y++) out.set(pixels.subarray(y * rowBytes, (y + 1) * rowBytes), y * (rowBytes + 1) + 1);
  return out;
}

/** An indexed PNG of `bitmap`. */
export function encodePng(bitmap: Bitmap): Buffer {
  const colours = Buffer.from(PALETTE.flatMap((rgba) => rgba.slice(0, 3)));
  const alphas = Buffer.from(PALETTE.map(([, , , a]) => a));
  return Buffer.concat([
    SIGNATURE,
    header(bitmap.width, bitmap.height, COLOUR_INDEXED),
    chunk("PLTE", colours),
    chunk("tRNS", alphas),
    chunk("IDAT", zlibBytes(rows(bitmap.pixels, bitmap.width))),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

/** A PNG of RGBA bytes, for previews. */
export function encodeRgba(width: number, height: number, rgba: Uint8Array): Buffer {
  return Buffer.concat([
    SIGNATURE,
    header(width, height, COLOUR_RGBA),
    chunk("IDAT", zlibBytes(rows(rgba, width * 4))),
    chunk("IEND", new Uint8Array(0)),
  ]);
}
