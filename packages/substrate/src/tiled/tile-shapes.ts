// What of a tile stops movement, from the shapes in its collision editor: boxes in units, for a tile in a cell and for a tile
// object, flips and scale applied. Pure.
import { tileDraw } from "../versions/tile-draw.ts";
import type { Box, SubstrateVersion } from "../versions/types.ts";
import { boxesOf, cornersOf, type Point, shapeOf } from "./geometry.ts";
import type { Item } from "./item.ts";
import { unsupported } from "./problem.ts";
import type { MapTilesets, TileRule } from "./tilesets.ts";

/** The corners of every solid shape, pixels from the tile's upper left corner, not flipped. Points have no area and are passed over. */
function solidCorners(rule: TileRule): Point[][] {
  return rule.shapes.flatMap((shape) => {
    const kind = shapeOf(shape);
    if (shape.has("gid") || shape.has("text") || shape.has("template") || shape.has("capsule") || kind === "polyline") {
      return unsupported(
        shape.where,
        "a shape that is no rectangle, ellipse or polygon",
        "draw one of these in the tile's collision editor",
      );
    }
    return kind === "point" ? [] : [cornersOf(shape, kind)];
  });
}

/** Boxes from the upper left corner of the cell, units. */
export class TileShapes {
  readonly #tilesets: MapTilesets;
  readonly #tileSize: SubstrateVersion["tileSize"];
  readonly #known: Map<number, readonly Box[]> = new Map();

  constructor(tilesets: MapTilesets, tileSize: SubstrateVersion["tileSize"]) {
    this.#tilesets = tilesets;
    this.#tileSize = tileSize;
  }

  /** For a tile of a tile layer. `gid` with its flip bits. */
  inCell(gid: number, rule: TileRule): readonly Box[] {
    if (rule.shapes.length === 0) return [];
    const known = this.#known.get(gid) ?? this.#boxes(gid, rule);
    this.#known.set(gid, known);
    return known;
  }

  #boxes(gid: number, rule: TileRule): Box[] {
    const draw = tileDraw({ tilesets: this.#tilesets.sets, tileSize: this.#tileSize }, gid);
    if (draw === undefined) return [];
    const { place } = draw;
    return boxesIn(rule, draw, place, ([x, y]) => [(place.x + x) / this.#tileSize.w, (place.y + y) / this.#tileSize.h]);
  }

  /** For a tile object of `size` pixels. `toUnits` brings pixels from its unrotated upper left corner to units from its centre. */
  ofObject(gid: number, rule: TileRule, size: { w: number; h: number }, toUnits: (point: Point) => Point): Box[] {
    const draw = tileDraw({ tilesets: this.#tilesets.sets, tileSize: this.#tileSize }, gid);
    return draw === undefined ? [] : boxesIn(rule, draw, size, toUnits);
  }
}

type Flips = { flipDiagonal: boolean; flipHorizontal: boolean; flipVertical: boolean };

function boxesIn(rule: TileRule, flips: Flips, drawn: { w: number; h: number }, toUnits: (point: Point) => Point): Box[] {
  const { w, h } = rule.tileset.tileSize;
  const turn = ([x, y]: Point): Point => {
    let [fx, fy] = [x / w, y / h];
    if (flips.flipDiagonal) [fx, fy] = [fy, fx];
    if (flips.flipHorizontal) fx = 1 - fx;
    if (flips.flipVertical) fy = 1 - fy;
    return toUnits([fx * drawn.w, fy * drawn.h]);
  };
  return solidCorners(rule).flatMap((corners) => boxesOf(corners.map(turn), `tileset "${rule.tileset.name}": a collision shape`));
}

/** What of these a shape may be at all. */
export function refuseOddShape(object: Item): void {
  if (object.has("template")) unsupported(object.where, "a template", "select it in Tiled and choose Detach from Template");
  if (object.has("text")) unsupported(object.where, "a text object", 'use a tile object with a "text" property, such as a sign');
  if (object.has("capsule")) unsupported(object.where, "a capsule", "draw a rectangle or an ellipse");
  if (object.number("opacity", 1) !== 1) unsupported(object.where, "the opacity of a single object", "set the opacity of its layer");
}
