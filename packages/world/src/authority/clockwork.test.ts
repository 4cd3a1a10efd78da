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
  const work = new Clockwork(clock, silentLog, 20, () => {
    ticks += 1;
    clock.busy(7);
  });
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
  const work = new Clockwork(clock, silentLog, 20, () => {
    ticks += 1;
  });
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
