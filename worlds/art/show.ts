// Looks at a sheet: writes it enlarged on a checkered ground. For those who draw.
import { writeFileSync } from "node:fs";
import type { Bitmap } from "./bitmap.ts";
import { PALETTE, type Rgba } from "./palette.ts";
import { encodeRgba } from "./png.ts";

/** RGBA of `bitmap`, `zoom` times as large, over a checkered ground. */
export function enlarge(bitmap: Bitmap, zoom: number): { width: number; height: number; rgba: Uint8Array } {
  const width = bitmap.width * zoom;
  const height = bitmap.height * zoom;
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const px = Math.floor(x / zoom);
      const py = Math.floor(y / zoom);
      const [r, g, b, a] = PALETTE[bitmap.at(px, py)] as Rgba;
      const back = ((px >> 3) + (py >> 3)) % 2 === 0 ? 70 : 84;
      const mix = (c: number): number => Math.round((c * a + back * (255 - a)) / 255);
      rgba.set([mix(r), mix(g), mix(b), 255], (y * width + x) * 4);
    }
  return { width, height, rgba };
}

export function show(bitmap: Bitmap, file: string, zoom = 3): void {
  const { width, height, rgba } = enlarge(bitmap, zoom);
  writeFileSync(file, encodeRgba(width, height, rgba));
}
