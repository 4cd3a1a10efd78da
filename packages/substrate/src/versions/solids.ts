// What stops movement in a version, for the motion that world and client share: solid tiles, solid boxes, solid objects, and
// everything outside of the world. A chunk that is not read yet is solid too: one cannot walk into what one cannot see.
import { LIMITS } from "../limits.ts";
import { chunkBounds } from "./scene.ts";
import type { Box, Chunk, Solids, StaticObject, SubstrateView } from "./types.ts";

const SIDE = LIMITS.chunkTiles;
/** Far enough outside to be everywhere. */
const FAR = 4 * LIMITS.coordinateTiles;

/** The box in which a solid object stops movement: its bounding box (units), rotation and tile shape included. */
export function objectBox(object: StaticObject, tileSize: { readonly w: number; readonly h: number }): Box {
  const w = (object.width ?? 1) * tileSize.w;
  const h = (object.height ?? 1) * tileSize.h;
  const [sin, cos] = sinCos(object.rotation ?? 0);
  const halfWidth = (Math.abs(w * cos) + Math.abs(h * sin)) / 2 / tileSize.w;
  const halfHeight = (Math.abs(w * sin) + Math.abs(h * cos)) / 2 / tileSize.h;
  return [snap(object.x - halfWidth), snap(object.y - halfHeight), snap(object.x + halfWidth), snap(object.y + halfHeight)];
}

/** Sine and cosine of whole degrees; quarter turns are exact. */
export function sinCos(degrees: number): [number, number] {
  const quarter = (((degrees % 360) + 360) % 360) / 90;
  if (Number.isInteger(quarter)) return [[0, 1, 0, -1][quarter] as number, [1, 0, -1, 0][quarter] as number];
  const radians = (degrees * Math.PI) / 180;
  return [Math.sin(radians), Math.cos(radians)];
}

function snap(units: number): number {
  return Math.round(units * 256) / 256;
}

/** The solids of the chunks read so far; chunks read later, or by another view, are seen after a further call. */
export function solidsOf(view: SubstrateView): Solids {
  const { bounds, tileSize } = view.version;
  const boxes = new Map<number, Box[]>();
  const area = chunkBounds(bounds);
  const wide = area.x1 - area.x0;
  const file = (box: Box): void => {
    for (let cy = Math.floor(box[1] / SIDE); cy < Math.ceil(box[3] / SIDE); cy++) {
      for (let cx = Math.floor(box[0] / SIDE); cx < Math.ceil(box[2] / SIDE); cx++) {
        const key = (cy - area.y0) * wide + (cx - area.x0);
        const filed = boxes.get(key);
        if (filed === undefined) boxes.set(key, [box]);
        else filed.push(box);
      }
    }
  };
  for (const chunk of view.loadedChunks()) {
    for (const box of chunk.boxes) file(box);
    for (const object of chunk.objects) {
      if (object.solid === true) file(objectBox(object, tileSize));
      for (const [x0, y0, x1, y1] of object.boxes ?? []) file([object.x + x0, object.y + y0, object.x + x1, object.y + y1]);
    }
  }
  // Chunks that were read, by number: this is asked for every step of every body.
  const read = new Map<number, Chunk | null>();
  const chunkAt = (cx: number, cy: number, key: number): Chunk | null | undefined => {
    let chunk = read.get(key);
    if (chunk === undefined) {
      chunk = view.loaded(cx, cy);
      if (chunk !== undefined) read.set(key, chunk);
    }
    return chunk;
  };
  return {
    visit: (x0, y0, x1, y1, see) => {
      visitOutside(bounds, x0, y0, x1, y1, see);
      for (let cy = Math.max(area.y0, Math.floor(y0 / SIDE)); cy <= Math.min(area.y1 - 1, Math.floor(y1 / SIDE)); cy++) {
        for (let cx = Math.max(area.x0, Math.floor(x0 / SIDE)); cx <= Math.min(area.x1 - 1, Math.floor(x1 / SIDE)); cx++) {
          const key = (cy - area.y0) * wide + (cx - area.x0);
          const chunk = chunkAt(cx, cy, key);
          if (chunk === undefined) see(cx * SIDE, cy * SIDE, (cx + 1) * SIDE, (cy + 1) * SIDE);
          else if (chunk !== null) visitTiles(chunk, x0, y0, x1, y1, see);
          const filed = boxes.get(key);
          if (filed === undefined) continue;
          for (const box of filed) if (box[0] <= x1 && box[2] >= x0 && box[1] <= y1 && box[3] >= y0) see(box[0], box[1], box[2], box[3]);
        }
      }
    },
  };
}

type See = Parameters<Solids["visit"]>[4];

function visitTiles(chunk: Chunk, x0: number, y0: number, x1: number, y1: number, see: See): void {
  const left = chunk.cx * SIDE;
  const top = chunk.cy * SIDE;
  const fromX = Math.max(0, Math.ceil(x0 - left) - 1);
  const toX = Math.min(SIDE - 1, Math.floor(x1 - left));
  const toY = Math.min(SIDE - 1, Math.floor(y1 - top));
  for (let y = Math.max(0, Math.ceil(y0 - top) - 1); y <= toY; y++) {
    for (let x = fromX; x <= toX; x++) {
      const bit = y * SIDE + x;
      if (((chunk.solid[bit >> 3] as number) >> (bit & 7)) & 1) see(left + x, top + y, left + x + 1, top + y + 1);
    }
  }
}

function visitOutside(bounds: SubstrateView["version"]["bounds"], x0: number, y0: number, x1: number, y1: number, see: See): void {
  if (x0 <= bounds.x0) see(bounds.x0 - FAR, bounds.y0 - FAR, bounds.x0, bounds.y1 + FAR);
  if (x1 >= bounds.x1) see(bounds.x1, bounds.y0 - FAR, bounds.x1 + FAR, bounds.y1 + FAR);
  if (y0 <= bounds.y0) see(bounds.x0 - FAR, bounds.y0 - FAR, bounds.x1 + FAR, bounds.y0);
  if (y1 >= bounds.y1) see(bounds.x0 - FAR, bounds.y1, bounds.x1 + FAR, bounds.y1 + FAR);
}
