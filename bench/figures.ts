// What benchmarks do with numbers: medians and percentiles. Pure.

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

/** A figure fit to be read: three significant digits, more where it is large. */
export function rounded(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3));
}
