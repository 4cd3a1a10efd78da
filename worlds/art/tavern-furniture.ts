// What stands in the Tavern: bar and shelves, tables and seats, barrels, crates, chests, beds, the way down to the cellar.
import { Bitmap, picture } from "./bitmap.ts";
import { Grain } from "./grain.ts";
import { planks } from "./materials.ts";
import { type Sheet, TILE } from "./sheet.ts";

const CAN = ["................", "....########....", "...#gffffffe#...", "..#gfeddddefe#..", "..#fd######de#..", "..#e#cddddc#d#.."];

export const BARREL: readonly string[] = [
  "................",
  ".....######.....",
  "...##eeeeee##...",
  "..#edccccccde#..",
  "..#dcddddddcd#..",
  "..##cccccccc##..",
  ".#kk##cccc##jj#.",
  ".#jjkk####jjii#.",
  ".#fedejjjjedcc#.",
  ".#feddeddeddcc#.",
  ".#feddeddeddcc#.",
  ".#kkddeddeddji#.",
  ".#jjkkkkjjjjii#.",
  "..#eijjjjiicc#..",
  "...##edddcc##...",
  ".....######.....",
];

export const CRATE: readonly string[] = [
  "................",
  ".##############.",
  ".#gffffffffffe#.",
  ".#feddddddddec#.",
  ".#fdffffffffdc#.",
  ".#eccccccccccb#.",
  ".##############.",
  ".#fffeffefffec#.",
  ".#fcddcddcddbc#.",
  ".#fdfcddcddbec#.",
  ".#fddfcddcbddc#.",
  ".#fdcdfcdbcddc#.",
  ".#fdcddfbecddc#.",
  ".#fffeffefffec#.",
  ".#ecccccccccbb#.",
  ".##############.",
];

export const CHEST: readonly string[] = [
  "................",
  "................",
  "..############..",
  ".#ffeeeeeeeedd#.",
  ".#feuedddduedc#.",
  ".#edudddddduddc#",
  ".#edudccccudcc#.",
  ".##############.",
  ".#uuuutwwtuuut#.",
  ".###########t##.",
  ".#edudu##tudcc#.",
  ".#edudduududcc#.",
  ".#ddudcccctdcb#.",
  ".#dctccccctcbb#.",
  ".##############.",
  "................",
];

const CHEST_OPEN: readonly string[] = [
  "..############..",
  ".#ddcccccccccb#.",
  ".#dcubbbbbbubb#.",
  ".#cbubaaaabubb#.",
  ".#cbubaaaabtbb#.",
  ".##############.",
  ".#auvaauvwaauv#.",
  ".#uvwuuvwvuuva#.",
  ".#uuvvwuvuvwuu#.",
  ".##############.",
  ".#uuuutwwtuuut#.",
  ".#edudduududcc#.",
  ".#ddudcccctdcb#.",
  ".#dctccccctcbb#.",
  ".##############.",
  "................",
];

const STOOL: readonly string[] = [
  "................",
  "................",
  "................",
  "................",
  ".....######.....",
  "...##gffffe##...",
  "..#gffffeeeed#..",
  "..#ffffeeeeed#..",
  "..#dffeeeeedc#..",
  "...##dddddc##...",
  "...#c######b#...",
  "...#d#....#c#...",
  "...#c#-==-#c#...",
  "...#b#----#b#...",
  "....#......#....",
  "................",
];

const SACK: readonly string[] = [
  "................",
  "................",
  "......#..#......",
  ".....#o##n#.....",
  "......#nn#......",
  ".....#vuut#.....",
  "....#oonnnf#....",
  "...#ooonnnff#...",
  "..#opoonnnnff#..",
  "..#ooonnnnnff#..",
  ".#ooonnnnnnfff#.",
  ".#ooonnnfnnffe#.",
  ".#onnnnnnnfffe#.",
  "..#nnnnffffee#..",
  "...##########...",
  "................",
];

const PLANT: readonly string[] = [
  "......##........",
  "....##KJ##.##...",
  "...#KJJI#K#JI#..",
  "..#KJI#JKJJJII#.",
  "..#JI#KJJ#JI#I#.",
  ".##I#KJI#JJII##.",
  "#KJJ#JI#KJI#JI#.",
  "#JII##J#JI#JIIH#",
  ".##H#I##I##HH##.",
  "...####H####....",
  "...#ssssrrr#....",
  "...#tssssrr#....",
  "....#tsssr#.....",
  "....#ssrrr#.....",
  ".....#####......",
  "................",
];

