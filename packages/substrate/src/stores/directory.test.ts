import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blockStoreRules } from "@sojourn/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { makeBlock } from "../blocks/block.ts";
import { directoryStore } from "./directory.ts";
import type { Block, BlockStore } from "./port.ts";

const folders = new Map<BlockStore, string>();
const made: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-blocks-"));
  made.push(folder);
  return folder;
}

async function open(seed: readonly Block[]): Promise<BlockStore> {
  const folder = await newFolder();
  const store = directoryStore(join(folder, "not", "there", "yet"));
  folders.set(store, join(folder, "not", "there", "yet"));
  for (const block of seed) expect(await store.put(block)).toEqual({ ok: true, value: undefined });
  return store;
}

async function damage(store: BlockStore, { cid }: Block, bytes: Uint8Array): Promise<void> {
  await writeFile(join(folders.get(store) as string, cid.slice(-3, -1), cid), bytes);
}

afterEach(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
});

describe("the directory store", () => {
  for (const rule of blockStoreRules) test(rule.title, () => rule.check({ open, damage }));

  test("does not hash anew what its caller verified, refuses what has no right name, and looks at everything when it is read", async () => {
    const folder = await newFolder();
    const block = await makeBlock("raw", new Uint8Array([1, 2, 3]));
    const quick = directoryStore(folder, { isVerified: true });
    expect(await quick.put(block)).toEqual({ ok: true, value: undefined });
    expect(await quick.put({ ...block, cid: "../escape" })).toMatchObject({ ok: false, fault: { code: "bad-content-id" } });
    const other = await makeBlock("raw", new Uint8Array([4]));
    await quick.put({ cid: other.cid, bytes: new Uint8Array([5]) });
    expect(await quick.get(other.cid)).toMatchObject({ ok: false, fault: { code: "bad-block" } });
    expect(await directoryStore(folder).get(block.cid)).toMatchObject({ ok: true });
  });

  test("still has everything when it is opened again", async () => {
    const folder = await newFolder();
    const block = await makeBlock("raw", new Uint8Array([1, 2, 3]));
    await directoryStore(folder).put(block);
    expect(await directoryStore(folder).get(block.cid)).toEqual({ ok: true, value: block.bytes });
  });

  test("leaves nothing half written behind, and does not list what is no block", async () => {
    const folder = await newFolder();
    const store = directoryStore(folder);
    const block = await makeBlock("raw", new Uint8Array([4, 5, 6]));
    await Promise.all(Array.from({ length: 20 }, () => store.put(block)));
    const shard = block.cid.slice(-3, -1);
    expect(await readdir(join(folder, shard))).toEqual([block.cid]);
    await writeFile(join(folder, shard, "notes.txt"), "no block");
    await mkdir(join(folder, "zz"));
    await writeFile(join(folder, "zz", block.cid), "in the wrong shard");
    const listed: string[] = [];
    for await (const cid of store.list?.() ?? []) listed.push(cid);
    expect(listed).toEqual([block.cid]);
  });

  test("heals a damaged file of the right length when its block is put again", async () => {
    const store = await open([]);
    const block = await makeBlock("raw", new Uint8Array([1, 2, 3]));
    await store.put(block);
    await damage(store, block, new Uint8Array([1, 2, 4]));
    await store.put(block);
    expect(await store.get(block.cid)).toEqual({ ok: true, value: block.bytes });
  });

  test("reads no more of a file than a block can have", async () => {
    const store = await open([]);
    const block = await makeBlock("raw", new Uint8Array([1]));
    await store.put(block);
    await truncate(join(folders.get(store) as string, block.cid.slice(-3, -1), block.cid), 2 ** 33);
    const got = await store.get(block.cid);
    expect(got).toMatchObject({ ok: false, fault: { code: "bad-block" } });
  });

  test("says store-failed where a file is in the way of its folder", async () => {
    const folder = await newFolder();
    await writeFile(join(folder, "file"), "");
    const put = await directoryStore(join(folder, "file")).put(await makeBlock("raw", new Uint8Array([1])));
    expect(put).toMatchObject({ ok: false, fault: { code: "store-failed" } });
  });
});
