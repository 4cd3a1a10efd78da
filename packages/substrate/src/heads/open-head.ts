// Whose head it is: a world's own, or an heir's that a statement of the world names. The rules [N1], [N2] and a half of [N8] of the SPEC. What
// knows keys and tokens is handed in.
import { fail, ok, type Result, type WorldId } from "@sojourn/protocol";
import { type Head, readHead } from "./head-record.ts";
import { type Heir, readSuccession, type Succession } from "./succession.ts";

/** What a reader judges heads with; the passport room has one. */
export interface HeadJudge {
  /** The key that speaks for this world by what the head shows: its identity key, or one that its statement lists. Fault `bad-proof`. */
  speaker(world: WorldId, shown: { readonly kid?: string; readonly keys?: string }): Result<Uint8Array>;
  /** The key that a world is named by, when it is a sound one. */
  identity(world: WorldId): Result<Uint8Array>;
  verify(signature: Uint8Array, signed: Uint8Array, publicKey: Uint8Array): boolean;
}

/** A head that is genuine: by the world itself, or by an heir that a statement of the world names. */
export interface GenuineHead {
  readonly world: WorldId;
  readonly head: Head;
  readonly bytes: Uint8Array;
  /** Of an heir's head: what the world's statement says of that heir. */
  readonly claim?: Claim;
}

/** An heir as a statement names it. That the heir may go on by now, and with this, is another question. */
export interface Claim {
  readonly heir: Heir;
  /** How many the statement names before it. */
  readonly rank: number;
  readonly statement: Succession;
}

/** Faults: `malformed`, `oversized`, `forged`. */
export function openHead(world: WorldId, bytes: Uint8Array, judge: HeadJudge): Result<GenuineHead> {
  const read = readHead(bytes);
  if (!read.ok) return read;
  const { head, signed, signature } = read.value;
  const { heir, kid, keys, succession } = head;
  if (heir !== undefined && kid === undefined) return forged(world, "it is said to be an heir's and is signed by nobody's key");
  const shown = { ...(kid === undefined ? {} : { kid }), ...(keys === undefined ? {} : { keys }) };
  const speaker = judge.speaker(heir ?? world, shown);
  if (!speaker.ok) return forged(world, speaker.fault.detail);
  if (!judge.verify(signature, signed, speaker.value)) return forged(world, "the signature does not verify");
  if (heir === undefined) return ok({ world, head, bytes });
  const statement = openSuccession(world, succession ?? new Uint8Array(), judge);
  if (!statement.ok) return forged(world, statement.fault.detail);
  const rank = statement.value.heirs.findIndex((one) => one.world === heir);
  const named = statement.value.heirs[rank];
  if (named === undefined) return forged(world, `its statement of heirs does not name ${heir}`);
  return ok({ world, head, bytes, claim: { heir: named, rank, statement: statement.value } });
}

/** A world's genuine statement of heirs. Faults: `malformed`, `oversized`, `forged`. */
export function openSuccession(world: WorldId, bytes: Uint8Array, judge: HeadJudge): Result<Succession> {
  const read = readSuccession(bytes);
  if (!read.ok) return read;
  const { succession, signed, signature } = read.value;
  const key = judge.identity(world);
  const isGenuine = succession.world === world && key.ok && judge.verify(signature, signed, key.value);
  return isGenuine ? ok(succession) : fail("forged", "peer", `this statement of heirs is not by the identity key of ${world}`);
}

function forged(world: WorldId, why: string): Result<never> {
  return fail("forged", "peer", `this is no head of ${world}: ${why}`);
}
