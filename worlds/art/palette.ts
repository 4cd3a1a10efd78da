// The paint box of the worlds that ship: 48 colours of our own in hue-shifted ramps (shadows lean violet, lights lean
// yellow), one letter each, so that every picture in this folder is written in one alphabet. Index 0 is "nothing".

const RAMPS: readonly (readonly [letters: string, colours: string])[] = [
  // ink: outlines
  ["#", "1b1320"],
  // a–g wood, dark to light
  ["abcdefg", "2a1820 432629 633a31 85523b a96f47 cf9759 f0c984"],
  // h–l warm stone
  ["hijkl", "2f2a35 504a52 777073 a39b96 d3ccbd"],
  // n–p skin, plaster, paper
  ["nop", "c9a283 e9cfa4 fdf0d2"],
  // r–w fire
  ["rstuvw", "7b1f2e b93530 e4652c f79c37 fdd45c fff4b4"],
  // x y z Z rose: cloth, carpets, hearts
  ["xyzZ", "571d3b 8c2e48 c24e63 ec9092"],
  // A–F slate: the stone of the dungeon
  ["ABCDEF", "11121d 1f2236 323852 4b5571 6d7b96 a3b3c2"],
  // G–L leaf
  ["GHIJKL", "182a2f 244638 3a673c 5e8d42 92b44c d0da74"],
  // M–Q sea: water, glass, cold light
  ["MNOPQ", "16294c 23568a 3a8cb4 70c7d4 cdf5ee"],
  // S–W violet: magic
  ["STUVW", "2b1746 4d2879 8044b0 b76fdd eab0f6"],
];

/** Avatars alone use these: 1–4 cloak, 5–7 hair, 8 9 0 skin, each dark to light. A look replaces exactly these colours. */
const LOOK_RAMPS: readonly (readonly [letters: string, colours: string])[] = [
  ["1234", "3a1f4f 6b2f5f a2445f d8706a"],
  ["567", "3b2330 6a3f2c a0663a"],
  ["890", "a8694f dda07a f6cfa4"],
];

/** Soft colours that let the ground shine through: two depths of shadow, two of warm and two of cold light. */
const SOFT: readonly (readonly [letter: string, colour: string, alpha: number])[] = [
  ["-", "140c22", 56],
  ["=", "140c22", 104],
  ["+", "ffb347", 32],
  ["*", "ffd27a", 60],
  ["~", "7fd8ff", 30],
  ["^", "b48cff", 46],
];

export type Rgba = readonly [number, number, number, number];

function parse(hex: string, alpha: number): Rgba {
  const n = Number.parseInt(hex, 16);
  return [n >> 16, (n >> 8) & 255, n & 255, alpha];
}

const entries: (readonly [string, Rgba])[] = [
  [".", [0, 0, 0, 0]],
  ...[...RAMPS, ...LOOK_RAMPS].flatMap(([letters, colours]) =>
    colours.split(" ").map((hex, i) => [letters[i] as string, parse(hex, 255)] as const),
  ),
  ...SOFT.map(([letter, hex, alpha]) => [letter, parse(hex, alpha)] as const),
];

/** RGBA of every index. */
export const PALETTE: readonly Rgba[] = entries.map(([, rgba]) => rgba);

const indexes: ReadonlyMap<string, number> = new Map(entries.map(([letter], i) => [letter, i]));

/** Index of a letter; an unknown letter is a slip of the pen and throws. */
export function ink(letter: string): number {
  const index = indexes.get(letter);
  if (index === undefined) throw new Error(`no colour is called "${letter}"`);
  return index;
}

/** `#rrggbb` of a letter. */
export function hexOf(letter: string): string {
  const [r, g, b] = PALETTE[ink(letter)] as Rgba;
  return `#${((1 << 24) | (r << 16) | (g << 8) | b).toString(16).slice(1)}`;
}
