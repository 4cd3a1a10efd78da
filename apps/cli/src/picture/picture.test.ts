// Pictures of worlds: what they show, at every size, and what strangers' pictures and names cannot do to whoever draws them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { valueOf } from "@sojourn/protocol";
import { amendVersion, diffVersions, memoryStore, openVersion, type SubstrateView } from "@sojourn/substrate";
import { packTiled } from "@sojourn/substrate/node";
import { decode } from "fast-png";
import { afterAll, describe, expect, it } from "vitest";
import { markChanges } from "./changes.ts";
import { areaOption, scaleOption } from "./file.ts";
import { type Drawing, drawWorld, pngOf } from "./png.ts";
import { planOf } from "./svg.ts";

const home = mkdtempSync(join(tmpdir(), "sojourn-picture-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

function pngFile(
  header: { width: number; height: number; depth?: number; type?: number },
  rows: Uint8Array,
  more: [string, Uint8Array][] = [],
): Buffer {
  const part = (name: string, body: Uint8Array): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    // Readers of this size do not look at the sum.
    return Buffer.concat([length, Buffer.from(name, "latin1"), body, Buffer.alloc(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(header.width, 0);
  head.writeUInt32BE(header.height, 4);
  head.set([header.depth ?? 8, header.type ?? 6, 0, 0, 0], 8);
  const parts = [
    part("IHDR", head),
    ...more.map(([name, body]) => part(name, body)),
    part("IDAT", deflateSync(rows)),
    part("IEND", Buffer.alloc(0)),
  ];
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ...parts]);
}

/** Four texels: red, green, blue, half clear white. */
const FOUR = pngFile({ width: 2, height: 2 }, Uint8Array.from([0, 255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 0, 255, 255, 255, 255, 255, 128]));

async function worldOf(picture: Uint8Array, changes: object = {}, pictureName = "t.png"): Promise<SubstrateView> {
  writeFileSync(join(home, pictureName), picture);
  const set = { firstgid: 1, name: "four", tilewidth: 2, tileheight: 2, image: pictureName };
  const layer = { type: "tilelayer", name: "l", width: 2, height: 1, data: [1, 0x80000001], visible: true, opacity: 1 };
  const map = {
    type: "map",
    orientation: "orthogonal",
    width: 2,
    height: 1,
    tilewidth: 2,
    tileheight: 2,
    tilesets: [set],
    layers: [layer],
  };
  writeFileSync(join(home, "m.tmj"), JSON.stringify({ ...map, ...changes }));
  const packed = valueOf(await packTiled(join(home, "m.tmj")));
  const view = valueOf(await openVersion(packed.root, memoryStore("map", packed.blocks)));
  valueOf(await view.loadAll());
  return view;
}

function pixelsOf({ canvas }: Drawing): string[] {
  return Array.from({ length: canvas.width * canvas.height }, (_, i) => canvas.data.subarray(i * 4, i * 4 + 3).join());
}

const [RED, GREEN, BLUE, GREY] = ["255,0,0", "0,255,0", "0,0,255", "128,128,128"];

describe("a picture of a world", () => {
  it("shows its tiles, flipped and half clear, and is read by others", async () => {
    const drawing = await drawWorld(await worldOf(FOUR));
    expect(pixelsOf(drawing)).toEqual([RED, GREEN, GREEN, RED, BLUE, GREY, GREY, BLUE]);
    const again = decode(pngOf(drawing.canvas));
    expect([again.width, again.height, [...again.data]]).toEqual([4, 2, [...drawing.canvas.data]]);
  });

  it("is larger or smaller when asked, and a part of it", async () => {
    const view = await worldOf(FOUR);
    expect(pixelsOf(await drawWorld(view, { scale: 2 })).slice(0, 8)).toEqual([RED, RED, GREEN, GREEN, GREEN, GREEN, RED, RED]);
    expect(pixelsOf(await drawWorld(view, { scale: 0.5 }))).toEqual(["96,96,96", "96,96,96"]);
    expect(pixelsOf(await drawWorld(view, { area: { x0: 1, y0: 0, x1: 9, y1: 1 } }))).toEqual([GREEN, RED, GREY, BLUE]);
    await expect(drawWorld(view, { area: { x0: 5, y0: 0, x1: 9, y1: 1 } })).rejects.toThrow(/nothing of the world .* is 0,0,2,1/);
    expect([scaleOption("3"), scaleOption("1/4"), scaleOption("0.5")]).toEqual([3, 0.25, 0.5]);
    for (const wrong of ["0", "-1", "1/100", "2/3", "9", "x"]) expect(() => scaleOption(wrong)).toThrow(/whole number/);
    expect(areaOption("1,2,3.5,4")).toEqual({ x0: 1, y0: 2, x1: 3.5, y1: 4 });
    for (const wrong of ["1,2,3", "3,2,1,4", "a,b,c,d"]) expect(() => areaOption(wrong)).toThrow(/four numbers/);
  });

  it("of more pixels than are allowed is refused before it is drawn", async () => {
    const wide = { width: 40_000, height: 1, layers: [] };
    await expect(drawWorld(await worldOf(FOUR, wide), { scale: 1 })).rejects.toThrow(/80000 × 2 pixels/);
    expect((await drawWorld(await worldOf(FOUR, wide))).scale).toBe(1 / 8);
  });

  it.each<[string, Buffer, string[]]>([
    ["grey", pngFile({ width: 2, height: 2, type: 0 }, Uint8Array.from([0, 9, 200, 0, 0, 255])), ["9,9,9", "200,200,200"]],
    [
      "grey of one bit",
      pngFile({ width: 2, height: 2, depth: 1, type: 0 }, Uint8Array.from([0, 0b0100_0000, 0, 0])),
      ["0,0,0", "255,255,255"],
    ],
    [
      "a palette with a clear colour",
      pngFile({ width: 2, height: 2, depth: 2, type: 3 }, Uint8Array.from([0, 0b0001_0000, 0, 0]), [
        ["PLTE", Uint8Array.from([7, 8, 9, 1, 2, 3])],
        ["tRNS", Uint8Array.from([255, 0])],
      ]),
      ["7,8,9", "0,0,0"],
    ],
    [
      "sixteen bits",
      pngFile(
        { width: 2, height: 2, depth: 16, type: 2 },
        Uint8Array.from([0, 255, 255, 0, 0, 0, 0, ...new Array(6).fill(9), 0, ...new Array(12).fill(0)]),
      ),
      ["255,0,0", "9,9,9"],
    ],
  ])("is right for pictures in %s", async (_, file, texels) => {
    const drawing = await drawWorld(await worldOf(file));
    expect(drawing.missing).toEqual([]);
    expect(pixelsOf(drawing).slice(0, 2)).toEqual(texels);
  });
});

describe("what cannot be drawn", () => {
  it("is said, and is grey squares: JPEG, damage, more pixels than were stated", async () => {
    const jpeg = Buffer.from("ffd8ffe000104a46494600010100000100010000ffc0000b080002000201011100ffda0008010100003f0001ffd9", "hex");
    const bomb = pngFile({ width: 2, height: 2 }, new Uint8Array(1_000_000));
    const damaged = Buffer.from(FOUR);
    damaged.fill(0xff, damaged.indexOf("IDAT") + 4, damaged.indexOf("IDAT") + 10);
    for (const [file, words] of [
      [jpeg, /tileset "four": its picture is image\/jpeg; only PNG is drawn here/],
      [bomb, /its picture cannot be decoded/],
      [damaged, /its picture cannot be decoded/],
    ] as const) {
      const drawing = await drawWorld(await worldOf(file));
      expect(drawing.missing).toEqual([expect.stringMatching(words)]);
      expect(new Set(pixelsOf(drawing))).toEqual(new Set(["150,150,150", "90,90,90"]));
    }
  });
});

describe("a plan of a world", () => {
  it("has solids, zones by their shape and objects by name, and nothing of a name but its letters", async () => {
    const zones = [
      { id: 1, name: "</text><script>alert(1)</script>", type: "portal", x: 0, y: 0, width: 2, height: 2 },
      { id: 2, name: "pond\u202e", type: "", x: 1, y: 0, width: 2, height: 1, ellipse: true },
      { id: 3, name: "", type: "solid", x: 0, y: 0, width: 1, height: 1 },
    ];
    const { svg, left } = planOf(await worldOf(FOUR, { layers: [{ type: "objectgroup", name: "o", objects: zones }] }));
    expect(left).toBe(0);
    expect(svg).toContain('<rect class="solid" x="0" y="0" width="0.5" height="0.5"/>');
    expect(svg).toContain('<ellipse class="zone" cx="1" cy="0.25" rx="0.5" ry="0.25"/>');
    expect(svg).toContain("portal &lt;/text&gt;&lt;script");
    expect(svg).not.toMatch(/<script|\u202e|href|onload/);
  });
});

describe("a picture of what changed", () => {
  it("has the world in grey, and marks what came and what went", async () => {
    writeFileSync(join(home, "t.png"), FOUR);
    const set = { firstgid: 1, name: "four", tilewidth: 2, tileheight: 2, image: "t.png" };
    const objects = [{ id: 7, gid: 1, x: 20, y: 22, width: 2, height: 2 }];
    const layers = [{ type: "objectgroup", name: "placed", objects }];
    const map = { type: "map", orientation: "orthogonal", width: 30, height: 20, tilewidth: 2, tileheight: 2, tilesets: [set], layers };
    writeFileSync(join(home, "d.tmj"), JSON.stringify(map));
    const packed = valueOf(await packTiled(join(home, "d.tmj")));
    const store = memoryStore("d", packed.blocks);
    const view = valueOf(await openVersion(packed.root, store));
    const add = [{ id: "bnew", kind: "crate", x: 20, y: 15, layer: 0, gid: 1 }];
    const next = valueOf(await amendVersion(view, { add, remove: ["m7"], tick: 1, timeMs: 1 }, store));
    for (const block of next.newBlocks) await store.put(block);
    const after = valueOf(await openVersion(next.root, store));
    valueOf(await after.loadAll());
    const drawing = await drawWorld(after);
    markChanges(drawing, after.version, valueOf(await diffVersions(packed.root, next.root, store)));
    const at = (x: number, y: number): string => drawing.canvas.data.subarray((y * 60 + x) * 4, (y * 60 + x) * 4 + 3).join();
    expect([at(36, 26), at(17, 17), at(50, 5)]).toEqual(["46,204,90", "235,64,52", "0,0,0"]);
  });
});
