// What benchmarks do with numbers: medians, percentiles, slopes. Pure.

/** The middle value; NaN of nothing. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The value below which `share` percent lie, between two neighbours in proportion; NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  const at = ((sorted.length - 1) * share) / 100;
  const low = sorted[Math.floor(at)] as number;
  const high = sorted[Math.ceil(at)] as number;
  return low + (high - low) * (at - Math.floor(at));
}

export interface Slope {
  /** Units of y per unit of x. */
  readonly perX: number;
  /** Standard error of that: a slope within twice this is noise. */
  readonly error: number;
  /** How far points lie from the line, one standard deviation, units of y. */
  readonly noise: number;
}

/** The straight line through points by least squares. */
export function slope(points: readonly (readonly [x: number, y: number])[]): Slope {
  const n = points.length;
  if (n < 3) return { perX: Number.NaN, error: Number.NaN, noise: Number.NaN };
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const varianceX = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const perX = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / varianceX;
  const rest = points.reduce((sum, [x, y]) => sum + (y - meanY - perX * (x - meanX)) ** 2, 0);
  return { perX, error: Math.sqrt(rest / (n - 2) / varianceX), noise: Math.sqrt(rest / (n - 2)) };
}

/** A figure fit to be read: three significant digits, more where it is large. */
export function rounded(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3));
}
