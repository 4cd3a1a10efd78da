import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutBytes, shownWords } from "./words.ts";

describe("words of strangers", () => {
  it.each([
    ["plain", "Hello, world", "Hello, world"],
    ["one spelling for letters with marks", "Cafe\u0301", "Café"],
    ["no control characters", "a\u0000b\u0007c\u001b[31m", "a b c [31m"],
    ["no line breaks", "a\nb\u2028c\u2029d", "a b c d"],
    ["no reordering", "abc\u202Etxt.exe\u202C \u2066x\u2069", "abc txt.exe x"],
    ["no invisible letters", "ad\u200Bmin\uFEFF", "ad min"],
    ["no tag characters", `a${String.fromCodePoint(0xe0041)}b`, "a b"],
    ["no towers of marks", `a${"\u0300".repeat(30)}`, "\u00e0\u0300\u0300\u0300\u0300"],
    ["no lone surrogates", "a\ud800b", "a\ufffdb"],
    ["emoji with joiners stay whole", "👩‍🚀", "👩‍🚀"],
    ["right-to-left scripts stay", "שלום", "שלום"],
    ["nothing left", " \u200B\u0000 ", ""],
  ])("%s", (_name, words, shown) => {
    expect(shownWords(words, 512)).toBe(shown);
  });

  it("never grow past their bytes, are well formed, and are shown the same when cleaned twice", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), fc.integer({ min: 1, max: 64 }), (words, maxBytes) => {
        const shown = shownWords(words, maxBytes);
        expect(new TextEncoder().encode(shown).length).toBeLessThanOrEqual(maxBytes);
        expect(shown.isWellFormed()).toBe(true);
        expect(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(shown)).toBe(false);
        expect(shownWords(shown, maxBytes)).toBe(shown);
      }),
    );
  });

  it("are cut between characters", () => {
    expect(cutBytes("aé", 2)).toBe("a");
    expect(cutBytes("a👩", 4)).toBe("a");
    expect(cutBytes("abc", 3)).toBe("abc");
  });
});
