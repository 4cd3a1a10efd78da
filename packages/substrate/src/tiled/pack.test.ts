import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { memoryStore } from "../stores/memory.ts";
import { solidsOf } from "../versions/solids.ts";
import { tileDraw } from "../versions/tile-draw.ts";
import type { SubstrateView } from "../versions/types.ts";
import { openVersion } from "../versions/view.ts";
import { type PackedMap, packTiled } from "./pack.ts";
import { type Encoding, FRINGE, GROUND, mapFolder, TILESET_FILES, YARD_WIDTH, yardTmj, yardTmx } from "./yard.ts";

/** Pinned: the yard is this root on every machine and run, for ever, unless the format's number changes. */
const YARD_ROOT = "bafyreicgxffllcb4kbogquewy4ik2l7n6pkcyioszmsezzmlcqcinoocxy";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function pack(file: string, files: Record<string, string>): Promise<PackedMap> {
  const folder = await mapFolder(files);
  folders.push(folder);
  const packed = await packTiled(join(folder, file), { name: "yard" });
  if (!packed.ok) throw new Error(packed.fault.detail);
  return packed.value;
}

async function open({ root, blocks }: PackedMap): Promise<SubstrateView> {
  const view = await openVersion(root, memoryStore("memory", blocks));
  if (!view.ok) throw new Error(view.fault.detail);
  expect(await view.value.loadAll()).toEqual({ ok: true, value: undefined });
  return view.value;
}

describe("the yard has the same root", () => {
  const encodings: Encoding[] = ["csv", "base64", "base64-zlib", "base64-gzip", "base64-zstd", "tiles"];
  test.each(encodings)("as .tmx in %s", async (encoding) => {
    expect((await pack("yard.tmx", { "yard.tmx": yardTmx(encoding) })).root).toBe(YARD_ROOT);
  });

  test.each(["csv", "base64", "base64-zlib", "base64-gzip"] as const)("as .tmj in %s", async (encoding) => {
    expect((await pack("yard.tmj", { "yard.tmj": yardTmj(encoding) })).root).toBe(YARD_ROOT);
  });

  test.each(["tiles.tsx", "tiles.tsj"])("with its tileset in %s", async (source) => {
    const tmx = { ...TILESET_FILES, "yard.tmx": yardTmx("csv", `<tileset firstgid="1" source="${source}"/>`) };
    expect((await pack("yard.tmx", tmx)).root).toBe(YARD_ROOT);
    const tmj = { ...TILESET_FILES, "yard.json": yardTmj("csv", { firstgid: 1, source }) };
    expect((await pack("yard.json", tmj)).root).toBe(YARD_ROOT);
  });

  test("from another folder, under another name, with its tileset elsewhere beside it", async () => {
    const folder = await mapFolder({ "Ä yard.tmx": yardTmx("csv", '<tileset firstgid="1" source="../sets/tiles.tsx"/>') });
    folders.push(folder);
    await mkdir(join(folder, "sets"));
    await mkdir(join(folder, "maps"));
    const files = await mapFolder(TILESET_FILES);
    folders.push(files);
    for (const name of ["tiles.tsx", "tiles.png"]) await rename(join(files, name), join(folder, "sets", name));
    await rename(join(folder, "Ä yard.tmx"), join(folder, "maps", "Ä yard.tmx"));
    const packed = await packTiled(join(folder, "maps", "Ä yard.tmx"), { name: "yard" });
    expect(packed).toMatchObject({ ok: true, value: { root: YARD_ROOT } });
    expect(await packTiled(join(folder, "maps", "Ä yard.tmx"))).toMatchObject({ ok: true, value: { version: { name: "Ä yard" } } });
  });
});

