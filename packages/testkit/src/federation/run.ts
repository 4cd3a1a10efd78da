// One run of the simulator, and what came of it.
import { RULES } from "@sojourn/protocol";
import { Federation, type FederationOptions, toyId } from "./federation.ts";
import type { Machines } from "./sim-world.ts";
import { toyNotaries } from "./toy-notary.ts";

export interface SimRequest {
  readonly seed: number;
  readonly transfers: number;
  readonly machines?: Machines;
  readonly notaries?: Pick<FederationOptions, "worldIds" | "travellerIds" | "notaryOf">;
}

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
  readonly violations: number;
  readonly rulesReached: number;
  readonly rules: number;
  readonly rulesUnreached: readonly string[];
  readonly restarts: number;
  readonly steps: number;
  readonly traceHash: string;
  readonly seconds: number;
  readonly failure?: string;
  readonly lastSteps: readonly string[];
}

/** A run of so many transfers must have followed every rule; a shorter one cannot be expected to. */
const COVERING_TRANSFERS = 10_000;
const WORLDS = 4;
const TRAVELLERS = 40;

export function runFederation(request: SimRequest): SimOutcome {
  const startedMs = performance.now();
  const federation = new Federation({
    seed: request.seed,
    worlds: WORLDS,
    travellers: TRAVELLERS,
    ...(request.notaries ?? toys()),
    ...(request.machines === undefined ? {} : { machines: request.machines }),
  });
  const failure = attempt(() => {
    federation.run(request.transfers);
    federation.settle();
  });
  const audit = federation.countUp();
  const { trace, invariants } = federation;
  const rulesUnreached = trace.unreached();
  const lost = audit.travellersLost.length + audit.itemsLost;
  const duplicated = audit.travellersDuplicated.length + audit.itemsDuplicated.length;
  const isCovering = rulesUnreached.length === 0 || request.transfers < COVERING_TRANSFERS;
  const isGood = failure === undefined && isCovering && lost + duplicated + audit.unresolved === 0;
  return {
    isGood,
    seed: request.seed,
    transfers: invariants.departures,
    admissions: invariants.admissions,
    travellers: audit.travellers,
    items: audit.items,
    lost,
    duplicated,
    unresolved: audit.unresolved,
    violations: failure === undefined ? 0 : 1,
    rulesReached: trace.reached.size,
    rules: Object.keys(RULES).length,
    rulesUnreached,
    restarts: [...federation.worlds.values()].reduce((sum, world) => sum + world.restarts, 0),
    steps: trace.steps,
    traceHash: trace.digest(),
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    ...(failure === undefined ? {} : { failure }),
    lastSteps: failure === undefined ? [] : trace.lastSteps(),
  };
}

function toys(): Pick<FederationOptions, "worldIds" | "travellerIds" | "notaryOf"> {
  const notaryOf = toyNotaries();
  const ids = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => toyId(prefix, i));
  return { worldIds: ids("W", WORLDS), travellerIds: ids("T", TRAVELLERS), notaryOf };
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
