// Waiting in tests: for a condition, never for a time. What was waited for is said when it does not come.
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_MS = 15;

/** Resolves with what `look` finds; throws with `what` and the last thing seen when it finds nothing in time. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 30_000,
): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(LOOK_MS);
  }
}
