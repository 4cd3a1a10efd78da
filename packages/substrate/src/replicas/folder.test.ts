import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blockStoreRules, headStoreRules } from "@sojourn/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { makeBlock } from "../blocks/block.ts";
import { headName } from "../heads/head-name.ts";
import type { Block, BlockStore } from "../stores/port.ts";
import { folderReplica } from "./folder.ts";
import type { HeadStore } from "./port.ts";

const WORLD = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
const NAME = headName(WORLD) as string;
const folders = new Map<BlockStore | HeadStore, string>();
const made: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-replica-"));
  made.push(folder);
  return folder;
}

async function open(seed: readonly Block[]): Promise<BlockStore> {
  const folder = await newFolder();
  const { blocks } = folderReplica(folder);
  folders.set(blocks, folder);
  for (const block of seed) expect(await blocks.put(block)).toEqual({ ok: true, value: undefined });
  return blocks;
}

async function damage(store: BlockStore, { cid }: Block, bytes: Uint8Array): Promise<void> {
  await writeFile(join(folders.get(store) as string, "ipfs", cid), bytes);
}

async function openHeads(): Promise<HeadStore> {
  const folder = await newFolder();
  const { heads } = folderReplica(folder);
  folders.set(heads, folder);
  return heads;
}

const again = (store: HeadStore): HeadStore => folderReplica(folders.get(store) as string).heads;

afterAll(async () => {
  for (const folder of made) await rm(folder, { recursive: true, force: true });
});

describe("the blocks of a folder replica", () => {
  for (const rule of blockStoreRules) test(rule.title, () => rule.check({ open, damage }));

  test("lie where a web server of files serves them by id", async () => {
    const block = await makeBlock("raw", new Uint8Array([1, 2, 3]));
    const store = await open([block]);
    expect(await readdir(join(folders.get(store) as string, "ipfs"))).toEqual([block.cid]);
  });
});

describe("the heads of a folder replica", () => {
  for (const rule of headStoreRules) test(rule.title, () => rule.check({ open: openHeads, again }));

  test("lie where a web server of files serves them by name", async () => {
    const heads = await openHeads();
    await heads.swap(WORLD, new Uint8Array([1]), undefined);
    await heads.swap(WORLD, new Uint8Array([2]), new Uint8Array([1]));
    expect([...(await readFile(join(folders.get(heads) as string, "ipns", NAME)))]).toEqual([2]);
  });

  test("are whole and in order after a crash between any two steps, whoever comes next", async () => {
    const steps = ["head written aside", "head linked", "plain head written aside", "plain head in place"];
    for (const at of steps) {
      const folder = await newFolder();
      await folderReplica(folder).heads.swap(WORLD, new Uint8Array([1]), undefined);
      const crash = new Error(`ended at: ${at}`);
      const step = (name: string): void => {
        if (name === at) throw crash;
      };
      await expect(folderReplica(folder, { step }).heads.swap(WORLD, new Uint8Array([2]), new Uint8Array([1]))).rejects.toBe(crash);
      const { heads } = folderReplica(folder);
      const found = await heads.read(WORLD);
      expect([at, found.ok && [...(found.value ?? [])]]).toEqual([at, at === steps[0] ? [1] : [2]]);
      const over = found.ok ? found.value : undefined;
      expect(await heads.swap(WORLD, new Uint8Array([3]), over)).toEqual({ ok: true, value: undefined });
      expect(await heads.read(WORLD)).toEqual({ ok: true, value: new Uint8Array([3]) });
      expect([...(await readFile(join(folder, "ipns", NAME)))]).toEqual([3]);
    }
  });

  test("a swap that was done and not answered is done when it is tried again", async () => {
    const heads = await openHeads();
    await heads.swap(WORLD, new Uint8Array([1]), undefined);
    expect(await heads.swap(WORLD, new Uint8Array([1]), undefined)).toEqual({ ok: true, value: undefined });
  });

  test("a plain file that is no head's size is a fault, not read to its end", async () => {
    const heads = await openHeads();
    await heads.swap(WORLD, new Uint8Array([1]), undefined);
    await writeFile(join(folders.get(heads) as string, "ipns", NAME), new Uint8Array(20_000));
    expect(await heads.read(WORLD)).toMatchObject({ ok: false, fault: { code: "oversized" } });
  });
});
