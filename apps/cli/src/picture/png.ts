// A world, or part of it, as a PNG: drawn strip by strip and brought to the size that was asked for, so that a large world takes no more
// memory than its picture.
import { FaultError, fault } from "@sojourn/protocol";
import type { PixelBox, SubstrateView } from "@sojourn/substrate";
import { encode } from "fast-png";
import { PICTURE } from "../limits.ts";
import { readArt } from "./art.ts";
import { Canvas } from "./canvas.ts";
import { Painter } from "./paint.ts";

/** Pixels of the picture for one of the map: a whole number, or one over a whole number. */
export type Scale = number;

/** Units; x1 and y1 exclusive. */
export interface Area {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export interface Drawing {
  readonly canvas: Canvas;
  readonly scale: Scale;
  /** The part of the map that is seen, its pixels. */
  readonly pixels: PixelBox;
  /** Pictures that could not be drawn, a sentence each. */
  readonly missing: readonly string[];
}

export interface DrawOptions {
  /** The largest that fits, up to 1, when not given. */
  readonly scale?: Scale;
  /** The whole world when not given. */
  readonly area?: Area;
  readonly onProgress?: (part: number) => void;
}

/** The view must have its chunks loaded. Throws a FaultError when the picture would be too large. */
export async function drawWorld(view: SubstrateView, options: DrawOptions = {}): Promise<Drawing> {
  const pixels = areaPixels(view, options.area);
  const scale = options.scale ?? fittingScale(pixels);
  const [width, height] = [Math.max(1, Math.floor(pixels.w * scale)), Math.max(1, Math.floor(pixels.h * scale))];
  if (width > PICTURE.side || height > PICTURE.side || width * height > PICTURE.pixels) {
    const most = `${PICTURE.side} along a side and ${PICTURE.pixels.toLocaleString("en")} in all`;
    throw new FaultError(
      fault(
        "oversized",
        "client",
        `the picture would have ${width} × ${height} pixels; ${most} are allowed: choose a smaller --scale or an --area`,
      ),
    );
  }
  const art = await readArt(view);
  const painter = new Painter(view, art);
  const canvas = new Canvas(width, height, [0, 0, 0]);
  const step = scale >= 1 ? 1 : Math.round(1 / scale);
  const rows = Math.max(1, Math.floor(PICTURE.stripPixels / Math.max(1, pixels.w) / step)) * step;
  for (let y = 0; y < pixels.h; y += rows) {
    const strip = painter.paint({ x: pixels.x, y: pixels.y + y, w: pixels.w, h: Math.min(rows, pixels.h - y) });
    if (scale >= 1) enlarge(strip, canvas, y, scale);
    else reduce(strip, canvas, y, step);
    options.onProgress?.(Math.min(1, (y + rows) / pixels.h));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { canvas, scale, pixels, missing: art.missing };
}

export function pngOf({ width, height, data }: Canvas): Uint8Array {
  return encode({ width, height, data, channels: 4 });
}

function areaPixels(view: SubstrateView, area?: Area): PixelBox {
  const { bounds, tileSize } = view.version;
  const { x0, y0, x1, y1 } = area ?? bounds;
  const [left, top] = [Math.max(bounds.x0, x0), Math.max(bounds.y0, y0)];
  const [right, lower] = [Math.min(bounds.x1, x1), Math.min(bounds.y1, y1)];
  if (right <= left || lower <= top) {
    const whole = `${bounds.x0},${bounds.y0},${bounds.x1},${bounds.y1}`;
    throw new FaultError(fault("malformed", "client", `nothing of the world lies in that area; the world is ${whole}`));
  }
  const [x, y] = [Math.floor(left * tileSize.w), Math.floor(top * tileSize.h)];
  return { x, y, w: Math.ceil(right * tileSize.w) - x, h: Math.ceil(lower * tileSize.h) - y };
}

function fittingScale({ w, h }: PixelBox): Scale {
  for (let by = 1; by < PICTURE.smallest; by *= 2) {
    const [width, height] = [Math.floor(w / by), Math.floor(h / by)];
    if (width <= PICTURE.side && height <= PICTURE.side && width * height <= PICTURE.pixels) return 1 / by;
  }
  return 1 / PICTURE.smallest;
}

function enlarge(strip: Canvas, into: Canvas, from: number, scale: Scale): void {
  for (let y = 0; y < strip.height * scale; y++) {
    for (let x = 0; x < into.width; x++) {
      const at = (Math.floor(y / scale) * strip.width + Math.floor(x / scale)) * 4;
      into.data.set(strip.data.subarray(at, at + 4), ((from * scale + y) * into.width + x) * 4);
    }
  }
}

/** Each pixel is the mean of the square that it stands for. */
function reduce(strip: Canvas, into: Canvas, from: number, step: number): void {
  for (let y = 0; y < Math.floor(strip.height / step); y++) {
    const row = from / step + y;
    if (row >= into.height) return;
    for (let x = 0; x < into.width; x++) {
      const sum = [0, 0, 0];
      for (let dy = 0; dy < step; dy++) {
        for (let dx = 0; dx < step; dx++) {
          const at = ((y * step + dy) * strip.width + Math.min(strip.width - 1, x * step + dx)) * 4;
          for (let c = 0; c < 3; c++) sum[c] = (sum[c] as number) + (strip.data[at + c] as number);
        }
      }
      const to = (row * into.width + x) * 4;
      for (let c = 0; c < 3; c++) into.data[to + c] = Math.round((sum[c] as number) / (step * step));
    }
  }
}
