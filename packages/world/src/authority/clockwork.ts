// Keeps the world's beat: a fixed tick that does not drift, makes up for a short stall and says so when it cannot for a long one.
import type { Clock, Log } from "@sojourn/runtime";
import { TICK_LIMITS } from "../limits.ts";

export interface Beat {
  readonly meanMs: number;
  readonly maxMs: number;
  readonly lateTicks: number;
}

const WINDOW = 200;

export class Clockwork {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #periodMs: number;
  readonly #tick: () => void;
  #dueMs: number;
  #cancel: (() => void) | undefined;
  #isStopped = false;
  readonly #took: number[] = [];
  #late = 0;
  #reportedMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, log: Log, tickHz: number, tick: () => void) {
    this.#clock = clock;
    this.#log = log;
    this.#periodMs = 1_000 / tickHz;
    this.#tick = tick;
    this.#dueMs = clock.monotonic() + this.#periodMs;
    this.#arm();
  }

  get beat(): Beat {
    const sum = this.#took.reduce((a, b) => a + b, 0);
    return { meanMs: this.#took.length === 0 ? 0 : sum / this.#took.length, maxMs: Math.max(0, ...this.#took), lateTicks: this.#late };
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  #arm(): void {
    if (!this.#isStopped) this.#cancel = this.#clock.schedule(this.#dueMs, () => this.#run());
  }

  #run(): void {
    // The first is the tick itself; the others are made up for.
    for (let made = 0; made <= TICK_LIMITS.catchUp && !this.#isStopped && this.#clock.monotonic() >= this.#dueMs; made++) {
      if (made > 0) this.#late += 1;
      this.#once();
      this.#dueMs += this.#periodMs;
    }
    const behindMs = this.#clock.monotonic() - this.#dueMs;
    if (behindMs > this.#periodMs && !this.#isStopped) {
      const lost = Math.floor(behindMs / this.#periodMs);
      this.#dueMs += lost * this.#periodMs;
      this.#late += lost;
      this.#report("ticks lost", { ticks: lost });
    }
    this.#arm();
  }

  #once(): void {
    const startedMs = this.#clock.monotonic();
    this.#tick();
    const tookMs = this.#clock.monotonic() - startedMs;
    this.#took.push(tookMs);
    if (this.#took.length > WINDOW) this.#took.shift();
    if (tookMs > this.#periodMs * TICK_LIMITS.slowShare) this.#report("slow tick", { tookMs: Math.round(tookMs * 10) / 10 });
  }

  #report(event: string, fields: { readonly [name: string]: number }): void {
    const nowMs = this.#clock.monotonic();
    if (nowMs - this.#reportedMs < TICK_LIMITS.slowReportMs) return;
    this.#reportedMs = nowMs;
    this.#log.warn(event, fields);
  }
}
