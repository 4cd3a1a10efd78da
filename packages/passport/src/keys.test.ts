// Keys: one DID for one sound key, both implementations of Ed25519 of one mind, sealed keys beside open ones.
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { base58 } from "@scure/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { didOfKey, keyOfDid } from "./did.ts";
import { isSoundKey, pureEd25519 } from "./ed25519.ts";
import { generateKeys, generateSealedKeys, keysFromSealed, keysFromSecret } from "./keys.ts";
import { nodeEd25519 } from "./node.ts";
import { challengeBytes, proofBytes, verifyChallenge, verifyProof } from "./proof.ts";

const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 });
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
/** The eight points of small order in every spelling that some decoder takes. */
const SMALL_ORDER = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
  "0100000000000000000000000000000000000000000000000000000000000080",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

describe("dids", () => {
  it("[P2] a DID names its key and is its only spelling", () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const key = pureEd25519.publicKey(secret);
        expect(keyOfDid(didOfKey(key))).toEqual({ ok: true, value: key });
      }),
      { numRuns: 30 },
    );
  });

  it.each(SMALL_ORDER)("[P2] no key of small order or in a second spelling: %s", (point) => {
    expect(isSoundKey(hex(point))).toBe(false);
    expect(keyOfDid(didOfKey(hex(point)))).toMatchObject({ ok: false, fault: { code: "forged" } });
  });

  it("[P2] no key with a part of small order", () => {
    const mixed = ed25519.Point.fromBytes(pureEd25519.publicKey(new Uint8Array(32).fill(3))).add(
      ed25519.Point.fromBytes(hex(SMALL_ORDER[4]!)),
    );
    expect(isSoundKey(mixed.toBytes())).toBe(false);
  });

  it("[P2] no other names", () => {
    const did = didOfKey(pureEd25519.publicKey(new Uint8Array(32).fill(3)));
    const bytes = base58.decode(did.slice("did:key:z".length));
    const secp256k1 = `did:key:z${base58.encode(Uint8Array.of(0xe7, 0x01, ...bytes.subarray(2)))}`;
    const long = `did:key:z${base58.encode(Uint8Array.of(...bytes, 0))}`;
    for (const name of [
      "",
      "did:key:",
      did.toUpperCase(),
      `${did} `,
      did.replace("z6Mk", "z6MK"),
      did.slice(0, -1),
      `${did}1`,
      secp256k1,
      long,
    ]) {
      expect(keyOfDid(name).ok).toBe(false);
    }
  });
});

describe("Ed25519", () => {
  it("[P2] both implementations sign alike and agree on what verifies", () => {
    fc.assert(
      fc.property(secrets, fc.uint8Array({ maxLength: 200 }), fc.nat(511), (secret, message, bit) => {
        const key = pureEd25519.publicKey(secret);
        const signature = pureEd25519.sign(message, secret);
        expect(nodeEd25519.sign(message, secret)).toEqual(signature);
        const flipped = Uint8Array.from(signature);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        for (const one of [pureEd25519, nodeEd25519]) {
          expect(one.verify(signature, message, key)).toBe(true);
          expect(one.verify(flipped, message, key)).toBe(false);
          expect(one.verify(signature.subarray(1), message, key)).toBe(false);
        }
      }),
      { numRuns: 25 },
    );
  });

  it("[P2] both refuse an R with a part of small order, which the key's owner could make", () => {
    const secret = new Uint8Array(32).fill(5);
    const { pointBytes, scalar } = ed25519.utils.getExtendedPublicKey(secret);
    const message = new TextEncoder().encode("twice");
    const r = 12345n;
    const R = ed25519.Point.BASE.multiply(r)
      .add(ed25519.Point.fromBytes(hex(SMALL_ORDER[4]!)))
      .toBytes();
    const k = numberOf(sha512(Uint8Array.of(...R, ...pointBytes, ...message))) % ORDER;
    const signature = Uint8Array.of(...R, ...bytesOf((r + k * scalar) % ORDER));
    expect(ed25519.verify(signature, message, pointBytes, { zip215: false })).toBe(true);
    expect([pureEd25519, nodeEd25519].map((one) => one.verify(signature, message, pointBytes))).toEqual([false, false]);
  });
});

describe("a traveller's keys", () => {
  it("open keys come back from their secret", async () => {
    const keys = await generateKeys();
    const again = keysFromSecret(keys.secret);
    expect(again.id).toBe(keys.id);
    const message = new Uint8Array([1, 2, 3]);
    expect(await again.sign(message)).toEqual(await keys.sign(message));
  });

  it("sealed keys sign, come back from what is stored, and cannot be read", async () => {
    const keys = await generateSealedKeys();
    if (keys === undefined) throw new Error("this platform has WebCrypto with Ed25519");
    const again = keysFromSealed(structuredClone(keys.privateKey), keys.publicKey);
    const message = new Uint8Array([1, 2, 3]);
    expect(again.id).toBe(keys.id);
    expect(pureEd25519.verify(await again.sign(message), message, keys.publicKey)).toBe(true);
    await expect(crypto.subtle.exportKey("pkcs8", keys.privateKey)).rejects.toThrow();
  });
});

describe("proofs", () => {
  const traveller = keysFromSecret(new Uint8Array(32).fill(21));
  const world = keysFromSecret(new Uint8Array(32).fill(22));
  const nonces = { worldNonce: new Uint8Array(32).fill(1), clientNonce: new Uint8Array(32).fill(2) };
  const terms = { world: world.id, ...nonces, passport: "a.b.c" };

  it("[C2] holds for these nonces, this world, this passport and this key, and for nothing else", async () => {
    const signature = await traveller.sign(proofBytes(terms));
    const claim = { ...terms, traveller: traveller.id, signature };
    expect(verifyProof(claim)).toEqual({ ok: true, value: undefined });
    const others = [
      { ...claim, traveller: world.id },
      { ...claim, world: traveller.id },
      { ...claim, worldNonce: nonces.clientNonce },
      { ...claim, clientNonce: nonces.worldNonce },
      { ...claim, passport: "a.b.d" },
      { ...claim, passport: undefined },
      { ...claim, signature: new Uint8Array(64) },
      { ...claim, signature: signature.subarray(1) },
      { ...claim, traveller: "nobody" },
    ];
    for (const other of others) expect(verifyProof(other)).toMatchObject({ ok: false, fault: { code: "bad-proof", blame: "client" } });
  });

  it("[C1] a world proves itself to one traveller's nonce; a proof is no challenge", async () => {
    const asked = { world: world.id, ...nonces, traveller: traveller.id };
    const signature = await world.sign(challengeBytes(asked));
    expect(verifyChallenge({ ...asked, signature }).ok).toBe(true);
    expect(verifyChallenge({ ...asked, traveller: world.id, signature })).toMatchObject({ ok: false, fault: { blame: "world" } });
    expect(verifyChallenge({ ...asked, signature: await world.sign(proofBytes(terms)) }).ok).toBe(false);
  });
});

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function bytesOf(n: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((n >> BigInt(8 * i)) & 0xffn));
}
