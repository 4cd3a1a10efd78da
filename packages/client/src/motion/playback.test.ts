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
  tickMs: number = TICK_MS,
): { at: number; shown: number; real: number }[] {
  const arrivals: number[] = [];
  for (let i = 0; i < count; i++) arrivals.push(Math.max(arrivals.at(-1) ?? 0, 1000 + i * tickMs + delayOf(i)));
  const drawn: { at: number; shown: number; real: number }[] = [];
  let next = 0;
  for (let at = 1000 + delayOf(0); at < 1000 + count * tickMs; at += 16) {
    while (next < count && (arrivals[next] as number) <= at) {
      playback.heard(500 + next, arrivals[next] as number);
      next++;
    }
    drawn.push({ at, shown: playback.at(at), real: 500 + (at - 1000) / tickMs });
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

  test("a world that runs at half its pace is followed, not overtaken", () => {
    const playback = new Playback(HZ);
    const drawn = play(playback, 300, () => 0, TICK_MS * 2);
    for (const { shown, real } of drawn.slice(-100)) expect(shown).toBeLessThan(real + 1);
    expect(drawn.at(-1)?.shown).toBeGreaterThan((drawn.at(-1)?.real ?? 0) - INTERPOLATION.maxTicks - 2);
  });

  test("property: with any delays and stalls the shown tick never runs backwards and never far ahead of what was heard", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 5, maxLength: 120 }), (delays) => {
        const playback = new Playback(HZ);
        let before = Number.NEGATIVE_INFINITY;
        for (const { shown, real } of play(playback, delays.length, (i) => delays[i] as number)) {
          expect(shown).toBeGreaterThanOrEqual(before);
          expect(shown).toBeLessThanOrEqual(real + 1e-6);
          before = shown;
        }
      }),
      { numRuns: 300 },
    );
  });
});
