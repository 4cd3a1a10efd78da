// The client room's limits and periods, by name. A world can grow nothing here that is not bounded by one of these or by the protocol's.

export const PREDICTION = {
  /** Inputs sent and not yet acknowledged that are kept for replay: 6 s at 20 Hz; the oldest go first. */
  inputs: 128,
  /** Ticks caught up after a pause (a tab in the background); the rest is dropped, as the world dropped it. */
  catchUpTicks: 5,
  /** A correction up to this many units is smoothed away; a larger one is a jump the world meant. */
  smoothUnits: 1.5,
  /** Time in which a smoothed correction fades to a tenth, ms. */
  smoothMs: 120,
  /** A correction from this many units on counts as visible. */
  visibleUnits: 0.05,
} as const;

export const INTERPOLATION = {
  /** Bounds of how far in the past others are shown, in ticks. */
  minTicks: 1.5,
  maxTicks: 8,
  /** Known positions kept per entity: enough to play a stall of more than a second when it is over. */
  samples: 32,
  /** Beyond the newest known position movement goes on for at most this many ticks, then stands. */
  extrapolateTicks: 2,
  /** A pause of more ticks than this between two changes was a stand; a shorter one a lower rate. */
  gapTicks: 4,
  /** A step longer than this many units in one tick is shown as a jump, not as a glide. */
  jumpUnits: 4,
  /** The earliest arrival within the last one to two of these is "on time", ms. */
  windowMs: 1_000,
  /** Half-life of the memory of a late frame, ms. */
  forgetMs: 1_500,
  /** How much faster or slower than real time is shown, per tick of distance from where it should be, and at most. */
  bendPerTick: 0.25,
  fasterMost: 1,
  slowerMost: 0.6,
  /** Further from where it should be than this many ticks, the shown moment is set, not bent. */
  lostTicks: 28,
  /** One told of more rarely is drawn later, by so much of a tick more in each tick until its next word is always there in time. */
  lagPerTick: 0.25,
  /** Drawn at the wrong place, half of the way to the right one is made in so many ticks; to less than `glideLeast` units at once. */
  glideTicks: 2,
  glideLeast: 0.002,
  /** Further than this many units for each tick unheard nobody walks: no glide but a jump. */
  glideUnits: 1.5,
} as const;

export const BORDER = {
  /** A destination that has not answered for this long, two tries among it, is not waited for: one asks to be taken back, ms. */
  stayAfterMs: 2_500,
  /** How long the end of a crossing stays readable, ms. */
  shownMs: 8_000,
} as const;

export const INTENTS = {
  /** Intents that are out and may still be refused, of one link. */
  remembered: 256,
} as const;

export const UPDATES = {
  /** Tries to fetch an announced version again, and the first wait before one, ms. */
  retries: 4,
  retryMs: 1_000,
} as const;

export const LEAVING = {
  /** A link that has not closed by then is left to the platform, ms. */
  closeMs: 1_000,
} as const;

export const KEPT = {
  urlBytes: 256,
  /** One kept value; a manifest is the largest. */
  bytes: 1_048_576,
  depth: 14,
  values: 131_072,
} as const;
