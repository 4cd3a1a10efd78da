// What is killed in each run, where, and how long it stays away: drawn from the seed, so that every named point comes up in turn and
// half of all kills come at a moment that nobody named.
import type { SeededRandom } from "@sojourn/runtime";

/** The world as origin or destination of a crossing under way, a world at its own business, the travellers' process, or everything. */
export type Victim = "origin" | "destination" | "world" | "traveller" | "all";

export interface Strike {
  readonly victim: Victim;
  /** A named failpoint, or "random". */
  readonly point: string;
  /** How often the point is passed before it strikes; turns of the event loop for those that count them. */
  readonly skip: number;
  /** From the crossing's word to the kill, when the moment is random. */
  readonly afterMs: number;
  readonly downMs: number;
  /** Killed again so long after it was started, before it may be open. */
  readonly againAfterMs: number | undefined;
  /** Killed again while it opens, at this point. */
  readonly openingPoint: "epoch" | "opening" | undefined;
}

const WHEN = ["before", "amid", "after", "sent"] as const;

function around(victim: Victim, ...records: readonly string[]): [string, Victim][] {
  return records.flatMap((record) => WHEN.map((when): [string, Victim] => [`${when}:${record}`, victim]));
}

/** Every named point, and whom it kills. failpoints.ts says what the names mean. */
export const POINTS: readonly (readonly [string, Victim])[] = [
  ...around("origin", "depart", "release", "refund"),
  ...around("destination", "admit", "refuse", "closed"),
  ["before:own", "world"],
  ["after:own", "world"],
  ["after:mint", "world"],
  ["after:build", "world"],
  ["before:version", "world"],
  ["after:version", "world"],
  ["asked:offer-request", "origin"],
  ["answered:offer-request", "origin"],
  ["asked:receipt", "destination"],
  ["answered:receipt", "destination"],
  ["rotation", "world"],
  ["sealing", "world"],
  ["checkpoint", "world"],
  ["heartbeat", "world"],
  ["closing", "world"],
  ["before:keep", "traveller"],
  ["after:keep", "traveller"],
  ["before:drop", "traveller"],
  ["after:drop", "traveller"],
];

/** Points whose moment is counted in turns of the event loop from when the process is told to go there. */
export function isCounted(point: string): boolean {
  return point === "heartbeat" || point === "closing";
}

const SHARES: readonly (readonly [Victim, number])[] = [
  ["origin", 0.3],
  ["destination", 0.3],
  ["traveller", 0.2],
  ["all", 0.2],
];

export const PLAN = {
  randomMs: 60,
  downMs: 200,
  longDownMs: 4_000,
  longShare: 0.06,
  againMs: 700,
  againShare: 0.12,
  openingShare: 0.08,
  turns: 24,
  skip: 4,
} as const;

/** Strikes without end. */
export function* strikes(random: SeededRandom): Generator<Strike> {
  for (;;) {
    for (const [point, victim] of shuffled(POINTS, random)) {
      yield strike(victim, point, random);
      yield strike(anyVictim(random), "random", random);
    }
  }
}

function strike(victim: Victim, point: string, random: SeededRandom): Strike {
  const isLong = random.next() < PLAN.longShare;
  const isAgain = random.next() < PLAN.againShare;
  const opening = random.next();
  return {
    victim,
    point,
    skip: Math.floor(random.next() * (isCounted(point) ? PLAN.turns : PLAN.skip)),
    afterMs: random.next() * PLAN.randomMs,
    downMs: isLong ? PLAN.longDownMs : random.next() * PLAN.downMs,
    againAfterMs: isAgain && victim !== "traveller" ? random.next() * PLAN.againMs : undefined,
    openingPoint: opening < PLAN.openingShare ? "epoch" : opening < 2 * PLAN.openingShare ? "opening" : undefined,
  };
}

function anyVictim(random: SeededRandom): Victim {
  let left = random.next();
  for (const [victim, share] of SHARES) {
    left -= share;
    if (left < 0) return victim;
  }
  return "all";
}

function shuffled<T>(list: readonly T[], random: SeededRandom): T[] {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}
