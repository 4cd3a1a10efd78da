// The fire drill: a world is built and played in, its machine is lost with everything on it, and it comes back elsewhere from one replica alone.
// Real processes and real players. Law: what is compared is what the dead world's own journal said, to the last record.
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Replication, readState } from "@sojourn/world";
import { type Served, serve, sojourn } from "./command.ts";
import { type DrillKind, type DrillPlace, drillPlace, whyNot } from "./places.ts";
import { Player, until } from "./players.ts";

export interface DrillOptions {
  readonly say: (line: string) => void;
  /** Seconds between shipments of the journal's end. */
  readonly shipSeconds?: number;
}

export interface DrillOutcome {
  readonly kind: DrillKind;
  readonly restored: boolean;
  /** Custody and version are those of the dead world at its last record. */
  readonly stateHashEqual: boolean;
  /** Durable records of the dead world that did not come back. */
  readonly lostChanges: number;
  /** From the death to everybody playing again; of these, the restore. */
  readonly seconds: number;
  readonly restoreSeconds: number;
  /** The restored world keeps its replica again, and a restore from it is proven. */
  readonly keptAgain: boolean;
  /** Everybody who waited as a ghost lives again, with all they carried, and nobody reloaded anything. */
  readonly ghostsLive: boolean;
  readonly records: number;
  readonly blocks: number;
  readonly bytes: number;
  readonly problem?: string;
  /** Why this kind could not be tried on this machine. */
  readonly missing?: string;
}

const SHIP_SECONDS = 0.5;
const PATIENCE_MS = 90_000;

export async function runDrill(kind: DrillKind, options: DrillOptions): Promise<DrillOutcome> {
  const missing = whyNot(kind);
  if (missing !== undefined) return { ...nothingOf(kind), missing };
  const folder = await mkdtemp(join(tmpdir(), `sojourn-drill-${kind}-`));
  let [place, drill]: [DrillPlace | undefined, Drill | undefined] = [undefined, undefined];
  try {
    place = await drillPlace(kind, folder);
    drill = new Drill(kind, folder, place, options);
    return await drill.run();
  } catch (error) {
    return { ...nothingOf(kind), problem: error instanceof Error ? error.message : String(error) };
  } finally {
    await drill?.end();
    await place?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function nothingOf(kind: DrillKind): DrillOutcome {
  const nothing = { stateHashEqual: false, lostChanges: -1, seconds: -1, restoreSeconds: -1, keptAgain: false, ghostsLive: false };
  return { kind, restored: false, ...nothing, records: 0, blocks: 0, bytes: 0 };
}

class Drill {
  readonly #kind: DrillKind;
  readonly #folder: string;
  readonly #place: DrillPlace;
  readonly #options: DrillOptions;
  readonly #players: Player[] = [];
  #world: Served | undefined;

  constructor(kind: DrillKind, folder: string, place: DrillPlace, options: DrillOptions) {
    this.#kind = kind;
    this.#folder = folder;
    this.#place = place;
    this.#options = options;
  }

  async run(): Promise<DrillOutcome> {
    const data = join(this.#folder, "first");
    await this.#place.prepare?.(data);
    const world = await this.#open(data, 0);
    await this.#place.joined?.(world, data);
    const port = Number(new URL(world.url).port);
    // The operator's copy of the identity key, apart from the machine.
    const key = join(this.#folder, "identity.key");
    await copyFile(join(data, "world.key"), key);
    await this.#play(world.url, data);
    const carried = this.#players.map((player) => player.carried());
    await this.#shipped(data);

    this.#say("kill -9, and the data folder is gone");
    const diedMs = performance.now();
    await world.kill();
    const dead = readState(data);
    await rm(data, { recursive: true, force: true });
    await this.#place.lost?.();
    for (const player of this.#players) await player.ghost();

    const again = join(this.#folder, "second");
    const restored = await sojourn(["restore", "--from", this.#place.from(), "--key", key, "--data", again], this.#place.env);
    const state = readState(again);
    this.#say(`restored ${String(restored.seq)} of ${dead.seq} records in ${(Number(restored.tookMs) / 1_000).toFixed(1)} s`);
    await this.#open(again, port);
    for (const player of this.#players) await player.live();
    const seconds = Math.round(performance.now() - diedMs) / 1_000;
    const ghostsLive = this.#players.every((player, i) => player.carried().join() === carried[i]?.join());
    this.#say("everybody lives again; now the replica must go on");
    return {
      ...{ kind: this.#kind, restored: true, lostChanges: dead.seq - state.seq, ghostsLive },
      keptAgain: await this.#keptAgain(again, dead.seq),
      stateHashEqual: state.hash === dead.hash && state.substrate === dead.substrate,
      seconds,
      restoreSeconds: Math.round(Number(restored.tookMs)) / 1_000,
      ...{ records: state.seq, blocks: Number(restored.blocks), bytes: Number(restored.bytes) },
    };
  }

  async end(): Promise<void> {
    await Promise.all(this.#players.map(({ visitor }) => visitor.leave().catch(() => undefined)));
    await this.#world?.kill();
  }

  async #open(data: string, port: number): Promise<Served> {
    const { shipSeconds = SHIP_SECONDS } = this.#options;
    const args = ["tavern", "--data", data, "--port", String(port), "--heartbeat", "0", ...this.#place.serveArgs];
    this.#world = await serve([...args, "--ship", String(shipSeconds)], this.#place.env);
    return this.#world;
  }

  /** Something of everything before the heartbeat, and again after it. */
  async #play(url: string, data: string): Promise<void> {
    this.#say("two enter, build and drop things");
    const [ada, bob] = [await Player.enter(url, "Ada"), await Player.enter(url, "Bob")];
    this.#players.push(ada, bob);
    await ada.build("crate");
    await bob.drop("bread");
    const before = ada.versions;
    await sojourn(["heartbeat", "--data", data], this.#place.env);
    await until("the new version", () => ada.versions > before);
    this.#say("after the heartbeat they go on");
    await ada.build("sign", "Back in a minute");
    await bob.build("crate");
    await bob.drop("sword");
    bob.visitor.chat("Is it getting dark?");
  }

  /** Until every durable record is said to be there, and lies beyond the machine. */
  async #shipped(data: string): Promise<void> {
    const endMs = performance.now() + PATIENCE_MS;
    for (let quiet = 0; quiet < 2; ) {
      if (performance.now() > endMs) throw new Error("the last records did not come to the replica");
      await sleep(300);
      const { status, seq } = await this.#status(data);
      const kept = (await this.#place.keptSeq?.()) ?? seq;
      quiet = (status?.replicas[0]?.seq ?? 0) >= seq && kept >= seq ? quiet + 1 : 0;
    }
  }

  /** What the restored world did since it opened is there, too, and a restore from there was made. */
  async #keptAgain(data: string, deadSeq: number): Promise<boolean> {
    for (const startMs = performance.now(); performance.now() - startMs < PATIENCE_MS; await sleep(300)) {
      const { status, seq } = await this.#status(data);
      const kept = (await this.#place.keptSeq?.()) ?? seq;
      const one = status?.replicas[0];
      if (one?.isFenced === true) return false;
      if (one !== undefined && one.provenSeq > deadSeq && one.fault === undefined && one.seq >= seq && kept >= seq) return true;
    }
    return false;
  }

  async #status(data: string): Promise<Replication> {
    return (await sojourn(["status", data], this.#place.env)) as unknown as Replication;
  }

  #say(line: string): void {
    this.#options.say(`${this.#kind}: ${line}`);
  }
}
