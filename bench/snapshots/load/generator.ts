// The load: all players of a workload in one process of their own, the same moves for every target. node generator.ts <orders as JSON>
// Players move at 20 Hz each in slices of 5 ms, as players who know nothing of each other.
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "@sojourn/runtime";
import { percentile } from "../../figures.ts";
import { TICK_MS, Walker, type Workload, workloadNamed } from "../workloads.ts";
import { type Dialect, isSampled, type Kinds, type Player } from "./dialects.ts";
import { Trace } from "./trace.ts";

export interface LoadOptions {
  readonly workload: string;
  readonly dialect: "sojourn" | "floor" | "colyseus";
  readonly port: number;
  readonly turnEvery: number;
  /** Where to write the trace of a sojourn run. */
  readonly trace?: string;
}

export type LoadOrder = { readonly do: "begin" } | { readonly do: "end" } | { readonly do: "stall"; readonly oneIn: number };

export interface LoadFigures {
  readonly bytesPerClientSec: number;
  /** Of these, by what they were for; of a sojourn world only. */
  readonly kinds: { readonly [kind in keyof Kinds]?: number };
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly delays: number;
  /** Share of one core the load itself used, and how late its slices were: whether it kept up. */
  readonly loadCpu: number;
  readonly loadLateP99Ms: number;
  /** Connections that ended. */
  readonly lost: number;
}

const SLICES = 10;
const SLICE_MS = TICK_MS / SLICES;
/** Slices made up for in one go. */
const CATCH_UP = 2;
const ACK_EVERY = 10;
/** Clients on their way in at a time. */
const AT_THE_DOOR = 64;
const BUSY_MS = 1_000;
/** Moves whose sending is remembered. */
const REMEMBERED = 256;

const options = JSON.parse(process.argv[2] ?? "{}") as LoadOptions;
const workload = workloadNamed(options.workload) as Workload;

/** A world that has much to do asks newcomers to wait, and they do. */
async function letIn(enter: () => Promise<Player>): Promise<Player> {
  for (;;) {
    try {
      return await enter();
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith("busy")) throw error;
      await sleep(BUSY_MS);
    }
  }
}

class Load {
  readonly players: (Player | undefined)[] = new Array(workload.players);
  readonly #walkers = Array.from({ length: workload.players }, (_, index) => new Walker(workload, index, options.turnEvery));
  readonly #seqs = new Uint32Array(workload.players);
  readonly #seen = new Uint32Array(workload.players);
  readonly #sentMs = new Float64Array(workload.players * REMEMBERED);
  readonly #stalled = new Set<number>();
  readonly #trace = new Trace(workload.players);
  #delays: number[] = [];
  #lateMs: number[] = [];
  #bytesBefore = 0;
  #kindsBefore: Partial<Kinds> = {};
  #begunMs = 0;
  #cpuBefore = process.cpuUsage();
  #lostBefore = 0;

  async enter(dialect: Dialect): Promise<void> {
    let next = 0;
    let entered = 0;
    const ears = {
      seen: (index: number, seq: number) => this.#saw(index, seq),
      isSampled: (index: number) => isSampled(index, workload.players),
      tick: (index: number, wireBytes: number) => this.#trace.note(index, wireBytes),
    };
    const enterSome = async (): Promise<void> => {
      while (next < workload.players) {
        const index = next++;
        this.players[index] = await letIn(() => dialect.enter(index, options.port, ears));
        entered += 1;
        if (entered % 100 === 0) process.send?.({ entered });
      }
    };
    await Promise.all(Array.from({ length: AT_THE_DOOR }, enterSome));
  }

  start(): void {
    const startMs = systemClock.monotonic();
    let slice = 0;
    const run = (): void => {
      // A few at most, then what came in is read: a load that is late must not do nothing but send.
      for (let made = 0; made < CATCH_UP; made++) {
        const lateMs = systemClock.monotonic() - (startMs + slice * SLICE_MS);
        if (lateMs < 0) break;
        this.#lateMs.push(lateMs);
        this.#slice(slice);
        slice += 1;
      }
      systemClock.schedule(startMs + slice * SLICE_MS, run);
    };
    run();
  }

