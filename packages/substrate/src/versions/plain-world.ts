// For tests: worlds of any size without a map or pictures. Every chunk differs from every other one.
import type { Block } from "../stores/port.ts";
import { type BuiltVersion, buildVersion } from "./build.ts";
import { SOLID_BYTES } from "./chunk-codec.ts";
import type { Scene } from "./scene.ts";
import type { Chunk, LayerInfo, StaticObject } from "./types.ts";

const LOOK = { visible: true, opacity: 1, offset: { x: 0, y: 0 }, parallax: { x: 1, y: 1 } } as const;
const LAYERS: readonly LayerInfo[] = [
  { order: 0, name: "ground", kind: "tile", ...LOOK },
  { order: 1, name: "placed", kind: "object", drawOrder: "topdown", ...LOOK },
];

/** `from` is the upper left corner, in tiles. */
export function plainScene(chunksWide: number, chunksHigh: number, from: { x: number; y: number } = { x: 0, y: 0 }): Scene {
  return {
    bounds: { x0: from.x, y0: from.y, x1: from.x + chunksWide * 16, y1: from.y + chunksHigh * 16 },
    tileSize: { w: 16, h: 16 },
    parallaxOrigin: { x: 0, y: 0 },
    layers: LAYERS,
    placedLayer: 1,
    tilesets: [],
    assets: [],
    zones: [],
    properties: {},
  };
}

export function plainChunk(cx: number, cy: number, objects: readonly StaticObject[] = []): Chunk {
  const gids = Uint32Array.from({ length: 256 }, (_, i) => 1 + (((cx * 7_919 + cy * 104_729 + 2 ** 20) % 65_521) + (i % 4)));
  return { cx, cy, layers: [{ layer: 0, gids }], solid: new Uint8Array(SOLID_BYTES), boxes: [], objects };
}

/** All chunks of the scene, or those given. */
export async function plainWorld(scene: Scene, chunks?: readonly Chunk[], assetBlocks: readonly Block[] = []): Promise<BuiltVersion> {
  const built = await buildVersion({ name: "plain", scene, chunks: chunks ?? allChunks(scene), assetBlocks });
  if (!built.ok) throw new Error(built.fault.detail);
  return built.value;
}

function* allChunks({ bounds }: Scene): Iterable<Chunk> {
  for (let cy = Math.floor(bounds.y0 / 16); cy < bounds.y1 / 16; cy++) {
    for (let cx = Math.floor(bounds.x0 / 16); cx < bounds.x1 / 16; cx++) yield plainChunk(cx, cy);
  }
}
