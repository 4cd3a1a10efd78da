// Fire and light in the Tavern: the hearth, lanterns, candles, the lamp in the yard. All of it flickers in four frames.
import { Bitmap, picture } from "./bitmap.ts";
import { Grain } from "./grain.ts";
import { cobbles } from "./materials.ts";
import { type Sheet, TILE } from "./sheet.ts";

const FRAMES = 4;
const WARM = "#ffb347";

/** Tongues of flame on a base line: tall in the middle, different in every frame. */
export function flames(width: number, height: number, frame: number, seed: number, ramp = "rstuvw"): Bitmap {
  const out = new Bitmap(width, height);
  const grain = new Grain(seed + frame * 31);
  const reach = Array.from({ length: width }, (_, x) => {
    const arch = Math.sin((Math.PI * (x + 0.5)) / width);
    const tongue = 0.72 + 0.28 * Math.sin(x * 1.15 + frame * 1.7 + seed);
    return Math.max(1, Math.round(height * arch * tongue + grain.between(-1, 1)));
  });
  for (let x = 0; x < width; x++) {
    const tall = Math.min(reach[x] as number, height);
    for (let y = 0; y < tall; y++) {
      const rim = Math.min(x + 1, width - x, tall - y);
      const heat = rim / (height * 0.36) + (1 - y / height) * 0.55;
      const step = heat > 1.25 ? 5 : heat > 1 ? 4 : heat > 0.75 ? 3 : heat > 0.5 ? 2 : 1;
      out.dot(x, height - 1 - y, ramp[step] as string);
    }
  }
  for (let n = 0; n < 2; n++) out.dot(grain.between(2, width - 3), grain.below(Math.max(height >> 1, 1)), ramp[4] as string);
  return out;
}

/** The hearth, three tiles wide, three tall: chimney breast, mantel, mouth, and a stone sill on the floor. */
function hearth(frame: number): Bitmap {
  const out = new Bitmap(48, 48);
  const stone = cobbles(48, 8, 12, ["l", "k", "j", "i", "i"]);
  out.blit(stone.cut(0, 0, 40, 44), 4, 0);
  out.box(4, 0, 1, 44, "#").box(43, 0, 1, 44, "#").box(42, 0, 1, 44, "h").box(4, 0, 40, 1, "#").box(5, 1, 38, 1, "l");
  out
    .box(1, 14, 46, 5, "#")
    .box(2, 14, 44, 4, "d")
    .box(2, 14, 44, 1, "f")
    .box(2, 15, 44, 1, "e")
    .box(2, 17, 44, 1, "b")
    .box(5, 19, 38, 2, "=");
  out.box(10, 23, 28, 21, "#").box(12, 21, 24, 2, "#").box(12, 24, 24, 19, "a").box(14, 22, 20, 3, "a");
  out.box(13, 34, 22, 8, "r").box(12, 37, 24, 5, "r");
  out.blit(flames(20, 16, frame, 3), 14, 25);
  out.stamp(12, 38, [
    "..##................##..",
    ".#ed#####......#####ed#.",
    "#fe#edddc#####edddc##dc#",
    "#d#fffeeeddddffeedddc#b#",
    ".##cccccccccccccccccb##.",
    "..####################..",
  ]);
  out.box(1, 43, 46, 5, "#").box(2, 43, 44, 4, "j").box(2, 43, 44, 1, "l").box(2, 46, 44, 1, "i");
  for (const x of [12, 23, 35]) out.box(x, 44, 1, 3, "i");
  for (let x = 14; x < 34; x++) if ((x + frame) % 3 !== 0) out.dot(x, 44, "u");
  // What stands on the mantel.
  out
    .stamp(6, 8, ["..v..", ".###.", "#vut#", "#ut##", "#us#.", ".###."])
    .stamp(20, 6, ["..##..", ".#lk#.", "#lkki#", "#w#ki#", "#kkji#", ".#ji#.", "..##.."])
    .stamp(36, 7, [".##.", "#KJ#", "#JI#", "#I##", "#us#", "#ts#", ".##."]);
  return out;
}

const LANTERN = [
  "......##........",
  ".....#ji#.......",
  "....#.##.#......",
  "....#jiih#......",
  "...#jiiiih#.....",
  "...########.....",
  "...#FFFFFF#.....",
  "...#FFFFFF#.....",
  "...#FFFFFF#.....",
  "...#FFFFFF#.....",
  "...########.....",
  "...#jiiiih#.....",
  "....######......",
];

