// People: travellers and those who live in the worlds. A figure is put together from head, body, arms and legs for three
// views; the view to the left is the one to the right in a mirror. Letters 1–4, 5–7, 8 9 0 are cloak, hair and skin, which the
// client replaces for each traveller.
import { Bitmap } from "./bitmap.ts";

export const FRAME_WIDTH = 16;
export const FRAME_HEIGHT = 24;
/** Frames of a row: two at rest, four walking. */
export const REST_FRAMES = 2;
export const WALK_FRAMES = 4;

export type View = "front" | "side" | "back";
type Art = readonly string[];

const HEADS: Readonly<Record<View, Art>> = {
  front: [
    "...######...",
    "..#677766#..",
    ".#67776665#.",
    ".#67666655#.",
    ".#66906065#.",
    ".#50#00#05#.",
    ".#50#00#05#.",
    "..#990099#..",
    "...######...",
  ],
  side: [
    "...######...",
    "..#677776#..",
    ".#67776666#.",
    ".#66766660#.",
    ".#66666900#.",
    ".#566890#0#.",
    ".#556990#0#.",
    "..#5590009#.",
    "...######...",
  ],
  back: [
    "...######...",
    "..#677766#..",
    ".#67777666#.",
    ".#66777665#.",
    ".#66676655#.",
    ".#66666655#.",
    ".#56666555#.",
    "..#565655#..",
    "...######...",
  ],
};

const BODIES: Readonly<Record<View, Art>> = {
  front: ["..#344432#..", "..#34uv32#..", "..#344332#..", "..#343322#..", "..#343322#..", ".#34332221#.", ".#33322211#.", "..########.."],
  side: ["...#3443#...", "...#34432#..", "..#344332#..", "..#344322#..", "..#343322#..", "..#343222#..", ".#3332221#..", "..#######..."],
  back: ["..#344432#..", "..#344433#..", "..#344433#..", "..#344332#..", ".#3444322#..", ".#34433221#.", ".#33432211#.", "..########.."],
};

const STAND: Art = ["..#cb##cb#..", "..#cb##cb#..", "..###..###.."];
const LEFT_DOWN: Art = ["..#cb##cb#..", "..#cb#.###..", "..###......."];
const RIGHT_DOWN: Art = ["..#cb##cb#..", "..###.#cb#..", ".......###.."];
const SIDE_STAND: Art = ["...#cbcb#...", "...#cbcb#...", "...######..."];
const STRIDE: Art = ["..#bb##cb#..", ".#bb#..#cb#.", ".###....###."];
const SIDE_PASS: Art = ["...#cbb#....", "...#cb##....", "...####....."];
const LEGS: Readonly<Record<View, readonly Art[]>> = {
  front: [LEFT_DOWN, STAND, RIGHT_DOWN, STAND],
  side: [STRIDE, SIDE_PASS, STRIDE, SIDE_STAND],
  back: [RIGHT_DOWN, STAND, LEFT_DOWN, STAND],
};

const ARM: Art = ["##.", "#3#", "#3#", "#2#", "#9#", ".##"];
const SIDE_ARM: Art = [".##.", "#44#", "#43#", "#32#", "#09#", ".##."];

export interface Dress {
  readonly heads?: Readonly<Record<View, Art>>;
  readonly bodies?: Readonly<Record<View, Art>>;
  /** Repaints letters: cloak, hair, skin, then anything else. */
  readonly paint?: readonly [from: string, to: string];
  /** Drawn over the head, its top left at the head's. */
  readonly over?: Readonly<Record<View, Art>>;
}

/** How far body and head rise or sink, by frame: two at rest, four walking. */
const BOB: readonly (readonly [body: number, head: number])[] = [
  [0, 0],
  [0, 1],
  [0, 0],
  [-1, -1],
  [0, 0],
  [-1, -1],
];

