import type { SubstrateVersion, TilesetInfo } from "@sojourn/substrate";
import { describe, expect, it } from "vitest";
import { TileBook } from "./tile-book.ts";
import { chunkLayer, tileBox } from "./tile-chunk.ts";

const CELL = { w: 16, h: 16 };

function set(firstGid: number, rest: Partial<TilesetInfo> = {}): TilesetInfo {
  return {
    name: `set ${firstGid}`,
    firstGid,
    tileCount: 8,
    columns: 4,
    image: { asset: `image ${firstGid}`, mime: "image/png", width: 200, height: 100 },
    tileSize: { w: 16, h: 16 },
    margin: 0,
    spacing: 0,
    tileOffset: { x: 0, y: 0 },
    renderSize: "tile",
    tiles: [],
    ...rest,
  };
}

function book(...tilesets: TilesetInfo[]): TileBook {
  const version: Pick<SubstrateVersion, "tilesets" | "tileSize"> = { tilesets, tileSize: CELL };
  return new TileBook(version, (asset) => ({ page: Number(asset.slice(6)) % 7, x: 1_000, y: 500, w: 200, h: 100 }));
}

describe("TileBook", () => {
  it("finds a tile's texels with margin and spacing", () => {
    const found = book(set(1, { margin: 2, spacing: 1 })).picture(6);
    expect(found?.region).toEqual({ page: 1, x: 1_000 + 2 + 17, y: 500 + 2 + 17, w: 16, h: 16 });
    expect(found?.source).toEqual({ x: 19, y: 19, w: 16, h: 16 });
  });

  it("knows no tile outside of its tilesets or its image", () => {
    expect(book(set(1)).picture(9)).toBeUndefined();
    expect(book(set(1, { tileCount: 99 })).picture(70)).toBeUndefined();
  });

  it("finds a class, and the frame an animation is at", () => {
    const tiles = [
      {
        id: 2,
        class: "torch",
        animation: [
          { gid: 3, durationMs: 100 },
          { gid: 4, durationMs: 50 },
        ],
      },
    ];
    const torches = book(set(1, { tiles }));
    expect(torches.byClass("torch")).toBe(3);
    expect(torches.byClass("sword")).toBeUndefined();
    expect([0, 99, 100, 149, 150].map((at) => torches.pictureAt(3, at)?.gid)).toEqual([3, 3, 4, 4, 3]);
    expect(torches.pictureAt((0x8000_0000 | 3) >>> 0, 120)?.gid).toBe(4);
  });
});

describe("tiles of a chunk", () => {
  const tall = set(1, { tileSize: { w: 16, h: 32 }, tileOffset: { x: 1, y: -2 } });

  it("stand with their lower left corner in the cell; turned ones with their sides changed", () => {
    const picture = book(tall).picture(1);
    expect(picture && tileBox(picture, 0, 32, 48, 16, 16)).toEqual({ x: 33, y: 48 - 2 - 32, w: 16, h: 32 });
    expect(picture && tileBox(picture, 4, 32, 48, 16, 16)).toEqual({ x: 33, y: 48 - 2 - 16, w: 32, h: 16 });
    const inCell = book({ ...tall, renderSize: "grid" }).picture(1);
    expect(inCell && tileBox(inCell, 0, 0, 16, 16, 16)).toEqual({ x: 1, y: -1, w: 16, h: 16 });
  });

  it("lie in one batch, page by page, where nothing reaches out of its cell", () => {
    const gids = new Uint32Array(256);
    gids.set([1, 10, 2], 0);
    gids[255] = 0x4000_0003;
    const made = chunkLayer(gids, book(set(1), set(9)), 16, 16, 0xffffff80);
    expect(made.byRow).toBe(false);
    expect(made.batches[0]?.runs).toEqual([
      { page: 1, first: 0, count: 3 },
      { page: 2, first: 3, count: 1 },
    ]);
    expect([...(made.batches[0]?.position.subarray(16, 18) ?? [])]).toEqual([240, 240]);
    expect(made.batches[0]?.tint[3]).toBe(0x80);
  });

  it("lie row by row, in the author's order, where they do", () => {
    const gids = new Uint32Array(256);
    gids.set([1, 10, 2], 16);
    const made = chunkLayer(gids, book(tall, set(9)), 16, 16, 0xffffffff);
    expect(made.byRow).toBe(true);
    expect(made.batches.map(({ count }) => count)).toEqual([0, 3, ...Array.from({ length: 14 }, () => 0)]);
    expect(made.batches[1]?.runs.map(({ page }) => page)).toEqual([1, 2, 1]);
  });

  it("name the quads that move, and leave out tiles nobody has", () => {
    const tiles = [
      {
        id: 0,
        animation: [
          { gid: 1, durationMs: 1 },
          { gid: 2, durationMs: 1 },
        ],
      },
    ];
    const gids = new Uint32Array(256);
    gids.set([2, 1, 77], 0);
    const made = chunkLayer(gids, book(set(1, { tiles })), 16, 16, 0xffffffff);
    expect(made.animated).toEqual([{ batch: 0, index: 1, gid: 1 }]);
    expect(made.batches[0]?.count).toBe(2);
  });
});
