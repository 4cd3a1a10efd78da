// Milliseconds between two ticks of a world, as its own code sees them: a tick that comes late is late for whatever reason.

export interface Gaps {
  readonly ticks: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export class Beats {
  #before: number | undefined;
  #gaps: number[] = [];

  tick(): void {
    const now = performance.now();
    if (this.#before !== undefined) this.#gaps.push(now - this.#before);
    this.#before = now;
  }

  /** What came since the last call, in order. */
  taken(): readonly number[] {
    const gaps = this.#gaps;
    this.#gaps = [];
    return gaps;
  }

  /** The world closes: what lies between its ticks and those of the next one is no gap. */
  pause(): void {
    this.#before = undefined;
    this.#gaps = [];
  }
}

export function gapsOf(list: readonly number[]): Gaps {
  const gaps = [...list].sort((a, b) => a - b);
  const at = (share: number): number => tenth(gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))] ?? 0);
  return { ticks: gaps.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

export function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
