// A world written as it comes is the world built at once, and needs no more memory for more rows.
import { ok } from "@sojourn/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Block } from "../stores/port.ts";
import { plainChunk, plainScene, plainWorld } from "./plain-world.ts";
import { writeVersion } from "./write.ts";

describe("a version that is written as it comes", () => {
  test("is the one that is built at once, whatever chunks it has, and has each block once, the root last", async () => {
    const coords = fc.uniqueArray(fc.tuple(fc.integer({ min: -70, max: 69 }), fc.integer({ min: -3, max: 76 })), {
      selector: String,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(coords, async (places) => {
        const scene = plainScene(140, 80, { x: -1_120, y: -48 });
        const chunks = places.sort((a, b) => a[1] - b[1]).map(([cx, cy]) => plainChunk(cx, cy));
        const built = await plainWorld(scene, chunks);
        const blocks: Block[] = [];
        const written = await writeVersion({ name: "plain", scene, chunks, assetBlocks: [] }, async (block) => ok(void blocks.push(block)));
        expect(written).toMatchObject({ ok: true, value: { root: built.root, version: built.version } });
        expect(blocks.at(-1)?.cid).toBe(built.root);
        expect(blocks.map(({ cid }) => cid).sort()).toEqual(built.blocks.map(({ cid }) => cid).sort());
      }),
      { numRuns: 40 },
    );
  });

  test("takes no row after a later one, nothing outside, and no store that refuses", async () => {
    const write = (places: readonly [number, number][], code = "malformed") => {
      const chunks = places.map(([cx, cy]) => plainChunk(cx, cy));
      const put = async () => (code === "store-failed" ? ({ ok: false, fault: { code } } as never) : ok(undefined));
      return writeVersion({ name: "plain", scene: plainScene(4, 4), chunks, assetBlocks: [] }, put);
    };
    const falling: [number, number][] = [
      [0, 1],
      [0, 0],
    ];
    expect(await write(falling)).toMatchObject({ ok: false, fault: { code: "malformed", detail: expect.stringContaining("row by row") } });
    expect(await write([[4, 0]])).toMatchObject({ ok: false, fault: { detail: expect.stringContaining("outside") } });
    expect(await write([[0, 0]], "store-failed")).toMatchObject({ ok: false, fault: { code: "store-failed" } });
  });
});
