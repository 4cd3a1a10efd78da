// A rectangle of pixels to draw on: pictures laid over what is there, scaled, flipped and turned, texel by texel. Pure.
import type { PixelBox } from "@sojourn/substrate";
import type { Pixels } from "./art.ts";

export interface Stamp {
  readonly picture: Pixels;
  /** The part of the picture. */
  readonly source: PixelBox;
  /** Where it goes, before it is turned. */
  readonly place: PixelBox;
  readonly flipDiagonal: boolean;
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
  /** Sine and cosine of the turn about the middle of `around`; upright when not given. */
  readonly turn?: { readonly sin: number; readonly cos: number; readonly around: PixelBox };
  /** Multiplied in; channels from 0 to 1. */
  readonly tint: readonly [number, number, number, number];
}

export class Canvas implements Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;

  constructor(width: number, height: number, colour: readonly [number, number, number]) {
    this.width = width;
    this.height = height;
    this.data = new Uint8Array(width * height * 4);
    for (let at = 0; at < this.data.length; at += 4) this.data.set([...colour, 255], at);
  }

  /** One colour over a pixel; `alpha` from 0 to 1. Outside nothing happens. */
  over(x: number, y: number, r: number, g: number, b: number, alpha: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = (y * this.width + x) * 4;
    const { data } = this;
    data[at] = Math.round(r * alpha + (data[at] as number) * (1 - alpha));
    data[at + 1] = Math.round(g * alpha + (data[at + 1] as number) * (1 - alpha));
    data[at + 2] = Math.round(b * alpha + (data[at + 2] as number) * (1 - alpha));
  }

  /** A pixel is covered when its middle is. How many pixels were looked at. */
  stamp(stamp: Stamp): number {
    const { place, turn, source, picture, tint } = stamp;
    const reach = turn === undefined ? place : turnedBox(place, turn);
    const [x0, x1] = [Math.max(0, Math.ceil(reach.x - 0.5)), Math.min(this.width, Math.ceil(reach.x + reach.w - 0.5))];
    const [y0, y1] = [Math.max(0, Math.ceil(reach.y - 0.5)), Math.min(this.height, Math.ceil(reach.y + reach.h - 0.5))];
    for (let y = y0; y < y1; y++) {
      for (let x = x0; x < x1; x++) {
        let [px, py] = [x + 0.5, y + 0.5];
        if (turn !== undefined) [px, py] = turned(px, py, turn.around, -turn.sin, turn.cos);
        let u = (px - place.x) / place.w;
        let v = (py - place.y) / place.h;
        if (u < 0 || v < 0 || u >= 1 || v >= 1) continue;
        if (stamp.flipHorizontal) u = 1 - u;
        if (stamp.flipVertical) v = 1 - v;
        if (stamp.flipDiagonal) [u, v] = [v, u];
        const tx = source.x + Math.min(source.w - 1, Math.floor(u * source.w));
        const ty = source.y + Math.min(source.h - 1, Math.floor(v * source.h));
        const from = (ty * picture.width + tx) * 4;
        const alpha = ((picture.data[from + 3] as number) / 255) * tint[3];
        if (alpha === 0) continue;
        const [r, g, b] = [picture.data[from] as number, picture.data[from + 1] as number, picture.data[from + 2] as number];
        this.over(x, y, r * tint[0], g * tint[1], b * tint[2], alpha);
      }
    }
    return Math.max(0, x1 - x0) * Math.max(0, y1 - y0);
  }

  /** The outline of a box, inside it. */
  frame({ x, y, w, h }: PixelBox, width: number, [r, g, b]: readonly [number, number, number]): void {
    const [x0, y0, x1, y1] = [Math.floor(x), Math.floor(y), Math.ceil(x + w), Math.ceil(y + h)];
    for (let py = y0; py < y1; py++) {
      for (let px = x0; px < x1; px++) {
        const isEdge = px < x0 + width || py < y0 + width || px >= x1 - width || py >= y1 - width;
        if (isEdge) this.over(px, py, r, g, b, 1);
      }
    }
  }
}

function turned(x: number, y: number, around: PixelBox, sin: number, cos: number): [number, number] {
  const [cx, cy] = [around.x + around.w / 2, around.y + around.h / 2];
  return [cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos];
}

function turnedBox(place: PixelBox, { around, sin, cos }: NonNullable<Stamp["turn"]>): PixelBox {
  const corners = [
    [place.x, place.y],
    [place.x + place.w, place.y],
    [place.x, place.y + place.h],
    [place.x + place.w, place.y + place.h],
  ].map(([x, y]) => turned(x as number, y as number, around, sin, cos));
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, w: Math.max(...xs) - x, h: Math.max(...ys) - y };
}
