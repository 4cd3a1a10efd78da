// How a picture of a world feels, in one number: the share of pixels that are warmer than grey. Wood and fire are; a ghost's world
// has none, because its grey leans to blue.
import type { Picture } from "../web/png.ts";

/** Of every nth pixel in the middle of the picture, where no panel of the page lies. */
const EVERY = 3;
const WARMER_BY = 6;

export function warmShare({ width, height, pixels }: Picture): number {
  let all = 0;
  let warm = 0;
  for (let y = Math.floor(height * 0.36); y < height * 0.74; y += EVERY) {
    for (let x = Math.floor(width * 0.3); x < width * 0.7; x += EVERY) {
      const at = (y * width + x) * 4;
      all += 1;
      if ((pixels[at] as number) > (pixels[at + 2] as number) + WARMER_BY) warm += 1;
    }
  }
  return warm / all;
}
