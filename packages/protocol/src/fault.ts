// A fault is a value, the same on the wire and in code: what went wrong, whose doing it was, and when a retry makes sense.
// A bug is not a fault: it throws and ends the process.

import { LIMITS } from "./limits.ts";
import { clipText } from "./text.ts";

/** Whose doing a fault is: the one who asked, the world that answered, a third party (peer world, store), or the link between. */
export type Blame = "client" | "world" | "peer" | "link";

/** Every fault code that may cross the wire. Codes are added, never renamed: they are part of the protocol. */
export const FAULT_CODES = [
  // frames and versions
  "malformed", // bytes that are no message of this protocol
  "oversized", // longer than its named limit
  "out-of-order", // a message the present state does not allow
  "unsupported-version", // no protocol version in common
  "too-fast", // a rate limit was passed
  "too-slow", // a deadline was missed (hello, proof, drain)
  "internal", // the other side met a bug; nothing was changed
  // entering
  "passport-required", // this world is entered through a portal
  "bad-proof", // the challenge was not signed by the stated key
  "replaced", // the same traveller came in by another link
  "busy", // full now; retry later
  "banned", // the operator does not let this traveller in
  "away", // the traveller is in another world (detail names it)
  "in-transit", // the traveller is in escrow between two worlds
  "shutting-down", // the world is closing in good order
  // passports and customs
  "forged", // a signature or token that does not verify
  "expired", // past its time, or not yet in it
  "unknown-key", // signed by a key that the hearer does not know to be the issuer's; its statement may be on the way
  "stale-keys", // an older statement of a world's keys than the one that is known, or another one of the same version
  "foreign", // made out to another world
  "not-holder", // presented by another key than the one it names
  "unknown-origin", // from a world that is not pinned here
  "already-decided", // this transfer was admitted or refused before
  "stale-hop", // an older crossing than one already seen
  "refused", // customs or the world's own rules said no
  // the origin's side of a crossing
  "no-such-portal",
  "destination-down", // no answer in time; nothing left this world
  "destination-refused", // the destination said no before anything left
  "clock-skew", // the two worlds' clocks are too far apart
  "already-crossing",
  "cancelled", // the traveller asked to stay
  // intents
  "no-such-target",
  "out-of-reach",
  "not-yours",
  "not-usable",
  "no-room",
  "not-allowed", // the world's own rules said no
  // substrate
  "bad-content-id", // not a CIDv1 sha2-256 raw or dag-cbor id in canonical form
  "bad-block", // bytes that do not hash to their id, or are not canonical
  "missing-block", // no source has it
  "store-failed", // a store could not read or write
  "stale-head", // another head lies there, or a newer one was seen
  "superseded", // an heir goes on with this world, or the world goes on without this heir
  "forked", // two heads of one number, or a copy that somebody else goes on with
  "unsupported-map", // a map feature this version does not show (detail names layer and feature)
  "bad-map", // a map file that cannot be read
] as const;

export type FaultCode = (typeof FAULT_CODES)[number];

/** A failure as a value. `detail` is one plain sentence for a person; `retryAfterMs` is 0 when a retry is pointless. */
export interface Fault {
  readonly code: FaultCode;
  readonly blame: Blame;
  readonly detail: string;
  readonly retryAfterMs: number;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

/** `detail` may quote strangers: it is cut to what a message holds and made well-formed. */
export function fault(code: FaultCode, blame: Blame, detail: string, retryAfterMs = 0): Fault {
  return { code, blame, detail: clipText(detail, LIMITS.detailBytes), retryAfterMs };
}

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function fail(code: FaultCode, blame: Blame, detail: string, retryAfterMs = 0): Result<never> {
  return { ok: false, fault: fault(code, blame, detail, retryAfterMs) };
}

/** The exception form of a fault, for the outermost public functions that a person calls. Never thrown inside a core. */
export class FaultError extends Error {
  readonly fault: Fault;
  constructor(f: Fault) {
    super(`${f.code}: ${f.detail}`);
    this.name = "FaultError";
    this.fault = f;
  }
}

/** Unwraps a result at an outermost edge: the value, or a thrown {@link FaultError}. */
export function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new FaultError(result.fault);
  return result.value;
}
