// The shown moment runs forwards at the world's pace, close behind it, whatever the network does in between.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { INTERPOLATION } from "../limits.ts";
import { Playback } from "./playback.ts";

const HZ = 20;
const TICK_MS = 1000 / HZ;

/** Plays `count` ticks that each arrive `delayOf(i)` late (in order, as links are), drawing every 16 ms; gives the drawn ticks. */
function play(
  playback: Playback,
  count: number,
  delayOf: (i: number) => number,
  { tickMs = TICK_MS, pace = 1, isAwaited = false }: { tickMs?: number; pace?: number; isAwaited?: boolean } = {},
): { at: number; shown: number; real: number }[] {
  const arrivals: number[] = [];
  for (let i = 0; i < count; i++) arrivals.push(Math.max(arrivals.at(-1) ?? 0, 1000 + i * tickMs + delayOf(i)));
  const drawn: { at: number; shown: number; real: number }[] = [];
  let next = 0;
  for (let at = 1000 + delayOf(0); at < 1000 + count * tickMs; at += 16) {
    while (next < count && (arrivals[next] as number) <= at) {
      playback.heard(500 + next, arrivals[next] as number, pace);
      next++;
    }
    drawn.push({ at, shown: playback.at(at, isAwaited), real: 500 + (at - 1000) / tickMs });
  }
  return drawn;
}

describe("playback", () => {
  test("on a steady link others are shown the least delay behind", () => {
    const playback = new Playback(HZ);
    const drawn = play(playback, 200, () => 40);
    for (const { shown, real } of drawn.slice(120)) expect(real - shown).toBeCloseTo(40 / TICK_MS + INTERPOLATION.minTicks, 1);
  });

  test("jitter widens the delay until the next tick is nearly always there, and calm narrows it again", () => {
    const playback = new Playback(HZ);
    let chance = 12345;
    const jitter = (): number => {
      chance = (chance * 1_103_515_245 + 12_345) % 2 ** 31;
      return (chance / 2 ** 31) * 120;
    };
    const noisy = play(playback, 400, jitter);
    expect(playback.delayTicks).toBeGreaterThan(INTERPOLATION.minTicks + 1);
    expect(noisy.length).toBeGreaterThan(100);
    const calm = new Playback(HZ);
    play(calm, 100, (i) => (i < 20 ? jitter() : 0));
    expect(calm.delayTicks).toBeLessThan(INTERPOLATION.minTicks + 1);
  });

  test("a world that says it runs at half its pace is followed as closely as one at full pace", () => {
    const playback = new Playback(HZ);
    const drawn = play(playback, 300, () => 40, { tickMs: TICK_MS * 2, pace: 0.5 });
    for (const { shown, real } of drawn.slice(60)) expect(real - shown).toBeCloseTo(40 / (TICK_MS * 2) + INTERPOLATION.minTicks, 1);
  });

  test("a pace that changes on the way bends nothing", () => {
    const playback = new Playback(HZ);
    let before = Number.NaN;
    let heardMs = 0;
    let tick = 0;
    for (let at = 0; at < 20_000; at += 10) {
      const pace = at < 8_000 ? 1 : 0.4;
      if (at >= heardMs) {
        playback.heard(tick, at, pace);
        tick += 1;
        heardMs += TICK_MS / pace;
      }
      const shown = playback.at(at);
      if (at > 2_000) expect((shown - before) / (10 / TICK_MS)).toBeGreaterThan(0.39);
      if (at > 9_000) expect((shown - before) / (10 / TICK_MS)).toBeLessThan(0.8);
      before = shown;
    }
  });

  test("a world that slows down without a word is never shown further ahead than one may guess, while something walks", () => {
    const playback = new Playback(HZ);
    const drawn = play(playback, 300, () => 0, { tickMs: TICK_MS * 2, isAwaited: true });
    for (const { shown, real } of drawn.slice(-100)) expect(shown).toBeLessThan(real + INTERPOLATION.extrapolateTicks + 1e-6);
    expect(drawn.at(-1)?.shown).toBeGreaterThan((drawn.at(-1)?.real ?? 0) - INTERPOLATION.maxTicks - 2);
  });

  test("a stall holds the shown moment at the end of what is known; after it all of it is played, faster, and the delay stays small", () => {
    const playback = new Playback(HZ);
    const stalled = (i: number): number => (i >= 100 && i < 120 ? (120 - i) * TICK_MS : 0);
    const drawn = play(playback, 300, stalled, { isAwaited: true });
    const during = drawn.filter(({ real }) => real > 604 && real < 619);
    for (const { shown } of during) expect(shown).toBeLessThanOrEqual(599 + INTERPOLATION.extrapolateTicks);
    drawn.forEach(({ shown }, i) => {
      const most = (16 / TICK_MS) * (1 + INTERPOLATION.fasterMost);
      if (i > 0) expect(shown - (drawn[i - 1]?.shown ?? 0)).toBeLessThanOrEqual(most + 1e-9);
    });
    for (const { shown, real } of drawn.filter((one) => one.real > 660)) expect(real - shown).toBeLessThan(INTERPOLATION.minTicks + 0.6);
  });

  test("property: with any delays and stalls the shown tick never runs backwards and never far ahead of what was heard", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 5, maxLength: 120 }), fc.boolean(), (delays, isAwaited) => {
        const playback = new Playback(HZ);
        let before = Number.NEGATIVE_INFINITY;
        for (const { shown, real } of play(playback, delays.length, (i) => delays[i] as number, { isAwaited })) {
          expect(shown).toBeGreaterThanOrEqual(before);
          expect(shown).toBeLessThanOrEqual(real + 1e-6);
          before = shown;
        }
      }),
      { numRuns: 300 },
    );
  });
});
