import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PhysicsConfig } from "../messages.ts";
import { decodeOwn, encodeOwn } from "../snapshot/move.ts";
import { FULL_DEFLECTION, GRID, overlaps, type Point, type Solids, snap, stepBody, WORLD_EDGE } from "./step.ts";

type Box = readonly [number, number, number, number];

const PHYSICS: PhysicsConfig = { tickHz: 20, speed: 4, bodyWidth: 0.6, bodyHeight: 0.4, reach: 2, chatRange: 16, viewRadius: 24 };
const EAST = FULL_DEFLECTION;

/** Exactly what the contract asks of solids: the boxes that meet the area. */
function solidsOf(boxes: readonly Box[]): Solids {
  return {
    visit(x0, y0, x1, y1, see) {
      for (const [a, b, c, d] of boxes) if (a <= x1 && c >= x0 && b <= y1 && d >= y0) see(a, b, c, d);
    },
  };
}

const NONE = solidsOf([]);
const grid = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min: min * GRID, max: max * GRID }).map((at) => at / GRID);
const point = fc.record({ x: grid(-12, 12), y: grid(-12, 12) });
const direction = fc.integer({ min: -FULL_DEFLECTION, max: FULL_DEFLECTION });
/** Tiles, thin walls and boxes of any size at any place, as maps have them. */
const box: fc.Arbitrary<Box> = fc
  .tuple(
    fc.double({ min: -10, max: 10, noNaN: true }),
    fc.double({ min: -10, max: 10, noNaN: true }),
    fc.double({ min: 0.01, max: 4, noNaN: true }),
    fc.double({ min: 0.01, max: 4, noNaN: true }),
  )
  .map(([x, y, w, h]): Box => [x, y, x + w, y + h]);
const tile: fc.Arbitrary<Box> = fc
  .tuple(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -6, max: 6 }))
  .map(([x, y]): Box => [x, y, x + 1, y + 1]);
const boxes = fc.array(fc.oneof(box, tile), { maxLength: 24 });
/** Any physics the manifest's schema admits, fast and slow, large and small. */
const physics: fc.Arbitrary<PhysicsConfig> = fc
  .record({
    tickHz: fc.integer({ min: 1, max: 60 }),
    speed: fc.double({ min: 0, max: 64, noNaN: true }),
    bodyWidth: fc.double({ min: 0.05, max: 3, noNaN: true }),
    bodyHeight: fc.double({ min: 0.05, max: 3, noNaN: true }),
  })
  .map((some) => ({ ...PHYSICS, ...some }));

function boxesHolding(body: Point, config: PhysicsConfig, all: readonly Box[]): number {
  return all.filter((one) => overlaps(body, config, solidsOf([one]))).length;
}

/** Whether a body can be slid from one place to another in 1/256 steps: along x at `from`, then along y at `to`. */
function isClearWay(from: Point, to: Point, config: PhysicsConfig, solids: Solids): boolean {
  const stride = 1 / GRID;
  for (let x = Math.min(from.x, to.x); x <= Math.max(from.x, to.x); x += stride)
    if (overlaps({ x, y: from.y }, config, solids)) return false;
  for (let y = Math.min(from.y, to.y); y <= Math.max(from.y, to.y); y += stride) if (overlaps({ x: to.x, y }, config, solids)) return false;
  return true;
}

