// A Tiled map of many static objects, spread evenly over its chunks, as a file.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { greyPicture } from "../snapshots/map.ts";

const CHUNK = 16;
const TILE = 16;
/** Tiled's reader takes no more of one layer. */
const PER_LAYER = 50_000;

/** `chunks`: along one side. Objects carry a sentence of `noteBytes`, so that a version has a size. */
export function writeBigMap(file: string, chunks: number, objects: number, noteBytes: number): void {
  const side = chunks * CHUNK;
  const layers: object[] = [
    {
      type: "tilelayer",
      id: 1,
      name: "floor",
      x: 0,
      y: 0,
      width: side,
      height: side,
      opacity: 1,
      visible: true,
      data: new Array(side * side).fill(0),
    },
  ];
  for (let first = 0; first < objects; first += PER_LAYER) {
    const list = Array.from({ length: Math.min(PER_LAYER, objects - first) }, (_, i) => objectAt(first + i, chunks, noteBytes));
    layers.push({
      type: "objectgroup",
      id: layers.length + 1,
      name: `things ${first}`,
      x: 0,
      y: 0,
      opacity: 1,
      visible: true,
      objects: list,
    });
  }
  writeFileSync(join(dirname(file), "tiles.png"), greyPicture(TILE, TILE));
  const picture = { image: "tiles.png", imagewidth: TILE, imageheight: TILE, tilewidth: TILE, tileheight: TILE };
  const tileset = { firstgid: 1, name: "tiles", ...picture, tilecount: 1, columns: 1, margin: 0, spacing: 0 };
  const map = { type: "map", version: "1.10", orientation: "orthogonal", renderorder: "right-down", width: side, height: side };
  const sizes = { tilewidth: 16, tileheight: 16, infinite: false, nextlayerid: layers.length + 1, nextobjectid: objects + 1 };
  writeFileSync(file, JSON.stringify({ ...map, ...sizes, tilesets: [tileset], layers }));
}

function objectAt(n: number, chunks: number, noteBytes: number): object {
  const chunk = n % (chunks * chunks);
  const within = Math.floor(n / (chunks * chunks));
  const x = ((chunk % chunks) * CHUNK + 2 + (within % 12)) * 16;
  const y = (Math.floor(chunk / chunks) * CHUNK + 2 + (Math.floor(within / 12) % 12)) * 16;
  const note = `${n} `.padEnd(noteBytes, "abcdefghijklmnop");
  const place = { id: n + 1, gid: 1, name: "", type: "stone", x, y, width: TILE, height: TILE, rotation: 0, visible: true };
  return { ...place, properties: [{ name: "note", type: "string", value: note }] };
}
