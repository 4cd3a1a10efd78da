// On a poor link, drawn as on a good one: nothing of one's own walk is ever corrected, others are drawn where they were and without a jump.
import { LINK_PRESETS, type LinkConditions, memoryKeyValue } from "@sojourn/runtime";
import { memoryStore } from "@sojourn/substrate";
import { type Entry, type Rehearsal, rehearse, type Seen, share, type TickingWorld } from "@sojourn/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { INTERPOLATION, PREDICTION } from "../limits.ts";
import { Visiting } from "../visiting.ts";

const { good } = LINK_PRESETS;
const HUNDRED = LINK_PRESETS["100ms"];
const JITTERY = { ...good, outMs: 100, inMs: 100, jitterMs: 30 };

const LINKS: readonly (readonly [string, LinkConditions])[] = [
  ["a good link", good],
  ["100 ms", HUNDRED],
  ["200 ms with jitter", LINK_PRESETS["200ms-jitter"]],
  ["200 ms with much jitter", JITTERY],
  ["100 ms with stalls of a second", LINK_PRESETS["1s-stalls"]],
  ["200 ms with jitter and stalls of a second", { ...JITTERY, stallMs: 1_000, stallEveryMs: 5_000 }],
  ["a narrow link", { ...HUNDRED, bytesPerSecond: 12_000 }],
];

/** Straight on, a stop, back, diagonally, a tap of a key, and where the last walk meets the wall of {@link furnished}, along it. */
const DEEDS: Rehearsal["deeds"] = [
  { atMs: 100, dx: 1, dy: 0 },
  { atMs: 6_000, dx: 0, dy: 0 },
  { atMs: 6_500, dx: -1, dy: 0 },
  { atMs: 9_000, dx: -0.7, dy: 0.7 },
  { atMs: 12_000, dx: 0, dy: -1 },
  { atMs: 14_000, dx: 0, dy: 0 },
  { atMs: 14_130, dx: 1, dy: 0 },
  { atMs: 14_210, dx: 0, dy: 0 },
  { atMs: 14_300, dx: 1, dy: 0.5 },
  { atMs: 19_000, dx: 0, dy: 0 },
];

/** One who goes in a circle, one to and fro, one who stands and goes by turns; and a wall on one's way. */
function furnished(world: TickingWorld, everyTicks = 1): void {
  const { x, y } = world.scripted.body;
  world.walker(x - 4, y - 6, (tick) => ({ dx: 127 * Math.cos(tick / 20), dy: 127 * Math.sin(tick / 20) }), everyTicks);
  world.walker(x, y + 6, (tick) => ({ dx: tick % 80 < 40 ? 127 : -127, dy: 0 }), everyTicks);
  world.walker(x + 5, y - 3, (tick) => (tick % 50 < 25 ? { dx: 0, dy: tick % 100 < 50 ? 127 : -127 } : { dx: 0, dy: 0 }), everyTicks);
  for (let i = 0; i < 24; i++) world.wall(x + 10 + i, y + 3);
}

function visit({ url, blocks, connect, clock }: Entry): Visiting {
  const unasked = { prefetch: false, swarm: false as const, card: async () => undefined };
  const tools = { storage: memoryKeyValue(), cache: memoryStore(), sources: () => [blocks], random: () => 0.5, ...unasked };
  return new Visiting({ base: url, link: url }, { name: "Ada", keys: undefined, connect, clock, ...tools });
}

function walk(conditions: LinkConditions, more: Partial<Rehearsal> = {}): Promise<Seen> {
  return rehearse({ enter: visit, conditions, seed: 5, deeds: DEEDS, lengthMs: 24_000, furnish: furnished, ...more });
}

/** At 5 units a second, a sixtieth of a second. */
const STEP = 5 / 60;

