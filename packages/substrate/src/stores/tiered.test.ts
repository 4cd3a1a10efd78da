import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fail } from "@sojourn/protocol";
import { type BlockStorePlace, blockStoreRules } from "@sojourn/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { makeBlock } from "../blocks/block.ts";
import { cachedStore } from "./cached.ts";
import { directoryStore } from "./directory.ts";
import { memoryStore } from "./memory.ts";
import type { Block, BlockStore } from "./port.ts";
import { tieredStore } from "./tiered.ts";

/** A store that is full: it holds what it holds and takes nothing more. */
function fullStore(): BlockStore {
  return { ...memoryStore("full"), put: async () => fail("store-failed", "client", "full: no space is left") };
}

const folders = new Map<BlockStore, string>();

afterEach(async () => {
  for (const folder of folders.values()) await rm(folder, { recursive: true, force: true });
  folders.clear();
});

/** Two folders under one store; what is damaged is damaged in both. */
function overFolders(make: (near: BlockStore, far: BlockStore) => BlockStore): BlockStorePlace {
  return {
    open: async (seed) => {
      const folder = await mkdtemp(join(tmpdir(), "sojourn-tiers-"));
      const [near, far] = ["near", "far"].map((name) => directoryStore(join(folder, name), { name, durable: false }));
      const store = make(near as BlockStore, far as BlockStore);
      folders.set(store, folder);
      for (const block of seed) await store.put(block);
      return store;
    },
    damage: async (store: BlockStore, { cid }: Block, bytes: Uint8Array) => {
      for (const name of ["near", "far"]) {
        const path = join(folders.get(store) as string, name, cid.slice(-3, -1), cid);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, bytes);
      }
    },
  };
}

describe("tiered stores", () => {
  for (const rule of blockStoreRules) {
    test(`${rule.title}: of two folders`, () => rule.check(overFolders((near, far) => tieredStore([near, far]))));
  }

  for (const rule of blockStoreRules) {
    test(rule.title, () => rule.check({ open: (seed) => tieredStore([fullStore(), memoryStore("memory", seed)]) }));
  }

  test("write to the first that takes the block, and read from the first that has it", async () => {
    const [near, far] = [memoryStore("near"), memoryStore("far")];
    const [a, b] = [await makeBlock("raw", new Uint8Array([1])), await makeBlock("raw", new Uint8Array([2]))];
    await far.put(b);
    const store = tieredStore([near, far]);
    expect((await store.put(a)).ok).toBe(true);
    expect([await near.has(a.cid), await far.has(a.cid)]).toEqual([true, false]);
    expect(await store.get(b.cid)).toEqual({ ok: true, value: b.bytes });
    expect(store.name).toBe("near > far");
  });

  test("name every store's trouble when none takes a block", async () => {
    const put = await tieredStore([fullStore(), fullStore()]).put(await makeBlock("raw", new Uint8Array([1])));
    expect(put).toMatchObject({ ok: false, fault: { code: "store-failed", detail: "full: no space is left; full: no space is left" } });
  });
});

describe("a cached store", () => {
  for (const rule of blockStoreRules) {
    test(`${rule.title}: of two folders`, () => rule.check(overFolders(cachedStore)));
  }

  for (const rule of blockStoreRules) {
    test(rule.title, () => rule.check({ open: (seed) => cachedStore(memoryStore(), memoryStore("origin", seed)) }));
  }

  test("asks the origin for a block once", async () => {
    const block = await makeBlock("raw", new Uint8Array([1, 2]));
    let asked = 0;
    const origin: BlockStore = {
      ...memoryStore(),
      get: async () => {
        asked++;
        return { ok: true, value: block.bytes.slice() };
      },
    };
    const store = cachedStore(memoryStore(), origin);
    for (let i = 0; i < 3; i++) expect(await store.get(block.cid)).toEqual({ ok: true, value: block.bytes });
    expect(asked).toBe(1);
  });

  test("works, uncached, over a cache that is full", async () => {
    const block = await makeBlock("raw", new Uint8Array([1, 2]));
    const store = cachedStore(fullStore(), memoryStore("origin", [block]));
    expect(await store.get(block.cid)).toEqual({ ok: true, value: block.bytes });
  });
});
