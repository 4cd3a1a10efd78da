// `bench stalled`: some of the players stop reading and go on walking. What the others feel of it, when the world cuts them off, and what
// they cost it until then.
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { inFolder } from "../bench-folder.ts";
import { type Command, choice, numberOf } from "../command.ts";
import { rounded } from "../figures.ts";
import { provenance } from "../machine.ts";
import { table } from "../progress.ts";
import { keepResult } from "../results.ts";
import type { WaitingBytes } from "./servers/sojourn.ts";
import { type Running, underLoad } from "./target-run.ts";
import { SOJOURN } from "./targets.ts";
import { type Workload, workloadNamed } from "./workloads.ts";

const LOOK_MS = 200;
const ANSWER_MS = 20_000;

export const stalled: Command = {
  name: "stalled",
  about: "a quarter of the players stop reading: the others' delay, when they are cut off, what they hold until then",
  options: {
    workload: { type: "string", default: "W2", about: "as for snapshots" },
    "one-in": { type: "string", default: "4", about: "so many players one stops reading" },
    seconds: { type: "string", default: "15", about: "before, and from the stop on" },
  },
  more: [
    "p99Ms is the delay of those who go on reading, before and from the stop on; growthPercent between the two. cutAfterMs: when the",
    "last of the stalled was cut off. waitingBytes: the most that waited in the process for one of them.",
  ],
  run: async (values, isJson, commandLine) => {
    const workload = choice("workload", String(values.workload), workloadNamed);
    const oneIn = Math.ceil(numberOf("one-in", values["one-in"]));
    const seconds = numberOf("seconds", values.seconds);
    const figures = await inFolder((folder, say) =>
      underLoad({ ...{ target: SOJOURN, workload, seconds, folder, say } }, async (running) => {
        say(`${workload.name}: before`);
        const before = await running.measure(seconds);
        say(`${workload.name}: one in ${oneIn} stops reading`);
        return { before, ...(await fromTheStopOn(running, workload, oneIn, seconds)) };
      }),
    );
    const { before, during, ...cut } = figures;
    const outcome = {
      ...{ p99MsBefore: rounded(before.p99Ms), p99MsDuring: rounded(during.p99Ms) },
      ...{ p50MsBefore: rounded(before.p50Ms), p50MsDuring: rounded(during.p50Ms) },
      growthPercent: rounded((during.p99Ms / before.p99Ms - 1) * 100),
      ...cut,
    };
    if (!isJson) process.stdout.write(`${table([outcome], Object.keys(outcome))}\n`);
    const result = { ...provenance(commandLine), workload: workload.name, ...outcome };
    if (values.keep === true) keepResult("stalled", result);
    return result;
  },
};

async function fromTheStopOn(running: Running, workload: Workload, oneIn: number, seconds: number) {
  const startMs = performance.now();
  const stalledCount = await running.load.said<number>("stalled", ANSWER_MS, { do: "stall", oneIn });
  const left = workload.players - stalledCount;
  let cutAfterMs: number | undefined;
  let firstCutMs: number | undefined;
  let waitingBytes = 0;
  let isOver = false;
  const watch = async (): Promise<void> => {
    while (!isOver) {
      const { links, most } = await running.server.said<WaitingBytes>("waiting", ANSWER_MS, { do: "waiting" });
      waitingBytes = Math.max(waitingBytes, most);
      if (links < workload.players) firstCutMs ??= performance.now() - startMs;
      if (links <= left) cutAfterMs ??= performance.now() - startMs;
      await sleep(LOOK_MS);
    }
  };
  const watching = watch();
  const during = await running.measure(seconds);
  isOver = true;
  await watching;
  return {
    ...{ during, stalled: stalledCount, waitingBytes },
    firstCutMs: firstCutMs === undefined ? undefined : Math.round(firstCutMs),
    cutAfterMs: cutAfterMs === undefined ? undefined : Math.round(cutAfterMs),
  };
}
