import type { ViewEntity, ViewFrame } from "@sojourn/client";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Health } from "./health.ts";
import { findPath, Stroll } from "./stroll.ts";
import { distanceTo, entityAt, headingOf, nearestTarget, portalNear } from "./targets.ts";

function entity(id: number, x: number, y: number, rest: Partial<ViewEntity> & { interact?: string; sprite?: string } = {}): ViewEntity {
  const { interact, sprite = "chest", ...own } = rest;
  return {
    id,
    kind: { kind: sprite, title: sprite, sprite, solid: false, width: 1, height: 1, ...(interact === undefined ? {} : { interact }) },
    name: "",
    isMe: false,
    x,
    y,
    facing: 0,
    moving: false,
    health: 100,
    holding: undefined,
    state: 0,
    flags: 0,
    components: {},
    ...own,
  };
}

const me = entity(1, 5, 5, { isMe: true, sprite: "traveller" });

describe("what one acts on", () => {
  it("is the nearest thing in reach that can be acted on, and of two the one looked at", () => {
    const behind = entity(2, 3.8, 5, { interact: "Open" });
    const ahead = entity(3, 6.2, 5, { interact: "Open" });
    const far = entity(4, 9, 5, { interact: "Open" });
    const mute = entity(5, 5.2, 5);
    expect(nearestTarget([far, mute, me], me, 1.75)).toBeUndefined();
    expect(nearestTarget([behind, ahead, far, me], me, 1.75)?.id).toBe(3);
    expect(nearestTarget([behind, ahead], { ...me, facing: 128 }, 1.75)?.id).toBe(2);
  });

  it("is measured to the body's edge", () => {
    expect(distanceTo({ x: 0, y: 0 }, entity(1, 3, 0))).toBe(2.5);
    expect(distanceTo({ x: 3.2, y: 0.2 }, entity(1, 3, 0))).toBe(0);
    expect(headingOf(64).y).toBeCloseTo(1);
  });

  it("is found under the pointer, pictures standing above their feet", () => {
    const tall = entity(7, 5, 5, { sprite: "traveller", interact: "Talk" });
    expect(entityAt([tall], { x: 5.2, y: 4.1 })?.id).toBe(7);
    expect(entityAt([tall], { x: 5.2, y: 3.5 })).toBeUndefined();
    expect(entityAt([me], { x: 5, y: 5 })).toBeUndefined();
  });

  it("knows the portal before one", () => {
    const portal = { name: "p", label: "P", worldName: "w", x: 10, y: 10, w: 2, h: 2 };
    expect(portalNear([portal], { x: 9, y: 11 }, 1.5)).toBe(portal);
    expect(portalNear([portal], { x: 7, y: 11 }, 1.5)).toBeUndefined();
  });
});

describe("walking to a click", () => {
  const walls = new Set(["2,0", "2,1", "2,2"]);
  const free = (x: number, y: number): boolean => x >= 0 && y >= 0 && x < 6 && y < 6 && !walls.has(`${x},${y}`);

  it("goes around walls over free tiles only", () => {
    const path = findPath({ x: 0.5, y: 0.5 }, { x: 4.2, y: 0.8 }, free) ?? [];
    expect(path.at(-1)).toEqual({ x: 4.2, y: 0.8 });
    expect(path.every(({ x, y }) => free(Math.floor(x), Math.floor(y)))).toBe(true);
    expect(path.length).toBe(10);
  });

  it("stops within reach of a thing, and as near as one can get to what is walled in", () => {
    const near = findPath({ x: 0.5, y: 4.5 }, { x: 4.5, y: 4.5 }, free, 1.5) ?? [];
    expect(near.at(-1)).toEqual({ x: 3.5, y: 4.5 });
    expect(findPath({ x: 0.5, y: 0.5 }, { x: 2.5, y: 1.5 }, free)?.at(-1)).toEqual({ x: 1.5, y: 1.5 });
    expect(findPath({ x: 1.5, y: 1.5 }, { x: 2.5, y: 1.5 }, free)).toBeUndefined();
  });

  it("is a chain of neighbouring tiles, whatever the walls", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 62 }), { maxLength: 40 }), (solid) => {
        const isFree = (x: number, y: number): boolean => x >= 0 && y >= 0 && x < 8 && y < 8 && !solid.includes(y * 8 + x);
        const path = findPath({ x: 0.5, y: 0.5 }, { x: 7.5, y: 7.5 }, isFree);
        let at = { x: 0.5, y: 0.5 };
        for (const next of path ?? []) {
          expect(Math.abs(next.x - at.x) + Math.abs(next.y - at.y)).toBe(1);
          expect(isFree(Math.floor(next.x), Math.floor(next.y))).toBe(true);
          at = next;
        }
      }),
    );
  });

  it("heads along the path, says when it is there, and gives up when nothing moves", () => {
    let ended = 0;
    const stroll = new Stroll(
      [
        { x: 1, y: 0 },
        { x: 1, y: 1 },
      ],
      0,
      () => ended++,
    );
    expect(stroll.heading({ x: 0, y: 0 }, 0)).toEqual({ x: 1, y: 0 });
    expect(stroll.heading({ x: 0.9, y: 0 }, 100)?.y).toBeGreaterThan(0.9);
    expect(stroll.heading({ x: 1, y: 0.95 }, 200)).toBeUndefined();
    expect(ended).toBe(1);
    const stuck = new Stroll([{ x: 9, y: 0 }], 0, () => ended++);
    expect(stuck.heading({ x: 0, y: 0 }, 0)).toBeDefined();
    expect(stuck.heading({ x: 0, y: 0 }, 2_000)).toBeUndefined();
    expect(ended).toBe(2);
  });
});

describe("who is hurt", () => {
  const frame = (health: number): ViewFrame => ({
    tick: 0,
    ghost: false,
    me: undefined,
    entities: [entity(9, 0, 0, { sprite: "traveller", health })],
  });

  it("shows for a while after a blow, in parts of the most that was seen", () => {
    const health = new Health();
    expect(health.update(frame(200), 0).size).toBe(0);
    expect(health.update(frame(50), 100).get(9)).toBe(0.25);
    expect(health.update(frame(50), 3_000).get(9)).toBe(0.25);
    expect(health.update(frame(50), 60_000).size).toBe(0);
    expect(health.update(frame(200), 60_100).size).toBe(0);
  });
});
