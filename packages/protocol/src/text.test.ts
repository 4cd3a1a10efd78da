import * as fc from "fast-check";
import { expect, test } from "vitest";
import { encodeControl } from "./codec/frame.ts";
import { fault } from "./fault.ts";
import { clipText, isTextWithin } from "./text.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.constant("\ud83d"),
);

test("a clipped text is within its bound, a beginning of the text, and no shorter than it must be", () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 0, max: 80 }), (text, maxBytes) => {
      const clipped = clipText(text, maxBytes);
      expect(isTextWithin(clipped, maxBytes)).toBe(true);
      const formed = text.toWellFormed();
      if (isTextWithin(formed, maxBytes)) expect(clipped).toBe(formed);
      else expect(Buffer.byteLength(clipped)).toBeGreaterThan(maxBytes - 4);
    }),
  );
});

test("[F7] a fault can be told whatever it quotes", () => {
  fc.assert(
    fc.property(fc.array(anyText, { maxLength: 30 }), (parts) => {
      const why = fault("malformed", "client", parts.join("\ud800"));
      expect(() => encodeControl({ t: "reject", fault: why, final: true })).not.toThrow();
    }),
  );
});
