// Draws part of a world, one pixel of the map to the pixel: its layers in the author's order, as the browser draws them by day and with
// nobody in it. Layers with parallax lie where they say; animations show their first frame.
import { FaultError, fault } from "@sojourn/protocol";
import {
  fitted,
  gidAt,
  inDrawOrder,
  type LayerInfo,
  type PixelBox,
  type StaticObject,
  type SubstrateVersion,
  type SubstrateView,
  type TileDraw,
  tileDraw,
} from "@sojourn/substrate";
import { PICTURE } from "../limits.ts";
import type { Art, Pixels } from "./art.ts";
import { Canvas, type Stamp } from "./canvas.ts";

const SIDE = 16;
const UPRIGHT = { flipDiagonal: false, flipHorizontal: false, flipVertical: false };
/** What a tile shows whose picture could not be decoded. */
const UNKNOWN: Pixels = {
  width: 2,
  height: 2,
  data: Uint8Array.from([150, 150, 150, 255, 90, 90, 90, 255, 90, 90, 90, 255, 150, 150, 150, 255]),
};

export class Painter {
  readonly #view: SubstrateView;
  readonly #art: Art;
  readonly #tiles: Map<number, TileDraw | undefined> = new Map();
  /** How far tiles and objects reach out of their cells, pixels. */
  readonly #reach: number;
  #left: number = PICTURE.stampedPixels;

  /** The view must have the chunks loaded that are to be seen. */
  constructor(view: SubstrateView, art: Art) {
    this.#view = view;
    this.#art = art;
    this.#reach = reachOf(view);
  }

  /** `area`: whole pixels of the map. */
  paint(area: PixelBox): Canvas {
    const { version } = this.#view;
    const canvas = new Canvas(area.w, area.h, rgbOf(version.backgroundColor ?? "#000000"));
    for (const layer of version.layers) {
      if (!layer.visible || layer.opacity === 0) continue;
      const tint = tintOf(layer);
      if (layer.kind === "tile") this.#cells(canvas, area, layer, tint);
      else if (layer.kind === "object") this.#objects(canvas, area, layer, tint);
      else this.#image(canvas, area, layer, tint);
    }
    return canvas;
  }

