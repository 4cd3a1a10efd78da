import { describe, expect, it } from "vitest";
import { Quads, quadIndices } from "./quads.ts";

const A = { page: 1, x: 10, y: 20, w: 16, h: 8 };
const B = { page: 2, x: 0, y: 0, w: 4, h: 4 };

describe("Quads", () => {
  it("lays corners, sources, bounds and tint down vertex by vertex", () => {
    const quads = new Quads(1);
    quads.add(A, 100, 50, 16, 8, 1, 0x11223344);
    expect([...quads.position]).toEqual([100, 50, 116, 50, 116, 58, 100, 58]);
    expect([...quads.source]).toEqual([26, 20, 10, 20, 10, 28, 26, 28]);
    expect([...quads.bounds.subarray(0, 4)]).toEqual([10, 20, 25, 27]);
    expect([...quads.tint.subarray(4, 8)]).toEqual([0x11, 0x22, 0x33, 0x44]);
  });

  it("makes one run of neighbours on the same page and keeps the order", () => {
    const quads = new Quads(2);
    for (const region of [A, A, B, A]) quads.add(region, 0, 0, 1, 1, 0, 0xffffffff);
    expect(quads.runs).toEqual([
      { page: 1, first: 0, count: 2 },
      { page: 2, first: 2, count: 1 },
      { page: 1, first: 3, count: 1 },
    ]);
  });

  it("grows past its capacity without losing what was there", () => {
    const quads = new Quads(1);
    for (let i = 0; i < 40; i++) quads.add(A, i, 0, 1, 1, 0, 0xffffffff);
    expect(quads.count).toBe(40);
    expect(quads.capacity).toBeGreaterThanOrEqual(40);
    expect(Array.from({ length: 40 }, (_, i) => quads.position[i * 8])).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  it("turns clockwise about the pivot", () => {
    const quads = new Quads(1);
    quads.addTurned(A, 0, 0, 10, 10, 0, 0xffffffff, Math.PI / 2, 5, 5);
    expect([...quads.position].map((n) => Math.round(n) + 0)).toEqual([10, 0, 10, 10, 0, 10, 0, 0]);
  });

  it("clears to nothing and is filled again", () => {
    const quads = new Quads(4);
    quads.add(A, 0, 0, 1, 1, 0, 1);
    quads.clear();
    expect([quads.count, quads.runs]).toEqual([0, []]);
    quads.add(B, 7, 0, 1, 1, 0, 1);
    expect([quads.position[0], quads.runs.length]).toEqual([7, 1]);
  });

  it("indexes two triangles a quad", () => {
    expect([...quadIndices(2)]).toEqual([0, 1, 2, 0, 2, 3, 4, 5, 6, 4, 6, 7]);
  });
});
