// The ground of a world: the substrate version that is served now, what in it stops movement, and the named zones an author drew.
// Another version of the same world can be put in its place between two ticks.
import { overlaps, type PhysicsConfig, type Point, type Solids, snap } from "@sojourn/protocol";
import { isSpawnWord, type StaticObject, type SubstrateView, solidsOf, spawnZones, type Zone, zoneHolds } from "@sojourn/substrate";

/** How far the search for a free place goes, units, and the step of the search. */
const SEARCH_RADIUS = 48;
const SEARCH_STEP = 0.5;

export class Ground {
  readonly #physics: PhysicsConfig;
  #view: SubstrateView;
  #solids: Solids;
  #spawns: readonly Point[];

  /** The view must have all its chunks loaded. */
  constructor(view: SubstrateView, physics: PhysicsConfig) {
    this.#physics = physics;
    this.#view = view;
    this.#solids = solidsOf(view);
    this.#spawns = spawnPoints(view);
  }

  get view(): SubstrateView {
    return this.#view;
  }
  get solids(): Solids {
    return this.#solids;
  }
  get zones(): readonly Zone[] {
    return this.#view.version.zones;
  }

  /** Serves another version of the same world from now on. With the same map nothing is looked for again: it costs the same in any world. */
  change(view: SubstrateView, isSameMap = false): void {
    this.#view = view;
    this.#solids = solidsOf(view);
    if (!isSameMap) this.#spawns = spawnPoints(view);
  }

  holds(zone: Zone, point: Point): boolean {
    if (zone.w === 0 && zone.h === 0) return Math.hypot(point.x - zone.x, point.y - zone.y) <= 0.5;
    return zoneHolds(zone, point.x, point.y);
  }

  isInside(point: Point): boolean {
    const { x0, y0, x1, y1 } = this.#view.version.bounds;
    return point.x >= x0 && point.y >= y0 && point.x < x1 && point.y < y1;
  }

  /** Whether a body could stand there, `others` being what stands besides the ground. */
  isFree(point: Point, others: Solids): boolean {
    return this.isInside(point) && !overlaps(point, this.#physics, this.#solids) && !overlaps(point, this.#physics, others);
  }

  /** The nearest place where a body can stand: the wanted point itself, or along growing squares around it. Always in the world. */
  freePlace(wanted: Point, others: Solids): Point {
    const point = this.#within(wanted);
    for (let radius = 0; radius <= SEARCH_RADIUS; radius += SEARCH_STEP) {
      let best: Point | undefined;
      let bestFar = Number.POSITIVE_INFINITY;
      for (const candidate of ring(point, radius)) {
        const far = Math.hypot(candidate.x - point.x, candidate.y - point.y);
        if (far < bestFar && this.isFree(candidate, others)) {
          best = candidate;
          bestFar = far;
        }
      }
      if (best !== undefined) return best;
    }
    return point;
  }

  /** The nearest point of the world: an author may have drawn a place outside, or the map may have been larger once. */
  #within({ x, y }: Point): Point {
    const { x0, y0, x1, y1 } = this.#view.version.bounds;
    const clamp = (value: number, low: number, high: number): number => Math.min(high - 0.5, Math.max(low + 0.5, value));
    return this.isInside({ x, y }) ? { x, y } : { x: snap(clamp(x, x0, x1)), y: snap(clamp(y, y0, y1)) };
  }

  /** Where a traveller without a place begins; `turn` spreads them over the map's spawn zones. */
  spawnPlace(turn: number, others: Solids): Point {
    return this.freePlace(this.#spawns[turn % this.#spawns.length] as Point, others);
  }
}

/** Spawn zones and objects of the map, by class or else by name; the middle of the map where it has none. */
function spawnPoints(view: SubstrateView): Point[] {
  const { zones, bounds } = view.version;
  // What travellers placed is no place to begin, whatever it is called.
  const objects: StaticObject[] = [];
  for (const chunk of view.loadedChunks()) objects.push(...chunk.objects.filter(({ id }) => id.startsWith("m")));
  const named = spawnZones(zones);
  const byClass = [...named.byClass.map(middleOf), ...objects.filter((object) => isSpawnWord(object.kind))];
  const byName = [...named.byName.map(middleOf), ...objects.filter((object) => isSpawnWord(object.name))];
  const found = byClass.length > 0 ? byClass : byName;
  if (found.length > 0) return found.map(({ x, y }) => ({ x: snap(x), y: snap(y) }));
  return [{ x: Math.floor((bounds.x0 + bounds.x1) / 2) + 0.5, y: Math.floor((bounds.y0 + bounds.y1) / 2) + 0.5 }];
}

export function middleOf(zone: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }): Point {
  return { x: snap(zone.x + zone.w / 2), y: snap(zone.y + zone.h / 2) };
}

function* ring(centre: Point, radius: number): Generator<Point> {
  if (radius === 0) return yield { x: snap(centre.x), y: snap(centre.y) };
  for (let along = -radius; along < radius; along += SEARCH_STEP) {
    yield { x: snap(centre.x + along), y: snap(centre.y - radius) };
    yield { x: snap(centre.x + radius), y: snap(centre.y + along) };
    yield { x: snap(centre.x - along), y: snap(centre.y + radius) };
    yield { x: snap(centre.x - radius), y: snap(centre.y - along) };
  }
}
