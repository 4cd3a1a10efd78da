// Looks are the id's alone, paint touches only what is meant to change, and every frame asked for is on the picture.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DRAWN_IN, FIGURES, type FigureName, UI } from "./atlas.ts";
import { avatarFrame, avatarLook, CLOAKS, HAIRS, paintLook, SKINS } from "./avatars.ts";

function sizeOf(file: string): [number, number] {
  const png = readFileSync(new URL(file, import.meta.url));
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

const rgba = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).concat(255);

describe("avatarLook", () => {
  it("is always in range and the same for the same id", () => {
    fc.assert(
      fc.property(fc.string(), (id) => {
        const look = avatarLook(id);
        expect(look).toEqual(avatarLook(id));
        expect(CLOAKS[look.cloak] && HAIRS[look.hair] && SKINS[look.skin] && FIGURES[look.figure]).toBeDefined();
      }),
    );
  });

  it("does not change between releases", () => {
    expect(avatarLook("did:key:z6MkAda")).toMatchInlineSnapshot(`
      {
        "cloak": 8,
        "figure": "traveller-long",
        "hair": 5,
        "skin": 3,
      }
    `);
  });

  it("makes a crowd colourful", () => {
    const looks = Array.from({ length: 300 }, (_, i) => avatarLook(`did:key:z6Mk${i}`));
    expect(new Set(looks.map((look) => look.cloak)).size).toBe(CLOAKS.length);
    expect(new Set(looks.map((look) => look.hair)).size).toBe(HAIRS.length);
    expect(new Set(looks.map((look) => look.skin)).size).toBe(SKINS.length);
    expect(new Set(looks.map((look) => JSON.stringify(look))).size).toBeGreaterThan(200);
  });
});

describe("paintLook", () => {
  const look = { figure: "traveller-short", cloak: 1, hair: 2, skin: 3 } as const;

  it("replaces cloak, hair and skin shade by shade", () => {
    const before = [...DRAWN_IN.cloak, ...DRAWN_IN.hair, ...DRAWN_IN.skin];
    const after = [...(CLOAKS[1] ?? []), ...(HAIRS[2] ?? []), ...(SKINS[3] ?? [])];
    expect([...paintLook(Uint8Array.from(before.flatMap(rgba)), look)]).toEqual(after.flatMap(rgba));
  });

  it("leaves every other pixel and all alpha alone, and the bytes it was given", () => {
    const bytes = Uint8ClampedArray.from([1, 2, 3, 4, 27, 19, 32, 255, 0, 0, 0, 0]);
    expect([...paintLook(bytes, look)]).toEqual([...bytes]);
    const cloak = Uint8ClampedArray.from(rgba(DRAWN_IN.cloak[0] ?? ""));
    const kept = [...cloak];
    paintLook(cloak, look);
    expect([...cloak]).toEqual(kept);
  });

  it("has as many shades in every ramp as the figures are drawn in", () => {
    for (const [ramps, drawn] of [
      [CLOAKS, DRAWN_IN.cloak],
      [HAIRS, DRAWN_IN.hair],
      [SKINS, DRAWN_IN.skin],
    ] as const)
      for (const ramp of ramps) expect(ramp.length).toBe(drawn.length);
  });
});

describe("atlas", () => {
  it("keeps every frame of every figure inside avatars.png", () => {
    const [width, height] = sizeOf("./avatars.png");
    for (const figure of Object.keys(FIGURES) as FigureName[])
      for (let facing = 0; facing < 256; facing += 8)
        for (const moving of [true, false])
          for (let time = 0; time < 2000; time += 90) {
            const box = avatarFrame(figure, facing, moving, time);
            expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height).toBe(true);
          }
  });

  it("turns a facing into the nearest of the four rows", () => {
    const row = (facing: number): number => avatarFrame("traveller-short", facing, false, 0).y / 24;
    expect([0, 64, 128, 192, 255, 31, 33].map(row)).toEqual([0, 1, 2, 3, 0, 0, 1]);
  });

  it("keeps every piece of the interface inside ui.png", () => {
    const [width, height] = sizeOf("./ui.png");
    for (const [name, box] of Object.entries(UI)) {
      expect(box.x + box.width <= width && box.y + box.height <= height, name).toBe(true);
      expect(box.border * 2, name).toBeLessThan(Math.min(box.width, box.height));
    }
  });
});
