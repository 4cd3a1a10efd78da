// Worlds of any size for the benchmark: every chunk has ground, things lying on it, walls and a few objects, and differs from every other.
// Made as they are asked for, so that nothing but a row of the index is ever held.
import type { Chunk, Scene, StaticObject } from "@sojourn/substrate";

const LOOK = { visible: true, opacity: 1, offset: { x: 0, y: 0 }, parallax: { x: 1, y: 1 } } as const;
const CELLS = 256;
const TILE = { w: 16, h: 16 };

/** As square as the number of chunks allows. */
export function sidesOf(chunks: number): { readonly wide: number; readonly high: number } {
  const wide = Math.ceil(Math.sqrt(chunks));
  return { wide, high: Math.ceil(chunks / wide) };
}

export function sceneOf(chunks: number): Scene {
  const { wide, high } = sidesOf(chunks);
  const middle = { x: (wide * 16) / 2, y: (high * 16) / 2 };
  return {
    bounds: { x0: 0, y0: 0, x1: wide * 16, y1: high * 16 },
    tileSize: TILE,
    parallaxOrigin: { x: 0, y: 0 },
    layers: [
      { order: 0, name: "ground", kind: "tile", ...LOOK },
      { order: 1, name: "lying", kind: "tile", ...LOOK },
      { order: 2, name: "placed", kind: "object", drawOrder: "topdown", ...LOOK },
    ],
    placedLayer: 2,
    tilesets: [],
    assets: [],
    zones: [{ id: "1", name: "start", class: "spawn", ...middle, w: 2, h: 2, shape: "rectangle", properties: {} }],
    properties: {},
  };
}

/** Row by row. */
export function* chunksOf(count: number): Generator<Chunk> {
  const { wide } = sidesOf(count);
  for (let i = 0; i < count; i++) yield chunkAt(i % wide, Math.floor(i / wide));
}

function chunkAt(cx: number, cy: number): Chunk {
  let state = (cx * 73_856_093) ^ (cy * 19_349_663) ^ 0x9e37_79b9;
  const next = (below: number): number => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x6d2b_79f5;
    return ((state ^ (state >>> 12)) >>> 0) % below;
  };
  const ground = Uint32Array.from({ length: CELLS }, () => 1 + next(12));
  const lying = new Uint32Array(CELLS);
  const solid = new Uint8Array(CELLS / 8);
  for (let i = 0; i < 24; i++) lying[next(CELLS)] = 64 + next(16);
  for (let i = 0; i < 12; i++) {
    const cell = next(CELLS);
    solid[cell >> 3] = (solid[cell >> 3] as number) | (1 << (cell & 7));
  }
  const objects: StaticObject[] = [0, 1].map((n) => ({
    ...{ id: `m${cx}-${cy}-${n}`, kind: n === 0 ? "barrel" : "lamp", layer: 2, gid: 80 + n, solid: n === 0 },
    ...{ x: cx * 16 + 2 + next(12), y: cy * 16 + 2 + next(12) },
  }));
  return {
    cx,
    cy,
    layers: [
      { layer: 0, gids: ground },
      { layer: 1, gids: lying },
    ],
    solid,
    boxes: [],
    objects,
  };
}

/** Something placed near the middle of the world, as a traveller would. */
export function crateIn(scene: Scene): StaticObject {
  const { x1, y1 } = scene.bounds;
  return { id: "placed", kind: "crate", x: x1 / 2 + 3.5, y: y1 / 2 + 3.5, layer: 2, solid: true, text: "Mind the step." };
}
