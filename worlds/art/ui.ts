// The pieces of the client's own face: hearts, panels, keys, bubbles, emotes, pointers. Packed into one picture, each with a
// name, a rectangle and, where it stretches, the width of its border.
import { Bitmap, picture } from "./bitmap.ts";

interface UiSprite {
  readonly name: string;
  readonly art: Bitmap;
  /** Pixels of border that do not stretch (nine slices). */
  readonly border?: number;
}

const HEART = [
  ".###...###..",
  "#Zzz#.#zyy#.",
  "#Zpzz#zzyyx#",
  "#Zzzzzzzyyx#",
  "#zzzzzzzyyx#",
  ".#zzzzzyyx#.",
  "..#zzzyyx#..",
  "...#zyyx#...",
  "....#yx#....",
  ".....##.....",
];

function heart(full: number): Bitmap {
  const out = picture(HEART);
  const empty = out.recoloured("Zzyxp", "CCBBD");
  return full === 2 ? out : full === 0 ? empty : empty.blit(out.cut(0, 0, 6, 10), 0, 0);
}

/** A frame of wood with brass corners around dark leather. */
function panel(): Bitmap {
  const out = new Bitmap(24, 24, "#");
  out
    .bevel(1, 1, 22, 22, ["f", "d", "c"])
    .box(2, 2, 20, 20, "d")
    .box(2, 2, 20, 1, "e")
    .box(2, 2, 1, 20, "e")
    .box(4, 4, 16, 16, "#")
    .box(5, 5, 14, 14, "a")
    .box(5, 5, 14, 1, "#");
  for (const x of [0, 19]) for (const y of [0, 19]) out.stamp(x, y, [".###.", "#wvu#", "#vut#", "#uts#", ".###."]);
  return out;
}

function paper(): Bitmap {
  const out = new Bitmap(24, 24);
  out.box(1, 0, 22, 24, "#").box(0, 1, 24, 22, "#").box(1, 1, 22, 22, "n").box(1, 1, 21, 21, "p").box(2, 2, 20, 20, "o");
  return out.dot(1, 1, "n").dot(22, 1, "n").dot(1, 22, "f").dot(22, 22, "f").box(2, 22, 20, 1, "f").box(22, 2, 1, 20, "n");
}

function bubble(): Bitmap {
  const out = new Bitmap(16, 16)
    .box(2, 0, 12, 16, "#")
    .box(0, 2, 16, 12, "#")
    .box(1, 1, 14, 14, "#")
    .box(2, 1, 12, 14, "p")
    .box(1, 2, 14, 12, "p");
  return out.box(2, 14, 12, 1, "o").box(14, 2, 1, 12, "o");
}

function slot(active: boolean): Bitmap {
  const out = new Bitmap(20, 20, "#").bevel(1, 1, 18, 18, active ? ["w", "u", "t"] : ["a", "b", "d"]);
  if (active) out.box(2, 2, 16, 16, "#");
  return out
    .box(3, 3, 14, 14, active ? "c" : "b")
    .box(3, 3, 14, 1, active ? "b" : "a")
    .box(3, 3, 1, 14, active ? "b" : "a");
}

function button(pressed: boolean): Bitmap {
  const out = new Bitmap(24, 18);
  const y = pressed ? 2 : 0;
  out.box(1, y, 22, 18 - y, "#").box(0, y + 1, 24, 16 - y, "#");
  out
    .box(1, y + 1, 22, 13, "e")
    .box(1, y + 1, 22, 1, "g")
    .box(1, y + 2, 22, 1, "f")
    .box(1, y + 1, 1, 13, "f")
    .box(1, y + 13, 22, 1, "d");
  return pressed ? out : out.box(1, 14, 22, 3, "c").box(1, 16, 22, 1, "b");
}

function key(width: number): Bitmap {
  const out = new Bitmap(width, 16).box(1, 0, width - 2, 16, "#").box(0, 1, width, 14, "#");
  return out
    .box(1, 1, width - 2, 14, "j")
    .box(2, 1, width - 4, 11, "l")
    .box(2, 11, width - 4, 1, "k")
    .box(1, 13, width - 2, 2, "i")
    .box(2, 1, width - 4, 1, "p");
}

