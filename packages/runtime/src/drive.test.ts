import { describe, expect, it } from "vitest";
import type { Clock } from "./clock.ts";
import { drive, type Machine } from "./drive.ts";

/** A clock that stands still until it is moved. */
function handClock(): Clock & { moveTo(ms: number): void } {
  let nowMs = 0;
  let waiting: { atMs: number; run: () => void }[] = [];
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    schedule(atMs, run) {
      const entry = { atMs, run };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((other) => other !== entry);
      };
    },
    moveTo(ms) {
      nowMs = ms;
      for (;;) {
        const due = waiting.filter((entry) => entry.atMs <= nowMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined) return;
        waiting = waiting.filter((entry) => entry !== due);
        due.run();
      }
    },
  };
}

interface Counter {
  readonly seen: readonly string[];
  readonly alarmMs: number | undefined;
}
const counter: Machine<Counter, string, string> = {
  wake: "wake",
  wakeAt: (state) => state.alarmMs,
  step(state, input, nowMs) {
    const seen = [...state.seen, `${input}@${nowMs}`];
    if (input === "alarm") return { state: { seen, alarmMs: nowMs + 100 }, effects: [] };
    return { state: { seen, alarmMs: input === "wake" ? undefined : state.alarmMs }, effects: input === "echo" ? ["a", "b"] : [] };
  },
};
const start = { state: { seen: [], alarmMs: undefined }, effects: [] };

describe("drive", () => {
  it("never steps inside feed, and steps in order", () => {
    const clock = handClock();
    const driver = drive(counter, start, clock, () => {});
    driver.feed("one");
    driver.feed("two");
    expect(driver.state.seen).toEqual([]);
    clock.moveTo(5);
    expect(driver.state.seen).toEqual(["one@5", "two@5"]);
  });

  it("lets effects feed inputs, which come after what already waits", () => {
    const clock = handClock();
    const driver = drive(counter, start, clock, (effect) => driver.feed(effect));
    driver.feed("echo");
    driver.feed("next");
    driver.drain();
    expect(driver.state.seen).toEqual(["echo@0", "next@0", "a@0", "b@0"]);
  });

  it("wakes the machine when it asked to be woken, and not after it was stopped", () => {
    const clock = handClock();
    const driver = drive(counter, start, clock, () => {});
    driver.feed("alarm");
    clock.moveTo(0);
    clock.moveTo(99);
    expect(driver.state.seen).toEqual(["alarm@0"]);
    clock.moveTo(100);
    expect(driver.state.seen).toEqual(["alarm@0", "wake@100"]);
    driver.feed("alarm");
    clock.moveTo(101);
    driver.stop();
    clock.moveTo(1_000);
    expect(driver.state.seen).toEqual(["alarm@0", "wake@100", "alarm@101"]);
  });

  it("hears what came while the process was held up before a late timer counts", () => {
    const clock = handClock();
    const driver = drive(counter, start, clock, () => {});
    driver.feed("alarm");
    clock.moveTo(0);
    clock.moveTo(5_000);
    expect(driver.state.seen).toEqual(["alarm@0"]);
    driver.feed("frame");
    clock.moveTo(5_040);
    // Put off once, not again with every frame.
    expect(driver.state.seen).toEqual(["alarm@0", "frame@5040", "wake@5040"]);
  });
});
