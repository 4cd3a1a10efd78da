// `npm run -s mutants -- --json`: breaks one rule of custody after the other and tells whether the simulator noticed, by which invariant,
// and after how long. Exit code 1 when one survives.
import process from "node:process";
import { parseArgs } from "node:util";
import { type Hunt, hunt, huntAll } from "./hunt.ts";
import { MUTANTS } from "./mutants.ts";

/** A mutant that lives longer survives. */
const BUDGET_MS = 60_000;

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, only: { type: "string" }, help: { type: "boolean", default: false } },
});

function tell({ name, rule, isKilled, by, seeds, transfers, seconds }: Hunt): void {
  const verdict = isKilled ? `killed by ${by}` : `SURVIVES${by === "" ? "" : ` (${by})`}`;
  process.stdout.write(`${rule.padEnd(8)} ${name.padEnd(50)} ${verdict.padEnd(18)} ${seeds} seeds, ${transfers} transfers, ${seconds} s\n`);
}

function main(): number {
  if (values.help) {
    process.stdout.write("npm run mutants -- [--only NAME] [--json]\n");
    return 0;
  }
  const one = values.only === undefined ? undefined : MUTANTS[values.only];
  if (values.only !== undefined && one === undefined) {
    process.stderr.write(`mutants: there is no "${values.only}"; there are: ${Object.keys(MUTANTS).join("; ")}\n`);
    return 2;
  }
  const list = one === undefined ? huntAll(BUDGET_MS, tell) : [hunt(values.only ?? "", one, BUDGET_MS)];
  if (one !== undefined) for (const hunted of list) tell(hunted);
  const killed = list.filter((hunted) => hunted.isKilled).length;
  const worstSeconds = Math.max(...list.map((hunted) => hunted.seconds));
  const outcome = { mutants: list.length, killed, worstSeconds, list };
  process.stdout.write(
    values.json ? `${JSON.stringify(outcome)}\n` : `${killed} of ${list.length} killed, the worst in ${worstSeconds} s\n`,
  );
  return killed === list.length ? 0 : 1;
}

process.exitCode = main();
