// Whether a file that begins like a picture is one still picture and nothing else: whole, of the size its head states, not animated, not
// made to be costly to decode, with nothing behind its end that another program could take for something of its own. Nothing is decoded. Pure.
import { LIMITS } from "../limits.ts";
import { type ImageHeader, readImageHeader } from "./image.ts";

/** Why these bytes are not taken as a picture; undefined: they may be. `header` is what {@link readImageHeader} gave for them. */
export function pictureObjection(bytes: Uint8Array, { mime, width, height }: ImageHeader): string | undefined {
  if (width > LIMITS.assetPixels || height > LIMITS.assetPixels) {
    return `it has ${width}×${height} pixels; ${LIMITS.assetPixels} each way are allowed`;
  }
  switch (mime) {
    case "image/png":
      return pngObjection(bytes);
    case "image/jpeg":
      return jpegObjection(bytes);
    case "image/webp":
      return webpObjection(bytes, width, height);
  }
}

const DAMAGED = "it is cut short or damaged";
const TRAILING = "something else follows its end";
const ANIMATED = "it is animated; one still picture is shown";

function pngObjection(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let hasPixels = false;
  for (let at = 8, chunks = 0; at + 12 <= bytes.length; chunks++) {
    const length = view.getUint32(at);
    const type = textAt(bytes, at + 4);
    const next = at + 12 + length;
    if (next > bytes.length || (type === "IHDR") !== (chunks === 0)) return DAMAGED;
    if (chunks >= LIMITS.pictureParts) return `it has more than ${LIMITS.pictureParts} parts`;
    if (type === "acTL" || type === "fcTL" || type === "fdAT") return ANIMATED;
    hasPixels ||= type === "IDAT";
    if (type === "IEND") return next < bytes.length ? TRAILING : hasPixels && length === 0 ? undefined : DAMAGED;
    // What is pressed beside the pixels (colour profiles, texts) can unfold to a thousand times its length.
    if (PRESSED.has(type) && length > LIMITS.picturePressedBytes)
      return `its part ${type} is longer than ${LIMITS.picturePressedBytes} bytes`;
    at = next;
  }
  return DAMAGED;
}

const PRESSED: ReadonlySet<string> = new Set(["iCCP", "zTXt", "iTXt"]);

/** Walks all markers, those between the scans too: each scan makes a decoder go over the whole picture once more. */
function jpegObjection(bytes: Uint8Array): string | undefined {
  let [frames, scans] = [0, 0];
  for (let at = 2; at + 2 <= bytes.length; ) {
    if (bytes[at] !== 0xff) {
      // Pixels: up to the next byte that may begin a marker.
      if (scans === 0) return DAMAGED;
      at = bytes.indexOf(0xff, at);
      if (at < 0) return DAMAGED;
      continue;
    }
    const marker = bytes[at + 1] as number;
    if (marker === 0xd9) return at + 2 < bytes.length ? TRAILING : frames === 1 && scans > 0 ? undefined : DAMAGED;
    if (marker === 0xff) at += 1;
    else if (marker === 0x00 || (marker >= 0xd0 && marker <= 0xd7)) at += 2;
    else {
      const length = at + 4 <= bytes.length ? ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number) : 0;
      if (length < 2) return DAMAGED;
      if (isFrame(marker) && ++frames > 1) return "it states its size more than once";
      if (marker === 0xda && ++scans > LIMITS.pictureScans) return `it is drawn in more than ${LIMITS.pictureScans} scans`;
      // Lines counted after the fact would make it another picture than its head says.
      if (marker === 0xdc) return "it states its height only at its end";
      at += 2 + length;
    }
  }
  return DAMAGED;
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function webpObjection(bytes: Uint8Array, width: number, height: number): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 8 + view.getUint32(4, true);
  if (end > bytes.length) return DAMAGED;
  if (end < bytes.length) return TRAILING;
  let pictures = 0;
  for (let at = 12, chunks = 0; at + 8 <= end; chunks++) {
    const type = textAt(bytes, at);
    const length = view.getUint32(at + 4, true);
    const next = at + 8 + length + (length & 1);
    if (next > end) return DAMAGED;
    if (chunks >= LIMITS.pictureParts) return `it has more than ${LIMITS.pictureParts} parts`;
    if (type === "ANIM" || type === "ANMF" || (type === "VP8X" && ((bytes[at + 8] as number) & 2) !== 0)) return ANIMATED;
    if (type === "VP8 " || type === "VP8L") {
      // The picture within is what gets decoded, whatever the canvas around it says.
      const inner = readImageHeader(framed(bytes.subarray(at, at + 8 + Math.min(length, 32))));
      if (++pictures > 1 || inner?.width !== width || inner.height !== height) return "the picture in it has another size than it states";
    }
    at = next;
  }
  return pictures === 1 ? undefined : DAMAGED;
}

/** A part of a file as a file of its own, as long as a header needs. */
function framed(part: Uint8Array): Uint8Array {
  const file = new Uint8Array(12 + 40);
  file.set([0x52, 0x49, 0x46, 0x46, 0, 0, 0, 0, 0x57, 0x45, 0x42, 0x50]);
  file.set(part, 12);
  return file;
}

function textAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
