// Shapes that authors draw, as corners, and corners as solid boxes. Rectangles stay exact; everything else becomes strips
// 1/8 unit high, cut along the middle of each strip. All results are whole 1/256 units. Pure.
import { LIMITS } from "../limits.ts";
import { sinCos } from "../versions/solids.ts";
import type { Box } from "../versions/types.ts";
import type { Item } from "./item.ts";
import { badMap } from "./problem.ts";

export type Point = readonly [number, number];
export type ShapeKind = "rectangle" | "ellipse" | "capsule" | "point" | "polygon" | "polyline";

const ELLIPSE_CORNERS = 32;
const STRIPS_PER_UNIT = 8;

/** What an object is; texts are refused by the caller. */
export function shapeOf(object: Item): ShapeKind {
  for (const kind of ["ellipse", "capsule", "point", "polygon", "polyline"] as const) {
    if (object.has(kind) && object.raw(kind) !== false) return kind;
  }
  return "rectangle";
}

/** The corners in pixels, rotated about the object's own point, the way Tiled does it. */
export function cornersOf(object: Item, shape: ShapeKind): Point[] {
  const x = object.number("x", 0);
  const y = object.number("y", 0);
  return localCorners(object, shape).map((corner) => rotated([x + corner[0], y + corner[1]], [x, y], object.number("rotation", 0)));
}

function localCorners(object: Item, shape: ShapeKind): Point[] {
  const w = object.number("width", 0);
  const h = object.number("height", 0);
  switch (shape) {
    case "point":
      return [[0, 0]];
    case "polygon":
    case "polyline":
      return pointsOf(object, shape);
    case "ellipse":
      return Array.from({ length: ELLIPSE_CORNERS }, (_, i): Point => {
        const [sin, cos] = sinCos((360 * i) / ELLIPSE_CORNERS);
        return [w / 2 + (w / 2) * cos, h / 2 + (h / 2) * sin];
      });
    case "capsule":
      return capsuleCorners(w, h);
    case "rectangle":
      return [
        [0, 0],
        [w, 0],
        [w, h],
        [0, h],
      ];
  }
}

/** A rectangle whose shorter sides are half circles. */
function capsuleCorners(w: number, h: number): Point[] {
  const radius = Math.min(w, h) / 2;
  return Array.from({ length: ELLIPSE_CORNERS + 4 }, (_, i): Point => {
    // Each quarter circle has its own middle, and both of its ends.
    const quarter = Math.floor(i / (ELLIPSE_CORNERS / 4 + 1));
    const [sin, cos] = sinCos((360 * (i - quarter)) / ELLIPSE_CORNERS);
    const x = quarter === 0 || quarter === 3 ? w - radius : radius;
    return [x + radius * cos, (quarter < 2 ? h - radius : radius) + radius * sin];
  });
}

function pointsOf(object: Item, key: "polygon" | "polyline"): Point[] {
  const points = object.items(key, LIMITS.zonePoints, () => `${object.where}: a point`);
  if (points.length < 2) badMap(object.where, `its ${key} has fewer than two points`);
  return points.map((point): Point => [point.number("x"), point.number("y")]);
}

/** Turned clockwise by so many degrees about a point. */
export function rotated([x, y]: Point, [ox, oy]: Point, degrees: number): Point {
  if (degrees === 0) return [x, y];
  const [sin, cos] = sinCos(degrees);
  return [ox + (x - ox) * cos - (y - oy) * sin, oy + (x - ox) * sin + (y - oy) * cos];
}

export function boundingBox(points: readonly Point[]): Box {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

export function snapped(units: number): number {
  return Math.round(units * 256) / 256 + 0;
}

/** The corners (units) are those of an upright rectangle, whichever comes first. */
export function isUpright(points: readonly Point[]): boolean {
  const [x0, y0, x1, y1] = boundingBox(points).map(snapped) as [number, number, number, number];
  if (points.length !== 4) return false;
  const corners = new Set(points.map(([x, y]) => `${snapped(x)},${snapped(y)}`));
  return [`${x0},${y0}`, `${x1},${y0}`, `${x1},${y1}`, `${x0},${y1}`].every((corner) => corners.has(corner));
}

/** The inside of a polygon (units, even-odd) as boxes. */
export function boxesOf(points: readonly Point[], where: string): Box[] {
  const bounds = boundingBox(points);
  if (isUpright(points)) return withArea([bounds]);
  if (bounds[3] - bounds[1] > LIMITS.shapeUnits) badMap(where, `it is more than ${LIMITS.shapeUnits} tiles high; draw it as rectangles`);
  const boxes: Box[] = [];
  let open: Box[] = [];
  for (let strip = Math.floor(bounds[1] * STRIPS_PER_UNIT); strip < Math.ceil(bounds[3] * STRIPS_PER_UNIT); strip++) {
    const y0 = Math.max(bounds[1], strip / STRIPS_PER_UNIT);
    const y1 = Math.min(bounds[3], (strip + 1) / STRIPS_PER_UNIT);
    const spans = spansAt(points, (y0 + y1) / 2);
    const goesOn = spans.length === open.length && spans.every(([x0, x1], i) => x0 === open[i]?.[0] && x1 === open[i]?.[2]);
    if (!goesOn) boxes.push(...open);
    open = spans.map(([x0, x1], i): Box => [x0, goesOn ? (open[i]?.[1] ?? y0) : y0, x1, y1]);
  }
  return withArea([...boxes, ...open]);
}

function spansAt(points: readonly Point[], y: number): [number, number][] {
  const crossings: number[] = [];
  points.forEach(([x1, y1], i) => {
    const [x0, y0] = points.at(i - 1) as Point;
    if (y0 > y !== y1 > y) crossings.push(snapped(x0 + ((x1 - x0) * (y - y0)) / (y1 - y0)));
  });
  crossings.sort((a, b) => a - b);
  return Array.from({ length: crossings.length >> 1 }, (_, i) => [crossings[2 * i] as number, crossings[2 * i + 1] as number]);
}

function withArea(boxes: readonly Box[]): Box[] {
  return boxes.map((box) => box.map(snapped) as unknown as Box).filter(([x0, y0, x1, y1]) => x1 > x0 && y1 > y0);
}
