// A large world in this process, its replica in a folder beside it; what was built in it is written into its journal while it is closed.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeRecord, valueOf, type WorldId } from "@sojourn/protocol";
import { fileJournal } from "@sojourn/runtime/node";
import { amendVersion, openVersion, type StaticObject } from "@sojourn/substrate";
import { directoryStore } from "@sojourn/substrate/node";
import { defineWorld, openWorld, type RunningWorld, readState } from "@sojourn/world";
import { Beats } from "./beats.ts";
import { writeBigMap } from "./big-map.ts";

const CHUNK = 16;
const NOTE_BYTES = 200;
const COMMIT = 1_000;
const HEAVY_NOTE_BYTES = 1_000;
/** Records an author's code may write in one tick. */
const RECORDS_PER_TICK = 500;

export class LargeWorld {
  readonly data: string;
  readonly replica: string;
  readonly beats = new Beats();
  readonly #chunks: number;
  readonly #definition: Parameters<typeof openWorld>[0];
  #built = 0;
  #toWrite = 0;
  #written = 0;

  constructor(folder: string, chunks: number, objects: number) {
    this.data = join(folder, "data");
    this.replica = `folder:${join(folder, "replica")}`;
    this.#chunks = chunks;
    const map = join(folder, "big.tmj");
    writeBigMap(map, chunks, objects, NOTE_BYTES);
    this.#definition = defineWorld({
      name: "Big",
      map,
      items: { stone: { title: "Stone", sprite: "stone", place: {} } },
      onTick: (moment) => {
        this.beats.tick();
        const end = Math.min(this.#toWrite, this.#written + RECORDS_PER_TICK);
        for (; this.#written < end; this.#written++) moment.remember(`n${this.#written % 512}`, this.#written);
      },
    });
  }

  /** Open, its replica proven, and nothing left to do but ticks. */
  async open(): Promise<RunningWorld> {
    this.beats.pause();
    const replicas = [{ replica: this.replica }];
    const world = await openWorld(this.#definition, { dataFolder: this.data, heartbeatMinutes: 0, replicas, shipSeconds: 3 });
    await until(() => world.stats().replicas[0]?.provenMs !== 0);
    await sleep(3_000);
    return world;
  }

  /** One build in each of so many chunks, in the journal of the closed world; each call builds beside what the last one built. */
  build(world: WorldId, dirty: number): void {
    const journal = fileJournal(join(this.data, "journal"));
    const t = Date.now();
    const at = 1.5 + this.#built++;
    const made = Array.from({ length: dirty }, (_, n) => {
      const place = { x: (n % this.#chunks) * CHUNK + at, y: Math.floor(n / this.#chunks) * CHUNK + 1.5 };
      const object = { kind: "stone", ...place, by: world, byName: "Ada", text: "", sprite: "stone", width: 1, height: 1, solid: false };
      return encodeRecord({ r: "build", t, id: `b${this.#built}.${n}`, object });
    });
    for (let i = 0; i < made.length; i += COMMIT) journal.append(made.slice(i, i + COMMIT));
    journal.close();
  }

  /** The closed world serves a version of at least so many bytes from now on. */
  async grow(bytes: number): Promise<void> {
    const store = directoryStore(join(this.data, "blocks"));
    const { substrate = "" } = readState(this.data);
    const view = valueOf(await openVersion(substrate, store));
    const { version } = view;
    const add: StaticObject[] = [];
    const heavy = "abcdefghijklmnop".repeat(HEAVY_NOTE_BYTES / 16);
    for (let n = 0; version.bytes + n * (HEAVY_NOTE_BYTES + 64) < bytes; n++) {
      const chunk = n % this.#chunks ** 2;
      const at = { x: (chunk % this.#chunks) * CHUNK + 1.5, y: Math.floor(chunk / this.#chunks) * CHUNK + 3.5 };
      add.push({ id: `heavy${n}`, kind: "stone", ...at, layer: version.placedLayer, properties: { note: `${n} ${heavy}` } });
    }
    const amended = valueOf(await amendVersion(view, { add, remove: [], tick: version.tick, timeMs: version.timeMs }, store));
    for (const block of amended.newBlocks) valueOf(await store.put(block));
    const journal = fileJournal(join(this.data, "journal"));
    journal.append([encodeRecord({ r: "version", t: Date.now(), root: amended.root, builds: [] })]);
    journal.close();
  }

  /** The open world's own code writes so many records, as fast as it may; they are shipped as they come. */
  async write(world: RunningWorld, records: number): Promise<void> {
    this.#toWrite = this.#written + records;
    await until(() => this.#written >= this.#toWrite);
    await until(() => (world.stats().replicas[0]?.seq ?? 0) >= world.stats().journalSeq);
  }
}

export async function until(is: () => boolean, withinMs = 300_000): Promise<void> {
  for (const startMs = performance.now(); !is(); await sleep(50))
    if (performance.now() - startMs > withinMs) throw new Error("the world did not come so far");
}
