// Others are drawn on the way between known positions, never elsewhere.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { INTERPOLATION } from "../limits.ts";
import { Tracks } from "./tracks.ts";

let out = { x: 0, y: 0, moving: false };

/** One entity in one slot of a snapshot of this tick. */
function note(tracks: Tracks, slot: number, id: number, tick: number, x: number, y: number): void {
  const xs = new Float64Array(slot + 1).fill(x);
  const ys = new Float64Array(slot + 1).fill(y);
  tracks.noteAll({ slotCount: slot + 1, xs, ys, idAt: (at) => (at === slot ? id : 0) }, tick);
}

function draw(tracks: Tracks, slot: number, id: number, tick: number, latest: number, isWalking: boolean): boolean {
  tracks.show(tick, latest);
  const isKnown = tracks.draw(slot, id, isWalking);
  if (isKnown) out = { x: tracks.x, y: tracks.y, moving: tracks.moving };
  return isKnown;
}

describe("tracks", () => {
  test("a walker is drawn between two ticks, and stands where it stopped", () => {
    const tracks = new Tracks();
    note(tracks, 0, 7, 100, 0, 0);
    note(tracks, 0, 7, 101, 1, 0);
    note(tracks, 0, 7, 102, 2, 1);
    expect(draw(tracks, 0, 7, 101.5, 102, true)).toBe(true);
    expect(out).toEqual({ x: 1.5, y: 0.5, moving: true });
    draw(tracks, 0, 7, 150, 200, false);
    expect(out).toEqual({ x: 2, y: 1, moving: false });
  });

  test("the first step after a long stand is not stretched over the stand", () => {
    const tracks = new Tracks();
    note(tracks, 0, 7, 100, 5, 5);
    note(tracks, 0, 7, 200, 5.25, 5);
    draw(tracks, 0, 7, 150, 200, false);
    expect(out).toEqual({ x: 5, y: 5, moving: false });
    draw(tracks, 0, 7, 199.5, 200, false);
    expect(out).toEqual({ x: 5.125, y: 5, moving: true });
  });

  test("one who is put elsewhere is not drawn on the way", () => {
    const tracks = new Tracks();
    note(tracks, 0, 7, 10, 0, 0);
    note(tracks, 0, 7, 11, 50, 0);
    draw(tracks, 0, 7, 10.9, 11, true);
    expect(out.x).toBe(0);
    draw(tracks, 0, 7, 11, 11, true);
    expect(out.x).toBe(50);
  });

  test("beyond the newest tick one who was still walking goes on for a bounded stretch", () => {
    const tracks = new Tracks();
    note(tracks, 0, 7, 10, 0, 0);
    note(tracks, 0, 7, 11, 0.5, 0);
    draw(tracks, 0, 7, 12, 11, true);
    expect(out).toEqual({ x: 1, y: 0, moving: true });
    draw(tracks, 0, 7, 99, 11, true);
    expect(out).toEqual({ x: 0.5 + 0.5 * INTERPOLATION.extrapolateTicks, y: 0, moving: false });
    // It has stopped: it stands where it was seen last.
    const stopped = new Tracks();
    note(stopped, 0, 7, 10, 0, 0);
    note(stopped, 0, 7, 11, 0.5, 0);
    draw(stopped, 0, 7, 12.5, 11, false);
    expect(out).toEqual({ x: 0.5, y: 0, moving: false });
    // Much newer ticks were heard and had it nowhere else.
    draw(stopped, 0, 7, 14.5, 14, true);
    expect(out).toEqual({ x: 0.5, y: 0, moving: false });
  });

  test("drawn beyond what was known and wrong, it glides to where it is and does not jump there", () => {
    const tracks = new Tracks();
    note(tracks, 0, 7, 10, 0, 0);
    note(tracks, 0, 7, 11, 0.5, 0);
    draw(tracks, 0, 7, 12.5, 11, true);
    expect(out.x).toBe(1.25);
    // It had turned back.
    note(tracks, 0, 7, 12, 0, 0);
    let before = 1.25;
    for (let tick = 12.6; tick < 20; tick += 0.3) {
      draw(tracks, 0, 7, tick, 12, false);
      expect(out.x).toBeLessThanOrEqual(before);
      expect(before - out.x).toBeLessThan(0.2);
      before = out.x;
    }
    draw(tracks, 0, 7, 40, 12, false);
    expect(out.x).toBe(0);
  });

  test("put far away while it was drawn beyond what was known, it is there at once", () => {
    const tracks = new Tracks();
    note(tracks, 0, 7, 10, 0, 0);
    note(tracks, 0, 7, 11, 0.5, 0);
    draw(tracks, 0, 7, 12.5, 11, true);
    note(tracks, 0, 7, 12, 90, 0);
    draw(tracks, 0, 7, 12.6, 12, false);
    expect(out.x).toBe(90);
  });

  test.each([2, 3, 4])("one told of every %i ticks is drawn later by that, as evenly as the others", (every) => {
    const tracks = new Tracks();
    let before = Number.NaN;
    for (let tick = 0; tick < 200; tick += 0.25) {
      if (tick % every === 0) note(tracks, 0, 7, tick, tick / 4, 0);
      draw(tracks, 0, 7, tick - 1, Math.floor(tick), true);
      if (tick > 40) expect(out.x - before).toBeCloseTo(0.25 / 4, 9);
      before = out.x;
    }
    expect(tracks.periodOf(0)).toBe(every);
    expect(out.x).toBeCloseTo((199.75 - 1 - (every - 1)) / 4, 9);
  });

  test("another entity in the same slot begins anew", () => {
    const tracks = new Tracks();
    for (let slot = 0; slot < 200; slot++) note(tracks, slot, slot + 1, 1, slot, slot);
    note(tracks, 3, 900, 5, 1, 2);
    expect(draw(tracks, 3, 4, 1, 5, false)).toBe(false);
    expect(draw(tracks, 3, 900, 0, 5, false)).toBe(true);
    expect(out).toEqual({ x: 1, y: 2, moving: false });
    expect(draw(tracks, 199, 200, 1, 5, false)).toBe(true);
    expect(out.x).toBe(199);
  });

  test("property: whatever was noted, what is drawn lies within the known positions and the bounded stretch beyond", () => {
    const walk = fc.array(fc.record({ ticks: fc.integer({ min: 1, max: 12 }), dx: fc.double({ min: -1, max: 1, noNaN: true }) }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(walk, fc.double({ min: -20, max: 600, noNaN: true }), fc.boolean(), (steps, at, isWalking) => {
        const tracks = new Tracks();
        let tick = 1;
        let x = 0;
        let [least, most, widest] = [0, 0, 0];
        note(tracks, 0, 1, tick, 0, 0);
        for (const step of steps) {
          tick += step.ticks;
          x += step.dx;
          note(tracks, 0, 1, tick, x, -x);
          [least, most, widest] = [Math.min(least, x), Math.max(most, x), Math.max(widest, Math.abs(step.dx))];
        }
        expect(draw(tracks, 0, 1, at, tick, isWalking)).toBe(true);
        const slack = isWalking ? widest * INTERPOLATION.extrapolateTicks : 0;
        expect(out.x).toBeGreaterThanOrEqual(least - slack - 1e-9);
        expect(out.x).toBeLessThanOrEqual(most + slack + 1e-9);
        expect(out.y).toBeCloseTo(-out.x, 9);
      }),
      { numRuns: 500 },
    );
  });
});