/** A flame behind glass: which letters the six by four pixels hold, by frame. */
const GLASS: readonly (readonly string[])[] = [
  ["tuvvut", "uvwwvu", "uvwwvu", "tuvvut"],
  ["tuuvut", "uvvwvu", "uvwwvu", "tuvvut"],
  ["tuvvut", "uvwwvu", "uvwwvt", "tuuvut"],
  ["tuvuut", "uvwvvu", "uvwwvu", "tuvvut"],
];

export function lantern(frame: number): Bitmap {
  return new Bitmap(TILE, TILE).stamp(1, 2, LANTERN).stamp(5, 8, GLASS[frame % 4] as string[]);
}

function wallLantern(frame: number): Bitmap {
  const out = new Bitmap(TILE, TILE);
  out.box(7, 3, 2, 3, "#");
  return out.blit(lantern(frame), 0, 1);
}

const CANDLE_FLAMES: readonly (readonly string[])[] = [
  [".u.", ".v.", "uwu", ".u."],
  ["...", ".v.", "uwu", ".u."],
  ["u..", ".v.", "uwu", ".u."],
  ["...", "uv.", "uwv", ".u."],
];

export function candle(frame: number): Bitmap {
  const out = new Bitmap(TILE, TILE);
  out.stamp(6, 4, CANDLE_FLAMES[frame] as string[]);
  return out.stamp(4, 7, ["..#p#...", "..#po#..", "..#po#..", "..#po#..", ".##po##.", "#uvvuut#", "#tuutts#", ".######."]);
}

/** Hangs over the long table: a wheel with candles, drawn over travellers. */
function chandelier(frame: number): Bitmap {
  const out = new Bitmap(32, 32);
  out.box(15, 0, 2, 12, "h").box(15, 0, 1, 12, "j");
  out.ellipse(16, 18, 14, 6, "#").ellipse(16, 18, 13, 5, "d").ellipse(16, 19, 12.5, 4, "c").ellipse(16, 18, 10, 3, "#");
  for (let y = 16; y < 21; y++)
    for (let x = 7; x < 25; x++) if (out.at(x, y) !== 0 && ((x - 16) / 9.4) ** 2 + ((y + 0.5 - 18) / 2.6) ** 2 < 1) out.dot(x, y, ".");
  for (const [i, x] of [3, 9, 15, 21, 27].entries()) {
    const y = i === 0 || i === 4 ? 12 : i === 2 ? 17 : 15;
    out
      .box(x, y, 2, 4, "p")
      .box(x + 1, y, 1, 4, "o")
      .stamp(x - 1, y - 4, CANDLE_FLAMES[(frame + i) % FRAMES] as string[]);
  }
  return out;
}

/** A lamp post for the yard, one tile wide, three tall. */
function lampPost(frame: number): Bitmap {
  const out = new Bitmap(TILE, 48);
  out
    .box(6, 14, 4, 30, "#")
    .box(7, 14, 2, 30, "i")
    .box(7, 14, 1, 30, "j")
    .box(4, 42, 8, 4, "#")
    .box(5, 42, 6, 3, "i")
    .box(5, 42, 6, 1, "k");
  return out.blit(lantern(frame), 0, 0);
}

export function frames(draw: (frame: number) => Bitmap): Bitmap[] {
  return Array.from({ length: FRAMES }, (_, frame) => draw(frame));
}

const TORCH_SCONCE = [
  "................",
  "................",
  "................",
  "................",
  "................",
  "................",
  "................",
  ".....######.....",
  ".....#kjji#.....",
  "......#dc#......",
  "......#dc#......",
  "......#dc#......",
  "......#cb#......",
  ".......##.......",
  "................",
  "................",
];

export function wallTorch(frame: number): Bitmap {
  return picture(TORCH_SCONCE).blit(flames(6, 8, frame, 11), 5, 0);
}

export function addTavernLight(sheet: Sheet): void {
  sheet.add("hearth", frames(hearth), { type: "hearth", solid: { x: 1, y: 0, width: 46, height: 46 }, light: { radius: 6, colour: WARM } });
  sheet.add("wall-lantern", frames(wallLantern), { type: "wall-lantern", solid: true, light: { radius: 4, colour: WARM }, frameMs: 180 });
  sheet.add("candle", frames(candle), { type: "candle", light: { radius: 3, colour: WARM }, frameMs: 160 });
  sheet.add("chandelier", frames(chandelier), { type: "chandelier", light: { radius: 6, colour: WARM }, frameMs: 160 });
  sheet.add("lamp-post", frames(lampPost), {
    type: "lamp-post",
    solid: { x: 4, y: 38, width: 8, height: 8 },
    light: { radius: 5, colour: WARM },
    frameMs: 180,
  });
}
