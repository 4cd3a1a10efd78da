// Sealing: what the operator alone opens. Vectors are read as another implementation would read them; every way to alter a part has its fault.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SEALING_LIMITS } from "./limits.ts";
import { newStateKey, openEnvelope, openPart, recoveryKeys, sealPart } from "./sealing.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const identity = new Uint8Array(32).fill(1);
const keys = recoveryKeys(identity);
const { key, envelope } = newStateKey(keys.publicKey);
const codeOf = (result: ReturnType<typeof openPart>): string => (result.ok ? "opened" : result.fault.code);

it("is written as the vectors say", () => {
  const vectors = JSON.parse(readFileSync(new URL("../../../vectors/passport/sealing.json", import.meta.url), "utf8"));
  const recovery = recoveryKeys(bytes(vectors.identity));
  expect(recovery).toEqual({ publicKey: bytes(vectors.recovery.publicKey), secret: bytes(vectors.recovery.secret) });
  const made = newStateKey(recovery.publicKey, bytes(vectors.stateKey), bytes(vectors.once));
  expect(made.envelope).toEqual(bytes(vectors.envelope));
  expect(openEnvelope(made.envelope, recovery)).toEqual({ ok: true, value: bytes(vectors.stateKey) });
  for (const { name, plain, part } of vectors.parts) {
    expect(sealPart(bytes(plain), name, made.key)).toEqual(bytes(part));
    expect(openPart(bytes(part), name, made.key)).toEqual({ ok: true, value: bytes(plain) });
  }
  for (const { why, name, part, fault } of vectors.invalid)
    expect([why, codeOf(openPart(bytes(part), name, made.key))]).toEqual([why, fault]);
});

describe("an envelope", () => {
  it("opens with the identity key that it was made for, and with no other", () => {
    expect(openEnvelope(envelope, keys)).toEqual({ ok: true, value: key });
    expect(codeOf(openEnvelope(envelope, recoveryKeys(new Uint8Array(32).fill(2))))).toBe("not-holder");
    expect(newStateKey(keys.publicKey, key).envelope).not.toEqual(envelope);
  });

  it("is refused with any byte changed, and cut anywhere", () => {
    for (let at = 0; at < envelope.length; at++) {
      const changed = envelope.slice();
      changed[at] = (changed[at] as number) ^ 0x41;
      expect(codeOf(openEnvelope(changed, keys))).toBe(at < 16 ? "malformed" : at < 48 ? "not-holder" : "forged");
      expect(codeOf(openEnvelope(envelope.subarray(0, at), keys))).toBe("malformed");
    }
  });

  it("is refused when its key of this once is of small order", () => {
    const zero = envelope.slice();
    zero.fill(0, 48, 80);
    expect(codeOf(openEnvelope(zero, keys))).toBe("forged");
  });
});

describe("a part", () => {
  it("opens whole and under its own name, and the same bytes give the same part", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ maxLength: 12 }), (plain, name) => {
        const part = sealPart(plain, name, key);
        expect(openPart(part, name, key)).toEqual({ ok: true, value: plain });
        expect(sealPart(plain, name, key)).toEqual(part);
        expect(codeOf(openPart(part, `${name}x`, key))).toBe("forged");
        expect(sealPart(plain, `${name}x`, key)).not.toEqual(part);
      }),
      { numRuns: 100 },
    );
  });

  it("is refused with any bit changed, cut or lengthened anywhere, and under another key", () => {
    const part = sealPart(new TextEncoder().encode("who is here, and what they carry"), "rows", key);
    for (let bit = 0; bit < part.length * 8; bit++) {
      const changed = part.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(codeOf(openPart(changed, "rows", key))).toBe(bit < 20 * 8 ? "malformed" : "forged");
    }
    for (let length = 0; length < part.length; length++) expect(codeOf(openPart(part.subarray(0, length), "rows", key))).toBe("malformed");
    expect(codeOf(openPart(Buffer.concat([part, Buffer.alloc(1)]), "rows", key))).toBe("malformed");
    expect(codeOf(openPart(part, "rows", newStateKey(keys.publicKey).key))).toBe("forged");
  });

  it("fits a block of 1 MiB, and no more is sealed or opened", () => {
    const most = sealPart(new Uint8Array(SEALING_LIMITS.plainBytes), "rows", key);
    expect(most.length).toBe(1_048_576);
    expect(openPart(most, "rows", key).ok).toBe(true);
    expect(() => sealPart(new Uint8Array(SEALING_LIMITS.plainBytes + 1), "rows", key)).toThrow(RangeError);
    expect(codeOf(openPart(new Uint8Array(1_048_577), "rows", key))).toBe("oversized");
  });
});
