import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeNode, encodeNode, type NodeMap, type NodeValue } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import { packCells, unpackCells } from "./chunk-cells.ts";
import { chunkNode, readChunk } from "./chunk-codec.ts";
import { readShape } from "./fields.ts";
import { plainChunk, plainScene } from "./plain-world.ts";
import type { Box, Chunk, StaticObject } from "./types.ts";

const scene = plainScene(4, 4);
const gids = fc
  .tuple(fc.array(fc.nat(0xffffffff), { minLength: 1, maxLength: 256 }), fc.array(fc.nat(255), { minLength: 256, maxLength: 256 }))
  .map(([palette, picks]) => Uint32Array.from(picks, (pick) => palette[pick % palette.length] as number));
const steps = (min: number, max: number) => fc.integer({ min: min * 256, max: max * 256 }).map((n) => n / 256);
const object = fc.record(
  {
    id: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@#-]{0,20}$/),
    kind: fc.string({ minLength: 1, maxLength: 12 }),
    x: steps(16, 32),
    y: steps(0, 16),
    layer: fc.constant(1),
    gid: fc.nat(0xffffffff),
    rotation: fc.integer({ min: 1, max: 359_999 }).map((n) => n / 1_000),
    solid: fc.constant(true),
    text: fc.string({ minLength: 1, maxLength: 40 }),
    properties: fc.constant({ text: "hi", deep: { n: 1.5 } }),
  },
  { requiredKeys: ["id", "kind", "x", "y", "layer"] },
) as fc.Arbitrary<StaticObject>;
const box = fc
  .tuple(steps(16, 31), steps(0, 15), steps(0, 1), steps(0, 1))
  .map(([x, y, w, h]): Box => [x, y, x + w + 1 / 256, Math.min(16, y + h + 1 / 256)])
  .filter(([, , x1]) => x1 <= 32);
const chunk: fc.Arbitrary<Chunk> = fc.record({
  cx: fc.constant(1),
  cy: fc.constant(0),
  layers: fc.array(gids, { maxLength: 1 }).map((sheets) => sheets.map((sheet) => ({ layer: 0, gids: sheet }))),
  solid: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  boxes: fc.array(box, { maxLength: 5 }),
  objects: fc.uniqueArray(object, { maxLength: 6, selector: ({ id }) => id }),
});

describe("cells of a chunk", () => {
  test("come back as they went, in the fewest bits that do", () => {
    fc.assert(
      fc.property(gids, (sheet) => {
        const packed = packCells(sheet);
        expect(readShape("cells", () => unpackCells(packed, "cells"))).toEqual({ ok: true, value: sheet });
        const different = new Set(sheet).size;
        expect((packed.cells as Uint8Array).length).toBe(
          different === 1 ? 0 : different <= 2 ? 32 : different <= 4 ? 64 : different <= 16 ? 128 : 256,
        );
      }),
    );
  });

  test.each<[string, NodeMap]>([
    ["no gids", { gids: [], cells: new Uint8Array() }],
    ["cells of another width", { gids: [1, 2], cells: new Uint8Array(64) }],
    ["a gid that no cell names", { gids: [1, 2], cells: new Uint8Array(32) }],
    ["a gid twice", { gids: [1, 1], cells: new Uint8Array(32).fill(0xaa) }],
    ["gids out of order", { gids: [1, 2], cells: new Uint8Array(32).fill(0x55) }],
    ["a number of no gid", { gids: [1, 2, 3], cells: new Uint8Array(64).fill(0xe4) }],
    ["a gid beyond 32 bits", { gids: [2 ** 32], cells: new Uint8Array() }],
    ["too much", { gids: [1], cells: new Uint8Array(), more: 1 }],
  ])("are refused with %s", (_, packed) => {
    expect(readShape("cells", () => unpackCells(packed, "cells"))).toMatchObject({ ok: false, fault: { code: "bad-block" } });
  });
});

describe("a chunk", () => {
  test("comes back as it went, objects by id", () => {
    fc.assert(
      fc.property(chunk, (one) => {
        const encoded = encodeNode(chunkNode(one));
        if (!encoded.ok) throw new Error(encoded.fault.detail);
        const decoded = decodeNode(encoded.value);
        if (!decoded.ok) throw new Error(decoded.fault.detail);
        const objects = [...one.objects].sort((a, b) => (a.id < b.id ? -1 : 1));
        expect(readChunk(decoded.value, 1, 0, scene)).toEqual({ ok: true, value: { ...one, objects } });
      }),
    );
  });

  test("fits one block when it is as full as it may be", () => {
    const objects = Array.from({ length: LIMITS.objectsPerChunk }, (_, i) => ({
      id: `o${i}`,
      kind: "k",
      x: 1,
      y: 1,
      layer: 1,
      text: "x".repeat(500),
      properties: { p: "y".repeat(930) },
    }));
    const boxes = Array.from({ length: LIMITS.boxesPerChunk }, (): Box => [0, 0, 15.99609375, 15.99609375]);
    const encoded = encodeNode(chunkNode({ ...plainChunk(0, 0), objects, boxes }));
    expect(encoded).toMatchObject({ ok: true });
  });

  const good = chunkNode({ ...plainChunk(1, 0), boxes: [[16, 0, 17, 1]], objects: [{ id: "a", kind: "k", x: 17, y: 1, layer: 1 }] });
  const [layer] = good.layers as NodeMap[];
  const [thing] = good.objects as NodeMap[];
  test.each<[string, NodeValue]>([
    ["is no map", [1]],
    ["lies elsewhere", { ...good, at: [2, 0] }],
    ["lies nowhere", { ...good, at: [1] }],
    ["has a field it does not know", { ...good, weather: "rain" }],
    ["has a layer twice", { ...good, layers: [layer as NodeMap, layer as NodeMap] }],
    ["has tiles in an object layer", { ...good, layers: [{ ...layer, layer: 1 }] }],
    ["has tiles in no layer", { ...good, layers: [{ ...layer, layer: 9 }] }],
    ["has an object twice", { ...good, objects: [thing as NodeMap, thing as NodeMap] }],
    ["has an object in a tile layer", { ...good, objects: [{ ...thing, layer: 0 }] }],
    ["has an object with a field it does not know", { ...good, objects: [{ ...thing, html: "<b>" }] }],
    ["has an object at half a step", { ...good, objects: [{ ...thing, x: 0.5 }] }],
    ["has an object with an odd id", { ...good, objects: [{ ...thing, id: "a b" }] }],
    ["has an object by no traveller", { ...good, objects: [{ ...thing, by: "me" }] }],
    ["has a box outside of it", { ...good, boxes: [0, 0, 4_097, 1] }],
    ["has a box without area", { ...good, boxes: [0, 0, 0, 1] }],
    ["has three quarters of a box", { ...good, boxes: [0, 0, 1] }],
    ["has too few solid tiles", { ...good, solid: new Uint8Array(31) }],
  ])("is refused when it %s", (_, node) => {
    expect(readChunk(good, 1, 0, scene).ok).toBe(true);
    expect(readChunk(node, 1, 0, scene)).toMatchObject({ ok: false, fault: { code: "bad-block", blame: "world" } });
  });
});
