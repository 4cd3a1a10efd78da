// Outside the Tavern: trees, bushes, fences, the well, the ring of standing stones, the notice board.
import { Bitmap, picture } from "./bitmap.ts";
import { Grain } from "./grain.ts";
import { cobbles, foliage } from "./materials.ts";
import { type Sheet, TILE } from "./sheet.ts";

const LEAVES = "GHIJK";
const PINE = "GHHIJ";

function trunk(out: Bitmap, x: number, y: number, width: number, height: number): void {
  out
    .box(x, y, width, height, "d")
    .box(x, y, 1, height, "e")
    .box(x + 1, y, 1, height, "e")
    .box(x + width - 2, y, 2, height, "c");
  out
    .box(x + 3, y + 2, 1, height - 5, "c")
    .box(x - 2, y + height - 2, width + 4, 2, "d")
    .box(x - 2, y + height - 2, 3, 1, "e")
    .box(x + width, y + height - 1, 2, 1, "c");
}

/** A broad tree, three tiles wide, four tall. */
function oak(seed: number, ramp: string): Bitmap {
  const shape = new Bitmap(48, 64);
  trunk(shape, 20, 42, 8, 19);
  const grain = new Grain(seed);
  const clumps: [number, number, number][] = [
    [24, 22, 15],
    [13, 27, 10],
    [35, 27, 10],
    [24, 36, 12],
  ];
  for (let n = 0; n < 20; n++) {
    const angle = (n / 20) * Math.PI * 2;
    clumps.push([24 + Math.cos(angle) * grain.between(11, 16), 25 + Math.sin(angle) * grain.between(9, 15), grain.between(4, 6)]);
  }
  for (let n = 0; n < 9; n++) clumps.push([grain.between(13, 34), grain.between(12, 34), grain.between(4, 6)]);
  foliage(shape, seed, clumps, ramp);
  const out = new Bitmap(48, 64).ellipse(26, 59, 17, 4, "=");
  return out.blit(shape.outlined("#"), 0, 0);
}

/** A fir, two tiles wide, four tall. */
function fir(seed: number): Bitmap {
  const shape = new Bitmap(32, 64);
  trunk(shape, 13, 52, 6, 9);
  for (let tier = 0; tier < 5; tier++) {
    const y = 47 - tier * 9;
    const half = 14 - tier * 2.4;
    for (let j = 0; j < 14; j++) {
      const reach = (half * (j + 1)) / 14;
      for (let x = Math.ceil(16 - reach); x < 16 + reach; x++) {
        const ragged = j > 11 && (x * 7 + tier * 3 + seed) % 4 < 2;
        if (ragged) continue;
        const lean = (x - 16) / half;
        const lit = -lean * 0.9 - (j / 14) * 0.8 + (((x * 13 + j * 7 + tier) % 5) - 2) * 0.09;
        shape.dot(
          x,
          y + j - 7,
          lit > 0.3 ? (PINE[4] as string) : lit > -0.15 ? (PINE[3] as string) : lit > -0.85 ? (PINE[2] as string) : (PINE[0] as string),
        );
      }
    }
  }
  return new Bitmap(32, 64).ellipse(18, 60, 13, 3, "=").blit(shape.outlined("#"), 0, 0);
}

function bush(seed: number, berry?: string): Bitmap {
  const shape = new Bitmap(TILE, TILE);
  foliage(
    shape,
    seed,
    [
      [8, 9, 5],
      [5, 10, 4],
      [11, 10, 4],
      [8, 6, 4],
      [8, 12, 3],
    ],
    LEAVES,
  );
  if (berry !== undefined)
    for (const [x, y] of [
      [5, 8],
      [9, 6],
      [11, 10],
      [7, 11],
    ] as const)
      shape.dot(x, y, berry);
  return new Bitmap(TILE, TILE).ellipse(9, 13, 6, 2, "-").blit(shape.outlined("#"), 0, 0);
}

const FENCE_POST = [".####.", "#gfed#", "#fedc#", "#fedc#", "#fedc#", "#fedc#", "#fedc#", "#fedc#", "#fedc#", "#edcb#", "#edcb#", ".####."];

function fence(part: "middle" | "left" | "right" | "up"): Bitmap {
  const out = new Bitmap(TILE, TILE);
  const rail = (y: number, from: number, to: number): void => {
    out
      .box(from, y, to - from, 4, "#")
      .box(from, y + 1, to - from, 1, "f")
      .box(from, y + 2, to - from, 1, "d");
  };
  if (part === "up") return out.box(6, 0, 4, 16, "#").box(7, 0, 1, 16, "f").box(8, 0, 1, 16, "d").stamp(5, 3, FENCE_POST);
  for (const y of [5, 10]) rail(y, part === "left" ? 8 : 0, part === "right" ? 8 : 16);
  return out.stamp(5, 3, FENCE_POST);
}

