import { generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeNode } from "../blocks/node-codec.ts";
import { headName, keyOfWorld, worldOfHeadName, worldOfKey } from "./head-name.ts";
import { epochOf, firstSequence, type Head, nextSequence, readHead, writeHead } from "./head-record.ts";

const HEARTBEAT = "bafyreigy762b7f4fzqlgxjwzeposbfacswog3tpxs6sp2utkjt3xv3bitu";
const pair = generateKeyPairSync("ed25519");
const key = new Uint8Array(pair.publicKey.export({ format: "der", type: "spki" }).subarray(-32));
const signer = async (bytes: Uint8Array): Promise<Uint8Array> => new Uint8Array(sign(null, bytes, pair.privateKey as KeyObject));
const PLAIN: Head = { heartbeat: HEARTBEAT, sequence: 2 ** 32 + 7, untilMs: 1_900_000_000_000, ttlMs: 60_000 };

describe("a world's name in IPFS", () => {
  test("is the same key, spelled as IPNS spells it", () => {
    const world = worldOfKey(key);
    expect(keyOfWorld(world)).toEqual(key);
    expect(headName(world)).toMatch(/^k51qzi5uqu5d[a-z0-9]{50}$/);
    expect(worldOfHeadName(headName(world) as string)).toBe(world);
  });

  test.each(["", "k51", `k51${"a".repeat(59)}`, "bafzaajaiaejca", "did:key:z6Mk"])("%j is none", (name) => {
    expect(worldOfHeadName(name)).toBeUndefined();
    expect(headName(name)).toBeUndefined();
  });
});

describe("the sequence of a head", () => {
  test("puts every head of a higher epoch above every one of a lower", () => {
    expect(nextSequence(0, undefined)).toBe(0);
    expect(nextSequence(0, 0)).toBe(1);
    expect(nextSequence(3, firstSequence(3) - 1)).toBe(firstSequence(3));
    expect(nextSequence(2, firstSequence(3))).toBeUndefined();
    expect(nextSequence(0, 2 ** 32 - 1)).toBeUndefined();
    expect(epochOf({ sequence: firstSequence(2_097_151) + 5 })).toBe(2_097_151);
    expect(Number.isSafeInteger(firstSequence(2_097_151) + 2 ** 32 - 1)).toBe(true);
  });
});

describe("a head's record", () => {
  test("is read as it was written, with whatever it says beside", async () => {
    for (const more of [
      {},
      { kid: worldOfKey(key), keys: "a.b.c" },
      { succession: new Uint8Array([1, 2]) },
      { isSweeping: true as const },
    ]) {
      const bytes = await writeHead({ ...PLAIN, ...more }, signer);
      const read = readHead(bytes);
      expect(read.ok && read.value.head).toEqual({ ...PLAIN, ...more });
      if (read.ok) expect(verify(null, read.value.signed, pair.publicKey, read.value.signature)).toBe(true);
    }
  });

  test("has one spelling: any flipped bit is refused, or is not what was signed", async () => {
    const bytes = await writeHead({ ...PLAIN, kid: worldOfKey(key), keys: "a.b.c" }, signer);
    let refused = 0;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const read = readHead(flipped);
      if (!read.ok) refused++;
      else
        expect(read.value.head.kid !== worldOfKey(key) || !verify(null, read.value.signed, pair.publicKey, read.value.signature)).toBe(
          true,
        );
    }
    expect(refused).toBeGreaterThan(bytes.length);
    for (let length = 0; length < bytes.length; length++) expect(readHead(bytes.slice(0, length)).ok).toBe(false);
    expect(readHead(Uint8Array.of(...bytes, 0)).ok).toBe(false);
  });

  test("never throws on what a stranger sends", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => !readHead(bytes).ok));
    expect(readHead(new Uint8Array(20_000))).toMatchObject({ fault: { code: "oversized" } });
  });

  test.each([
    ["a value that is no heartbeat", { Value: new TextEncoder().encode("/ipns/x") }],
    ["a time in another spelling", { Validity: new TextEncoder().encode("2030-03-17T17:46:40Z") }],
    ["a time that there is not", { Validity: new TextEncoder().encode("2030-02-31T17:46:40.000000000Z") }],
    ["another kind of validity", { ValidityType: 1 }],
    ["a field that nobody knows", { Extra: 1 }],
    ["nothing of its own", { _sojourn: {} }],
    ["a sweep that is none", { _sojourn: { sweeping: false } }],
    ["a sequence below nothing", { Sequence: -1 }],
    ["part of a millisecond", { TTL: 1 }],
  ])("is refused with %s", (_, change) => {
    const utf8 = new TextEncoder();
    const good = {
      ...{ TTL: 60_000_000_000, Value: utf8.encode(`/ipfs/${HEARTBEAT}`), Sequence: 1, ValidityType: 0 },
      Validity: utf8.encode("2030-03-17T17:46:40.000000000Z"),
    };
    expect(readHead(envelope(good)).ok).toBe(true);
    expect(readHead(envelope({ ...good, ...change }))).toMatchObject({ ok: false, fault: { code: "malformed" } });
  });
});

function envelope(fields: Parameters<typeof encodeNode>[0]): Uint8Array {
  const data = encodeNode(fields);
  if (!data.ok) throw new Error(data.fault.detail);
  const length = data.value.length < 128 ? [data.value.length] : [(data.value.length & 127) | 128, data.value.length >> 7];
  return Uint8Array.of(0x42, 64, ...new Uint8Array(64), 0x4a, ...length, ...data.value);
}
