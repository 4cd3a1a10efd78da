// Long work in the thread that ticks. Law: it is cut into pieces that end by the clock, and ticks and links have their turn between two of them.
import { HEARTBEAT_LIMITS } from "../limits.ts";

/** Waited for after every small piece of work; goes on at once while the slice has time left. */
export type Rest = () => Promise<void>;

export function givingWay(sliceMs: number = HEARTBEAT_LIMITS.sliceMs, now: () => number = () => performance.now()): Rest {
  let sinceMs = now();
  return async () => {
    if (now() - sinceMs < sliceMs) return;
    // Timers and sockets come before the next immediate.
    await new Promise<void>((resolve) => void setImmediate(resolve));
    sinceMs = now();
  };
}
