import { expect, test } from "vitest";
import { appendBadly } from "./appends.ts";

test("[N12] [N13] two writers at a bucket that answers badly: no epoch has two owners, no acknowledged record is lost", async () => {
  const outcome = await appendBadly(1_500, 7);
  expect(outcome).toMatchObject({ doubleOwners: 0, lostRecords: 0, wrong: [] });
  expect(outcome.acknowledged).toBeGreaterThan(700);
  expect(Object.keys(outcome.troubles).length).toBeGreaterThan(4);
  expect(outcome.takeovers).toBeGreaterThan(0);
});
