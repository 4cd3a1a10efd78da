// `sojourn bot URL`: scripted travellers, on the same SDK that players use.
import { FaultError, fault, valueOf } from "@sojourn/protocol";
import type { Command } from "commander";
import { type Bot, type BotReport, startBot } from "../bots/bot.ts";
import { DEFAULT_SCRIPT, parseScript, SCRIPT_HELP } from "../bots/script.ts";
import { askCard } from "../card.ts";
import { wholeNumber } from "../options.ts";
import { result, run, say } from "../output.ts";

interface BotOptions {
  readonly count: number;
  readonly seconds: number;
  readonly script: string;
  readonly name: string;
  readonly json?: boolean;
}

export function botCommand(program: Command): void {
  program
    .command("bot")
    .argument("<url>", "a world's address: http://host:port or ws://host:port/play")
    .option("--count <n>", "how many travellers", wholeNumber(1, 2_000), 1)
    .option("--seconds <n>", "how long they stay", wholeNumber(1, 86_400), 30)
    .option("--script <steps>", "what they do", DEFAULT_SCRIPT)
    .option("--name <name>", "their name; several get a number behind it", "Bot")
    .option("--json", "print one JSON object: bots, steps, crossings, refusals, faults, stranded, blocks fetched and cached")
    .description("send scripted travellers into a world")
    .addHelpText("after", `\n${SCRIPT_HELP}\n\n  sojourn bot http://127.0.0.1:7801 --count 20 --script "wander 2; cross; repeat"`)
    .action((url: string, options: BotOptions) => run(options.json === true, () => play(url, options)));
}

async function play(url: string, options: BotOptions): Promise<void> {
  const steps = valueOf(parseScript(options.script));
  // A player's client would wait for a world that is down; who sends bots wants to hear of it.
  valueOf(await askCard(url));
  // Started by another command, the bots end with it.
  if (process.connected) process.once("disconnect", () => process.exit(1)).channel?.unref();
  const bots: Bot[] = [];
  for (let n = 1; n <= options.count; n++) {
    bots.push(startBot(url, steps, { name: options.count === 1 ? options.name : `${options.name} ${n}` }));
  }
  const ended = Promise.allSettled(bots.map((bot) => bot.finished));
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, options.seconds * 1_000))]);
  const reports = await Promise.all(bots.map((bot) => bot.stop()));
  const sum = (count: (report: BotReport) => number): number => reports.reduce((total, report) => total + count(report), 0);
  const faults = reports.flatMap((report) => report.faults);
  for (const fault of faults.slice(0, 5)) say(`  ${fault.code}: ${fault.detail}`);
  const value = {
    bots: reports.length,
    crossings: sum((report) => report.crossings),
    refusals: sum((report) => report.refusals),
    steps: sum((report) => report.steps),
    faults: faults.length,
    stranded: reports.filter((report) => report.isStranded).length,
    blocksFetched: sum((report) => report.blocksFetched),
    blocksCached: sum((report) => report.blocksCached),
  };
  result(
    options.json === true,
    value,
    `${value.bots} bots: ${value.steps} steps, ${value.crossings} crossings, ${value.refusals} refused, ${value.faults} faults`,
  );
  const [first] = faults;
  const problem = first ?? (value.stranded > 0 ? strandedFault(value.stranded) : undefined);
  if (problem === undefined) return;
  if (options.json !== true) throw new FaultError(problem);
  process.exitCode = 1;
}

function strandedFault(count: number): ReturnType<typeof fault> {
  return fault("destination-down", "world", `${count} of the bots were in no living world at the end: the one they were in did not answer`);
}
