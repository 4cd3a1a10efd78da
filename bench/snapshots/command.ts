// `bench snapshots`: what it costs to show every player everything around them, twenty times a second.
import { resolve } from "node:path";
import process from "node:process";
import { inFolder } from "../bench-folder.ts";
import { type Command, choice, numberOf } from "../command.ts";
import { rounded } from "../figures.ts";
import { provenance } from "../machine.ts";
import { installPeers } from "../peers.ts";
import { table } from "../progress.ts";
import { keepResult } from "../results.ts";
import { hottest } from "./profile.ts";
import { runRounds, type Summary } from "./rounds.ts";
import { SOJOURN, TARGETS, type Target, targetNamed } from "./targets.ts";
import { TURN_EVERY, WORKLOADS, type Workload, workloadNamed } from "./workloads.ts";

const HOTTEST = 32;
const KINDS = ["ownBytes", "quietBytes", "toldBytes", "controlBytes"];
const COLUMNS = [
  "target",
  "cpuUsPerClientTick",
  "hz",
  "p99TickMs",
  "bytesPerClientSec",
  "p50Ms",
  "p99Ms",
  "rssMB",
  "ratioToWsFloor",
  "ratioToColyseusView",
];

export const snapshots: Command = {
  name: "snapshots",
  about: "server CPU, bytes and delay for each client and tick, beside the floors and Colyseus",
  options: {
    workload: { type: "string", default: "W1", about: `one of ${WORKLOADS.map(({ name }) => name).join(", ")}` },
    targets: { type: "string", default: TARGETS.map(({ name }) => name).join(","), about: "which servers, in this order" },
    seconds: { type: "string", default: "12", about: "measured time of one run" },
    runs: { type: "string", default: "3", about: "interleaved rounds; figures are medians over them" },
    "turn-every": { type: "string", default: String(TURN_EVERY), about: "a player turns in one of so many ticks; 1: in each" },
    profile: { type: "string", about: "write a CPU profile of the sojourn server to this file, and say where its time goes" },
  },
  more: [
    ...WORKLOADS.map(({ name, about }) => `${name}  ${about}`),
    "",
    ...TARGETS.map(({ name, about }) => `${name.padEnd(14)} ${about}`),
    "",
    "Every player walks each tick, seeded, the same for every target. cpuUsPerClientTick is user and system time of the server's",
    "process; p50Ms and p99Ms are from a move's sending until the server has shown its sender that it is done. loadCpu is the share",
    "of a core the load took, loadLateP99Ms how late its sendings were: when they are large the load did not keep up.",
    "Of a sojourn world the JSON says what bytes were for: ownBytes what one alone is told, quietBytes that time has passed, toldBytes what changed",
    "around one, controlBytes the rest.",
  ],
  run: async (values, isJson, commandLine) => {
    const workload = choice("workload", String(values.workload), workloadNamed);
    const targets = String(values.targets)
      .split(",")
      .map((name) => choice("targets", name, targetNamed));
    const summaries = await measured(workload, targets, {
      seconds: numberOf("seconds", values.seconds),
      runs: numberOf("runs", values.runs),
      turnEvery: numberOf("turn-every", values["turn-every"]),
      ...(values.profile === undefined ? {} : { profile: resolve(String(values.profile)) }),
    });
    if (!isJson) process.stdout.write(`${table(summaries, COLUMNS)}\n`);
    if (!isJson) sayKinds(summaries);
    if (values.profile !== undefined && !isJson) sayHottest(resolve(String(values.profile)));
    const result = {
      ...provenance(commandLine),
      workload: workload.name,
      turnEvery: numberOf("turn-every", values["turn-every"]),
      targets: summaries,
    };
    if (values.keep === true) keepResult(`snapshots-${workload.name.toLowerCase()}`, result);
    return result;
  },
};

function sayKinds(summaries: readonly Summary[]): void {
  const own = summaries.filter(({ target }) => target === SOJOURN.name);
  if (own.length > 0) process.stdout.write(`\n${table(own, ["target", ...KINDS])}\n`);
}

/** With the profiler on everything costs more: for shares, not for figures. */
function sayHottest(file: string): void {
  process.stdout.write(`\n${table(hottest(file, HOTTEST), ["function", "ms", "percent", "place"])}\n`);
}

interface Measuring {
  readonly seconds: number;
  readonly runs: number;
  readonly turnEvery: number;
  readonly profile?: string;
}

async function measured(workload: Workload, targets: readonly Target[], options: Measuring): Promise<Summary[]> {
  if (targets.some((target) => target.wantsPeers)) installPeers();
  return await inFolder((folder, say) =>
    runRounds({
      ...options,
      ...{ workload, targets, folder, say },
      onRun: (target, run) => {
        const figures = `${rounded(run.cpuUsPerClientTick)} µs per client and tick, ${rounded(run.hz)} Hz, ${rounded(run.bytesPerClientSec)} bytes/s`;
        say(`${workload.name} ${target}: ${figures}, load ${rounded(run.loadCpu)} of a core`);
      },
    }),
  );
}
