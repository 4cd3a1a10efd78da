// A Tiled map drawn by the simplest code there is, straight from its XML: what a renderer's picture is compared with.
// It shares nothing with the code it judges. Orthogonal maps, zlib layers, one size of tile, objects that are not turned.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inflateSync } from "node:zlib";
import { type Picture, readPng } from "./png.ts";

interface Tiles {
  readonly firstGid: number;
  readonly tile: number;
  readonly spacing: number;
  readonly margin: number;
  readonly image: Picture;
  readonly clear: string;
}

function attribute(tag: string, name: string): string {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
}

function tilesOf(tag: string, folder: string, map: string): Tiles {
  const source = attribute(tag, "source");
  const xml = source === "" ? map.slice(map.indexOf(tag)) : readFileSync(join(folder, source), "utf8");
  const head = /<tileset[^>]*>/.exec(xml)?.[0] ?? "";
  const image = /<image[^>]*>/.exec(xml)?.[0] ?? "";
  return {
    firstGid: Number(attribute(tag, "firstgid")),
    tile: Number(attribute(head, "tilewidth")),
    spacing: Number(attribute(head, "spacing") || 0),
    margin: Number(attribute(head, "margin") || 0),
    image: readPng(readFileSync(join(folder, attribute(image, "source")))),
    clear: attribute(image, "trans"),
  };
}

/** One texel over another, with the layer's opacity. */
function blend(out: Uint8Array, at: number, tiles: Tiles, from: number, opacity: number): void {
  const [r, g, b, a] = tiles.image.pixels.subarray(from, from + 4) as unknown as [number, number, number, number];
  const hex = ((r << 16) | (g << 8) | b).toString(16).padStart(6, "0");
  const alpha = hex === tiles.clear ? 0 : (a / 255) * opacity;
  out[at] = Math.round(r * alpha + (out[at] as number) * (1 - alpha));
  out[at + 1] = Math.round(g * alpha + (out[at + 1] as number) * (1 - alpha));
  out[at + 2] = Math.round(b * alpha + (out[at + 2] as number) * (1 - alpha));
}

export function drawFlat(file: string): Picture {
  const map = readFileSync(file, "utf8");
  const head = /<map[^>]*>/.exec(map)?.[0] ?? "";
  const cell = Number(attribute(head, "tilewidth"));
  const [across, down] = [Number(attribute(head, "width")), Number(attribute(head, "height"))];
  const [width, height] = [across * cell, down * cell];
  const tiles = tilesOf(/<tileset[^>]*>/.exec(map)?.[0] ?? "", dirname(file), map);
  const pixels = new Uint8Array(width * height * 4);
  for (let i = 3; i < pixels.length; i += 4) pixels[i] = 255;
  const columns = Math.floor((tiles.image.width - 2 * tiles.margin + tiles.spacing) / (tiles.tile + tiles.spacing));
  const draw = (gid: number, left: number, top: number, opacity: number): void => {
    const id = (gid & 0x1fffffff) - tiles.firstGid;
    const sx = tiles.margin + (id % columns) * (tiles.tile + tiles.spacing);
    const sy = tiles.margin + Math.floor(id / columns) * (tiles.tile + tiles.spacing);
    const [x0, y0] = [Math.ceil(left - 0.5), Math.ceil(top - 0.5)];
    for (let y = 0; y < tiles.tile; y++) {
      for (let x = 0; x < tiles.tile; x++) {
        const [px, py] = [x0 + x, y0 + y];
        if (px < 0 || py < 0 || px >= width || py >= height) continue;
        let [u, v] = [x, y];
        if (gid & 0x80000000) u = tiles.tile - 1 - u;
        if (gid & 0x40000000) v = tiles.tile - 1 - v;
        if (gid & 0x20000000) [u, v] = [v, u];
        blend(pixels, (py * width + px) * 4, tiles, ((sy + v) * tiles.image.width + sx + u) * 4, opacity);
      }
    }
  };
  for (const [, tag, body] of map.matchAll(/<(layer[^>]*)>([\s\S]*?)<\/layer>/g)) {
    const cells = inflateSync(Buffer.from((/<data[^>]*>([\s\S]*?)<\/data>/.exec(body as string)?.[1] ?? "").trim(), "base64"));
    const opacity = Number(attribute(tag as string, "opacity") || 1);
    for (let i = 0; i < across * down; i++) {
      const gid = cells.readUInt32LE(i * 4);
      if (gid !== 0) draw(gid, (i % across) * cell, Math.floor(i / across) * cell, opacity);
    }
  }
  const objects = [...map.matchAll(/<object [^>]*gid="[^>]*>/g)].map(([tag]) => ({
    gid: Number(attribute(tag, "gid")),
    x: Number(attribute(tag, "x")),
    y: Number(attribute(tag, "y")),
  }));
  objects.sort((a, b) => a.y - b.y);
  for (const { gid, x, y } of objects) draw(gid, x, y - tiles.tile, 1);
  return { width, height, pixels };
}
