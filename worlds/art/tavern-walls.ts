// The Tavern's walls: dark beams from above, plaster and boards from the front, windows with the evening in them.
import { Bitmap } from "./bitmap.ts";
import { depthAt, E, N, S, SURROUNDINGS, W } from "./edges.ts";
import { Grain } from "./grain.ts";
import { cobbles } from "./materials.ts";
import { type Sheet, TILE } from "./sheet.ts";

/** Wall tops for each surrounding: rim light on the north and west, a dark line all around. */
export function addTops(
  sheet: Sheet,
  name: string,
  [rim, face, low, line]: readonly [string, string, string, string],
  grainSeed: number,
  marks: number,
): void {
  for (const mask of SURROUNDINGS) {
    const tile = new Bitmap(TILE, TILE, face);
    const grain = new Grain(grainSeed + mask);
    for (let n = 0; n < marks; n++) tile.box(grain.below(14), grain.below(16), grain.between(2, 4), 1, low);
    for (let y = 0; y < TILE; y++)
      for (let x = 0; x < TILE; x++) {
        const { depth, side } = depthAt(mask, x, y);
        if (depth === 0) tile.dot(x, y, line);
        else if (depth === 1) tile.dot(x, y, side === E || side === N ? low : rim);
        else if (depth === 2 && side === S) tile.dot(x, y, rim);
        else if (depth === 2 && side === W) tile.dot(x, y, low);
      }
    sheet.add(`${name}/${mask}`, tile, { solid: true });
    // Over a passage the same top blocks nobody: it is overhead.
    if (mask === (E | W)) sheet.add(`${name}-over`, tile);
  }
}

function plaster(seed: number): Bitmap {
  const out = new Bitmap(TILE, TILE, "o");
  const grain = new Grain(seed);
  for (let n = 0; n < 6; n++) out.box(grain.below(15), grain.between(5, 14), grain.between(1, 3), 1, grain.chance(3) ? "p" : "n");
  out.box(0, 0, TILE, 1, "#").box(0, 1, TILE, 2, "b").box(0, 1, TILE, 1, "d").box(0, 3, TILE, 1, "a").box(0, 4, TILE, 1, "n");
  return out;
}

function wainscot(seed: number): Bitmap {
  const out = new Bitmap(TILE, TILE, "d");
  const grain = new Grain(seed);
  for (let x = 0; x < TILE; x += 4) {
    out.box(x, 2, 1, 12, "e").box(x + 3, 2, 1, 12, "c");
    for (let n = 0; n < 2; n++) out.box(x + grain.between(1, 2), grain.between(3, 10), 1, grain.between(1, 3), "c");
  }
  out.box(0, 0, TILE, 1, "f").box(0, 1, TILE, 1, "e").box(0, 2, TILE, 1, "b");
  out.box(0, 12, TILE, 1, "b").box(0, 13, TILE, 2, "c").box(0, 13, TILE, 1, "d").box(0, 15, TILE, 1, "a");
  return out;
}

function post(tile: Bitmap, x: number): Bitmap {
  tile
    .box(x, 1, 4, 15, "c")
    .box(x, 1, 1, 15, "d")
    .box(x + 3, 1, 1, 15, "b");
  return tile;
}

function stoneFoot(seed: number): Bitmap {
  const out = new Bitmap(TILE, TILE);
  out.blit(cobbles(32, 8, seed, ["l", "k", "j", "j", "i"]).cut(0, 0, TILE, TILE), 0, 0);
  out.box(0, 0, TILE, 1, "c").box(0, 1, TILE, 1, "b").box(0, 14, TILE, 1, "i").box(0, 15, TILE, 1, "h");
  return out;
}

