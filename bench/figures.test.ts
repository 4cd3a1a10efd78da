import { describe, expect, test } from "vitest";
import { median, percentile, rounded, slope } from "./figures.ts";

describe("figures", () => {
  test("a percentile lies between its neighbours", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([1, 2])).toBe(1.5);
    expect(percentile([0, 10], 99)).toBeCloseTo(9.9);
    expect(median([])).toBeNaN();
  });

  test("a slope is that of the line, and its error that of what is beside it", () => {
    const exact = slope([0, 1, 2, 3].map((x) => [x, 5 + 2 * x]));
    expect(exact.perX).toBeCloseTo(2);
    expect(exact.error).toBeCloseTo(0);
    const flat = slope([0, 1, 2, 3, 4, 5].map((x) => [x, x % 2]));
    expect(Math.abs(flat.perX)).toBeLessThan(2 * flat.error);
  });

  test("a figure keeps three digits, or all of a large number", () => {
    expect(rounded(1.23456)).toBe(1.23);
    expect(rounded(12_345.6)).toBe(12_346);
    expect(rounded(Number.NaN)).toBeNaN();
  });
});
