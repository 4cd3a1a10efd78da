// `bench crossings`: how long a traveller is between two worlds, and how many may be at a time.
import { join } from "node:path";
import process from "node:process";
import { inFolder } from "../bench-folder.ts";
import { Child, withChildren } from "../child.ts";
import { type Command, numberOf, type Values } from "../command.ts";
import { percentile, rounded } from "../figures.ts";
import { provenance } from "../machine.ts";
import type { ServerFigures } from "../measured.ts";
import { table } from "../progress.ts";
import { keepResult } from "../results.ts";
import { type Floors, floors } from "./floors.ts";
import type { CrossingFigures, TravellerOrder } from "./travellers.ts";
import { KIT, YARDS } from "./yard.ts";

const OPEN_MS = 120_000;
const RUN_MS = 600_000;
/** For delay: few enough that nobody waits for another, at moments that have nothing to do with the tick. */
const CALM = { travellers: 8, pauseMs: 200 } as const;

export const crossings: Command = {
  name: "crossings",
  about: "from one world to the other: delay of a thousand crossings, and how many a second two worlds bear",
  options: {
    count: { type: "string", default: "1000", about: "crossings whose delay is measured, by a few travellers" },
    travellers: { type: "string", default: "200", about: "who cross without a pause to find what is sustained" },
    seconds: { type: "string", default: "15", about: "for how long they do" },
  },
  more: [
    "Two worlds and their travellers, a process each on this machine; journals in files synced at every commit, real keys, a passport",
    `with ${KIT.length} things in it, kept on disk by the traveller. p50Ms and p99Ms are from the passport's coming to the first snapshot of the`,
    "destination; whole… from the wish to cross. The floors are measured in the same run: an fsync, a commit of the journal, a",
    "passport's signature made and checked.",
  ],
  run: async (values, isJson, commandLine) => {
    const figures = await measured(values);
    const result = { ...provenance(commandLine), ...figures };
    if (!isJson)
      process.stdout.write(`${table([figures.delay, figures.sustained].map(row), COLUMNS)}\n\n${table([figures.floors], FLOORS)}\n`);
    if (values.keep === true) keepResult("crossings", result);
    return result;
  },
};

const COLUMNS = ["what", "crossings", "failed", "astray", "p50Ms", "p99Ms", "wholeP50Ms", "wholeP99Ms", "perSecond", "cpuMsPerCrossing"];
const FLOORS = ["fsyncMs", "fsyncsPerSecond", "journalCommitMs", "journalCommitsPerSecond", "signPassportUs", "openPassportUs"];

interface Outcome {
  readonly what: string;
  readonly travellers: number;
  readonly crossings: number;
  readonly failed: number;
  /** What ended those: `refused (busy)` is the destination's headroom, and nothing had left. */
  readonly failures: { readonly [why: string]: number };
  /** Travellers in neither world when all had ended. */
  readonly astray: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly wholeP50Ms: number;
  readonly wholeP99Ms: number;
  readonly perSecond: number;
  /** Of both worlds together, their ticks among it. */
  readonly cpuMsPerCrossing: number;
  /** Journal records of both worlds for one crossing. */
  readonly recordsPerCrossing: number;
}

function row({ failures: _, ...outcome }: Outcome): { readonly [column: string]: string | number } {
  return outcome;
}

async function measured(values: Values): Promise<{ delay: Outcome; sustained: Outcome; floors: Floors & { [name: string]: number } }> {
  const count = numberOf("count", values.count);
  const travellers = Math.max(CALM.travellers, Math.ceil(numberOf("travellers", values.travellers)));
  const seconds = numberOf("seconds", values.seconds);
  return await inFolder((folder, say) =>
    withChildren(async (children) => {
      say("floors: fsync, journal, signatures");
      const found = { ...floors(folder) };
      say("two worlds open");
      const worlds = await openPair(folder, children);
      say(`${travellers} travellers enter`);
      const urls = JSON.stringify(worlds.map(({ url }) => url));
      const load = new Child("travellers", import.meta.url, "./travellers.ts", [join(folder, "travellers"), String(travellers), urls]);
      children.push(load);
      await load.said("live", OPEN_MS);
      const pair = { worlds: worlds.map(({ child }) => child), load };
      load.on((said) => {
        if ("crossed" in said) say(`${said.crossed} crossings`);
      });
      const delay = await cross(pair, "a few at a time", { ...CALM, crossings: count });
      const sustained = await cross(pair, "as many as go", { travellers, pauseMs: 0, seconds });
      return { delay, sustained, floors: found };
    }),
  );
}

interface OpenedWorld {
  readonly child: Child;
  readonly world: string;
  readonly url: string;
}

async function openPair(folder: string, children: Child[]): Promise<OpenedWorld[]> {
  const opened = await Promise.all(
    YARDS.map(async (name) => {
      const child = new Child(name, import.meta.url, "./world.ts", [name, join(folder, name)]);
      children.push(child);
      return { child, name, ...(await child.said<{ readonly world: string; readonly url: string }>("open", OPEN_MS)) };
    }),
  );
  for (const { child, name } of opened) {
    const other = opened.find((one) => one.name !== name) as (typeof opened)[number];
    await child.said("pinned", OPEN_MS, { do: "pin", peer: { world: other.world, name: other.name, url: other.url } });
  }
  return opened;
}

interface Pair {
  readonly worlds: readonly Child[];
  readonly load: Child;
}

async function cross({ worlds, load }: Pair, what: string, order: Omit<TravellerOrder, "do">): Promise<Outcome> {
  const records = (): Promise<number[]> =>
    Promise.all(worlds.map(async (world) => (await world.said<{ journalSeq: number }>("stats", OPEN_MS, { do: "stats" })).journalSeq));
  const before = await records();
  for (const world of worlds) await world.said("begun", OPEN_MS, { do: "begin" });
  const { passportMs, wholeMs, seconds, failures, astray } = await load.said<CrossingFigures>("figures", RUN_MS, { do: "cross", ...order });
  const servers = await Promise.all(worlds.map((world) => world.said<ServerFigures>("figures", OPEN_MS, { do: "end" })));
  const after = await records();
  const crossings = passportMs.length;
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  return {
    ...{ what, travellers: order.travellers, crossings, failed: sum(Object.values(failures)), failures, astray },
    p50Ms: rounded(percentile(passportMs, 50)),
    p99Ms: rounded(percentile(passportMs, 99)),
    wholeP50Ms: rounded(percentile(wholeMs, 50)),
    wholeP99Ms: rounded(percentile(wholeMs, 99)),
    perSecond: rounded(crossings / seconds),
    cpuMsPerCrossing: rounded(sum(servers.map(({ cpuUs }) => cpuUs)) / 1_000 / crossings),
    recordsPerCrossing: rounded((sum(after) - sum(before)) / crossings),
  };
}
