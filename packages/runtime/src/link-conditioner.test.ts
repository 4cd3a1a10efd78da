// Whatever the conditions, what was sent arrives, whole, in order, never early, and the same seed gives the same times.
import { fault } from "@sojourn/protocol";
import { type HandClock, handClock, linkPair, type PairedLink } from "@sojourn/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundedConditions, LINK_PRESETS, type LinkConditions, linkConditions } from "./conditions.ts";
import { CONDITION_LIMITS } from "./limits.ts";
import type { Link } from "./link.ts";
import { LinkConditioner } from "./link-conditioner.ts";

const { good } = LINK_PRESETS;

/** Two ends of a path of which the near one is conditioned. */
function under(conditions: LinkConditions, seed = 7): { near: Link; inner: PairedLink; far: PairedLink; clock: HandClock } {
  const clock = handClock();
  const { near: inner, far } = linkPair();
  const near = new LinkConditioner({ conditions, clock, seed }).over(inner);
  return { near, inner, far, clock };
}

/** Sends one frame each `everyMs` from the far end, moves the clock ms by ms, and gives when each arrived. */
function arrivals(conditions: LinkConditions, count: number, everyMs: number, seed = 7): number[] {
  const { near, far, clock } = under(conditions, seed);
  const got: number[] = [];
  near.onWake = () => {
    for (const frame of near.receive()) {
      expect(frame[0]).toBe(got.length % 256);
      got.push(clock.monotonic());
    }
  };
  for (let ms = 0; got.length < count && ms < 120_000; ms++) {
    clock.moveTo(ms);
    if (ms % everyMs === 0 && ms / everyMs < count) far.send(Uint8Array.of(ms / everyMs));
  }
  return got;
}

