// The traveller's side of a crossing: AT_HOME → ASKING → HOLDING → PRESENTING → ARRIVED, or → RETURNING → RETURNED.
// All its transitions are in this file. Law: a passport is stored before it is acknowledged, and shown in the same bytes until it is decided.
import { type Fault, fault } from "../fault.ts";
import type { TransferId, WorldId } from "../ids.ts";
import { CUSTODY } from "../limits.ts";
import type { WorldMessage } from "../messages.ts";
import { encodeBase64url } from "./base64url.ts";
import type { RuleId } from "./rules.ts";

export type CrossingState = "AT_HOME" | "ASKING" | "HOLDING" | "PRESENTING" | "RETURNING" | "ARRIVED" | "RETURNED";

export interface WorldAddress {
  readonly world: WorldId;
  readonly name: string;
  readonly url: string;
}

/** What is stored of a crossing, and all that is needed to finish it after a crash. */
export interface StoredCrossing {
  readonly transfer: TransferId;
  readonly origin: WorldAddress;
  readonly destination: WorldAddress;
  /** Compact JWS. */
  readonly passport: string;
}

export interface Crossing {
  readonly state: CrossingState;
  readonly stored?: StoredCrossing;
  /** What is carried to the origin: the destination's refusal, or the wish to stay. */
  readonly word?: CrossingWord;
  readonly tries: number;
  /** Steady time of the next try; absent while an answer is awaited. */
  readonly againMs?: number;
}

export type CrossingWord = { readonly say: "stay" } | { readonly say: "refusal"; readonly token: string };

export type CrossingInput =
  | { readonly in: "ask" }
  /** The origin let nothing leave. */
  | { readonly in: "refused"; readonly fault: Fault }
  /** The origin's Transfer message (see {@link storedCrossing}). */
  | { readonly in: "passport"; readonly crossing: StoredCrossing }
  /** The passport is stored durably. */
  | { readonly in: "stored" }
  | { readonly in: "welcomed"; readonly receipt?: string }
  /** The destination said no: for ever when it signed a refusal, for now otherwise. */
  | { readonly in: "turned-away"; readonly fault: Fault; readonly refusal?: string }
  /** The link to the destination (or, returning, to the origin) failed or broke. */
  | { readonly in: "link-lost" }
  | { readonly in: "stay" }
  /** The origin has the traveller back. */
  | { readonly in: "returned"; readonly fault?: Fault }
  /** The origin learned that the destination had admitted them. */
  | { readonly in: "arrived" }
  /** A crossing found in the store after a crash. */
  | { readonly in: "restore"; readonly crossing: StoredCrossing }
  | { readonly in: "wake" };

export type CrossingEffect =
  /** Store durably, then answer with `stored`. */
  | { readonly e: "store"; readonly crossing: StoredCrossing }
  /** Put the stored crossing away. */
  | { readonly e: "forget"; readonly transfer: TransferId }
  /** Tell the origin that the passport is held. */
  | { readonly e: "held"; readonly crossing: StoredCrossing }
  /** Enter the destination with this passport. */
  | { readonly e: "present"; readonly crossing: StoredCrossing }
  /** Go to the origin and say this word. */
  | { readonly e: "carry"; readonly crossing: StoredCrossing; readonly word: CrossingWord }
  /** Hand the destination's receipt to the origin; nothing depends on it. */
  | { readonly e: "relay"; readonly crossing: StoredCrossing; readonly token: string }
  | { readonly e: "tell"; readonly state: CrossingState; readonly fault?: Fault };

export interface CrossingStep {
  readonly crossing: Crossing;
  readonly effects: readonly CrossingEffect[];
  readonly rules: readonly RuleId[];
}

export const AT_HOME: Crossing = { state: "AT_HOME", tries: 0 };

/** The crossing a Transfer message describes. */
export function storedCrossing(message: Extract<WorldMessage, { t: "transfer" }>, origin: WorldAddress): StoredCrossing {
  const passport = `${message.passport}.${encodeBase64url(message.signature)}`;
  return { transfer: message.id, origin, destination: message.destination, passport };
}

