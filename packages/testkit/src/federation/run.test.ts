// The federation's smoke: the real machines under faults, with and without real signatures.
import { keysFromSecret } from "@sojourn/passport";
import { nodeNotary } from "@sojourn/passport/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toyId } from "./federation.ts";
import { seededRandom } from "./random.ts";
import { runFederation } from "./run.ts";
import { Schedule } from "./schedule.ts";

describe("the federation simulator", () => {
  it("loses and doubles nothing and resolves everything [X12] [X13]", { timeout: 120_000 }, () => {
    const outcome = runFederation({ seed: 11, transfers: 1_000 });
    expect(outcome.failure).toBeUndefined();
    expect(outcome).toMatchObject({ lost: 0, duplicated: 0, unresolved: 0, violations: 0 });
    expect(outcome.transfers).toBeGreaterThanOrEqual(1_000);
    expect(outcome.admissions).toBeGreaterThan(500);
  });

  it("gives the same trace for the same seed, and another for another (I14)", { timeout: 60_000 }, () => {
    const hashes = [5, 5, 6].map((seed) => runFederation({ seed, transfers: 100 }).traceHash);
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[0]).not.toBe(hashes[2]);
  });

  it("also holds with real keys and signatures", { timeout: 120_000 }, async () => {
    const secrets = [1, 2, 3, 4].map((n) => new Uint8Array(32).fill(n));
    const notaries = secrets.map((secret) => nodeNotary(secret));
    const notaryOf = (_world: string, index: number) => notaries[index]!;
    const travellerIds = Array.from({ length: 40 }, (_, i) => keysFromSecret(new Uint8Array(32).fill(100 + i)).id);
    const outcome = runFederation({
      seed: 3,
      transfers: 150,
      notaries: { worldIds: notaries.map(({ world }) => world), travellerIds, notaryOf },
    });
    expect(outcome.failure).toBeUndefined();
    expect(outcome).toMatchObject({ lost: 0, duplicated: 0, unresolved: 0 });
  });

  it("makes ids of the right form", () => {
    expect(toyId("T", 30)).toMatch(/^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/);
    expect(new Set(Array.from({ length: 500 }, (_, i) => toyId("T", i))).size).toBe(500);
  });
});

describe("simulated time and chance", () => {
  it("runs events in order of time, ties in order of planning", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 100 }), (delays) => {
        const schedule = new Schedule();
        const seen: number[] = [];
        for (const [i, delayMs] of delays.entries()) schedule.after(delayMs, () => seen.push(schedule.nowMs * 1_000 + i));
        while (schedule.step());
        expect(seen).toEqual(delays.map((delayMs, i) => delayMs * 1_000 + i).sort((a, b) => a - b));
      }),
    );
  });

  it("draws the same from the same seed", () => {
    const draws = (seed: number) =>
      Array.from(
        { length: 50 },
        (
          (random) => () =>
            random.between(3, 9)
        )(seededRandom(seed)),
      );
    expect(draws(7)).toEqual(draws(7));
    expect(new Set(draws(7))).toEqual(new Set([3, 4, 5, 6, 7, 8, 9]));
  });
});
