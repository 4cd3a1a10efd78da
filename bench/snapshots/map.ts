// The ground the sojourn target plays on: a square of floor in a wall, pillars to walk around, idle things lying about. A real Tiled map.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { spread, type Workload } from "./workloads.ts";

const TILE = 16;
const FLOOR = 1;
const WALL = 2;
const LAMP = 3;
/** Objects in one layer; a map's own limit is larger. */
const LAYER_OBJECTS = 50_000;
/** One tile in so many is a pillar. */
const PILLAR_EVERY = 400;

/** Writes the map of a workload with its tileset into `folder`; gives back its path. */
export async function writeMap(folder: string, workload: Workload): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "tiles.png"), greyPicture(3 * TILE, TILE));
  const { side } = workload;
  const data = new Array<number>(side * side).fill(FLOOR);
  for (let i = 0; i < side; i++) {
    for (const at of [i, (side - 1) * side + i, i * side, i * side + side - 1]) data[at] = WALL;
  }
  for (const { x, y } of spread(workload, Math.floor((side * side) / PILLAR_EVERY), 11)) data[y * side + x] = WALL;
  const lamps = spread(workload, workload.idle, 12).map((at, index) => object(index + 1, { name: `Lamp ${index}`, type: "lamp" }, at));
  const stones = spread(workload, workload.statics ?? 0, 13).map((at, index) =>
    object(lamps.length + index + 1, { name: "", type: "stone" }, at),
  );
  const layers = [lamps];
  for (let from = 0; from < stones.length; from += LAYER_OBJECTS) layers.push(stones.slice(from, from + LAYER_OBJECTS));
  const path = join(folder, "map.tmj");
  await writeFile(path, JSON.stringify(tiledMap(side, data, layers)));
  return path;
}

function object(
  id: number,
  what: { readonly name: string; readonly type: string },
  at: { readonly x: number; readonly y: number },
): object {
  return {
    ...{ id, gid: LAMP, ...what, x: at.x * TILE, y: (at.y + 1) * TILE },
    ...{ width: TILE, height: TILE, rotation: 0, visible: true },
  };
}

function tiledMap(side: number, data: readonly number[], objects: readonly (readonly object[])[]): object {
  const look = { x: 0, y: 0, opacity: 1, visible: true };
  return {
    ...{ type: "map", version: "1.10", orientation: "orthogonal", renderorder: "right-down", infinite: false },
    ...{
      width: side,
      height: side,
      tilewidth: TILE,
      tileheight: TILE,
      nextlayerid: objects.length + 2,
      nextobjectid: objects.flat().length + 1,
    },
    tilesets: [
      {
        ...{ firstgid: 1, name: "tiles", image: "tiles.png", imagewidth: 3 * TILE, imageheight: TILE, tilewidth: TILE, tileheight: TILE },
        ...{ tilecount: 3, columns: 3, margin: 0, spacing: 0 },
        tiles: [
          { id: WALL - 1, type: "wall", properties: [{ name: "solid", type: "bool", value: true }] },
          { id: LAMP - 1, type: "lamp" },
        ],
      },
    ],
    layers: [
      { id: 1, type: "tilelayer", name: "ground", width: side, height: side, ...look, data },
      ...objects.map((own, n) => ({ id: n + 2, type: "objectgroup", name: `things ${n}`, ...look, draworder: "topdown", objects: own })),
    ],
  };
}

/** A grey PNG: no art is needed to be measured. */
export function greyPicture(width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const pixels = Buffer.alloc((width + 1) * height, 0x80);
  for (let y = 0; y < height; y++) pixels[y * (width + 1)] = 0;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, part("IHDR", header), part("IDAT", deflateSync(pixels)), part("IEND", Buffer.alloc(0))]);
}

function part(name: string, body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(body.length + 12);
  bytes.writeUInt32BE(body.length, 0);
  bytes.write(name, 4, "latin1");
  bytes.set(body, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, body.length + 8)), body.length + 8);
  return bytes;
}
