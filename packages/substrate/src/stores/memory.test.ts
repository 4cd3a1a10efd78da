import { blockStoreRules } from "@sojourn/testkit";
import { describe, expect, test } from "vitest";
import { makeBlock } from "../blocks/block.ts";
import { memoryStore } from "./memory.ts";

describe("the memory store", () => {
  for (const rule of blockStoreRules) test(rule.title, () => rule.check({ open: (seed) => memoryStore("memory", seed) }));

  test("copies Node's buffers too, whose slices share their memory", async () => {
    const buffer = Buffer.from([1, 2, 3]);
    const { cid } = await makeBlock("raw", buffer);
    const [put, seeded] = [memoryStore(), memoryStore("seeded", [{ cid, bytes: buffer }])];
    await put.put({ cid, bytes: buffer });
    buffer[0] = 9;
    for (const store of [put, seeded]) expect(await store.get(cid)).toEqual({ ok: true, value: new Uint8Array([1, 2, 3]) });
  });
});
