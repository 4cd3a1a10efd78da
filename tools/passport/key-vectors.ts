// The table of keys.json: what a world hears of another's keys, step by step, and the verdict on each. The verdicts are written by hand:
// `kept` (a record), `true` (it counts, or is known already), or the fault's code.
import { keysFromSecret, pureEd25519, worldNotary } from "@sojourn/passport";
import { type Claims, canonicalJson, decodeBase64url, encodeBase64url, type Json, type ListedKey, type Notary } from "@sojourn/protocol";

const utf8 = new TextEncoder();
const secret = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const did = (n: number): string => keysFromSecret(secret(n)).id;
const [TAVERN, DUNGEON, HARBOUR, STRANGER] = [1, 2, 7, 9];
const [K1, K2, K3] = [11, 12, 13];
const NOW = 1_790_000_000_000;
const SKEW = 30_000;
const SMALL_ORDER = "did:key:z6Mkh59EgPEuBMugWwYWVMbZFQmHm8V1tcgLejJJTx6d8KB2";

interface Step {
  readonly nowMs: number;
  readonly token: string;
  readonly verdict: string;
}

const by = (key: number, world = TAVERN): Notary => worldNotary(secret(key), pureEd25519, did(world));
const key = (n: number, more: Omit<ListedKey, "key"> = {}): ListedKey => ({ key: did(n), ...more });

function stating(version: number, keys: readonly ListedKey[], world = TAVERN, iat = NOW): string {
  return by(world, world).sign({ typ: "keys", iss: did(world), iat, version, keys });
}

function statusClaims(iat: number, world = TAVERN): Claims {
  return { typ: "status", iss: did(world), aud: did(DUNGEON), iat, transfer: `12@${did(world)}` };
}

function asking(n: number, iat = NOW, world = TAVERN): string {
  return by(n, world).sign(statusClaims(iat, world));
}

const step = (token: string, verdict: string, afterMs = 0): Step => ({ nowMs: NOW + afterMs, token, verdict });
const part = (text: string): string => encodeBase64url(utf8.encode(text));

/** A token of any text, as whoever holds this key could make it. */
function handmade(n: number, kid: string, typ: string, payload: Json | string, alg = "EdDSA"): string {
  const input = `${part(canonicalJson({ alg, kid, typ: `sojourn-${typ}+jws` }))}.${part(typeof payload === "string" ? payload : canonicalJson(payload))}`;
  return `${input}.${encodeBase64url(pureEd25519.sign(utf8.encode(input), secret(n)))}`;
}

function flipped(token: string): string {
  const cut = token.lastIndexOf(".");
  const bytes = decodeBase64url(token.slice(cut + 1)) as Uint8Array;
  bytes[5] = (bytes[5] as number) ^ 1;
  return `${token.slice(0, cut)}.${encodeBase64url(bytes)}`;
}

const payload = (more: { readonly [name: string]: Json } = {}): { readonly [name: string]: Json } => ({
  iss: did(TAVERN),
  iat: NOW,
  version: 1,
  keys: [{ key: did(K1) }],
  ...more,
});
const raw = (more: { readonly [name: string]: Json }): string => handmade(TAVERN, did(TAVERN), "keys", payload(more));

const first = stating(1, [key(K1)]);
const retiring = stating(1, [key(TAVERN, { until: NOW + 150_000 }), key(K1)]);
const revoking = stating(2, [key(K1, { revoked: true }), key(K2)]);
const fork = stating(1, [key(K2)]);

