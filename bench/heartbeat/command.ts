// What a heartbeat costs: the ticks while a large world with many changed chunks is written down and given to a replica, the bytes that go there,
// and how long the world takes to come back. Quiet times and heartbeats take turns, in the same world.
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { type RunningWorld, readState, restoreFrom } from "@sojourn/world";
import { type Command, Misuse, type Values } from "../command.ts";
import { provenance } from "../machine.ts";
import { keepResult } from "../results.ts";
import { type Gap, type Gaps, gapsOf, tenth } from "./beats.ts";
import { LargeWorld, until } from "./large-world.ts";

const QUIET_MS = 10_000;

interface Size {
  readonly chunks: number;
  readonly objects: number;
  readonly dirty: number;
  readonly rounds: number;
  readonly restoreMb: number;
  readonly records: number;
}

interface Pushed {
  readonly blocks: number;
  readonly bytes: number;
}

interface Round {
  readonly heartbeatMs: number;
  readonly quiet: readonly Gap[];
  /** Until every replica had it. */
  readonly writing: readonly Gap[];
  /** From then until a restore was proven. */
  readonly proving: readonly Gap[];
  /** The seconds in which entities gave way to what the version holds now. */
  readonly after: readonly Gap[];
  readonly pushed: Pushed;
  /** The longest collection of the whole memory while it was quiet, and while it was not. */
  readonly pausesMs: readonly [number, number];
}

type Say = (line: string) => void;

async function measured(folder: string, size: Size, say: Say): Promise<object> {
  const large = new LargeWorld(folder, size.chunks, size.objects);
  say("opening once");
  const first = await large.open();
  const { id } = first;
  await first.close();
  const rounds: Round[] = [];
  let nothing: Pushed = { blocks: 0, bytes: 0 };
  for (let n = 1; n <= size.rounds; n++) {
    large.build(id, size.dirty);
    const world = await large.open();
    rounds.push(await oneRound(large, world));
    const before = pushed(world);
    await world.heartbeat();
    nothing = minus(pushed(world), before);
    await world.close();
    say(`round ${n}: ${JSON.stringify(shown(rounds.at(-1) as Round))}`);
  }
  const restore = size.restoreMb === 0 ? {} : { restore: await restored(large, folder, size, say) };
  return { ...size, tickGapMs: summary(rounds), pushed: { changed: rounds.map((one) => one.pushed), nothingChanged: nothing }, ...restore };
}

/** Quiet, heartbeat, proof, hand-over. */
async function oneRound({ beats }: LargeWorld, world: RunningWorld): Promise<Round> {
  beats.taken();
  beats.longestPauseMs();
  await sleep(QUIET_MS);
  const quiet = beats.taken();
  const quietPauseMs = beats.longestPauseMs();
  const before = pushed(world);
  const startMs = performance.now();
  await world.heartbeat();
  const writing = beats.taken();
  const heartbeatMs = Math.round(performance.now() - startMs);
  const { journalSeq } = world.stats();
  await until(() => (world.stats().replicas[0]?.provenSeq ?? 0) >= journalSeq);
  const proving = beats.taken();
  const after = minus(pushed(world), before);
  await sleep(QUIET_MS + 2_000);
  const pausesMs = [quietPauseMs, beats.longestPauseMs()] as const;
  return { heartbeatMs, quiet, writing, proving, after: beats.taken(), pushed: after, pausesMs };
}

function shown({ heartbeatMs, quiet, writing, proving, after, pausesMs }: Round): object {
  const gaps = { quiet: gapsOf(quiet), writing: gapsOf(writing), proving: gapsOf(proving), after: gapsOf(after) };
  return { heartbeatMs, pausesMs, ...gaps, ratioP99: ratio(gapsOf([...writing, ...proving]), gaps.quiet) };
}

