// `npm run -s disk -- --states N --seed S --json`: power loss, changed bytes and failing calls under the journal; the last line is the
// outcome as JSON. Exit code 1 when anything was lost, was not noticed, or was said after a failure.
import process from "node:process";
import { parseArgs } from "node:util";
import { failEveryCall } from "./faults.ts";
import { flipEveryByte } from "./flips.ts";
import { losePower } from "./power-loss.ts";

const HELP = `npm run -s disk -- [--states N] [--seed S] [--json]

  --states N   states of the disk after a power loss that are recovered (20000)
  --seed S     draws what the journal lives through and what the power leaves (at random)
  --lying      on a disk that says it has synced and has not: the run must fail
  --json       print nothing but the last line

Three things happen to journals in memory, on a simulated disk, with checkpoints, small segments and many openings:
the power goes at every moment, also during recovery, and leaves any legal part of what was not synced; every byte of a
64 KiB journal is changed; every call to the disk fails in turn. The last line is JSON: states, invalidRecoveries,
bytesFlipped, flipsDetected, faultIndexes, saidAfterFailure, seconds.
`;

const { values } = parseArgs({
  options: {
    states: { type: "string", default: "20000" },
    seed: { type: "string" },
    lying: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function wholeNumber(text: string): number {
  const n = Number(text);
  if (Number.isSafeInteger(n) && n > 0) return n;
  process.stderr.write(`disk: ${text} is not a whole number above 0\n`);
  process.exit(2);
}

function run(): void {
  const seed = values.seed === undefined ? 1 + Math.floor(Math.random() * 1e9) : wholeNumber(values.seed);
  const startedMs = performance.now();
  const say = (line: string): void => void (values.json || process.stdout.write(`${line}\n`));
  const power = losePower({ states: wholeNumber(values.states), seed, isLying: values.lying });
  say(`power lost: ${power.states} states, ${power.twice} of them while recovering, ${power.invalid} invalid`);
  const flips = flipEveryByte(seed);
  say(`changed: ${flips.bytes} bytes, ${flips.detected} noticed`);
  const faults = failEveryCall(seed);
  say(`failed calls: ${faults.indexes}, ${faults.saidAfterFailure} commits reported afterwards`);
  const wrong = [...power.wrong, ...flips.missed, ...faults.wrong];
  for (const what of wrong) process.stderr.write(`  ${what}\n`);
  const outcome = {
    ...{ states: power.states, invalidRecoveries: power.invalid, statesLostTwice: power.twice },
    ...{ bytesFlipped: flips.bytes, flipsDetected: flips.detected },
    ...{ faultIndexes: faults.indexes, saidAfterFailure: faults.saidAfterFailure, faults: faults.byFault, wrong: wrong.length },
    ...{ seed, seconds: Math.round((performance.now() - startedMs) / 100) / 10 },
  };
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

if (values.help) process.stdout.write(HELP);
else run();
