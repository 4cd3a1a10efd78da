// For tests: a small map of our own, the yard, written in each of Tiled's formats. However it is written, it is the same world.
import { copyFile, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as zlib from "node:zlib";

/** 64×32 pixels, 8 tiles: grass, path, two waters, a letter F, a round bush (on #ff00ff), a post, a board. */
export const TILES_PNG: string = fileURLToPath(new URL("../../fixtures/tiles.png", import.meta.url));
export const YARD_WIDTH = 40;
export const YARD_HEIGHT = 20;

export const GROUND: readonly number[] = Array.from({ length: YARD_WIDTH * YARD_HEIGHT }, (_, i) => {
  const [x, y] = [i % YARD_WIDTH, Math.floor(i / YARD_WIDTH)];
  if (y === 10) return 2;
  return x > 30 && y < 6 ? 3 : 1;
});

/** The letter F in all eight turns, a row of solid boards, and two bushes. */
export const FRINGE: readonly number[] = Array.from({ length: YARD_WIDTH * YARD_HEIGHT }, (_, i) => {
  const [x, y] = [i % YARD_WIDTH, Math.floor(i / YARD_WIDTH)];
  if (y === 2 && x >= 2 && x < 10) return (5 + (x - 2) * 0x20000000) >>> 0;
  if (y === 14 && x >= 12 && x < 20) return 8;
  if (y === 17 && (x === 4 || x === 5)) return x === 4 ? 6 : 0x80000006;
  return 0;
});

export const TILE_ELEMENTS = `
  <tile id="2"><animation><frame tileid="2" duration="400"/><frame tileid="3" duration="400"/></animation></tile>
  <tile id="5" type="bush"><objectgroup><object id="1" x="4" y="8" width="4" height="8"/></objectgroup></tile>
  <tile id="7"><properties><property name="solid" type="bool" value="true"/></properties></tile>`;
const TILE_JSON = [
  { id: 7, properties: [{ name: "solid", type: "bool", value: true }] },
  { id: 5, type: "bush", objectgroup: { objects: [{ id: 1, x: 4, y: 8, width: 4, height: 8, rotation: 0, visible: true }] } },
  {
    id: 2,
    animation: [
      { tileid: 2, duration: 400 },
      { tileid: 3, duration: 400 },
    ],
  },
];
const TILESET_ATTRIBUTES = 'name="tiles" tilewidth="16" tileheight="16" tilecount="8" columns="4"';
const IMAGE = '<image source="tiles.png" trans="ff00ff" width="64" height="32"/>';
export const TILESET_XML: string = `<tileset firstgid="1" ${TILESET_ATTRIBUTES}>${IMAGE}${TILE_ELEMENTS}</tileset>`;
const TILESET_JSON = {
  ...{ name: "tiles", tilewidth: 16, tileheight: 16, tilecount: 8, columns: 4, margin: 0, spacing: 0 },
  ...{ image: "tiles.png", imagewidth: 64, imageheight: 32, transparentcolor: "#ff00ff", tiles: TILE_JSON },
};

const OBJECTS_XML = `
 <objectgroup id="3" name="things">
  <object id="1" name="gate" type="spawn" x="32" y="160"><point/></object>
  <object id="2" name="to the dungeon" type="portal" x="560" y="32" width="48" height="32">
   <properties><property name="to" value="dungeon"/><property name="radius" type="float" value="1.5"/></properties>
  </object>
  <object id="3" type="solid" x="240" y="192" width="40" height="8"/>
  <object id="4" name="notice" type="sign" gid="8" x="64" y="96" width="16" height="16">
   <properties><property name="text" value="Mind the F."/></properties>
  </object>
  <object id="5" gid="2147483653" x="128" y="96" width="32" height="16" rotation="90"/>
  <object id="6" name="pond" x="400" y="200" width="64" height="32"><ellipse/></object>
  <object id="7" name="patrol" type="route" x="100" y="100"><polyline points="0,0 16,8 32,-8"/></object>
 </objectgroup>`;
const OBJECTS_JSON = [
  { id: 1, name: "gate", type: "spawn", x: 32, y: 160, width: 0, height: 0, rotation: 0, visible: true, point: true },
  {
    ...{ id: 2, name: "to the dungeon", type: "portal", x: 560, y: 32, width: 48, height: 32 },
    properties: [
      { name: "radius", type: "float", value: 1.5 },
      { name: "to", type: "string", value: "dungeon" },
    ],
  },
  { id: 3, name: "", type: "solid", x: 240, y: 192, width: 40, height: 8 },
  {
    id: 4,
    name: "notice",
    type: "sign",
    gid: 8,
    x: 64,
    y: 96,
    width: 16,
    height: 16,
    properties: [{ name: "text", value: "Mind the F." }],
  },
  { id: 5, name: "", type: "", gid: 2147483653, x: 128, y: 96, width: 32, height: 16, rotation: 90 },
  { id: 6, name: "pond", type: "", x: 400, y: 200, width: 64, height: 32, ellipse: true },
  {
    ...{ id: 7, name: "patrol", type: "route", x: 100, y: 100 },
    polyline: [
      { x: 0, y: 0 },
      { x: 16, y: 8 },
      { x: 32, y: -8 },
    ],
  },
];

export type Encoding = "csv" | "base64" | "base64-zlib" | "base64-gzip" | "base64-zstd" | "tiles";

/** One layer's `<data>` element. */
export function dataXml(gids: readonly number[], encoding: Encoding = "csv"): string {
  if (encoding === "tiles") return `<data>${gids.map((gid) => (gid === 0 ? "<tile/>" : `<tile gid="${gid}"/>`)).join("")}</data>`;
  if (encoding === "csv") return `<data encoding="csv">\n${gids.join(",")}\n</data>`;
  const compression = encoding.slice("base64-".length);
  return `<data encoding="base64"${compression ? ` compression="${compression}"` : ""}>\n  ${base64(gids, compression)}\n </data>`;
}

export function base64(gids: readonly number[], compression: string): string {
  const bytes = new Uint8Array(Uint32Array.from(gids).buffer);
  switch (compression) {
    case "zlib":
      return Buffer.from(zlib.deflateSync(bytes)).toString("base64");
    case "gzip":
      return Buffer.from(zlib.gzipSync(bytes)).toString("base64");
    case "zstd":
      return Buffer.from(zlib.zstdCompressSync(bytes)).toString("base64");
    default:
      return Buffer.from(bytes).toString("base64");
  }
}

export function layerXml(name: string, data: string, attributes = ""): string {
  return `<layer name="${name}" width="${YARD_WIDTH}" height="${YARD_HEIGHT}" ${attributes}>${data}</layer>`;
}

/** A map of the yard's size from the inside of its `<map>`. */
export function mapXml(inside: string, attributes = ""): string {
  const size = `width="${YARD_WIDTH}" height="${YARD_HEIGHT}" tilewidth="16" tileheight="16"`;
  const given = /\bwidth=/.test(attributes) ? "" : size;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<map version="1.10" orientation="orthogonal" renderorder="right-down" ${given} ${attributes}>\n${inside}\n</map>`;
}

export function yardTmx(encoding: Encoding, tileset: string = TILESET_XML): string {
  const [ground, fringe] = [dataXml(GROUND, encoding), dataXml(FRINGE, encoding)];
  return mapXml(`${tileset}\n${layerXml("ground", ground)}\n${layerXml("fringe", fringe, 'opacity="0.9"')}\n${OBJECTS_XML}`);
}

export function yardTmj(encoding: Encoding, tileset: object = { firstgid: 1, ...TILESET_JSON }): string {
  const data = (gids: readonly number[]): object => {
    if (encoding === "csv") return { data: gids };
    const compression = encoding.slice("base64-".length);
    return { encoding: "base64", compression, data: base64(gids, compression) };
  };
  const layer = { type: "tilelayer", x: 0, y: 0, width: YARD_WIDTH, height: YARD_HEIGHT, visible: true };
  return JSON.stringify({
    ...{ type: "map", orientation: "orthogonal", renderorder: "right-down", infinite: false, version: "1.10" },
    ...{ width: YARD_WIDTH, height: YARD_HEIGHT, tilewidth: 16, tileheight: 16, tilesets: [tileset] },
    layers: [
      { ...layer, name: "ground", opacity: 1, ...data(GROUND) },
      { ...layer, name: "fringe", opacity: 0.9, ...data(FRINGE) },
      { type: "objectgroup", name: "things", draworder: "topdown", objects: OBJECTS_JSON, opacity: 1, visible: true, x: 0, y: 0 },
    ],
  });
}

/** A folder with the picture and these files in it. */
export async function mapFolder(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-map-"));
  await copyFile(TILES_PNG, join(folder, "tiles.png"));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

/** The yard's tileset in files of its own. */
export const TILESET_FILES: Readonly<Record<string, string>> = {
  "tiles.tsx": `<?xml version="1.0"?>\n<tileset version="1.10" ${TILESET_ATTRIBUTES}>${IMAGE}${TILE_ELEMENTS}</tileset>`,
  "tiles.tsj": JSON.stringify({ type: "tileset", ...TILESET_JSON }),
};
