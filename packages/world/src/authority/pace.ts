// How fast the world's time goes. A stall is made up for or let go; ticks that cost more than there is time for slow the world down
// evenly, and everybody is told, so that their steps and pictures slow down alike. Pure.
import { PACE_PARTS } from "@sojourn/protocol";
import { TICK_LIMITS } from "../limits.ts";

/** What a window of ticks was like. */
export interface Window {
  readonly lengthMs: number;
  readonly ticks: number;
  /** Ticks whose time passed without them. */
  readonly lost: number;
  /** Share of the window in which the process was busy, 0 to 1. */
  readonly load: number;
}

export class Pace {
  /** Ticks a second as a share of the nominal, a whole number of 1/PACE_PARTS. */
  share = 1;
  readonly #tickHz: number;
  #strained = 0;

  constructor(tickHz: number) {
    this.#tickHz = tickHz;
  }

  /** Takes in one window; true when the pace is another one now. */
  judge({ lengthMs, ticks, lost, load }: Window): boolean {
    this.#strained = lost > 0 ? this.#strained + 1 : 0;
    const before = this.share;
    if (this.#strained >= TICK_LIMITS.strainedWindows) {
      const reached = ticks / ((lengthMs / 1_000) * this.#tickHz);
      const wanted = Math.max(Math.min(before, reached) * TICK_LIMITS.paceMargin, before * TICK_LIMITS.paceFall);
      this.share = whole(Math.max(TICK_LIMITS.paceLeast, wanted));
      this.#strained = 0;
    } else if (lost === 0 && before < 1 && load < TICK_LIMITS.fullShare) {
      const rise = Math.min(TICK_LIMITS.paceRise, TICK_LIMITS.fullShare / Math.max(load, 0.01));
      this.share = Math.min(1, Math.max(whole(before * rise), before + 1 / PACE_PARTS));
    }
    return this.share !== before;
  }
}

function whole(share: number): number {
  return Math.round(share * PACE_PARTS) / PACE_PARTS;
}
