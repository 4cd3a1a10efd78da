// How long to wait before trying a world again: doubling from a quarter of a second to eight, spread so that a thousand travellers
// whose world came back do not all knock at once.
import { TIMES } from "../limits.ts";

/** The wait before attempt `failures` + 1, ms. `jitter` is a number from 0 to 1 by chance: it places the wait within its upper half. */
export function backoffMs(failures: number, jitter: number): number {
  const whole = Math.min(TIMES.retryMaxMs, TIMES.retryMinMs * 2 ** Math.min(Math.max(0, failures - 1), 16));
  return Math.round(whole / 2 + (whole / 2) * Math.min(1, Math.max(0, jitter)));
}
