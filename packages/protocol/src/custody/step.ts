// One door to a world's border: whatever comes goes to the machine it concerns. Reads custody; changes only the desk.
import { type Fault, fault } from "../fault.ts";
import type { TravellerId, WorldId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { type BorderContext, type BorderInput, type Decision, type Moment, together, turnDown } from "./border.ts";
import type { ClaimsType } from "./claims.ts";
import type { Custody, Resident } from "./custody.ts";
import type { Desk } from "./desk.ts";
import { stepDestination } from "./destination.ts";
import { stepOrigin } from "./origin.ts";
import { stepMemory, whileRemembering } from "./recall.ts";
import { stepRegister } from "./register.ts";
import { stepKeys } from "./statements.ts";

const TO_ORIGINS: ReadonlySet<ClaimsType> = new Set(["offer", "decline", "receipt", "refusal"]);
const ABOUT_MEMORY: ReadonlySet<ClaimsType> = new Set(["recall", "recalled"]);
const ABOUT_REGISTERS: ReadonlySet<ClaimsType> = new Set(["claim", "grant", "denied"]);
const ABOUT_KEYS: ReadonlySet<ClaimsType> = new Set(["keys", "noted"]);

/** The border's next step. See border.ts for what the shell owes: apply the records at once, make them durable, then let the effects out. */
export function stepBorder(custody: Custody, desk: Desk, input: BorderInput, now: Moment, context: BorderContext): Decision {
  switch (input.in) {
    case "present":
      return stepDestination(custody, desk, input, now, context);
    case "wake":
      return together([
        stepKeys(custody, desk, input, now, context),
        stepMemory(custody, desk, input, now, context),
        stepOrigin(custody, desk, input, now, context),
        stepDestination(custody, desk, input, now, context),
        stepRegister(custody, desk, input, now, context),
      ]);
    case "give-up":
      return stepMemory(custody, desk, input, now, context);
    case "keys":
      return stepKeys(custody, desk, input, now, context);
    case "unreachable":
      // Whoever cannot place this world's key is told of it, and asked again.
      return input.fault?.code === "unknown-key"
        ? stepKeys(custody, desk, { in: "puzzled", world: input.world }, now, context)
        : stepOrigin(custody, desk, input, now, context);
    case "token":
      return hear(custody, desk, input.token, now, context);
    default:
      return stepOrigin(custody, desk, input, now, context);
  }
}

function hear(custody: Custody, desk: Desk, token: string, now: Moment, context: BorderContext): Decision {
  if (token.length > LIMITS.tokenBytes) return turnDown("X15", fault("oversized", "peer", "This message is too long."));
  const read = context.notary.read(token);
  if (!read.ok) return turnDown("X15", read.fault);
  const { claims } = read.value;
  if (claims.typ === "birth" || claims.typ === "link")
    return turnDown("X15", fault("out-of-order", "peer", "This is said to everybody and asks nothing of a border."));
  const heard = { in: "heard", token, opened: { ...read.value, claims } } as const;
  const { typ } = claims;
  if (ABOUT_REGISTERS.has(typ)) return stepRegister(custody, desk, heard, now, context);
  const step = ABOUT_MEMORY.has(typ) ? stepMemory : ABOUT_KEYS.has(typ) ? stepKeys : TO_ORIGINS.has(typ) ? stepOrigin : stepDestination;
  return step(custody, desk, heard, now, context);
}

/** The steady time of the next timer; the shell steps with `wake` then (earlier or more often does no harm). */
export function wakeAtBorder(desk: Desk): number {
  return Math.min(desk.dueMs, desk.forgetMs, desk.tellMs, desk.claimsMs, desk.recallMs);
}

/** What to do with a traveller who proved their key and shows no passport. */
export type Entry =
  /** They live here: the session goes on with this resident. */
  | { readonly as: "resident"; readonly resident: Resident }
  /** Nobody of this key is known, and the world is open: append a `born` record. */
  | { readonly as: "newborn" }
  /** In escrow: step with `resume` and let them not in. */
  | { readonly as: "in-transit"; readonly resident: Resident }
  /** In another world; turn them away and name it. */
  | { readonly as: "away"; readonly to: WorldId | undefined }
  /** The world has lost a part of its memory and lets nobody in before it has remembered. */
  | { readonly as: "remembering"; readonly why: Fault }
  /** Unknown, and this world is entered by passport only. */
  | { readonly as: "stranger" };

export function entryOf(custody: Custody, traveller: TravellerId, rule: "open" | "portal-only"): Entry {
  const why = whileRemembering(custody);
  if (why !== undefined) return { as: "remembering", why };
  const resident = custody.residents.get(traveller);
  if (resident === undefined) return { as: rule === "open" ? "newborn" : "stranger" };
  if (resident.status === "here") return { as: "resident", resident };
  return resident.status === "escrow" ? { as: "in-transit", resident } : { as: "away", to: resident.awayTo };
}
