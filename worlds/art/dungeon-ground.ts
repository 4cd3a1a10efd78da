// The Dungeon's ground and walls: worn slabs, moss and cracks, water that moves, brick faces, the dark rock above.
import { Bitmap } from "./bitmap.ts";
import { depthAt, N, SURROUNDINGS } from "./edges.ts";
import { Grain, hashAt } from "./grain.ts";
import { bricks, cobbles, planks, slabs } from "./materials.ts";
import { type Sheet, TILE } from "./sheet.ts";
import { addGlow, addPatch, addShadows } from "./tavern-ground.ts";
import { addTops } from "./tavern-walls.ts";

function crack(seed: number): Bitmap {
  const out = new Bitmap(TILE, TILE);
  const grain = new Grain(seed);
  let x = grain.between(1, 4);
  let y = grain.between(3, 12);
  while (x < 14) {
    out.dot(x, y, "A").dot(x, y + 1, "D");
    if (grain.chance(4)) out.dot(x, y - 1, "A").dot(x + 1, y - 2, "A");
    x += 1;
    y += grain.between(-1, 1);
  }
  return out;
}

function moss(seed: number): Bitmap {
  const out = new Bitmap(TILE, TILE);
  const grain = new Grain(seed);
  for (let n = 0; n < 5; n++) {
    const cx = grain.between(2, 13);
    const cy = grain.between(2, 13);
    out.ellipse(cx, cy, grain.between(2, 4), grain.between(1, 3), "H");
    for (let i = 0; i < 4; i++) out.dot(cx + grain.between(-2, 2), cy + grain.between(-2, 1), "I");
    if (grain.chance(2)) out.dot(cx, cy - 1, "J");
  }
  return out;
}

/** Water with its stone rim, for each surrounding; glints drift by frame. Nobody walks on it. */
function water(mask: number, frame: number): Bitmap {
  const out = new Bitmap(TILE, TILE, "N");
  for (let y = 0; y < TILE; y++)
    for (let x = 0; x < TILE; x++) {
      const wave = hashAt((x + frame) >> 2, y >> 1, 3 + (frame >> 1)) % 23;
      const { depth, side } = depthAt(mask, x, y);
      if (side === N && depth < 5) out.dot(x, y, depth === 0 ? "F" : depth === 1 ? "D" : depth < 4 ? "B" : "M");
      else if (depth === 0) out.dot(x, y, "E");
      else if (depth === 1) out.dot(x, y, "B");
      else if (depth < 4) out.dot(x, y, hashAt((x + frame) >> 1, y, 8) % 13 === 0 ? "O" : "M");
      else if (wave === 0 && y % 2 === 0) out.dot(x, y, "P");
      else if (wave < 3 && y % 2 === 0) out.dot(x, y, "O");
      else if (wave > 19 && y % 2 === 1) out.dot(x, y, "M");
    }
  return out;
}

function puddle(frame: number): Bitmap {
  const out = new Bitmap(TILE, TILE);
  out.ellipse(8, 9, 7, 4, "B").ellipse(8, 9.5, 6, 3, "M").ellipse(8, 9.5, 5, 2, "N").box(4, 8, 3, 1, "P");
  const r = frame + 1;
  if (frame < 3)
    for (let a = 0; a < 12; a++) out.dot(Math.round(10 + Math.cos(a) * r), Math.round(10 + (Math.sin(a) * r) / 2), frame === 2 ? "O" : "P");
  return out;
}

const WALL = ["E", "D", "D", "C", "B"] as const;

function faceUpper(seed: number): Bitmap {
  const out = bricks(TILE, TILE, seed, [...WALL], 5, 8);
  return out.box(0, 0, TILE, 1, "A").box(0, 1, TILE, 2, "E").box(0, 1, TILE, 1, "F").box(0, 3, TILE, 1, "B");
}

function faceLower(seed: number): Bitmap {
  const out = bricks(TILE, TILE, seed, ["D", "C", "D", "B", "A"], 5, 8);
  return out.box(0, 14, TILE, 1, "B").box(0, 15, TILE, 1, "A");
}

