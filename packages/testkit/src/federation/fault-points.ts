// The boundaries of a crossing at which a world is ended on purpose, and who is to die where: each crossing that is doomed names one
// boundary on the origin's path and one on the destination's, so that every pair of them is met.
import { formatNumbered, type TransferId, type TravellerId, type WorldId } from "@sojourn/protocol";

/** In the order of the origin's path. A tail is what was appended and not yet durable when the process ended. */
export const ORIGIN_POINTS = [
  "request signed, unsent",
  "request sent",
  "offer heard, nothing recorded",
  "departure appended, tail lost",
  "departure appended, tail torn",
  "departure appended, tail kept",
  "departure durable, passport unsent",
  "passport sent",
  "passport held",
  "question sent",
  "verdict heard, nothing recorded",
  "verdict appended, tail lost",
  "verdict appended, tail torn",
  "verdict appended, tail kept",
  "verdict durable, close unsent",
  "close sent",
] as const;

/** In the order of the destination's path. A verdict is an admission or a tombstone. */
export const DESTINATION_POINTS = [
  "request heard, offer unsent",
  "offer sent",
  "undecided, nothing recorded",
  "decision appended, tail lost",
  "decision appended, tail torn",
  "decision appended, tail kept",
  "decision durable, nothing said",
  "origin told",
  "traveller told",
  "question heard, answer unsent",
  "answer sent again",
  "presented again, answer unsent",
  "close heard, nothing recorded",
  "close appended, tail lost",
  "close appended, tail kept",
  "close durable",
] as const;

export type OriginPoint = (typeof ORIGIN_POINTS)[number];
export type DestinationPoint = (typeof DESTINATION_POINTS)[number];
export type FaultPoint = OriginPoint | DestinationPoint;

/** One crossing whose two worlds shall each die once, each at its point. */
export interface Doom {
  readonly traveller: TravellerId;
  readonly from: WorldId;
  readonly to: WorldId;
  readonly origin: OriginPoint;
  readonly destination: DestinationPoint;
  readonly untilMs: number;
  transfer: TransferId | undefined;
  n: number;
  passport: string;
  isOriginDead: boolean;
  isDestinationDead: boolean;
}

/** How often a world died at each point, and at each pair of points within one crossing. Rows are origin points. */
export interface FaultCounts {
  readonly origin: readonly number[];
  readonly destination: readonly number[];
  readonly pairs: readonly number[];
}

export const NO_FAULTS: FaultCounts = {
  origin: ORIGIN_POINTS.map(() => 0),
  destination: DESTINATION_POINTS.map(() => 0),
  pairs: ORIGIN_POINTS.flatMap(() => DESTINATION_POINTS.map(() => 0)),
};

export function addFaults(a: FaultCounts, b: FaultCounts): FaultCounts {
  const add = (x: readonly number[], y: readonly number[]): number[] => x.map((n, i) => n + (y[i] ?? 0));
  return { origin: add(a.origin, b.origin), destination: add(a.destination, b.destination), pairs: add(a.pairs, b.pairs) };
}

/** A crossing in which not everything came to pass is given up after so long. */
const DOOM_MS = 60_000;
/** From one pair to the next, so that neighbours in the list do not follow each other; has no divisor in common with their number. */
const STRIDE = 101;
/** About as many as one shard of a large run has time for: the next shard goes on there. */
const PER_SHARD = 180;

export class Dooms {
  readonly #origin: number[] = [...NO_FAULTS.origin];
  readonly #destination: number[] = [...NO_FAULTS.destination];
  readonly #pairs: number[] = [...NO_FAULTS.pairs];
  #next: number;
  /** Before their departure, by traveller; after it, by transfer. */
  readonly #asking = new Map<TravellerId, Doom>();
  readonly #leaving = new Map<TransferId, Doom>();

  constructor(shard: number) {
    this.#next = shard * PER_SHARD * STRIDE;
  }

