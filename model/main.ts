// `npm run model`: searches every variant of the model of custody and prints what was found.
// Law: exit 1 when the correct rules break a property or leave a rule unreached, or when a mutant is not caught.
import { availableParallelism } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { bringSpin, search, trace } from "./spin.ts";
import { VARIANTS, type Variant, VIOLATIONS } from "./variants.ts";

const HELP = `npm run -s model -- [OPTIONS]

Searches the model of custody (model/) with spin: the correct rules in several settings, and mutants of them.

  --json           the last line is a JSON object with the totals
  --only A,B       these variants only
  --trace NAME     the steps that lead a mutant to its error
  --jobs N         searches at a time (2; 1 on a single core)
  --allow-missing  exit 0 where spin or a C compiler is not to be had
`;
const MAX_JOBS = 2;
const SETTINGS = VARIANTS.filter((one) => one.breaks === undefined).length;

interface Outcome {
  readonly variant: Variant;
  readonly states: number;
  readonly seconds: number;
  readonly isGood: boolean;
  readonly says: string;
  /** Of correct rules: the steps that they have, and those that some run took. */
  readonly steps?: ReadonlySet<string>;
  readonly reached?: ReadonlySet<string>;
}

async function judge(variant: Variant): Promise<Outcome> {
  const startedMs = performance.now();
  const outcome = (states: number, isGood: boolean, says: string): Outcome => {
    return { variant, states, seconds: (performance.now() - startedMs) / 1000, isGood, says };
  };
  try {
    const { states, violation, steps, reached } = await search(variant);
    const found = violation === undefined ? "nothing broken" : VIOLATIONS[violation];
    if (variant.breaks !== undefined) {
      const isCaught = violation !== undefined && variant.breaks.includes(violation);
      return outcome(states, isCaught, isCaught ? found : `NOT CAUGHT: ${found}`);
    }
    return { ...outcome(states, violation === undefined, violation === undefined ? found : `BROKEN: ${found}`), steps, reached };
  } catch (error) {
    return outcome(0, false, `FAILED: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function row({ variant, states, seconds, isGood, says }: Outcome): string {
  const mark = isGood ? "ok  " : "FAIL";
  const kind = variant.breaks === undefined ? "correct" : "mutant ";
  const figures = `${states.toLocaleString("en").padStart(10)} states ${seconds.toFixed(1).padStart(6)} s`;
  return `${mark} ${kind} ${variant.name.padEnd(23)} ${figures}  ${says}\n                 ${variant.says}\n`;
}

/** Runs `jobs` at a time, in the order of the table; outcomes in the order in which they come. */
async function judgeAll(variants: readonly Variant[], jobs: number): Promise<Outcome[]> {
  const waiting = [...variants];
  const outcomes: Outcome[] = [];
  const worker = async (): Promise<void> => {
    for (let variant = waiting.shift(); variant !== undefined; variant = waiting.shift()) {
      const outcome = await judge(variant);
      process.stdout.write(row(outcome));
      outcomes.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return outcomes;
}

interface Totals {
  readonly variants: number;
  readonly correct: number;
  /** Settings of the correct rules that broke something, left a rule unreached or were not searched to the end. */
  readonly correctErrors: number;
  readonly mutants: number;
  readonly caught: number;
  readonly seconds: number;
  readonly states: number;
  /** Steps that no run of any correct setting took; told only when all settings were searched. */
  readonly unreached: readonly string[];
}

function totalsOf(outcomes: readonly Outcome[], seconds: number): Totals {
  const mutants = outcomes.filter((one) => one.variant.breaks !== undefined);
  const correct = outcomes.filter((one) => one.variant.breaks === undefined);
  return {
    variants: outcomes.length,
    correct: correct.length,
    correctErrors: correct.filter((one) => !one.isGood).length,
    mutants: mutants.length,
    caught: mutants.filter((one) => one.isGood).length,
    seconds: Number(seconds.toFixed(1)),
    states: outcomes.reduce((sum, one) => sum + one.states, 0),
    unreached: correct.length === SETTINGS ? unreachedIn(correct) : [],
  };
}

/** No setting can take every step (one without replays gets no late answers), so each must be taken in one of them. */
function unreachedIn(outcomes: readonly Outcome[]): string[] {
  const steps = new Set(outcomes.flatMap((one) => [...(one.steps ?? [])]));
  for (const { reached = [] } of outcomes) for (const step of reached) steps.delete(step);
  return [...steps].sort();
}

function chosen(names: string | undefined): readonly Variant[] | string {
  if (names === undefined) return VARIANTS;
  const wanted = names.split(",");
  const unknown = wanted.filter((name) => !VARIANTS.some((one) => one.name === name));
  if (unknown.length > 0) return `no such variant: ${unknown.join(", ")}. There are: ${VARIANTS.map((one) => one.name).join(", ")}`;
  return VARIANTS.filter((one) => wanted.includes(one.name));
}

interface Options {
  readonly variants: readonly Variant[];
  readonly isTrace: boolean;
  readonly isJson: boolean;
  readonly mayMiss: boolean;
  readonly jobs: number;
}

function readOptions(args: string[]): Options | string {
  let values: { json?: boolean; only?: string; trace?: string; jobs?: string; "allow-missing"?: boolean; help?: boolean };
  try {
    const flag = { type: "boolean" } as const;
    const word = { type: "string" } as const;
    ({ values } = parseArgs({ args, options: { json: flag, only: word, trace: word, jobs: word, "allow-missing": flag, help: flag } }));
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n\n${HELP}`;
  }
  if (values.help === true) return HELP;
  const variants = chosen(values.trace ?? values.only);
  if (typeof variants === "string") return variants;
  const jobs = values.jobs === undefined ? Math.min(MAX_JOBS, availableParallelism()) : Number(values.jobs);
  if (!Number.isInteger(jobs) || jobs < 1) return `--jobs is a whole number from 1, not "${values.jobs}"`;
  return {
    variants,
    isTrace: values.trace !== undefined,
    isJson: values.json === true,
    mayMiss: values["allow-missing"] === true,
    jobs,
  };
}

async function main(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === "string") {
    process.stdout.write(`${options.trimEnd()}\n`);
    return options === HELP ? 0 : 2;
  }
  const missing = bringSpin((line) => process.stderr.write(`${line}\n`));
  if (missing !== undefined) {
    process.stderr.write(`${missing}\n`);
    if (options.isJson) process.stdout.write(`${JSON.stringify({ ...totalsOf([], 0), skipped: missing })}\n`);
    return options.mayMiss ? 0 : 1;
  }
  if (options.isTrace) {
    for (const variant of options.variants) {
      const steps = await trace(variant);
      process.stdout.write(`${variant.says}\n\n${steps.length === 0 ? "no error" : steps.join("\n")}\n`);
    }
    return 0;
  }
  const startedMs = performance.now();
  const totals = totalsOf(await judgeAll(options.variants, options.jobs), (performance.now() - startedMs) / 1000);
  const { correct, correctErrors, mutants, caught, states, seconds, unreached } = totals;
  if (unreached.length > 0) process.stdout.write(`FAIL no run of the correct rules took: ${unreached.join(", ")}\n`);
  process.stdout.write(
    `correct settings ${correct}, with errors ${correctErrors}; mutants ${mutants}, caught ${caught}; ` +
      `${states.toLocaleString("en")} states in ${seconds} s\n`,
  );
  if (options.isJson) process.stdout.write(`${JSON.stringify(totals)}\n`);
  return correctErrors === 0 && caught === mutants && unreached.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
