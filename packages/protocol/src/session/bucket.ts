// A token bucket: how often something may happen, with room for a burst. Plain data, so that it lives inside a pure machine's state.

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

export function fullBucket(rate: Rate, nowMs: number): Bucket {
  return { tokens: rate.burst, atMs: nowMs };
}

/** Takes one token. Without one `bucket` comes back refilled and `waitMs` says when there will be one again; 0 means it was taken. */
export function takeToken(bucket: Bucket, rate: Rate, nowMs: number): { readonly bucket: Bucket; readonly waitMs: number } {
  const elapsedMs = Math.max(0, nowMs - bucket.atMs);
  const tokens = Math.min(rate.burst, bucket.tokens + (elapsedMs * rate.perSecond) / 1_000);
  if (tokens >= 1) return { bucket: { tokens: tokens - 1, atMs: nowMs }, waitMs: 0 };
  return { bucket: { tokens, atMs: nowMs }, waitMs: Math.max(1, Math.ceil(((1 - tokens) * 1_000) / rate.perSecond)) };
}
