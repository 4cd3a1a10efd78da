// Milliseconds between two ticks of a world, as its own code sees them: a tick that comes late is late for whatever reason. Beside each gap stands
// how long the thread was at work in it: a late tick in whose gap it hardly worked is the machine's doing and not the world's.
import { constants, PerformanceObserver } from "node:perf_hooks";
import process from "node:process";

export interface Gaps {
  readonly ticks: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Of the latest: their gap, and the work in it. */
  readonly latest: readonly (readonly [number, number])[];
}

export interface Gap {
  readonly ms: number;
  readonly workMs: number;
}

const LATEST = 4;

export class Beats {
  #before: number | undefined;
  #workBefore = 0;
  #gaps: Gap[] = [];
  /** The longest pause in which the whole memory was looked over, since it was last asked for, milliseconds. */
  #longestPauseMs = 0;

  constructor() {
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { kind } = (entry as { readonly detail?: { readonly kind?: number } }).detail ?? {};
        if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) this.#longestPauseMs = Math.max(this.#longestPauseMs, entry.duration);
      }
    });
    observer.observe({ entryTypes: ["gc"] });
  }

  longestPauseMs(): number {
    const longest = this.#longestPauseMs;
    this.#longestPauseMs = 0;
    return tenth(longest);
  }

  tick(): void {
    const now = performance.now();
    const { user, system } = process.threadCpuUsage();
    const work = (user + system) / 1_000;
    if (this.#before !== undefined) this.#gaps.push({ ms: now - this.#before, workMs: work - this.#workBefore });
    this.#before = now;
    this.#workBefore = work;
  }

  /** What came since the last call, in order. */
  taken(): readonly Gap[] {
    const gaps = this.#gaps;
    this.#gaps = [];
    return gaps;
  }

  /** The world closes: what lies between its ticks and those of the next one is no gap. */
  pause(): void {
    this.#before = undefined;
    this.#gaps = [];
  }
}

export function gapsOf(list: readonly Gap[]): Gaps {
  const gaps = [...list].sort((a, b) => a.ms - b.ms);
  const at = (share: number): number => tenth(gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))]?.ms ?? 0);
  const latest = gaps.slice(-LATEST).map(({ ms, workMs }) => [tenth(ms), tenth(workMs)] as const);
  return { ticks: gaps.length, p50: at(0.5), p99: at(0.99), max: at(1), latest };
}

export function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
