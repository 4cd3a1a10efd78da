// Tiled's flip bits as corners of the source picture: a tile's id carries in its top bits how it is turned. Pure.
// The diagonal flip (swap of the axes) comes first, then horizontal, then vertical; every quarter turn is made of these.
import { FLIP_DIAGONAL, FLIP_HORIZONTAL, FLIP_VERTICAL } from "@sojourn/substrate";

/** 0 to 7: bit 0 horizontal, bit 1 vertical, bit 2 diagonal. */
export function flipsOf(gid: number): number {
  return (gid & FLIP_HORIZONTAL ? 1 : 0) | (gid & FLIP_VERTICAL ? 2 : 0) | (gid & FLIP_DIAGONAL ? 4 : 0);
}

/** The place in the unflipped picture (0 to 1 on both axes) that is shown at u, v of the drawn tile. */
export function sourceOf(flips: number, u: number, v: number): readonly [number, number] {
  if (flips & 1) u = 1 - u;
  if (flips & 2) v = 1 - v;
  return flips & 4 ? [v, u] : [u, v];
}

/** For each of the eight flips: source u, v at the drawn tile's top left, top right, bottom right, bottom left. */
export const CORNERS: readonly Float32Array[] = Array.from({ length: 8 }, (_, flips) =>
  Float32Array.from([sourceOf(flips, 0, 0), sourceOf(flips, 1, 0), sourceOf(flips, 1, 1), sourceOf(flips, 0, 1)].flat()),
);
