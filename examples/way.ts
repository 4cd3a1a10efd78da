// Finding the way in a substrate: tiles where a body fits, searched from the goal outwards until the search meets the walker.
import { type SubstrateView, solidsOf } from "@sojourn/substrate";

export interface Tile {
  readonly x: number;
  readonly y: number;
}

/** Room a body needs around the middle of a tile, units. */
const HALF = 0.35;
const BESIDE = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const;

const keyOf = ({ x, y }: Tile): string => `${x},${y}`;

/** For every tile from which the goal can be reached, the next tile towards it. */
export function waysTo(goal: Tile, substrate: SubstrateView): (from: Tile) => Tile | undefined {
  const solids = solidsOf(substrate);
  const isFree = ({ x, y }: Tile): boolean => {
    const [left, top, right, bottom] = [x + 0.5 - HALF, y + 0.5 - HALF, x + 0.5 + HALF, y + 0.5 + HALF];
    let free = true;
    solids.visit(left, top, right, bottom, (x0, y0, x1, y1) => {
      if (x1 > left && x0 < right && y1 > top && y0 < bottom) free = false;
    });
    return free;
  };
  const next = new Map<string, Tile>([[keyOf(goal), goal]]);
  const found = [goal];
  // The list grows while it is walked: first the goal's neighbours, then theirs.
  for (const tile of found) {
    for (const [dx, dy] of BESIDE) {
      const beside = { x: tile.x + dx, y: tile.y + dy };
      if (next.has(keyOf(beside)) || !isFree(beside)) continue;
      next.set(keyOf(beside), tile);
      found.push(beside);
    }
  }
  return (from) => next.get(keyOf(from));
}
