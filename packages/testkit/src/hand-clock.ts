// A clock that stands still until it is moved, for tests.
import type { Clock } from "@sojourn/runtime";

export interface HandClock extends Clock {
  /** Moves on to this moment, running what falls due at its own time on the way. */
  moveTo(ms: number): void;
  /** How much is scheduled. */
  readonly waiting: number;
}

export function handClock(): HandClock {
  let nowMs = 0;
  let entries: { atMs: number; run: () => void }[] = [];
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    schedule(atMs, run) {
      const entry = { atMs, run };
      entries.push(entry);
      return () => {
        entries = entries.filter((other) => other !== entry);
      };
    },
    moveTo(ms) {
      for (;;) {
        const due = entries.filter((entry) => entry.atMs <= ms).sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined) break;
        entries = entries.filter((entry) => entry !== due);
        nowMs = Math.max(nowMs, due.atMs);
        due.run();
      }
      nowMs = Math.max(nowMs, ms);
    },
    get waiting() {
      return entries.length;
    },
  };
}
