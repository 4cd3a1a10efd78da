// Time enters the system here and nowhere else. Wall time is for dates that others read; everything that waits uses the monotonic clock.

export interface Clock {
  /** Wall time, milliseconds since 1970. May step when the machine's clock is set. */
  now(): number;
  /** Milliseconds that never step back, from an arbitrary start. */
  monotonic(): number;
  /** Runs once when `monotonic()` has reached `atMs` (or soon after); the returned function takes it back. */
  schedule(atMs: number, run: () => void): () => void;
}

/** setTimeout counts in signed 32 bits; a longer wait is cut into pieces of this length. */
const LONGEST_WAIT_MS = 0x7fff_ffff;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(atMs, run) {
    let timer: ReturnType<typeof setTimeout>;
    const arm = (): void => {
      const waitMs = atMs - performance.now();
      timer = waitMs > LONGEST_WAIT_MS ? setTimeout(arm, LONGEST_WAIT_MS) : setTimeout(run, Math.max(0, waitMs));
    };
    arm();
    return () => clearTimeout(timer);
  },
};
