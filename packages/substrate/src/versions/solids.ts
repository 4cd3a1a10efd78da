// What stops movement in a version, for the motion that world and client share: solid tiles, solid boxes, solid objects, and
// everything outside of the world. A chunk that is not read yet is solid too: one cannot walk into what one cannot see.
import { LIMITS } from "../limits.ts";
import { chunkBounds } from "./scene.ts";
import type { Box, Chunk, Solids, StaticObject, SubstrateView } from "./types.ts";

const SIDE = LIMITS.chunkTiles;
/** Far enough outside to be everywhere. */
const FAR = 4 * LIMITS.coordinateTiles;
/** An object's solid parts lie within so many chunks of the one that holds its centre. */
const REACH_CHUNKS = Math.ceil(LIMITS.objectUnits / SIDE);

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

/** Solid boxes of objects, by the chunk their centre lies in. */
const standing = new WeakMap<Chunk, readonly Box[]>();

function standingIn(chunk: Chunk, tileSize: { readonly w: number; readonly h: number }): readonly Box[] {
  const known = standing.get(chunk);
  if (known !== undefined) return known;
  const boxes: Box[] = [];
  for (const object of chunk.objects) {
    if (object.solid === true) boxes.push(objectBox(object, tileSize));
    for (const [x0, y0, x1, y1] of object.boxes ?? []) boxes.push([object.x + x0, object.y + y0, object.x + x1, object.y + y1]);
  }
  standing.set(chunk, boxes);
  return boxes;
}

/** What stops movement in one chunk besides its tiles, as of so many reads. */
interface Filed {
  reads: number;
  chunk: Chunk | null | undefined;
  /** Its tiles; reading them from the chunk takes longer. */
  solid: Uint8Array | undefined;
  boxes: readonly Box[];
}

/** The solids of the chunks read so far. Chunks that are read later count from then on; one that was not read, or was let go, is solid. */
export function solidsOf(view: SubstrateView): Solids {
  const { bounds, tileSize } = view.version;
  const area = chunkBounds(bounds);
  const wide = area.x1 - area.x0;
  // By number: this is asked for every step of every body.
  const filed = new Map<number, Filed>();
  const fileAt = (cx: number, cy: number, key: number): Filed => {
    const known = filed.get(key);
    if (known?.reads === view.reads) return known;
    const chunk = view.loaded(cx, cy);
    const solid = known !== undefined && known.chunk === chunk ? known.solid : chunk?.solid;
    const file: Filed = { reads: view.reads, chunk, solid, boxes: boxesIn(view, cx, cy, tileSize) };
    filed.set(key, file);
    return file;
  };
  return {
    visit: (x0, y0, x1, y1, see) => {
      visitOutside(bounds, x0, y0, x1, y1, see);
      for (let cy = Math.max(area.y0, Math.floor(y0 / SIDE)); cy <= Math.min(area.y1 - 1, Math.floor(y1 / SIDE)); cy++) {
        for (let cx = Math.max(area.x0, Math.floor(x0 / SIDE)); cx <= Math.min(area.x1 - 1, Math.floor(x1 / SIDE)); cx++) {
          const { chunk, solid, boxes } = fileAt(cx, cy, (cy - area.y0) * wide + (cx - area.x0));
          if (chunk === undefined) see(cx * SIDE, cy * SIDE, (cx + 1) * SIDE, (cy + 1) * SIDE);
          else if (solid !== undefined) visitTiles(solid, cx, cy, x0, y0, x1, y1, see);
          for (const box of boxes) if (box[0] <= x1 && box[2] >= x0 && box[1] <= y1 && box[3] >= y0) see(box[0], box[1], box[2], box[3]);
        }
      }
    },
  };
}

/** The chunk's own boxes, and those of objects around that reach into it. */
function boxesIn(view: SubstrateView, cx: number, cy: number, tileSize: { readonly w: number; readonly h: number }): readonly Box[] {
  const own = view.loaded(cx, cy)?.boxes ?? [];
  let found: Box[] | undefined;
  for (let y = cy - REACH_CHUNKS; y <= cy + REACH_CHUNKS; y++) {
    for (let x = cx - REACH_CHUNKS; x <= cx + REACH_CHUNKS; x++) {
      const chunk = view.loaded(x, y);
      if (chunk === undefined || chunk === null || chunk.objects.length === 0) continue;
      for (const box of standingIn(chunk, tileSize)) {
        const isIn = box[0] < (cx + 1) * SIDE && box[2] > cx * SIDE && box[1] < (cy + 1) * SIDE && box[3] > cy * SIDE;
        if (!isIn) continue;
        found ??= [...own];
        found.push(box);
      }
    }
  }
  return found ?? own;
}

type See = Parameters<Solids["visit"]>[4];

function visitTiles(solid: Uint8Array, cx: number, cy: number, x0: number, y0: number, x1: number, y1: number, see: See): void {
  const left = cx * SIDE;
  const top = cy * SIDE;
  const fromX = Math.max(0, Math.ceil(x0 - left) - 1);
  const toX = Math.min(SIDE - 1, Math.floor(x1 - left));
  const toY = Math.min(SIDE - 1, Math.floor(y1 - top));
  for (let y = Math.max(0, Math.ceil(y0 - top) - 1); y <= toY; y++) {
    for (let x = fromX; x <= toX; x++) {
      const bit = y * SIDE + x;
      if (((solid[bit >> 3] as number) >> (bit & 7)) & 1) see(left + x, top + y, left + x + 1, top + y + 1);
    }
  }
}

function visitOutside(bounds: SubstrateView["version"]["bounds"], x0: number, y0: number, x1: number, y1: number, see: See): void {
  if (x0 <= bounds.x0) see(bounds.x0 - FAR, bounds.y0 - FAR, bounds.x0, bounds.y1 + FAR);
  if (x1 >= bounds.x1) see(bounds.x1, bounds.y0 - FAR, bounds.x1 + FAR, bounds.y1 + FAR);
  if (y0 <= bounds.y0) see(bounds.x0 - FAR, bounds.y0 - FAR, bounds.x1 + FAR, bounds.y0);
  if (y1 >= bounds.y1) see(bounds.x0 - FAR, bounds.y1, bounds.x1 + FAR, bounds.y1 + FAR);
}
