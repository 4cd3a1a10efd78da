// What things are made of: planks, slabs, cobbles, bricks, leaves. Each is drawn as one large patch that repeats without a
// seam, or fills a given shape; tiles are then cut from it, so that joints run on from tile to tile.
import { Bitmap } from "./bitmap.ts";
import { far, Grain } from "./grain.ts";

/** Floor boards, 4 pixels wide, of uneven length. `tones` light to dark: edge light, board, other board, joint. */
export function planks(
  width: number,
  height: number,
  seed: number,
  [light, board, other, joint]: readonly [string, string, string, string],
): Bitmap {
  const out = new Bitmap(width, height, board);
  const grain = new Grain(seed);
  for (let y = 0; y < height; y += 4) {
    const start = grain.below(width);
    for (let x = 0; x < width; ) {
      const length = Math.min(grain.between(18, 30), width - x);
      const run = width - x - length < 12 ? width - x : length;
      plank(out, grain, { x: start + x, y, run }, [light, grain.chance(3) ? other : board, other, joint]);
      x += run;
    }
  }
  return out;
}

function plank(
  out: Bitmap,
  grain: Grain,
  at: { x: number; y: number; run: number },
  [light, face, other, joint]: readonly [string, string, string, string],
): void {
  const put = (x: number, y: number, colour: string): void => {
    out.dot((at.x + x) % out.width, at.y + y, colour);
  };
  for (let x = 0; x < at.run; x++) {
    for (let y = 0; y < 3; y++) put(x, y, face);
    put(x, 3, joint);
  }
  for (let n = grain.between(1, 2); n > 0; n--) {
    const from = grain.below(at.run);
    const y = grain.below(3);
    for (let x = from; x < Math.min(from + grain.between(3, 8), at.run - 2); x++) put(x, y, y === 0 ? light : other);
  }
  put(at.run - 1, 0, joint);
  put(at.run - 1, 1, joint);
  put(at.run - 1, 2, joint);
  put(0, 1, joint);
}

/** Large cut slabs in rows. `tones`: light edge, face, other face, dark edge, joint. */
export function slabs(size: number, seed: number, tones: readonly [string, string, string, string, string]): Bitmap {
  const [light, face, other, dark, joint] = tones;
  const out = new Bitmap(size, size, joint);
  const grain = new Grain(seed);
  const wrap = (n: number): number => ((n % size) + size) % size;
  for (let y = 0; y < size; y += 16) {
    const start = grain.below(size);
    for (let x = 0; x < size; ) {
      let width = grain.between(12, 21);
      if (size - x - width < 12) width = size - x;
      const split = grain.chance(3);
      for (const [top, height] of split
        ? [
            [0, 7],
            [8, 7],
          ]
        : [[0, 15]]) {
        slab(
          out,
          grain,
          { x: start + x, y: y + (top as number), width: width - 1, height: height as number },
          [light, grain.chance(3) ? other : face, dark],
          wrap,
        );
      }
      x += width;
    }
  }
  return out;
}

interface Patch {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function slab(
  out: Bitmap,
  grain: Grain,
  p: Patch,
  [light, face, dark]: readonly [string, string, string],
  wrap: (n: number) => number,
): void {
  const put = (x: number, y: number, colour: string): void => {
    out.dot(wrap(p.x + x), wrap(p.y + y), colour);
  };
  for (let y = 0; y < p.height; y++)
    for (let x = 0; x < p.width; x++) {
      const lit = (y === 0 && x < p.width - 2) || (x === 0 && y < p.height - 2);
      const shaded = y === p.height - 1 || x === p.width - 1;
      put(x, y, shaded ? dark : lit && !grain.chance(4) ? light : face);
    }
  for (let n = grain.below(4); n > 0; n--)
    put(grain.between(2, Math.max(p.width - 4, 2)), grain.between(2, Math.max(p.height - 3, 2)), grain.chance(2) ? dark : light);
}

/** Round stones grown around scattered seeds. `tones`: light, face, other face, dark, joint. */
export function cobbles(size: number, cell: number, seed: number, tones: readonly [string, string, string, string, string]): Bitmap {
  const [light, face, other, dark, joint] = tones;
  const out = new Bitmap(size, size);
  const grain = new Grain(seed);
  const side = size / cell;
  const seeds = Array.from({ length: side * side }, (_, i) => ({
    x: (i % side) * cell + (Math.floor(i / side) % 2) * (cell / 2) + grain.between(1, cell - 2),
    y: Math.floor(i / side) * cell + grain.between(1, cell - 2),
    face: grain.chance(3) ? other : face,
  }));
  const near = (d: number): number => d - size * Math.round(d / size);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const ranked = seeds
        .map((s) => ({ s, dx: near(x - s.x), dy: near(y - s.y) * 1.15 }))
        .sort((a, b) => a.dx * a.dx + a.dy * a.dy - (b.dx * b.dx + b.dy * b.dy));
      const [a, b] = ranked as [(typeof ranked)[number], (typeof ranked)[number]];
      const gap = far(b.dx, b.dy) - far(a.dx, a.dy);
      const lean = a.dx + a.dy;
      out.dot(x, y, gap < 1.3 ? joint : lean < -cell * 0.55 ? light : lean > cell * 0.5 ? dark : a.s.face);
    }
  return out;
}

/** Courses of brick. `tones`: light edge, face, other face, dark edge, joint. */
export function bricks(
  width: number,
  height: number,
  seed: number,
  tones: readonly [string, string, string, string, string],
  course = 5,
  length = 11,
): Bitmap {
  const [light, face, other, dark, joint] = tones;
  const out = new Bitmap(width, height, joint);
  const grain = new Grain(seed);
  for (let row = 0, y = 0; y < height; row++, y += course) {
    const start = (row % 2) * Math.floor(length / 2) + grain.below(3);
    for (let x = 0; x < width; ) {
      let run = length + grain.between(-2, 2);
      if (width - x - run < length - 3) run = width - x;
      const body = grain.chance(3) ? other : face;
      for (let j = 0; j < course - 1; j++)
        for (let i = 0; i < run - 1; i++) {
          const edge = j === 0 && i < run - 2 ? light : j === course - 2 || i === run - 2 ? dark : body;
          if (y + j < height) out.dot((start + x + i) % width, y + j, edge);
        }
      x += run;
    }
  }
  return out;
}

/** Leaves: many small balls, lit from the top left, laid from the back to the front. `ramp` dark to light. */
export function foliage(out: Bitmap, seed: number, clumps: readonly (readonly [x: number, y: number, r: number])[], ramp: string): void {
  const grain = new Grain(seed);
  for (const [cx, cy, r] of [...clumps].sort((a, b) => a[1] - b[1]))
    for (let y = Math.floor(cy - r); y <= cy + r; y++)
      for (let x = Math.floor(cx - r); x <= cx + r; x++) {
        const dx = (x + 0.5 - cx) / r;
        const dy = (y + 0.5 - cy) / r;
        const reach = dx * dx + dy * dy;
        if (reach > 1) continue;
        const lit = -dx * 0.55 - dy * 0.85 - reach * 0.35 + (grain.below(100) - 50) / 260;
        const step = lit > 0.62 ? 4 : lit > 0.2 ? 3 : lit > -0.35 ? 2 : lit > -0.85 ? 1 : 0;
        out.dot(x, y, ramp[Math.min(step, ramp.length - 1)] as string);
      }
}
