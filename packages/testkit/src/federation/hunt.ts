// Whether the simulator notices a mutant, by what, and how long it takes: seeds are tried one after another, in short runs at first.
import { MUTANTS, type Mutant } from "./mutants.ts";
import { planRun, runFederation } from "./run.ts";
import { invariantOf } from "./shrink.ts";

export interface Hunt {
  readonly name: string;
  readonly rule: string;
  readonly isKilled: boolean;
  /** The invariant that did not hold, or `custody` when the records themselves were impossible. */
  readonly by: string;
  readonly seeds: number;
  readonly transfers: number;
  readonly seconds: number;
}

const SHORT = { runs: 3, transfers: 1_500 } as const;
const LONG_TRANSFERS = 10_000;

export function hunt(
  name: string,
  { rule, machines, without = [], transfers: each }: Mutant,
  budgetMs: number,
  maxTransfers: number = LONG_TRANSFERS,
): Hunt {
  const startedMs = performance.now();
  let seeds = 0;
  let transfers = 0;
  let by = "";
  while (by === "" && performance.now() - startedMs < budgetMs) {
    seeds += 1;
    const size = each ?? (seeds <= SHORT.runs ? SHORT.transfers : LONG_TRANSFERS);
    const outcome = runFederation(planRun(seeds, Math.min(size, maxTransfers), { without }), { machines });
    transfers += outcome.transfers;
    if (outcome.failure !== undefined) by = invariantOf(outcome.failure);
    else if (outcome.lost + outcome.duplicated + outcome.unresolved > 0) by = "count";
  }
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  // A run that ends in an accident of the simulator proves nothing about a rule.
  return { name, rule, isKilled: by !== "" && by !== "bug", by, seeds, transfers, seconds };
}

export function huntAll(budgetMs: number, tell: (hunted: Hunt) => void): Hunt[] {
  return Object.entries(MUTANTS).map(([name, each]) => {
    const hunted = hunt(name, each, budgetMs);
    tell(hunted);
    return hunted;
  });
}