describe("the packed yard", () => {
  test("has every tile where the map has it, flips and all", async () => {
    const view = await open(await pack("yard.tmx", { "yard.tmx": yardTmx("csv") }));
    for (const [layer, cells] of [GROUND, FRINGE].entries()) {
      for (const [i, gid] of cells.entries()) {
        const [x, y] = [i % YARD_WIDTH, Math.floor(i / YARD_WIDTH)];
        const chunk = view.loaded(x >> 4, y >> 4);
        const gids = chunk?.layers.find((one) => one.layer === layer)?.gids;
        expect(gids?.[(y % 16) * 16 + (x % 16)] ?? 0).toBe(gid);
      }
    }
    expect(view.version).toMatchObject({
      name: "yard",
      parent: null,
      tick: 0,
      timeMs: 0,
      width: 40,
      height: 20,
      tileSize: { w: 16, h: 16 },
    });
    expect(view.version.layers.map(({ name, kind, opacity }) => [name, kind, opacity])).toEqual([
      ["ground", "tile", 1],
      ["fringe", "tile", 0.9],
      ["things", "object", 1],
      ["placed", "object", 1],
    ]);
    expect(view.version.placedLayer).toBe(3);
  });

  test("counts its blocks and bytes as they are", async () => {
    const { blocks, bytes, version } = await pack("yard.tmx", { "yard.tmx": yardTmx("csv") });
    expect(new Set(blocks.map(({ cid }) => cid)).size).toBe(blocks.length);
    expect(bytes).toBe(blocks.reduce((sum, block) => sum + block.bytes.length, 0));
    expect([version.blocks, version.bytes]).toEqual([blocks.length, bytes]);
  });

  test("has its picture, animation and transparent colour", async () => {
    const view = await open(await pack("yard.tmx", { "yard.tmx": yardTmx("csv") }));
    const [asset] = view.version.assets;
    expect(asset).toMatchObject({ mime: "image/png", width: 64, height: 32 });
    expect(await view.asset(asset?.cid ?? "")).toMatchObject({ ok: true });
    const draw = tileDraw(view.version, 3);
    expect(draw?.tile?.animation).toEqual([
      { gid: 3, durationMs: 400 },
      { gid: 4, durationMs: 400 },
    ]);
    expect(draw?.image.transparent).toBe("#ff00ff");
    expect(draw?.source).toEqual({ x: 32, y: 0, w: 16, h: 16 });
  });

  test("makes zones of shapes, in units", async () => {
    const { version } = await pack("yard.tmx", { "yard.tmx": yardTmx("csv") });
    expect(version.zones).toEqual([
      { id: "m1", name: "gate", class: "spawn", x: 2, y: 10, w: 0, h: 0, shape: "point", properties: {} },
      {
        id: "m2",
        name: "to the dungeon",
        class: "portal",
        x: 35,
        y: 2,
        w: 3,
        h: 2,
        shape: "rectangle",
        properties: { to: "dungeon", radius: 1.5 },
      },
      { id: "m6", name: "pond", class: "", x: 25, y: 12.5, w: 4, h: 2, shape: "ellipse", properties: {} },
      {
        ...{ id: "m7", name: "patrol", class: "route", x: 6.25, y: 5.75, w: 2, h: 1, shape: "polyline", properties: {} },
        points: [
          [6.25, 6.25],
          [7.25, 6.75],
          [8.25, 5.75],
        ],
      },
    ]);
  });

  test("makes static objects of tile objects, by their centre", async () => {
    const view = await open(await pack("yard.tmx", { "yard.tmx": yardTmx("csv") }));
    const objects = [...view.loadedChunks()].flatMap((chunk) => chunk.objects);
    expect(objects).toEqual([
      {
        ...{ id: "m4", kind: "sign", name: "notice", x: 4.5, y: 5.5, layer: 2, gid: 8, order: 3, solid: true, text: "Mind the F." },
        properties: { solid: true, text: "Mind the F." },
      },
      // Its lower left corner is at (8, 6); turned clockwise by 90 degrees about it, 2 wide and 1 high.
      { id: "m5", kind: "tile", x: 8.5, y: 7, layer: 2, gid: 0x80000005, order: 4, width: 2, height: 1, rotation: 90 },
    ]);
  });

  test("is solid where the map says so", async () => {
    const view = await open(await pack("yard.tmx", { "yard.tmx": yardTmx("csv") }));
    const solids = solidsOf(view);
    const at = (x: number, y: number): boolean => {
      let isSolid = false;
      solids.visit(x, y, x, y, (x0, y0, x1, y1) => {
        isSolid ||= x > x0 && x < x1 && y > y0 && y < y1;
      });
      return isSolid;
    };
    const solid: [string, number, number][] = [
      ["the row of boards", 12.5, 14.5],
      ["its other end, in the next chunk", 19.5, 14.5],
      ["a solid rectangle", 15.1, 12.1],
      ["and its part in the next chunk", 17.4, 12.4],
      ["a bush, by its collision shape", 4.4, 17.8],
      ["the bush that is flipped", 5.6, 17.8],
      ["the sign, whose tile is solid", 4.5, 5.5],
      ["beyond the left edge", -0.1, 5],
      ["beyond the lower edge", 5, 20.1],
    ];
    const free: [string, number, number][] = [
      ["before the boards", 11.9, 14.5],
      ["beside the rectangle", 17.6, 12.1],
      ["the bush's other half", 4.6, 17.8],
      ["the flipped bush's other half", 5.4, 17.8],
      ["above the bush's shape", 4.4, 17.4],
      ["the pond", 27, 13.5],
      ["the very corner", 0.1, 0.1],
    ];
    expect(solid.filter(([, x, y]) => !at(x, y))).toEqual([]);
    expect(free.filter(([, x, y]) => at(x, y))).toEqual([]);
  });
});
