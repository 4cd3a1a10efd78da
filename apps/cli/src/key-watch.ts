// Takes keys changed by `sojourn key`, and heirs named by `sojourn heirs`, into a running world.
import { lookAgain } from "@sojourn/runtime";
import type { RunningWorld } from "@sojourn/world";

/** How often a running world looks whether its operator changed its keys. */
const LOOK_MS = 500;

/** @returns stops looking. */
export function followKeys(world: RunningWorld, report: (problem: string) => void): () => void {
  return lookAgain(LOOK_MS, async () => void (await world.renewKeys()), report);
}

/** @returns stops looking. */
export function followHeirs(world: RunningWorld, report: (problem: string) => void): () => void {
  return lookAgain(LOOK_MS, async () => void (await world.renewHeirs()), report);
}
