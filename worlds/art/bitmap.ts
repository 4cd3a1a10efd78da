// A picture in palette indexes, and the few strokes everything here is drawn with. Index 0 is transparent.
import { ink } from "./palette.ts";

/** Nearer than this is "edge" when a shape is outlined. */
const NEIGHBOURS: readonly (readonly [number, number])[] = [
  [0, -1],
  [-1, 0],
  [1, 0],
  [0, 1],
];

export class Bitmap {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;

  constructor(width: number, height: number, colour = ".") {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8Array(width * height).fill(ink(colour));
  }

  at(x: number, y: number): number {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return 0;
    return this.pixels[y * this.width + x] as number;
  }

  /** Sets one pixel; outside the picture nothing happens. */
  dot(x: number, y: number, colour: string): this {
    return this.put(x, y, ink(colour));
  }

  put(x: number, y: number, index: number): this {
    if (x >= 0 && y >= 0 && x < this.width && y < this.height) this.pixels[y * this.width + x] = index;
    return this;
  }

  box(x: number, y: number, width: number, height: number, colour: string): this {
    const index = ink(colour);
    for (let j = y; j < y + height; j++) for (let i = x; i < x + width; i++) this.put(i, j, index);
    return this;
  }

  /** A box with a light left and top edge and a dark right and bottom edge: everything is lit from the top left. */
  bevel(x: number, y: number, width: number, height: number, [light, face, dark]: readonly [string, string, string]): this {
    this.box(x, y, width, height, dark);
    this.box(x, y, width - 1, height - 1, light);
    return this.box(x + 1, y + 1, width - 2, height - 2, face);
  }

  ellipse(cx: number, cy: number, rx: number, ry: number, colour: string): this {
    const index = ink(colour);
    for (let y = Math.floor(cy - ry); y <= cy + ry; y++)
      for (let x = Math.floor(cx - rx); x <= cx + rx; x++) {
        const u = (x + 0.5 - cx) / rx;
        const v = (y + 0.5 - cy) / ry;
        if (u * u + v * v <= 1) this.put(x, y, index);
      }
    return this;
  }

  line(x0: number, y0: number, x1: number, y1: number, colour: string): this {
    const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
    for (let i = 0; i <= steps; i++) this.dot(Math.round(x0 + ((x1 - x0) * i) / steps), Math.round(y0 + ((y1 - y0) * i) / steps), colour);
    return this;
  }

  /** Letters as pixels, one string a row; "." leaves what is there. */
  stamp(x: number, y: number, art: readonly string[]): this {
    art.forEach((row, j) => {
      for (let i = 0; i < row.length; i++) if (row[i] !== ".") this.dot(x + i, y + j, row[i] as string);
    });
    return this;
  }

  /** Copies what is not transparent in `from`. */
  blit(from: Bitmap, x: number, y: number): this {
    for (let j = 0; j < from.height; j++)
      for (let i = 0; i < from.width; i++) {
        const index = from.at(i, j);
        if (index !== 0) this.put(x + i, y + j, index);
      }
    return this;
  }

  cut(x: number, y: number, width: number, height: number): Bitmap {
    const out = new Bitmap(width, height);
    for (let j = 0; j < height; j++) for (let i = 0; i < width; i++) out.put(i, j, this.at(x + i, y + j));
    return out;
  }

  clone(): Bitmap {
    return this.cut(0, 0, this.width, this.height);
  }

  mirrored(): Bitmap {
    const out = new Bitmap(this.width, this.height);
    for (let y = 0; y < this.height; y++) for (let x = 0; x < this.width; x++) out.put(this.width - 1 - x, y, this.at(x, y));
    return out;
  }

  /** Every pixel of one letter becomes another: `recoloured("xyz", "MNO")`. */
  recoloured(from: string, to: string): Bitmap {
    const out = this.clone();
    const swap = new Map([...from].map((letter, i) => [ink(letter), ink(to[i] as string)]));
    out.pixels.forEach((index, i) => {
      out.pixels[i] = swap.get(index) ?? index;
    });
    return out;
  }

  /** Draws a line around the shape, outside it. */
  outlined(colour = "#"): this {
    const before = this.clone();
    for (let y = 0; y < this.height; y++)
      for (let x = 0; x < this.width; x++)
        if (before.at(x, y) === 0 && NEIGHBOURS.some(([dx, dy]) => before.at(x + dx, y + dy) !== 0)) this.dot(x, y, colour);
    return this;
  }

  equals(other: Bitmap): boolean {
    return this.width === other.width && this.pixels.every((index, i) => index === other.pixels[i]);
  }

  isEmpty(): boolean {
    return this.pixels.every((index) => index === 0);
  }
}

/** A picture straight from letters. */
export function picture(art: readonly string[]): Bitmap {
  return new Bitmap(Math.max(...art.map((row) => row.length)), art.length).stamp(0, 0, art);
}
