// The objects of an object layer: tile objects become static objects, solid shapes become solid boxes, and every other shape
// becomes a zone. Pixels in, units out. Pure.
import { LIMITS } from "../limits.ts";
import { fitted, plainGid } from "../versions/tile-draw.ts";
import type { Box, Properties, StaticObject, SubstrateVersion, Zone } from "../versions/types.ts";
import { refuseParallax } from "./cell-solids.ts";
import { boundingBox, boxesOf, cornersOf, isUpright, type Point, rotated, type ShapeKind, shapeOf, snapped } from "./geometry.ts";
import type { Item } from "./item.ts";
import type { FlatLayer } from "./layers.ts";
import { type OwnFacts, takeOwnFacts } from "./own-facts.ts";
import { badMap, unsupported } from "./problem.ts";
import type { TileShapes } from "./tile-shapes.ts";
import type { MapTilesets, TileRule } from "./tilesets.ts";

export interface MapObjects {
  readonly zones: Zone[];
  readonly boxes: Box[];
  readonly objects: StaticObject[];
}

export interface ObjectReader {
  readonly tileSize: SubstrateVersion["tileSize"];
  readonly tilesets: MapTilesets;
  readonly shapes: TileShapes;
  /** Ids seen so far. */
  readonly ids: Set<string>;
}

/** The objects of a layer as its file lists them. */
export function objectItems({ item }: FlatLayer): Item[] {
  return item.items("objects", LIMITS.objectsPerLayer, (tree) => {
    const { id, name } = (tree ?? {}) as { id?: unknown; name?: unknown };
    return `${item.where}, object ${String(id)}${name ? ` ${JSON.stringify(name)}` : ""}`;
  });
}

const SOLID_CLASSES = new Set(["solid", "collision"]);
const FLIP_DIAGONAL = 0x20000000;
/** Where in the object its position lies, as parts of width and height. */
const ANCHORS: Readonly<Record<string, Point>> = {
  unspecified: [0, 1],
  topleft: [0, 0],
  top: [0.5, 0],
  topright: [1, 0],
  left: [0, 0.5],
  center: [0.5, 0.5],
  right: [1, 0.5],
  bottomleft: [0, 1],
  bottom: [0.5, 1],
  bottomright: [1, 1],
};

/** `objects`: those of the layer, their templates folded in. */
export function layerObjects(layer: FlatLayer, objects: readonly Item[], reader: ObjectReader, into: MapObjects): void {
  objects.forEach((object, order) => {
    if (object.has("text")) unsupported(object.where, "a text object", 'use a tile object with a "text" property, such as a sign');
    opacityOf(object);
    const { facts, properties } = takeOwnFacts(object.properties(), object.where);
    const read: Read = { object, id: objectId(object, facts, reader), facts, properties, order, layer, reader };
    if (object.has("gid") || facts?.bare === true) {
      into.objects.push(object.has("gid") ? tileObject(read) : bareObject(read));
      return;
    }
    const className = object.className();
    const isSolid = layer.isCollision || SOLID_CLASSES.has(className.toLowerCase()) || properties.solid === true;
    if (isSolid) into.boxes.push(...solidBoxes(object, layer, reader));
    else into.zones.push(zone(read, className));
  });
}

/** One object that is being read. */
interface Read {
  readonly object: Item;
  readonly id: string;
  readonly facts: OwnFacts | undefined;
  /** Its own, without the facts. */
  readonly properties: Properties;
  readonly order: number;
  readonly layer: FlatLayer;
  readonly reader: ObjectReader;
}

function opacityOf(object: Item): number {
  const opacity = object.number("opacity", 1);
  return opacity >= 0 && opacity <= 1 ? opacity : badMap(object.where, `its opacity is ${opacity}; it must be from 0 to 1`);
}

function objectId(object: Item, facts: OwnFacts | undefined, { ids }: ObjectReader): string {
  const id = facts?.id ?? (object.has("id") ? `m${object.int("id", 0, 0xffffffff)}` : `n${ids.size}`);
  if (ids.has(id)) badMap(object.where, `another object has the id ${id.slice(1)} too; open the map in Tiled and save it again`);
  ids.add(id);
  return id;
}

