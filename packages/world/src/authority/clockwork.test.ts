import type { Clock } from "@sojourn/runtime";
import { silentLog } from "@sojourn/runtime";
import { expect, it } from "vitest";
import { Clockwork } from "./clockwork.ts";

/** A clock that is moved by hand; what is scheduled runs when its time has come, late if need be. */
function handClock(): Clock & { pass(ms: number): void; busy(ms: number): void } {
  let nowMs = 0;
  let waiting: { atMs: number; run: () => void }[] = [];
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    schedule(atMs, run) {
      const entry = { atMs, run };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((one) => one !== entry);
      };
    },
    busy(ms) {
      nowMs += ms;
    },
    pass(ms) {
      const end = nowMs + ms;
      for (;;) {
        const next = waiting.sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined || next.atMs > end) break;
        waiting = waiting.filter((one) => one !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
      }
      nowMs = Math.max(nowMs, end);
    },
  };
}

it("ticks at its rate and does not drift when ticks take time", () => {
  const clock = handClock();
  let ticks = 0;
  const tick = (): void => {
    ticks += 1;
    clock.busy(7);
  };
  const work = new Clockwork({ clock, log: silentLog, tickHz: 20, tick });
  clock.pass(10_000);
  expect(ticks).toBe(200);
  expect(work.beat.lateTicks).toBe(0);
  work.stop();
  clock.pass(1_000);
  expect(ticks).toBe(200);
});

it("makes up for two ticks after a stall and drops the rest, counted", () => {
  const clock = handClock();
  let ticks = 0;
  const tick = (): void => {
    ticks += 1;
  };
  const work = new Clockwork({ clock, log: silentLog, tickHz: 20, tick });
  clock.pass(1_000);
  expect(ticks).toBe(20);
  clock.busy(500);
  clock.pass(0);
  // Ten were due: one and two made up for, six lost, and the one whose time it is now.
  expect(ticks).toBe(24);
  expect(work.beat.lateTicks).toBe(8);
  clock.pass(1_000);
  expect(ticks).toBe(44);
  work.stop();
});

/** A clockwork whose ticks take `costMs`, run for so long; what it did. */
function runAt(costs: readonly (readonly [forMs: number, costMs: number])[]): { rates: number[]; paces: number[]; told: number[] } {
  const clock = handClock();
  let costMs = 0;
  let ticks = 0;
  const told: number[] = [];
  const tick = (): void => {
    ticks += 1;
    clock.busy(costMs);
  };
  const work = new Clockwork({ clock, log: silentLog, tickHz: 20, tick, onWindow: ({ pace }) => told.push(pace) });
  const rates: number[] = [];
  const paces: number[] = [];
  for (const [forMs, cost] of costs) {
    costMs = cost;
    ticks = 0;
    const startMs = clock.monotonic();
    clock.pass(forMs);
    rates.push(ticks / ((clock.monotonic() - startMs) / 1_000));
    paces.push(work.beat.pace);
  }
  work.stop();
  return { rates, paces, told };
}

it("[M4] slows down evenly when ticks go on costing more than there is time for, and comes back when they no longer do", () => {
  const { rates, paces, told } = runAt([
    [5_000, 10],
    [10_000, 100],
    [10_000, 100],
    [20_000, 5],
    [5_000, 5],
  ]);
  expect(paces[0]).toBe(1);
  // 100 ms a tick: ten a second and a little less, and nothing is lost any more.
  expect(paces[2]).toBeGreaterThan(0.4);
  expect(paces[2]).toBeLessThanOrEqual(0.5);
  expect(rates[2]).toBeGreaterThan(8);
  expect(paces[3]).toBe(1);
  expect(rates[4]).toBeCloseTo(20, 0);
  expect(told).toContain(paces[2]);
});

it("[M4] one long stall is let go and not taken for too much work", () => {
  const { paces, rates } = runAt([
    [3_000, 5],
    [300, 700],
    [10_000, 5],
  ]);
  expect(paces[2]).toBe(1);
  expect(rates[2]).toBeCloseTo(20, 0);
});

it("[M4] however slow it gets, time does not stand still", () => {
  const { paces } = runAt([[120_000, 3_000]]);
  expect(paces[0]).toBeCloseTo(0.1, 2);
});
