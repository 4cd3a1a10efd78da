// Looks at a finished map: reads the .tmj and .tsj files as any program would and paints every layer into one picture.
// `node worlds/art/preview.ts tavern out.png [zoom] [x y width height]` (in tiles).
import { Buffer } from "node:buffer";
import { readFileSync, writeFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { dressed, FIGURES, FRAME_HEIGHT, FRAME_WIDTH } from "./avatars.ts";
import type { Bitmap } from "./bitmap.ts";
import { ITEM_KINDS } from "./items.ts";
import { PALETTE, type Rgba } from "./palette.ts";
import { encodeRgba } from "./png.ts";
import { TILE } from "./sheet.ts";
import { dungeonSheet, itemSheet, tavernSheet } from "./sheets.ts";

interface Layer {
  readonly name: string;
  readonly type: string;
  readonly data?: string | number[];
  readonly encoding?: string;
  readonly objects?: readonly { gid?: number; type: string; x: number; y: number }[];
}

interface TiledMap {
  readonly width: number;
  readonly height: number;
  readonly layers: readonly Layer[];
  readonly tilesets: readonly { firstgid: number; source: string }[];
}

/** The gids of a layer, whatever its encoding. */
export function gidsOf(layer: Layer): number[] {
  if (Array.isArray(layer.data)) return layer.data;
  const bytes = inflateSync(Buffer.from(layer.data as string, "base64"));
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32LE(i * 4));
}

export function readMap(world: string): TiledMap {
  return JSON.parse(readFileSync(new URL(`../${world}/${world}.tmj`, import.meta.url), "utf8")) as TiledMap;
}

class Canvas {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.rgba = new Uint8Array(width * height * 4);
  }

  draw(image: Bitmap, id: number, x: number, y: number): void {
    this.copy(image, { sx: (id % 16) * TILE, sy: Math.floor(id / 16) * TILE, width: TILE, height: TILE }, x, y);
  }

  /** A picture that stands with its middle at x, its feet a little below y. */
  paste(image: Bitmap | undefined, x: number, y: number): void {
    if (image === undefined) return;
    const { width, height } = image;
    this.copy(image, { sx: 0, sy: 0, width, height }, Math.round(x - width / 2), Math.round(y) + TILE / 2 - height);
  }

  private copy(
    image: Bitmap,
    { sx, sy, width, height }: { sx: number; sy: number; width: number; height: number },
    x: number,
    y: number,
  ): void {
    for (let j = 0; j < height; j++)
      for (let i = 0; i < width; i++) {
        const [r, g, b, a] = PALETTE[image.at(sx + i, sy + j)] as Rgba;
        const px = x + i;
        const py = y + j;
        if (a === 0 || px < 0 || py < 0 || px >= this.width || py >= this.height) continue;
        const at = (py * this.width + px) * 4;
        for (const [k, c] of [r, g, b].entries()) this.rgba[at + k] = Math.round((c * a + (this.rgba[at + k] as number) * (255 - a)) / 255);
        this.rgba[at + 3] = 255;
      }
  }
}

/** What the world would put at a point of this class: an item, or somebody. */
function liveOne(kind: string): Bitmap | undefined {
  const dress = FIGURES.find(([name]) => name === (kind === "spawn" ? "traveller-hat" : kind))?.[1];
  if (dress !== undefined) return dressed(dress).cut(0, FRAME_HEIGHT, FRAME_WIDTH, FRAME_HEIGHT);
  if (!ITEM_KINDS.includes(kind) || kind === "sign") return undefined;
  const id = itemSheet().piece(kind).ids[0] as number;
  return itemSheet()
    .image()
    .cut((id % 16) * TILE, Math.floor(id / 16) * TILE, TILE, TILE);
}

function paint(map: TiledMap): Canvas {
  const canvas = new Canvas(map.width * TILE, map.height * TILE);
  const images = new Map([tavernSheet(), dungeonSheet(), itemSheet()].map((sheet) => [`${sheet.name}.tsj`, sheet.image()]));
  const draw = (gid: number, x: number, y: number): void => {
    const set = [...map.tilesets].reverse().find(({ firstgid }) => firstgid <= gid);
    if (set !== undefined) canvas.draw(images.get(set.source) as Bitmap, gid - set.firstgid, x, y);
  };
  for (const layer of map.layers) {
    if (layer.type === "tilelayer")
      gidsOf(layer).forEach((gid, i) => {
        if (gid > 0) draw(gid, (i % map.width) * TILE, Math.floor(i / map.width) * TILE);
      });
    else for (const { gid, x, y } of layer.objects ?? []) if (gid !== undefined) draw(gid, Math.round(x), Math.round(y) - TILE);
    for (const object of layer.objects ?? []) if (object.gid === undefined) canvas.paste(liveOne(object.type), object.x, object.y);
  }
  return canvas;
}

function main([world = "tavern", file = "preview.png", zoom = "2", ...crop]: string[]): void {
  const map = readMap(world);
  const canvas = paint(map);
  const [x, y, width, height] = (crop.length === 4 ? crop.map(Number) : [0, 0, map.width, map.height]) as [number, number, number, number];
  const scale = Number(zoom) * TILE;
  const out = new Uint8Array(width * scale * height * scale * 4);
  for (let j = 0; j < height * scale; j++)
    for (let i = 0; i < width * scale; i++) {
      const from = ((y * TILE + Math.floor(j / Number(zoom))) * canvas.width + x * TILE + Math.floor(i / Number(zoom))) * 4;
      out.set(canvas.rgba.subarray(from, from + 4), (j * width * scale + i) * 4);
    }
  writeFileSync(file, encodeRgba(width * scale, height * scale, out));
}

if (import.meta.main) main(process.argv.slice(2));