  begin(): void {
    this.#delays = [];
    this.#lateMs = [];
    this.#trace.forget();
    this.#bytesBefore = this.#bytes;
    this.#kindsBefore = { ...dialect.kinds };
    this.#lostBefore = this.#lost;
    this.#begunMs = systemClock.monotonic();
    this.#cpuBefore = process.cpuUsage();
  }

  end(): LoadFigures {
    const seconds = (systemClock.monotonic() - this.#begunMs) / 1_000;
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    if (options.trace !== undefined) this.#trace.write(options.trace);
    return {
      bytesPerClientSec: (this.#bytes - this.#bytesBefore) / seconds / this.#counted,
      kinds: this.#kindsPerSecond(seconds),
      p50Ms: percentile(this.#delays, 50),
      p99Ms: percentile(this.#delays, 99),
      delays: this.#delays.length,
      loadCpu: (user + system) / 1e6 / seconds,
      loadLateP99Ms: percentile(this.#lateMs, 99),
      lost: this.#lost - this.#lostBefore,
    };
  }

  /** One in `oneIn` reads nothing any more, nor says what it read; it goes on walking. Gives back how many. */
  stall(oneIn: number): number {
    for (let index = 1; index < workload.players; index += oneIn) {
      // Who is looked at for delay is one of the others.
      if (isSampled(index, workload.players)) continue;
      this.#stalled.add(index);
      this.players[index]?.stall();
    }
    return this.#stalled.size;
  }

  #slice(slice: number): void {
    const round = Math.floor(slice / SLICES);
    for (let index = slice % SLICES; index < workload.players; index += SLICES) {
      const player = this.players[index];
      if (player === undefined) continue;
      const walker = this.#walkers[index] as Walker;
      walker.step();
      const seq = round + 1;
      this.#seqs[index] = seq;
      this.#sentMs[index * REMEMBERED + (seq % REMEMBERED)] = systemClock.monotonic();
      player.move(seq, walker.dx, walker.dy);
      if ((round + index) % ACK_EVERY === 0 && !this.#stalled.has(index)) player.acknowledge();
    }
  }

  #saw(index: number, seq: number): void {
    if (!isSampled(index, workload.players)) return;
    const nowMs = systemClock.monotonic();
    // Several moves may have been done in one tick: each of them has waited.
    const first = Math.max((this.#seen[index] as number) + 1, seq - REMEMBERED + 1);
    for (let done = first; done <= seq && done <= (this.#seqs[index] as number); done++) {
      this.#delays.push(nowMs - (this.#sentMs[index * REMEMBERED + (done % REMEMBERED)] as number));
    }
    this.#seen[index] = Math.max(this.#seen[index] as number, seq);
  }

  #kindsPerSecond(seconds: number): LoadFigures["kinds"] {
    const perSecond = Object.entries(dialect.kinds ?? {}).map(([kind, bytes]) => {
      const before = this.#kindsBefore[kind as keyof Kinds] ?? 0;
      return [kind, (bytes - before) / seconds / this.#counted] as const;
    });
    return Object.fromEntries(perSecond);
  }

  get #bytes(): number {
    return this.players.reduce((sum, player) => sum + (player?.bytesIn ?? 0), 0);
  }

  get #counted(): number {
    return this.players.filter((player) => player?.bytesIn !== undefined).length;
  }

  get #lost(): number {
    return this.players.filter((player) => player?.isEnded).length;
  }
}

async function dialectOf(name: LoadOptions["dialect"]): Promise<Dialect> {
  if (name === "sojourn") return (await import("./sojourn-dialect.ts")).sojournDialect;
  if (name === "colyseus") return (await import("./colyseus-dialect.ts")).colyseusDialect;
  return (await import("./floor-dialect.ts")).floorDialect;
}

const dialect = await dialectOf(options.dialect);
const load = new Load();
process.on("message", (order: LoadOrder) => {
  if (order.do === "begin") load.begin();
  else if (order.do === "stall") process.send?.({ stalled: load.stall(order.oneIn) });
  else process.send?.({ load: load.end() });
});
process.on("disconnect", () => process.exit(0));
await load.enter(dialect);
load.start();
process.send?.({ walking: true });
