// A Tiled map as the first version of a world. The same files give the same root on every machine: nothing of the clock, the
// path or the order in which files were found goes in. What would not be shown right is refused by name.
import { basename, extname, resolve } from "node:path";
import { type ContentId, fail, type Result } from "@sojourn/protocol";
import { LIMITS } from "../limits.ts";
import type { Block } from "../stores/port.ts";
import { buildVersion } from "../versions/build.ts";
import { colourFromTiled } from "../versions/colour.ts";
import type { Scene } from "../versions/scene.ts";
import { plainGid } from "../versions/tile-draw.ts";
import type { LayerInfo, SubstrateVersion } from "../versions/types.ts";
import { addCellSolids } from "./cell-solids.ts";
import { type CellArea, layerCells, tileBudget } from "./cells.ts";
import { ChunkCutter } from "./chunks.ts";
import { MapFiles, shownName } from "./files.ts";
import { Item } from "./item.ts";
import { type FlatLayer, flatLayers } from "./layers.ts";
import { layerObjects, type MapObjects, objectItems } from "./objects.ts";
import { badMap, MapProblem, unsupported } from "./problem.ts";
import { MapTemplates } from "./templates.ts";
import { TileShapes } from "./tile-shapes.ts";
import { MapAssets, MapTilesets } from "./tilesets.ts";

export interface PackOptions {
  /** The world's name in the version; the file's name without its ending when not given. */
  readonly name?: string;
  /** Hears of every file that is read, whether or not packing succeeds: the map, tilesets, templates, pictures. */
  readonly onFile?: (path: string) => void;
}

export interface PackedMap {
  readonly root: ContentId;
  /** Every block of the version once, the root last. */
  readonly blocks: Block[];
  readonly bytes: number;
  readonly version: SubstrateVersion;
}

/** Packs a .tmx, .tmj or .json map. Faults: `bad-map`, `unsupported-map`, `oversized`, each naming file, layer and remedy. */
export async function packTiled(file: string, options: PackOptions = {}): Promise<Result<PackedMap>> {
  const shown = shownName(file);
  try {
    const built = await pack(resolve(file), shown, options.name ?? basename(file, extname(file)), new MapFiles(options.onFile));
    if (built.ok) return built;
    const code = built.fault.code === "oversized" ? "oversized" : "bad-map";
    return fail(code, "client", `${shown}: ${built.fault.detail}`);
  } catch (error) {
    if (error instanceof MapProblem) return fail(error.code, "client", error.message);
    throw error;
  }
}

async function pack(path: string, file: string, name: string, files: MapFiles): ReturnType<typeof buildVersion> {
  const tree = await files.tree(path, file);
  if (tree.type !== "map") badMap(file, `it holds a ${tree.type}; pack the map that uses it`);
  const map = new Item(tree, file);
  const tileSize = mapTileSize(map);
  const assets = new MapAssets(files);
  const tilesets = await readTilesets(map, path, file, files, assets);
  const layers = flatLayers(map, file);
  const objects = await resolvedObjects(layers, path, new MapTemplates(files, tilesets, assets));
  const infos = await layerInfos(layers, path, assets);
  const shapes = new TileShapes({ tilesets: tilesets.sets, tileSize });
  refuseRenderOrder(map, tilesets, tileSize);

  const isInfinite = map.truth("infinite", false);
  const size = {
    width: map.int("width", isInfinite ? 0 : 1, LIMITS.worldTiles),
    height: map.int("height", isInfinite ? 0 : 1, LIMITS.worldTiles),
  };
  const cells = readCells(layers, size, isInfinite);
  const found: MapObjects = { zones: [], boxes: [], objects: [] };
  const reader = { tileSize, tilesets, shapes, ids: new Set<string>() };
  for (const [layer, items] of objects) layerObjects(layer, items, reader, found);
  if (found.zones.length > LIMITS.zones) badMap(file, `it has ${found.zones.length} zones; ${LIMITS.zones} are allowed`);

  const bounds = isInfinite ? usedBounds(file, cells, found) : { x0: 0, y0: 0, x1: size.width, y1: size.height };
  const tiles = (bounds.x1 - bounds.x0) * (bounds.y1 - bounds.y0);
  if (tiles > LIMITS.mapTiles) badMap(file, `it spreads over ${tiles} tiles; ${LIMITS.mapTiles} are allowed`);
  const cutter = new ChunkCutter(bounds, file);
  for (const [layer, areas] of cells) cutLayer(layer, areas, tilesets, cutter);
  addCellSolids({ tilesets: tilesets.sets, tileSize }, infos, cutter, ({ order }) => (layers[order] as FlatLayer).item.where);
  for (const box of found.boxes) cutter.addBox(box);
  for (const object of found.objects) cutter.addObject(object);
  const scene = sceneOf(map, bounds, tileSize, withPlacedLayer(infos), {
    tilesets: tilesets.sets,
    assets: assets.assets,
    zones: found.zones,
  });
  return await buildVersion({ name: nameOf(file, name), scene, chunks: cutter.chunks(), assetBlocks: assets.blocks });
}

