// The server's side of a measurement: between two orders it counts its own CPU time and the beats of its tick, and says what it saw.
// Whatever serves is measured by this one file, in the server's own process.
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { percentile } from "./figures.ts";

/** What the harness asks of a server, by IPC. `profile`: where to write a CPU profile of the measured time. */
export type MeasureOrder = { readonly do: "begin"; readonly profile?: string } | { readonly do: "end" } | { readonly do: "memory" };

export interface ServerFigures {
  /** User and system time of the whole process, microseconds. */
  readonly cpuUs: number;
  readonly userUs: number;
  readonly seconds: number;
  readonly ticks: number;
  readonly p50TickMs: number;
  readonly p99TickMs: number;
  /** Ticks that came more than a tenth of a period late after the one before. */
  readonly lateShare: number;
  readonly rssMB: number;
}

export interface MemoryFigures {
  readonly heapBytes: number;
  /** Buffers outside of the heap. */
  readonly externalBytes: number;
  readonly rssBytes: number;
}

interface Measuring {
  readonly cpu: NodeJS.CpuUsage;
  readonly startedMs: number;
  readonly profiler: Session | undefined;
  readonly profile: string | undefined;
}

export class Measured {
  readonly #periodMs: number;
  #measuring: Measuring | undefined;
  #beats: number[] = [];
  #peakRss = 0;

  constructor(periodMs: number) {
    this.#periodMs = periodMs;
    process.on("message", (order: MeasureOrder) => void this.#obey(order));
    // The harness is gone: nobody would ever end this process.
    process.on("disconnect", () => process.exit(0));
  }

  /** Called once at the beginning of each tick. */
  beat(): void {
    if (this.#measuring !== undefined) this.#beats.push(performance.now());
  }

  open(port: number, more: object = {}): void {
    process.send?.({ open: { port, ...more } });
  }

  async #obey(order: MeasureOrder): Promise<void> {
    if (order.do === "begin") await this.#begin(order.profile);
    else if (order.do === "end") await this.#end();
    else if (order.do === "memory") process.send?.({ memory: memory() });
  }

  async #begin(profile: string | undefined): Promise<void> {
    const profiler = profile === undefined ? undefined : new Session();
    if (profiler !== undefined) {
      profiler.connect();
      await profiler.post("Profiler.enable");
      await profiler.post("Profiler.setSamplingInterval", { interval: 500 });
      await profiler.post("Profiler.start");
    }
    this.#beats = [];
    this.#peakRss = 0;
    this.#measuring = { cpu: process.cpuUsage(), startedMs: performance.now(), profiler, profile };
    process.send?.({ begun: true });
  }

  async #end(): Promise<void> {
    const measuring = this.#measuring;
    if (measuring === undefined) return;
    const { user, system } = process.cpuUsage(measuring.cpu);
    const seconds = (performance.now() - measuring.startedMs) / 1_000;
    this.#measuring = undefined;
    this.#peakRss = Math.max(this.#peakRss, process.memoryUsage.rss());
    const gaps = this.#beats.slice(1).map((beat, i) => beat - (this.#beats[i] as number));
    const figures: ServerFigures = {
      cpuUs: user + system,
      userUs: user,
      seconds,
      ticks: this.#beats.length,
      p50TickMs: percentile(gaps, 50),
      p99TickMs: percentile(gaps, 99),
      lateShare: gaps.filter((gap) => gap > this.#periodMs * 1.1).length / Math.max(1, gaps.length),
      rssMB: this.#peakRss / 1_048_576,
    };
    if (measuring.profiler !== undefined && measuring.profile !== undefined) {
      const { profile } = await measuring.profiler.post("Profiler.stop");
      writeFileSync(measuring.profile, JSON.stringify(profile));
      measuring.profiler.disconnect();
    }
    process.send?.({ figures });
  }
}

/** Memory after everything that can be freed was: the figure that shows growth. */
function memory(): MemoryFigures {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapBytes: heapUsed, externalBytes: external, rssBytes: rss };
}