describe("a walk on a conditioned link", () => {
  test.each(LINKS)("%s: one's own walk is never corrected, others are where they were", async (_, conditions) => {
    const seen = await walk(conditions);
    expect(seen.visibleCorrections).toBe(0);
    expect(seen.largestCorrection).toBe(0);
    expect(seen.own).toEqual(seen.inWorld);
    expect(seen.ownJump).toBeLessThan(1.01 * STEP);
    expect(seen.ranBack).toBe(false);
    expect(share(seen.errors, 0.99)).toBeLessThan(0.05);
    expect(seen.othersJump).toBeLessThan((1 + INTERPOLATION.fasterMost) * STEP + 0.05);
  });

  test("along a wall, into its corner and off again", async () => {
    const furnish = (world: TickingWorld): void => {
      const { x, y } = world.scripted.body;
      for (let i = 0; i < 12; i++) world.wall(x + i, y + 1.5);
      for (let i = 0; i < 6; i++) world.wall(x + 9, y + 0.5 - i);
    };
    const deeds = [
      { atMs: 0, dx: 0.6, dy: 0.8 },
      { atMs: 4_000, dx: 1, dy: -0.2 },
      { atMs: 6_000, dx: -1, dy: 0.1 },
      { atMs: 8_000, dx: 0, dy: 0 },
    ];
    const seen = await walk(JITTERY, { deeds, furnish, lengthMs: 10_000 });
    expect(seen.largestCorrection).toBe(0);
    expect(seen.own).toEqual(seen.inWorld);
    // Half a body and half a wall from the wall's middle: it was there.
    expect(seen.southmost).toBeCloseTo(256 + 1.5 - 0.5 - 0.25, 2);
  });

  test.each([0.01, -0.01, 0.002])("a world whose clock runs off by %f is walked with all the same", async (drift) => {
    const seen = await walk(HUNDRED, { drift, lengthMs: 60_000, deeds: [{ atMs: 0, dx: 0, dy: 1 }, ...DEEDS.slice(-1)] });
    expect(seen.largestCorrection).toBe(0);
    expect(seen.dropped).toBe(0);
    expect(seen.own).toEqual(seen.inWorld);
    expect(share(seen.errors, 0.99)).toBeLessThan(0.05);
  });

  test("a world that slows down and recovers is walked and watched at its own pace", async () => {
    const paces = [1, 0.5, 0.25, 0.4, 0.8, 1];
    const seen = await walk(LINK_PRESETS["200ms-jitter"], { paceAt: (ms) => paces[Math.floor(ms / 4_000) % paces.length] ?? 1 });
    expect(seen.largestCorrection).toBe(0);
    expect(seen.dropped).toBe(0);
    expect(seen.own).toEqual(seen.inWorld);
    expect(seen.ranBack).toBe(false);
    expect(share(seen.errors, 0.99)).toBeLessThan(0.05);
    expect(seen.othersJump).toBeLessThan(2 * STEP);
  });

  test.each([2, 3, 4])("those told of every %i ticks are drawn as evenly, somewhat later", async (everyTicks) => {
    const seen = await walk(LINK_PRESETS["200ms-jitter"], { furnish: (world) => furnished(world, everyTicks) });
    expect(seen.othersJump).toBeLessThan(2 * STEP);
    // Later by the ticks they are told apart, along the way they walk.
    expect(share(seen.errors, 0.99)).toBeLessThan((everyTicks - 1) * (5 / 20) + 0.2);
  });

  test("one who sets out while the link is held up is shown setting out when it is over, without a jump", async () => {
    const stalled = { ...HUNDRED, stallMs: 1_000, stallEveryMs: 3_000 };
    const furnish = (world: TickingWorld): void => {
      const { x, y } = world.scripted.body;
      world.walker(x, y, (tick) => (Math.floor(tick / 33) % 2 === 0 ? { dx: 0, dy: 0 } : { dx: tick % 132 < 66 ? 127 : -127, dy: 0 }));
    };
    const seen = await walk(stalled, { deeds: [], furnish, lengthMs: 60_000 });
    expect(seen.othersJump).toBeLessThan(0.7);
    expect(seen.ranBack).toBe(false);
  });

  test("a stall too long to be walked in full corrects once, and then both agree", async () => {
    const conditions = { ...HUNDRED, stallMs: 3_000, stallEveryMs: 20_000 };
    const seen = await walk(conditions, {
      lengthMs: 30_000,
      deeds: [
        { atMs: 0, dx: 1, dy: 0 },
        { atMs: 26_000, dx: 0, dy: 0 },
      ],
    });
    expect(seen.dropped).toBeGreaterThan(0);
    expect(seen.visibleCorrections).toBeGreaterThan(0);
    expect(seen.own).toEqual(seen.inWorld);
  });

  test("property: whatever the link does short of that, no correction, no way back in time, and one rest place for both", async () => {
    const conditions = fc.record({
      outMs: fc.integer({ min: 0, max: 150 }),
      inMs: fc.integer({ min: 0, max: 150 }),
      jitterMs: fc.integer({ min: 0, max: 60 }),
      stallMs: fc.integer({ min: 0, max: 1_400 }),
      stallEveryMs: fc.integer({ min: 2_500, max: 6_000 }),
      bytesPerSecond: fc.constantFrom(0, 20_000),
    });
    const deed = fc.record({
      atMs: fc.integer({ min: 0, max: 5_000 }),
      dx: fc.double({ min: -1, max: 1, noNaN: true }),
      dy: fc.double({ min: -1, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(conditions, fc.array(deed, { maxLength: 8 }), fc.integer({ min: 1, max: 1_000 }), async (link, chosen, seed) => {
        const deeds = [...chosen.sort((a, b) => a.atMs - b.atMs), { atMs: 5_001, dx: 0, dy: 0 }];
        const seen = await walk(link, { deeds, seed, lengthMs: 9_000 });
        expect(seen.largestCorrection).toBeLessThan(PREDICTION.visibleUnits);
        expect(seen.own).toEqual(seen.inWorld);
        expect(seen.ranBack).toBe(false);
      }),
      { numRuns: 25 },
    );
  });
});