/** The well, two tiles wide, three tall: stone ring, roof on two posts. */
function well(): Bitmap {
  const out = new Bitmap(32, 48);
  out.ellipse(17, 41, 15, 6, "=");
  out.ellipse(16, 30, 14, 7, "#").box(2, 30, 28, 10, "#").ellipse(16, 39, 14, 7, "#");
  const stone = cobbles(32, 8, 31, ["l", "k", "j", "j", "i"]);
  const ring = new Bitmap(32, 48).ellipse(16, 38, 13, 6.5, "k").box(3, 30, 26, 8, "k");
  for (let y = 0; y < 48; y++) for (let x = 0; x < 32; x++) if (ring.at(x, y) !== 0) out.put(x, y, stone.at(x, y % 32));
  for (let y = 30; y < 46; y++) for (let x = 24; x < 30; x++) if (ring.at(x, y) !== 0 && (x + y) % 2 === 0) out.dot(x, y, "i");
  out
    .ellipse(16, 30, 13, 6, "l")
    .ellipse(16.5, 30.5, 12, 5.5, "k")
    .ellipse(16, 30, 10, 4.5, "#")
    .ellipse(16, 31, 9, 3, "N")
    .ellipse(15, 31, 5, 1.5, "O");
  for (const x of [3, 26])
    out
      .box(x, 12, 4, 20, "#")
      .box(x + 1, 12, 2, 20, "d")
      .box(x + 1, 12, 1, 20, "e");
  out
    .box(5, 17, 22, 4, "#")
    .box(6, 18, 20, 2, "e")
    .box(6, 18, 20, 1, "f")
    .box(15, 20, 1, 7, "n")
    .stamp(13, 24, ["#####", "#edc#", "#jii#", ".###."]);
  for (let y = 0; y < 14; y++) {
    const half = 8 + Math.round(y * 0.58);
    out.box(16 - half, y, half * 2, 1, "#").box(17 - half, y, half * 2 - 2, 1, y % 4 === 3 ? "x" : y < 2 ? "z" : "y");
    if (y % 4 !== 3) for (let x = 17 - half + ((y >> 2) % 2) * 3; x < 15 + half; x += 6) out.dot(x, y, "x");
  }
  return out.box(8, 0, 16, 1, "#").box(0, 13, 32, 1, "#");
}

/** A standing stone, one tile wide, two tall, with a rune that glows. */
export function standingStone(seed: number, tones: readonly [string, string, string, string], runes: string): Bitmap {
  const [light, face, dark, foot] = tones;
  const out = new Bitmap(TILE, 32);
  const shape = new Bitmap(TILE, 32);
  const tall = seed % 2;
  shape
    .box(4, 4 + tall, 8, 25 - tall, face)
    .box(3, 9, 10, 20, face)
    .box(5, 3 + tall, 6, 2, face)
    .box(2, 17, 12, 12, face);
  shape
    .box(4, 5 + tall, 1, 12, light)
    .box(5, 4 + tall, 4, 1, light)
    .box(3, 10, 1, 16, light)
    .box(2, 18, 1, 9, light);
  shape
    .box(11, 6 + tall, 1, 20, dark)
    .box(12, 10, 1, 18, dark)
    .box(13, 18, 1, 11, dark)
    .box(3, 27, 10, 2, dark);
  const grain = new Grain(seed);
  for (let n = 0; n < 8; n++) shape.dot(grain.between(4, 10), grain.between(7, 26), grain.chance(2) ? dark : light);
  for (let x = 2; x < 14; x += 2) shape.dot(x, 28, foot).dot(x + 1, 27 + (x % 4 === 0 ? 1 : 0), foot);
  const sign = [
    [".A.", "A.A", ".AB", ".B."],
    ["A.A", ".A.", "B.B", ".B."],
    ["AA.", ".A.", ".BB", "B.."],
    [".AA", "A..", "BB.", "..B"],
  ][seed % 4] as string[];
  shape.stamp(
    6,
    12,
    sign.map((row) => row.replaceAll("A", runes[0] as string).replaceAll("B", runes[1] as string)),
  );
  return out.ellipse(9, 29, 7, 2, "=").blit(shape.outlined("#"), 0, 0);
}

