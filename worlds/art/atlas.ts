// Tells the browser client where the pictures lie: writes the one TypeScript file that describes avatars.png and ui.png.
import { dressed, FIGURES, FRAME_HEIGHT, FRAME_WIDTH, figureRows, REST_FRAMES, WALK_FRAMES } from "./avatars.ts";
import { Bitmap } from "./bitmap.ts";
import { cat, rat } from "./creatures.ts";
import { hexOf } from "./palette.ts";
import { packUi } from "./ui.ts";

const SHEETS: readonly (readonly [name: string, draw: () => Bitmap])[] = [
  ...FIGURES.map(([name, dress]) => [name, () => dressed(dress)] as const),
  ["cat", () => figureRows(cat)],
  ["rat", () => figureRows(rat)],
];

const BLOCKS_ACROSS = 4;
const BLOCK_WIDTH = FRAME_WIDTH * (REST_FRAMES + WALK_FRAMES);
const BLOCK_HEIGHT = FRAME_HEIGHT * 4;

export function avatarImage(): Bitmap {
  const out = new Bitmap(BLOCK_WIDTH * BLOCKS_ACROSS, BLOCK_HEIGHT * Math.ceil(SHEETS.length / BLOCKS_ACROSS));
  SHEETS.forEach(([, draw], i) => {
    out.blit(draw(), (i % BLOCKS_ACROSS) * BLOCK_WIDTH, Math.floor(i / BLOCKS_ACROSS) * BLOCK_HEIGHT);
  });
  return out;
}

/** The source of apps/web/src/art/atlas.ts. */
export function atlasSource(): string {
  const figures = SHEETS.map(
    ([name], i) => `  ${quoteKey(name)}: { x: ${(i % BLOCKS_ACROSS) * BLOCK_WIDTH}, y: ${Math.floor(i / BLOCKS_ACROSS) * BLOCK_HEIGHT} },`,
  );
  const { placed } = packUi();
  const ui = placed.map(
    ({ name, ...box }) =>
      `  ${quoteKey(name)}: { ${Object.entries(box)
        .map(([k, v]) => `${k}: ${v}`)
        .join(", ")} },`,
  );
  const ramp = (letters: string): string => `[${[...letters].map((letter) => `"${hexOf(letter)}"`).join(", ")}]`;
  return `// Where things lie in avatars.png and ui.png. Written by worlds/art/main.ts beside the pictures; change it there.

export const FRAME: { readonly width: number; readonly height: number } = { width: ${FRAME_WIDTH}, height: ${FRAME_HEIGHT} };
/** A figure's block: columns ${0}–${REST_FRAMES - 1} at rest, ${REST_FRAMES}–${REST_FRAMES + WALK_FRAMES - 1} walking; rows right, down, left, up. */
export const REST_FRAMES: number = ${REST_FRAMES};
export const WALK_FRAMES: number = ${WALK_FRAMES};

export type FigureName = ${SHEETS.map(([name]) => `"${name}"`).join(" | ")};

/** Top left corner of each figure's block in avatars.png, in pixels. */
export const FIGURES: Readonly<Record<FigureName, { readonly x: number; readonly y: number }>> = {
${figures.join("\n")}
};

/** The colours travellers are drawn in, dark to light: what a look replaces. */
export const DRAWN_IN: { readonly cloak: readonly string[]; readonly hair: readonly string[]; readonly skin: readonly string[] } = {
  cloak: ${ramp("1234")},
  hair: ${ramp("567")},
  skin: ${ramp("890")},
};

export interface UiBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Pixels on each side that do not stretch; 0: the sprite is not made to stretch. */
  readonly border: number;
}

export type UiName =
${placed.map(({ name }) => `  | "${name}"`).join("\n")};

/** Rectangles in ui.png, in pixels. */
export const UI: Readonly<Record<UiName, UiBox>> = {
${ui.join("\n")}
};
`;
}

function quoteKey(name: string): string {
  return /^[a-z]+$/.test(name) ? name : `"${name}"`;
}
