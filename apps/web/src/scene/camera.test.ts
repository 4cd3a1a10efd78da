import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { follow, lookAt, parallaxShift, snapTo, toScreen, toWorld, zoomFor } from "./camera.ts";

const WORLD = { x: 0, y: 0, w: 640, h: 480 };

describe("the camera", () => {
  it("zooms by whole device pixels, about eleven tiles across", () => {
    expect(zoomFor(1280, 720, 16)).toBe(4);
    expect(zoomFor(640, 360, 16)).toBe(2);
    expect(zoomFor(390, 844, 32)).toBe(1);
    expect(zoomFor(10, 10, 64)).toBe(1);
    expect(zoomFor(100_000, 100_000, 8)).toBe(12);
  });

  it("stays within the world, on whole device pixels", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -2_000, max: 2_000, noNaN: true }),
        fc.double({ min: -2_000, max: 2_000, noNaN: true }),
        fc.integer({ min: 1, max: 6 }),
        (x, y, zoom) => {
          const look = lookAt({ x, y }, WORLD, zoom, 400, 300);
          expect(look.x).toBeGreaterThanOrEqual(0);
          expect(look.x + 400 / zoom).toBeLessThanOrEqual(640 + 1e-9);
          expect(look.y).toBeGreaterThanOrEqual(0);
          expect(Math.abs(look.x * zoom - Math.round(look.x * zoom))).toBeLessThan(1e-6);
        },
      ),
    );
  });

  it("centres a world that is smaller than the view", () => {
    const look = lookAt({ x: 500, y: 500 }, { x: 0, y: 0, w: 100, h: 50 }, 1, 300, 250);
    expect([look.x, look.y]).toEqual([-100, -100]);
  });

  it("follows by halves and jumps when the target is far", () => {
    expect(follow(undefined, { x: 9, y: 9 }, 16, 16)).toEqual({ x: 9, y: 9 });
    const half = follow({ x: 0, y: 0 }, { x: 32, y: 0 }, 70, 16);
    expect(half.x).toBeCloseTo(16);
    expect(follow({ x: 0, y: 0 }, { x: 500, y: 0 }, 1, 16)).toEqual({ x: 500, y: 0 });
    expect(follow({ x: 3, y: 4 }, { x: 10, y: 4 }, 0, 16)).toEqual({ x: 3, y: 4 });
  });

  it("goes from screen to world and back", () => {
    const look = lookAt({ x: 300, y: 200 }, WORLD, 3, 400, 300);
    const there = toScreen(look, toWorld(look, { x: 123, y: 45 }));
    expect(there.x).toBeCloseTo(123);
    expect(there.y).toBeCloseTo(45);
    expect(snapTo(1.26, 4)).toBe(1.25);
  });

  it("moves far layers with the view: not at all at factor 1, wholly at factor 0", () => {
    const look = lookAt({ x: 300, y: 200 }, WORLD, 2, 400, 300);
    expect(parallaxShift(look, 1, 1, 0, 0)).toEqual({ x: 0, y: 0 });
    expect(parallaxShift(look, 0, 0.5, 100, 100)).toEqual({ x: look.x + 100 - 100, y: (look.y + 75 - 100) / 2 });
  });
});
