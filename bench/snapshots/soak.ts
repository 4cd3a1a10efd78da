// `bench soak`: a world under load for minutes, its memory looked at after everything that can be freed was: does it grow?
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { inFolder } from "../bench-folder.ts";
import { type Command, choice, numberOf } from "../command.ts";
import { rounded, slope } from "../figures.ts";
import { provenance } from "../machine.ts";
import type { MemoryFigures } from "../measured.ts";
import { table } from "../progress.ts";
import { keepResult } from "../results.ts";
import { underLoad } from "./target-run.ts";
import { SOJOURN } from "./targets.ts";
import { workloadNamed } from "./workloads.ts";

const LOOK_MS = 10_000;
const MB = 1_048_576;
/** A slope within so many of its standard errors is noise. */
const ERRORS = 2;
const COLUMNS = ["minutes", "heapStartMB", "heapEndMB", "heapKBPerMinute", "heapError", "heapNoiseMB", "heapIsNoise", "rssIsNoise"];

export const soak: Command = {
  name: "soak",
  about: "a world under load for minutes: whether its memory grows",
  options: {
    workload: { type: "string", default: "W2", about: "as for snapshots" },
    minutes: { type: "string", default: "10", about: "for how long" },
  },
  more: [
    "Every ten seconds the server collects its garbage and says what is left. Slopes are of straight lines through that, in KB a minute,",
    "with their standard errors; the first fifth is left out, in which code is still compiled and tables find their size.",
    "heapStartMB is the first look after that and heapEndMB the last; heapNoiseMB how far looks lie from the line (one standard deviation).",
    "Growth is noise when the slope is within two of its errors, or when start and end lie no further apart than two of that noise.",
  ],
  run: async (values, isJson, commandLine) => {
    const workload = choice("workload", String(values.workload), workloadNamed);
    const minutes = numberOf("minutes", values.minutes);
    const looks = await inFolder((folder, say) =>
      underLoad({ target: SOJOURN, workload, seconds: minutes * 60, folder, say }, async (running) => {
        const found: (MemoryFigures & { readonly minute: number })[] = [];
        const startMs = performance.now();
        for (let minute = 0; minute < minutes; minute = (performance.now() - startMs) / 60_000) {
          await sleep(LOOK_MS);
          const memory = await running.memory();
          found.push({ ...memory, minute: (performance.now() - startMs) / 60_000 });
          say(`${workload.name}: ${minute.toFixed(1)} of ${minutes} minutes, heap ${(memory.heapBytes / MB).toFixed(1)} MB`);
        }
        return found;
      }),
    );
    const settled = looks.slice(Math.floor(looks.length / 5));
    const outcome = {
      ...{ minutes, looks: settled.length, heapStartMB: mb(settled[0]?.heapBytes), heapEndMB: mb(settled.at(-1)?.heapBytes) },
      ...grows(
        "heap",
        settled.map(({ minute, heapBytes }) => [minute, heapBytes]),
      ),
      ...grows(
        "external",
        settled.map(({ minute, externalBytes }) => [minute, externalBytes]),
      ),
      ...grows(
        "rss",
        settled.map(({ minute, rssBytes }) => [minute, rssBytes]),
      ),
    };
    if (!isJson) process.stdout.write(`${table([outcome], COLUMNS)}\n`);
    const result = { ...provenance(commandLine), workload: workload.name, ...outcome };
    if (values.keep === true) keepResult("soak", result);
    return result;
  },
};

function grows(what: string, looks: readonly (readonly [minute: number, bytes: number])[]): { readonly [figure: string]: string | number } {
  const { perX, error, noise } = slope(looks);
  const grown = (looks.at(-1)?.[1] ?? 0) - (looks[0]?.[1] ?? 0);
  return {
    [`${what}KBPerMinute`]: rounded(perX / 1_024),
    [`${what}Error`]: rounded(error / 1_024),
    [`${what}NoiseMB`]: rounded(noise / MB),
    [`${what}IsNoise`]: perX <= ERRORS * error || grown <= ERRORS * noise ? "yes" : "no",
  };
}

function mb(bytes: number | undefined): number {
  return rounded((bytes ?? Number.NaN) / MB);
}
