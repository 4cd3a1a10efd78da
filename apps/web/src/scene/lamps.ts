// Where light comes from: tiles and objects whose author gave them the property `light` (how far it shines, in tiles).
// Pure. A lamp drawn with several tiles side by side is one lamp.
import type { Chunk, TileInfo } from "@sojourn/substrate";
import { parseColour } from "./colour.ts";
import type { Light } from "./lights.ts";
import type { TileBook } from "./tile-book.ts";
import { CHUNK_TILES } from "./tile-chunk.ts";

const WARM = 0xffb860ff;

/** A lamp that does not move: texels. `seed` makes each flicker in its own time. */
export interface Lamp extends Light {
  readonly seed: number;
  /** It burns: embers rise from it. */
  readonly fire: boolean;
}

const FIRES = new Set(["hearth", "torch", "brazier", "campfire", "fire", "wall-torch"]);

export function lampOf(info: TileInfo | undefined, x: number, y: number, cell: number): Lamp | undefined {
  const reach = info?.properties?.light;
  if (typeof reach !== "number" || !(reach > 0)) return undefined;
  const glow = info?.properties?.glow;
  const colour = (typeof glow === "string" ? parseColour(glow) : undefined) ?? WARM;
  return {
    x,
    y,
    radius: Math.min(24, reach) * cell,
    colour,
    strength: 1,
    seed: x * 7.13 + y * 3.71,
    fire: FIRES.has(info?.class ?? ""),
  };
}

/** The lamps of a chunk. Neighbouring tiles of a layer with the same class and light count once, at their middle. */
export function chunkLamps(chunk: Chunk, book: TileBook, cellW: number, cellH: number): Lamp[] {
  const lamps: Lamp[] = [];
  for (const { gids } of chunk.layers) {
    const seen = new Set<number>();
    for (let at = 0; at < gids.length; at++) {
      const info = lampInfo(gids[at] as number, book);
      if (info === undefined || seen.has(at)) continue;
      const patch = patchOf(at, gids, book, seen);
      const column = patch.reduce((sum, i) => sum + (i % CHUNK_TILES), 0) / patch.length;
      const row = patch.reduce((sum, i) => sum + Math.floor(i / CHUNK_TILES), 0) / patch.length;
      const x = (chunk.cx * CHUNK_TILES + column + 0.5) * cellW;
      const y = (chunk.cy * CHUNK_TILES + row + 0.5) * cellH;
      const lamp = lampOf(info, x, y, cellW);
      if (lamp !== undefined) lamps.push(lamp);
    }
  }
  for (const object of chunk.objects) {
    if (object.gid === undefined || object.hidden === true) continue;
    const lamp = lampOf(lampInfo(object.gid, book), object.x * cellW, object.y * cellH, cellW);
    if (lamp !== undefined) lamps.push(lamp);
  }
  return lamps;
}

function lampInfo(gid: number, book: TileBook): TileInfo | undefined {
  const info = gid === 0 ? undefined : book.picture(gid)?.info;
  return info?.properties?.light === undefined ? undefined : info;
}

/** The tiles joined to this one that carry the same light. */
function patchOf(start: number, gids: Uint32Array, book: TileBook, seen: Set<number>): number[] {
  const likeness = (info: TileInfo | undefined): string =>
    `${info?.class ?? ""} ${String(info?.properties?.light)} ${String(info?.properties?.glow)}`;
  const wanted = likeness(lampInfo(gids[start] as number, book));
  const patch: number[] = [];
  const open = [start];
  seen.add(start);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    patch.push(at);
    const column = at % CHUNK_TILES;
    const next = [column > 0 ? at - 1 : -1, column < CHUNK_TILES - 1 ? at + 1 : -1, at - CHUNK_TILES, at + CHUNK_TILES];
    for (const i of next) {
      if (i < 0 || i >= gids.length || seen.has(i)) continue;
      const info = lampInfo(gids[i] as number, book);
      if (info === undefined || likeness(info) !== wanted) continue;
      seen.add(i);
      open.push(i);
    }
  }
  return patch;
}
