// Turns one layer of one chunk into quads. Pure. Positions are texels from the chunk's upper left corner.
import { type PixelBox, tilePlace } from "@sojourn/substrate";
import { flipsOf } from "./flips.ts";
import { Quads } from "./quads.ts";
import type { TileBook, TilePicture } from "./tile-book.ts";

export const CHUNK_TILES = 16;

/** A quad whose picture changes with time. */
export interface AnimatedQuad {
  readonly batch: number;
  readonly index: number;
  readonly gid: number;
}

export interface ChunkLayer {
  /** One batch, or one for each row of tiles when tiles reach out of their cells: then rows must interleave across chunks. */
  readonly batches: readonly Quads[];
  readonly byRow: boolean;
  readonly animated: readonly AnimatedQuad[];
}

/** Where a tile is drawn that stands in the cell whose lower left corner is x, y. */
export function tileBox(picture: TilePicture, flips: number, x: number, y: number, cellW: number, cellH: number): PixelBox {
  const place = tilePlace(picture.set, { w: cellW, h: cellH }, (flips & 4) !== 0);
  return { ...place, x: x + place.x, y: y - cellH + place.y };
}

/** True when no tile of this layer reaches out of its cell, so that the order of drawing does not matter. */
function fitsCells(gids: Uint32Array, book: TileBook, cellW: number, cellH: number): boolean {
  for (const gid of gids) {
    const picture = gid === 0 ? undefined : book.picture(gid);
    if (picture === undefined) continue;
    const box = tileBox(picture, flipsOf(gid), 0, cellH, cellW, cellH);
    if (box.x < 0 || box.y < 0 || box.x + box.w > cellW || box.y + box.h > cellH) return false;
  }
  return true;
}

/**
 * @param gids 256 gids with Tiled's flip bits, row by row; 0 is empty
 * @param tint 0xRRGGBBAA of the whole layer, its opacity included
 */
export function chunkLayer(gids: Uint32Array, book: TileBook, cellW: number, cellH: number, tint: number): ChunkLayer {
  const byRow = !fitsCells(gids, book, cellW, cellH);
  const batches = Array.from({ length: byRow ? CHUNK_TILES : 1 }, () => new Quads(byRow ? CHUNK_TILES : gids.length));
  const animated: AnimatedQuad[] = [];
  for (const at of drawingOrder(gids, book, byRow)) {
    const gid = gids[at] as number;
    const picture = book.picture(gid);
    if (picture === undefined) continue;
    const row = Math.floor(at / CHUNK_TILES);
    const flips = flipsOf(gid);
    const box = tileBox(picture, flips, (at % CHUNK_TILES) * cellW, (row + 1) * cellH, cellW, cellH);
    const batch = byRow ? row : 0;
    const index = (batches[batch] as Quads).add(picture.region, box.x, box.y, box.w, box.h, flips, tint);
    if (picture.roundMs > 0) animated.push({ batch, index, gid });
  }
  return { batches, byRow, animated };
}

/** Row by row; where the order does not matter, page by page, so that each page is one draw call. */
function drawingOrder(gids: Uint32Array, book: TileBook, byRow: boolean): number[] {
  const filled: number[] = [];
  for (let at = 0; at < gids.length; at++) if (gids[at] !== 0) filled.push(at);
  if (byRow) return filled;
  const pageOf = (at: number): number => book.picture(gids[at] as number)?.region.page ?? 0;
  return filled.sort((a, b) => pageOf(a) - pageOf(b) || a - b);
}
