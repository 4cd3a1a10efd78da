// Cuts a sheet into single pictures when the page is built, so that style sheets can frame things with them.
// Reads only what this project's own art writes: indexed PNGs, one byte a pixel, rows without filters. Anything else throws.
import { crc32, deflateSync, inflateSync } from "node:zlib";

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Sprite name → PNG, in the sheet's own colours. */
export function cutSprites(sheet: Uint8Array, boxes: { readonly [name: string]: Box }): Map<string, Uint8Array> {
  const chunks = readChunks(Buffer.from(sheet.buffer, sheet.byteOffset, sheet.byteLength));
  const header = chunks.get("IHDR");
  const palette = chunks.get("PLTE");
  const data = chunks.get("IDAT");
  if (header === undefined || palette === undefined || data === undefined || header[8] !== 8 || header[9] !== 3 || header[12] !== 0) {
    throw new Error("the sheet is no indexed PNG of one byte a pixel");
  }
  const stride = header.readUInt32BE(0) + 1;
  const rows = inflateSync(data);
  for (let at = 0; at < rows.length; at += stride) if (rows[at] !== 0) throw new Error("the sheet's rows are filtered");
  const colours = [chunk("PLTE", palette), chunk("tRNS", chunks.get("tRNS") ?? Buffer.alloc(0))];
  const out = new Map<string, Uint8Array>();
  for (const [name, { x, y, width, height }] of Object.entries(boxes)) {
    const head = Buffer.from(header);
    head.writeUInt32BE(width, 0);
    head.writeUInt32BE(height, 4);
    const cut = Buffer.alloc((width + 1) * height);
    for (let row = 0; row < height; row++) {
      const from = (y + row) * stride + 1 + x;
      cut.set(rows.subarray(from, from + width), row * (width + 1) + 1);
    }
    out.set(
      name,
      Buffer.concat([SIGNATURE, chunk("IHDR", head), ...colours, chunk("IDAT", deflateSync(cut)), chunk("IEND", Buffer.alloc(0))]),
    );
  }
  return out;
}

/** Chunks by name; data chunks joined. */
function readChunks(png: Buffer): Map<string, Buffer> {
  const chunks = new Map<string, Buffer>();
  for (let at = SIGNATURE.length; at + 8 <= png.length; ) {
    const length = png.readUInt32BE(at);
    const name = png.toString("latin1", at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    chunks.set(name, Buffer.concat([chunks.get(name) ?? Buffer.alloc(0), body]));
    at += 12 + length;
  }
  return chunks;
}

function chunk(name: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const named = Buffer.concat([Buffer.from(name, "latin1"), body]);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}