/** One frame of a figure. */
function figure(dress: Dress, view: View, frame: number): Bitmap {
  const out = new Bitmap(FRAME_WIDTH, FRAME_HEIGHT);
  const [sink, nod] = BOB[frame] as readonly [number, number];
  const step = frame - REST_FRAMES;
  const x = 2;
  const legs = step < 0 ? (view === "side" ? SIDE_STAND : STAND) : (LEGS[view][step] as Art);
  const swing = step === 0 ? 1 : step === 2 ? -1 : 0;
  const shape = new Bitmap(FRAME_WIDTH, FRAME_HEIGHT);
  shape.stamp(x, 20, legs);
  if (view !== "side") {
    shape.stamp(x, 13 + sink - (swing > 0 ? 1 : 0), ARM);
    shape.blit(new Bitmap(3, 6).stamp(0, 0, ARM).mirrored(), x + 9, 13 + sink - (swing < 0 ? 1 : 0));
  }
  shape.stamp(x, 13 + sink, (dress.bodies ?? BODIES)[view]);
  if (view === "side") shape.stamp(x + 4 + swing, 14 + sink, SIDE_ARM);
  shape.stamp(x, 5 + sink + nod - (sink === 0 ? 0 : sink), (dress.heads ?? HEADS)[view]);
  if (dress.over !== undefined) shape.stamp(x - 2, 2 + sink + nod - (sink === 0 ? 0 : sink), dress.over[view]);
  out.ellipse(8, 22, 6, 1.8, "=").blit(shape, 0, 0);
  return dress.paint === undefined ? out : out.recoloured(...dress.paint);
}

/** Four rows of six frames: right, down, left, up, as a quarter turn each from facing 0. */
export function figureRows(draw: (view: View, frame: number) => Bitmap): Bitmap {
  const out = new Bitmap(FRAME_WIDTH * (REST_FRAMES + WALK_FRAMES), FRAME_HEIGHT * 4);
  for (let frame = 0; frame < REST_FRAMES + WALK_FRAMES; frame++) {
    const side = draw("side", frame);
    [side, draw("front", frame), side.mirrored(), draw("back", frame)].forEach((picture, row) => {
      out.blit(picture, frame * FRAME_WIDTH, row * FRAME_HEIGHT);
    });
  }
  return out;
}

export function dressed(dress: Dress): Bitmap {
  return figureRows((view, frame) => figure(dress, view, frame));
}

const LONG_HAIR: Readonly<Record<View, Art>> = {
  front: ["", "", "", "", "", "", "", "", "", "...#6......5#...", "...#6......5#...", "...#66....55#...", "...#6#....#5#..."],
  side: [
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "...#66..........",
    "...#665#........",
    "..#6665#........",
    "..#665#.........",
    "...###..........",
  ],
  back: [
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "...#66666655#...",
    "...#66666655#...",
    "...#66666555#...",
    "...#56665655#...",
    "....#656565#....",
    ".....######.....",
  ],
};

const HAT: Readonly<Record<View, Art>> = {
  front: [
    "......####......",
    ".....#4433#.....",
    ".....#4332#.....",
    "....#443322#....",
    "..##uuuuuutt##..",
    ".#443333333221#.",
    "..############..",
  ],
  side: [
    ".....####.......",
    "....#4433#......",
    ".....#4332#.....",
    "....#443322#....",
    "..##uuuuuutt##..",
    ".#443333333221#.",
    "..############..",
  ],
  back: [
    "......####......",
    ".....#4433#.....",
    ".....#4332#.....",
    "....#443322#....",
    "..##uuuuuutt##..",
    ".#443333333221#.",
    "..############..",
  ],
};

