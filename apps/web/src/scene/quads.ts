// A batch of textured quads in flat arrays, drawn in the order they were added. Pure: no GPU here.
//
//   per vertex | position f32 ×2 | source f32 ×2 | bounds u16 ×4 | tint u8 ×4 |
//
// Sources are in texels of a page. The shader clamps them to `bounds`, so that no quad ever shows its neighbour's texels.
import { CORNERS } from "./flips.ts";

/** A rectangle of texels on a texture page. */
export interface Region {
  readonly page: number;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Consecutive quads of one page: one draw call. */
export interface Run {
  readonly page: number;
  readonly first: number;
  count: number;
}

const VERTICES = 4;

export class Quads {
  position: Float32Array<ArrayBuffer>;
  source: Float32Array<ArrayBuffer>;
  bounds: Uint16Array<ArrayBuffer>;
  tint: Uint8Array<ArrayBuffer>;
  count = 0;
  runs: Run[] = [];

  constructor(capacity: number) {
    this.position = new Float32Array(capacity * VERTICES * 2);
    this.source = new Float32Array(capacity * VERTICES * 2);
    this.bounds = new Uint16Array(capacity * VERTICES * 4);
    this.tint = new Uint8Array(capacity * VERTICES * 4);
  }

  get capacity(): number {
    return this.position.length / (VERTICES * 2);
  }

  clear(): void {
    this.count = 0;
    this.runs = [];
  }

  /** An upright quad; tint is 0xRRGGBBAA. Returns its index. */
  add(region: Region, x: number, y: number, w: number, h: number, flips: number, tint: number): number {
    return this.addTurned(region, x, y, w, h, flips, tint, 0, 0, 0);
  }

  /** A quad turned clockwise by `angle` (radians) around pivotX, pivotY. Past the capacity the arrays double. */
  addTurned(
    region: Region,
    x: number,
    y: number,
    w: number,
    h: number,
    flips: number,
    tint: number,
    angle: number,
    pivotX: number,
    pivotY: number,
  ): number {
    if (this.count === this.capacity) this.grow();
    const index = this.count++;
    this.place(index, x, y, w, h, angle, pivotX, pivotY);
    this.show(index, region, flips);
    this.colour(index, tint);
    const last = this.runs.at(-1);
    if (last !== undefined && last.page === region.page) last.count++;
    else this.runs.push({ page: region.page, first: index, count: 1 });
    return index;
  }

  /** Gives a quad another picture (of the same page). */
  show(index: number, region: Region, flips: number): void {
    const corners = CORNERS[flips] as Float32Array;
    for (let v = 0; v < VERTICES; v++) {
      const at = (index * VERTICES + v) * 2;
      this.source[at] = region.x + (corners[v * 2] as number) * region.w;
      this.source[at + 1] = region.y + (corners[v * 2 + 1] as number) * region.h;
      const b = (index * VERTICES + v) * 4;
      this.bounds[b] = region.x;
      this.bounds[b + 1] = region.y;
      this.bounds[b + 2] = region.x + region.w - 1;
      this.bounds[b + 3] = region.y + region.h - 1;
    }
  }

  private place(index: number, x: number, y: number, w: number, h: number, angle: number, pivotX: number, pivotY: number): void {
    const p = this.position;
    const at = index * VERTICES * 2;
    p[at] = p[at + 6] = x;
    p[at + 2] = p[at + 4] = x + w;
    p[at + 1] = p[at + 3] = y;
    p[at + 5] = p[at + 7] = y + h;
    if (angle === 0) return;
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    for (let v = 0; v < VERTICES; v++) {
      const dx = (p[at + v * 2] as number) - pivotX;
      const dy = (p[at + v * 2 + 1] as number) - pivotY;
      p[at + v * 2] = pivotX + dx * cos - dy * sin;
      p[at + v * 2 + 1] = pivotY + dx * sin + dy * cos;
    }
  }

  private colour(index: number, tint: number): void {
    for (let v = 0; v < VERTICES; v++) {
      const at = (index * VERTICES + v) * 4;
      this.tint[at] = (tint >>> 24) & 255;
      this.tint[at + 1] = (tint >>> 16) & 255;
      this.tint[at + 2] = (tint >>> 8) & 255;
      this.tint[at + 3] = tint & 255;
    }
  }

  private grow(): void {
    const old = this.capacity;
    const bigger = new Quads(Math.max(16, old * 2));
    bigger.position.set(this.position);
    bigger.source.set(this.source);
    bigger.bounds.set(this.bounds);
    bigger.tint.set(this.tint);
    this.position = bigger.position;
    this.source = bigger.source;
    this.bounds = bigger.bounds;
    this.tint = bigger.tint;
  }
}

/** Two triangles a quad: the index buffer for `capacity` quads. */
export function quadIndices(capacity: number): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(capacity * 6);
  for (let i = 0; i < capacity; i++) out.set([i * 4, i * 4 + 1, i * 4 + 2, i * 4, i * 4 + 2, i * 4 + 3], i * 6);
  return out;
}