const COUNTS: readonly (readonly [string, readonly Step[]])[] = [
  ["no statement: the identity key signs", [step(asking(TAVERN), "true")]],
  ["no statement: another key is not known yet", [step(asking(K1), "unknown-key")]],
  [
    "no statement, then one, then the very message that was not understood",
    [step(asking(K1), "unknown-key"), step(first, "kept"), step(asking(K1), "true")],
  ],
  ["a statement: the listed key signs", [step(first, "kept"), step(asking(K1), "true")]],
  ["a statement: the identity key that it does not list signs no more", [step(first, "kept"), step(asking(TAVERN), "unknown-key")]],
  ["the identity key retired: within its time", [step(retiring, "kept"), step(asking(TAVERN), "true"), step(asking(K1), "true")]],
  ["the identity key retired: at its end", [step(retiring, "kept"), step(asking(TAVERN), "true", 150_000)]],
  ["retired: a hearer whose clock is ahead by what is allowed", [step(retiring, "kept"), step(asking(TAVERN), "true", 150_000 + SKEW)]],
  ["retired: a millisecond later", [step(retiring, "kept"), step(asking(TAVERN), "forged", 150_000 + SKEW + 1)]],
  ["retired: dated at its end by a clock that is ahead", [step(retiring, "kept"), step(asking(TAVERN, NOW + 150_000 + SKEW), "true")]],
  ["retired: dated after its end", [step(retiring, "kept"), step(asking(TAVERN, NOW + 150_000 + SKEW + 1), "forged")]],
  [
    "retired long ago, dated before: a date is the signer's choice",
    [step(retiring, "kept"), step(asking(TAVERN, NOW - 5), "forged", 3_600_000)],
  ],
  ["retired at the beginning of time", [step(stating(1, [key(K1, { until: 0 }), key(K2)]), "kept"), step(asking(K1), "forged")]],
  ["revoked", [step(first, "kept"), step(asking(K1), "true"), step(revoking, "kept"), step(asking(K1, NOW + 5), "forged", 5)]],
  [
    "revoked: what was heard before is not heard anew",
    [step(first, "kept"), step(asking(K1), "true"), step(revoking, "kept"), step(asking(K1), "forged", 5)],
  ],
  ["revoked: dated long before", [step(first, "kept"), step(revoking, "kept"), step(asking(K1, NOW - 86_400_000), "forged")]],
  [
    "revoked: an end in the future is no reprieve",
    [step(stating(1, [key(K1, { revoked: true, until: NOW + 9e9 })]), "kept"), step(asking(K1), "forged")],
  ],
  ["revoked: false is not revoked", [step(stating(1, [key(K1, { revoked: false })]), "kept"), step(asking(K1), "true")]],
  ["revoked and no longer listed", [step(revoking, "kept"), step(stating(3, [key(K2)]), "kept"), step(asking(K1), "unknown-key")]],
  ["revoked by mistake and listed again", [step(revoking, "kept"), step(stating(3, [key(K1)]), "kept"), step(asking(K1), "true")]],
  ["two keys sign at a time", [step(stating(1, [key(K1), key(K2)]), "kept"), step(asking(K1), "true"), step(asking(K2), "true")]],
  ["no key signs any more", [step(stating(1, []), "kept"), step(asking(TAVERN), "unknown-key"), step(asking(K1), "unknown-key")]],
  ["the key of another world", [step(first, "kept"), step(asking(K1, NOW, HARBOUR), "unknown-key")]],
  [
    "a listed key's name over another's signature",
    [step(first, "kept"), step(handmade(K2, did(K1), "status", withoutTyp(statusClaims(NOW))), "forged")],
  ],
  ["a changed bit in the signature of a listed key", [step(first, "kept"), step(flipped(asking(K1)), "forged")]],
  [
    "a listed key of small order",
    [step(stating(1, [{ key: SMALL_ORDER }]), "kept"), step(handmade(K1, SMALL_ORDER, "status", withoutTyp(statusClaims(NOW))), "forged")],
  ],
];

function withoutTyp(claims: Claims): Json {
  const { typ: _, ...rest } = claims;
  return rest as unknown as Json;
}

const STATEMENTS: readonly (readonly [string, readonly Step[]])[] = [
  ["the same statement again", [step(first, "kept"), step(first, "true"), step(first, "true")]],
  ["the first that is heard has a high version", [step(stating(5, [key(K1)]), "kept"), step(asking(K1), "true")]],
  [
    "a gap in the versions",
    [step(first, "kept"), step(stating(7, [key(K2)]), "kept"), step(asking(K2), "true"), step(asking(K1), "unknown-key")],
  ],
  ["rolled back", [step(first, "kept"), step(revoking, "kept"), step(first, "stale-keys"), step(asking(K1), "forged")]],
  ["rolled back to one that was never heard", [step(stating(7, [key(K2)]), "kept"), step(revoking, "stale-keys")]],
  ["rolled back and not even genuine", [step(revoking, "kept"), step(flipped(first), "forged")]],
  ["a fork: the first stands", [step(first, "kept"), step(fork, "stale-keys"), step(asking(K2), "unknown-key"), step(asking(K1), "true")]],
  ["a fork in the date alone", [step(first, "kept"), step(stating(1, [key(K1)], TAVERN, NOW + 1), "stale-keys")]],
  [
    "a fork is overtaken by a higher version",
    [step(first, "kept"), step(fork, "stale-keys"), step(stating(2, [key(K3)]), "kept"), step(asking(K3), "true")],
  ],
  ["dated ahead", [step(stating(1, [key(K1)], TAVERN, NOW + 3_600_000), "kept")]],
  ["dated before the one that is known, with a higher version", [step(first, "kept"), step(stating(2, [key(K2)], TAVERN, 5), "kept")]],
  ["signed by a signing key", [step(first, "kept"), step(handmade(K1, did(K1), "keys", payload({ version: 2 })), "forged")]],
  [
    "signed by a signing key in the identity key's name",
    [step(first, "kept"), step(handmade(K1, did(TAVERN), "keys", payload({ version: 2 })), "forged")],
  ],
  ["signed by the identity key of another pinned world", [step(handmade(HARBOUR, did(HARBOUR), "keys", payload()), "forged")]],
  ["of a world that is not pinned", [step(stating(1, [key(K1)], STRANGER), "unknown-origin")]],
  [
    "of another pinned world: it says nothing of this one",
    [step(stating(1, [key(K1)], HARBOUR), "kept"), step(asking(K1), "unknown-key"), step(asking(K1, NOW, HARBOUR), "true")],
  ],
  ["of the hearer itself, which has made none", [step(stating(1, [key(K1)], DUNGEON), "stale-keys")]],
  ["version 0", [step(raw({ version: 0 }), "malformed")]],
  ["a negative version", [step(raw({ version: -1 }), "malformed")]],
  ["half a version", [step(raw({ version: 1.5 }), "malformed")]],
  ["a version past 32 bits", [step(raw({ version: 4_294_967_296 }), "malformed")]],
  ["the highest version", [step(raw({ version: 4_294_967_295 }), "kept"), step(asking(K1), "true")]],
  ["the version as text", [step(raw({ version: "1" }), "malformed")]],
  ["a key twice", [step(stating(1, [key(K1, { revoked: true }), key(K1)]), "malformed"), step(asking(K1), "unknown-key")]],
  ["more keys than a statement lists", [step(raw({ keys: Array.from({ length: 17 }, (_, i) => ({ key: did(100 + i) })) }), "malformed")]],
  [
    "as many keys as a statement lists",
    [step(stating(1, [...Array.from({ length: 15 }, (_, i) => key(100 + i)), key(K1)]), "kept"), step(asking(K1), "true")],
  ],
  ["an audience", [step(raw({ aud: did(DUNGEON) }), "malformed")]],
  ["a member too many", [step(raw({ next: did(K2) }), "malformed")]],
  ["no list of keys", [step(handmade(TAVERN, did(TAVERN), "keys", { iss: did(TAVERN), iat: NOW, version: 1 }), "malformed")]],
  ["a key of another kind", [step(raw({ keys: [{ key: "did:web:tavern.example" }] }), "malformed")]],
  ["an end that is no time", [step(raw({ keys: [{ key: did(K1), until: -1 }] }), "malformed")]],
  ["alg none", [step(handmade(TAVERN, did(TAVERN), "keys", payload(), "none"), "forged")]],
  ["a changed bit in the signature", [step(flipped(first), "forged"), step(asking(K1), "unknown-key")]],
  ["in another spelling", [step(handmade(TAVERN, did(TAVERN), "keys", canonicalJson(payload()).replace(",", ", ")), "malformed")]],
  ["in the header of a status", [step(handmade(TAVERN, did(TAVERN), "status", payload()), "malformed")]],
  ["a status in the header of a statement", [step(handmade(TAVERN, did(TAVERN), "keys", withoutTyp(statusClaims(NOW))), "malformed")]],
  [
    "more often than keys change",
    [
      ...Array.from({ length: 10 }, (_, i) => step(stating(i + 1, [key(K1)]), "kept")),
      step(stating(11, [key(K2)]), "too-fast"),
      step(stating(11, [key(K2)]), "kept", 10_000),
    ],
  ],
];

