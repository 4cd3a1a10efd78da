// Both maps hold together: tiles resolve, one can walk to everything, and from where one arrives the portal lies straight on.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { gidsOf, readMap } from "./preview.ts";

interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

interface MapObject {
  readonly id: number;
  readonly gid?: number;
  readonly name: string;
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties?: readonly { name: string; value: unknown }[];
}

interface Tile {
  readonly id: number;
  readonly type?: string;
  readonly properties?: readonly { name: string; value: unknown }[];
  readonly objectgroup?: { readonly objects: readonly { x: number; y: number; width: number; height: number }[] };
}

const HALF = 0.3;
const STEP = 0.25;

function isSolid(tile: Tile | undefined): boolean {
  return tile?.properties?.some(({ name, value }) => name === "solid" && value === true) ?? false;
}

/** A map as a walker sees it, in tiles. */
function survey(world: string) {
  const map = readMap(world);
  const tiles = new Map<number, Tile>();
  let last = 0;
  for (const { firstgid, source } of map.tilesets) {
    const set = JSON.parse(readFileSync(new URL(`../${world}/${source}`, import.meta.url), "utf8"));
    for (const tile of set.tiles as Tile[]) tiles.set(firstgid + tile.id, tile);
    expect(firstgid).toBe(last + 1);
    last = firstgid + set.tilecount - 1;
  }
  const objects = map.layers.flatMap((layer) => (layer.objects ?? []) as readonly MapObject[]);
  const solids: Box[] = [];
  const block = (gid: number, x: number, y: number): void => {
    const tile = tiles.get(gid);
    if (isSolid(tile)) solids.push({ x0: x, y0: y, x1: x + 1, y1: y + 1 });
    for (const o of tile?.objectgroup?.objects ?? [])
      solids.push({ x0: x + o.x / 16, y0: y + o.y / 16, x1: x + (o.x + o.width) / 16, y1: y + (o.y + o.height) / 16 });
  };
  for (const layer of map.layers)
    if (layer.type === "tilelayer")
      gidsOf(layer).forEach((gid, i) => {
        if (gid > 0) block(gid, i % map.width, Math.floor(i / map.width));
      });
  for (const o of objects) {
    if (o.gid !== undefined) block(o.gid, o.x / 16, o.y / 16 - 1);
    if (o.type === "solid") solids.push({ x0: o.x / 16, y0: o.y / 16, x1: (o.x + o.width) / 16, y1: (o.y + o.height) / 16 });
  }
  return { map, tiles, objects, solids, lastGid: last };
}

function isFree(solids: readonly Box[], x: number, y: number): boolean {
  return solids.every((s) => x + HALF <= s.x0 || x - HALF >= s.x1 || y + HALF <= s.y0 || y - HALF >= s.y1);
}

/** Every quarter-tile spot a body can reach from (x, y). */
function reach(world: ReturnType<typeof survey>, x: number, y: number): { x: number; y: number }[] {
  const { width, height } = world.map;
  const seen = new Set<string>();
  const found: { x: number; y: number }[] = [];
  const queue = [{ x, y }];
  for (let spot = queue.pop(); spot !== undefined; spot = queue.pop()) {
    const key = `${spot.x},${spot.y}`;
    if (seen.has(key) || spot.x < HALF || spot.y < HALF || spot.x > width - HALF || spot.y > height - HALF) continue;
    seen.add(key);
    if (!isFree(world.solids, spot.x, spot.y)) continue;
    found.push(spot);
    for (const [dx, dy] of [
      [STEP, 0],
      [-STEP, 0],
      [0, STEP],
      [0, -STEP],
    ] as const)
      queue.push({ x: spot.x + dx, y: spot.y + dy });
  }
  return found;
}

describe.each([
  { world: "tavern", size: [40, 30], spawn: "start", to: "dungeon", east: 1 },
  { world: "dungeon", size: [48, 40], spawn: "arrival", to: "tavern", east: -1 },
])("$world", ({ world, size, spawn, to, east }) => {
  const seen = survey(world);
  const start = seen.objects.find((o) => o.type === "spawn" && o.name === spawn) as MapObject;
  const portal = seen.objects.find((o) => o.type === "portal") as MapObject;
  const [sx, sy] = [start.x / 16, start.y / 16];

  it("is a whole map: every layer full, every tile known, every object numbered once", () => {
    expect([seen.map.width, seen.map.height]).toEqual(size);
    const tileLayers = seen.map.layers.filter((layer) => layer.type === "tilelayer");
    expect(tileLayers.map((layer) => layer.name)).toEqual(["ground", "fringe", "shade", "light", "walls", "decor", "above"]);
    for (const layer of tileLayers) {
      const gids = gidsOf(layer);
      expect(gids.length).toBe(seen.map.width * seen.map.height);
      expect(Math.max(...gids)).toBeLessThanOrEqual(seen.lastGid);
    }
    expect(gidsOf(tileLayers[0] as (typeof tileLayers)[number]).every((gid) => gid > 0)).toBe(true);
    expect(new Set(seen.objects.map((o) => o.id)).size).toBe(seen.objects.length);
  });

  it("blocks nobody with what hangs overhead", () => {
    const above = seen.map.layers.find((layer) => layer.name === "above");
    const over = gidsOf(above as NonNullable<typeof above>).filter((gid) => gid > 0);
    expect(over.length).toBeGreaterThan(20);
    expect(over.map((gid) => seen.tiles.get(gid)).filter((tile) => tile?.objectgroup !== undefined || isSolid(tile))).toEqual([]);
  });

  it("leads to the other world", () => {
    expect(portal.properties).toContainEqual({ name: "to", type: "string", value: to });
  });

  it("has its portal straight on from where one starts", () => {
    const target = (portal.x + portal.width / 2) / 16;
    expect(sy).toBe((portal.y + portal.height / 2) / 16);
    expect(Math.sign(target - sx)).toBe(east);
    expect(Math.abs(target - sx)).toBeGreaterThanOrEqual(6);
    expect(Math.abs(target - sx)).toBeLessThanOrEqual(12);
    for (let x = sx; Math.abs(x - sx) <= Math.abs(target - sx); x += east / 16) expect(isFree(seen.solids, x, sy), `at ${x}`).toBe(true);
  });

  it("lets one walk to everything in it", () => {
    const spots = reach(seen, sx, sy);
    expect(spots.length).toBeGreaterThan(2000);
    for (const o of seen.objects) {
      if (o.type === "solid") continue;
      const top = o.gid === undefined ? o.y / 16 : o.y / 16 - 1;
      const near = spots.some(({ x, y }) => {
        const dx = Math.max(o.x / 16 - x, 0, x - (o.x + o.width) / 16);
        const dy = Math.max(top - y, 0, y - (top + o.height / 16));
        return Math.hypot(dx, dy) <= (o.type === "spawn" || o.type === "portal" ? 0.3 : 1);
      });
      expect(near, `${o.type} "${o.name}" at ${o.x / 16},${top}`).toBe(true);
    }
  });

  it("keeps walkers on the map", () => {
    const { width, height } = seen.map;
    for (const { x, y } of reach(seen, sx, sy)) expect(x > 0.5 && y > 0.5 && x < width - 0.5 && y < height - 0.5).toBe(true);
  });
});
