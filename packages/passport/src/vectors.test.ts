// The language-neutral vectors, read as another implementation would read them.
import { readFileSync } from "node:fs";
import { type Claims, followPapers, verifyDoubleSpend } from "@sojourn/protocol";
import { describe, expect, it } from "vitest";
import { rule } from "./customs.ts";
import { keyOfDid } from "./did.ts";
import { isSoundKey, pureEd25519 } from "./ed25519.ts";
import { keysFromSecret } from "./keys.ts";
import { nodeEd25519 } from "./node.ts";
import { openToken, worldNotary } from "./notary.ts";
import { challengeBytes, proofBytes } from "./proof.ts";

// biome-ignore lint/suspicious/noExplicitAny: the files are the expectation, not code.
const vectors = (name: string): any => JSON.parse(readFileSync(new URL(`../../../vectors/passport/${name}.json`, import.meta.url), "utf8"));
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

describe("vectors/passport", () => {
  it.each<{ secret: string; claims: Claims; token: string; hash: string }>(vectors("tokens").valid)("[P1] [P3] $claims.typ", (one) => {
    expect(worldNotary(bytes(one.secret)).sign(one.claims)).toBe(one.token);
    expect(openToken(one.token)).toMatchObject({ ok: true, value: { claims: one.claims, hash: one.hash } });
    expect(openToken(one.token, nodeEd25519).ok).toBe(true);
  });

  it.each<{ name: string; token: string; fault: string }>(vectors("tokens").invalid)("[P1] [P2] $name is $fault", ({ token, fault }) => {
    for (const ed25519 of [pureEd25519, nodeEd25519])
      expect(openToken(token, ed25519)).toMatchObject({ ok: false, fault: { code: fault } });
  });

  it("[C1] [C2] challenge and proofs", () => {
    const v = vectors("proofs");
    const terms = { world: v.world, worldNonce: bytes(v.worldNonce), clientNonce: bytes(v.clientNonce) };
    const asked = challengeBytes({ ...terms, traveller: v.traveller });
    expect(new TextDecoder().decode(asked)).toBe(v.challenge.text);
    expect(pureEd25519.sign(asked, bytes(v.worldSecret))).toEqual(bytes(v.challenge.signature));
    for (const { passport, text, signature } of v.proofs) {
      const proof = proofBytes({ ...terms, passport });
      expect(new TextDecoder().decode(proof)).toBe(text);
      expect(pureEd25519.sign(proof, bytes(v.travellerSecret))).toEqual(bytes(signature));
    }
    expect(keysFromSecret(bytes(v.travellerSecret)).id).toBe(v.traveller);
  });

  it("[P2] names of keys", () => {
    const v = vectors("dids");
    for (const { did, key } of v.valid) expect(keyOfDid(did)).toEqual({ ok: true, value: bytes(key) });
    for (const { did } of v.invalid) expect(keyOfDid(did)).toMatchObject({ ok: false, fault: { code: "forged" } });
    for (const key of v.smallOrderKeys) expect(isSoundKey(bytes(key))).toBe(false);
  });

  it("[E3] [E4] [E5] papers, and [E8] proofs", () => {
    const v = vectors("papers");
    const notary = worldNotary(new Uint8Array(32).fill(9));
    for (const { name, item, holder, hop } of v.papers) {
      const followed = followPapers(notary, item);
      expect([name, followed.ok ? [followed.value.holder, followed.value.hop] : undefined]).toEqual([name, holder && [holder, hop]]);
    }
    for (const { first, second, isProof } of v.proofs)
      expect(verifyDoubleSpend(openToken, { first: first, second: second }).ok).toBe(isProof);
  });

  it("[K2] rulings", () => {
    const v = vectors("customs");
    for (const one of v.cases) expect(rule(one.policy, v.origin, v.items, v.body)).toEqual(one.import);
  });
});