describe("[I3] a step", () => {
  test("[I3] never ends inside a solid it was not inside before", () => {
    fc.assert(
      fc.property(boxes, point, direction, direction, physics, (all, from, dx, dy, config) => {
        const held = new Set(all.filter((one) => overlaps(from, config, solidsOf([one]))));
        const to = stepBody(from, dx, dy, config, solidsOf(all));
        expect(
          boxesHolding(
            to,
            config,
            all.filter((one) => !held.has(one)),
          ),
        ).toBe(0);
      }),
      { numRuns: 2_000 },
    );
  });

  test("[I3] never tunnels: what lies between is a way a body can be slid along, stride by stride", () => {
    fc.assert(
      fc.property(boxes, point, direction, direction, physics, (all, from, dx, dy, config) => {
        const solids = solidsOf(all);
        fc.pre(!overlaps(from, config, solids));
        const strides: Point[] = [from];
        // The same step in strides: a step of a quarter unit is one stride, so walking it at a low speed shows every stride.
        const length = Math.max(FULL_DEFLECTION, Math.sqrt(dx * dx + dy * dy));
        const reach = (config.speed / config.tickHz) * GRID;
        const far = Math.max(Math.abs(Math.trunc((dx * reach) / length)), Math.abs(Math.trunc((dy * reach) / length)));
        fc.pre(far <= 64);
        strides.push(stepBody(from, dx, dy, config, solids));
        expect(isClearWay(strides[0] as Point, strides[1] as Point, config, solids)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test("[I3] a wall as thin as a hair stops a body at every admissible speed", () => {
    fc.assert(
      fc.property(physics, grid(-8, 8), fc.constantFrom(1, -1), fc.boolean(), (config, at, side, upright) => {
        const wall: Box = upright ? [at, -1_000, at + 0.001, 1_000] : [-1_000, at, 1_000, at + 0.001];
        const room = Math.ceil(Math.max(config.bodyWidth, config.bodyHeight)) + 1;
        let body: Point = upright ? { x: at - side * room, y: 0 } : { x: 0, y: at - side * room };
        for (let i = 0; i < 50; i++)
          body = stepBody(body, upright ? side * EAST : 31, upright ? 31 : side * EAST, config, solidsOf([wall]));
        expect(Math.sign((upright ? body.x : body.y) - at)).toBe(-side);
      }),
      { numRuns: 300 },
    );
  });

  test("[I3] is the same every time, lands on the grid, and never says -0", () => {
    fc.assert(
      fc.property(boxes, point, direction, direction, physics, (all, from, dx, dy, config) => {
        const to = stepBody(from, dx, dy, config, solidsOf(all));
        expect(stepBody(from, dx, dy, config, solidsOf([...all].reverse()))).toEqual(to);
        expect(snap(to.x) === to.x && snap(to.y) === to.y).toBe(true);
        expect(Object.is(to.x, -0) || Object.is(to.y, -0)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  test("[I3] is never longer than speed / tickHz, diagonals included, and in the open hardly shorter", () => {
    fc.assert(
      fc.property(point, direction, direction, physics, (from, dx, dy, config) => {
        const to = stepBody(from, dx, dy, config, NONE);
        const far = Math.hypot(to.x - from.x, to.y - from.y);
        const reach = config.speed / config.tickHz;
        expect(far).toBeLessThanOrEqual(reach + 1e-9);
        const asked = (reach * Math.min(FULL_DEFLECTION, Math.hypot(dx, dy))) / FULL_DEFLECTION;
        expect(far).toBeGreaterThanOrEqual(asked - 2 / GRID);
      }),
      { numRuns: 1_000 },
    );
  });

  test("[I3] slides along a wall of tiles without catching on its seams", () => {
    const wall = Array.from({ length: 40 }, (_, i): Box => [i, 1, i + 1, 2]);
    let body: Point = { x: 2, y: snap(1 - PHYSICS.bodyHeight / 2 - 0.01) };
    const start = body.x;
    for (let i = 0; i < 100; i++) body = stepBody(body, 90, 90, PHYSICS, solidsOf(wall));
    expect(body.y + PHYSICS.bodyHeight / 2).toBeCloseTo(1, 2);
    const perTick = Math.trunc((90 * (PHYSICS.speed / PHYSICS.tickHz) * GRID) / Math.sqrt(2 * 90 * 90)) / GRID;
    expect(body.x - start).toBeCloseTo(100 * perTick, 6);
  });

  test("[I3] goes up to a wall and touches it", () => {
    let body: Point = { x: 0, y: 0 };
    for (let i = 0; i < 60; i++) body = stepBody(body, EAST, 0, PHYSICS, solidsOf([[3, -1, 4, 1]]));
    expect(body.x).toBe(Math.floor((3 - PHYSICS.bodyWidth / 2) * GRID) / GRID);
  });

  test("[I3] whoever is shut in can walk out, whichever way", () => {
    const around: Box = [-1, -1, 1, 1];
    fc.assert(
      fc.property(direction, direction, grid(-1, 1), grid(-1, 1), (dx, dy, x, y) => {
        fc.pre(Math.hypot(dx, dy) > 40);
        let body: Point = { x, y };
        for (let i = 0; i < 80; i++) body = stepBody(body, dx, dy, PHYSICS, solidsOf([around]));
        expect(overlaps(body, PHYSICS, solidsOf([around]))).toBe(false);
      }),
    );
  });

  test("[I3] takes what no frame can say for the nearest that it can, and ends at the edge of the world", () => {
    expect(stepBody({ x: 0, y: 0 }, 5_000, Number.NaN, PHYSICS, NONE)).toEqual(stepBody({ x: 0, y: 0 }, EAST, 0, PHYSICS, NONE));
    expect(stepBody({ x: WORLD_EDGE, y: -WORLD_EDGE }, EAST, -EAST, PHYSICS, NONE)).toEqual({ x: WORLD_EDGE, y: -WORLD_EDGE });
    expect(stepBody({ x: 0, y: 0 }, 0, 0, PHYSICS, NONE)).toEqual({ x: 0, y: 0 });
  });

  test("[I3] boxes of no extent are no solids", () => {
    const body = stepBody({ x: 0, y: 0 }, EAST, 0, PHYSICS, solidsOf([[0.4, -1, 0.4, 1]]));
    expect(body.x).toBeGreaterThan(0);
    expect(overlaps({ x: 0.4, y: 0 }, PHYSICS, solidsOf([[0.4, -1, 0.4, 1]]))).toBe(false);
  });
});

test("[A1] replaying the moves that are not acknowledged on the acknowledged position leads to where the client walked", () => {
  fc.assert(
    fc.property(boxes, point, fc.array(fc.tuple(direction, direction), { maxLength: 30 }), fc.nat(30), (all, from, moves, acked) => {
      const solids = solidsOf(all);
      const path = [from];
      for (const [dx, dy] of moves) path.push(stepBody(path.at(-1) as Point, dx, dy, PHYSICS, solids));
      const ackSeq = Math.min(acked, moves.length);
      const { x, y } = path[ackSeq] as Point;
      const told = decodeOwn(encodeOwn({ tick: 9, ackSeq, ackIntent: 0, x, y, frozen: false, pace: 1 }));
      if (!told.ok) throw new Error(told.fault.detail);
      let body: Point = told.value;
      for (const [dx, dy] of moves.slice(told.value.ackSeq)) body = stepBody(body, dx, dy, PHYSICS, solids);
      expect([body.x, body.y]).toEqual([path.at(-1)?.x, path.at(-1)?.y]);
    }),
  );
});

test("[I3] known steps, for implementers in other languages", () => {
  const wall = solidsOf([[1, -1, 2, 1]]);
  const to = (x: number, y: number, dx: number, dy: number): [number, number] => {
    const body = stepBody({ x, y }, dx, dy, PHYSICS, wall);
    return [body.x * GRID, body.y * GRID];
  };
  expect(to(0, 0, 127, 0)).toEqual([51, 0]);
  expect(to(0, 0, 127, 127)).toEqual([36, 36]);
  expect(to(0, 0, -64, 32)).toEqual([-25, 12]);
  expect(to(0.5, 0, 127, 0)).toEqual([179, 0]);
  expect(to(0.6, 0, 127, 127)).toEqual([179, 36]);
  expect(to(1.5, 0, -127, 0)).toEqual([333, 0]);
});