/** The shape's corners in units, the layer's own offset added. */
function unitCorners(object: Item, shape: ShapeKind, { objectOffset }: FlatLayer, { tileSize }: ObjectReader): Point[] {
  return cornersOf(object, shape).map(([x, y]): Point => [(x + objectOffset.x) / tileSize.w, (y + objectOffset.y) / tileSize.h]);
}

function solidBoxes(object: Item, layer: FlatLayer, reader: ObjectReader): Box[] {
  const shape = shapeOf(object);
  if (shape === "point" || shape === "polyline")
    unsupported(object.where, `a solid ${shape}`, "draw what is solid as rectangle, ellipse or polygon");
  refuseParallax(layer.info, object.where);
  return boxesOf(unitCorners(object, shape, layer, reader), object.where);
}

function zone({ object, id, properties, layer, reader }: Read, className: string): Zone {
  const drawn = shapeOf(object);
  const corners = unitCorners(object, drawn, layer, reader);
  const [x0, y0, x1, y1] = boundingBox(corners).map(snapped) as unknown as Box;
  const shape = zoneShape(object, drawn, corners);
  const far = 2 * LIMITS.coordinateTiles;
  if (![x0, y0, x1, y1].every((at) => Math.abs(at) <= far)) badMap(object.where, "it lies too far away from the map");
  const points = shape === "polygon" || shape === "polyline" ? { points: corners.map(([x, y]): Point => [snapped(x), snapped(y)]) } : {};
  if (shape === "polygon" && corners.length < 3) badMap(object.where, "its polygon has fewer than three points");
  return {
    id,
    name: object.label("name", ""),
    class: className,
    ...{ x: x0, y: y0, w: x1 - x0, h: y1 - y0 },
    shape,
    ...points,
    properties,
  };
}

function zoneShape(object: Item, drawn: ShapeKind, corners: readonly Point[]): Zone["shape"] {
  if (drawn === "rectangle" && object.number("width", 0) === 0 && object.number("height", 0) === 0) return "point";
  if (drawn === "rectangle") return isUpright(corners) ? "rectangle" : "polygon";
  if (drawn === "capsule") return "polygon";
  if (drawn !== "ellipse") return drawn;
  const isRound = object.number("width", 0) === object.number("height", 0);
  return isRound || object.number("rotation", 0) % 90 === 0 ? "ellipse" : "polygon";
}

/** A static object that shows no tile: a rectangle, turned about its upper left corner as Tiled turns it. */
function bareObject({ object, id, facts = {}, properties, layer, reader: { tileSize } }: Read): StaticObject {
  const size = { w: object.number("width", 0), h: object.number("height", 0) };
  const middle = rotated([size.w / 2, size.h / 2], [0, 0], object.number("rotation", 0));
  return { id, ...placed(object, layer, size, middle, tileSize), ...exactly(object, facts), ...lookOf(object), ...kept(properties) };
}

function tileObject({ object, id, facts, properties: own, order, layer, reader }: Read): StaticObject {
  const gid = object.int("gid", 1, 0xffffffff);
  const rule = reader.tilesets.rule(plainGid(gid));
  if (rule === undefined) return badMap(object.where, `it shows gid ${plainGid(gid)}, which no tileset has`);
  if ((gid & FLIP_DIAGONAL) !== 0) unsupported(object.where, "a tile object flipped along its diagonal", "rotate it instead");
  const tile = rule.tileset.tileSize;
  const size = { w: object.number("width", tile.w) || tile.w, h: object.number("height", tile.h) || tile.h };
  const { tileSize } = reader;
  const rotation = object.number("rotation", 0);
  const middle = pictureMiddle(rule, size, rotation);
  const properties = facts === undefined ? { ...rule.info?.properties, ...own } : own;
  const boxes = facts === undefined || facts.shapes === true ? tileBoxes(gid, size, rotation, reader) : [];
  const isSolid = facts === undefined ? layer.isCollision || properties.solid === true : facts.solid === true;
  if (isSolid || boxes.length > 0) refuseParallax(layer.info, object.where);
  const plainly = { kind: object.className() || rule.info?.class || "tile", order, ...textOf(properties) };
  return {
    id,
    ...placed(object, layer, size, middle, tileSize),
    gid,
    ...(facts === undefined ? plainly : exactly(object, facts)),
    ...(isSolid ? { solid: true } : {}),
    ...(boxes.length > 0 ? { boxes } : {}),
    ...lookOf(object),
    ...kept(properties),
  };
}

