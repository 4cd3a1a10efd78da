// The picture that a command was asked for, written as a file: PNG or SVG, by its ending.
import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import type { SubstrateView, VersionDiff } from "@sojourn/substrate";
import { InvalidArgumentError } from "commander";
import { PICTURE } from "../limits.ts";
import { say } from "../output.ts";
import { progress } from "../progress.ts";
import { markChanges } from "./changes.ts";
import type { Area, Scale } from "./png.ts";
import { planOf } from "./svg.ts";

export interface PictureOptions {
  readonly picture?: string;
  readonly scale?: Scale;
  readonly area?: Area;
  readonly json?: boolean;
}

/** What was drawn, for a command's result. */
export interface PictureFacts {
  readonly file: string;
  readonly width?: number;
  readonly height?: number;
  readonly scale: number;
  /** What could not be drawn, a sentence each. */
  readonly missing: readonly string[];
}

export async function writePicture(view: SubstrateView, file: string, options: PictureOptions, diff?: VersionDiff): Promise<PictureFacts> {
  const facts = extname(file).toLowerCase() === ".svg" ? await writePlan(view, file, options) : await writePng(view, file, options, diff);
  for (const missing of facts.missing) say(`not drawn: ${missing}`);
  return facts;
}

async function writePlan(view: SubstrateView, file: string, { area, scale = 1 }: PictureOptions): Promise<PictureFacts> {
  const { svg, left } = planOf(view, area, scale);
  await writeFile(file, svg);
  return { file, scale, missing: left === 0 ? [] : [`${left} shapes past the first ${PICTURE.shapes}: choose an --area`] };
}

async function writePng(view: SubstrateView, file: string, options: PictureOptions, diff?: VersionDiff): Promise<PictureFacts> {
  const shown = progress(options.json === true);
  // The codec is loaded by whoever wants a picture, and by no other command.
  const { drawWorld, pngOf } = await import("./png.ts");
  try {
    const drawing = await drawWorld(view, {
      ...(options.scale === undefined ? {} : { scale: options.scale }),
      ...(options.area === undefined ? {} : { area: options.area }),
      onProgress: (part) => shown.at(part, "drawing"),
    });
    if (diff !== undefined) markChanges(drawing, view.version, diff);
    await writeFile(file, pngOf(drawing.canvas));
    const { width, height } = drawing.canvas;
    return { file, width, height, scale: drawing.scale, missing: drawing.missing };
  } finally {
    shown.done();
  }
}

/** `3`, `1/4` or `0.25`. */
export function scaleOption(text: string): Scale {
  const [, over, under = "1"] = /^(\d+(?:\.\d+)?)(?:\/(\d+))?$/.exec(text) ?? [];
  const scale = Number(over) / Number(under);
  const isWhole = Number.isInteger(scale) && scale >= 1 && scale <= PICTURE.largest;
  const by = Math.round(1 / scale);
  const isPart = scale < 1 && by <= PICTURE.smallest && Math.abs(1 / by - scale) < 1e-9;
  if (isWhole || isPart) return isPart ? 1 / by : scale;
  throw new InvalidArgumentError(`a whole number up to ${PICTURE.largest}, or a part such as 1/2 down to 1/${PICTURE.smallest}`);
}

/** `x0,y0,x1,y1` in tiles. */
export function areaOption(text: string): Area {
  const numbers = text.split(",").map(Number);
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = numbers;
  if (numbers.length === 4 && numbers.every(Number.isFinite) && x1 > x0 && y1 > y0) return { x0, y0, x1, y1 };
  throw new InvalidArgumentError("four numbers, in tiles: left,top,right,bottom");
}

/** A file that ends with one of these. */
export function pictureOption(...endings: readonly string[]): (text: string) => string {
  return (text) => {
    if (endings.includes(extname(text).toLowerCase())) return text;
    throw new InvalidArgumentError(`a file that ends with ${endings.join(" or ")}`);
  };
}
