// How a body walks: the same code for the world, which decides, and for the client, which predicts.
// Law: everything is integers of 1/256 unit, so two machines that agree on the input agree on the result to the last bit.
import { LIMITS } from "../limits.ts";
import type { PhysicsConfig } from "../messages.ts";

/** Positions are multiples of 1/GRID unit. */
export const GRID = 256;
/** No body's centre goes further out than this, units. */
export const WORLD_EDGE = 1_048_576;
/** Full deflection of a direction component. */
export const FULL_DEFLECTION = 127;

/** A body's centre, units: x right, y down. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What bodies cannot enter: boxes, which may touch or overlap each other. */
export interface Solids {
  /** Shows every box that meets the area; showing others too does no harm. Units. */
  visit(x0: number, y0: number, x1: number, y1: number, see: (x0: number, y0: number, x1: number, y1: number) => void): void;
}

/** The nearest position on the grid, halves upwards. */
export function snap(value: number): number {
  return Math.round(value * GRID) / GRID;
}

// The boxes near one step, grown by half the body, as four integers each: a centre strictly between them overlaps the box.
// Reused from step to step; a step runs to its end before the next begins.
let boxes = new Int32Array(4 * 64);
let boxCount = 0;
let halfWidth = 0;
let halfHeight = 0;

/**
 * One tick of walking. `dx`, `dy`: direction, -127 to 127 each; a longer vector than 127 counts as 127 long.
 * The body moves along x and then along y in strides of at most 1/4 unit, each swept: it stops where it would touch a box and
 * goes on along it, and passes through none however fast it is or however thin the box. A box the body overlaps at the
 * beginning does not hold it, so that whoever is shut in can walk out. The distance is at most speed / tickHz.
 */
export function stepBody(body: Point, dx: number, dy: number, physics: PhysicsConfig, solids: Solids): Point {
  let x = clampToEdge(Math.round(body.x * GRID));
  let y = clampToEdge(Math.round(body.y * GRID));
  const wayX = deflection(dx);
  const wayY = deflection(dy);
  if (wayX === 0 && wayY === 0) return { x: x / GRID, y: y / GRID };
  const length = Math.max(FULL_DEFLECTION, Math.sqrt(wayX * wayX + wayY * wayY));
  const reach = (physics.speed / physics.tickHz) * GRID;
  const farX = Math.trunc((wayX * reach) / length);
  const farY = Math.trunc((wayY * reach) / length);
  gather(x, y, farX, farY, physics, solids);
  const strides = Math.max(1, Math.ceil(Math.max(Math.abs(farX), Math.abs(farY)) / LIMITS.strideGrid));
  let goneX = 0;
  let goneY = 0;
  for (let i = 1; i <= strides; i++) {
    const toX = Math.trunc((farX * i) / strides);
    const toY = Math.trunc((farY * i) / strides);
    x = clampToEdge(sweepX(x, y, toX - goneX));
    y = clampToEdge(sweepY(x, y, toY - goneY));
    goneX = toX;
    goneY = toY;
  }
  return { x: x / GRID, y: y / GRID };
}

/** Whether a body at this centre overlaps any solid, by the very comparison that {@link stepBody} makes. Touching is not overlapping. */
export function overlaps(body: Point, physics: PhysicsConfig, solids: Solids): boolean {
  const w = physics.bodyWidth / 2;
  const h = physics.bodyHeight / 2;
  const x = Math.round(body.x * GRID);
  const y = Math.round(body.y * GRID);
  let found = false;
  solids.visit(body.x - w, body.y - h, body.x + w, body.y + h, (x0, y0, x1, y1) => {
    if (!(x1 > x0 && y1 > y0)) return;
    const isBeside = x <= Math.floor((x0 - w) * GRID) || x >= Math.ceil((x1 + w) * GRID);
    if (!isBeside && y > Math.floor((y0 - h) * GRID) && y < Math.ceil((y1 + h) * GRID)) found = true;
  });
  return found;
}

function deflection(value: number): number {
  const whole = Math.trunc(value);
  return whole >= -FULL_DEFLECTION && whole <= FULL_DEFLECTION ? whole : whole > 0 ? FULL_DEFLECTION : whole < 0 ? -FULL_DEFLECTION : 0;
}

function clampToEdge(grid: number): number {
  const edge = WORLD_EDGE * GRID;
  // Adding 0 turns -0, which no frame can carry, into 0.
  return Math.max(-edge, Math.min(edge, grid)) + 0;
}

/** Collects the boxes that the way of one step can meet and that do not already hold the body. */
function gather(x: number, y: number, farX: number, farY: number, physics: PhysicsConfig, solids: Solids): void {
  boxCount = 0;
  halfWidth = physics.bodyWidth / 2;
  halfHeight = physics.bodyHeight / 2;
  const x0 = (x + Math.min(0, farX)) / GRID - halfWidth;
  const x1 = (x + Math.max(0, farX)) / GRID + halfWidth;
  const y0 = (y + Math.min(0, farY)) / GRID - halfHeight;
  const y1 = (y + Math.max(0, farY)) / GRID + halfHeight;
  solids.visit(x0, y0, x1, y1, addBox);
  let kept = 0;
  for (let i = 0; i < boxCount; i++) {
    if (isWithin(i, x, y)) continue;
    boxes.copyWithin(4 * kept, 4 * i, 4 * i + 4);
    kept += 1;
  }
  boxCount = kept;
}

function addBox(x0: number, y0: number, x1: number, y1: number): void {
  if (!(x1 > x0 && y1 > y0)) return;
  if (4 * boxCount === boxes.length) {
    const more = new Int32Array(boxes.length * 2);
    more.set(boxes);
    boxes = more;
  }
  // Rounded outwards: an integer lies strictly between these exactly when it lies strictly between the true bounds.
  boxes[4 * boxCount] = Math.floor((x0 - halfWidth) * GRID);
  boxes[4 * boxCount + 1] = Math.floor((y0 - halfHeight) * GRID);
  boxes[4 * boxCount + 2] = Math.ceil((x1 + halfWidth) * GRID);
  boxes[4 * boxCount + 3] = Math.ceil((y1 + halfHeight) * GRID);
  boxCount += 1;
}

function isWithin(box: number, x: number, y: number): boolean {
  const at = 4 * box;
  return x > (boxes[at] as number) && x < (boxes[at + 2] as number) && y > (boxes[at + 1] as number) && y < (boxes[at + 3] as number);
}

function sweepX(x: number, y: number, way: number): number {
  let to = x + way;
  for (let i = 0; i < boxCount; i++) {
    if (y <= (boxes[4 * i + 1] as number) || y >= (boxes[4 * i + 3] as number)) continue;
    const left = boxes[4 * i] as number;
    const right = boxes[4 * i + 2] as number;
    if (way > 0 && x <= left && to > left) to = left;
    else if (way < 0 && x >= right && to < right) to = right;
  }
  return to;
}

function sweepY(x: number, y: number, way: number): number {
  let to = y + way;
  for (let i = 0; i < boxCount; i++) {
    if (x <= (boxes[4 * i] as number) || x >= (boxes[4 * i + 2] as number)) continue;
    const top = boxes[4 * i + 1] as number;
    const bottom = boxes[4 * i + 3] as number;
    if (way > 0 && y <= top && to > top) to = top;
    else if (way < 0 && y >= bottom && to < bottom) to = bottom;
  }
  return to;
}
