// One run of the simulator over one federation (a shard of a larger run, or all of a small one), and what came of it.
import type { Notary, RuleId, WorldId } from "@sojourn/protocol";
import type { FaultKind } from "./fault-kinds.ts";
import type { FaultCounts } from "./fault-points.ts";
import { Federation, type FederationOptions, toyId } from "./federation.ts";
import type { Machines } from "./machines.ts";
import { toyNotaries } from "./toy-notary.ts";
import { tellStep } from "./trace.ts";

/** Plain data, so that it can be handed to a worker. */
export interface RunPlan {
  readonly seed: number;
  readonly shard: number;
  readonly transfers: number;
  readonly worlds: number;
  readonly travellers: number;
  readonly without: readonly FaultKind[];
  /** The run stops after so many steps. */
  readonly until?: number;
}

export interface RunExtras {
  readonly machines?: Machines;
  readonly notaries?: Pick<FederationOptions, "worldIds" | "travellerIds" | "notaryOf" | "rogue" | "smuggler">;
  readonly tell?: (line: string) => void;
}

export interface RunOutcome {
  readonly plan: RunPlan;
  readonly transfers: number;
  readonly admissions: number;
  readonly travellers: number;
  readonly items: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly unresolved: number;
  /** Departures that an operator took back and that were admitted all the same: apart from `duplicated`, each with its evidence. */
  readonly overridden: number;
  readonly reached: readonly (readonly [RuleId, number])[];
  readonly faults: FaultCounts;
  /** How often each kind of fault that could happen did. */
  readonly kinds: readonly (readonly [FaultKind, number])[];
  readonly restarts: number;
  readonly steps: number;
  readonly simulatedMs: number;
  readonly traceHash: string;
  readonly failure?: string;
  readonly lastSteps: readonly string[];
}

export const WORLDS = 4;
export const TRAVELLERS = 40;

export function planRun(seed: number, transfers: number, changes: Partial<RunPlan> = {}): RunPlan {
  return { seed, shard: 0, transfers, worlds: WORLDS, travellers: TRAVELLERS, without: [], ...changes };
}

export function runFederation(plan: RunPlan, extras: RunExtras = {}): RunOutcome {
  const federation = new Federation({
    seed: shardSeed(plan.seed, plan.shard),
    worlds: plan.worlds,
    travellers: plan.travellers,
    without: plan.without,
    shard: plan.shard,
    ...(extras.notaries ?? toys(plan)),
    ...(extras.machines === undefined ? {} : { machines: extras.machines }),
  });
  const { trace, invariants, dooms } = federation;
  const { tell } = extras;
  if (tell !== undefined) trace.onStep = (step) => tell(tellStep(step));
  let isSettled = false;
  const failure = attempt(() => {
    federation.run(plan.transfers, plan.until);
    federation.lapse(plan.until);
    isSettled = federation.settle(plan.until);
  });
  const found = invariants.count();
  return {
    plan,
    transfers: invariants.departures,
    admissions: invariants.admissions,
    travellers: found.travellers,
    items: found.items,
    lost: found.lost.length,
    duplicated: found.duplicated.length,
    unresolved: isSettled || plan.until === undefined ? found.unresolved : 0,
    kinds: [...federation.faults.counts],
    overridden: invariants.doubled.count,
    reached: [...trace.reached],
    faults: dooms.counts,
    restarts: [...federation.worlds.values()].reduce((sum, world) => sum + world.restarts, 0),
    steps: trace.steps,
    simulatedMs: federation.schedule.nowMs,
    traceHash: trace.digest(),
    ...(failure === undefined ? {} : { failure }),
    lastSteps: failure === undefined ? [] : trace.lastSteps(),
  };
}

/** Shards of one seed, and the same shard of two seeds, have nothing in common. */
function shardSeed(seed: number, shard: number): number {
  let mixed = Math.imul(seed ^ (seed >>> 16), 0x7feb352d) ^ Math.imul(shard + 1, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function toys(plan: RunPlan): Pick<FederationOptions, "worldIds" | "travellerIds" | "notaryOf" | "rogue" | "smuggler"> {
  const make = toyNotaries();
  const notaryOf = (world: WorldId, index: number, key: number): Notary =>
    key === 0 ? make(world) : make(world, toyId(`K${index}x`, key));
  const ids = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => toyId(prefix, i));
  return {
    worldIds: ids("W", plan.worlds),
    travellerIds: ids("T", plan.travellers),
    notaryOf,
    rogue: make(toyId("R", 0)),
    smuggler: make(toyId("S", 0)),
  };
}

/** Any throw ends a run as a failure: a broken invariant, or a bug that the machines' own checks caught. */
function attempt(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
