// The plane in squares: every entity lies in exactly one cell, and whoever looks, looks from one cell at the cells around it.
import { WORLD_EDGE } from "../motion/step.ts";

/** Side of a cell, units. */
export const CELL = 16;
/** A cell by one number; {@link cellX} and {@link cellY} take it apart. */
export type CellKey = number;

/** Cells count from -EDGE to +EDGE along each axis. */
export const CELL_EDGE: number = WORLD_EDGE / CELL;
/** How far outside the cell one looks from one may stray before one looks from another, units. */
export const VIEW_SLACK = 2;
const ROW = 2 * CELL_EDGE + 1;

export function cellKey(cx: number, cy: number): CellKey {
  return (cy + CELL_EDGE) * ROW + (cx + CELL_EDGE);
}

export function cellX(key: CellKey): number {
  return (key % ROW) - CELL_EDGE;
}

export function cellY(key: CellKey): number {
  return Math.floor(key / ROW) - CELL_EDGE;
}

/** The cell of a point, units. A point on a border belongs to the cell right of it or below it. */
export function cellAt(x: number, y: number): CellKey {
  return cellKey(Math.floor(x / CELL), Math.floor(y / CELL));
}

/**
 * The cell one looks from. It stays `before` until the point is more than VIEW_SLACK units outside it, so that walking along a
 * border does not change what one sees with every step.
 */
export function viewingCell(before: CellKey | undefined, x: number, y: number): CellKey {
  if (before === undefined) return cellAt(x, y);
  const left = cellX(before) * CELL;
  const top = cellY(before) * CELL;
  const isNear = x >= left - VIEW_SLACK && x < left + CELL + VIEW_SLACK && y >= top - VIEW_SLACK && y < top + CELL + VIEW_SLACK;
  return isNear ? before : cellAt(x, y);
}

/** The cells one sees from a cell: whatever is within `viewRadius` of someone who looks from it lies in one of them. In rows from top left. */
export function cellsInView(from: CellKey, viewRadius: number): CellKey[] {
  const radius = viewRadius + VIEW_SLACK;
  const reach = Math.ceil(radius / CELL);
  const cx = cellX(from);
  const cy = cellY(from);
  const cells: CellKey[] = [];
  for (let y = Math.max(-CELL_EDGE, cy - reach); y <= Math.min(CELL_EDGE, cy + reach); y++) {
    for (let x = Math.max(-CELL_EDGE, cx - reach); x <= Math.min(CELL_EDGE, cx + reach); x++) {
      const gapX = Math.max(0, Math.abs(x - cx) - 1) * CELL;
      const gapY = Math.max(0, Math.abs(y - cy) - 1) * CELL;
      if (gapX * gapX + gapY * gapY < radius * radius) cells.push(cellKey(x, y));
    }
  }
  return cells;
}
