// Small pictures of items and things for the page's own elements, cut from the world's tilesets.
import type { SubstrateView } from "@sojourn/substrate";
import { drawBit } from "../scene/bits.ts";
import { parseColour } from "../scene/colour.ts";
import type { TileBook } from "../scene/tile-book.ts";

/** Where the stage keeps a world's decoded images. */
export interface PictureShelf {
  readonly book: TileBook | undefined;
  readonly view: SubstrateView | undefined;
  image(asset: string, transparent: string | undefined): ImageBitmap | HTMLCanvasElement | undefined;
}

/** A canvas with the first tile of this class; a question mark when the world has none. */
export function iconOf(shelf: PictureShelf, sprite: string): HTMLCanvasElement {
  const gid = shelf.book?.byClass(sprite);
  const picture = gid === undefined ? undefined : shelf.book?.picture(gid);
  const image = picture === undefined ? undefined : shelf.image(picture.set.image.asset, picture.set.image.transparent);
  if (picture === undefined || image === undefined) return drawBit("unknown");
  const { set, source } = picture;
  const canvas = document.createElement("canvas");
  canvas.width = source.w;
  canvas.height = source.h;
  const paint = canvas.getContext("2d", { willReadFrequently: set.image.transparent !== undefined });
  paint?.drawImage(image, source.x, source.y, source.w, source.h, 0, 0, source.w, source.h);
  if (paint !== null && set.image.transparent !== undefined) clearColour(paint, set.image.transparent);
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}

function clearColour(paint: CanvasRenderingContext2D, transparent: string): void {
  const key = parseColour(transparent);
  if (key === undefined) return;
  const { width, height } = paint.canvas;
  const pixels = paint.getImageData(0, 0, width, height);
  const data = pixels.data;
  for (let i = 0; i < data.length; i += 4) {
    const rgb = (((data[i] as number) << 16) | ((data[i + 1] as number) << 8) | (data[i + 2] as number)) >>> 0;
    if (rgb === key >>> 8) data[i + 3] = 0;
  }
  paint.putImageData(pixels, 0, 0);
}
