// `npm run -s bench -- SUBJECT …`: measures what Sojourn costs. The last line on stdout is the figures as JSON.
import process from "node:process";
import { type Command, helpOf, Misuse, valuesOf } from "./command.ts";
import { crossings } from "./crossings/command.ts";
import { heartbeat } from "./heartbeat/command.ts";
import { journal } from "./journal.ts";
import { plot } from "./plot/command.ts";
import { signatures } from "./signatures.ts";
import { snapshots } from "./snapshots/command.ts";
import { idle } from "./snapshots/idle.ts";
import { movers } from "./snapshots/movers.ts";
import { soak } from "./snapshots/soak.ts";
import { stalled } from "./snapshots/stalled.ts";
import { substrate } from "./substrate/command.ts";

const COMMANDS: readonly Command[] = [snapshots, movers, idle, stalled, soak, crossings, substrate, heartbeat, journal, signatures, plot];

function overview(): string {
  return [
    "npm run -s bench -- SUBJECT [options]",
    "",
    ...COMMANDS.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`),
    "",
    "Each SUBJECT has its own --help. Benchmarks want a quiet machine; where there is none, trust ratios of interleaved runs and",
    "CPU time, not wall time. Figures are medians and name their machine, Node and commit.",
  ].join("\n");
}

async function main([subject = "--help", ...args]: readonly string[]): Promise<void> {
  const command = COMMANDS.find(({ name }) => name === subject);
  if (command === undefined) {
    const isAsked = subject === "--help" || subject === "help";
    if (!isAsked) throw new Misuse(`there is no benchmark of ${subject}\n\n${overview()}`);
    process.stdout.write(`${overview()}\n`);
    return;
  }
  const values = valuesOf(command, args);
  if (values.help === true) {
    process.stdout.write(`${helpOf(command)}\n`);
    return;
  }
  const figures = await command.run(values, values.json === true, ["npm run -s bench --", subject, ...args].join(" "));
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));
try {
  await main(process.argv.slice(2));
} catch (error) {
  // A misuse is said in a sentence; everything else is a bug, or a server that broke, and shows where.
  process.stderr.write(`bench: ${error instanceof Misuse ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = error instanceof Misuse ? 2 : 1;
}
