// The three workloads every target is put under, and how their players walk: seeded, so that all targets get the very same moves.
import { type SeededRandom, seededRandom } from "@sojourn/runtime";

export interface Area {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export interface Workload {
  readonly name: "W1" | "W2" | "W3" | "quiet" | "full";
  readonly about: string;
  /** Side of the square world, units. */
  readonly side: number;
  readonly players: number;
  readonly idle: number;
  readonly viewRadius: number;
  /** Where the first half of the players stays, or so many of them; all roam the whole world when there is none. */
  readonly plaza?: Area;
  readonly inPlaza?: number;
  /** Static objects of the map. */
  readonly statics?: number;
  /** So far from the plaza, units, what is idle or static begins. */
  readonly clear?: number;
}

export const TICK_HZ = 20;
export const TICK_MS: number = 1_000 / TICK_HZ;
/** Units per second. */
export const SPEED = 5;
/** The outermost units are wall and the way to turn round. */
const MARGIN = 3;
/** A walker takes a new direction in one of so many ticks, when nothing else is said. */
export const TURN_EVERY = 40;

const PLAZA: Area = { x0: 440, y0: 440, x1: 560, y1: 560 };

export const WORKLOADS: readonly Workload[] = [
  // From any cell one sees the whole square: 100 × √2 and the slack of a viewing cell.
  { name: "W1", about: "200 players in 100 × 100 units, all see all", side: 100, players: 200, idle: 0, viewRadius: 145 },
  {
    ...{ name: "W2", about: "1,000 players over 1,000 × 1,000 units, view radius 50, 10,000 idle entities" },
    ...{ side: 1_000, players: 1_000, idle: 10_000, viewRadius: 50 },
  },
  {
    ...{ name: "W3", about: "1,000 players over 1,000 × 1,000 units, half of them in a plaza of 120 × 120, view radius 50" },
    ...{ side: 1_000, players: 1_000, idle: 0, viewRadius: 50, plaza: PLAZA },
  },
];

const SHELTERED = { side: 1_000, players: 100, viewRadius: 50, plaza: PLAZA, inPlaza: 100, clear: 100 } as const;

/** The same players in the same place, without and with a great deal that nobody sees; for `bench idle`. */
export const QUIET: Workload = { ...SHELTERED, name: "quiet", about: "100 players in a plaza, nothing else anywhere", idle: 0 };
export const FULL: Workload = {
  ...{ ...SHELTERED, name: "full", idle: 10_000, statics: 100_000 },
  about: "the same 100 players; out of their sight 10,000 idle things and 100,000 static objects",
};

export function workloadNamed(name: string): Workload | undefined {
  return [...WORKLOADS, QUIET, FULL].find((workload) => workload.name.toUpperCase() === name.toUpperCase());
}

/** One player's seeded walk: where they begin, and the direction of each tick. Turns round at the border of its area. */
export class Walker {
  x: number;
  y: number;
  /** The last direction, −127 to 127 each. */
  dx = 0;
  dy = 0;
  readonly #area: Area;
  readonly #random: SeededRandom;
  readonly #turnEvery: number;
  #angle: number;

  constructor(workload: Workload, index: number, turnEvery: number = TURN_EVERY) {
    this.#turnEvery = turnEvery;
    const isInPlaza = workload.plaza !== undefined && index < (workload.inPlaza ?? workload.players / 2);
    const all = { x0: MARGIN, y0: MARGIN, x1: workload.side - MARGIN, y1: workload.side - MARGIN };
    this.#area = isInPlaza ? workload.plaza : all;
    this.#random = seededRandom(7_919 * (index + 1));
    const { x0, y0, x1, y1 } = this.#area;
    this.x = x0 + this.#random.next() * (x1 - x0);
    this.y = y0 + this.#random.next() * (y1 - y0);
    this.#angle = this.#random.next() * 2 * Math.PI;
  }

  /** Walks one tick, as the worlds will. */
  step(): void {
    if (this.#random.next() < 1 / this.#turnEvery) this.#angle = this.#random.next() * 2 * Math.PI;
    const { x0, y0, x1, y1 } = this.#area;
    let [wayX, wayY] = [Math.cos(this.#angle), Math.sin(this.#angle)];
    if ((this.x < x0 && wayX < 0) || (this.x > x1 && wayX > 0)) wayX = -wayX;
    if ((this.y < y0 && wayY < 0) || (this.y > y1 && wayY > 0)) wayY = -wayY;
    this.#angle = Math.atan2(wayY, wayX);
    this.dx = Math.round(wayX * 127);
    this.dy = Math.round(wayY * 127);
    this.x += (wayX * SPEED) / TICK_HZ;
    this.y += (wayY * SPEED) / TICK_HZ;
  }
}

/** Where idle entities and pillars stand: a seeded spread over the whole world, on whole tiles. */
export function spread(workload: Workload, count: number, seed: number): { readonly x: number; readonly y: number }[] {
  const random = seededRandom(seed);
  const inner = workload.side - 2 * MARGIN;
  const places: { readonly x: number; readonly y: number }[] = [];
  while (places.length < count) {
    const place = { x: MARGIN + Math.floor(random.next() * inner), y: MARGIN + Math.floor(random.next() * inner) };
    if (!isSheltered(workload, place)) places.push(place);
  }
  return places;
}

function isSheltered({ plaza, clear }: Workload, { x, y }: { readonly x: number; readonly y: number }): boolean {
  if (plaza === undefined || clear === undefined) return false;
  return x > plaza.x0 - clear && x < plaza.x1 + clear && y > plaza.y0 - clear && y < plaza.y1 + clear;
}