/** What of its tile stops movement: worked out from the size and turn that a version keeps, and not from finer ones. */
function tileBoxes(gid: number, drawn: { w: number; h: number }, turn: number, { tileSize, shapes }: ObjectReader): Box[] {
  const least = 1 / 256;
  const size = {
    w: Math.max(least, snapped(drawn.w / tileSize.w)) * tileSize.w,
    h: Math.max(least, snapped(drawn.h / tileSize.h)) * tileSize.h,
  };
  const rotation = Math.round(turn * 1_000) / 1_000;
  return shapes.ofObject(gid, size, ([x, y]) => {
    const [turnedX, turnedY] = rotated([x - size.w / 2, y - size.h / 2], [0, 0], rotation);
    return [turnedX / tileSize.w, turnedY / tileSize.h];
  });
}

/** The centre of a tile object's picture from the object's own point, pixels: its tileset says where in the picture that point lies. */
export function pictureMiddle({ tileset, alignment }: TileRule, size: { w: number; h: number }, rotation: number): Point {
  const { tileOffset, tileSize } = tileset;
  const [anchorX, anchorY] = ANCHORS[alignment] as Point;
  const drawn = fitted(tileset, size.w, size.h);
  const left = (tileOffset.x * drawn.w) / tileSize.w - anchorX * size.w;
  const top = (tileOffset.y * drawn.h) / tileSize.h - anchorY * size.h;
  return rotated([left + size.w / 2, top + size.h / 2], [0, 0], rotation);
}

/** `middle`: the centre from the object's own point, pixels. */
function placed(
  object: Item,
  layer: FlatLayer,
  size: { w: number; h: number },
  middle: Point,
  tileSize: SubstrateVersion["tileSize"],
): Pick<StaticObject, "x" | "y" | "layer" | "width" | "height"> {
  return {
    x: snapped((object.number("x", 0) + middle[0] + layer.objectOffset.x) / tileSize.w),
    y: snapped((object.number("y", 0) + middle[1] + layer.objectOffset.y) / tileSize.h),
    layer: layer.info.order,
    width: snapped(size.w / tileSize.w),
    height: snapped(size.h / tileSize.h),
  };
}

function lookOf(object: Item): Pick<StaticObject, "rotation" | "hidden" | "opacity" | "name"> {
  const [rotation, opacity, name] = [object.number("rotation", 0), opacityOf(object), object.label("name", "")];
  return {
    ...(rotation === 0 ? {} : { rotation }),
    ...(object.truth("visible", true) ? {} : { hidden: true }),
    ...(opacity === 1 ? {} : { opacity }),
    ...(name === "" ? {} : { name }),
  };
}

function exactly(object: Item, { by, text, order, solid }: OwnFacts): Pick<StaticObject, "kind" | "by" | "text" | "order" | "solid"> {
  return {
    kind: object.className() || "tile",
    ...(by === undefined ? {} : { by }),
    ...(text === undefined ? {} : { text }),
    ...(order === undefined ? {} : { order }),
    ...(solid === true ? { solid } : {}),
  };
}

function kept(properties: Properties): Pick<StaticObject, "properties"> {
  return Object.keys(properties).length === 0 ? {} : { properties };
}

/** A `text` property is what a sign says. */
function textOf({ text }: Properties): { text?: string } {
  return typeof text === "string" && text !== "" && new TextEncoder().encode(text).length <= LIMITS.textBytes ? { text } : {};
}
