// How a traveller looks: chosen by their id alone, so that everybody sees the same cloak, and painted by replacing the
// colours the figures are drawn in. Nothing here touches a page; it works on plain RGBA bytes.
import { DRAWN_IN, FIGURES, type FigureName, FRAME, REST_FRAMES, WALK_FRAMES } from "./atlas.ts";

/** Ramps dark to light, as many shades as the drawn ones. */
export const CLOAKS: readonly (readonly string[])[] = [
  ["#3a1f4f", "#6b2f5f", "#a2445f", "#d8706a"],
  ["#16294c", "#23568a", "#3a8cb4", "#70c7d4"],
  ["#182a2f", "#2a5940", "#4b8a45", "#92b44c"],
  ["#4a1d2c", "#8a3030", "#c75a34", "#f0a24a"],
  ["#2b1746", "#4d2879", "#8044b0", "#b76fdd"],
  ["#2a2a3c", "#484c66", "#757c94", "#a9b2bf"],
  ["#3b2a1c", "#74502a", "#b98a3a", "#ecc35f"],
  ["#123238", "#1d5a5a", "#2f8f82", "#74cfa8"],
  ["#40162f", "#7e2450", "#c03f78", "#f08aa8"],
  ["#1f1a2b", "#352f45", "#544c66", "#7c748c"],
  ["#4b3a3a", "#8d7468", "#c9b396", "#f2e4c2"],
];

export const HAIRS: readonly (readonly string[])[] = [
  ["#3b2330", "#6a3f2c", "#a0663a"],
  ["#1e1824", "#352a38", "#5a4a58"],
  ["#6b3a22", "#b87a36", "#ecc066"],
  ["#4f1b1f", "#953322", "#d9652f"],
  ["#45424f", "#7d7c88", "#bfc0c4"],
  ["#7a6a58", "#c9b68c", "#f4e7bd"],
  ["#1d2a4d", "#335a8f", "#5f9bc4"],
  ["#3a2053", "#70408f", "#b377c4"],
];

export const SKINS: readonly (readonly string[])[] = [
  ["#a8694f", "#dda07a", "#f6cfa4"],
  ["#b57a66", "#ecb598", "#fde0c8"],
  ["#8a5238", "#c08457", "#e2b07f"],
  ["#66392c", "#96603f", "#c08a5c"],
  ["#452520", "#6d4130", "#966046"],
  ["#321c1c", "#50302a", "#75483a"],
];

const FIGURE_STYLES: readonly FigureName[] = ["traveller-short", "traveller-long", "traveller-hat"];

/** Indices into {@link CLOAKS}, {@link HAIRS} and {@link SKINS}, and which figure wears them. */
export interface AvatarLook {
  readonly figure: FigureName;
  readonly cloak: number;
  readonly hair: number;
  readonly skin: number;
}

/** FNV-1a over the id's UTF-16 units: the same on every machine. */
function hashOf(id: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) h = Math.imul(h ^ id.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 12)) >>> 0;
}

/** The look of the traveller with this id (or of anybody, by any text). */
export function avatarLook(id: string): AvatarLook {
  const pick = (part: string, count: number): number => hashOf(`${part} ${id}`) % count;
  return {
    figure: FIGURE_STYLES[pick("figure", FIGURE_STYLES.length)] as FigureName,
    cloak: pick("cloak", CLOAKS.length),
    hair: pick("hair", HAIRS.length),
    skin: pick("skin", SKINS.length),
  };
}

function packed(hex: string): number {
  return Number.parseInt(hex.slice(1), 16);
}

function swaps(look: AvatarLook): ReadonlyMap<number, number> {
  const pairs: [readonly string[], readonly string[]][] = [
    [DRAWN_IN.cloak, CLOAKS[look.cloak] ?? DRAWN_IN.cloak],
    [DRAWN_IN.hair, HAIRS[look.hair] ?? DRAWN_IN.hair],
    [DRAWN_IN.skin, SKINS[look.skin] ?? DRAWN_IN.skin],
  ];
  return new Map(pairs.flatMap(([from, to]) => from.map((hex, i) => [packed(hex), packed(to[i] ?? hex)] as const)));
}

/** A copy of RGBA bytes (ImageData's `data`) painted in a look; every other colour and all alpha stay. */
export function paintLook(rgba: Uint8ClampedArray | Uint8Array, look: AvatarLook): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(rgba);
  const swap = swaps(look);
  for (let i = 0; i < out.length; i += 4) {
    const to = swap.get(((out[i] as number) << 16) | ((out[i + 1] as number) << 8) | (out[i + 2] as number));
    if (to === undefined) continue;
    out[i] = to >> 16;
    out[i + 1] = (to >> 8) & 255;
    out[i + 2] = to & 255;
  }
  return out;
}

/** Walking shows this many frames a second, resting one change a second and a bit. */
const WALK_FRAMES_PER_SECOND = 8;
const REST_FRAMES_PER_SECOND = 1.4;

/**
 * Rectangle of avatars.png to show. `facing` in 256ths of a turn (0 right, 64 down, 128 left, 192 up), `timeMs` any running
 * time; give each figure its own offset and they will not breathe as one.
 */
export function avatarFrame(
  figure: FigureName,
  facing: number,
  moving: boolean,
  timeMs: number,
): { x: number; y: number; width: number; height: number } {
  const home = FIGURES[figure];
  const row = ((facing + 32) & 255) >> 6;
  const column = moving
    ? REST_FRAMES + (Math.floor((timeMs / 1000) * WALK_FRAMES_PER_SECOND) % WALK_FRAMES)
    : Math.floor((timeMs / 1000) * REST_FRAMES_PER_SECOND) % REST_FRAMES;
  return { x: home.x + column * FRAME.width, y: home.y + row * FRAME.height, width: FRAME.width, height: FRAME.height };
}
