import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { makeBlock } from "../blocks/block.ts";
import { LIMITS } from "../limits.ts";
import { memoryStore } from "../stores/memory.ts";
import { plainScene, plainWorld } from "../versions/plain-world.ts";
import { openVersion } from "../versions/view.ts";
import { assetBlocks, readAsset } from "./asset.ts";
import { readImageHeader } from "./image.ts";
import { pictureObjection } from "./still-picture.ts";

const PNG = new Uint8Array(readFileSync(new URL("../../fixtures/tiles.png", import.meta.url)));
const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));
const u32 = (n: number): number[] => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
const le32 = (n: number): number[] => u32(n).reverse();
const join = (...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

/** A PNG of these parts after its head; check sums are nobody's business here. */
function png(width: number, height: number, ...parts: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const part = (type: string, body: Uint8Array): Uint8Array => join(u32(body.length), ascii(type), body, [0, 0, 0, 0]);
  const head = join(u32(width), u32(height), [8, 6, 0, 0, 0]);
  return join([0x89, ...ascii("PNG\r\n"), 0x1a, 0x0a], part("IHDR", head), ...parts.map(([type, body]) => part(type, body)));
}
const PIXELS = ["IDAT", new Uint8Array(deflateSync(new Uint8Array(20)))] as const;
const END = ["IEND", new Uint8Array()] as const;

const segment = (marker: number, body: readonly number[]): number[] => [0xff, marker, ...u32(body.length + 2).slice(2), ...body];
const frame = (marker = 0xc0): number[] => segment(marker, [8, 0, 16, 0, 32, 1, 1, 0x11, 0]);
const scan = [...segment(0xda, [1, 1, 0, 0, 63, 0]), 1, 2, 0xff, 0x00, 3, 0xff, 0xd0, 4];
const jpeg = (...parts: readonly (readonly number[])[]): Uint8Array => join([0xff, 0xd8], ...parts);
const EOI = [0xff, 0xd9];

const riff = (type: string, body: readonly number[]): number[] => [
  ...ascii(type),
  ...le32(body.length),
  ...body,
  ...(body.length % 2 === 1 ? [0] : []),
];
const lossy = (width: number, height: number): number[] =>
  riff("VP8 ", [0, 0, 0, 0x9d, 1, 0x2a, width & 255, width >> 8, height & 255, height >> 8, ...new Array<number>(8).fill(0)]);
const canvas = (flags: number, width: number, height: number): number[] =>
  riff("VP8X", [flags, 0, 0, 0, ...le32(width - 1).slice(0, 3), ...le32(height - 1).slice(0, 3)]);
const webp = (...chunks: readonly (readonly number[])[]): Uint8Array => {
  const body = [...ascii("WEBP"), ...chunks.flat()];
  return join(ascii("RIFF"), le32(body.length), body);
};

const objectionTo = (bytes: Uint8Array): string | undefined => {
  const header = readImageHeader(bytes);
  return header === undefined ? "it is no picture" : pictureObjection(bytes, header);
};

describe("one still picture and nothing else", () => {
  test.each<[string, Uint8Array]>([
    ["a real PNG", PNG],
    ["a PNG with a short text", png(4, 4, ["tEXt", join(ascii("by me"))], PIXELS, END)],
    ["a baseline JPEG", jpeg(segment(0xe0, [0, 0]), frame(), scan, EOI)],
    ["a progressive JPEG of ten scans", jpeg(frame(0xc2), ...new Array<number[]>(10).fill(scan), EOI)],
    ["a simple WebP", webp(lossy(320, 240))],
    ["a WebP with a canvas", webp(canvas(0x10, 320, 240), riff("ALPH", [1, 2, 3]), lossy(320, 240))],
  ])("%s is taken", (_, bytes) => expect(objectionTo(bytes)).toBeUndefined());

  test.each<[string, RegExp, Uint8Array]>([
    ["a page behind a PNG", /follows its end/, join(PNG, ascii("<html><script>alert(1)</script>"))],
    ["an archive behind a JPEG", /follows its end/, join(jpeg(frame(), scan, EOI), ascii("PK\u0003\u0004"))],
    ["a script behind a WebP", /follows its end/, join(webp(lossy(9, 9)), ascii("*/alert(1)"))],
    ["a PNG cut short", /cut short/, PNG.slice(0, -20)],
    ["a PNG without pixels", /damaged/, png(4, 4, END)],
    ["a PNG with two heads", /damaged/, png(4, 4, ["IHDR", new Uint8Array(13)], PIXELS, END)],
    ["a PNG part that is longer than the file", /cut short/, join(png(4, 4), u32(0xffff_fff0), ascii("IDAT"), new Uint8Array(16))],
    ["an animated PNG", /animated/, png(4, 4, ["acTL", join(u32(1_000_000), u32(0))], PIXELS, END)],
    ["frames hidden in a PNG", /animated/, png(4, 4, PIXELS, ["fdAT", new Uint8Array(40)], END)],
    ["a PNG of 65,535 pixels a side", /65535×65535/, png(65_535, 65_535, PIXELS, END)],
    ["a colour profile that unfolds", /iCCP/, png(4, 4, ["iCCP", new Uint8Array(LIMITS.picturePressedBytes + 1)], PIXELS, END)],
    ["a text that unfolds", /zTXt/, png(4, 4, ["zTXt", new Uint8Array(LIMITS.picturePressedBytes + 1)], PIXELS, END)],
    ["a JPEG of a thousand scans", /scans/, jpeg(frame(0xc2), ...new Array<number[]>(1_000).fill(scan), EOI)],
    ["a JPEG of two sizes", /more than once/, jpeg(frame(), frame(), scan, EOI)],
    ["a JPEG that says its height at its end", /height/, jpeg(frame(), scan, segment(0xdc, [0xff, 0xff]), EOI)],
    ["a JPEG without an end", /cut short/, jpeg(frame(), scan)],
    ["a JPEG without pixels", /damaged/, jpeg(frame(), EOI)],
    ["an animated WebP", /animated/, webp(canvas(0x02, 9, 9), riff("ANIM", new Array<number>(6).fill(0)))],
    ["a WebP with hidden frames", /animated/, webp(canvas(0, 9, 9), riff("ANMF", new Array<number>(24).fill(0)), lossy(9, 9))],
    ["a small canvas around a large picture", /another size/, webp(canvas(0, 9, 9), lossy(16_000, 16_000))],
    ["a canvas around nothing", /damaged/, webp(canvas(0, 9, 9), riff("EXIF", new Array<number>(20).fill(0)))],
    ["a WebP of two pictures", /another size/, webp(lossy(9, 9), lossy(9, 9))],
    ["a WebP cut short", /cut short/, webp(lossy(9, 9)).slice(0, -1)],
  ])("%s is not", (_, why, bytes) => expect(objectionTo(bytes)).toMatch(why));

  test("the largest file is looked through in a moment, whatever is in it", () => {
    const scans = join([0xff, 0xd8], frame(0xc2), scan);
    const hostile = [
      png(4, 4, ...new Array<readonly [string, Uint8Array]>(20_000).fill(["tEXt", new Uint8Array()]), PIXELS, END),
      scans,
    ].map((bytes) => {
      const large = new Uint8Array(LIMITS.assetBytes).fill(0xff);
      large.set(bytes);
      return large;
    });
    const began = performance.now();
    for (const bytes of hostile) expect(objectionTo(bytes)).toBeDefined();
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe("a hostile file", () => {
  const files: readonly [string, Uint8Array][] = [
    ["svg", join(ascii('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'.padEnd(80)))],
    ["html", join(ascii("<!doctype html><script>alert(1)</script>".padEnd(80)))],
    ["polyglot", join(PNG, ascii("<script>alert(1)</script>"))],
    ["animated", png(4, 4, ["acTL", new Uint8Array(8)], PIXELS, END)],
  ];

  test.each(files)("%s is not packed, and not given out by a world that lists it as a picture", async (name, bytes) => {
    expect(await assetBlocks(name, bytes)).toMatchObject({ ok: false, fault: { code: "bad-map", detail: expect.stringContaining(name) } });
    const honest = await assetBlocks("tiles", PNG);
    if (!honest.ok) throw new Error(honest.fault.detail);
    const block = await makeBlock("raw", bytes);
    const listed = { ...honest.value.asset, cid: block.cid, bytes: bytes.length };
    expect(await readAsset(listed, memoryStore("memory", [block]))).toMatchObject({ ok: false, fault: { code: "bad-block" } });
  });

  test("a world whose pictures are too much together is not opened", async () => {
    const honest = await assetBlocks("tiles", PNG);
    if (!honest.ok) throw new Error(honest.fault.detail);
    const blocks = await Promise.all([1, 2, 3, 4, 5].map((n) => makeBlock("raw", Uint8Array.of(n))));
    const assets = blocks.map(({ cid }) => ({ ...honest.value.asset, cid, width: 4_096, height: 4_096 }));
    const few = await plainWorld({ ...plainScene(1, 1), assets: assets.slice(0, 4) }, [], blocks.slice(0, 4));
    expect((await openVersion(few.root, memoryStore("few", few.blocks))).ok).toBe(true);
    const many = plainWorld({ ...plainScene(1, 1), assets }, [], blocks);
    const opened = await many
      .then(({ root, blocks: all }) => openVersion(root, memoryStore("many", all)))
      .catch((error: unknown) => String(error));
    expect(typeof opened === "string" ? opened : opened.ok ? "opened" : opened.fault.detail).toMatch(/pixels together/);
  });
});
