// Walking to a spot that was clicked: along a path of free tiles where there is one, straight on where there is none. Pure.
import { WALK } from "../limits.ts";

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** True when a body whose centre is at the middle of this tile stands free. */
export type IsFree = (tileX: number, tileY: number) => boolean;

const STEPS = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const;
/** Tiles looked at before one walks straight on. */
const SEARCH_TILES = 2_500;

/**
 * The shortest path over free tiles, as middles of tiles, to a spot or to within `within` units of it. Where there is no way it leads as
 * near as one can get; undefined when that is where one stands.
 */
export function findPath(from: Spot, to: Spot, isFree: IsFree, within = 0): Spot[] | undefined {
  const start: readonly [number, number] = [Math.floor(from.x), Math.floor(from.y)];
  const key = (x: number, y: number): string => `${x},${y}`;
  const came = new Map<string, readonly [number, number] | undefined>([[key(...start), undefined]]);
  const queue: (readonly [number, number])[] = [start];
  const inGoal = ([x, y]: readonly [number, number]): boolean => x === Math.floor(to.x) && y === Math.floor(to.y);
  const away = ([x, y]: readonly [number, number]): number => Math.hypot(x + 0.5 - to.x, y + 0.5 - to.y);
  const arrived = (at: readonly [number, number]): boolean => inGoal(at) || away(at) <= within;
  let best = start;
  for (let i = 0; i < queue.length && i < SEARCH_TILES; i++) {
    const at = queue[i] as readonly [number, number];
    if (arrived(at) || away(at) < away(best)) best = at;
    if (arrived(at)) break;
    for (const [dx, dy] of STEPS) {
      const next = [at[0] + dx, at[1] + dy] as const;
      if (came.has(key(...next)) || !isFree(...next)) continue;
      came.set(key(...next), at);
      queue.push(next);
    }
  }
  if (best === start) return inGoal(start) ? [to] : undefined;
  const path: Spot[] = [];
  for (let at: readonly [number, number] | undefined = best; at !== undefined && at !== start; at = came.get(key(...at))) {
    path.push({ x: at[0] + 0.5, y: at[1] + 0.5 });
  }
  path.reverse();
  if (inGoal(best) && within === 0) path[path.length - 1] = to;
  return path;
}

/** One walk to a spot; ask it every frame which way. */
export class Stroll {
  private readonly path: Spot[];
  private readonly done: () => void;
  private nearest = Number.POSITIVE_INFINITY;
  private sinceMs: number;

  /** @param done called once when the end of the path is reached */
  constructor(path: readonly Spot[], nowMs: number, done: () => void) {
    this.path = [...path];
    this.done = done;
    this.sinceMs = nowMs;
  }

  /** The direction to walk in now, or undefined when the walk is over (arrived, or stuck). */
  heading(me: Spot, nowMs: number): Spot | undefined {
    let next = this.path[0];
    while (
      next !== undefined &&
      Math.hypot(next.x - me.x, next.y - me.y) < (this.path.length > 1 ? WALK.arriveTiles * 2 : WALK.arriveTiles)
    ) {
      this.path.shift();
      this.nearest = Number.POSITIVE_INFINITY;
      this.sinceMs = nowMs;
      next = this.path[0];
    }
    if (next === undefined) {
      this.done();
      return undefined;
    }
    const left = Math.hypot(next.x - me.x, next.y - me.y);
    if (left < this.nearest - 0.02) {
      this.nearest = left;
      this.sinceMs = nowMs;
    } else if (nowMs - this.sinceMs > WALK.stuckMs) {
      this.done();
      return undefined;
    }
    return { x: (next.x - me.x) / left, y: (next.y - me.y) / left };
  }
}
