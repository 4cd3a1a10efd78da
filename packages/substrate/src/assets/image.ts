// What kind of picture some bytes are, by their first bytes and nothing else: PNG, JPEG or WebP, and how large. Scripts,
// SVG, HTML and everything unknown are not pictures here. Only headers are read, nothing is decoded. Pure.
import type { AssetMime } from "../versions/types.ts";

export interface ImageHeader {
  readonly mime: AssetMime;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** Undefined: no PNG, JPEG or WebP, or its header is damaged. */
export function readImageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const size = readPng(bytes) ?? readJpeg(bytes) ?? readWebp(bytes);
  return size !== undefined && size.width > 0 && size.height > 0 ? size : undefined;
}

function readPng(bytes: Uint8Array): ImageHeader | undefined {
  if (!startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) || bytes.length < 33 || text(bytes, 12, 4) !== "IHDR")
    return undefined;
  const view = viewOf(bytes);
  return view.getUint32(8) === 13 ? { mime: "image/png", width: view.getUint32(16), height: view.getUint32(20) } : undefined;
}

/** Walks the segments up to the frame header (SOF0 … SOF15 without DHT, JPG and DAC). */
function readJpeg(bytes: Uint8Array): ImageHeader | undefined {
  if (!startsWith(bytes, [0xff, 0xd8, 0xff])) return undefined;
  const view = viewOf(bytes);
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) at += 1;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { mime: "image/jpeg", width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    } else if (marker === 0xd9 || marker === 0xda || view.getUint16(at + 2) < 2) return undefined;
    else at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

function readWebp(bytes: Uint8Array): ImageHeader | undefined {
  if (bytes.length < 30 || text(bytes, 0, 4) !== "RIFF" || text(bytes, 8, 4) !== "WEBP") return undefined;
  const view = viewOf(bytes);
  const three = (at: number): number => view.getUint16(at, true) | ((bytes[at + 2] as number) << 16);
  switch (text(bytes, 12, 4)) {
    case "VP8X":
      return { mime: "image/webp", width: three(24) + 1, height: three(27) + 1 };
    case "VP8L": {
      const bits = view.getUint32(21, true);
      return bytes[20] === 0x2f ? { mime: "image/webp", width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 } : undefined;
    }
    case "VP8 ":
      if (!startsWith(bytes.subarray(23), [0x9d, 0x01, 0x2a])) return undefined;
      return { mime: "image/webp", width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    default:
      return undefined;
  }
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

function text(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
