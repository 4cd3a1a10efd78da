import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { lookAgain } from "./look-again.ts";

it("looks once at a time, tells a problem once, tells it again after it was gone, and stops", async () => {
  const outcomes = ["", "broken", "broken", "worse", "", "worse"];
  const told: string[] = [];
  let looks = 0;
  let under = 0;
  const stop = lookAgain(
    2,
    async () => {
      under += 1;
      expect(under).toBe(1);
      await sleep(5);
      under -= 1;
      const problem = outcomes[looks++] ?? "";
      if (problem !== "") throw new Error(problem);
    },
    (problem) => told.push(problem),
  );
  await expect.poll(() => looks, { timeout: 5_000 }).toBeGreaterThanOrEqual(outcomes.length);
  stop();
  expect(told).toEqual(["broken", "worse", "worse"]);
  await sleep(20);
  const after = looks;
  await sleep(30);
  expect(looks).toBe(after);
});