function mapTileSize(map: Item): { w: number; h: number } {
  const orientation = map.text("orientation", "orthogonal");
  if (orientation !== "orthogonal") {
    unsupported(`${map.where}: map`, `orientation "${orientation}"`, "make the map orthogonal (Map > Map Properties > Orientation)");
  }
  return { w: map.int("tilewidth", 1, LIMITS.tilePixels), h: map.int("tileheight", 1, LIMITS.tilePixels) };
}

async function readTilesets(map: Item, path: string, file: string, files: MapFiles, assets: MapAssets): Promise<MapTilesets> {
  const tilesets = new MapTilesets();
  const entries = map.items("tilesets", LIMITS.tilesets, (_, i) => `${file}: tileset ${i + 1}`);
  entries.sort((a, b) => a.int("firstgid", 1, 0xffffffff) - b.int("firstgid", 1, 0xffffffff));
  for (const entry of entries) await tilesets.add(entry, path, file, files, assets);
  return tilesets;
}

async function resolvedObjects(layers: readonly FlatLayer[], path: string, templates: MapTemplates): Promise<Map<FlatLayer, Item[]>> {
  const objects = new Map<FlatLayer, Item[]>();
  for (const layer of layers) {
    if (layer.info.kind !== "object") continue;
    const items: Item[] = [];
    for (const item of objectItems(layer)) items.push(await templates.resolved(item, path));
    objects.set(layer, items);
  }
  return objects;
}

async function layerInfos(layers: readonly FlatLayer[], path: string, assets: MapAssets): Promise<LayerInfo[]> {
  const infos: LayerInfo[] = [];
  for (const { item, info } of layers) {
    if (info.kind !== "image") infos.push(info);
    else if (!item.has("image") || item.text("image") === "") badMap(item.where, "it has no picture; choose one or delete the layer");
    else {
      const repeats = { repeatX: item.truth("repeatx", false), repeatY: item.truth("repeaty", false) };
      infos.push({ ...info, image: { ...(await assets.image(item, path)), ...repeats } });
    }
  }
  return infos;
}

/** In which order tiles are drawn only shows where one reaches over its neighbours. */
function refuseRenderOrder(map: Item, tilesets: MapTilesets, tileSize: { w: number; h: number }): void {
  const order = map.text("renderorder", "right-down");
  const overlaps = tilesets.sets.some((set) => set.renderSize === "tile" && (set.tileSize.w > tileSize.w || set.tileSize.h > tileSize.h));
  if (order !== "right-down" && overlaps)
    unsupported(`${map.where}: map`, `render order "${order}" with tiles larger than the grid`, 'set it to "Right Down"');
}

function readCells(layers: readonly FlatLayer[], size: { width: number; height: number }, isInfinite: boolean): Map<FlatLayer, CellArea[]> {
  const cells = new Map<FlatLayer, CellArea[]>();
  const tileLayers = layers.filter(({ info }) => info.kind === "tile");
  const budget = tileBudget(tileLayers.map(({ item }) => item));
  for (const layer of tileLayers) {
    if (layer.item.number("x", 0) !== 0 || layer.item.number("y", 0) !== 0)
      badMap(layer.item.where, "it does not begin at the map's corner; save it again in Tiled");
    cells.set(layer, layerCells(layer.item, size, isInfinite, budget));
  }
  return cells;
}