/** Two tiles wide, in the upper face: leaded panes, the low sun behind them. */
function window(): Bitmap {
  const out = new Bitmap(32, TILE).blit(plaster(3), 0, 0).blit(plaster(4), TILE, 0);
  out.box(4, 3, 24, 13, "a").box(5, 4, 22, 11, "c").box(5, 4, 22, 1, "d");
  for (const x of [6, 17]) {
    out.box(x, 5, 9, 9, "v").box(x, 11, 9, 3, "t").box(x, 9, 9, 2, "u");
    out.box(x + 4, 5, 1, 9, "c").box(x, 9, 9, 1, "c");
    out
      .dot(x, 6, "w")
      .dot(x + 1, 5, "w")
      .dot(x, 5, "w")
      .dot(x + 5, 6, "w")
      .dot(x + 6, 5, "w")
      .dot(x + 5, 5, "w");
    out
      .dot(x + 2, 13, "s")
      .dot(x + 3, 13, "s")
      .dot(x + 6, 13, "s")
      .dot(x + 7, 12, "s")
      .dot(x + 7, 13, "s");
  }
  out.box(3, 15, 26, 1, "f");
  return out;
}

/** Lintel over a passage one or two tiles wide: left, middle and right ends, drawn over travellers. */
function lintel(part: "left" | "middle" | "right" | "alone"): Bitmap {
  const out = new Bitmap(TILE, TILE);
  out
    .box(0, 0, TILE, 1, "#")
    .box(0, 1, TILE, 6, "c")
    .box(0, 1, TILE, 1, "e")
    .box(0, 2, TILE, 1, "d")
    .box(0, 6, TILE, 1, "b")
    .box(0, 7, TILE, 2, "=");
  if (part === "left" || part === "alone") out.box(0, 1, 3, 15, "c").box(0, 1, 1, 15, "d").box(3, 7, 1, 9, "=");
  if (part === "right" || part === "alone") out.box(13, 1, 3, 15, "c").box(15, 1, 1, 15, "b").box(12, 7, 1, 9, "=");
  return out;
}

/** The sides of a passage through a wall, at its foot. */
function jamb(part: "left" | "right"): Bitmap {
  const out = new Bitmap(TILE, TILE);
  const x = part === "left" ? 0 : 13;
  return out
    .box(x, 0, 3, 16, "c")
    .box(x, 0, 1, 16, part === "left" ? "d" : "c")
    .box(x + 2, 0, 1, 16, "b")
    .box(x, 14, 3, 2, "a");
}

/** Double doors that stand open, seen from the side, along an east wall. */
function openDoor(): Bitmap {
  const out = new Bitmap(TILE, TILE);
  return out
    .box(0, 10, 16, 6, "a")
    .box(0, 11, 16, 4, "d")
    .box(0, 11, 16, 1, "e")
    .box(3, 11, 1, 4, "c")
    .box(8, 11, 1, 4, "c")
    .box(12, 11, 1, 4, "c")
    .dot(13, 13, "v");
}

export function addTavernWalls(sheet: Sheet): void {
  const solid = { solid: true };
  addTops(sheet, "beam", ["d", "c", "b", "#"], 11, 3);
  for (let n = 0; n < 3; n++) {
    sheet.add(`plaster/${n}`, plaster(20 + n), solid);
    sheet.add(`wainscot/${n}`, wainscot(30 + n), solid);
  }
  sheet.add("plaster-post", post(plaster(27), 6), solid);
  sheet.add("wainscot-post", post(wainscot(37), 6), solid);
  sheet.add("foot/0", stoneFoot(5), solid);
  sheet.add("foot/1", stoneFoot(8), solid);
  sheet.add("window", window(), { solid: true, light: { radius: 2, colour: "#ffb347" } });
  for (const part of ["left", "middle", "right", "alone"] as const) sheet.add(`lintel/${part}`, lintel(part));
  sheet.add("jamb/left", jamb("left"), { solid: { x: 0, y: 0, width: 3, height: 16 } });
  sheet.add("jamb/right", jamb("right"), { solid: { x: 13, y: 0, width: 3, height: 16 } });
  sheet.add("open-door", openDoor());
}
