import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MOVES } from "../limits.ts";
import { MoveQueue } from "./move-queue.ts";

const HZ = 20;
const SAVED = (MOVES.savedMs * HZ) / 1_000;

const step = (seq: number): { t: "move"; seq: number; dx: number; dy: number } => ({ t: "move", seq, dx: 127, dy: 0 });

function walked(queue: MoveQueue): number {
  let count = 0;
  while (queue.next() !== undefined) count += 1;
  return count;
}

/** One who walks without a pause, whose moves come in bursts at these ticks; ticks at the end until all is walked. */
function burst(stallTicks: number, ticksBefore = 200): { dropped: number; ticksToCatchUp: number; most: number } {
  const queue = new MoveQueue(HZ);
  let seq = 0;
  let most = 0;
  const tick = (arriving: number): void => {
    for (let i = 0; i < arriving; i++) queue.put(step(++seq));
    queue.earn();
    most = Math.max(most, walked(queue));
  };
  for (let i = 0; i < ticksBefore; i++) tick(1);
  for (let i = 0; i < stallTicks; i++) tick(0);
  tick(stallTicks + 1);
  let ticksToCatchUp = 1;
  for (; queue.waiting > MOVES.keptSteps && ticksToCatchUp < 1_000; ticksToCatchUp++) tick(1);
  return { dropped: queue.dropped, ticksToCatchUp, most };
}

describe("moves that wait", () => {
  it("[I4] nobody gets further than time and what was saved allow, and never more than a few steps in a tick, whatever is sent", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 300 }), (sent) => {
        const queue = new MoveQueue(HZ);
        let seq = 0;
        const totals = [0];
        for (const count of sent) {
          for (let i = 0; i < count; i++) queue.put(step(++seq));
          queue.earn();
          const steps = walked(queue);
          expect(steps).toBeLessThanOrEqual(MOVES.stepsPerTick);
          totals.push((totals.at(-1) as number) + steps);
        }
        for (let from = 0; from < totals.length; from += 7) {
          for (let to = from; to < totals.length; to += 5) {
            const bound = (to - from) * (1 + 1 / MOVES.extraEvery) + SAVED;
            expect((totals[to] as number) - (totals[from] as number)).toBeLessThanOrEqual(bound);
          }
        }
        expect(queue.ackSeq).toBeLessThanOrEqual(seq);
        expect(queue.waiting).toBeLessThanOrEqual(SAVED + MOVES.waitingSteps);
      }),
    );
  });

  it("[I4] walks everything a client sends that keeps time, and acknowledges it", () => {
    const queue = new MoveQueue(HZ);
    for (let tick = 1; tick <= 100; tick++) {
      queue.put(step(tick));
      queue.earn();
      expect(walked(queue)).toBe(1);
      expect(queue.ackSeq).toBe(tick);
    }
    expect(queue.dropped).toBe(0);
  });

  it("[I4] walks every step of one whose frames were held up, again and again, and has caught up soon after", () => {
    expect(burst(20)).toEqual({ dropped: 0, ticksToCatchUp: 10, most: MOVES.stepsPerTick });
    expect(burst(SAVED).dropped).toBe(0);
    const queue = new MoveQueue(HZ);
    let seq = 0;
    for (let tick = 0; tick < 2_000; tick++) {
      const arrives = tick % 50 < 20 ? 0 : tick % 50 === 20 ? 21 : 1;
      for (let i = 0; i < arrives; i++) queue.put(step(++seq));
      queue.earn();
      walked(queue);
    }
    expect([queue.dropped, queue.waiting]).toEqual([0, MOVES.keptSteps]);
  });

  it("[I4] after one late move every step of a walk is even, however its moves then fall on the ticks, and none is left when it ends", () => {
    const queue = new MoveQueue(HZ);
    let seq = 0;
    const tick = (arriving: number): number => {
      for (let i = 0; i < arriving; i++) queue.put(step(++seq));
      queue.earn();
      return walked(queue);
    };
    expect([1, 0, 2].map(tick)).toEqual([1, 0, 1]);
    const falls = Array.from({ length: 200 }, (_, i) => (i % 7 === 2 ? 0 : i % 7 === 3 ? 2 : 1));
    expect(falls.map(tick).every((steps) => steps === 1)).toBe(true);
    queue.put({ t: "move", seq: ++seq, dx: 0, dy: 0 });
    queue.earn();
    walked(queue);
    expect([queue.waiting, queue.ackSeq]).toEqual([0, seq]);
  });

  it("[I4] drops at once what a longer stall held up, so that nobody walks seconds behind their own picture", () => {
    const { dropped, ticksToCatchUp } = burst(SAVED + 30);
    expect(dropped).toBeGreaterThan(0);
    expect(dropped).toBeLessThanOrEqual(30);
    expect(ticksToCatchUp).toBeLessThanOrEqual(MOVES.waitingSteps * MOVES.extraEvery + 1);
  });

  it("[I4] a clock that runs a hundredth fast loses no step and piles up none", () => {
    const queue = new MoveQueue(HZ);
    let seq = 0;
    let most = 0;
    for (let tick = 1; tick <= 20_000; tick++) {
      while (seq < Math.floor(tick * 1.01)) queue.put(step(++seq));
      queue.earn();
      walked(queue);
      most = Math.max(most, queue.waiting);
    }
    expect(queue.dropped).toBe(0);
    expect(most).toBeLessThanOrEqual(2);
  });

  it("drops the oldest of too many as done, ignores old numbers, and begins anew on a new link", () => {
    const queue = new MoveQueue(HZ);
    const most = SAVED + MOVES.waitingSteps;
    for (let seq = 1; seq <= most + 3; seq++) queue.put(step(seq));
    expect([queue.ackSeq, queue.dropped]).toEqual([3, 3]);
    queue.put(step(2));
    expect(queue.next()?.seq).toBe(4);
    queue.clear();
    expect([queue.next(), queue.ackSeq]).toEqual([undefined, most + 3]);
    queue.restart();
    queue.put(step(1));
    queue.earn();
    expect(queue.next()?.seq).toBe(1);
  });
});