/** Papers pinned to a board on two legs, two tiles wide. */
function noticeBoard(): Bitmap {
  const out = new Bitmap(32, TILE);
  out.box(1, 15, 30, 1, "-");
  for (const x of [4, 24]) out.box(x, 11, 4, 5, "#").box(x + 1, 11, 2, 5, "d");
  out.box(1, 0, 30, 13, "#").bevel(2, 1, 28, 11, ["f", "d", "c"]).box(3, 2, 26, 1, "e");
  const papers = [
    [4, 3, 6, 7],
    [12, 2, 5, 6],
    [18, 4, 4, 6],
    [23, 3, 5, 5],
  ] as const;
  for (const [x, y, w, h] of papers) {
    out
      .box(x + 1, y + 1, w, h, "b")
      .box(x, y, w, h, "p")
      .box(x, y + h - 1, w, 1, "n")
      .dot(x + (w >> 1), y, "s");
    for (let j = y + 2; j < y + h - 1; j += 2) out.box(x + 1, j, w - 2 - (j % 3 === 0 ? 1 : 0), 1, "e");
  }
  return out;
}

const HAY = [
  "................",
  "....########....",
  "..##gvggvgfg##..",
  ".#gvgfgvgfgfgf#.",
  ".#vgfgvgfgvgfe#.",
  "#gfvgfgfvgfgfee#",
  "#vgfgfvgfgfvfee#",
  "#ssssssssssssrr#",
  "#gfvgfgfvgfgfee#",
  "#fgfgvfgfgffeee#",
  "#ssssssssssssrr#",
  "#fgfgfgfgffefee#",
  "#ffgfffgffeeeed#",
  ".#effefefeeedd#.",
  "..############..",
  "................",
];

const LOGS = [
  "................",
  "................",
  "......####......",
  ".....#gffe#.....",
  "....#gfddfe#....",
  "....#fdefde#....",
  "....#fdeedd#....",
  ".....#eddd#.....",
  "..####c####.....",
  ".#gffe##gffe#...",
  "#gfddfe#fddfe#..",
  "#fdefde#defde#..",
  "#fdeedd#deedd#..",
  ".#eddd##eddd#...",
  "..####..####....",
  "................",
];

const SIGNPOST = [
  "................",
  "......####......",
  "..####gfed####..",
  ".#gffffffffffe##",
  ".#feddddddddddde",
  ".#fdppddpdpdpddd",
  ".#fddddddddddde#",
  ".#eccccccccccc#.",
  "..####fedc####..",
  "......#edc#.....",
  "......#edc#.....",
  "......#edc#.....",
  "......#edc#.....",
  ".....-#edc#=-...",
  "....--######=--.",
  "......--==--....",
];

export function addTavernYard(sheet: Sheet): void {
  sheet.add("oak/0", oak(4, LEAVES), { type: "tree", solid: { x: 18, y: 50, width: 12, height: 11 } });
  sheet.add("oak/1", oak(9, "HIJKL"), { type: "tree", solid: { x: 18, y: 50, width: 12, height: 11 } });
  sheet.add("fir", fir(1), { type: "tree", solid: { x: 10, y: 51, width: 12, height: 10 } });
  sheet.add("bush/0", bush(3), { type: "bush", solid: { x: 2, y: 6, width: 12, height: 8 } });
  sheet.add("bush/1", bush(6, "z"), { type: "bush", solid: { x: 2, y: 6, width: 12, height: 8 } });
  for (const part of ["middle", "left", "right"] as const)
    sheet.add(`fence/${part}`, fence(part), { type: "fence", solid: { x: 0, y: 6, width: 16, height: 9 } });
  sheet.add("fence/up", fence("up"), { type: "fence", solid: { x: 5, y: 0, width: 6, height: 16 } });
  sheet.add("well", well(), { type: "well", solid: { x: 2, y: 32, width: 28, height: 13 } });
  for (let n = 0; n < 4; n++)
    sheet.add(`stone/${n}`, standingStone(n, ["l", "k", "i", "I"], "WV"), {
      type: "standing-stone",
      solid: { x: 2, y: 19, width: 12, height: 11 },
    });
  sheet.add("notice-board", noticeBoard(), { type: "notice-board", solid: { x: 3, y: 6, width: 27, height: 9 } });
  sheet.add("signpost", picture(SIGNPOST), { type: "signpost", solid: { x: 5, y: 9, width: 6, height: 6 } });
  sheet.add("hay", picture(HAY), { type: "hay", solid: { x: 1, y: 4, width: 14, height: 11 } });
  sheet.add("logs", picture(LOGS), { type: "logs", solid: { x: 1, y: 5, width: 12, height: 9 } });
}
