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

export const LOADING = {
  /** Around where one stands everything is there before one plays: as far as one is told of others, and so many units more. */
  marginUnits: 16,
  /** Of one world so many bytes come by themselves, the nearest first; beyond that only what one walks up to. */
  worldBytes: 268_435_456,
  /** Chunks in memory, by number and by their bytes; the share that stays when there are more. What is near stays in any case. */
  chunks: 4_096,
  chunkBytes: 67_108_864,
  keptShare: 0.75,
  /** Loading follows one after so many units of a walk. */
  stepUnits: 4,
  /** Places one may arrive at that are loaded when it is not known which. */
  spots: 8,
  /** Reading what came gives way after so long, ms. */
  sliceMs: 4,
  /** When the rest cannot be had: the first wait before the next try, doubled each time, and the longest, ms. */
  retryMs: 1_000,
  retryMostMs: 60_000,
  /** Parts of worlds remembered as whole. */
  wholes: 65_536,
} as const;

export const PREFETCH = {
  /** Nearer than this to a portal its far side is looked up; further than `leaveUnits` from it that stops. */
  nearUnits: 12,
  leaveUnits: 24,
  /** Bytes of one far side at most; blocks asked for at the same time. */
  bytes: 8_388_608,
  parallel: 2,
  /** Around the arrival at least so many units: how far one is told of others there is not known before one is there. */
  radiusUnits: 40,
  /** What was found is good for so long; what failed is not tried again for so long, ms. */
  freshMs: 60_000,
  restMs: 30_000,
  /** The far world's card: how long it may take, ms, and its length. */
  cardMs: 3_000,
  cardBytes: 8_192,
} as const;

export const UPDATES = {
  /** Tries to fetch an announced version again, and the first wait before one, ms. */
  retries: 4,
  retryMs: 1_000,
} as const;

/** Calls to members of a swarm, and the places where they are met. */
export const CALLS = {
  /** Calls under way at one place; a call that is not open by then is given up; own addresses are looked for so long. Milliseconds. */
  atOnce: 12,
  /** Members and calls together, past which no call is taken any more; one still calls others. */
  answered: 8,
  openMs: 10_000,
  gatherMs: 1_500,
  /** With fewer members than this one asks to be introduced to more. */
  enough: 4,
  /** Worlds that are asked where others are, when the world itself is gone. */
  friends: 6,
  /** A place that was lost is looked for again after so long, and at most after so long. Milliseconds. */
  againMs: 2_000,
  againMostMs: 60_000,
  /** How long a friend is asked for the head of a world that is gone. */
  headMs: 3_000,
  /** How often, and how far apart, one looks for a world that is gone among those who may have it. Milliseconds. */
  loads: 6,
  loadAgainMs: 2_000,
  /** Bytes in a channel under which it counts as drained; messages that may come before somebody listens. */
  drainedBytes: 32_768,
  earlyMessages: 16,
  /** Worlds of which is remembered what was in hand in this visit. */
  worlds: 8,
  /** How much of a member's name is shown and told apart by. */
  nameChars: 12,
} as const;

/** Looking for who goes on with a world that is silent. */
export const HEIRS = {
  /** How often, while one is a ghost; how long one place may take, ms; places asked at once. */
  lookMs: 3_000,
  askMs: 4_000,
  places: 16,
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