const CAULDRON: readonly string[] = [
  "................",
  "....########....",
  "..##jiiiiiih##..",
  ".#ji########ih#.",
  ".#i#JKJJIJI#hh#.",
  ".#h##IJKIJ##hh#.",
  ".##ih######hh##.",
  "#jiiiiiiiihhhhh#",
  "#jkiiiiiihhhhh##",
  "#jkiiiiihhhhh#..",
  ".#jiiiihhhhhh#..",
  ".#iiihhhhhhhh#..",
  "..#ihhhhhhhh#...",
  "..###hhhhh###...",
  "..#h######h#....",
  "...#......#.....",
];

/** A table seen from above and in front, two tiles wide. */
function table(width: number): Bitmap {
  const out = new Bitmap(width, 32);
  out.box(3, 22, width - 6, 7, "-");
  for (const x of [3, width - 7])
    out
      .box(x, 20, 4, 9, "#")
      .box(x + 1, 20, 2, 8, "c")
      .box(x + 1, 20, 1, 8, "d");
  out.box(1, 4, width - 2, 19, "#").box(2, 3, width - 4, 21, "#");
  out.blit(planks(width - 4, 16, 5, ["g", "f", "f", "e"]), 2, 4);
  out
    .box(2, 4, width - 4, 1, "g")
    .box(2, 4, 1, 15, "g")
    .box(2, 19, width - 4, 1, "e")
    .box(2, 20, width - 4, 3, "d")
    .box(2, 22, width - 4, 1, "c");
  return out
    .dot(1, 4, ".")
    .dot(width - 2, 4, ".")
    .dot(1, 22, ".")
    .dot(width - 2, 22, ".");
}

/** One tile of bar: worktop on the upper half, panels below. */
function bar(part: "left" | "middle" | "right" | "side"): Bitmap {
  const out = new Bitmap(TILE, TILE);
  const top = part === "side" ? 16 : 8;
  out
    .box(0, 0, TILE, top, "f")
    .box(0, 0, TILE, 1, "#")
    .box(0, 1, TILE, 1, "g")
    .box(0, 4, TILE, 1, "e")
    .box(0, top - 1, TILE, 1, "e");
  if (part === "side")
    return out
      .box(0, 0, TILE, TILE, "f")
      .box(2, 0, 1, 16, "g")
      .box(8, 0, 1, 16, "e")
      .box(13, 0, 1, 16, "e")
      .box(0, 0, 1, 16, "#")
      .box(1, 0, 1, 16, "g")
      .box(15, 0, 1, 16, "#");
  out.box(0, 8, TILE, 1, "#").box(0, 9, TILE, 6, "d").box(0, 9, TILE, 1, "b").box(0, 15, TILE, 1, "#").box(0, 14, TILE, 1, "b");
  for (let x = 1; x < 16; x += 7) out.bevel(x, 10, 6, 4, ["e", "d", "c"]);
  if (part === "left") out.box(0, 0, 1, TILE, "#").dot(0, 0, ".");
  if (part === "right") out.box(15, 0, 1, TILE, "#").dot(15, 0, ".");
  return out;
}

const BOTTLES: readonly (readonly string[])[] = [
  [".#.", "#J#", "KJI", "KII", "KII", "JIH"],
  [".#.", ".s.", "tsr", "tsr", "usr", "ssr"],
  ["...", ".#.", "#P#", "QPO", "POO", "PON"],
  [".#.", "#v#", "wvu", "vuu", "vuu", "uut"],
  ["...", ".#.", "#V#", "WVU", "VUU", "VUT"],
  ["...", "...", "kkk", "lkj", "kkj", "kji"],
];

/** Shelves against the wall, two tiles tall. */
function shelf(seed: number): Bitmap {
  const out = new Bitmap(TILE, 32);
  const grain = new Grain(seed);
  out
    .box(0, 4, 16, 27, "#")
    .box(1, 5, 14, 25, "b")
    .box(0, 4, 16, 1, "#")
    .box(1, 5, 14, 1, "e")
    .box(1, 5, 1, 25, "d")
    .box(14, 5, 1, 25, "c");
  for (const y of [14, 23, 30]) {
    for (let x = 2; x < 13; x += 4) out.stamp(x + grain.below(2) * (x < 9 ? 1 : 0), y - 6, grain.pick(BOTTLES));
    out.box(1, y, 14, 1, "e").box(1, y + 1, 14, 1, "a");
  }
  return out.box(0, 31, 16, 1, "#");
}

