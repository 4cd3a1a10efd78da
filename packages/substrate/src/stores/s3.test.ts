import { blockStoreRules, startTestS3, type TestS3 } from "@sojourn/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeBlock } from "../blocks/block.ts";
import { openS3 } from "../s3/objects.ts";
import type { S3Options } from "../s3/options.ts";
import type { Block, BlockStore } from "./port.ts";
import { s3Store } from "./s3.ts";

let service: TestS3;
let opened = 0;
const prefixes = new Map<BlockStore, string>();

beforeAll(async () => {
  service = await startTestS3({ pageKeys: 3 });
});
afterAll(() => service.close());

function storeAt(options: Partial<S3Options> = {}): BlockStore {
  const prefix = `run-${opened++}/`;
  const objects = openS3({ ...service.options("worlds"), prefix, ...options });
  if (!objects.ok) throw new Error(objects.fault.detail);
  const store = s3Store(objects.value);
  prefixes.set(store, prefix);
  return store;
}

async function open(seed: readonly Block[]): Promise<BlockStore> {
  const store = storeAt();
  for (const block of seed) expect(await store.put(block)).toEqual({ ok: true, value: undefined });
  return store;
}

async function damage(store: BlockStore, { cid }: Block, bytes: Uint8Array): Promise<void> {
  service.buckets.get("worlds")?.set(`${prefixes.get(store)}ipfs/${cid}`, { bytes, etag: "damaged" });
}

const silent = new Set<string>();

function silence(_: BlockStore, { cid }: Block, isSilent: boolean): void {
  if (!isSilent) silent.delete(cid);
  else {
    silent.add(cid);
    service.trouble({ kind: "silent", times: Number.POSITIVE_INFINITY, key: (key) => silent.has(cid) && key.endsWith(cid) });
  }
}

describe("the S3 store", () => {
  for (const rule of blockStoreRules) test(rule.title, () => rule.check({ open, damage, silence }));

  test("does not remove what somebody healed while it looked at the damage", async () => {
    const block = await makeBlock("raw", new Uint8Array([1, 2, 3]));
    const store = storeAt({
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        if (init?.method === "GET") await heal();
        return response;
      },
    });
    const another = storeAt({ prefix: prefixes.get(store) as string });
    const heal = (): Promise<unknown> => another.put(block);
    await damage(store, block, new Uint8Array([1, 2, 4]));
    expect(await store.get(block.cid)).toMatchObject({ ok: false, fault: { code: "bad-block" } });
    expect(await store.has(block.cid)).toBe(true);
  });

  test("gives up in time, when cancelled, and when the service fails, and says whether to come again", async () => {
    const block = await makeBlock("raw", new Uint8Array([1, 2, 3]));
    const store = storeAt({ timeoutMs: 100 });
    await store.put(block);
    service.trouble({ kind: "silent", method: "GET" });
    expect(await store.get(block.cid)).toMatchObject({ ok: false, fault: { code: "store-failed", blame: "link", retryAfterMs: 1_000 } });
    service.trouble({ kind: "refuse", method: "GET" });
    expect(await store.get(block.cid)).toMatchObject({ ok: false, fault: { code: "store-failed", blame: "peer", retryAfterMs: 1_000 } });
    service.trouble({ kind: "silent", method: "GET" });
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 20);
    expect(await store.get(block.cid, { signal: cancel.signal })).toMatchObject({ ok: false, fault: { blame: "client" } });
    service.trouble({ kind: "done-silent", method: "PUT" });
    expect(await store.put(block)).toMatchObject({ ok: false, fault: { code: "store-failed", retryAfterMs: 1_000 } });
    expect(await store.put(block)).toEqual({ ok: true, value: undefined });
  });
});
