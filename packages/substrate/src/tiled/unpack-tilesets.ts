// The tilesets of a version as Tiled's tileset files. Pure.
import { colourForTiled } from "../versions/colour.ts";
import type { ImageInfo, TileInfo, TilesetInfo } from "../versions/types.ts";
import type { Tree } from "./item.ts";
import { type FileNames, propertiesTree, TILED, type TilesetFile } from "./unpack-names.ts";

export function* tilesetFiles(names: FileNames): Iterable<{ name: string; tree: Tree }> {
  for (const file of names.tilesets) yield { name: file.name, tree: tilesetTree(file, names) };
}

function tilesetTree({ sets, firstGid, isCollection }: TilesetFile, names: FileNames): Tree {
  const [first] = sets as [TilesetInfo];
  const common = {
    ...{ type: "tileset", ...TILED, name: first.name },
    ...(first.class === undefined ? {} : { class: first.class }),
    ...(first.tileOffset.x === 0 && first.tileOffset.y === 0 ? {} : { tileoffset: { ...first.tileOffset } }),
    ...(first.renderSize === "grid" ? { tilerendersize: "grid" } : {}),
    ...(first.fillMode === undefined ? {} : { fillmode: first.fillMode }),
    ...propertiesTree(first.properties ?? {}),
  };
  if (!isCollection) {
    return {
      ...common,
      ...{ tilewidth: first.tileSize.w, tileheight: first.tileSize.h, tilecount: first.tileCount, columns: first.columns },
      ...{ margin: first.margin, spacing: first.spacing, ...pictureTree(first.image, names) },
      tiles: first.tiles.map((tile) => tileTree(tile, tile.id, firstGid)),
    };
  }
  const tiles = sets.map((set) => {
    const id = set.firstGid - firstGid;
    const part = set.part === undefined ? {} : { ...set.part };
    const size = { width: set.tileSize.w, height: set.tileSize.h };
    return { ...tileTree(set.tiles[0] ?? { id: 0 }, id, firstGid), ...part, ...size, ...pictureTree(set.image, names) };
  });
  const widest = {
    tilewidth: Math.max(...sets.map(({ tileSize }) => tileSize.w)),
    tileheight: Math.max(...sets.map(({ tileSize }) => tileSize.h)),
  };
  return { ...common, ...widest, tilecount: tiles.length, columns: 0, margin: 0, spacing: 0, tiles };
}

export function pictureTree(image: ImageInfo, names: FileNames): Tree {
  const { width, height, transparent } = image;
  const clear = transparent === undefined ? {} : { transparentcolor: colourForTiled(transparent) };
  return { image: names.pictures.get(image.asset), imagewidth: width, imageheight: height, ...clear };
}

function tileTree(tile: TileInfo, id: number, firstGid: number): Tree {
  const { animation, shapes } = tile;
  return {
    id,
    ...(tile.class === undefined ? {} : { type: tile.class }),
    ...(animation === undefined
      ? {}
      : { animation: animation.map(({ gid, durationMs }) => ({ tileid: gid - firstGid, duration: durationMs })) }),
    ...(shapes === undefined ? {} : { objectgroup: shapesTree(shapes) }),
    ...propertiesTree(tile.properties ?? {}),
  };
}

function shapesTree(shapes: NonNullable<TileInfo["shapes"]>): Tree {
  const objects = shapes.map((corners, i) => ({ id: i + 1, name: "", type: "", rotation: 0, visible: true, ...shapeTree(corners) }));
  return { type: "objectgroup", name: "", draworder: "index", opacity: 1, visible: true, x: 0, y: 0, objects };
}

/** A rectangle where the corners are those of one, in its order; a polygon otherwise. */
function shapeTree(corners: readonly (readonly [number, number])[]): Tree {
  const [[x, y] = [0, 0], , [right, lower] = [0, 0]] = corners;
  const asRectangle = [
    [x, y],
    [right, y],
    [right, lower],
    [x, lower],
  ];
  if (right > x && lower > y && JSON.stringify(corners) === JSON.stringify(asRectangle))
    return { x, y, width: right - x, height: lower - y };
  return { x: 0, y: 0, width: 0, height: 0, polygon: corners.map(([px, py]) => ({ x: px, y: py })) };
}
