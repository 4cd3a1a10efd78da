// Small company: a cat and a rat. Same frame and rows as people, so that one rule shows everybody.

import { FRAME_HEIGHT, FRAME_WIDTH, type View } from "./avatars.ts";
import { Bitmap } from "./bitmap.ts";

type Art = readonly string[];

// Seen from the side, by frame: body without legs, then legs.
const CAT_SIDE: Art = [
  "................",
  "#...........#.#.",
  "a#.........#a#a#",
  "a#........#dcaa#",
  "#a#.#######cvav#",
  ".#aaddcccaaaaar#",
  "..#adcccccaa##..",
  "..#acccccaaa#...",
  "..#aaaaaaaa#....",
];
const CAT_SIT: Art = [
  "...........#.#..",
  "..........#a#a#.",
  "..........#dca#.",
  "..........#vav#.",
  "........##aara#.",
  ".......#dcaa##..",
  ".##...#dccaa#...",
  "#aa#..#dccaa#...",
  "#a##..#ccaaa#...",
  ".#aa##accaba#...",
  "..##aaacaaaa#...",
  "....#########...",
];
const CAT_FRONT: Art = [
  "....#......#....",
  "...#a#....#a#...",
  "...#za####az#...",
  "...#adccccaa#...",
  "...#avaccava#...",
  "...#aaarraaa#...",
  "....#aaaaaa#....",
  "....#dccaaa#....",
  "....#dccaaa#....",
  "....#accaaa#....",
];
const CAT_BACK: Art = [
  "....#......#....",
  "...#a#....#a#...",
  "...#aa####aa#...",
  "...#adccccaa#...",
  "...#adcccaaa#...",
  "...#aaaaaaaa#...",
  "....#aaa#aa#....",
  "....#daa#aa#....",
  "....#dcaa#a#....",
  "....#accaaa#....",
];
const RAT_SIDE: Art = [
  "................",
  "...........##...",
  "....#####.#zj#..",
  "...#kjjjj##jjj#.",
  "..#kjjjjjjj#j##.",
  "z##jjjiijjjjjjz#",
  ".zzjiiiiijjj###.",
  "...#######z#....",
];
const RAT_FRONT: Art = [
  "....##....##....",
  "...#zj####jz#...",
  "....#kjjjji#....",
  "....#j#jj#i#....",
  ".....#jjji#.....",
  "......#zz#......",
];
const RAT_BACK: Art = [
  "....##....##....",
  "...#jj####jj#...",
  "....#kjjjji#....",
  "....#jjjjii#....",
  "....#jjjiii#....",
  ".....##zz##.....",
  ".......z........",
  "......zz........",
];

function animal(sprite: Art, legs: readonly (readonly [number, number])[], foot: string, lift: number): Bitmap {
  const out = new Bitmap(FRAME_WIDTH, FRAME_HEIGHT).ellipse(8, 22, 6, 1.6, "=");
  const top = 22 - sprite.length - lift;
  for (const [x, height] of legs) {
    out.box(x - 1, 20 - lift, 3, height + lift + 1, "#").box(x, 20 - lift, 1, height + lift, foot);
  }
  return out.stamp(0, top, sprite);
}

const TROT: readonly (readonly (readonly [number, number])[])[] = [
  [
    [3, 2],
    [6, 1],
    [9, 2],
    [10, 1],
  ],
  [
    [4, 2],
    [5, 2],
    [9, 2],
  ],
  [
    [4, 1],
    [5, 2],
    [8, 1],
    [10, 2],
  ],
  [
    [4, 2],
    [5, 2],
    [9, 2],
  ],
];
const TROT_FRONT: readonly (readonly (readonly [number, number])[])[] = [
  [
    [6, 2],
    [9, 1],
  ],
  [
    [6, 2],
    [9, 2],
  ],
  [
    [6, 1],
    [9, 2],
  ],
  [
    [6, 2],
    [9, 2],
  ],
];

function pose(kind: { side: Art; front: Art; back: Art; sit?: Art; foot: string }, view: View, frame: number): Bitmap {
  const step = frame - 2;
  const sprite = view === "side" ? kind.side : view === "front" ? kind.front : kind.back;
  if (step < 0 && view === "side" && kind.sit !== undefined) {
    const out = animal(kind.sit, [], kind.foot, 0);
    // The tail's tip twitches.
    return frame === 1 ? out.dot(1, 16, "#").dot(0, 17, "#").dot(1, 17, "a") : out;
  }
  const legs = step < 0 ? (view === "side" ? TROT[1] : TROT_FRONT[1]) : view === "side" ? TROT[step] : TROT_FRONT[step];
  return animal(sprite, legs ?? [], kind.foot, step >= 0 && step % 2 === 1 ? 1 : 0);
}

export function cat(view: View, frame: number): Bitmap {
  return pose({ side: CAT_SIDE, front: CAT_FRONT, back: CAT_BACK, sit: CAT_SIT, foot: "a" }, view, frame);
}

export function rat(view: View, frame: number): Bitmap {
  return pose({ side: RAT_SIDE, front: RAT_FRONT, back: RAT_BACK, foot: "z" }, view, frame);
}
