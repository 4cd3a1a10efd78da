import { describe, expect, test } from "vitest";
import { multipliedColours } from "./colour.ts";
import { gidAt, inDrawOrder, plainGid, tileDraw } from "./tile-draw.ts";
import type { LayerInfo, StaticObject, TileInfo, TilesetInfo } from "./types.ts";
import { zoneHolds } from "./zone-area.ts";

const tileset: TilesetInfo = {
  ...{ name: "t", firstGid: 10, tileCount: 6, columns: 3, margin: 2, spacing: 1, renderSize: "tile" },
  ...{ tileSize: { w: 8, h: 8 }, tileOffset: { x: 0, y: 0 }, tiles: [{ id: 4, class: "wall" }] },
  image: { asset: "bafk", mime: "image/png", width: 40, height: 40 },
};
const version = { tilesets: [tileset], tileSize: { w: 8, h: 8 } };

describe("a gid", () => {
  test("is cut from its image row by row, with margin and spacing", () => {
    expect(tileDraw(version, 10)?.source).toEqual({ x: 2, y: 2, w: 8, h: 8 });
    expect(tileDraw(version, 14)).toMatchObject({ source: { x: 11, y: 11, w: 8, h: 8 }, tile: { class: "wall" } });
    expect(tileDraw(version, 13)?.tile).toBeUndefined();
    for (const none of [0, 9, 16, 0x80000000]) expect(tileDraw(version, none)).toBeUndefined();
  });

  test("carries its flips", () => {
    expect(tileDraw(version, 0xa000000e)).toMatchObject({ flipHorizontal: true, flipVertical: false, flipDiagonal: true });
    expect(tileDraw(version, 0x4000000e)).toMatchObject({ flipHorizontal: false, flipVertical: true, flipDiagonal: false });
    expect(plainGid(0xe000000e)).toBe(14);
  });

  test("of an animated tile changes with time, flips kept", () => {
    const frames = [
      { gid: 11, durationMs: 100 },
      { gid: 12, durationMs: 50 },
    ];
    const tile: TileInfo = { id: 1, animation: frames };
    expect([0, 99, 100, 149, 150, 1_000_000].map((timeMs) => gidAt(tile, 11, timeMs))).toEqual([11, 11, 12, 12, 11, 12]);
    expect(gidAt(tile, 0x8000000b, 120)).toBe(0x8000000c);
    expect([gidAt(undefined, 5, 7), gidAt({ id: 1 }, 5, 7)]).toEqual([5, 5]);
  });
});

describe("objects of a layer", () => {
  const layer = (drawOrder: "topdown" | "index"): LayerInfo => ({
    ...{ order: 2, name: "things", kind: "object", drawOrder, visible: true, opacity: 1 },
    ...{ offset: { x: 0, y: 0 }, parallax: { x: 1, y: 1 } },
  });
  const object = (id: string, y: number, height: number, order?: number, on = 2): StaticObject => ({
    ...{ id, kind: "k", x: 0, y, height, layer: on },
    ...(order === undefined ? {} : { order }),
  });
  const objects = [object("tall", 4, 6, 0), object("low", 5, 1, 1), object("new", 1, 1), object("elsewhere", 0, 1, 0, 1)];

  test("are drawn by their lower edge, or in the map's own order with new ones last", () => {
    expect(inDrawOrder(layer("topdown"), objects).map(({ id }) => id)).toEqual(["new", "low", "tall"]);
    expect(inDrawOrder(layer("index"), objects).map(({ id }) => id)).toEqual(["tall", "low", "new"]);
  });
});

test("zones hold what is in their true shape", () => {
  const zone = { id: "z", name: "", class: "", x: 2, y: 2, w: 4, h: 2, properties: {} };
  const points = [
    [2, 2],
    [6, 2],
    [2, 4],
  ] as const;
  const inside = (shape: "rectangle" | "ellipse" | "polygon" | "point" | "polyline"): boolean[] =>
    [
      [2.1, 2.1],
      [4, 3],
      [5.9, 3.9],
      [3, 2.9],
      [6.1, 3],
    ].map(([x = 0, y = 0]) => zoneHolds({ ...zone, shape, points }, x, y));
  expect(inside("rectangle")).toEqual([true, true, true, true, false]);
  expect(inside("ellipse")).toEqual([false, true, false, true, false]);
  expect(inside("polygon")).toEqual([true, false, false, true, false]);
  expect(inside("point")).toEqual([false, false, false, false, false]);
  expect(inside("polyline")).toEqual([false, false, false, false, false]);
});

test("tints multiply channel by channel", () => {
  expect(multipliedColours("#ffffff", "#804020")).toBe("#804020");
  expect(multipliedColours("#80808080", "#80ff00")).toBe("#40800080");
});
