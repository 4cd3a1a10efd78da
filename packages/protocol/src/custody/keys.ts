// Which keys speak for a world. A world is its identity key for ever; what signs for it is what its newest statement lists. Law: a message
// counts only by a key that its hearer knows to be one of these, and no date that the signer chose makes a withdrawn key good again.
import { type Fault, fault } from "../fault.ts";
import type { WorldId } from "../ids.ts";
import { TIMES } from "../limits.ts";
import { type Decision, turnDown } from "./border.ts";
import type { KeyStatement, ListedKey, Opened } from "./claims.ts";
import type { Custody, KnownKeys } from "./custody.ts";
import type { Border } from "./desk.ts";
import { insist } from "./ledger.ts";
import type { KeysRecord } from "./records.ts";
import type { RuleId } from "./rules.ts";

/** Why a key does not speak for a world. `unknown-key`: it may, and the hearer has not heard of it; `forged`: it does not. */
export interface KeyDoubt {
  readonly why: Fault;
  readonly rule: "P12" | "P13";
}

/**
 * Whether `kid` speaks for `world`, in what it dated `iat` and what is heard at `nowMs` (the hearer's clock), by the newest statement that is
 * known. Both times count: the hearer's, because a thief dates as they like; the signer's, because nothing is dated after a key's end.
 */
export function doubtKey(
  known: Pick<KnownKeys, "keys"> | undefined,
  world: WorldId,
  kid: string,
  iat: number,
  nowMs: number,
): KeyDoubt | undefined {
  const listed: ListedKey | undefined = known === undefined ? { key: world } : known.keys.find(({ key }) => key === kid);
  if (listed?.key !== kid) {
    return {
      why: fault("unknown-key", "peer", "Signed by a key that is not known here to be that world's; try again soon.", 1_000),
      rule: "P12",
    };
  }
  if (listed.revoked === true) return { why: fault("forged", "peer", "Signed by a key that its world has revoked."), rule: "P13" };
  if (listed.until === undefined || Math.max(iat, nowMs) <= listed.until + TIMES.clockSkewMs) return undefined;
  return { why: fault("forged", "peer", "Signed by a key that its world has retired."), rule: "P13" };
}

/** Whether a key may be used to sign with from now on. */
export function isSigningKey(known: Pick<KnownKeys, "keys"> | undefined, world: WorldId, kid: string): boolean {
  if (known === undefined) return kid === world;
  return known.keys.some(({ key, until, revoked }) => key === kid && until === undefined && revoked !== true);
}

/** Why this token is not its issuer's word: the key first, which costs nothing, then the signature. Undefined when it is. */
export function whyNotSaid(border: Border, token: string, { claims, kid }: Opened): { why: Fault; rules: readonly RuleId[] } | undefined {
  const known = border.custody.keys.get(claims.iss);
  const doubt = doubtKey(known, claims.iss, kid, claims.iat, border.nowMs);
  if (doubt !== undefined) return { why: doubt.why, rules: [doubt.rule] };
  if (border.context.notary.open(token).ok) return undefined;
  return { why: fault("forged", "peer", "The signature does not verify."), rules: [] };
}

/** The decision on a token that is not its issuer's word: nothing changes. Undefined when it is. */
export function unlessSaid(border: Border, rule: RuleId, token: string, opened: Opened): Decision | undefined {
  const not = whyNotSaid(border, token, opened);
  return not === undefined ? undefined : { ...turnDown(rule, not.why), rules: [rule, ...not.rules] };
}

/** How a statement stands to the one that is known. `other`: of the same version, and not the same: its world speaks with two tongues. */
export function compareStatement(
  known: KnownKeys | undefined,
  statement: KeyStatement,
  token: string,
): "newer" | "same" | "older" | "other" {
  if (known === undefined || statement.version > known.version) return "newer";
  if (statement.version < known.version) return "older";
  return token === known.token ? "same" : "other";
}

/** What speaks against a statement in itself, whoever signed it. */
export function whyNotStatement({ keys }: KeyStatement): Fault | undefined {
  if (new Set(keys.map(({ key }) => key)).size === keys.length) return undefined;
  return fault("malformed", "peer", "A statement names each key once.");
}

export function applyKeys(custody: Custody, { world, version, token, keys }: KeysRecord): void {
  insist(version > (custody.keys.get(world)?.version ?? 0), `the keys of ${world} go from version to higher version`);
  custody.keys.set(world, { version, token, keys });
}
