// A short run of what `npm run kill` does at length: real worlds and travellers under kill -9, judged from outside.
import { expect, test } from "vitest";
import { runKills } from "../src/kill/run.ts";

test("worlds and travellers are killed and started again: nobody and nothing is lost or doubled", async () => {
  const outcome = await runKills({ runs: 5, seed: 7, say: () => {} });
  expect(outcome.violations).toEqual([]);
  expect(outcome).toMatchObject({ runs: 5, lost: 0, duplicated: 0, unresolved: 0, travellers: 8 });
  expect(outcome.kills).toBeGreaterThanOrEqual(5);
  expect(outcome.confirmedTransfers).toBeGreaterThan(0);
});
