// Keeps the world's beat: a fixed tick that does not drift, makes up for a short stall, lets a long one go, and slows down, evenly and
// announced, when ticks cost more than there is time for.
import type { Clock, Log } from "@sojourn/runtime";
import { TICK_LIMITS } from "../limits.ts";
import type { Strain } from "./headroom.ts";
import { Pace } from "./pace.ts";

export interface Beat extends Strain {
  readonly meanMs: number;
  readonly maxMs: number;
  readonly lateTicks: number;
}

export const RESTING: Beat = { meanMs: 0, maxMs: 0, lateTicks: 0, load: 0, tickShare: 0, pace: 1 };

export interface ClockworkParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly tickHz: number;
  readonly tick: () => void;
  /** Share of the time since the last call in which the process was busy; without it only ticks are counted. */
  readonly load?: () => number;
  /** Told at the end of each window. */
  readonly onWindow?: (strain: Strain) => void;
}

const WINDOW = 200;

export class Clockwork {
  readonly #parts: ClockworkParts;
  readonly #pace: Pace;
  readonly #took = new Float64Array(WINDOW);
  #ticks = 0;
  #dueMs: number;
  #cancel: (() => void) | undefined;
  #isStopped = false;
  #late = 0;
  #reportedMs = Number.NEGATIVE_INFINITY;
  // The window under way.
  #sinceMs: number;
  #run = 0;
  #lost = 0;
  #tookMs = 0;
  #strain: Strain = RESTING;

  constructor(parts: ClockworkParts) {
    this.#parts = parts;
    this.#pace = new Pace(parts.tickHz);
    this.#sinceMs = parts.clock.monotonic();
    this.#dueMs = this.#sinceMs + this.#periodMs;
    parts.load?.();
    this.#arm();
  }

  get beat(): Beat {
    const took = this.#took.subarray(0, Math.min(this.#ticks, WINDOW));
    const sum = took.reduce((a, b) => a + b, 0);
    return { ...this.#strain, meanMs: took.length === 0 ? 0 : sum / took.length, maxMs: Math.max(0, ...took), lateTicks: this.#late };
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  get #periodMs(): number {
    return 1_000 / (this.#parts.tickHz * this.#pace.share);
  }

  #arm(): void {
    if (!this.#isStopped) this.#cancel = this.#parts.clock.schedule(this.#dueMs, () => this.#beat());
  }

  #beat(): void {
    const { clock } = this.#parts;
    // The first is the tick itself; the others are made up for.
    for (let made = 0; made <= TICK_LIMITS.catchUp && !this.#isStopped && clock.monotonic() >= this.#dueMs; made++) {
      if (made > 0) this.#late += 1;
      this.#once();
      this.#dueMs += this.#periodMs;
    }
    const behindMs = clock.monotonic() - this.#dueMs;
    if (behindMs > this.#periodMs && !this.#isStopped) {
      const lost = Math.floor(behindMs / this.#periodMs);
      this.#dueMs += lost * this.#periodMs;
      this.#late += lost;
      this.#lost += lost;
      this.#report("ticks lost", { ticks: lost });
    }
    if (clock.monotonic() - this.#sinceMs >= TICK_LIMITS.windowMs && !this.#isStopped) this.#endWindow();
    this.#arm();
  }

  #once(): void {
    const { clock, tick } = this.#parts;
    const startedMs = clock.monotonic();
    tick();
    const tookMs = clock.monotonic() - startedMs;
    this.#took[this.#ticks % WINDOW] = tookMs;
    this.#ticks += 1;
    this.#run += 1;
    this.#tookMs += tookMs;
    if (tookMs > this.#periodMs * TICK_LIMITS.slowShare) this.#report("slow tick", { tookMs: Math.round(tookMs * 10) / 10 });
  }

  #endWindow(): void {
    const nowMs = this.#parts.clock.monotonic();
    const lengthMs = nowMs - this.#sinceMs;
    const tickShare = Math.min(1, this.#tookMs / lengthMs);
    const load = Math.max(tickShare, this.#parts.load?.() ?? 0);
    const before = this.#pace.share;
    if (this.#pace.judge({ lengthMs, ticks: this.#run, lost: this.#lost, load })) {
      const tickMs = Math.round((this.#tookMs / Math.max(1, this.#run)) * 10) / 10;
      if (this.#pace.share < before) this.#parts.log.warn("time dilated", { pace: this.#pace.share, tickMs });
      else if (this.#pace.share === 1) this.#parts.log.info("time restored", { tickMs });
      this.#dueMs = Math.max(this.#dueMs, nowMs);
    }
    this.#strain = { load, tickShare, pace: this.#pace.share };
    this.#sinceMs = nowMs;
    this.#run = 0;
    this.#lost = 0;
    this.#tookMs = 0;
    this.#parts.onWindow?.(this.#strain);
  }

  #report(event: string, fields: { readonly [name: string]: number }): void {
    const nowMs = this.#parts.clock.monotonic();
    if (nowMs - this.#reportedMs < TICK_LIMITS.slowReportMs) return;
    this.#reportedMs = nowMs;
    this.#parts.log.warn(event, fields);
  }
}
