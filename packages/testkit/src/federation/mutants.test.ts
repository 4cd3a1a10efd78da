// [X8] [X11] [X13] [X22] [X25] [X27]: a simulator that finds nothing proves nothing, so each of these rules is broken once and must be
// missed. `npm run mutants` also breaks those that only a longer run misses.
import { describe, expect, it } from "vitest";
import { hunt } from "./hunt.ts";
import { MUTANTS } from "./mutants.ts";

const BUDGET_MS = 60_000;
const TRANSFERS = 1_500;
/** Time must pass before anybody can notice. */
const SLOW = new Set([
  "refunds by time",
  "releases by time",
  "never closes",
  "never forgets",
  "never asks",
  "overrides by time alone",
  "overrides without a record of it",
  "throws away the word that came too late",
  "closes what nobody has answered",
  "lets an old process append",
  "admits past the passport's time",
  "goes on after a failed sync",
]);

describe("[X50] [X51] the simulator notices a world that", () => {
  const quick = Object.entries(MUTANTS).filter(([name]) => !SLOW.has(name));
  it.each(quick)("%s", { timeout: 120_000 }, (name, mutant) => {
    expect(hunt(name, mutant, BUDGET_MS, TRANSFERS)).toMatchObject({ isKilled: true });
  });

  it("breaks rules enough, each under a name of its own", () => {
    expect(Object.keys(MUTANTS).length).toBeGreaterThanOrEqual(20);
    for (const name of SLOW) expect(MUTANTS[name]).toBeDefined();
  });
});
