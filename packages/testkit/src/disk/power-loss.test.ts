import { expect, it } from "vitest";
import { losePower } from "./power-loss.ts";

it("a journal recovers whole from whatever a power loss leaves", () => {
  expect(losePower({ states: 600, seed: 5 })).toMatchObject({ invalid: 0, wrong: [] });
});

it("the same on a disk that lies about its syncs is found out", () => {
  expect(losePower({ states: 300, seed: 5, isLying: true }).invalid).toBeGreaterThan(10);
});
