// The client walks as the world walks: whatever the link does to timing, replaying unanswered inputs lands where the world lands.
import { type Move, type OwnState, type PhysicsConfig, type Point, type Solids, stepBody } from "@sojourn/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PREDICTION } from "../limits.ts";
import { Predictor } from "./prediction.ts";

const physics: PhysicsConfig = {
  tickHz: 20,
  speed: 5,
  bodyWidth: 0.6,
  bodyHeight: 0.5,
  reach: 2,
  chatRange: 10,
  viewRadius: 20,
};
const TICK_MS = 50;

/** A walled field with pillars in it. */
const pillars: Solids = {
  visit(x0, y0, x1, y1, see) {
    const boxes = [
      [-9, -9, 9, -8],
      [-9, 8, 9, 9],
      [-9, -9, -8, 9],
      [8, -9, 9, 9],
      [1, 1, 2, 2],
      [-3, -2.5, -2.75, 2],
    ] as const;
    for (const [a, b, c, d] of boxes) if (a < x1 && c > x0 && b < y1 && d > y0) see(a, b, c, d);
  },
};

/** A world with one traveller: walks every input exactly once, in order, whenever it comes to it. */
class Authority {
  body: Point = { x: 0, y: 0 };
  ackSeq = 0;
  readonly waiting: Move[] = [];
  walk(count: number): OwnState {
    for (const move of this.waiting.splice(0, count)) {
      this.body = stepBody(this.body, move.dx, move.dy, physics, pillars);
      this.ackSeq = move.seq;
    }
    return { tick: 1, ackSeq: this.ackSeq, ackIntent: 0, x: this.body.x, y: this.body.y, frozen: false, pace: 1 };
  }
}

function placed(): Predictor {
  const predictor = new Predictor(physics);
  predictor.settle({ ackSeq: 0, x: 0, y: 0, frozen: false });
  return predictor;
}