const HELMET: Readonly<Record<View, Art>> = {
  front: [
    "................",
    "......#ss#......",
    ".....##rs##.....",
    "....#EFFEED#....",
    "...#EFFEEDDC#...",
    "...#EFEEEDDC#...",
    "...#DDDDDDCC#...",
    "...#E######C#...",
  ],
  side: [
    "................",
    "....##ss#.......",
    "...#srrr##......",
    "....#EFFEED#....",
    "...#EFFEEDDC#...",
    "...#EFEEEDDC#...",
    "...#DDDDDDCC#...",
    "...#EEED####....",
  ],
  back: [
    "................",
    "......#ss#......",
    ".....##rs##.....",
    "....#EFFEED#....",
    "...#EFFEEDDC#...",
    "...#EFEEEDDC#...",
    "...#EEEEDDCC#...",
    "...#EEEDDDCC#...",
    "...#DDDDDCCC#...",
  ],
};

const APRON: Readonly<Record<View, Art>> = {
  front: ["..#344432#..", "..#3p44p2#..", "..#3pppo2#..", "..#3pppo2#..", "..#uppptt#..", ".#3ppppoo1#.", ".#3pppooo1#.", "..########.."],
  side: ["...#3443#...", "...#34pp2#..", "..#344pp2#..", "..#344ppo#..", "..#3uuupt#..", "..#343ppo#..", ".#3332poo#..", "..#######..."],
  back: ["..#344432#..", "..#344433#..", "..#3p44p3#..", "..#34pp32#..", ".#ttuppttt#.", ".#34pp3221#.", ".#33432211#.", "..########.."],
};

const BUN: Readonly<Record<View, Art>> = {
  front: ["......####......", ".....#6765#.....", ".....#6655#....."],
  side: ["...###..........", "..#676#.........", "..#6665#........", "..#555#........."],
  back: ["................", "......####......", ".....#7765#.....", ".....#7665#.....", "......####......"],
};

const SKULLS: Readonly<Record<View, Art>> = {
  front: [
    "...######...",
    "..#plllll#..",
    ".#pplllllk#.",
    ".#plllllkk#.",
    ".#l##ll##k#.",
    ".#l#s##s#k#.",
    ".#kll##lkj#.",
    "..#kl#lkk#..",
    "...#k#k##...",
  ],
  side: [
    "...######...",
    "..#pplll##..",
    ".#ppllllll#.",
    ".#pllllllk#.",
    ".#llllk##k#.",
    ".#kllll#s##.",
    ".#kkkllllk#.",
    "..##klkl#k#.",
    "....######..",
  ],
  back: [
    "...######...",
    "..#plllll#..",
    ".#pplllllk#.",
    ".#plllllkk#.",
    ".#llllllkk#.",
    ".#llllkkkk#.",
    ".#klllkkkj#.",
    "..#kkkkjj#..",
    "...######...",
  ],
};

const RIBS: Readonly<Record<View, Art>> = {
  front: ["..#klkklk#..", "...##ll##...", "..#lkllkk#..", "...##kk##...", "..#lklkkk#..", "...##kk##...", "..#kllkkj#..", "..########.."],
  side: ["...#klk#....", "...##l##....", "...#llkk#...", "...##k##....", "...#lkkk#...", "...##k##....", "..#kllkj#...", "..#######..."],
  back: ["..#klkklk#..", "..##kll##...", "..#lkllkk#..", "..##kkk##...", "..#lklkkk#..", "..##kkk##...", "..#kllkkj#..", "..########.."],
};

/** Everybody with two legs, by the name the client asks for. */
export const FIGURES: readonly (readonly [name: string, dress: Dress])[] = [
  ["traveller-short", {}],
  ["traveller-long", { over: LONG_HAIR }],
  ["traveller-hat", { over: HAT }],
  ["innkeeper", { bodies: APRON, over: BUN, paint: ["1234567890", "GHIJrst890"] }],
  ["guard", { over: HELMET, paint: ["1234567890", "BCDEbcd890"] }],
  ["skeleton", { heads: SKULLS, bodies: RIBS, paint: ["1234890cb", "ijklkklkj"] }],
];
