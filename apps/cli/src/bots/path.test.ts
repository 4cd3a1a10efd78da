import { expect, test } from "vitest";
import { findWay } from "./path.ts";

/** A map drawn in text: # is solid, everything outside is solid too. */
function drawn(rows: readonly string[]) {
  return {
    visit(x0: number, y0: number, x1: number, y1: number, see: (a: number, b: number, c: number, d: number) => void): void {
      for (let y = Math.floor(y0); y < y1; y++) {
        for (let x = Math.floor(x0); x < x1; x++) if ((rows[y]?.[x] ?? "#") === "#") see(x, y, x + 1, y + 1);
      }
    },
  };
}

const maze = drawn(["......", ".####.", ".#..#.", ".#.##.", ".#....", "######"]);

test("a way leads round walls and every step of it is free and next to the last", () => {
  const way = findWay({ x: 0.5, y: 4.5 }, { x: 2.5, y: 2.5 }, 0.6, 0.6, maze);
  expect(way?.at(-1)).toEqual({ x: 2.5, y: 2.5 });
  let [x, y] = [0.5, 4.5];
  for (const step of way ?? []) {
    expect(Math.abs(step.x - x) + Math.abs(step.y - y)).toBe(1);
    [x, y] = [step.x, step.y];
  }
});

test("a blocked goal is reached beside it; an unreachable one is undefined", () => {
  expect(findWay({ x: 0.5, y: 0.5 }, { x: 1.5, y: 1.5 }, 0.6, 0.6, maze)?.length).toBeGreaterThan(0);
  const walled = drawn(["..#..", "..#..", "..#.."]);
  expect(findWay({ x: 0.5, y: 0.5 }, { x: 4.5, y: 0.5 }, 0.6, 0.6, walled)).toBeUndefined();
});
