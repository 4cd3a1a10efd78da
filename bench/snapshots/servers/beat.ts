// The beat of the targets that are no worlds: a fixed tick that does not drift, as a world keeps it.
import { systemClock } from "@sojourn/runtime";
import type { Measured } from "../../measured.ts";
import { TICK_MS } from "../workloads.ts";

export function everyTick(measured: Measured, tick: (n: number) => void): void {
  let n = 0;
  let dueMs = systemClock.monotonic() + TICK_MS;
  const run = (): void => {
    measured.beat();
    tick(n);
    n += 1;
    dueMs += TICK_MS;
    // What was missed is not made up for: nobody would be shown it.
    while (dueMs < systemClock.monotonic()) dueMs += TICK_MS;
    systemClock.schedule(dueMs, run);
  };
  systemClock.schedule(dueMs, run);
}
