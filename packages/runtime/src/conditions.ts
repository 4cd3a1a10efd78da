// What a poor network does to a link, as figures: how late frames are, how unevenly, when nothing passes at all, how much fits through.
// Law: the same seed gives the same weather, whoever asks and however often. Pure.
import { CONDITION_LIMITS } from "./limits.ts";
import { seededRandom } from "./random.ts";

/** How a link behaves. The link stays ordered: nothing is lost or overtaken; what is held up holds up all that comes behind it. */
export interface LinkConditions {
  /** Time from this end to the other, and back, ms. Their sum is added to the round trip. */
  readonly outMs: number;
  readonly inMs: number;
  /** Added to each frame by chance: mostly little, at times much; the mean, ms. Never more than four times that. */
  readonly jitterMs: number;
  /** Now and then nothing passes either way for so long, ms; once in each period of `stallEveryMs`. 0: never. */
  readonly stallMs: number;
  readonly stallEveryMs: number;
  /** What fits through each way, bytes a second. 0: everything. */
  readonly bytesPerSecond: number;
}

const GOOD: LinkConditions = { outMs: 0, inMs: 0, jitterMs: 0, stallMs: 0, stallEveryMs: 0, bytesPerSecond: 0 };

export type LinkPreset = "good" | "100ms" | "200ms-jitter" | "1s-stalls";

/** Links one meets, by name. Delays are of the whole round trip. */
export const LINK_PRESETS: { readonly [name in LinkPreset]: LinkConditions } = {
  good: GOOD,
  "100ms": { ...GOOD, outMs: 50, inMs: 50 },
  "200ms-jitter": { ...GOOD, outMs: 100, inMs: 100, jitterMs: 10 },
  "1s-stalls": { ...GOOD, outMs: 50, inMs: 50, jitterMs: 5, stallMs: 1_000, stallEveryMs: 8_000 },
};

/**
 * Conditions from a line of text, as a URL or a settings file has them: the name of a preset, or figures such as
 * `out=50,in=50,jitter=10,stall=1000/8000,rate=50000`, whose `stall` is length/period in ms. Undefined when it is neither.
 */
export function linkConditions(text: string): LinkConditions | undefined {
  if (Object.hasOwn(LINK_PRESETS, text)) return LINK_PRESETS[text as LinkPreset];
  const made: { -readonly [K in keyof LinkConditions]: number } = { ...GOOD };
  for (const part of text.split(",")) {
    const said = /^(out|in|jitter|stall|rate)=([0-9]{1,9})(?:\/([0-9]{1,9}))?$/.exec(part);
    if (said === null || (said[3] !== undefined) !== (said[1] === "stall")) return undefined;
    const figure = Number(said[2]);
    if (said[1] === "out") made.outMs = figure;
    else if (said[1] === "in") made.inMs = figure;
    else if (said[1] === "jitter") made.jitterMs = figure;
    else if (said[1] === "rate") made.bytesPerSecond = figure;
    else [made.stallMs, made.stallEveryMs] = [figure, Number(said[3])];
  }
  return boundedConditions(made);
}

/** The same within what a conditioned link can keep. What is not a number counts as none. */
export function boundedConditions(asked: LinkConditions): LinkConditions {
  const { delayMs, jitterMs, stallMs, stallEveryMs, bytesPerSecond } = CONDITION_LIMITS;
  const stall = within(asked.stallMs, stallMs);
  return {
    outMs: within(asked.outMs, delayMs),
    inMs: within(asked.inMs, delayMs),
    jitterMs: within(asked.jitterMs, jitterMs),
    stallMs: stall,
    // Between two stalls something passes.
    stallEveryMs: stall === 0 ? 0 : Math.max(stall * 2, within(asked.stallEveryMs, stallEveryMs)),
    bytesPerSecond: asked.bytesPerSecond > 0 ? Math.max(bytesPerSecond, within(asked.bytesPerSecond, Number.MAX_SAFE_INTEGER)) : 0,
  };
}

function within(value: number, most: number): number {
  return value > 0 ? Math.min(most, value) : 0;
}

/** Extra delay of a frame, ms, for a number in [0, 1): exponential, cut at four times its mean. */
export function jitterOf(chance: number, { jitterMs }: LinkConditions): number {
  return jitterMs === 0 ? 0 : Math.min(4, -Math.log(1 - chance)) * jitterMs;
}

/** When what would arrive at `atMs` (since the link began) arrives, given the stalls: then, or at the end of the stall it falls into. */
export function afterStall(atMs: number, { stallMs, stallEveryMs }: LinkConditions, seed: number): number {
  if (stallMs === 0 || atMs < 0) return atMs;
  const period = Math.floor(atMs / stallEveryMs);
  const beginMs = period * stallEveryMs + seededRandom(seed ^ Math.imul(period + 1, 0x85eb_ca6b)).next() * (stallEveryMs - stallMs);
  return atMs >= beginMs && atMs < beginMs + stallMs ? beginMs + stallMs : atMs;
}
