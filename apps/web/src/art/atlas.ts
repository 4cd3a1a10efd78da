// Where things lie in avatars.png and ui.png. Written by worlds/art/main.ts beside the pictures; change it there.

export const FRAME: { readonly width: number; readonly height: number } = { width: 16, height: 24 };
/** A figure's block: columns 0–1 at rest, 2–5 walking; rows right, down, left, up. */
export const REST_FRAMES: number = 2;
export const WALK_FRAMES: number = 4;

export type FigureName = "traveller-short" | "traveller-long" | "traveller-hat" | "innkeeper" | "guard" | "skeleton" | "cat" | "rat";

/** Top left corner of each figure's block in avatars.png, in pixels. */
export const FIGURES: Readonly<Record<FigureName, { readonly x: number; readonly y: number }>> = {
  "traveller-short": { x: 0, y: 0 },
  "traveller-long": { x: 96, y: 0 },
  "traveller-hat": { x: 192, y: 0 },
  innkeeper: { x: 288, y: 0 },
  guard: { x: 0, y: 96 },
  skeleton: { x: 96, y: 96 },
  cat: { x: 192, y: 96 },
  rat: { x: 288, y: 96 },
};

/** The colours travellers are drawn in, dark to light: what a look replaces. */
export const DRAWN_IN: { readonly cloak: readonly string[]; readonly hair: readonly string[]; readonly skin: readonly string[] } = {
  cloak: ["#3a1f4f", "#6b2f5f", "#a2445f", "#d8706a"],
  hair: ["#3b2330", "#6a3f2c", "#a0663a"],
  skin: ["#a8694f", "#dda07a", "#f6cfa4"],
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
  | "heart-empty"
  | "heart-half"
  | "heart-full"
  | "panel"
  | "paper"
  | "bubble"
  | "bubble-tail"
  | "slot"
  | "slot-active"
  | "button"
  | "button-pressed"
  | "key"
  | "key-space"
  | "key-W"
  | "key-A"
  | "key-S"
  | "key-D"
  | "key-E"
  | "key-F"
  | "key-Q"
  | "key-up"
  | "key-down"
  | "key-left"
  | "key-right"
  | "emote-alert"
  | "emote-question"
  | "emote-dots"
  | "emote-heart"
  | "emote-note"
  | "emote-sleep"
  | "emote-laugh"
  | "emote-lock"
  | "cursor"
  | "cursor-hand"
  | "pointer"
  | "target"
  | "target-close"
  | "icon-chat"
  | "icon-locker"
  | "lamp-live"
  | "lamp-waiting"
  | "lamp-ghost"
  | "lamp-closed";

/** Rectangles in ui.png, in pixels. */
export const UI: Readonly<Record<UiName, UiBox>> = {
  "heart-empty": { x: 0, y: 0, width: 12, height: 10, border: 0 },
  "heart-half": { x: 13, y: 0, width: 12, height: 10, border: 0 },
  "heart-full": { x: 26, y: 0, width: 12, height: 10, border: 0 },
  panel: { x: 39, y: 0, width: 24, height: 24, border: 8 },
  paper: { x: 64, y: 0, width: 24, height: 24, border: 4 },
  bubble: { x: 89, y: 0, width: 16, height: 16, border: 4 },
  "bubble-tail": { x: 106, y: 0, width: 7, height: 4, border: 0 },
  slot: { x: 0, y: 25, width: 20, height: 20, border: 0 },
  "slot-active": { x: 21, y: 25, width: 20, height: 20, border: 0 },
  button: { x: 42, y: 25, width: 24, height: 18, border: 6 },
  "button-pressed": { x: 67, y: 25, width: 24, height: 18, border: 6 },
  key: { x: 92, y: 25, width: 16, height: 16, border: 5 },
  "key-space": { x: 0, y: 46, width: 40, height: 16, border: 0 },
  "key-W": { x: 41, y: 46, width: 16, height: 16, border: 0 },
  "key-A": { x: 58, y: 46, width: 16, height: 16, border: 0 },
  "key-S": { x: 75, y: 46, width: 16, height: 16, border: 0 },
  "key-D": { x: 92, y: 46, width: 16, height: 16, border: 0 },
  "key-E": { x: 109, y: 46, width: 16, height: 16, border: 0 },
  "key-F": { x: 0, y: 63, width: 16, height: 16, border: 0 },
  "key-Q": { x: 17, y: 63, width: 16, height: 16, border: 0 },
  "key-up": { x: 34, y: 63, width: 16, height: 16, border: 0 },
  "key-down": { x: 51, y: 63, width: 16, height: 16, border: 0 },
  "key-left": { x: 68, y: 63, width: 16, height: 16, border: 0 },
  "key-right": { x: 85, y: 63, width: 16, height: 16, border: 0 },
  "emote-alert": { x: 102, y: 63, width: 16, height: 18, border: 0 },
  "emote-question": { x: 0, y: 82, width: 16, height: 18, border: 0 },
  "emote-dots": { x: 17, y: 82, width: 16, height: 18, border: 0 },
  "emote-heart": { x: 34, y: 82, width: 16, height: 18, border: 0 },
  "emote-note": { x: 51, y: 82, width: 16, height: 18, border: 0 },
  "emote-sleep": { x: 68, y: 82, width: 16, height: 18, border: 0 },
  "emote-laugh": { x: 85, y: 82, width: 16, height: 18, border: 0 },
  "emote-lock": { x: 102, y: 82, width: 16, height: 18, border: 0 },
  cursor: { x: 0, y: 101, width: 12, height: 14, border: 0 },
  "cursor-hand": { x: 13, y: 101, width: 16, height: 15, border: 0 },
  pointer: { x: 30, y: 101, width: 9, height: 6, border: 0 },
  target: { x: 40, y: 101, width: 24, height: 24, border: 0 },
  "target-close": { x: 65, y: 101, width: 24, height: 24, border: 0 },
  "icon-chat": { x: 90, y: 101, width: 16, height: 11, border: 0 },
  "icon-locker": { x: 107, y: 101, width: 16, height: 13, border: 0 },
  "lamp-live": { x: 0, y: 126, width: 12, height: 12, border: 0 },
  "lamp-waiting": { x: 13, y: 126, width: 12, height: 12, border: 0 },
  "lamp-ghost": { x: 26, y: 126, width: 12, height: 12, border: 0 },
  "lamp-closed": { x: 39, y: 126, width: 12, height: 12, border: 0 },
};
