// What the machines of a world's border are told and what they answer: inputs in; records to append and effects to release out.
// Contract with the shell: apply a decision's records at once (nothing in between), make them durable, and only then let its effects out.
import { type Fault, fault } from "../fault.ts";
import type { TransferId, TravellerId, WorldId } from "../ids.ts";
import type { Item, Ruling, TravellerBody } from "../items.ts";
import type { WorldMessage } from "../messages.ts";
import type { Addressed, Clamp, KeyStatement, Notary } from "./claims.ts";
import type { Quota } from "./quota-terms.ts";
import type { CustodyRecord } from "./records.ts";
import type { RuleId } from "./rules.ts";

/** A world that the operator named and pinned. */
export interface Peer {
  readonly world: WorldId;
  readonly name: string;
  /** http or https base address. */
  readonly url: string;
  /** No longer welcome: no new arrivals or departures, but what is under way is still resolved. */
  readonly isClosed?: boolean;
}

/** What customs says of an import: one ruling for every item and for the body, and the bounds laid over what comes in. */
export interface CustomsAnswer {
  readonly rulings: readonly Ruling[];
  readonly clamps: readonly Clamp[];
}

export type Customs = (origin: WorldId, items: readonly Item[], body: TravellerBody) => CustomsAnswer;

/** `closing`: the world ends in good order. `disk-full`: its journal has no space but for what is under way. */
export type Shut = "closing" | "disk-full";

/** What a traveller is told at a shut border, who leaves (`out`) or comes (`in`); undefined while it is open. */
export function whyShut(policy: Pick<BorderPolicy, "whyShut">, way: "out" | "in"): Fault | undefined {
  const why = policy.whyShut();
  if (why === undefined) return undefined;
  const nobody = way === "out" ? "nobody leaves it now" : "nobody comes in now";
  if (why === "closing") return fault("shutting-down", "world", `This world is closing; ${nobody}.`, 5_000);
  return fault("busy", "world", `This world has no room on its disk; ${nobody}, until its operator has made some.`, DISK_AGAIN_MS);
}

/** An operator takes a while to make room. */
const DISK_AGAIN_MS = 30_000;

/** What only the shell knows now. All of it may change from call to call; none of it is asked twice about a transfer. */
export interface BorderPolicy {
  readonly customs: Customs;
  /** How much this world takes of things that `world` answers for. Absent: no quotas at all. */
  quotas?(world: WorldId): readonly Quota[];
  /** Travellers that may still come in. */
  room(): number;
  /** Why this traveller may not come in; undefined when they may. */
  isBanned(traveller: TravellerId, home: WorldId): string | undefined;
  /** Why nobody departs or arrives now, while what is under way is still resolved; undefined while the border is open. */
  whyShut(): Shut | undefined;
  /** The body as the simulation has it now; undefined when it is not in the simulation. */
  live(traveller: TravellerId): { readonly body: TravellerBody; readonly x: number; readonly y: number } | undefined;
}

export interface BorderContext {
  readonly notary: Notary;
  readonly peers: ReadonlyMap<WorldId, Peer>;
  readonly policy: BorderPolicy;
}

/** Now, twice: the wall's time for what is signed and recorded, and a steady count for what waits. Milliseconds. */
export interface Moment {
  readonly wallMs: number;
  readonly steadyMs: number;
}

/** A signed message that was read; its signature is looked at when it matters. */
export interface Heard {
  readonly in: "heard";
  readonly token: string;
  readonly opened: { readonly claims: Addressed | KeyStatement; readonly hash: string; readonly kid: string };
}

