// `npm run sim -- --transfers N --seed S --json`: the federation under faults; the last line is the outcome as JSON.
// `--smoke`: a short run that every check of the repository makes. Exit code 1 when anything was lost, doubled, unresolved or unreached.
// `--seed S --shard K --until N --trace` runs one federation again and prints its steps.
import { availableParallelism } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { FAULT_KINDS, type FaultKind } from "./fault-kinds.ts";
import { planRun, type RunOutcome, type RunPlan, runFederation, TRAVELLERS, WORLDS } from "./run.ts";
import { inFull, planShards, runShards, type SimOutcome, sumUp, TRANSFERS_EACH } from "./shards.ts";
import { replayOf, shrink } from "./shrink.ts";

const SMOKE_TRANSFERS = 8_000;
const SHRINK_MS = 60_000;
const USAGE = `npm run sim -- [--transfers N] [--seed S] [--threads T] [--json] [--smoke]
npm run sim -- --seed S --shard K [--transfers N] [--until STEPS] [--trace]
  of both: [--worlds W] [--travellers T] [--without ${FAULT_KINDS.join(",")}]
`;

const { values } = parseArgs({
  options: {
    transfers: { type: "string" },
    seed: { type: "string" },
    threads: { type: "string" },
    shard: { type: "string" },
    until: { type: "string" },
    worlds: { type: "string" },
    travellers: { type: "string" },
    without: { type: "string", default: "" },
    trace: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    smoke: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function wholeNumber(text: string | undefined, otherwise: number, least = 1): number {
  if (text === undefined) return otherwise;
  const n = Number(text);
  if (Number.isSafeInteger(n) && n >= least) return n;
  return refuse(`${text} is not a whole number of at least ${least}`);
}

function refuse(why: string): never {
  process.stderr.write(`sim: ${why}\n`);
  process.exit(2);
}

function kindsOf(text: string): FaultKind[] {
  const kinds = text.split(",").filter((kind) => kind !== "");
  for (const kind of kinds) if (!FAULT_KINDS.includes(kind as FaultKind)) refuse(`${kind} is not one of ${FAULT_KINDS.join(", ")}`);
  return kinds as FaultKind[];
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function tellFailure(outcome: RunOutcome): void {
  const { plan, failure, lastSteps } = outcome;
  say(`seed ${plan.seed}, shard ${plan.shard} failed: ${failure}`);
  for (const line of lastSteps) say(`  ${line}`);
}

function report(outcome: SimOutcome, seconds: number, cpuSeconds: number): void {
  if (outcome.rulesUnreached.length > 0) say(`rules never reached: ${outcome.rulesUnreached.join(", ")}`);
  if (outcome.kindsUnmet.length > 0) say(`faults that happened too seldom: ${outcome.kindsUnmet.join(", ")}`);
  if (!outcome.isGood) say(`least met: ${outcome.faultPointsLeast}, ${outcome.faultPointPairsLeast} times: ${outcome.leastMet.join("; ")}`);
  const { transfers, lost, duplicated, unresolved, rulesReached, rules, seed } = outcome;
  if (values.json) say(JSON.stringify({ ...outcome, seconds, cpuSeconds }));
  else
    say(
      `${transfers} transfers, ${lost} lost, ${duplicated} duplicated, ${unresolved} unresolved, rules ${rulesReached}/${rules}, seed ${seed}, ${seconds} s`,
    );
}

function tenths(ms: number): number {
  return Math.round(ms / 100) / 10;
}

async function runAll(seed: number, transfers: number, changes: Partial<RunPlan>): Promise<boolean> {
  const startedMs = performance.now();
  const planned = await runShards(planShards(seed, transfers, changes), wholeNumber(values.threads, availableParallelism()));
  const outcomes = inFull(planned, seed, transfers, changes);
  const seconds = tenths(performance.now() - startedMs);
  const { user, system } = process.cpuUsage();
  const failed = outcomes.find((outcome) => outcome.failure !== undefined);
  if (failed !== undefined) {
    tellFailure(failed);
    say(`again: ${replayOf(failed)}`);
    const least = shrink(failed, SHRINK_MS);
    say(`the smallest that still fails: ${replayOf(least)}`);
    tellFailure(least);
  }
  const outcome = sumUp(seed, outcomes);
  report(outcome, seconds, tenths((user + system) / 1_000));
  return outcome.isGood;
}

function runOne(plan: RunPlan): boolean {
  const startedMs = performance.now();
  const outcome = runFederation(plan, values.trace ? { tell: say } : {});
  if (outcome.failure !== undefined) say(`failed: ${outcome.failure}`);
  report(sumUp(plan.seed, [outcome]), tenths(performance.now() - startedMs), tenths(process.cpuUsage().user / 1_000));
  return outcome.failure === undefined;
}

async function main(): Promise<boolean> {
  const seed = wholeNumber(values.seed, 1);
  const changes = {
    worlds: wholeNumber(values.worlds, WORLDS, 2),
    travellers: wholeNumber(values.travellers, TRAVELLERS),
    without: kindsOf(values.without),
    ...(values.until === undefined ? {} : { until: wholeNumber(values.until, 1) }),
  };
  if (values.shard === undefined && !values.trace) return runAll(seed, wholeNumber(values.transfers, SMOKE_TRANSFERS), changes);
  const transfers = wholeNumber(values.transfers, TRANSFERS_EACH);
  return runOne(planRun(seed, transfers, { ...changes, shard: wholeNumber(values.shard, 0, 0) }));
}

if (values.help) process.stdout.write(USAGE);
else process.exitCode = (await main()) ? 0 : 1;
