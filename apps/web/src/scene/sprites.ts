// What moves or stands among the travellers, drawn from the farthest to the nearest. Pure.
import type { Quads, Region } from "./quads.ts";

/** One picture in the world. Texels; `foot` is the y of the ground it stands on. Higher `lift` lies over lower at the same foot. */
export interface Sprite {
  readonly region: Region;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly flips: number;
  /** 0xRRGGBBAA. */
  readonly tint: number;
  /** Radians clockwise about the picture's centre. */
  readonly angle: number;
  readonly foot: number;
  readonly lift: number;
}

/** Nearer is later: by foot, then by lift; what is equal keeps its order. */
export function byDepth(a: { foot: number; lift?: number }, b: { foot: number; lift?: number }): number {
  return a.foot - b.foot || (a.lift ?? 0) - (b.lift ?? 0);
}

/** Adds a sprite on whole device pixels, so that what stands still never shimmers. */
export function addSprite(quads: Quads, sprite: Sprite, zoom: number): void {
  const x = Math.round(sprite.x * zoom) / zoom;
  const y = Math.round(sprite.y * zoom) / zoom;
  const { w, h } = sprite;
  quads.addTurned(sprite.region, x, y, w, h, sprite.flips, sprite.tint, sprite.angle, x + w / 2, y + h / 2);
}