/** Pure. An input that means nothing in the present state changes nothing. */
export function stepCrossing(crossing: Crossing, input: CrossingInput, steadyMs: number): CrossingStep {
  const { state, stored } = crossing;
  const isResting = state === "AT_HOME" || state === "ARRIVED" || state === "RETURNED";
  switch (input.in) {
    case "ask":
      return isResting ? move("X40", { state: "ASKING", tries: 0 }) : stayPut(crossing);
    case "refused":
      return state === "ASKING" ? move("X41", AT_HOME, [], input.fault) : stayPut(crossing);
    case "passport":
      return state === "ASKING" || isResting ? hold(input.crossing) : stayPut(crossing);
    case "restore":
      return isResting ? present("X51", input.crossing, 0) : stayPut(crossing);
    case "stored":
      return state === "HOLDING" && stored !== undefined ? acknowledge(stored) : stayPut(crossing);
    default:
      return stored === undefined ? stayPut(crossing) : travel(crossing, stored, input, steadyMs);
  }
}

type TravelInput = Exclude<CrossingInput, { in: "ask" | "refused" | "passport" | "restore" | "stored" }>;

/** Inputs that concern a passport in hand. */
function travel(crossing: Crossing, stored: StoredCrossing, input: TravelInput, steadyMs: number): CrossingStep {
  const { state, word } = crossing;
  const isPresenting = state === "PRESENTING";
  switch (input.in) {
    case "welcomed":
      return isPresenting ? arrive(stored, input.receipt) : stayPut(crossing);
    case "turned-away":
      if (!isPresenting) return stayPut(crossing);
      return input.refusal === undefined
        ? later(crossing, "X44", steadyMs, input.fault)
        : goBack(stored, "X46", { say: "refusal", token: input.refusal }, input.fault);
    case "stay":
      return isPresenting ? goBack(stored, "X47", { say: "stay" }) : stayPut(crossing);
    case "returned":
      return state === "RETURNING" || isPresenting
        ? move("X48", { state: "RETURNED", tries: 0 }, [{ e: "forget", transfer: stored.transfer }], input.fault)
        : stayPut(crossing);
    case "arrived":
      return state === "RETURNING" ? present("X49", stored, 0) : stayPut(crossing);
    case "link-lost":
      if (isPresenting) return later(crossing, "X44", steadyMs, fault("destination-down", "link", "The other world does not answer yet."));
      return state === "RETURNING" ? later(crossing, "X50", steadyMs) : stayPut(crossing);
    case "wake":
      if (crossing.againMs === undefined || steadyMs < crossing.againMs) return stayPut(crossing);
      if (isPresenting) return present("X44", stored, crossing.tries);
      return word === undefined ? stayPut(crossing) : goBack(stored, "X50", word, undefined, crossing.tries);
  }
}

/** The steady time of the next try, if one is set. */
export function wakeAtCrossing(crossing: Crossing): number | undefined {
  return crossing.againMs;
}

function stayPut(crossing: Crossing): CrossingStep {
  return { crossing, effects: [], rules: [] };
}

function move(rule: RuleId, crossing: Crossing, effects: readonly CrossingEffect[] = [], why?: Fault): CrossingStep {
  const told: CrossingEffect = { e: "tell", state: crossing.state, ...(why === undefined ? {} : { fault: why }) };
  return { crossing, effects: [...effects, told], rules: [rule] };
}

function hold(stored: StoredCrossing): CrossingStep {
  return move("X42", { state: "HOLDING", stored, tries: 0 }, [{ e: "store", crossing: stored }]);
}

function acknowledge(stored: StoredCrossing): CrossingStep {
  const { crossing, effects } = present("X43", stored, 0);
  return { crossing, effects: [{ e: "held", crossing: stored }, ...effects], rules: ["X43"] };
}

function present(rule: RuleId, stored: StoredCrossing, tries: number): CrossingStep {
  return move(rule, { state: "PRESENTING", stored, tries }, [{ e: "present", crossing: stored }]);
}

function arrive(stored: StoredCrossing, receipt: string | undefined): CrossingStep {
  const relay: CrossingEffect[] = receipt === undefined ? [] : [{ e: "relay", crossing: stored, token: receipt }];
  return move("X45", { state: "ARRIVED", tries: 0 }, [...relay, { e: "forget", transfer: stored.transfer }]);
}

function goBack(stored: StoredCrossing, rule: RuleId, word: CrossingWord, why?: Fault, tries = 0): CrossingStep {
  return move(rule, { state: "RETURNING", stored, word, tries }, [{ e: "carry", crossing: stored, word }], why);
}

function later(crossing: Crossing, rule: RuleId, steadyMs: number, why?: Fault): CrossingStep {
  const delays: readonly number[] = CUSTODY.presentMs;
  const againMs = steadyMs + (delays[Math.min(crossing.tries, delays.length - 1)] ?? 0);
  return move(rule, { ...crossing, tries: crossing.tries + 1, againMs }, [], why);
}