  get counts(): FaultCounts {
    return { origin: this.#origin, destination: this.#destination, pairs: this.#pairs };
  }

  get isNone(): boolean {
    return this.#asking.size === 0 && this.#leaving.size === 0;
  }

  /** Where the crossing of this traveller must lead, when it is doomed. */
  asking(traveller: TravellerId): Doom | undefined {
    return this.#asking.get(traveller);
  }

  leaving(transfer: TransferId): Doom | undefined {
    return this.#leaving.get(transfer);
  }

  /** All whose departure is known. */
  underWay(): Iterable<Doom> {
    return this.#leaving.values();
  }

  plan(traveller: TravellerId, from: WorldId, to: WorldId, nowMs: number): void {
    const pair = this.#next % this.#pairs.length;
    this.#next += STRIDE;
    const origin = ORIGIN_POINTS[Math.floor(pair / DESTINATION_POINTS.length)] as OriginPoint;
    const destination = DESTINATION_POINTS[pair % DESTINATION_POINTS.length] as DestinationPoint;
    const open = { transfer: undefined, n: 0, passport: "", isOriginDead: false, isDestinationDead: false };
    this.#asking.set(traveller, { traveller, from, to, origin, destination, untilMs: nowMs + DOOM_MS, ...open });
  }

  /** A departure was appended: a planned doom is now about this transfer (anew, when the first tail was lost). */
  departed(traveller: TravellerId, world: WorldId, to: WorldId, n: number, passport: string): void {
    const doom = this.#asking.get(traveller);
    if (doom === undefined) return;
    this.#asking.delete(traveller);
    if (doom.from !== world || doom.to !== to) return;
    if (doom.transfer !== undefined) this.#leaving.delete(doom.transfer);
    doom.transfer = formatNumbered(n, world);
    doom.n = n;
    doom.passport = passport;
    this.#leaving.set(doom.transfer, doom);
  }

  /** The departure did not survive: the same crossing is asked for again. */
  undone(doom: Doom): void {
    if (doom.transfer !== undefined) this.#leaving.delete(doom.transfer);
    doom.transfer = undefined;
    this.#asking.set(doom.traveller, doom);
  }

  /** True when this doom's world dies at this point now. */
  strikes(doom: Doom | undefined, world: WorldId, point: FaultPoint): boolean {
    if (doom === undefined) return false;
    if (doom.origin === point && !doom.isOriginDead && doom.from === world) doom.isOriginDead = true;
    else if (doom.destination === point && !doom.isDestinationDead && doom.to === world) doom.isDestinationDead = true;
    else return false;
    this.#count(doom, point);
    return true;
  }

  #count(doom: Doom, point: FaultPoint): void {
    const o = ORIGIN_POINTS.indexOf(doom.origin);
    const d = DESTINATION_POINTS.indexOf(doom.destination);
    if (point === doom.origin) this.#origin[o] = (this.#origin[o] ?? 0) + 1;
    else this.#destination[d] = (this.#destination[d] ?? 0) + 1;
    if (!doom.isOriginDead || !doom.isDestinationDead) return;
    const pair = o * DESTINATION_POINTS.length + d;
    this.#pairs[pair] = (this.#pairs[pair] ?? 0) + 1;
    this.#drop(doom);
  }

  #drop(doom: Doom): void {
    if (this.#asking.get(doom.traveller) === doom) this.#asking.delete(doom.traveller);
    if (doom.transfer !== undefined && this.#leaving.get(doom.transfer) === doom) this.#leaving.delete(doom.transfer);
  }

  /** Gives up what took too long. */
  sweep(nowMs: number): void {
    for (const doom of [...this.#asking.values(), ...this.#leaving.values()]) if (nowMs > doom.untilMs) this.#drop(doom);
  }

  clear(): void {
    this.#asking.clear();
    this.#leaving.clear();
  }
}
