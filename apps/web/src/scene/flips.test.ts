import { FLIP_DIAGONAL, FLIP_HORIZONTAL, FLIP_VERTICAL } from "@sojourn/substrate";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CORNERS, flipsOf, sourceOf } from "./flips.ts";

/** A 2×2 picture "ab/cd" as it looks with these flips, found by moving whole rows and columns. */
function turned(flips: number): string {
  let rows = ["ab", "cd"];
  if (flips & 4) rows = [0, 1].map((x) => rows.map((row) => row[x]).join(""));
  if (flips & 1) rows = rows.map((row) => [...row].reverse().join(""));
  if (flips & 2) rows.reverse();
  return rows.join("/");
}

describe("flips", () => {
  it("reads Tiled's three bits and nothing else", () => {
    expect(flipsOf(5)).toBe(0);
    expect(flipsOf((FLIP_HORIZONTAL | 5) >>> 0)).toBe(1);
    expect(flipsOf((FLIP_VERTICAL | 5) >>> 0)).toBe(2);
    expect(flipsOf((FLIP_DIAGONAL | 5) >>> 0)).toBe(4);
    expect(flipsOf(0xffff_ffff)).toBe(7);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])("turns a picture as moving its rows and columns does (%i)", (flips) => {
    const picture = ["ab", "cd"];
    const shown = [0.25, 0.75].map((v) =>
      [0.25, 0.75]
        .map((u) => {
          const [su, sv] = sourceOf(flips, u, v);
          return picture[Math.floor(sv * 2)]?.[Math.floor(su * 2)];
        })
        .join(""),
    );
    expect(shown.join("/")).toBe(turned(flips));
  });

  it("knows the corners of every flip, each corner once", () => {
    for (const corners of CORNERS) {
      const found = [0, 2, 4, 6].map((at) => `${corners[at]},${corners[at + 1]}`);
      expect(new Set(found)).toEqual(new Set(["0,0", "1,0", "1,1", "0,1"]));
    }
    expect([...(CORNERS[5] as Float32Array)]).toEqual([0, 1, 0, 0, 1, 0, 1, 1]); // a quarter turn clockwise
  });

  it("never leaves the picture", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 7 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (f, u, v) => {
          const [su, sv] = sourceOf(f, u, v);
          return su >= 0 && su <= 1 && sv >= 0 && sv <= 1;
        },
      ),
    );
  });
});
