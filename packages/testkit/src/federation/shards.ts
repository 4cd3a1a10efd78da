// A large run is cut into federations of their own, each with a seed made from the run's seed and its number, and spread over threads.
// What comes of it does not depend on how many threads there are: the hash of the run is the hash of its shards' hashes in order.
import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import { RULES, type RuleId } from "@sojourn/protocol";
import { addFaults, DESTINATION_POINTS, type FaultCounts, NO_FAULTS, ORIGIN_POINTS } from "./fault-points.ts";
import { planRun, type RunOutcome, type RunPlan, runFederation } from "./run.ts";

export const TRANSFERS_EACH = 5_000;
/** A run of so many transfers must have followed every rule; a shorter one cannot be expected to. */
const COVERING_TRANSFERS = 5_000;
/** In a run of so many every kind of fault must have happened. */
const SERVING_TRANSFERS = 20_000;
/** A run of so many must have ended worlds at every fault point and at every pair of them so often. */
const MEETING_TRANSFERS = 1_000_000;
const LEAST_PER_POINT = 1_000;
const LEAST_PER_PAIR = 100;
const LEAST_PER_KIND = 100;
/** Two devices with one passport at the same time. */
const LEAST_RACES = 10_000;
/** Parts in which a world loses the end of its journal, in runs of at least so many: how many there are, and transfers before it happens. */
const LAPSING_TRANSFERS = 1_000;
const LAPSES = { few: { parts: 4, transfers: 400 }, many: { parts: LEAST_PER_KIND + 4, transfers: 60 } } as const;
/** While a world forgets and remembers, some 565 transfers are made: of a large run these are a part. */
const LAPSE_TRANSFERS = 540;
/** Most of what a run makes is dead at once: with room for it, little is ever copied. */
const YOUNG_MB = 96;

export interface SimOutcome {
  readonly isGood: boolean;
  readonly seed: number;
  readonly transfers: number;
  readonly admissions: number;
  readonly travellers: number;
  readonly items: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly unresolved: number;
  readonly overridden: number;
  readonly violations: number;
  readonly rulesReached: number;
  readonly rules: number;
  readonly rulesUnreached: readonly string[];
  readonly faultPoints: number;
  readonly faultPointsLeast: number;
  readonly faultPointPairs: number;
  readonly faultPointPairsLeast: number;
  readonly leastMet: readonly string[];
  /** How often each kind of fault happened. */
  readonly kinds: { readonly [kind: string]: number };
  /** Kinds that happened too seldom for a run of this size. */
  readonly kindsUnmet: readonly string[];
  readonly restarts: number;
  readonly steps: number;
  readonly simulatedSeconds: number;
  readonly shards: number;
  readonly traceHash: string;
}

/** The shards of a run, in order. */
export function planShards(seed: number, transfers: number, changes: Partial<RunPlan> = {}): RunPlan[] {
  const isLarge = transfers >= MEETING_TRANSFERS;
  const whole = isLarge ? transfers - LAPSES.many.parts * (LAPSES.many.transfers + LAPSE_TRANSFERS) : transfers;
  const shards = Math.max(1, Math.round(whole / TRANSFERS_EACH));
  const each = Math.ceil(whole / shards);
  const plans = Array.from({ length: shards }, (_, shard) => planRun(seed, Math.min(each, whole - shard * each), { ...changes, shard }));
  if (transfers < LAPSING_TRANSFERS) return plans;
  // Whoever has forgotten can be helped by honest peers alone: the world that forgets is in a part of its own.
  const without = [...new Set([...(changes.without ?? []), "rogue" as const, "floods" as const])];
  const lapses = isLarge ? LAPSES.many : LAPSES.few;
  const lapse = (n: number): RunPlan => planRun(seed, lapses.transfers, { ...changes, without, shard: shards + n });
  return [...plans, ...Array.from({ length: lapses.parts }, (_, n) => lapse(n))];
}

/** Runs the shards; after a failure no further one is begun. With one thread everything happens in this one. */
export async function runShards(plans: readonly RunPlan[], threads: number): Promise<RunOutcome[]> {
  const outcomes: (RunOutcome | undefined)[] = plans.map(() => undefined);
  let next = 0;
  let hasFailed = false;
  const take = (): number | undefined => (hasFailed || next >= plans.length ? undefined : next++);
  const note = (outcome: RunOutcome): void => {
    outcomes[outcome.plan.shard] = outcome;
    hasFailed ||= outcome.failure !== undefined;
  };
  if (threads === 1) for (let at = take(); at !== undefined; at = take()) note(runFederation(plans[at] as RunPlan));
  else await Promise.all(Array.from({ length: Math.min(threads, plans.length) }, () => work(plans, take, note)));
  return outcomes.filter((outcome) => outcome !== undefined);
}

/** The outcomes of a run's shards, and where these made fewer transfers than were asked for, of further ones until there are as many. */
export function inFull(outcomes: readonly RunOutcome[], seed: number, transfers: number, changes: Partial<RunPlan> = {}): RunOutcome[] {
  const all = [...outcomes];
  while (changes.until === undefined && all.every(({ failure }) => failure === undefined)) {
    const missing = transfers - all.reduce((total, outcome) => total + outcome.transfers, 0);
    if (missing <= 0) break;
    all.push(runFederation(planRun(seed, Math.min(missing, TRANSFERS_EACH), { ...changes, shard: all.length })));
  }
  return all;
}

