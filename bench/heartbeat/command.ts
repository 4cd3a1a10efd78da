// What a heartbeat costs: the ticks while a large world with many changed chunks is written down and given to a replica, the bytes that go there,
// and how long the world takes to come back.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeRecord } from "@sojourn/protocol";
import { fileJournal } from "@sojourn/runtime/node";
import { defineWorld, openWorld, type RunningWorld, readState, restoreFrom } from "@sojourn/world";
import { type Command, Misuse, type Values } from "../command.ts";
import { provenance } from "../machine.ts";
import { keepResult } from "../results.ts";
import { writeBigMap } from "./big-map.ts";

const CHUNK = 16;
const NOTE_BYTES = 200;
const QUIET_MS = 10_000;
const COMMIT = 1_000;

interface Size {
  readonly chunks: number;
  readonly objects: number;
  readonly dirty: number;
  readonly records: number;
}

/** Milliseconds between two ticks, as the world's own code sees them. */
class Beats {
  #before: number | undefined;
  #gaps: number[] = [];

  tick(): void {
    const now = performance.now();
    if (this.#before !== undefined) this.#gaps.push(now - this.#before);
    this.#before = now;
  }

  /** What came since the last call. */
  taken(): { readonly ticks: number; readonly p50: number; readonly p99: number; readonly max: number } {
    const gaps = this.#gaps.sort((a, b) => a - b);
    this.#gaps = [];
    const at = (share: number): number => Math.round((gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))] ?? 0) * 10) / 10;
    return { ticks: gaps.length, p50: at(0.5), p99: at(0.99), max: at(1) };
  }
}

async function measured(folder: string, size: Size, say: (line: string) => void): Promise<object> {
  const data = join(folder, "data");
  const replica = `folder:${join(folder, "replica")}`;
  const map = join(folder, "big.tmj");
  writeBigMap(map, size.chunks, size.objects, NOTE_BYTES);
  const beats = new Beats();
  const definition = defineWorld({
    name: "Big",
    map,
    items: { stone: { title: "Stone", sprite: "stone", place: {} } },
    onTick: () => beats.tick(),
  });
  const open = (): Promise<RunningWorld> =>
    openWorld(definition, { dataFolder: data, heartbeatMinutes: 0, replicas: [{ replica }], shipSeconds: 3 });
  say("opening once");
  const first = await open();
  const { id } = first;
  await first.close();
  built(data, size, id);
  say("measuring");
  const world = await open();
  await proven(world);
  await sleep(QUIET_MS / 5);
  beats.taken();
  await sleep(QUIET_MS);
  const without = beats.taken();
  const before = pushed(world);
  const startMs = performance.now();
  const report = await world.heartbeat();
  const during = beats.taken();
  const heartbeatMs = Math.round(performance.now() - startMs);
  const after = pushed(world);
  await world.heartbeat();
  const again = pushed(world);
  await world.close();
  say("restoring");
  const state = readState(data);
  const restored = await restoreFrom({ from: { replica }, keyFile: join(data, "world.key"), dataFolder: join(folder, "restored") });
  return {
    ...{
      ...size,
      builds: report.builds,
      heartbeatMs,
      tickGapMs: { without, during, ratioP99: Math.round((during.p99 / without.p99) * 100) / 100 },
    },
    pushed: { changed: after.minus(before), nothingChanged: again.minus(after), sinceOpening: before.plain },
    restore: {
      ...{ ms: Math.round(restored.tookMs), blocks: restored.blocks, bytes: restored.bytes, records: restored.seq },
      isEqual: restored.stateHash === state.hash && restored.seq === state.seq,
    },
  };
}

/** One build in each of so many chunks, and other records to the number that is asked for, in the journal of the closed world. */
function built(data: string, { chunks, dirty, records }: Size, world: string): void {
  const journal = fileJournal(join(data, "journal"));
  const t = Date.now();
  const made: Uint8Array[] = [];
  for (let n = 0; n < dirty; n++) {
    const at = { x: (n % chunks) * CHUNK + 1.5, y: Math.floor(n / chunks) * CHUNK + 1.5 };
    const object = { kind: "stone", ...at, by: world, byName: "Ada", text: "", sprite: "stone", width: 1, height: 1, solid: false };
    made.push(encodeRecord({ r: "build", t, id: `b${n}`, object }));
  }
  while (journal.lastSeq + made.length < records)
    made.push(encodeRecord({ r: "world", t, key: `fact.${made.length % 512}`, value: `"${made.length}"` }));
  for (let at = 0; at < made.length; at += COMMIT) journal.append(made.slice(at, at + COMMIT));
  journal.close();
}

async function proven(world: RunningWorld): Promise<void> {
  for (let i = 0; i < 1_200 && (world.stats().replicas[0]?.provenMs ?? 0) === 0; i++) await sleep(100);
}

class Pushed {
  readonly plain: { readonly blocks: number; readonly bytes: number };
  constructor(blocks: number, bytes: number) {
    this.plain = { blocks, bytes };
  }
  minus(other: Pushed): Pushed["plain"] {
    return { blocks: this.plain.blocks - other.plain.blocks, bytes: this.plain.bytes - other.plain.bytes };
  }
}

function pushed(world: RunningWorld): Pushed {
  const one = world.stats().replicas[0];
  return new Pushed(one?.pushedBlocks ?? 0, one?.pushedBytes ?? 0);
}

function wholeNumber(values: Values, name: string): number {
  const n = Number(values[name]);
  if (Number.isSafeInteger(n) && n > 0) return n;
  throw new Misuse(`--${name} takes a whole number above 0`);
}

export const heartbeat: Command = {
  name: "heartbeat",
  about: "the tick while a large world is written down and replicated, the bytes that go there, and the way back",
  options: {
    chunks: { type: "string", default: "46", about: "along one side of the world" },
    objects: { type: "string", default: "100000", about: "static objects in its map" },
    dirty: { type: "string", default: "1000", about: "chunks in which something was built since the last heartbeat" },
    records: { type: "string", default: "100000", about: "journal records to restore" },
  },
  more: [
    "One world in this process, its replica in a folder beside it. Gaps are between ticks as the world's own code sees them (50 ms is right).",
  ],
  run: async (values, isJson, commandLine) => {
    const folder = mkdtempSync(join(process.cwd(), "node_modules", ".heartbeat-"));
    try {
      const size = {
        chunks: wholeNumber(values, "chunks"),
        objects: wholeNumber(values, "objects"),
        dirty: wholeNumber(values, "dirty"),
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
