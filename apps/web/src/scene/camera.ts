// Where one looks from. Pure. Lengths are texels of the world (tile size × tiles); `zoom` is whole device pixels per texel,
// so that every texel is a square of the same size on the screen and nothing shimmers.
import { VIEW } from "../limits.ts";

/** A view of the world: its top left corner in texels and its size on the screen in device pixels. */
export interface Look {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** The whole zoom at which about VIEW.tilesAcross tiles fit into the shorter side. */
export function zoomFor(widthPx: number, heightPx: number, tileSize: number): number {
  const fit = Math.min(widthPx, heightPx) / (VIEW.tilesAcross * tileSize);
  return Math.min(VIEW.maxZoom, Math.max(VIEW.minZoom, Math.round(fit)));
}

/** One step of following: the centre glides to the target, or jumps when that is far. All in texels. */
export function follow(centre: Spot | undefined, target: Spot, dtMs: number, tileSize: number): Spot {
  if (centre === undefined) return target;
  const dx = target.x - centre.x;
  const dy = target.y - centre.y;
  if (Math.hypot(dx, dy) > VIEW.jumpTiles * tileSize) return target;
  const left = 0.5 ** (Math.max(0, dtMs) / VIEW.followHalfLifeMs);
  return { x: target.x - dx * left, y: target.y - dy * left };
}

/** The view centred on a spot, kept within the world (a world smaller than the view is centred), on whole device pixels. */
export function lookAt(centre: Spot, world: Bounds, zoom: number, widthPx: number, heightPx: number): Look {
  const x = within(centre.x - widthPx / zoom / 2, world.x, world.w, widthPx / zoom);
  const y = within(centre.y - heightPx / zoom / 2, world.y, world.h, heightPx / zoom);
  return { x: snapTo(x, zoom), y: snapTo(y, zoom), zoom, widthPx, heightPx };
}

function within(start: number, worldStart: number, worldLength: number, viewLength: number): number {
  if (worldLength <= viewLength) return worldStart + (worldLength - viewLength) / 2;
  return Math.min(worldStart + worldLength - viewLength, Math.max(worldStart, start));
}

/** The nearest texel position that falls on a whole device pixel. */
export function snapTo(texels: number, zoom: number): number {
  return Math.round(texels * zoom) / zoom;
}

/** A device pixel of the screen to world texels, and back. */
export function toWorld(look: Look, px: Spot): Spot {
  return { x: look.x + px.x / look.zoom, y: look.y + px.y / look.zoom };
}

export function toScreen(look: Look, texels: Spot): Spot {
  return { x: (texels.x - look.x) * look.zoom, y: (texels.y - look.y) * look.zoom };
}

/** How far a layer is moved at this view: Tiled's parallax is measured from the view's centre. */
export function parallaxShift(look: Look, factorX: number, factorY: number, originX: number, originY: number): Spot {
  const centreX = look.x + look.widthPx / look.zoom / 2;
  const centreY = look.y + look.heightPx / look.zoom / 2;
  return { x: (centreX - originX) * (1 - factorX), y: (centreY - originY) * (1 - factorY) };
}
