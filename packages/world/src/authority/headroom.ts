// Whether there is time for one more traveller: measured, not guessed. Newcomers wait first, new offers of crossings second, and whoever
// has an offer is let in. Pure.
import { type Fault, fault } from "@sojourn/protocol";
import { HEADROOM_LIMITS } from "../limits.ts";

/** A window of the world's time, as the clockwork measured it. */
export interface Strain {
  /** Shares of the window: the process was busy; it was in ticks. */
  readonly load: number;
  readonly tickShare: number;
  /** Ticks a second as a share of the nominal. */
  readonly pace: number;
}

export class Headroom {
  #newcomersFull = 0;
  #offersFull = 0;

  /** Takes in a window. True when newcomers are let in now and were not before, or the other way round. */
  hear({ load, tickShare, pace }: Strain): boolean {
    const before = this.takesNewcomers;
    const isOurs = tickShare >= HEADROOM_LIMITS.tickShare;
    const isPast = (bound: number): boolean => pace < 1 || (isOurs && load >= bound);
    this.#newcomersFull = isPast(HEADROOM_LIMITS.newcomers) ? this.#newcomersFull + 1 : 0;
    this.#offersFull = isPast(HEADROOM_LIMITS.offers) ? this.#offersFull + 1 : 0;
    return this.takesNewcomers !== before;
  }

  /** Whether one who is not in the world yet may begin or come back. */
  get takesNewcomers(): boolean {
    return this.#newcomersFull < HEADROOM_LIMITS.windows;
  }

  /** Whether another world may be promised a place. */
  get takesOffers(): boolean {
    return this.#offersFull < HEADROOM_LIMITS.windows;
  }
}

export function tooBusy(world: string): Fault {
  return fault("busy", "world", `${world} has as much to do as it can; there may be room again soon.`, HEADROOM_LIMITS.retryMs);
}
