import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../limits.ts";
import { memoryStore } from "../stores/memory.ts";
import { plainScene, plainWorld } from "../versions/plain-world.ts";
import { openVersion } from "../versions/view.ts";
import { assetBlocks, readAsset } from "./asset.ts";
import { readImageHeader } from "./image.ts";

const PNG = new Uint8Array(readFileSync(new URL("../../fixtures/tiles.png", import.meta.url)));
const bytes = (hex: string, length = 64): Uint8Array => {
  const padded = new Uint8Array(length);
  padded.set(Buffer.from(hex.replaceAll(" ", ""), "hex"));
  return padded;
};
const text = (content: string): Uint8Array => new TextEncoder().encode(content.padEnd(64, " "));

describe("a picture's kind and size are read from its bytes", () => {
  test.each<[string, Uint8Array, object | undefined]>([
    ["PNG", PNG, { mime: "image/png", width: 64, height: 32 }],
    ["PNG cut short", PNG.slice(0, 20), undefined],
    ["PNG of no width", bytes("89504e470d0a1a0a 0000000d49484452 00000000 00000010 0806000000"), undefined],
    ["JPEG", bytes("ffd8 ffe0 0004 0000 ffc0 0011 08 0120 0340 03"), { mime: "image/jpeg", width: 0x340, height: 0x120 }],
    [
      "progressive JPEG after fill bytes",
      bytes("ffd8 ffffff e0 0002 ffc2 0011 08 0010 0020 03"),
      { mime: "image/jpeg", width: 32, height: 16 },
    ],
    ["JPEG without a frame", bytes("ffd8 ffda 0004 0000 ffc0 0011 08 0120 0340 03"), undefined],
    ["JPEG with a segment of no length", bytes("ffd8 ffe0 0000 ffc0 0011 08 0120 0340 03"), undefined],
    [
      "WebP, lossy",
      bytes("52494646 00000000 57454250 56503820 00000000 000000 9d012a 4001 f000"),
      { mime: "image/webp", width: 320, height: 240 },
    ],
    [
      "WebP, lossless",
      bytes("52494646 00000000 57454250 5650384c 00000000 2f 3f c1 3b 00"),
      { mime: "image/webp", width: 320, height: 240 },
    ],
    [
      "WebP, extended",
      bytes("52494646 00000000 57454250 56503858 00000000 00000000 3f0100 ef0000"),
      { mime: "image/webp", width: 320, height: 240 },
    ],
    ["WebP of no known kind", bytes("52494646 00000000 57454250 58585858"), undefined],
    ["GIF", text("GIF89a"), undefined],
    ["SVG", text("<svg xmlns='http://www.w3.org/2000/svg'/>"), undefined],
    ["HTML", text("<!doctype html>"), undefined],
    ["script", text("alert(1)"), undefined],
    ["nothing", new Uint8Array(), undefined],
  ])("%s", (_, content, header) => expect(readImageHeader(content)).toEqual(header));
});

describe("an asset", () => {
  test("of up to a block is that block", async () => {
    const made = await assetBlocks("tiles", PNG);
    if (!made.ok) throw new Error(made.fault.detail);
    expect(made.value.blocks).toHaveLength(1);
    expect(made.value.asset).toEqual({ cid: made.value.blocks[0]?.cid, mime: "image/png", bytes: PNG.length, width: 64, height: 32 });
  });

  test("of more is a list of parts, and comes back whole", async () => {
    // A picture with a long part of noise before its end.
    const large = new Uint8Array(2 * LIMITS.assetPartBytes + 5).map((_, i) => i * 7);
    const end = PNG.subarray(-12);
    large.set(PNG.subarray(0, -12));
    const noise = large.length - PNG.length - 12;
    large.set([noise >>> 24, (noise >>> 16) & 255, (noise >>> 8) & 255, noise & 255, ...Buffer.from("noIs")], PNG.length - 12);
    large.set(end, large.length - 12);
    const made = await assetBlocks("large", large);
    if (!made.ok) throw new Error(made.fault.detail);
    const { asset, blocks } = made.value;
    expect(blocks.map((block) => block.bytes.length)).toEqual([expect.any(Number), LIMITS.assetPartBytes, LIMITS.assetPartBytes, 5]);
    expect(await readAsset(asset, memoryStore("memory", blocks))).toEqual({ ok: true, value: large });
    expect(await readAsset(asset, memoryStore("memory", blocks.slice(0, -1)))).toMatchObject({
      ok: false,
      fault: { code: "missing-block" },
    });
    for (const wrong of [
      { ...asset, bytes: asset.bytes - 1 },
      { ...asset, bytes: 3 * LIMITS.assetPartBytes + 1 },
      { ...asset, bytes: 10 },
    ]) {
      expect(await readAsset(wrong, memoryStore("memory", blocks))).toMatchObject({ ok: false, fault: { code: "bad-block" } });
    }
  });

  test("is refused when it is too large or no picture", async () => {
    const huge = new Uint8Array(LIMITS.assetBytes + 1);
    huge.set(PNG);
    expect(await assetBlocks("huge", huge)).toMatchObject({
      ok: false,
      fault: { code: "oversized", detail: expect.stringContaining("huge") },
    });
    expect(await assetBlocks("page", text("<html>"))).toMatchObject({ ok: false, fault: { code: "bad-map" } });
  });

  test("is given out only when it is what the scene says, and only to who names it", async () => {
    const made = await assetBlocks("tiles", PNG);
    if (!made.ok) throw new Error(made.fault.detail);
    const { asset, blocks } = made.value;
    for (const [listed, code] of [
      [asset, undefined],
      [{ ...asset, mime: "image/webp" as const }, "bad-block"],
      [{ ...asset, width: 65 }, "bad-block"],
      [{ ...asset, bytes: asset.bytes + 1 }, "bad-block"],
    ] as const) {
      const world = await plainWorld({ ...plainScene(1, 1), assets: [listed] }, [], blocks);
      const view = await openVersion(world.root, memoryStore("memory", world.blocks));
      if (!view.ok) throw new Error(view.fault.detail);
      const got = await view.value.asset(asset.cid);
      expect(got.ok ? undefined : got.fault.code).toBe(code);
      expect(await view.value.asset(world.root)).toMatchObject({ ok: false, fault: { code: "missing-block" } });
    }
  });
});
