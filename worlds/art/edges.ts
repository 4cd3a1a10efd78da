// How a tile knows its neighbours: eight bits, N first and clockwise. A corner counts only where both its sides do, which
// leaves 47 different surroundings; every material with borders (wall tops, cobbles, water) is drawn once for each.

export const N = 1;
export const NE = 2;
export const E = 4;
export const SE = 8;
export const S = 16;
export const SW = 32;
export const W = 64;
export const NW = 128;

const STEPS: readonly (readonly [bit: number, dx: number, dy: number])[] = [
  [N, 0, -1],
  [NE, 1, -1],
  [E, 1, 0],
  [SE, 1, 1],
  [S, 0, 1],
  [SW, -1, 1],
  [W, -1, 0],
  [NW, -1, -1],
];

const CORNERS: readonly (readonly [corner: number, sides: number])[] = [
  [NE, N | E],
  [SE, S | E],
  [SW, S | W],
  [NW, N | W],
];

function canonical(mask: number): number {
  let out = mask;
  for (const [corner, sides] of CORNERS) if ((mask & sides) !== sides) out &= ~corner;
  return out;
}

/** The 47 surroundings. */
export const SURROUNDINGS: readonly number[] = [...new Set(Array.from({ length: 256 }, (_, mask) => canonical(mask)))].sort(
  (a, b) => a - b,
);

/** Which neighbours of (x, y) are of the same kind. */
export function surroundings(x: number, y: number, same: (x: number, y: number) => boolean): number {
  let mask = 0;
  for (const [bit, dx, dy] of STEPS) if (same(x + dx, y + dy)) mask |= bit;
  return canonical(mask);
}

/**
 * How far pixel (x, y) of a 16-pixel tile is from the nearest foreign neighbour: 0 touches it, large is deep inside.
 * `side` says where that neighbour lies.
 */
export function depthAt(mask: number, x: number, y: number): { depth: number; side: number } {
  let depth = 99;
  let side = 0;
  const see = (bit: number, distance: number): void => {
    if ((mask & bit) === 0 && distance < depth) [depth, side] = [distance, bit];
  };
  see(N, y);
  see(W, x);
  see(S, 15 - y);
  see(E, 15 - x);
  if (depth === 99 || mask !== 255) {
    if ((mask & (N | W)) === (N | W)) see(NW, Math.max(x, y));
    if ((mask & (N | E)) === (N | E)) see(NE, Math.max(15 - x, y));
    if ((mask & (S | W)) === (S | W)) see(SW, Math.max(x, 15 - y));
    if ((mask & (S | E)) === (S | E)) see(SE, Math.max(15 - x, 15 - y));
  }
  return { depth, side };
}