describe("a conditioned link", () => {
  it("opens after a round trip, carries both ways with their delays, and keeps the sender's buffer free", () => {
    const { near, far, clock } = under({ ...good, outMs: 30, inMs: 70 });
    near.receive();
    expect(near.state).toBe("connecting");
    clock.moveTo(99);
    expect(near.state).toBe("connecting");
    clock.moveTo(100);
    expect(near.state).toBe("open");
    const buffer = Uint8Array.of(1, 2, 3);
    near.send(buffer);
    buffer.fill(9);
    expect(near.bufferedBytes).toBe(3);
    far.send(Uint8Array.of(4));
    clock.moveTo(129);
    expect(far.receive()).toEqual([]);
    clock.moveTo(130);
    expect(far.receive()).toEqual([Uint8Array.of(1, 2, 3)]);
    expect(near.receive()).toEqual([]);
    clock.moveTo(170);
    expect(near.receive()).toEqual([Uint8Array.of(4)]);
  });

  it("is no slower than its inner link when it is good", () => {
    const { near, far, clock } = under(good);
    near.receive();
    near.send(Uint8Array.of(1));
    expect(far.receive()).toEqual([Uint8Array.of(1)]);
    far.send(Uint8Array.of(2));
    expect(near.receive()).toEqual([Uint8Array.of(2)]);
    expect(clock.waiting).toBe(0);
  });

  it("stalls once in each period, for as long as it says, and brings what waited in one burst", () => {
    const got = arrivals({ ...good, stallMs: 1_000, stallEveryMs: 4_000 }, 400, 50);
    const gaps = got.slice(1).map((at, i) => at - (got[i] as number));
    expect(gaps.filter((gap) => gap > 900)).toHaveLength(5);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1_051);
    expect(gaps.filter((gap) => gap === 0).length).toBeGreaterThanOrEqual(5 * 18);
  });

  it("lets through no more than its rate", () => {
    const { near, far, clock } = under({ ...good, bytesPerSecond: 1_000 });
    near.receive();
    for (let i = 0; i < 10; i++) far.send(new Uint8Array(100));
    clock.moveTo(550);
    expect(near.receive()).toHaveLength(5);
    clock.moveTo(1_000);
    expect(near.receive()).toHaveLength(5);
  });

  it("draws the same weather from the same seed, and another from another", () => {
    const conditions = { ...LINK_PRESETS["1s-stalls"], jitterMs: 20 };
    expect(arrivals(conditions, 300, 50)).toEqual(arrivals(conditions, 300, 50));
    expect(arrivals(conditions, 300, 50)).not.toEqual(arrivals(conditions, 300, 50, 8));
  });

  it("jitters by the mean it says, and never by more than four times that", () => {
    const got = arrivals({ ...good, jitterMs: 20 }, 2_000, 50);
    const late = got.map((at, i) => at - i * 50);
    expect(late.reduce((sum, ms) => sum + ms, 0) / late.length).toBeGreaterThan(15);
    expect(late.reduce((sum, ms) => sum + ms, 0) / late.length).toBeLessThan(30);
    expect(Math.max(...late)).toBeLessThanOrEqual(81);
  });

  it("tells of the end and of a fault behind everything that came before them", () => {
    const { near, inner, far, clock } = under({ ...good, inMs: 50 });
    far.send(Uint8Array.of(1));
    inner.fault = fault("malformed", "world", "a text frame");
    far.close(4000, "enough");
    clock.moveTo(49);
    expect([near.fault, near.state]).toEqual([undefined, "connecting"]);
    clock.moveTo(50);
    expect(near.receive()).toEqual([Uint8Array.of(1)]);
    expect(near.state).toBe("closed");
    expect(near.end).toEqual({ code: 4000, reason: "enough" });
    expect(near.fault?.code).toBe("malformed");
    expect(clock.waiting).toBe(0);
  });

  it("sends what was sent before a close, then closes", () => {
    const { near, far, clock } = under({ ...good, outMs: 20 });
    near.receive();
    clock.moveTo(20);
    near.send(Uint8Array.of(5));
    near.close(1000, "bye");
    clock.moveTo(39);
    expect(far.state).toBe("open");
    clock.moveTo(40);
    expect(far.receive()).toEqual([Uint8Array.of(5)]);
    expect(near.state).toBe("closed");
  });

  it("keeps a bounded amount under way: past it the sender's link is at fault, and the receiver's inner link holds the rest", () => {
    const { near, far, clock } = under({ ...good, outMs: 5_000, inMs: 5_000 });
    near.receive();
    clock.moveTo(10_000);
    expect(near.state).toBe("open");
    for (let i = 0; i <= CONDITION_LIMITS.frames; i++) near.send(Uint8Array.of(1));
    expect(near.fault?.code).toBe("too-fast");
    const other = under({ ...good, inMs: 5_000 });
    const half = new Uint8Array(CONDITION_LIMITS.bytes / 2);
    for (let i = 0; i < 3; i++) {
      other.far.send(half);
      other.near.receive();
    }
    other.clock.moveTo(5_000);
    expect(other.near.receive()).toHaveLength(2);
    other.clock.moveTo(10_000);
    expect(other.near.receive()).toHaveLength(1);
    expect(far.fault).toBe(undefined);
  });

  it("property: everything arrives once, in order, at least its delay later, whatever the conditions and their changes", () => {
    const conditions = fc.record({
      outMs: fc.integer({ min: 0, max: 300 }),
      inMs: fc.integer({ min: 0, max: 300 }),
      jitterMs: fc.integer({ min: 0, max: 100 }),
      stallMs: fc.integer({ min: 0, max: 1_500 }),
      stallEveryMs: fc.integer({ min: 0, max: 6_000 }),
      bytesPerSecond: fc.constantFrom(0, 1_000, 50_000),
    });
    const turn = fc.record({
      afterMs: fc.integer({ min: 0, max: 400 }),
      change: fc.option(conditions),
      bytes: fc.integer({ min: 4, max: 400 }),
    });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 80 }), fc.integer(), (turns, seed) => {
        const clock = handClock();
        const { near: inner, far } = linkPair();
        const conditioner = new LinkConditioner({ clock, seed });
        const link = conditioner.over(inner);
        const sent: { atMs: number; delayMs: number }[] = [];
        const got: number[] = [];
        link.onWake = () => {
          for (const frame of link.receive()) {
            const n = new DataView(frame.buffer).getUint32(0);
            const { atMs, delayMs } = sent[n] as (typeof sent)[number];
            expect(clock.monotonic()).toBeGreaterThanOrEqual(atMs + delayMs - 1e-6);
            got.push(n);
          }
        };
        for (const { afterMs, change, bytes } of turns) {
          if (change !== null) conditioner.conditions = change;
          sent.push({ atMs: clock.monotonic(), delayMs: conditioner.conditions.inMs });
          const frame = new Uint8Array(bytes);
          new DataView(frame.buffer).setUint32(0, sent.length - 1);
          far.send(frame);
          clock.moveTo(clock.monotonic() + afterMs);
        }
        clock.moveTo(clock.monotonic() + 200_000);
        expect(got).toEqual(sent.map((_, i) => i));
        expect(clock.waiting).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});

describe("conditions", () => {
  it("are read from a preset's name or from figures, and from nothing else", () => {
    expect(linkConditions("100ms")).toEqual({ ...good, outMs: 50, inMs: 50 });
    expect(linkConditions("out=10,in=20,jitter=3,stall=1000/8000,rate=50000")).toEqual({
      outMs: 10,
      inMs: 20,
      jitterMs: 3,
      stallMs: 1_000,
      stallEveryMs: 8_000,
      bytesPerSecond: 50_000,
    });
    for (const text of ["", "constructor", "out", "out=-1", "out=1/2", "stall=5", "out=1,", "out=1e3", "OUT=1", "out=9999999999"])
      expect(linkConditions(text)).toBe(undefined);
  });

  it("are bounded, whatever is asked for", () => {
    const number = fc.oneof(fc.double(), fc.integer());
    fc.assert(
      fc.property(number, number, number, number, number, number, (outMs, inMs, jitterMs, stallMs, stallEveryMs, bytesPerSecond) => {
        const bounded = boundedConditions({ outMs, inMs, jitterMs, stallMs, stallEveryMs, bytesPerSecond });
        for (const figure of Object.values(bounded)) expect(figure).toBeGreaterThanOrEqual(0);
        expect(bounded.outMs).toBeLessThanOrEqual(CONDITION_LIMITS.delayMs);
        if (bounded.stallMs > 0) expect(bounded.stallEveryMs).toBeGreaterThanOrEqual(2 * bounded.stallMs);
        expect(boundedConditions(bounded)).toEqual(bounded);
      }),
    );
  });
});
