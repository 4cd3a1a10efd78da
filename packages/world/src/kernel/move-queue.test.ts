import fc from "fast-check";
import { expect, it } from "vitest";
import { MOVE_LIMITS } from "../limits.ts";
import { MoveQueue } from "./move-queue.ts";

const step = (seq: number): { t: "move"; seq: number; dx: number; dy: number } => ({ t: "move", seq, dx: 127, dy: 0 });

function walked(queue: MoveQueue): number {
  let count = 0;
  while (queue.next() !== undefined) count += 1;
  return count;
}

it("walks one step for each elapsed tick and a few that were saved up, whatever is sent", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 100 }), (sent) => {
      const queue = new MoveQueue();
      let seq = 0;
      let total = 0;
      for (const count of sent) {
        for (let i = 0; i < count; i++) queue.put(step(++seq));
        queue.earn();
        total += walked(queue);
      }
      expect(total).toBeLessThanOrEqual(sent.length + MOVE_LIMITS.creditMoves);
      expect(queue.ackSeq).toBeLessThanOrEqual(seq);
    }),
  );
});

it("walks everything a client sends that keeps time, and acknowledges it", () => {
  const queue = new MoveQueue();
  for (let tick = 1; tick <= 100; tick++) {
    queue.put(step(tick));
    queue.earn();
    expect(walked(queue)).toBe(1);
    expect(queue.ackSeq).toBe(tick);
  }
  expect(queue.dropped).toBe(0);
});

it("drops the oldest of too many as done, ignores old numbers, and begins anew on a new link", () => {
  const queue = new MoveQueue();
  for (let seq = 1; seq <= MOVE_LIMITS.queuedMoves + 3; seq++) queue.put(step(seq));
  expect([queue.ackSeq, queue.dropped]).toEqual([3, 3]);
  queue.put(step(2));
  expect(queue.next()?.seq).toBe(4);
  queue.clear();
  expect([queue.next(), queue.ackSeq]).toEqual([undefined, MOVE_LIMITS.queuedMoves + 3]);
  queue.restart();
  queue.put(step(1));
  expect(queue.next()?.seq).toBe(1);
});
