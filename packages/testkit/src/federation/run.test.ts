// The federation's smoke: the real machines under faults, with and without real signatures.
import { keysFromSecret } from "@sojourn/passport";
import { nodeNotary } from "@sojourn/passport/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toyId } from "./federation.ts";
import { MUTANTS } from "./mutants.ts";
import { seededRandom } from "./random.ts";
import { planRun, runFederation } from "./run.ts";
import { Schedule } from "./schedule.ts";
import { inFull, planShards, runShards, sumUp } from "./shards.ts";
import { invariantOf, replayOf, shrink } from "./shrink.ts";

describe("the federation simulator", () => {
  it("loses and doubles nothing and resolves everything [X12] [X13]", { timeout: 120_000 }, () => {
    const outcome = runFederation(planRun(11, 1_000));
    expect(outcome.failure).toBeUndefined();
    expect(outcome).toMatchObject({ lost: 0, duplicated: 0, unresolved: 0 });
    expect(outcome.transfers).toBeGreaterThanOrEqual(1_000);
    expect(outcome.admissions).toBeGreaterThan(500);
  });

  it("gives the same trace for the same seed, and another for another (I14)", { timeout: 60_000 }, () => {
    const hashes = [5, 5, 6].map((seed) => runFederation(planRun(seed, 100)).traceHash);
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[0]).not.toBe(hashes[2]);
  });

  it("gives the same outcome on one thread and on several", { timeout: 60_000 }, async () => {
    const plans = planShards(7, 200).concat(planRun(7, 100, { shard: 1 }));
    const [one, two] = [await runShards(plans, 1), await runShards(plans, 2)];
    expect(sumUp(7, two)).toEqual(sumUp(7, one));
    expect(sumUp(7, one)).toMatchObject({ shards: 2, violations: 0 });
  });

  it("makes at least as many transfers as were asked for", { timeout: 60_000 }, async () => {
    const few = await runShards(planShards(7, 100), 1);
    const all = inFull(few, 7, 300);
    expect(all.length).toBeGreaterThan(few.length);
    expect(new Set(all.map(({ plan }) => plan.shard)).size).toBe(all.length);
    expect(sumUp(7, all).transfers).toBeGreaterThanOrEqual(300);
  });

  it("plans a million so that every kind of fault can come as often as it must, a lost memory too", () => {
    const lapses = planShards(1, 1_000_000).filter(({ without }) => without.includes("rogue"));
    expect(lapses.length).toBeGreaterThanOrEqual(100);
    expect(new Set(planShards(1, 1_000_000).map(({ shard }) => shard)).size).toBe(planShards(1, 1_000_000).length);
  });

  it("ends worlds at every boundary of a crossing", { timeout: 60_000 }, () => {
    const { faults } = runFederation(planRun(2, 3_000));
    expect(Math.min(...faults.origin, ...faults.destination)).toBeGreaterThan(0);
    expect(faults.pairs.reduce((sum, n) => sum + n)).toBeGreaterThan(50);
  });

  it("finds a smaller run that fails in the same way, and says how to see it", { timeout: 60_000 }, () => {
    const { machines } = MUTANTS["keeps items live that left"]!;
    const failed = runFederation(planRun(1, 200), { machines });
    const least = shrink(failed, 3_000, { machines });
    expect(invariantOf(least.failure ?? "")).toBe(invariantOf(failed.failure ?? ""));
    expect(least.plan.travellers).toBeLessThan(failed.plan.travellers);
    expect(least.plan.without.length).toBeGreaterThan(0);
    expect(replayOf(least)).toMatch(/^npm run -s sim -- --seed 1 --shard 0 .* --until \d+ --trace$/);
    const seen: string[] = [];
    const again = runFederation({ ...least.plan, until: least.steps + 1 }, { machines, tell: (line) => seen.push(line) });
    expect(again.failure?.split("\n")[0]).toBe(least.failure?.split("\n")[0]);
    expect(seen.length).toBe(least.steps);
  });

  it("also holds with real keys and signatures", { timeout: 120_000 }, async () => {
    const secrets = [1, 2, 3, 4].map((n) => new Uint8Array(32).fill(n));
    const notaries = secrets.map((secret) => nodeNotary(secret));
    const notaryOf = (world: string, index: number, key: number) =>
      key === 0 ? notaries[index]! : nodeNotary(new Uint8Array(32).fill(index).fill(key % 251, 0, 8), world);
    const travellerIds = Array.from({ length: 40 }, (_, i) => keysFromSecret(new Uint8Array(32).fill(100 + i)).id);
    const outcome = runFederation(planRun(3, 150), {
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
