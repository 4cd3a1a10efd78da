// The scene: what all versions of a world share as long as its map does not change (size, layers, tilesets, assets, zones).
// It is one block, so that placing an object rewrites none of it. Pure.
import { LIMITS } from "../limits.ts";
import type { AssetInfo, LayerInfo, Properties, SubstrateVersion, TilesetInfo, Zone } from "./types.ts";

export interface Scene {
  readonly bounds: SubstrateVersion["bounds"];
  readonly tileSize: SubstrateVersion["tileSize"];
  readonly backgroundColor?: string;
  readonly parallaxOrigin: SubstrateVersion["parallaxOrigin"];
  readonly layers: readonly LayerInfo[];
  readonly placedLayer: number;
  readonly tilesets: readonly TilesetInfo[];
  readonly assets: readonly AssetInfo[];
  readonly zones: readonly Zone[];
  readonly class?: string;
  readonly properties: Properties;
}

/** The chunk a point belongs to; points outside the world belong to the nearest chunk. */
export function chunkAt(bounds: Scene["bounds"], x: number, y: number): { cx: number; cy: number } {
  const { x0, y0, x1, y1 } = chunkBounds(bounds);
  return { cx: clamp(Math.floor(x / LIMITS.chunkTiles), x0, x1 - 1), cy: clamp(Math.floor(y / LIMITS.chunkTiles), y0, y1 - 1) };
}

/** Chunks of a world, x1 and y1 exclusive. */
export function chunkBounds(bounds: Scene["bounds"]): { x0: number; y0: number; x1: number; y1: number } {
  return {
    x0: Math.floor(bounds.x0 / LIMITS.chunkTiles),
    y0: Math.floor(bounds.y0 / LIMITS.chunkTiles),
    x1: Math.ceil(bounds.x1 / LIMITS.chunkTiles),
    y1: Math.ceil(bounds.y1 / LIMITS.chunkTiles),
  };
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
