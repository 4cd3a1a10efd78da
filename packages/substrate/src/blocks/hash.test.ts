import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256Of } from "./hash.ts";

test("a digest is the same with WebCrypto and without it, and is Node's", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3_000 }), async (bytes) => {
      const expected = new Uint8Array(createHash("sha256").update(bytes).digest());
      expect(await sha256Of(bytes)).toEqual(expected);
      // What a page that is no secure context has.
      expect(await sha256Of(bytes, null)).toEqual(expected);
    }),
  );
});