const GLYPHS: Readonly<Record<string, readonly string[]>> = {
  W: ["#...#", "#...#", "#.#.#", "#.#.#", ".#.#."],
  A: [".###.", "#...#", "#####", "#...#", "#...#"],
  S: [".####", "#....", ".###.", "....#", "####."],
  D: ["####.", "#...#", "#...#", "#...#", "####."],
  E: ["#####", "#....", "####.", "#....", "#####"],
  F: ["#####", "#....", "####.", "#....", "#...."],
  Q: [".###.", "#...#", "#...#", "#..#.", ".##.#"],
  up: ["..#..", ".###.", "#####", "..#..", "..#.."],
  down: ["..#..", "..#..", "#####", ".###.", "..#.."],
  left: ["..#..", ".##..", "#####", ".##..", "..#.."],
  right: ["..#..", "..##.", "#####", "..##.", "..#.."],
};

const EMOTES: Readonly<Record<string, readonly string[]>> = {
  alert: ["..##..", ".#vu#.", ".#vu#.", ".#vu#.", ".#ut#.", "..##..", ".#vu#.", "..##.."],
  question: [".####.", "#PPPO#", "#O##O#", ".##PO#", ".#OO#.", "..##..", ".#OO#.", "..##.."],
  dots: ["......", "......", "......", "#.##.#", "#.##.#", "......", "......", "......"],
  heart: ["......", ".y..y.", "yzyyzy", "yzzzzy", ".yzzy.", "..yy..", "......", "......"],
  note: ["...##.", "...###", "...#.#", "...#..", ".###..", "####..", ".##...", "......"],
  sleep: ["####..", "..#...", ".#....", "####..", "...###", "....#.", "...#..", "...###"],
  laugh: ["......", "##..##", "......", "......", "#....#", "######", ".#zz#.", "..##.."],
  lock: ["..##..", ".#..#.", ".#..#.", "eeeeee", "evuute", "evu##e", "evuute", "eeeeee"],
};

function emote(art: readonly string[]): Bitmap {
  const out = new Bitmap(16, 18).blit(bubble(), 0, 0).stamp(6, 15, ["ppp#", "#p#.", ".#.."]);
  return out.dot(5, 15, "#").dot(9, 15, "#").stamp(5, 4, art);
}

const CURSOR = [
  "##..........",
  "#p#.........",
  "#pp#........",
  "#pop#.......",
  "#poop#......",
  "#pooop#.....",
  "#poooop#....",
  "#pooooop#...",
  "#poooonnn#..",
  "#poono####..",
  "#po##no#....",
  "##..#no#....",
  ".....#no#...",
  ".....####...",
];
const HAND = [
  ".....##.........",
  "....#00#........",
  "....#00#........",
  "....#00#........",
  "....#00###......",
  "....#00#00##....",
  ".##.#00#00#0#...",
  "#00##00#00#00#..",
  "#000#000000000#.",
  ".#000000000009#.",
  "..#00000000009#.",
  "..#00000000099#.",
  "...#000000999#..",
  "....#0000999#...",
  "....#########...",
];
const POINTER = [".#######.", "#wvvvvvu#", ".#vvvuu#.", "..#vuu#..", "...#u#...", "....#...."];
const CHAT = [
  "..##########....",
  ".#pppppppppo#...",
  "#ppppppppppoo#..",
  "#pp##p##p##po#..",
  "#pp##p##p##po#..",
  "#pppppppppppo#..",
  "#ppppppppppoo#..",
  ".#ooooooooon#...",
  "..##on######....",
  "...#n#..........",
  "...##...........",
];
const LOCKER = [
  "..############..",
  ".#jjjjjjjjjjii#.",
  ".#jkkkkk#kkkki#.",
  ".#jkiiij#kiiij#.",
  ".#jk###j#k###j#.",
  ".#jkiiij#kiiij#.",
  ".#jkiivj#viiij#.",
  ".#jkiivj#viiij#.",
  ".#jkiiij#kiiij#.",
  ".#jkiiij#kiiij#.",
  ".#jjjjji#jjjji#.",
  ".#iiiiiiiiiiii#.",
  "..############..",
];

