// A version as a Tiled map again: the map, its tilesets and pictures as files. Packed again it is the same scene and the same chunks;
// a first version, packed under its own name, is the same root. What only the editor knew (groups, templates, terrains) is gone, and
// solid shapes are the boxes that they became.
import { deflateSync } from "node:zlib";
import { fail, ok, type Result } from "@sojourn/protocol";
import { LIMITS } from "../limits.ts";
import { colourForTiled } from "../versions/colour.ts";
import type { Chunk, LayerInfo, SubstrateVersion, SubstrateView } from "../versions/types.ts";
import { addCellSolids } from "./cell-solids.ts";
import { ChunkCutter } from "./chunks.ts";
import type { Tree } from "./item.ts";
import { MapProblem } from "./problem.ts";
import { fileNames, propertiesTree, TILED } from "./unpack-names.ts";
import { objectLayers } from "./unpack-objects.ts";
import { pictureTree, tilesetFiles } from "./unpack-tilesets.ts";

export interface UnpackedFile {
  /** A name without a folder. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface UnpackedMap {
  /** The map's file name; it comes last in `files`. */
  readonly map: string;
  /** One after the other, so that a large world is not held twice. */
  files(): AsyncIterable<Result<UnpackedFile>>;
}

/** Tiles of all layers together up to which they are written as numbers, which people and version control can read. */
const READABLE_TILES = 524_288;
const SIDE = LIMITS.chunkTiles;

/** Reads the whole version. Faults: the store's, `oversized` (more than any map may have). */
export async function unpackTiled(view: SubstrateView): Promise<Result<UnpackedMap>> {
  const loaded = await view.loadAll();
  if (!loaded.ok) return loaded;
  const { version } = view;
  const layers = version.layers.filter(({ kind }) => kind === "tile").length;
  const tiles = version.width * version.height;
  if (tiles > LIMITS.mapTiles || tiles * layers > LIMITS.mapTiles)
    return fail(
      "oversized",
      "client",
      `the world has ${version.width} × ${version.height} tiles in ${layers} layers; a map may have ${LIMITS.mapTiles} in all`,
    );
  const names = fileNames(version);
  try {
    // A view reads a chunk's tiles again whenever they are asked for; here each is asked for once a layer.
    const loadedOnce = [...view.loadedChunks()].map((chunk): Chunk => ({ ...chunk }));
    const chunks = loadedOnce.sort((a, b) => a.cy - b.cy || a.cx - b.cx);
    const map = mapTree(version, chunks, names, tiles * layers > READABLE_TILES);
    return ok({ map: names.map, files: () => filesOf(view, map, names) });
  } catch (error) {
    if (error instanceof MapProblem) return fail(error.code, "client", error.message);
    throw error;
  }
}

async function* filesOf(view: SubstrateView, map: Tree, names: ReturnType<typeof fileNames>): AsyncGenerator<Result<UnpackedFile>> {
  for (const [cid, name] of names.pictures) {
    const bytes = await view.asset(cid);
    yield bytes.ok ? ok({ name, bytes: bytes.value }) : bytes;
  }
  for (const { name, tree } of tilesetFiles(names)) yield ok(asFile(name, tree));
  yield ok(asFile(names.map, map, map.infinite === true ? SIDE : view.version.width));
}

/** `across`: numbers of tiles in a line, so that people and version control see rows. */
function asFile(name: string, tree: Tree, across: number = SIDE): UnpackedFile {
  const text = JSON.stringify(tree, null, 1).replace(/\[\s*\d+(?:,\s*\d+)+\s*\]/g, (list) => {
    const numbers = list
      .slice(1, -1)
      .split(",")
      .map((number) => number.trim());
    const rows = Array.from({ length: Math.ceil(numbers.length / across) }, (_, y) =>
      numbers.slice(y * across, (y + 1) * across).join(","),
    );
    return `[${rows.join(",\n")}]`;
  });
  return { name, bytes: new TextEncoder().encode(`${text}\n`) };
}

