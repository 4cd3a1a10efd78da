// What is committed is what the code draws, and it can be read by others.
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { zlibBytes } from "./deflate.ts";
import { SURROUNDINGS } from "./edges.ts";
import { artFiles } from "./files.ts";
import { ITEM_KINDS } from "./items.ts";
import { PALETTE } from "./palette.ts";
import { itemSheet } from "./sheets.ts";

const ROOT = new URL("../../", import.meta.url);
const files = artFiles();

describe("drawn files", () => {
  it.each([...files.keys()])("%s is exactly what the code draws (else: node worlds/art/main.ts)", (path) => {
    expect(readFileSync(new URL(path, ROOT)).equals(files.get(path) as Uint8Array)).toBe(true);
  });

  it("are the same when drawn again", () => {
    for (const [path, bytes] of artFiles()) expect(Buffer.compare(bytes, files.get(path) as Uint8Array), path).toBe(0);
  });

  it("hold pictures whose pixels inflate to their size and name colours that exist", () => {
    for (const [path, bytes] of files) {
      if (!path.endsWith(".png")) continue;
      const png = Buffer.from(bytes);
      const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
      const at = png.indexOf("IDAT");
      const pixels = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
      expect(pixels.length, path).toBe((width + 1) * height);
      expect(
        pixels.every((index) => index < PALETTE.length),
        path,
      ).toBe(true);
    }
  });
});

describe("tilesets", () => {
  const sets = [...files].filter(([path]) => path.endsWith(".tsj"));

  it.each(sets)("%s points only at tiles it has", (path, bytes) => {
    const set = JSON.parse(Buffer.from(bytes).toString("utf8"));
    const png = Buffer.from(files.get(path.replace(".tsj", ".png")) as Uint8Array);
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([set.imagewidth, set.imageheight]);
    expect(set.tilecount).toBe((set.imagewidth / 16) * (set.imageheight / 16));
    const ids = set.tiles.map((tile: { id: number }) => tile.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const tile of set.tiles) {
      for (const frame of tile.animation ?? []) expect(frame.tileid).toBeLessThan(set.tilecount);
      expect(tile.id).toBeLessThan(set.tilecount);
    }
  });

  it("name every item kind once", () => {
    const tiles = JSON.parse(itemSheet().tsj()).tiles as { type?: string }[];
    const types = tiles.map(({ type }) => type);
    for (const kind of [...ITEM_KINDS, "portal-dungeon", "portal-tavern"])
      expect(
        types.filter((type) => type === kind),
        kind,
      ).toEqual([kind]);
  });

  it("know all 47 surroundings", () => {
    expect(SURROUNDINGS.length).toBe(47);
  });
});

describe("deflate", () => {
  it("is undone by zlib, whatever the bytes", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc.array(fc.constantFrom(0, 1, 2, 255), { maxLength: 3000 }).map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(bytes, (data) => {
        expect(inflateSync(zlibBytes(data)).equals(data)).toBe(true);
      }),
    );
  });

  it("carries long runs and far repeats", () => {
    const data = new Uint8Array(70_000).map((_, i) => (i % 33_000 < 400 ? (i * 7) & 255 : 9));
    expect(inflateSync(zlibBytes(data)).equals(data)).toBe(true);
    expect(zlibBytes(data).length).toBeLessThan(3000);
  });
});
