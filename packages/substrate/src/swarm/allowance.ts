// What a traveller gives away: so many bytes a second, and so many in one visit. Pure.
import { PEERS } from "../limits.ts";

export interface GiveLimits {
  /** Bytes a second; 0: nothing is given. */
  readonly rate: number;
  /** Bytes in all. */
  readonly total: number;
}

export const GIVE_DEFAULTS: GiveLimits = { rate: PEERS.giveRate, total: PEERS.giveTotal };

export class Allowance {
  limits: GiveLimits;
  /** Bytes given so far. */
  spent = 0;
  #tokens: number = PEERS.giveBurst;
  #atMs: number;

  constructor(limits: GiveLimits, nowMs: number) {
    this.limits = limits;
    this.#atMs = nowMs;
  }

  /** Whether one more block may be promised while so many bytes wait. */
  mayPromise(waitingBytes: number, nowMs: number): boolean {
    const { rate, total } = this.limits;
    if (rate <= 0 || this.spent + waitingBytes >= total) return false;
    this.#refill(nowMs);
    return waitingBytes - this.#tokens <= (rate * PEERS.giveWaitMs) / 1_000;
  }

  /** Takes room for a piece; otherwise how long to wait, ms. */
  take(bytes: number, nowMs: number): number {
    this.#refill(nowMs);
    const { rate } = this.limits;
    if (rate <= 0) return Infinity;
    // A promised piece goes out as soon as there is anything, and is paid for afterwards.
    if (this.#tokens <= 0) return Math.max(1, Math.ceil((-this.#tokens * 1_000) / rate) + 1);
    this.#tokens -= bytes;
    this.spent += bytes;
    return 0;
  }

  #refill(nowMs: number): void {
    const burst = Math.min(PEERS.giveBurst, this.limits.rate * 4);
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, nowMs - this.#atMs) * this.limits.rate) / 1_000);
    this.#atMs = nowMs;
  }
}