interface Shows {
  readonly name: string;
  /** The statement that was kept of this world. */
  readonly known?: string;
  readonly kid?: string;
  readonly keys?: string;
  readonly verdict: "true" | "bad-proof";
}

/** What a world shows at its door, beside a challenge's or card's signature by `kid` (or its identity key when there is none). */
const SHOWN: readonly Shows[] = [
  { name: "nothing, and nothing is known", verdict: "true" },
  { name: "its first statement", kid: did(K1), keys: first, verdict: "true" },
  { name: "the statement that is known", known: first, kid: did(K1), keys: first, verdict: "true" },
  { name: "a newer statement", known: first, kid: did(K2), keys: revoking, verdict: "true" },
  { name: "nothing, and a statement is known", known: first, verdict: "bad-proof" },
  { name: "an older statement", known: revoking, kid: did(K1), keys: first, verdict: "bad-proof" },
  { name: "another statement of the same version", known: first, kid: did(K2), keys: fork, verdict: "bad-proof" },
  { name: "a key without a statement", kid: did(K1), verdict: "bad-proof" },
  { name: "the identity key that its statement does not list", keys: first, verdict: "bad-proof" },
  { name: "a key that is retired", keys: retiring, verdict: "bad-proof" },
  { name: "a key that is revoked", kid: did(K1), keys: revoking, verdict: "bad-proof" },
  { name: "a key that is not listed", kid: did(K3), keys: first, verdict: "bad-proof" },
  { name: "the statement of another world", kid: did(K1), keys: stating(1, [key(K1)], HARBOUR), verdict: "bad-proof" },
  { name: "a statement by a signing key", kid: did(K1), keys: handmade(K1, did(K1), "keys", payload()), verdict: "bad-proof" },
  { name: "a message that is no statement", kid: did(K1), keys: asking(TAVERN), verdict: "bad-proof" },
  { name: "a statement that names a key twice", kid: did(K1), keys: stating(1, [key(K1), key(K1)]), verdict: "bad-proof" },
];

export function keyCases(): object {
  const cases = (list: typeof COUNTS): object[] => list.map(([name, steps]) => ({ name, steps }));
  return {
    hearer: did(DUNGEON),
    hearerSecret: Buffer.from(secret(DUNGEON)).toString("hex"),
    world: did(TAVERN),
    pinned: [did(TAVERN), did(HARBOUR)],
    clockSkewMs: SKEW,
    messages: cases(COUNTS),
    statements: cases(STATEMENTS),
    shown: SHOWN,
  };
}
