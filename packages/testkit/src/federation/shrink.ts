// Finds a smaller run that still fails in the same way: fewer kinds of fault, fewer travellers, fewer worlds, fewer transfers.
import { FAULT_KINDS } from "./fault-kinds.ts";
import { type RunExtras, type RunOutcome, type RunPlan, runFederation } from "./run.ts";

/** `I5` or `custody`: what a failure names before its colon. */
export function invariantOf(failure: string): string {
  return /(?:^|Error: )(I\d+|R\d+|custody): /m.exec(failure)?.[1] ?? "bug";
}

/** The smallest failing run found in this time; at least the given one. Runs are as long as the given one at most. */
export function shrink(outcome: RunOutcome, budgetMs: number, extras: RunExtras = {}): RunOutcome {
  const endMs = performance.now() + budgetMs;
  const same = invariantOf(outcome.failure ?? "");
  let best = outcome;
  const improves = (plan: RunPlan): boolean => {
    if (performance.now() > endMs) return false;
    const tried = runFederation(plan, extras);
    if (tried.failure === undefined || invariantOf(tried.failure) !== same) return false;
    best = tried;
    return true;
  };
  let hasImproved = true;
  while (hasImproved && performance.now() < endMs) {
    hasImproved = false;
    for (const kind of FAULT_KINDS) {
      const { plan } = best;
      if (!plan.without.includes(kind)) hasImproved = improves({ ...plan, without: [...plan.without, kind] }) || hasImproved;
    }
    for (const change of smaller(best)) hasImproved = improves({ ...best.plan, ...change }) || hasImproved;
  }
  return best;
}

function smaller({ plan, transfers }: RunOutcome): Partial<RunPlan>[] {
  const changes: Partial<RunPlan>[] = [];
  if (plan.travellers > 1) changes.push({ travellers: Math.ceil(plan.travellers / 2) }, { travellers: plan.travellers - 1 });
  if (plan.worlds > 2) changes.push({ worlds: plan.worlds - 1 });
  if (transfers < plan.transfers) changes.push({ transfers: transfers + 1 });
  if (plan.transfers > 1) changes.push({ transfers: Math.ceil(plan.transfers / 2) });
  return changes;
}

/** The command that runs it again, step by step. */
export function replayOf({ plan, steps }: RunOutcome): string {
  const without = plan.without.length === 0 ? "" : ` --without ${plan.without.join(",")}`;
  const size = `--transfers ${plan.transfers} --worlds ${plan.worlds} --travellers ${plan.travellers}`;
  return `npm run -s sim -- --seed ${plan.seed} --shard ${plan.shard} ${size}${without} --until ${steps + 1} --trace`;
}