  #cells(canvas: Canvas, area: PixelBox, layer: LayerInfo, tint: Stamp["tint"]): void {
    const { w, h } = this.#view.version.tileSize;
    const { offset, order } = layer;
    const near = this.#around(area, offset);
    for (let cy = Math.floor(near.y0 / SIDE); cy * SIDE <= near.y1; cy++) {
      const row = this.#row(order, Math.floor(near.x0 / SIDE), Math.floor(near.x1 / SIDE), cy);
      for (let y = Math.max(near.y0, cy * SIDE); y <= Math.min(near.y1, cy * SIDE + SIDE - 1); y++) {
        for (const { cx, gids } of row) {
          for (let x = cx * SIDE; x < cx * SIDE + SIDE; x++) {
            const draw = this.#tile(gids[(y - cy * SIDE) * SIDE + x - cx * SIDE] as number);
            if (draw === undefined) continue;
            const { place } = draw;
            const at = { x: x * w + place.x + offset.x - area.x, y: y * h + place.y + offset.y - area.y, w: place.w, h: place.h };
            this.#stamp(canvas, { ...this.#pictured(draw), place: at, tint });
          }
        }
      }
    }
  }

  /** The tiles of one layer in a row of chunks; a view reads them anew whenever they are asked for. */
  #row(order: number, fromX: number, toX: number, cy: number): { readonly cx: number; readonly gids: Uint32Array }[] {
    const row: { cx: number; gids: Uint32Array }[] = [];
    for (let cx = fromX; cx <= toX; cx++) {
      const gids = this.#view.loaded(cx, cy)?.layers.find((one) => one.layer === order)?.gids;
      if (gids !== undefined) row.push({ cx, gids });
    }
    return row;
  }

  #objects(canvas: Canvas, area: PixelBox, layer: LayerInfo, tint: Stamp["tint"]): void {
    const near = this.#around(area, { x: 0, y: 0 });
    const objects: StaticObject[] = [];
    for (let cy = Math.floor(near.y0 / SIDE); cy * SIDE <= near.y1; cy++) {
      for (let cx = Math.floor(near.x0 / SIDE); cx * SIDE <= near.x1; cx++) objects.push(...(this.#view.loaded(cx, cy)?.objects ?? []));
    }
    for (const object of inDrawOrder(layer, objects)) this.#object(canvas, area, object, tint);
  }

  #object(canvas: Canvas, area: PixelBox, object: StaticObject, [r, g, b, a]: Stamp["tint"]): void {
    const draw = object.gid === undefined || object.hidden === true ? undefined : this.#tile(object.gid);
    if (draw === undefined) return;
    const around = objectPixels(object, this.#view.version, area);
    const inside = fitted(draw.tileset, around.w, around.h);
    const place = { x: around.x + inside.x, y: around.y + inside.y, w: inside.w, h: inside.h };
    const radians = ((object.rotation ?? 0) * Math.PI) / 180;
    const turn = radians === 0 ? {} : { turn: { sin: Math.sin(radians), cos: Math.cos(radians), around } };
    this.#stamp(canvas, { ...this.#pictured(draw), place, ...turn, tint: [r, g, b, a * (object.opacity ?? 1)] });
  }

  #image(canvas: Canvas, area: PixelBox, { image, offset }: LayerInfo, tint: Stamp["tint"]): void {
    if (image === undefined) return;
    const picture = this.#art.pixels(image) ?? UNKNOWN;
    const { width: w, height: h } = image;
    const span = (repeats: boolean, from: number, length: number, size: number): [number, number] =>
      repeats ? [Math.floor(from / size), Math.floor((from + length) / size)] : [0, 0];
    const [x0, x1] = span(image.repeatX, area.x - offset.x, area.w, w);
    const [y0, y1] = span(image.repeatY, area.y - offset.y, area.h, h);
    const source = { x: 0, y: 0, w: picture.width, h: picture.height };
    for (let iy = y0; iy <= y1; iy++) {
      for (let ix = x0; ix <= x1; ix++) {
        const place = { x: ix * w + offset.x - area.x, y: iy * h + offset.y - area.y, w, h };
        this.#stamp(canvas, { picture, source, place, tint, ...UPRIGHT });
      }
    }
  }

  /** Cells that may be seen in the area, both ends included. */
  #around(area: PixelBox, offset: { readonly x: number; readonly y: number }): { x0: number; y0: number; x1: number; y1: number } {
    const { tileSize, bounds } = this.#view.version;
    const reach = this.#reach;
    return {
      x0: Math.max(bounds.x0, Math.floor((area.x - offset.x - reach) / tileSize.w)),
      y0: Math.max(bounds.y0, Math.floor((area.y - offset.y - reach) / tileSize.h)),
      x1: Math.min(bounds.x1 - 1, Math.floor((area.x + area.w - offset.x + reach) / tileSize.w)),
      y1: Math.min(bounds.y1 - 1, Math.floor((area.y + area.h - offset.y + reach) / tileSize.h)),
    };
  }

  #tile(gid: number): TileDraw | undefined {
    if (gid === 0) return undefined;
    if (!this.#tiles.has(gid)) {
      const own = tileDraw(this.#view.version, gid);
      const shown = own?.tile?.animation === undefined ? own : (tileDraw(this.#view.version, gidAt(own.tile, gid, 0)) ?? own);
      this.#tiles.set(gid, shown);
    }
    return this.#tiles.get(gid);
  }

  #stamp(canvas: Canvas, stamp: Stamp): void {
    this.#left -= canvas.stamp(stamp);
    if (this.#left >= 0) return;
    const why = "too much in this world lies over itself to be drawn in reasonable time: choose an --area";
    throw new FaultError(fault("oversized", "client", why));
  }

  #pictured(draw: TileDraw): Pick<Stamp, "picture" | "source" | "flipDiagonal" | "flipHorizontal" | "flipVertical"> {
    const { flipDiagonal, flipHorizontal, flipVertical } = draw;
    const picture = this.#art.pixels(draw.image);
    if (picture !== undefined) return { picture, source: draw.source, flipDiagonal, flipHorizontal, flipVertical };
    return { picture: UNKNOWN, source: { x: 0, y: 0, w: 2, h: 2 }, ...UPRIGHT };
  }
}

/** Where an object stands before it is turned, pixels of the map from the area's corner. */
export function objectPixels(object: StaticObject, { tileSize }: Pick<SubstrateVersion, "tileSize">, area: PixelBox): PixelBox {
  const [w, h] = [(object.width ?? 1) * tileSize.w, (object.height ?? 1) * tileSize.h];
  return { x: object.x * tileSize.w - w / 2 - area.x, y: object.y * tileSize.h - h / 2 - area.y, w, h };
}

function reachOf(view: SubstrateView): number {
  const { tilesets, tileSize } = view.version;
  let most = 0;
  for (const { tileSize: own, tileOffset } of tilesets)
    most = Math.max(most, Math.max(own.w, own.h) + Math.max(Math.abs(tileOffset.x), Math.abs(tileOffset.y)));
  for (const chunk of view.loadedChunks()) {
    for (const { width = 1, height = 1 } of chunk.objects) most = Math.max(most, Math.hypot(width * tileSize.w, height * tileSize.h));
  }
  return most;
}

function rgbOf(colour: string): [number, number, number] {
  const alpha = colour.length === 9 ? Number.parseInt(colour.slice(7), 16) / 255 : 1;
  return [1, 3, 5].map((at) => Math.round(Number.parseInt(colour.slice(at, at + 2), 16) * alpha)) as [number, number, number];
}

function tintOf({ tint = "#ffffff", opacity }: LayerInfo): Stamp["tint"] {
  const part = (at: number): number => Number.parseInt(tint.slice(at, at + 2), 16) / 255;
  return [part(1), part(3), part(5), (tint.length === 9 ? part(7) : 1) * opacity];
}