/** An infinite map is as large as what is in it. */
function usedBounds(file: string, cells: ReadonlyMap<FlatLayer, CellArea[]>, found: MapObjects): Scene["bounds"] {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  const include = (left: number, top: number, right: number, lower: number): void => {
    [x0, y0] = [Math.min(x0, Math.floor(left)), Math.min(y0, Math.floor(top))];
    [x1, y1] = [Math.max(x1, Math.ceil(right)), Math.max(y1, Math.ceil(lower))];
  };
  for (const area of [...cells.values()].flat()) {
    area.gids.forEach((gid, i) => {
      const [x, y] = [area.x + (i % area.width), area.y + Math.floor(i / area.width)];
      if (gid !== 0) include(x, y, x + 1, y + 1);
    });
  }
  for (const { x, y, w, h } of found.zones) include(x, y, x + w, y + h);
  for (const [left, top, right, lower] of found.boxes) include(left, top, right, lower);
  for (const { x, y } of found.objects) include(x, y, x + 1 / 256, y + 1 / 256);
  if (x0 === Infinity) badMap(file, "there is nothing in it");
  return { x0, y0, x1: Math.max(x1, x0 + 1), y1: Math.max(y1, y0 + 1) };
}

function cutLayer({ info, item }: FlatLayer, areas: readonly CellArea[], tilesets: MapTilesets, cutter: ChunkCutter): void {
  for (const area of areas) {
    area.gids.forEach((gid, i) => {
      if (gid === 0) return;
      const [x, y] = [area.x + (i % area.width), area.y + Math.floor(i / area.width)];
      if (tilesets.rule(plainGid(gid)) === undefined)
        badMap(item.where, `tile (${x}, ${y}) has gid ${plainGid(gid)}, which no tileset of the map has`);
      cutter.setCell(info.order, x, y, gid);
    });
  }
}

/** Objects that travellers place need a layer: one named `placed`, or a new one above all others. */
function withPlacedLayer(infos: readonly LayerInfo[]): { layers: LayerInfo[]; placedLayer: number } {
  const own = infos.findIndex(
    ({ kind, name, class: className }) => kind === "object" && [name, className].some((word) => word?.toLowerCase() === "placed"),
  );
  if (own >= 0) return { layers: [...infos], placedLayer: own };
  const placed: LayerInfo = {
    order: infos.length,
    name: "placed",
    kind: "object",
    visible: true,
    opacity: 1,
    offset: { x: 0, y: 0 },
    parallax: { x: 1, y: 1 },
    drawOrder: "topdown",
  };
  return { layers: [...infos, placed], placedLayer: infos.length };
}

function sceneOf(
  map: Item,
  bounds: Scene["bounds"],
  tileSize: Scene["tileSize"],
  layers: Pick<Scene, "layers" | "placedLayer">,
  content: Pick<Scene, "tilesets" | "assets" | "zones">,
): Scene {
  const className = map.label("class", "");
  const background = map.has("backgroundcolor") ? colourFromTiled(map.text("backgroundcolor")) : undefined;
  if (map.has("backgroundcolor") && background === undefined) badMap(map.where, "its background colour is no colour");
  return {
    bounds,
    tileSize,
    ...(background === undefined ? {} : { backgroundColor: background }),
    parallaxOrigin: { x: map.number("parallaxoriginx", 0), y: map.number("parallaxoriginy", 0) },
    ...layers,
    ...content,
    ...(className === "" ? {} : { class: className }),
    properties: map.properties(),
  };
}

function nameOf(file: string, name: string): string {
  const isSound = name !== "" && name.isWellFormed() && new TextEncoder().encode(name).length <= LIMITS.nameBytes;
  return isSound ? name : badMap(file, `a world's name must have 1 to ${LIMITS.nameBytes} bytes`);
}
