// Which key speaks for a world, for whoever meets it outside of custody: a client at its door, an operator who reads its card.
// Law: the statement that was seen once is the least that is taken; an older one, another one of its version, or none is refused.
import { compareStatement, fail, isSigningKey, type KnownKeys, ok, type Result, type WorldId, whyNotStatement } from "@sojourn/protocol";
import { keyOfDid } from "./did.ts";
import { type Ed25519, pureEd25519 } from "./ed25519.ts";
import { openToken } from "./notary.ts";

/** What a world shows beside its signature; nothing while it has stated no keys. */
export interface Shown {
  /** The key of the signature. */
  readonly kid?: string | undefined;
  /** The world's key statement. */
  readonly keys?: string | undefined;
}

export interface Speaker {
  readonly publicKey: Uint8Array;
  /** The statement to keep of this world from now on; undefined when it has made none. */
  readonly known: KnownKeys | undefined;
}

/** `known` is what was kept of this world. Fault `bad-proof`. */
export function speakerOf(world: WorldId, shown: Shown, known?: KnownKeys, ed25519: Ed25519 = pureEd25519): Result<Speaker> {
  const stated = shown.keys === undefined ? ok(undefined) : readStatement(world, shown.keys, known, ed25519);
  if (!stated.ok) return stated;
  if (stated.value === undefined && known !== undefined) return no("it shows no statement of its keys, and has shown one before");
  const kid = shown.kid ?? world;
  if (!isSigningKey(stated.value, world, kid)) return no("the key it signs with is not one that it lists as signing");
  const key = keyOfDid(kid);
  return key.ok ? ok({ publicKey: key.value, known: stated.value }) : no("the key it names is no key");
}

/** A statement of this world's keys that may stand beside the one that is known. Fault `bad-proof`. */
function readStatement(world: WorldId, token: string, known: KnownKeys | undefined, ed25519: Ed25519): Result<KnownKeys> {
  const opened = openToken(token, ed25519);
  if (!opened.ok) return no(`its statement of keys is not genuine (${opened.fault.detail})`);
  const { claims } = opened.value;
  if (claims.typ !== "keys" || claims.iss !== world) return no("what it shows is no statement of its keys");
  if (whyNotStatement(claims) !== undefined) return no("its statement names a key twice");
  const standing = compareStatement(known, claims, token);
  if (standing === "older") return no("its statement of keys is older than one that was seen before");
  if (standing === "other") return no("it has made two different statements of its keys with one version");
  return ok({ version: claims.version, token, keys: claims.keys });
}

function no(why: string): Result<never> {
  return fail("bad-proof", "world", `the world did not prove that it is the world it says: ${why}`);
}
