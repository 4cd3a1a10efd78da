// Chance without luck: the same seed gives the same grain for ever, on every machine (32-bit integers only).

export class Grain {
  private state: number;

  constructor(seed: number) {
    this.state = Math.imul(seed + 0x9e3779b9, 0x85ebca6b) >>> 0;
  }

  /** A whole number in 0 … below-1. */
  below(below: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  pick<T>(from: ArrayLike<T>): T {
    return from[this.below(from.length)] as T;
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }
}

/** The same number for the same place, for choosing a variant of a tile. */
export function hashAt(x: number, y: number, seed: number): number {
  let h = Math.imul(x + 0x51ed27, 0x27d4eb2f) ^ Math.imul(y + 0x2545f4, 0x165667b1) ^ Math.imul(seed + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

/** Length of (dx, dy). A square root is exact everywhere, Math.hypot is not. */
export function far(dx: number, dy: number): number {
  return Math.sqrt(dx * dx + dy * dy);
}
