// Looks at a finished map: reads the .tmj and .tsj files as any program would and paints every layer into one picture.
// `node worlds/art/preview.ts tavern out.png [zoom] [x y width height]` (in tiles).
import { Buffer } from "node:buffer";
import { readFileSync, writeFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import type { Bitmap } from "./bitmap.ts";
import { PALETTE, type Rgba } from "./palette.ts";
import { encodeRgba } from "./png.ts";
import { TILE } from "./sheet.ts";
import { dungeonSheet, itemSheet, tavernSheet } from "./sheets.ts";

interface Layer {
  readonly name: string;
  readonly type: string;
  readonly data?: string | number[];
  readonly encoding?: string;
  readonly objects?: readonly { gid?: number; x: number; y: number }[];
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
    const sx = (id % 16) * TILE;
    const sy = Math.floor(id / 16) * TILE;
    for (let j = 0; j < TILE; j++)
      for (let i = 0; i < TILE; i++) {
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