function bookshelf(seed: number): Bitmap {
  const out = new Bitmap(TILE, 32);
  const grain = new Grain(seed);
  out.box(0, 4, 16, 27, "#").box(1, 5, 14, 25, "a").box(1, 5, 14, 1, "e").box(1, 5, 1, 25, "d").box(14, 5, 1, 25, "c");
  for (const y of [13, 21, 29]) {
    for (let x = 2; x < 14; ) {
      const [lit, body] = grain.pick(["zy", "ON", "JI", "VU", "us", "on"]) as unknown as [string, string];
      const tall = grain.between(4, 6);
      out
        .box(x, y - tall, 2, tall, body)
        .box(x, y - tall, 1, tall, lit)
        .dot(x, y - 2, "v");
      x += grain.chance(4) ? 3 : 2;
    }
    out
      .box(14, 6, 1, 24, "c")
      .box(1, y, 14, 1, "e")
      .box(1, y + 1, 14, 1, "b");
  }
  return out.box(0, 31, 16, 1, "#");
}

function bed(cover: string): Bitmap {
  const [dark, face, light] = cover as unknown as [string, string, string];
  const out = new Bitmap(TILE, 32);
  out.box(1, 0, 14, 31, "#").box(2, 1, 12, 4, "e").box(2, 1, 12, 1, "f").box(2, 4, 12, 1, "c");
  out.box(2, 5, 12, 22, "o").box(4, 6, 8, 5, "p").box(4, 10, 8, 1, "n").box(4, 11, 8, 1, "n").box(3, 7, 1, 4, "n").box(12, 7, 1, 4, "n");
  out.box(2, 13, 12, 14, face).box(2, 13, 12, 2, light).box(2, 15, 12, 1, dark).box(13, 13, 1, 14, dark);
  for (let y = 18; y < 26; y += 4) for (let x = 3 + (y % 8 === 2 ? 0 : 2); x < 13; x += 4) out.dot(x, y, light);
  return out.box(2, 27, 12, 3, "d").box(2, 27, 12, 1, "e").box(2, 29, 12, 1, "c");
}

/** Kegs on their sides, two tiles wide, a tap in each. */
function kegs(): Bitmap {
  const out = new Bitmap(32, TILE);
  for (const x of [0, 16]) {
    out
      .ellipse(x + 8, 8, 8, 8, "#")
      .ellipse(x + 8, 8, 7, 7, "k")
      .ellipse(x + 8.5, 8.5, 6.5, 6.5, "i")
      .ellipse(x + 8, 8, 6, 6, "d");
    out
      .box(x + 3, 5, 1, 6, "e")
      .box(x + 5, 3, 1, 10, "e")
      .box(x + 7, 2, 1, 12, "c")
      .box(x + 10, 3, 1, 10, "c")
      .box(x + 12, 5, 1, 6, "c");
    out.stamp(x + 6, 8, ["#u#.", "#vu#", "#t#.", ".#.."]);
  }
  return out;
}

/** A trap door with a ring, and the dark steps under an open one. */
function hatch(open: boolean): Bitmap {
  const out = new Bitmap(32, 32);
  out.box(2, 3, 28, 27, "#").box(3, 4, 26, 25, "c").box(3, 4, 26, 1, "e").box(3, 4, 1, 25, "d");
  if (!open) {
    out.blit(planks(24, 22, 13, ["e", "d", "d", "b"]), 4, 6);
    out.box(4, 10, 24, 2, "i").box(4, 10, 24, 1, "k").box(4, 22, 24, 2, "i").box(4, 22, 24, 1, "k");
    return out.stamp(13, 14, [".####.", "#kjji#", "#j##i#", "#i##h#", ".####."]);
  }
  out.box(5, 6, 22, 21, "#");
  for (let i = 0; i < 4; i++)
    out
      .box(5 + i, 22 - i * 4, 22 - i * 2, 3, ["e", "d", "c", "b"][i] as string)
      .box(5 + i, 22 - i * 4, 22 - i * 2, 1, ["f", "e", "d", "c"][i] as string);
  return out;
}

