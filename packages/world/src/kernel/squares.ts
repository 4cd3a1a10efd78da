// Entities filed by the squares their boxes meet: who looks for what is near pays for what is there, however much lies elsewhere.
import type { EntityInfo } from "./entities.ts";

/** Left, top, right, bottom, units. */
export type Box = readonly [x0: number, y0: number, x1: number, y1: number];

/** Side of a square, units. */
const SQUARE = 8;

export class Squares {
  readonly #filed = new Map<number, Set<EntityInfo>>();

  get isEmpty(): boolean {
    return this.#filed.size === 0;
  }

  file(info: EntityInfo, box: Box): void {
    for (const key of keysOf(box)) {
      const filed = this.#filed.get(key);
      if (filed === undefined) this.#filed.set(key, new Set([info]));
      else filed.add(info);
    }
  }

  /** `box` is the one it was filed with. */
  unfile(info: EntityInfo, box: Box): void {
    for (const key of keysOf(box)) {
      const filed = this.#filed.get(key);
      filed?.delete(info);
      if (filed?.size === 0) this.#filed.delete(key);
    }
  }

  /** Shows whoever is filed in a square that the area meets; one who lies in several of them more than once. */
  visit(x0: number, y0: number, x1: number, y1: number, see: (info: EntityInfo) => void): void {
    if (this.#filed.size === 0) return;
    for (let sy = square(y0); sy <= square(y1); sy++) {
      for (let sx = square(x0); sx <= square(x1); sx++) {
        const filed = this.#filed.get(keyOf(sx, sy));
        if (filed === undefined) continue;
        for (const info of filed) see(info);
      }
    }
  }
}

function keysOf([x0, y0, x1, y1]: Box): number[] {
  const keys: number[] = [];
  for (let sy = square(y0); sy <= square(y1); sy++) {
    for (let sx = square(x0); sx <= square(x1); sx++) keys.push(keyOf(sx, sy));
  }
  return keys;
}

function square(units: number): number {
  return Math.floor(units / SQUARE);
}

function keyOf(sx: number, sy: number): number {
  return sy * 0x100_0000 + sx;
}