function lamp(light: string, face: string, dark: string): Bitmap {
  return new Bitmap(12, 12)
    .ellipse(6, 6, 5.5, 5.5, "#")
    .ellipse(6, 6, 4.5, 4.5, dark)
    .ellipse(5.5, 5.5, 4, 4, face)
    .ellipse(4.5, 4.5, 1.6, 1.6, light);
}

/** Four brass corners around what would be used. */
function target(spread: number): Bitmap {
  const out = new Bitmap(24, 24);
  const corner = new Bitmap(6, 6).stamp(0, 0, ["######", "#wvvu#", "#v####", "#v#...", "#u#...", "###..."]);
  const far = 18 - spread;
  out.blit(corner, spread, spread).blit(corner.mirrored(), far, spread);
  const below = new Bitmap(24, 24);
  for (let y = 0; y < 24; y++) for (let x = 0; x < 24; x++) below.put(x, 23 - y, out.at(x, y));
  return out.blit(below, 0, 0);
}

const UI_SPRITES: readonly UiSprite[] = [
  ...["empty", "half", "full"].map((name, i) => ({ name: `heart-${name}`, art: heart(i) })),
  { name: "panel", art: panel(), border: 8 },
  { name: "paper", art: paper(), border: 4 },
  { name: "bubble", art: bubble(), border: 4 },
  { name: "bubble-tail", art: picture(["#ppppp#", ".#ppp#.", "..#p#..", "...#..."]) },
  { name: "slot", art: slot(false) },
  { name: "slot-active", art: slot(true) },
  { name: "button", art: button(false), border: 6 },
  { name: "button-pressed", art: button(true), border: 6 },
  { name: "key", art: key(16), border: 5 },
  { name: "key-space", art: key(40).box(12, 6, 16, 2, "#").box(12, 4, 1, 2, "#").box(27, 4, 1, 2, "#") },
  ...Object.entries(GLYPHS).map(([name, art]) => ({ name: `key-${name}`, art: key(16).stamp(6, 4, art) })),
  ...Object.entries(EMOTES).map(([name, art]) => ({ name: `emote-${name}`, art: emote(art) })),
  { name: "cursor", art: picture(CURSOR) },
  { name: "cursor-hand", art: picture(HAND) },
  { name: "pointer", art: picture(POINTER) },
  { name: "target", art: target(0) },
  { name: "target-close", art: target(2) },
  { name: "icon-chat", art: picture(CHAT) },
  { name: "icon-locker", art: picture(LOCKER) },
  { name: "lamp-live", art: lamp("L", "K", "J") },
  { name: "lamp-waiting", art: lamp("w", "u", "t") },
  { name: "lamp-ghost", art: lamp("F", "E", "D") },
  { name: "lamp-closed", art: lamp("Z", "z", "x") },
];

interface Placed {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly border: number;
}

const UI_WIDTH = 128;

/** All sprites in rows, one pixel apart. */
export function packUi(): { image: Bitmap; placed: readonly Placed[] } {
  const placed: Placed[] = [];
  let [x, y, tall] = [0, 0, 0];
  for (const { name, art, border } of UI_SPRITES) {
    if (x + art.width > UI_WIDTH) [x, y, tall] = [0, y + tall + 1, 0];
    placed.push({ name, x, y, width: art.width, height: art.height, border: border ?? 0 });
    x += art.width + 1;
    tall = Math.max(tall, art.height);
  }
  const image = new Bitmap(UI_WIDTH, y + tall);
  UI_SPRITES.forEach(({ art }, i) => {
    const spot = placed[i] as Placed;
    image.blit(art, spot.x, spot.y);
  });
  return { image, placed };
}
