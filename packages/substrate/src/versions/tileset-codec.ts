// Tilesets as a scene holds them. Pure.
import type { NodeMap, NodeValue } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import { imageNode, present, readImage } from "./asset-codec.ts";
import { badShape, Fields, intWithin, listOf } from "./fields.ts";
import { STEPS_PER_UNIT, toSteps } from "./object-codec.ts";
import { propertiesNode, readProperties } from "./properties.ts";
import type { AnimationFrame, AssetInfo, TileInfo, TilesetInfo } from "./types.ts";

/** Gids have 28 bits: the three highest of 32 are flips, and Tiled keeps the fourth for hexagons. */
export const MAX_GID = 0x0fffffff;
const FRAME_MS = 3_600_000;
/** Corners of collision shapes lie within so many 1/256 pixels. */
const FAR_STEPS = 4 * LIMITS.assetPixels * STEPS_PER_UNIT;

export function tilesetNode(set: TilesetInfo): NodeMap {
  return present({
    name: set.name,
    firstGid: set.firstGid,
    count: set.tileCount,
    columns: set.columns,
    image: imageNode(set.image),
    tile: [set.tileSize.w, set.tileSize.h],
    margin: set.margin,
    spacing: set.spacing,
    offset: [set.tileOffset.x, set.tileOffset.y],
    renderSize: set.renderSize,
    fill: set.fillMode,
    part: set.part && [set.part.x, set.part.y],
    class: set.class,
    tiles: set.tiles.map(tileNode),
    properties: set.properties && propertiesNode(set.properties),
  });
}

/** Throws BadShape. */
export function readTileset(item: NodeValue, path: string, assets: ReadonlyMap<string, AssetInfo>): TilesetInfo {
  const fields = new Fields(item, path);
  const image = fields.map("image");
  const [w, h] = fields.numbers("tile", 2, 1, LIMITS.assetPixels) as [number, number];
  const [x, y] = fields.numbers("offset", 2, -LIMITS.assetPixels, LIMITS.assetPixels) as [number, number];
  const tileCount = fields.int("count", 1, LIMITS.tilesPerTileset);
  const set: TilesetInfo = {
    name: fields.text("name", LIMITS.nameBytes),
    firstGid: fields.int("firstGid", 1, MAX_GID),
    tileCount,
    columns: fields.int("columns", 1, LIMITS.tilesPerTileset),
    image: readImage(image, path, assets),
    tileSize: { w, h },
    margin: fields.int("margin", 0, LIMITS.assetPixels),
    spacing: fields.int("spacing", 0, LIMITS.assetPixels),
    tileOffset: { x, y },
    renderSize: fields.one("renderSize", ["tile", "grid"] as const),
    ...(fields.has("fill") ? { fillMode: fields.one("fill", ["preserve-aspect-fit"] as const) } : {}),
    ...fields.optional("part", readPart),
    ...fields.optional("class", (f, key) => f.text(key, LIMITS.nameBytes)),
    tiles: fields.list("tiles", tileCount, (tile, at) => readTile(tile, at, tileCount)),
    ...fields.optional("properties", (f, key) => readProperties(f.raw(key), path)),
  };
  image.end();
  fields.end();
  if (set.tiles.some(({ id }, i) => i > 0 && id <= (set.tiles[i - 1]?.id ?? -1))) badShape(`${path}.tiles are out of order`);
  if (!tilesFitImage(set)) badShape(`${path} has tiles outside of its image`);
  return set;
}

/** Whether every tile of the set lies inside its image. */
export function tilesFitImage(
  set: Pick<TilesetInfo, "tileCount" | "columns" | "image" | "tileSize" | "margin" | "spacing" | "part">,
): boolean {
  const rows = Math.ceil(set.tileCount / set.columns);
  const columns = Math.min(set.columns, set.tileCount);
  const right = (set.part?.x ?? 0) + set.margin + columns * set.tileSize.w + (columns - 1) * set.spacing;
  const lower = (set.part?.y ?? 0) + set.margin + rows * set.tileSize.h + (rows - 1) * set.spacing;
  return right <= set.image.width && lower <= set.image.height;
}

function tileNode(tile: TileInfo): NodeMap {
  return present({
    id: tile.id,
    class: tile.class,
    animation: tile.animation?.map(({ gid, durationMs }) => ({ gid, ms: durationMs })),
    solid: tile.solid,
    shapes: tile.shapes?.map((corners) => corners.flatMap(([x, y]) => [toSteps(x), toSteps(y)])),
    properties: tile.properties && propertiesNode(tile.properties),
  });
}

function readTile(item: NodeValue, path: string, tileCount: number): TileInfo {
  const fields = new Fields(item, path);
  const tile: TileInfo = {
    id: fields.int("id", 0, tileCount - 1),
    ...fields.optional("class", (f, key) => f.text(key, LIMITS.nameBytes)),
    ...fields.optional("animation", (f, key) => f.list(key, LIMITS.animationFrames, readFrame)),
    ...fields.optional("solid", (f, key) => f.truth(key)),
    ...fields.optional("shapes", (f, key) => f.list(key, LIMITS.boxesPerTile, readShape)),
    ...fields.optional("properties", (f, key) => readProperties(f.raw(key), path)),
  };
  fields.end();
  return tile;
}

function readPart(fields: Fields): { x: number; y: number } {
  const part = fields.list("part", 2, (item, at) => intWithin(item, 0, LIMITS.assetPixels, at));
  return part.length === 2 ? { x: part[0] as number, y: part[1] as number } : badShape("part must be x, y");
}

function readShape(item: NodeValue, path: string): (readonly [number, number])[] {
  const steps = listOf(item, 2 * LIMITS.zonePoints, path, (one, at) => intWithin(one, -FAR_STEPS, FAR_STEPS, at) / STEPS_PER_UNIT);
  if (steps.length < 6 || steps.length % 2 !== 0) return badShape(`${path} must have three corners or more`);
  return Array.from({ length: steps.length / 2 }, (_, i) => [steps[2 * i] as number, steps[2 * i + 1] as number]);
}

function readFrame(item: NodeValue, path: string): AnimationFrame {
  const fields = new Fields(item, path);
  const frame = { gid: fields.int("gid", 1, MAX_GID), durationMs: fields.int("ms", 1, FRAME_MS) };
  fields.end();
  return frame;
}
