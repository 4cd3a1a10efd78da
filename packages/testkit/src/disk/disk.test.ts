// A short run of what `npm run disk` does at length.
import { expect, it } from "vitest";
import { failEveryCall } from "./faults.ts";
import { flipEveryByte } from "./flips.ts";
import { losePower } from "./power-loss.ts";

it("a journal recovers whole from whatever a power loss leaves", () => {
  expect(losePower({ states: 500, seed: 5 })).toMatchObject({ invalid: 0, wrong: [] });
});

it("the same on a disk that lies about its syncs is found out", () => {
  expect(losePower({ states: 600, seed: 5, isLying: true }).invalid).toBeGreaterThan(10);
});

it("a changed byte is noticed, wherever it is", () => {
  const { bytes, detected, missed } = flipEveryByte(5, 53);
  expect(missed).toEqual([]);
  expect(bytes).toBeGreaterThan(1_200);
  expect(detected).toBe(bytes);
});

it("a call to the disk that fails ends the journal or costs nothing", () => {
  const outcome = failEveryCall(5, 5);
  expect(outcome).toMatchObject({ saidAfterFailure: 0, wrong: [] });
  expect(outcome.indexes).toBeGreaterThan(150);
});
