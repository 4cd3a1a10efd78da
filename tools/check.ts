// `npm test`: everything this repository knows about itself, step by step. A failing step does not stop the later ones.
// Law: the last line on stdout is `N passed, N failed` (and `, N skipped`), counting what was really executed.
import { resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { closingLine, row, type StepResult, stateOf, table } from "./check/outcome.ts";
import { type Context, STEPS, type Step } from "./check/steps.ts";

const HELP = `npm test [-- OPTIONS]

Runs every check of this repository and ends with a table and a line "N passed, N failed".

  --only A,B   run only these steps
  --json       stdout is one JSON object; everything else goes to stderr
  --help       this text

Steps:
${STEPS.map((step) => `  ${step.name.padEnd(10)} ${step.what}`).join("\n")}

Exit code: 0 when nothing failed, 1 when something did, 2 when the arguments are wrong.
`;

interface Options {
  readonly steps: readonly Step[];
  readonly isJson: boolean;
}

function readOptions(args: readonly string[]): Options | string {
  const known = { only: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;
  let values: { only?: string; json?: boolean; help?: boolean };
  try {
    values = parseArgs({ args: [...args], options: known }).values;
  } catch (error) {
    return (error as Error).message;
  }
  if (values.help === true) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const names = values.only?.split(",").map((name) => name.trim());
  const unknown = names?.find((name) => !STEPS.some((step) => step.name === name));
  if (unknown !== undefined) return `There is no step "${unknown}". Steps: ${STEPS.map((step) => step.name).join(", ")}.`;
  const steps = names === undefined ? STEPS : STEPS.filter((step) => names.includes(step.name));
  return { steps, isJson: values.json === true };
}

async function runSteps(options: Options, say: (line: string) => void): Promise<StepResult[]> {
  const context: Context = {
    root: resolve(import.meta.dirname, ".."),
    isCi: process.env.CI === "true",
    isLive: process.stderr.isTTY === true && !options.isJson,
    say,
  };
  const width = Math.max(...options.steps.map((step) => step.name.length));
  const results: StepResult[] = [];
  for (const step of options.steps) {
    say(`-- ${step.name}: ${step.what}`);
    const startMs = performance.now();
    const outcome = await step.run(context);
    const result = { ...outcome, name: step.name, seconds: (performance.now() - startMs) / 1000 };
    if (stateOf(result) === "failed" && result.output.trim() !== "") say(result.output.trimEnd());
    say(row(result, width));
    results.push(result);
  }
  return results;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (typeof options === "string") {
    process.stderr.write(`${options}\nTry \`npm test -- --help\`.\n`);
    process.exit(2);
  }
  const stream = options.isJson ? process.stderr : process.stdout;
  const say = (line: string): void => {
    stream.write(`${line}\n`);
  };
  const results = await runSteps(options, say);
  say(`\n${table(results)}\n`);
  say(closingLine(results));
  if (options.isJson) process.stdout.write(`${JSON.stringify(summary(results))}\n`);
  process.exitCode = results.some((result) => result.failed > 0) ? 1 : 0;
}

function summary(results: readonly StepResult[]): object {
  const steps = results.map(({ output, ...rest }) => ({ ...rest, state: stateOf({ output, ...rest }) }));
  const sum = (key: "passed" | "failed" | "skipped"): number => results.reduce((total, result) => total + result[key], 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped"), steps };
}

await main();
