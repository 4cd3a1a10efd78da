// Finding a way on foot: breadth-first over map tiles, a tile being free when a body fits into its centre. Pure.

/** What blocks: visits every solid box that touches the asked one, in units. */
interface Obstacles {
  visit(x0: number, y0: number, x1: number, y1: number, see: (x0: number, y0: number, x1: number, y1: number) => void): void;
}

export interface Way {
  readonly x: number;
  readonly y: number;
}

/** Tiles looked at before giving up: a bot is no cartographer. */
const MAX_TILES = 65_536;
const NEIGHBOURS: readonly (readonly [number, number])[] = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
];

/**
 * The tile centres to walk through from one place to another, in order; undefined when there is no way.
 * A goal that is blocked itself (a chest, a wall with a lever) is reached at the free tile nearest to it.
 */
export function findWay(from: Way, to: Way, bodyWidth: number, bodyHeight: number, obstacles: Obstacles): readonly Way[] | undefined {
  const free = (x: number, y: number): boolean => {
    let blocked = false;
    const [hw, hh] = [bodyWidth / 2, bodyHeight / 2];
    obstacles.visit(x + 0.5 - hw, y + 0.5 - hh, x + 0.5 + hw, y + 0.5 + hh, () => {
      blocked = true;
    });
    return !blocked;
  };
  const key = (x: number, y: number): string => `${x},${y}`;
  const start = { x: Math.floor(from.x), y: Math.floor(from.y) };
  const goal = { x: Math.floor(to.x), y: Math.floor(to.y) };
  const cameFrom = new Map<string, string | undefined>([[key(start.x, start.y), undefined]]);
  const queue: Way[] = [start];
  let nearest = start;
  let nearestDistance = Number.POSITIVE_INFINITY;
  for (let i = 0; i < queue.length && i < MAX_TILES; i++) {
    const here = queue[i] as Way;
    const distance = Math.hypot(here.x - goal.x, here.y - goal.y);
    if (distance < nearestDistance) [nearest, nearestDistance] = [here, distance];
    if (distance === 0) break;
    for (const [dx, dy] of NEIGHBOURS) {
      const next = { x: here.x + dx, y: here.y + dy };
      if (cameFrom.has(key(next.x, next.y)) || !free(next.x, next.y)) continue;
      cameFrom.set(key(next.x, next.y), key(here.x, here.y));
      queue.push(next);
    }
  }
  if (nearestDistance > 1.5) return undefined;
  const way: Way[] = [];
  for (let at: string | undefined = key(nearest.x, nearest.y); at !== undefined; at = cameFrom.get(at)) {
    const [x, y] = at.split(",").map(Number) as [number, number];
    way.push({ x: x + 0.5, y: y + 0.5 });
  }
  return way.reverse().slice(1);
}
