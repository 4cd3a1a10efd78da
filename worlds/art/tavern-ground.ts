// The Tavern's ground: boards, boards of the side rooms, grass, flowers, cobbles and paths, carpets, shadows.
import { Bitmap } from "./bitmap.ts";
import { depthAt, SURROUNDINGS } from "./edges.ts";
import { far, Grain, hashAt } from "./grain.ts";
import { cobbles, planks } from "./materials.ts";
import { type Sheet, TILE } from "./sheet.ts";

/** A repeating patch, cut into tiles `name/x,y`. */
export function addPatch(sheet: Sheet, name: string, patch: Bitmap): void {
  for (let y = 0; y < patch.height / TILE; y++)
    for (let x = 0; x < patch.width / TILE; x++) sheet.add(`${name}/${x},${y}`, patch.cut(x * TILE, y * TILE, TILE, TILE));
}

function grass(seed: number, tufts: number): Bitmap {
  const out = new Bitmap(TILE, TILE, "I");
  const grain = new Grain(seed);
  for (let n = 0; n < 5; n++) out.dot(grain.below(TILE), grain.below(TILE), "H");
  for (let n = 0; n < tufts; n++) {
    const x = grain.between(1, 13);
    const y = grain.between(2, 13);
    out.stamp(x, y - 1, ["J.J", ".J.", ".H."]);
    if (grain.chance(2)) out.dot(x, y - 2, "J");
  }
  return out;
}

function flowers(seed: number, petal: string, heart: string): Bitmap {
  const out = grass(seed, 2);
  const grain = new Grain(seed + 99);
  for (let n = 0; n < 3; n++) {
    const x = grain.between(1, 12) + 1;
    const y = 2 + n * 4 + grain.below(3);
    out.stamp(x - 1, y - 1, [`.${petal}.`, `${petal}${heart}${petal}`, `.${petal}.`, ".H."]);
  }
  return out;
}

/** The ragged rim of grass that hangs over paving, for each surrounding. */
function addFringe(sheet: Sheet): void {
  for (const mask of SURROUNDINGS) {
    const tile = new Bitmap(TILE, TILE);
    for (let y = 0; y < TILE; y++)
      for (let x = 0; x < TILE; x++) {
        const { depth } = depthAt(mask, x, y);
        const ragged = 1 + (hashAt(x >> 1, y >> 1, 5) % 3);
        if (depth < ragged) tile.dot(x, y, hashAt(x, y, 6) % 6 === 0 ? "J" : "I");
        else if (depth === ragged) tile.dot(x, y, "H");
        else if (depth === ragged + 1) tile.dot(x, y, "-");
      }
    if (mask !== 255) sheet.add(`fringe/${mask}`, tile);
  }
}

function rug(base: string, dark: string, gold: string, light: string): Bitmap {
  const out = new Bitmap(48, 48);
  out.box(1, 1, 46, 46, "b");
  out.box(1, 1, 46, 45, dark);
  out.box(2, 2, 44, 43, gold);
  out.box(3, 3, 42, 41, dark);
  out.box(5, 5, 38, 37, base);
  for (let i = 0; i < 48; i += 4)
    for (let j = 0; j < 48; j += 4) {
      if (i < 8 || j < 8 || i > 39 || j > 37) continue;
      if ((i + j) % 8 === 0) out.stamp(i, j, [`.${light}.`, `${light}${gold}${light}`, `.${light}.`]);
    }
  for (let i = 6; i < 42; i += 4) out.dot(i, 4, gold).dot(i, 42, gold).dot(4, i, gold).dot(43, i, gold);
  for (let y = 3; y < 45; y += 2) out.dot(0, y, "n").dot(47, y, "n");
  return out;
}

/** Shadows that fall on the ground: below a wall's face, right of a wall, in the corner of both, and round ones. */
export function addShadows(sheet: Sheet): void {
  const south = new Bitmap(TILE, TILE).box(0, 0, TILE, 3, "=").box(0, 3, TILE, 3, "-");
  const east = new Bitmap(TILE, TILE).box(0, 0, 2, TILE, "=").box(2, 0, 2, TILE, "-");
  const both = new Bitmap(TILE, TILE).box(0, 0, TILE, 6, "-").box(0, 0, 4, TILE, "-").box(0, 0, 2, TILE, "=").box(0, 0, TILE, 3, "=");
  const nook = new Bitmap(TILE, TILE).box(0, 0, 4, 6, "-").box(0, 0, 2, 3, "=");
  sheet.add("shade/south", south);
  sheet.add("shade/east", east);
  sheet.add("shade/both", both);
  sheet.add("shade/nook", nook);
  sheet.add("shade/deep", new Bitmap(TILE, TILE, "="));
  sheet.add("shade/soft", new Bitmap(TILE, TILE, "-"));
}

/** A pool of light, five tiles wide, in two soft rings with a dithered rim. */
export function addGlow(sheet: Sheet, name: string, outer: string, inner: string): void {
  const out = new Bitmap(80, 80);
  for (let y = 0; y < 80; y++)
    for (let x = 0; x < 80; x++) {
      const d = far(x - 39.5, (y - 39.5) * 1.2);
      const rough = (x + y) % 2 === 0 ? 2 : 0;
      if (d < 18 + rough) out.dot(x, y, inner);
      else if (d < 33 + rough) out.dot(x, y, outer);
    }
  sheet.add(name, out);
}

export function addTavernGround(sheet: Sheet): void {
  addPatch(sheet, "boards", planks(96, 64, 7, ["f", "e", "e", "d"]));
  addPatch(sheet, "old-boards", planks(64, 32, 21, ["e", "d", "d", "c"]));
  for (let n = 0; n < 6; n++) sheet.add(`grass/${n}`, grass(40 + n, [0, 0, 1, 2, 3, 5][n] as number));
  sheet.add("flowers/0", flowers(60, "p", "u"));
  sheet.add("flowers/1", flowers(61, "Z", "v"));
  sheet.add("flowers/2", flowers(64, "V", "W"));
  addPatch(sheet, "cobble", cobbles(64, 8, 3, ["k", "j", "j", "i", "i"]));
  addPatch(sheet, "path", pathPatch());
  addFringe(sheet);
  addShadows(sheet);
  addGlow(sheet, "glow", "+", "*");
  sheet.add("rug-red", rug("y", "x", "v", "z"));
  sheet.add("rug-blue", rug("N", "M", "n", "O"));
  sheet.add(
    "doormat",
    new Bitmap(TILE, TILE)
      .box(1, 3, 14, 10, "c")
      .box(2, 4, 12, 8, "d")
      .stamp(2, 5, ["e.e.e.e.e.e.", ".e.e.e.e.e.e", "e.e.e.e.e.e.", ".e.e.e.e.e.e", "e.e.e.e.e.e."]),
  );
}

/** Trodden earth. */
function pathPatch(): Bitmap {
  const out = new Bitmap(64, 64, "n");
  const grain = new Grain(17);
  for (let n = 0; n < 120; n++) {
    const x = grain.below(64);
    const y = grain.below(64);
    out.box(x, y, grain.between(1, 3), 1, grain.chance(3) ? "o" : "f");
  }
  for (let n = 0; n < 14; n++) {
    const x = grain.below(61);
    const y = grain.below(62);
    out.stamp(x, y, ["kk.", "jki", ".ii"]);
  }
  return out;
}
