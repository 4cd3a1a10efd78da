// `npm run sim -- --transfers N --seed S --json`: the federation under faults; the last line is the outcome as JSON.
// `--smoke`: a short run that every check of the repository makes. Exit code 1 when anything was lost, doubled, unresolved or unreached.
import process from "node:process";
import { parseArgs } from "node:util";
import { runFederation, type SimOutcome } from "./run.ts";

const SMOKE_TRANSFERS = 10_000;

const { values } = parseArgs({
  options: {
    transfers: { type: "string" },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
    smoke: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function wholeNumber(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const n = Number(text);
  if (Number.isSafeInteger(n) && n > 0) return n;
  process.stderr.write(`sim: ${text} is not a whole number above 0\n`);
  process.exit(2);
}

function report(outcome: SimOutcome): void {
  if (outcome.failure !== undefined) {
    process.stdout.write(`seed ${outcome.seed} failed: ${outcome.failure}\n`);
    for (const line of outcome.lastSteps) process.stdout.write(`  ${line}\n`);
  }
  if (outcome.rulesUnreached.length > 0) process.stdout.write(`rules never reached: ${outcome.rulesUnreached.join(", ")}\n`);
  const { lastSteps: _, ...figures } = outcome;
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
  else
    process.stdout.write(
      `${outcome.transfers} transfers, ${outcome.lost} lost, ${outcome.duplicated} duplicated, ${outcome.unresolved} unresolved, rules ${outcome.rulesReached}/${outcome.rules}, seed ${outcome.seed}, ${outcome.seconds} s\n`,
    );
}

if (values.help) {
  process.stdout.write("npm run sim -- [--transfers N] [--seed S] [--json] [--smoke]\n");
} else {
  const transfers = wholeNumber(values.transfers, SMOKE_TRANSFERS);
  const outcome = runFederation({ seed: wholeNumber(values.seed, 1), transfers });
  report(outcome);
  process.exitCode = outcome.isGood ? 0 : 1;
}