export type OriginInput =
  /** A traveller here asks to cross. */
  | { readonly in: "ask"; readonly traveller: TravellerId; readonly to: WorldId }
  /** A traveller's link is gone: a question to a destination is dropped. */
  | { readonly in: "left"; readonly traveller: TravellerId }
  /** The traveller has stored the passport. */
  | { readonly in: "held"; readonly traveller: TravellerId; readonly transfer: TransferId }
  /** The traveller would rather stay. */
  | { readonly in: "stay"; readonly traveller: TravellerId; readonly transfer: TransferId }
  /** A traveller in escrow reconnected (with proven key): they get the same passport again. */
  | { readonly in: "resume"; readonly traveller: TravellerId }
  /**
   * A post to a peer did not get through. `fault` when it answered with one instead: that concerns only what was posted.
   * Without `token`, nothing posted to it gets through.
   */
  | { readonly in: "unreachable"; readonly world: WorldId; readonly token?: string; readonly fault?: Fault }
  /** The operator takes back who left for a world that does not answer. `isEarly`: before it was silent for seven days. */
  | { readonly in: "override"; readonly transfer: TransferId; readonly by: string; readonly why: string; readonly isEarly: boolean }
  | Heard
  | { readonly in: "wake" };

export type MemoryInput =
  | Heard
  /** The operator waits no longer for what a peer knows of the time this world has forgotten. */
  | { readonly in: "give-up"; readonly world: WorldId; readonly by: string }
  | { readonly in: "wake" };

export type DestinationInput =
  /** A passport, with the key proven in this session's handshake. */
  | { readonly in: "present"; readonly session: string; readonly traveller: TravellerId; readonly passport: string }
  | Heard
  | { readonly in: "wake" };

export type BorderInput =
  | OriginInput
  | DestinationInput
  | MemoryInput
  /** The operator's new statement of this world's own keys. */
  | { readonly in: "keys"; readonly token: string }
  /** A signed message, by whatever way it came: posted by a peer or relayed by anybody. */
  | { readonly in: "token"; readonly token: string };

export type CustodyEffect =
  /** Send to a peer's border. `reply`: it answers the token this decision was made for, and may go back on the same request. */
  | { readonly e: "post"; readonly to: WorldId; readonly token: string; readonly reply: boolean }
  /** Tell a traveller, if linked. */
  | { readonly e: "tell"; readonly traveller: TravellerId; readonly message: WorldMessage }
  /** The departure is resolved: they arrived. Their session here may end. */
  | { readonly e: "gone"; readonly traveller: TravellerId; readonly transfer: TransferId; readonly to: WorldId }
  /** The departure is resolved: they are here again, with everything. */
  | { readonly e: "returned"; readonly traveller: TravellerId; readonly transfer: TransferId; readonly fault: Fault }
  /** To the session that presented: welcome. `isResumed`: they had been admitted by this passport before. */
  | {
      readonly e: "admitted";
      readonly session: string;
      readonly traveller: TravellerId;
      readonly transfer: TransferId;
      readonly from: WorldId;
      readonly receipt: string;
      readonly rulings: readonly Ruling[];
      readonly isResumed: boolean;
    }
  /** To the session that presented: no. `refusal` is the signed tombstone, to be relayed to the origin; without it nothing is decided. */
  | {
      readonly e: "turned-away";
      readonly session: string;
      readonly traveller: TravellerId;
      readonly fault: Fault;
      readonly refusal?: string;
    };

export interface Decision {
  readonly records: readonly CustodyRecord[];
  readonly effects: readonly CustodyEffect[];
  /** The input was refused, and why (for the answer to whoever sent it). Nothing was changed. */
  readonly fault?: Fault;
  /** The SPEC's rules this decision followed. */
  readonly rules: readonly RuleId[];
}

export const NOTHING: Decision = { records: [], effects: [], rules: [] };

/** The input changes nothing, and here is why. */
export function turnDown(rule: RuleId, fault: Fault): Decision {
  return { records: [], effects: [], rules: [rule], fault };
}

/** A decision that followed one more rule. */
export function also(rule: RuleId, decision: Decision): Decision {
  return { ...decision, rules: [...decision.rules, rule] };
}

/** Several decisions as one, in order. */
export function together(decisions: readonly Decision[]): Decision {
  const fault = decisions.find((decision) => decision.fault !== undefined)?.fault;
  return {
    records: decisions.flatMap((decision) => decision.records),
    effects: decisions.flatMap((decision) => decision.effects),
    rules: decisions.flatMap((decision) => decision.rules),
    ...(fault === undefined ? {} : { fault }),
  };
}
