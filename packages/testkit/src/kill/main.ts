// `npm run -s kill -- --runs N --seed S --json`: real worlds and travellers under kill -9; the last line is the outcome as JSON.
// Exit code 1 when anything was lost or doubled, or a world said or did what it must not; then the seed is printed and the stores kept.
import process from "node:process";
import { parseArgs } from "node:util";
import { isGood, type KillOutcome, runKills } from "./run.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "100" },
    seed: { type: "string" },
    late: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function wholeNumber(text: string): number {
  const n = Number(text);
  if (Number.isSafeInteger(n) && n > 0) return n;
  process.stderr.write(`kill: ${text} is not a whole number above 0\n`);
  process.exit(2);
}

function report(outcome: KillOutcome): void {
  const { violations, ...figures } = outcome;
  if (!isGood(outcome)) {
    process.stdout.write(`seed ${outcome.seed} failed; the stores are in ${outcome.folder}\n`);
    for (const what of violations) process.stdout.write(`  ${what}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ ...figures, violations: violations.length })}\n`);
  else
    process.stdout.write(
      `${outcome.kills} kills, ${outcome.confirmedTransfers} confirmed transfers, ${outcome.lost} lost, ${outcome.duplicated} duplicated, ${outcome.unresolved} unresolved, ${violations.length} violations, seed ${outcome.seed}, ${outcome.seconds} s\n`,
    );
}

if (values.help) {
  process.stdout.write(
    "npm run kill -- [--runs N] [--seed S] [--json]\n  --late MS  worlds whose journals are durable only so much later than they say: the run must fail\n",
  );
} else {
  const seed = values.seed === undefined ? 1 + Math.floor(Math.random() * 1e9) : wholeNumber(values.seed);
  const outcome = await runKills({
    runs: wholeNumber(values.runs),
    seed,
    ...(values.late === undefined ? {} : { lateMs: wholeNumber(values.late) }),
    say: (line) => process.stderr.write(`${line}\n`),
  });
  report(outcome);
  process.exitCode = isGood(outcome) ? 0 : 1;
}