function mapTree(version: SubstrateVersion, chunks: readonly Chunk[], names: ReturnType<typeof fileNames>, isPacked: boolean): Tree {
  const { bounds, tileSize, parallaxOrigin, backgroundColor } = version;
  const isInfinite = bounds.x0 !== 0 || bounds.y0 !== 0;
  const objects = objectLayers(version, chunks, unexplained(version, chunks));
  const layers = version.layers.map((layer): Tree => {
    const look = layerTree(layer);
    if (layer.kind === "tile") return { ...look, ...cellsTree(version, layer, chunks, isInfinite, isPacked) };
    if (layer.kind === "object") return { ...look, draworder: layer.drawOrder, objects: objects.byLayer.get(layer.order) ?? [] };
    return { ...look, ...imageTree(layer, names) };
  });
  return {
    ...{ type: "map", ...TILED, orientation: "orthogonal", renderorder: "right-down", infinite: isInfinite },
    ...(isInfinite ? { width: version.width, height: version.height } : { width: bounds.x1, height: bounds.y1 }),
    ...{ tilewidth: tileSize.w, tileheight: tileSize.h, parallaxoriginx: parallaxOrigin.x, parallaxoriginy: parallaxOrigin.y },
    ...(backgroundColor === undefined ? {} : { backgroundcolor: colourForTiled(backgroundColor) }),
    ...(version.class === undefined ? {} : { class: version.class }),
    ...propertiesTree(version.properties),
    ...{ nextlayerid: version.layers.length + 1, nextobjectid: objects.nextId },
    tilesets: names.tilesets.map(({ firstGid, name }) => ({ firstgid: firstGid, source: name })),
    layers,
  };
}

/** The boxes of each chunk that its tiles do not account for: they were drawn as shapes. */
function unexplained(version: SubstrateVersion, chunks: readonly Chunk[]): Map<Chunk, Chunk["boxes"]> {
  const cutter = new ChunkCutter(version.bounds, version.name);
  for (const { cx, cy, layers } of chunks) {
    for (const { layer, gids } of layers) {
      gids.forEach((gid, i) => {
        if (gid !== 0) cutter.setCell(layer, cx * SIDE + (i % SIDE), cy * SIDE + Math.floor(i / SIDE), gid);
      });
    }
  }
  addCellSolids(version, version.layers, cutter, ({ name }) => `layer "${name}"`);
  const explained = new Map(cutter.chunks().map((chunk) => [`${chunk.cx},${chunk.cy}`, chunk.boxes.length]));
  // Boxes of tiles come before those of shapes, in the same order wherever a map is packed.
  return new Map(chunks.map((chunk) => [chunk, chunk.boxes.slice(explained.get(`${chunk.cx},${chunk.cy}`) ?? 0)]));
}

const LAYER_TYPES = { tile: "tilelayer", object: "objectgroup", image: "imagelayer" } as const;

function layerTree(layer: LayerInfo): Tree {
  const { offset, parallax, tint } = layer;
  return {
    ...{ id: layer.order + 1, name: layer.name, type: LAYER_TYPES[layer.kind], visible: layer.visible, opacity: layer.opacity, x: 0, y: 0 },
    ...(layer.class === undefined ? {} : { class: layer.class }),
    ...(offset.x === 0 && offset.y === 0 ? {} : { offsetx: offset.x, offsety: offset.y }),
    ...(parallax.x === 1 && parallax.y === 1 ? {} : { parallaxx: parallax.x, parallaxy: parallax.y }),
    ...(tint === undefined ? {} : { tintcolor: colourForTiled(tint) }),
    ...propertiesTree(layer.properties ?? {}),
  };
}

function imageTree({ image }: LayerInfo, names: ReturnType<typeof fileNames>): Tree {
  return image === undefined ? {} : { ...pictureTree(image, names), repeatx: image.repeatX, repeaty: image.repeatY };
}

function cellsTree(version: SubstrateVersion, layer: LayerInfo, chunks: readonly Chunk[], isInfinite: boolean, isPacked: boolean): Tree {
  const { width, height } = version;
  const own = chunks.flatMap(({ cx, cy, layers }) => {
    const gids = layers.find((one) => one.layer === layer.order)?.gids;
    return gids === undefined ? [] : [{ x: cx * SIDE, y: cy * SIDE, gids }];
  });
  const encoding = isPacked ? { encoding: "base64", compression: "zlib" } : {};
  if (isInfinite) {
    const pieces = own.map(({ x, y, gids }) => ({ x, y, width: SIDE, height: SIDE, data: dataOf(gids, isPacked) }));
    return { width, height, ...encoding, chunks: pieces };
  }
  const cells = new Uint32Array(width * height);
  for (const { x, y, gids } of own) {
    gids.forEach((gid, i) => {
      if (gid !== 0) cells[(y + Math.floor(i / SIDE)) * width + x + (i % SIDE)] = gid;
    });
  }
  return { width, height, ...encoding, data: dataOf(cells, isPacked) };
}

function dataOf(gids: Uint32Array, isPacked: boolean): number[] | string {
  if (!isPacked) return [...gids];
  const bytes = new Uint8Array(gids.length * 4);
  const view = new DataView(bytes.buffer);
  gids.forEach((gid, i) => {
    view.setUint32(i * 4, gid, true);
  });
  return deflateSync(bytes).toString("base64");
}
