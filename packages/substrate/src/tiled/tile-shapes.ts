// What of a tile stops movement: boxes in units, for a tile in a cell and for a tile object, flips and scale applied. It is read
// from the tilesets of a version alone, so that whoever holds a version can work it out again. Pure.
import { fitted, tileDraw } from "../versions/tile-draw.ts";
import type { Box, SubstrateVersion, TileInfo, TilesetInfo } from "../versions/types.ts";
import { boxesOf, cornersOf, type Point, shapeOf, snapped } from "./geometry.ts";
import type { Item } from "./item.ts";
import { badMap, unsupported } from "./problem.ts";

type Tiles = Pick<SubstrateVersion, "tilesets" | "tileSize">;
type Shapes = NonNullable<TileInfo["shapes"]>;

/** What a tile in a cell stops. */
export interface CellSolid {
  /** The whole cell. */
  readonly isWhole: boolean;
  /** Boxes from the upper left corner of the cell, units. */
  readonly boxes: readonly Box[];
}

const NOTHING: CellSolid = { isWhole: false, boxes: [] };

/** The shapes drawn in a tile's collision editor. Points have no area and are passed over. */
export function drawnShapes(shapes: readonly Item[]): Shapes {
  return shapes.flatMap((shape) => {
    const kind = shapeOf(shape);
    if (shape.has("gid") || shape.has("text") || shape.has("template") || kind === "polyline") {
      return unsupported(
        shape.where,
        "a shape that is no rectangle, ellipse, capsule or polygon",
        "draw one of these in the tile's collision editor",
      );
    }
    if (kind === "point") return [];
    const corners = cornersOf(shape, kind).map(([x, y]): Point => [snapped(x), snapped(y)]);
    if (corners.length < 3) badMap(shape.where, "its polygon has fewer than three points");
    return [corners];
  });
}

export class TileShapes {
  readonly #tiles: Tiles;
  readonly #known: Map<number, CellSolid> = new Map();

  constructor(tiles: Tiles) {
    this.#tiles = tiles;
  }

  /** For a tile of a tile layer. `gid` with its flip bits. */
  inCell(gid: number): CellSolid {
    const known = this.#known.get(gid) ?? this.#solid(gid);
    this.#known.set(gid, known);
    return known;
  }

  /** For a tile object of `size` pixels. `toUnits` brings pixels from its unrotated upper left corner to units from its centre. */
  ofObject(gid: number, size: { w: number; h: number }, toUnits: (point: Point) => Point): Box[] {
    const draw = tileDraw(this.#tiles, gid);
    const shapes = draw?.tile?.shapes;
    if (draw === undefined || shapes === undefined) return [];
    const drawn = fitted(draw.tileset, size.w, size.h);
    return boxesIn(draw.tileset, shapes, draw, drawn, ([x, y]) => toUnits([drawn.x + x, drawn.y + y]));
  }

  #solid(gid: number): CellSolid {
    const draw = tileDraw(this.#tiles, gid);
    if (draw?.tile?.solid === true) return { isWhole: true, boxes: [] };
    const shapes = draw?.tile?.shapes;
    if (draw === undefined || shapes === undefined) return NOTHING;
    const { place } = draw;
    const { w, h } = this.#tiles.tileSize;
    return { isWhole: false, boxes: boxesIn(draw.tileset, shapes, draw, place, ([x, y]) => [(place.x + x) / w, (place.y + y) / h]) };
  }
}

type Flips = { flipDiagonal: boolean; flipHorizontal: boolean; flipVertical: boolean };

function boxesIn(
  tileset: TilesetInfo,
  shapes: Shapes,
  flips: Flips,
  drawn: { w: number; h: number },
  toUnits: (point: Point) => Point,
): Box[] {
  const { w, h } = tileset.tileSize;
  const turn = ([x, y]: Point): Point => {
    let [fx, fy] = [x / w, y / h];
    if (flips.flipDiagonal) [fx, fy] = [fy, fx];
    if (flips.flipHorizontal) fx = 1 - fx;
    if (flips.flipVertical) fy = 1 - fy;
    return toUnits([fx * drawn.w, fy * drawn.h]);
  };
  return shapes.flatMap((corners) => boxesOf(corners.map(turn), `tileset "${tileset.name}": a collision shape`));
}
