// `bench idle`: what a world pays at each tick for what does not move and nobody sees. The same hundred players walk in the same plaza, once in an
// empty world and once in one full of idle things and static objects; the difference must not show.
import process from "node:process";
import { inFolder } from "../bench-folder.ts";
import { type Command, numberOf } from "../command.ts";
import { median, rounded } from "../figures.ts";
import { provenance } from "../machine.ts";
import { table } from "../progress.ts";
import { keepResult } from "../results.ts";
import { runTarget, type TargetFigures } from "./target-run.ts";
import { SOJOURN } from "./targets.ts";
import { FULL, QUIET, type Workload } from "./workloads.ts";

export const idle: Command = {
  name: "idle",
  about: "what 10,000 idle things and 100,000 static objects cost a world at each tick",
  options: {
    seconds: { type: "string", default: "10", about: "measured time of one run" },
    runs: { type: "string", default: "3", about: "interleaved rounds; figures are medians over them" },
  },
  more: [
    QUIET.about,
    FULL.about,
    "",
    "cpuMsPerTick is user and system time of the whole world for one tick, in either; addedPercent what the full one takes more,",
    "the median over rounds; noisePercent how far the empty one lies from itself between rounds.",
  ],
  run: async (values, isJson, commandLine) => {
    const seconds = numberOf("seconds", values.seconds);
    const rounds = await inFolder(async (folder, say) => {
      const found: { readonly quiet: number; readonly full: number }[] = [];
      for (let round = 0; round < numberOf("runs", values.runs); round++) {
        const run = async (workload: Workload): Promise<number> =>
          msPerTick(workload, await runTarget({ target: SOJOURN, workload, seconds, folder, say }));
        found.push({ quiet: await run(QUIET), full: await run(FULL) });
      }
      return found;
    });
    const quiet = rounds.map((round) => round.quiet);
    const outcome = {
      cpuMsPerTickQuiet: rounded(median(quiet)),
      cpuMsPerTickFull: rounded(median(rounds.map((round) => round.full))),
      addedPercent: rounded(median(rounds.map((round) => (round.full / round.quiet - 1) * 100))),
      noisePercent: rounded(((Math.max(...quiet) - Math.min(...quiet)) / median(quiet)) * 100),
    };
    if (!isJson) process.stdout.write(`${table([outcome], Object.keys(outcome))}\n`);
    const result = { ...provenance(commandLine), runs: rounds.length, seconds, ...outcome };
    if (values.keep === true) keepResult("idle", result);
    return result;
  },
};

function msPerTick(workload: Workload, { cpuUsPerClientTick }: TargetFigures): number {
  return (cpuUsPerClientTick * workload.players) / 1_000;
}