function summary(rounds: readonly Round[]): object {
  const all = (of: (round: Round) => readonly Gap[]): Gaps => gapsOf(rounds.flatMap(of));
  const quiet = all((round) => round.quiet);
  const during = all((round) => [...round.writing, ...round.proving]);
  const ratios = rounds.map((round) => ratio(gapsOf([...round.writing, ...round.proving]), gapsOf(round.quiet))).sort((a, b) => a - b);
  const writing = all((round) => round.writing);
  return {
    ...{ quiet, during, writing, after: all((round) => round.after) },
    ...{ ratioP99: ratio(during, quiet), ratioWriting: ratio(writing, quiet), ratioMedian: ratios[Math.floor(ratios.length / 2)] ?? 0 },
    heartbeatMs: rounds.map((one) => one.heartbeatMs),
    pausesMs: rounds.map((one) => one.pausesMs),
    loadAverage: loadavg().map(tenth),
  };
}

function ratio(a: Gaps, b: Gaps): number {
  return Math.round((a.p99 / b.p99) * 100) / 100;
}

/** The same world, grown, with so many records that came after its last sealed state. */
async function restored(large: LargeWorld, folder: string, size: Size, say: Say): Promise<object> {
  say("growing");
  await large.grow(size.restoreMb * 1_000_000);
  const world = await large.open();
  say("writing records");
  await large.write(world, size.records);
  // A machine that is lost says nothing of the end: the replica has the state of its opening and all records after it.
  const aside = join(folder, "restored");
  say("restoring");
  const key = join(large.data, "world.key");
  const came = await restoreFrom({ from: { replica: large.replica }, keyFile: key, dataFolder: aside });
  const own = world.stats().journalSeq;
  await world.close();
  return {
    ...{ ms: Math.round(came.tookMs), blocks: came.blocks, bytes: came.bytes, records: came.seq, shippedRecords: came.seq - came.stateSeq },
    isEqual: came.seq === own && came.stateHash === readState(aside).hash && came.substrate === readState(large.data).substrate,
  };
}

function pushed(world: RunningWorld): Pushed {
  const one = world.stats().replicas[0];
  return { blocks: one?.pushedBlocks ?? 0, bytes: one?.pushedBytes ?? 0 };
}

function minus(a: Pushed, b: Pushed): Pushed {
  return { blocks: a.blocks - b.blocks, bytes: a.bytes - b.bytes };
}

function wholeNumber(values: Values, name: string, least = 1): number {
  const n = Number(values[name]);
  if (Number.isSafeInteger(n) && n >= least) return n;
  throw new Misuse(`--${name} takes a whole number from ${least} on`);
}

export const heartbeat: Command = {
  name: "heartbeat",
  about: "the tick while a large world is written down and replicated, the bytes that go there, and the way back",
  options: {
    chunks: { type: "string", default: "46", about: "along one side of the world" },
    objects: { type: "string", default: "100000", about: "static objects in its map" },
    dirty: { type: "string", default: "1000", about: "chunks in which something was built since the last heartbeat" },
    rounds: { type: "string", default: "5", about: "quiet times and heartbeats, in turn" },
    "restore-mb": { type: "string", default: "100", about: "megabytes of world to restore from a folder; 0: no restore" },
    records: { type: "string", default: "100000", about: "journal records to restore after the sealed state" },
  },
  more: [
    "One world in this process, its replica in a folder beside it. Gaps are between ticks as the world's own code sees them (50 ms is right);",
    "a heartbeat lasts until a restore from the replica was proven, and its p99 is held against that of the quiet times before.",
  ],
  run: async (values, isJson, commandLine) => {
    const folder = mkdtempSync(join(process.cwd(), "node_modules", ".heartbeat-"));
    try {
      const size: Size = {
        chunks: wholeNumber(values, "chunks"),
        objects: wholeNumber(values, "objects"),
        dirty: wholeNumber(values, "dirty"),
        rounds: wholeNumber(values, "rounds"),
        restoreMb: wholeNumber(values, "restore-mb", 0),
        records: wholeNumber(values, "records"),
      };
      const figures = await measured(folder, size, (line) => isJson || process.stderr.write(`${line}\n`));
      const result = { ...provenance(commandLine), ...figures };
      if (values.keep === true) keepResult("heartbeat", result);
      return result;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
