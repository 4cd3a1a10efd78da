// What changed between two versions, on a picture of the newer one: the world in grey, what came in green, what went in red, what is
// otherwise now in amber.
import type { PixelBox, StaticObject, SubstrateVersion, VersionDiff } from "@sojourn/substrate";
import type { Canvas } from "./canvas.ts";
import { objectPixels } from "./paint.ts";
import type { Drawing } from "./png.ts";

const CAME = [46, 204, 90] as const;
const WENT = [235, 64, 52] as const;
const CHANGED = [250, 176, 5] as const;
const FRAME = 2;

export function markChanges(
  { canvas, scale, pixels }: Drawing,
  version: Pick<SubstrateVersion, "tileSize">,
  { objects }: VersionDiff,
): void {
  grey(canvas);
  const mark = (object: StaticObject, colour: readonly [number, number, number]): void => {
    const { x, y, w, h } = objectPixels(object, version, pixels);
    canvas.frame(roomy({ x: x * scale, y: y * scale, w: w * scale, h: h * scale }), FRAME, colour);
  };
  for (const object of objects.removed.named) mark(object, WENT);
  for (const { after } of objects.changed.named) mark(after, CHANGED);
  for (const object of objects.added.named) mark(object, CAME);
}

/** Large enough to be seen on a small picture. */
function roomy({ x, y, w, h }: PixelBox): PixelBox {
  const [moreX, moreY] = [Math.max(FRAME, (8 - w) / 2), Math.max(FRAME, (8 - h) / 2)];
  return { x: x - moreX, y: y - moreY, w: w + 2 * moreX, h: h + 2 * moreY };
}

function grey({ data }: Canvas): void {
  for (let at = 0; at < data.length; at += 4) {
    const mean = 0.3 * (data[at] as number) + 0.59 * (data[at + 1] as number) + 0.11 * (data[at + 2] as number);
    data.fill(Math.round(mean * 0.8), at, at + 3);
  }
}
