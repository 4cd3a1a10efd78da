// base64url and canonical JSON: one spelling each.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import { canonicalJson, type Json } from "./canonical-json.ts";

describe("base64url", () => {
  it("[P1] writes what the platform writes and reads it back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = encodeBase64url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("base64url"));
        expect(decodeBase64url(text)).toEqual(Uint8Array.from(bytes));
      }),
    );
  });

  it("[P1] reads nothing that it would not write", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 12 }), fc.stringMatching(/^[A-Za-z0-9_\-+/=é]{0,9}$/)), (text) => {
        const bytes = decodeBase64url(text);
        if (bytes !== undefined) expect(encodeBase64url(bytes)).toBe(text);
      }),
      { numRuns: 2_000 },
    );
    for (const text of ["A", "AB", "AAB", "AAAAA", "AA==", "AA=", "A A", "AA\n", "A+", "A/", "Aé"])
      expect(decodeBase64url(text)).toBeUndefined();
  });
});

describe("canonical JSON", () => {
  it("[P1] is JSON, in one spelling whatever the order of keys", () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, member]) => [key, shuffled(member)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false } as never), (value) => {
        const text = canonicalJson(value as Json);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
        expect(canonicalJson(shuffled(value) as Json)).toBe(text);
      }),
    );
  });

  it("[P1] leaves out what is undefined and refuses numbers that JSON has not", () => {
    expect(canonicalJson({ b: 1, a: undefined, "": [true, null, "é\n"] })).toBe('{"":[true,null,"é\\n"],"b":1}');
    expect(() => canonicalJson(Number.NaN)).toThrow();
    expect(() => canonicalJson(Number.POSITIVE_INFINITY)).toThrow();
  });
});