function archLintel(part: "left" | "middle" | "right" | "alone"): Bitmap {
  const out = new Bitmap(TILE, TILE);
  out
    .box(0, 0, TILE, 1, "A")
    .box(0, 1, TILE, 7, "D")
    .box(0, 1, TILE, 2, "E")
    .box(0, 1, TILE, 1, "F")
    .box(0, 7, TILE, 1, "B")
    .box(0, 8, TILE, 3, "=");
  for (let x = 3; x < 16; x += 5) out.box(x, 3, 1, 4, "B").box(x + 1, 3, 1, 4, "E");
  if (part === "left" || part === "alone") out.stamp(0, 8, ["DDDCB", "DDCB", "EDB", "EDB", "DCB", "DCB", "EDB", "EDB"]);
  if (part === "right" || part === "alone")
    out.stamp(0, 8, [
      "...........BEDDC",
      "............BEDC",
      ".............BEC",
      ".............BDC",
      ".............BDC",
      ".............BEC",
      ".............BEC",
      ".............BDC",
    ]);
  return out;
}

function archFoot(part: "left" | "right"): Bitmap {
  const out = new Bitmap(TILE, TILE);
  const x = part === "left" ? 0 : 13;
  for (let y = 0; y < TILE; y++)
    out
      .dot(x, y, y % 5 === 4 ? "B" : "E")
      .dot(x + 1, y, y % 5 === 4 ? "B" : "D")
      .dot(x + 2, y, "B");
  return out.box(x, 15, 3, 1, "A");
}

/** A walkway of boards over water. */
function bridge(part: "middle" | "north" | "south"): Bitmap {
  const out = new Bitmap(TILE, TILE);
  const boards = planks(TILE, TILE, 3, ["f", "e", "d", "b"]);
  for (let y = 0; y < TILE; y++) for (let x = 0; x < TILE; x++) out.put(x, y, boards.at(y, x));
  for (const x of [3, 7, 11, 15]) out.box(x, 0, 1, TILE, "b");
  if (part === "north") out.box(0, 0, TILE, 3, "d").box(0, 0, TILE, 1, "f").box(0, 2, TILE, 1, "#");
  if (part === "south") out.box(0, 11, TILE, 3, "d").box(0, 11, TILE, 1, "f").box(0, 14, TILE, 2, "#");
  return out;
}

export function addDungeonGround(sheet: Sheet): void {
  const solid = { solid: true };
  addPatch(sheet, "slab", slabs(64, 5, ["D", "C", "C", "B", "B"]));
  addPatch(sheet, "cave", cobbles(64, 16, 6, ["D", "C", "C", "B", "B"]));
  addPatch(sheet, "tile", slabs(64, 9, ["E", "D", "D", "C", "B"]));
  for (let n = 0; n < 4; n++) sheet.add(`crack/${n}`, crack(100 + n * 3));
  for (let n = 0; n < 4; n++) sheet.add(`moss/${n}`, moss(200 + n));
  addTops(sheet, "rock", ["D", "A", "B", "#"], 44, 1);
  for (let n = 0; n < 4; n++) sheet.add(`upper/${n}`, faceUpper(300 + n), solid);
  for (let n = 0; n < 4; n++) sheet.add(`lower/${n}`, faceLower(310 + n), solid);
  sheet.add("upper-moss", faceUpper(305).stamp(2, 0, ["JIIJIIIJII", "IIHIIHIIHI", ".IH.I.HI.H", ".H..I..H..", "....H....."]), solid);
  sheet.add(
    "lower-moss",
    faceLower(316).stamp(1, 11, ["...H.....I....", "..HI.H..HIH..I", ".HIIHIHHIIIHHI", "HIJIIIHIIJIIHI", "HHHIHHHHIHHHHH"]),
    solid,
  );
  for (const part of ["left", "middle", "right", "alone"] as const) sheet.add(`arch/${part}`, archLintel(part));
  sheet.add("arch-foot/left", archFoot("left"), { solid: { x: 0, y: 0, width: 3, height: 16 } });
  sheet.add("arch-foot/right", archFoot("right"), { solid: { x: 13, y: 0, width: 3, height: 16 } });
  for (const part of ["middle", "north", "south"] as const) sheet.add(`bridge/${part}`, bridge(part));
  sheet.add("puddle", [0, 1, 2, 3].map(puddle), { frameMs: 220 });
  addShadows(sheet);
  addGlow(sheet, "glow", "+", "*");
  addGlow(sheet, "cold-glow", "~", "~");
  addGlow(sheet, "magic-glow", "^", "^");
  for (const mask of SURROUNDINGS)
    sheet.add(
      `water/${mask}`,
      [0, 1, 2, 3].map((frame) => water(mask, frame)),
      { solid: true, frameMs: 260 },
    );
}