describe("prediction", () => {
  test("the first step is taken at once, then one a tick, and stopping is said once", () => {
    const said: Move[] = [];
    const predictor = placed();
    const ground = { solids: pillars, say: (move: Move) => said.push(move) };
    predictor.advance(1_000, ground);
    expect(said).toEqual([]);
    predictor.walk(1, 0);
    predictor.advance(1_003, ground);
    expect(said).toEqual([{ t: "move", seq: 1, dx: 127, dy: 0 }]);
    for (let at = 1_004; at <= 1_153; at += 7) predictor.advance(at, ground);
    expect(said.length).toBe(3);
    predictor.walk(0, 0);
    for (let at = 1_153; at <= 2_000; at += 7) predictor.advance(at, ground);
    expect(said.slice(3)).toEqual([{ t: "move", seq: 4, dx: 0, dy: 0 }]);
    expect(predictor.isDue).toBe(false);
  });

  test("what is drawn moves evenly between steps", () => {
    const predictor = placed();
    const ground = { solids: pillars, say: () => {} };
    const out = { x: 0, y: 0 };
    predictor.walk(1, 0);
    let before = 0;
    for (let at = 1_000; at < 1_400; at += 10) {
      predictor.advance(at, ground);
      predictor.shown(at, out);
      // 10 ms at 5 units a second, give or take the grid.
      if (at > 1_000) expect(Math.abs(out.x - before - 0.05)).toBeLessThan(0.004);
      before = out.x;
    }
  });

  test("a correction is counted, glides away, and one too large is a jump", () => {
    const predictor = placed();
    const out = { x: 0, y: 0 };
    predictor.shown(1_000, out);
    predictor.settle({ ackSeq: 0, x: 1, y: 0, frozen: false });
    predictor.shown(1_000, out);
    expect(out.x).toBeCloseTo(0, 5);
    predictor.shown(1_000 + PREDICTION.smoothMs, out);
    expect(out.x).toBeCloseTo(0.9, 2);
    expect(predictor.corrections).toEqual({ last: 1, visible: 1, largest: 1 });
    predictor.settle({ ackSeq: 0, x: 40, y: 40, frozen: false });
    predictor.shown(2_000, out);
    expect(out).toEqual({ x: 40, y: 40 });
  });

  test("steps follow the world's pace, from the next one on", () => {
    const predictor = placed();
    const said: number[] = [];
    let at = 1_000;
    const ground = { solids: pillars, say: () => void said.push(at) };
    predictor.walk(1, 0);
    for (; at < 4_000; at += 5) {
      if (at === 2_000) predictor.pace = 0.5;
      if (at === 3_000) predictor.pace = 1;
      predictor.advance(at, ground);
    }
    expect(said.filter((ms) => ms < 2_000)).toHaveLength(20);
    expect(said.filter((ms) => ms >= 2_050 && ms < 3_050)).toHaveLength(10);
    expect(said.filter((ms) => ms >= 3_100)).toHaveLength(18);
  });

  test("property: a step is taken when it was said to be due, whatever fractions of a millisecond add up", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.integer({ min: 1, max: 60 }), (startMs, tickHz) => {
        const predictor = new Predictor({ ...physics, tickHz });
        predictor.settle({ ackSeq: 0, x: 0, y: 0, frozen: false });
        let said = 0;
        const say = (): void => {
          said += 1;
        };
        const ground = { solids: pillars, say };
        predictor.walk(1, 0);
        predictor.advance(startMs, ground);
        for (let i = 1; i <= 20; i++) {
          expect(said).toBe(i);
          predictor.advance(predictor.dueMs, ground);
        }
      }),
    );
  });

  test("frozen one does not walk, and says nothing", () => {
    const predictor = placed();
    predictor.walk(1, 0);
    predictor.settle({ ackSeq: 0, x: 3, y: 3, frozen: true });
    const said: Move[] = [];
    predictor.advance(5_000, { solids: pillars, say: (move) => said.push(move) });
    expect(said).toEqual([]);
    expect([predictor.x, predictor.y]).toEqual([3, 3]);
  });

  test("after a pause no more than a few ticks are made up for", () => {
    const said: Move[] = [];
    const predictor = placed();
    const ground = { solids: pillars, say: (move: Move) => said.push(move) };
    predictor.walk(0, 1);
    predictor.advance(1_000, ground);
    predictor.advance(61_000, ground);
    expect(said.length).toBe(1 + PREDICTION.catchUpTicks);
  });

  test("property: under any timing of frames, inputs and answers, no correction happens and both end in the same place", () => {
    const turn = fc.record({
      dx: fc.constantFrom(-1, -0.5, 0, 0.7, 1),
      dy: fc.constantFrom(-1, -0.3, 0, 1),
      /** Milliseconds to the next drawn frame; inputs the world walks then; whether its answer arrives now or later. */
      afterMs: fc.integer({ min: 1, max: 180 }),
      walks: fc.integer({ min: 0, max: 6 }),
      isHeld: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 120 }), (turns) => {
        const world = new Authority();
        const predictor = placed();
        const answers: OwnState[] = [];
        let at = 10_000;
        for (const { dx, dy, afterMs, walks, isHeld } of turns) {
          predictor.walk(dx, dy);
          predictor.advance(at, { solids: pillars, say: (move) => world.waiting.push(move) });
          answers.push(world.walk(walks));
          // The link keeps the order; it may hold answers back and then bring several at once.
          if (!isHeld) for (const own of answers.splice(0)) predictor.settle(own, pillars);
          at += afterMs;
        }
        predictor.walk(0, 0);
        predictor.advance(at + TICK_MS, { solids: pillars, say: (move) => world.waiting.push(move) });
        predictor.settle(world.walk(Number.MAX_SAFE_INTEGER), pillars);
        expect(predictor.corrections.largest).toBe(0);
        expect(predictor.unanswered).toBe(0);
        expect([predictor.x, predictor.y]).toEqual([world.body.x, world.body.y]);
      }),
      { numRuns: 300 },
    );
  });
});
