// [X8] [X11] [X13] [X22] [X25] [X27]: a simulator that finds nothing proves nothing, so each of these rules is broken once and must be missed.
import { describe, expect, it } from "vitest";
import { MUTANTS } from "./mutants.ts";
import { runFederation } from "./run.ts";

const SEEDS = [1, 2, 3, 4];
const TRANSFERS = 1_500;

describe("[X50] [X51] the simulator notices a world that", () => {
  it.each(Object.entries(MUTANTS))("%s", { timeout: 120_000 }, (_name, machines) => {
    let failure: string | undefined;
    for (const seed of SEEDS) failure ??= runFederation({ seed, transfers: TRANSFERS, machines }).failure;
    expect(failure).toMatch(/I\d+: |custody: /);
  });
});
