// Takes keys changed by `sojourn key` into a running world.
import type { RunningWorld } from "@sojourn/world";

/** How often a running world looks whether its operator changed its keys. */
const LOOK_MS = 500;

/** @returns stops looking. */
export function followKeys(world: RunningWorld, report: (problem: string) => void): () => void {
  let isLooking = false;
  let lastProblem = "";
  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    try {
      await world.renewKeys();
      lastProblem = "";
    } catch (problem) {
      const words = problem instanceof Error ? problem.message : String(problem);
      if (words !== lastProblem) report(words);
      lastProblem = words;
    } finally {
      isLooking = false;
    }
  }, LOOK_MS);
  return () => clearInterval(timer);
}