function work(plans: readonly RunPlan[], take: () => number | undefined, note: (outcome: RunOutcome) => void): Promise<void> {
  const worker = new Worker(new URL("shard-worker.ts", import.meta.url), { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
  return new Promise((resolve, reject) => {
    const go = (): void => {
      const at = take();
      if (at !== undefined) worker.postMessage(plans[at]);
      else worker.terminate().then(() => resolve(), reject);
    };
    worker.on("error", reject);
    worker.on("message", (outcome: RunOutcome) => {
      note(outcome);
      go();
    });
    go();
  });
}

/** What came of all shards together. */
export function sumUp(seed: number, outcomes: readonly RunOutcome[]): SimOutcome {
  const sum = (of: (outcome: RunOutcome) => number): number => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const reached = new Set(outcomes.flatMap((outcome) => outcome.reached.map(([rule]) => rule)));
  const rulesUnreached = (Object.keys(RULES) as RuleId[]).filter((rule) => !reached.has(rule));
  const faults = outcomes.reduce((total, outcome) => addFaults(total, outcome.faults), NO_FAULTS);
  const transfers = sum((outcome) => outcome.transfers);
  const lost = sum((outcome) => outcome.lost);
  const duplicated = sum((outcome) => outcome.duplicated);
  const unresolved = sum((outcome) => outcome.unresolved);
  const violations = outcomes.filter((outcome) => outcome.failure !== undefined).length;
  const isCovering = rulesUnreached.length === 0 || transfers < COVERING_TRANSFERS;
  const isClean = lost + duplicated + unresolved + violations === 0;
  const kinds = addKinds(outcomes);
  const kindsUnmet = unmet(kinds, transfers);
  const hash = createHash("sha256");
  for (const outcome of outcomes) hash.update(outcome.traceHash);
  return {
    isGood: isClean && isCovering && kindsUnmet.length === 0 && hasMetAll(faults, transfers),
    ...{ seed, transfers, admissions: sum((outcome) => outcome.admissions) },
    travellers: sum((outcome) => outcome.travellers),
    items: sum((outcome) => outcome.items),
    ...{ lost, duplicated, unresolved, violations, overridden: sum((outcome) => outcome.overridden) },
    ...{ rulesReached: reached.size, rules: Object.keys(RULES).length, rulesUnreached },
    ...met(faults),
    ...{ kinds, kindsUnmet },
    restarts: sum((outcome) => outcome.restarts),
    steps: sum((outcome) => outcome.steps),
    simulatedSeconds: Math.round(sum((outcome) => outcome.simulatedMs) / 1_000),
    shards: outcomes.length,
    traceHash: hash.digest("hex"),
  };
}

function addKinds(outcomes: readonly RunOutcome[]): { [kind: string]: number } {
  const kinds: { [kind: string]: number } = {};
  for (const outcome of outcomes) for (const [kind, count] of outcome.kinds) kinds[kind] = (kinds[kind] ?? 0) + count;
  return kinds;
}

/** Every kind of fault that was on the menu must have happened: once in a short run, often in a long one. */
function unmet(kinds: { readonly [kind: string]: number }, transfers: number): string[] {
  if (transfers < SERVING_TRANSFERS) return [];
  const leastOf = (kind: string): number => (transfers < MEETING_TRANSFERS ? 1 : kind === "clones" ? LEAST_RACES : LEAST_PER_KIND);
  return Object.entries(kinds).flatMap(([kind, count]) => (count < leastOf(kind) ? [kind] : []));
}

function hasMetAll(faults: FaultCounts, transfers: number): boolean {
  const { faultPointsLeast, faultPointPairsLeast } = met(faults);
  return transfers < MEETING_TRANSFERS || (faultPointsLeast >= LEAST_PER_POINT && faultPointPairsLeast >= LEAST_PER_PAIR);
}

function met({
  origin,
  destination,
  pairs,
}: FaultCounts): Pick<SimOutcome, "faultPoints" | "faultPointsLeast" | "faultPointPairs" | "faultPointPairsLeast" | "leastMet"> {
  const points = [...origin, ...destination];
  const names: readonly string[] = [...ORIGIN_POINTS, ...DESTINATION_POINTS];
  const faultPointsLeast = Math.min(...points);
  const faultPointPairsLeast = Math.min(...pairs);
  const pair = pairs.indexOf(faultPointPairsLeast);
  const [o, d] = [Math.floor(pair / DESTINATION_POINTS.length), pair % DESTINATION_POINTS.length];
  return {
    ...{ faultPoints: points.length, faultPointsLeast, faultPointPairs: pairs.length, faultPointPairsLeast },
    leastMet: [`${names[points.indexOf(faultPointsLeast)]}`, `${ORIGIN_POINTS[o]} × ${DESTINATION_POINTS[d]}`],
  };
}
