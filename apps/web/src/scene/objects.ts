// Static objects with a picture (tile objects), and image layers: what an author laid freely over the grid.
import { fitted, inDrawOrder, type LayerInfo, type StaticObject, type SubstrateView } from "@sojourn/substrate";
import { faded } from "./colour.ts";
import { flipsOf } from "./flips.ts";
import type { Quads, Region } from "./quads.ts";
import type { ChunkRange } from "./terrain.ts";
import type { TileBook } from "./tile-book.ts";

const DEGREES = Math.PI / 180;

/** An object as it is drawn, in texels; `foot` is the lower edge by which nearer things are drawn later. */
export interface ObjectDraw {
  readonly object: StaticObject;
  readonly region: Region;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly flips: number;
  readonly angle: number;
  readonly foot: number;
}

/** How an object is drawn now, or undefined when it has no picture. */
export function drawObject(object: StaticObject, book: TileBook, cellW: number, cellH: number, timeMs: number): ObjectDraw | undefined {
  if (object.gid === undefined || object.hidden === true) return undefined;
  const picture = book.pictureAt(object.gid, timeMs);
  if (picture === undefined) return undefined;
  const w = (object.width ?? 1) * cellW;
  const h = (object.height ?? 1) * cellH;
  const { set, region } = picture;
  // Where the object says it stands its picture stands: what a tileset's drawing offset moves was moved when the map was packed.
  const [left, top] = [object.x * cellW - w / 2, object.y * cellH - h / 2];
  const place = fitted(set, w, h);
  const angle = (object.rotation ?? 0) * DEGREES;
  const drawn = { x: left + place.x, y: top + place.y, w: place.w, h: place.h };
  return { object, region, ...drawn, flips: flipsOf(object.gid), angle, foot: top + h };
}

/** Adds an object. What is not turned lies on whole device pixels; a pixel is covered when its middle is (upper and left edges count). */
export function addObject(quads: Quads, draw: ObjectDraw, tint: number, zoom: number): void {
  const x = draw.angle === 0 ? Math.ceil(draw.x * zoom - 0.5) / zoom : draw.x;
  const y = draw.angle === 0 ? Math.ceil(draw.y * zoom - 0.5) / zoom : draw.y;
  const own = draw.object.opacity === undefined ? tint : faded(tint, draw.object.opacity);
  quads.addTurned(draw.region, x, y, draw.w, draw.h, draw.flips, own, draw.angle, x + draw.w / 2, y + draw.h / 2);
}

/** The objects of one layer in the given chunks, first drawn first. */
export function objectsOf(view: SubstrateView, layer: LayerInfo, chunks: ChunkRange): StaticObject[] {
  const found: StaticObject[] = [];
  for (let cy = chunks.y0; cy <= chunks.y1; cy++) {
    for (let cx = chunks.x0; cx <= chunks.x1; cx++) found.push(...(view.loaded(cx, cy)?.objects ?? []));
  }
  return inDrawOrder(layer, found);
}

/** An image layer: one picture, or the view filled with it along the axes it repeats on. Positions are the layer's own. */
export function addImage(
  quads: Quads,
  region: Region,
  image: { repeatX: boolean; repeatY: boolean },
  view: { x: number; y: number; w: number; h: number },
  tint: number,
): void {
  const firstX = image.repeatX ? Math.floor(view.x / region.w) : 0;
  const lastX = image.repeatX ? Math.floor((view.x + view.w) / region.w) : 0;
  const firstY = image.repeatY ? Math.floor(view.y / region.h) : 0;
  const lastY = image.repeatY ? Math.floor((view.y + view.h) / region.h) : 0;
  for (let iy = firstY; iy <= lastY; iy++) {
    for (let ix = firstX; ix <= lastX; ix++) quads.add(region, ix * region.w, iy * region.h, region.w, region.h, 0, tint);
  }
}