/** Stairs going up to the rooms, beside a rail. */
function stairs(): Bitmap {
  const out = new Bitmap(32, 48);
  out.box(0, 0, 32, 48, "#").box(1, 0, 3, 47, "d").box(1, 0, 1, 47, "e").box(28, 0, 3, 47, "d").box(30, 0, 1, 47, "c");
  for (let i = 0; i < 8; i++) {
    const y = 42 - i * 6;
    out
      .box(4, y, 24, 5, i > 5 ? "d" : "e")
      .box(4, y, 24, 1, i > 5 ? "e" : "g")
      .box(4, y + 1, 24, 1, i > 5 ? "d" : "f")
      .box(4, y + 4, 24, 1, "c")
      .box(4, y + 5, 24, 1, "a");
  }
  return out.box(4, 0, 24, 3, "=").box(4, 3, 24, 3, "-");
}

function painting(): Bitmap {
  const out = new Bitmap(TILE, TILE);
  out.bevel(2, 5, 12, 9, ["v", "u", "e"]).box(3, 6, 10, 7, "P").box(3, 6, 10, 2, "Q").box(3, 10, 10, 3, "J").box(3, 12, 10, 1, "I");
  return out.stamp(4, 7, ["...l....", "..llk...", ".lkkjj..", "lkkjjji."]);
}

function trophy(): Bitmap {
  return picture([
    "................",
    ".#............#.",
    "#n#..#....#..#n#",
    "#n#.#n#..#n#.#n#",
    ".#n##n#..#n##n#.",
    "..#nn#.##.#nn#..",
    "...##n#ee#n##...",
    ".....#feed#.....",
    "..####feed####..",
    "..#fd#e#e#c#c#..",
    "...##feeddc##...",
    ".....#fedc#.....",
    "....#c####c#....",
    "....#cbbbbb#....",
    ".....######.....",
    "................",
  ]);
}

export function addTavernFurniture(sheet: Sheet): void {
  const low = { x: 2, y: 5, width: 12, height: 10 };
  sheet.add("barrel", picture(BARREL), { type: "barrel", solid: { x: 1, y: 4, width: 14, height: 11 } });
  sheet.add("crate", picture(CRATE), { type: "crate", solid: { x: 1, y: 3, width: 14, height: 12 } });
  sheet.add("chest", picture(CHEST), { type: "chest", solid: { x: 1, y: 4, width: 14, height: 10 } });
  sheet.add("chest-open", picture(CHEST_OPEN), { type: "chest-open", solid: { x: 1, y: 4, width: 14, height: 10 } });
  sheet.add("stool", picture(STOOL), { type: "stool", solid: { x: 4, y: 6, width: 8, height: 7 } });
  sheet.add("sack", picture(SACK), { type: "sack", solid: low });
  sheet.add("plant", picture(PLANT), { type: "plant", solid: low });
  sheet.add("cauldron", picture(CAULDRON), { type: "cauldron", solid: low });
  sheet.add(
    "can",
    picture([
      ...CAN,
      "..#dc####cdc#...",
      "..#kkjjjjjii#...",
      "..#dcccccccb#...",
      "..#dccccccbb#...",
      "..#kkjjjjjii#...",
      "...#cccccbb#....",
      "....#######.....",
      "................",
      "................",
      "................",
    ]),
    { type: "bucket", solid: low },
  );
  sheet.add("table", table(32), { type: "table", solid: { x: 1, y: 5, width: 30, height: 21 } });
  sheet.add("table-long", table(48), { type: "table", solid: { x: 1, y: 5, width: 46, height: 21 } });
  for (const part of ["left", "middle", "right", "side"] as const) sheet.add(`bar/${part}`, bar(part), { type: "bar", solid: true });
  for (let n = 0; n < 4; n++) sheet.add(`shelf/${n}`, shelf(70 + n), { type: "shelf", solid: true });
  for (let n = 0; n < 2; n++) sheet.add(`books/${n}`, bookshelf(80 + n), { type: "bookshelf", solid: true });
  sheet.add("bed-red", bed("xyz"), { type: "bed", solid: { x: 1, y: 2, width: 14, height: 28 } });
  sheet.add("bed-green", bed("HIJ"), { type: "bed", solid: { x: 1, y: 2, width: 14, height: 28 } });
  sheet.add("kegs", kegs(), { type: "barrel", solid: { x: 0, y: 2, width: 32, height: 13 } });
  sheet.add("hatch", hatch(false), { type: "hatch" });
  sheet.add("hatch-open", hatch(true), { type: "hatch", solid: true });
  sheet.add("stairs-up", stairs(), { type: "stairs", solid: true });
  sheet.add("painting", painting(), { solid: true });
  sheet.add("trophy", trophy(), { solid: true });
}
