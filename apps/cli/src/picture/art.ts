// The pictures of a world as pixels. They come from strangers: only what makes up the picture is handed to the decoder, and only when it
// comes to as many pixels as the version says. JPEG and WebP are not decoded here; whoever asked is told.
import { inflateSync } from "node:zlib";
import type { ImageInfo, SubstrateView } from "@sojourn/substrate";
import { convertIndexedToRgb, type DecodedPng, decode } from "fast-png";

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** RGBA, row by row. */
  readonly data: Uint8Array;
}

export interface Art {
  /** By asset and transparent colour; undefined where a picture could not be decoded. */
  pixels(image: ImageInfo): Pixels | undefined;
  /** Why pictures are missing: one sentence each. */
  readonly missing: readonly string[];
}

const ESSENTIAL = new Set(["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]);
const SIGNATURE_BYTES = 8;

export async function readArt(view: SubstrateView): Promise<Art> {
  const { tilesets, layers } = view.version;
  const shown = [
    ...tilesets.map(({ name, image }) => ({ what: `tileset "${name}"`, image })),
    ...layers.flatMap(({ name, image }) => (image === undefined ? [] : [{ what: `layer "${name}"`, image }])),
  ];
  const known = new Map<string, Pixels | undefined>();
  const missing: string[] = [];
  for (const { what, image } of shown) {
    if (known.has(keyOf(image))) continue;
    const pixels = await read(view, image);
    if (typeof pixels === "string") missing.push(`${what}: ${pixels}`);
    known.set(keyOf(image), typeof pixels === "string" ? undefined : pixels);
  }
  return { pixels: (image) => known.get(keyOf(image)), missing };
}

function keyOf({ asset, transparent }: ImageInfo): string {
  return `${asset} ${transparent ?? ""}`;
}

async function read(view: SubstrateView, image: ImageInfo): Promise<Pixels | string> {
  if (image.mime !== "image/png") return `its picture is ${image.mime}; only PNG is drawn here`;
  const bytes = await view.asset(image.asset);
  if (!bytes.ok) return bytes.fault.detail;
  try {
    const data = rgbaOf(decode(essentialPng(bytes.value, image)));
    if (image.transparent !== undefined) clear(data, image.transparent);
    return { width: image.width, height: image.height, data };
  } catch (problem) {
    return `its picture cannot be decoded (${problem instanceof Error ? problem.message : String(problem)})`;
  }
}

/** The chunks that make up the picture and no others; throws when they do not make one of the size that is stated. */
function essentialPng(bytes: Uint8Array, { width, height }: ImageInfo): Uint8Array {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: Buffer[] = [view.subarray(0, SIGNATURE_BYTES)];
  const packed: Buffer[] = [];
  for (let at = SIGNATURE_BYTES; at + 12 <= view.length; ) {
    const length = view.readUInt32BE(at);
    const name = view.toString("latin1", at + 4, at + 8);
    const whole = view.subarray(at, at + length + 12);
    if (ESSENTIAL.has(name)) kept.push(whole);
    if (name === "IDAT") packed.push(whole.subarray(8, length + 8));
    if (name === "IHDR" && (whole.readUInt32BE(8) !== width || whole.readUInt32BE(12) !== height)) throw new Error("it has another size");
    if (name === "IEND") break;
    at += length + 12;
  }
  // Eight bytes a pixel are the most there are; one more a row, twice over for interlaced ones.
  inflateSync(Buffer.concat(packed), { maxOutputLength: width * height * 8 + 2 * height + 64 });
  return Buffer.concat(kept);
}

function rgbaOf(png: DecodedPng): Uint8Array {
  const { width, height, palette, transparency } = png;
  const count = width * height;
  if (palette !== undefined) return widened(convertIndexedToRgb(png), count, (palette[0] as readonly number[]).length);
  const { channels, depth } = png;
  const samples = depth < 8 ? unpacked(png) : png.data;
  const out = new Uint8Array(count * 4);
  const isGrey = channels < 3;
  const top = depth === 16 ? 256 : depth === 8 ? 1 : 1 / (255 / (2 ** depth - 1));
  for (let i = 0; i < count; i++) {
    const sample = (c: number): number => samples[i * channels + c] as number;
    const [r, g, b] = isGrey ? [sample(0), sample(0), sample(0)] : [sample(0), sample(1), sample(2)];
    const isClear = transparency !== undefined && [...transparency].every((value, c) => value === sample(c));
    const alpha = channels % 2 === 0 ? sample(channels - 1) / top : isClear ? 0 : 255;
    out.set([r / top, g / top, b / top, alpha], i * 4);
  }
  return out;
}

/** Grey samples of less than a byte, one each. */
function unpacked({ width, height, depth, data }: DecodedPng): Uint8Array {
  const rowBytes = Math.ceil((width * depth) / 8);
  const out = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const byte = data[y * rowBytes + (bit >> 3)] as number;
      out[y * width + x] = (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
    }
  }
  return out;
}

function widened(data: Uint8Array, count: number, channels: number): Uint8Array {
  if (channels === 4) return data;
  const out = new Uint8Array(count * 4).fill(255);
  for (let i = 0; i < count; i++) out.set(data.subarray(i * 3, i * 3 + 3), i * 4);
  return out;
}

function clear(data: Uint8Array, colour: string): void {
  const rgb = Number.parseInt(colour.slice(1, 7), 16);
  for (let at = 0; at < data.length; at += 4) {
    if ((((data[at] as number) << 16) | ((data[at + 1] as number) << 8) | (data[at + 2] as number)) === rgb) data[at + 3] = 0;
  }
}
