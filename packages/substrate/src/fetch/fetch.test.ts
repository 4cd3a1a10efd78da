import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ContentId, fail, ok } from "@sojourn/protocol";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeBlock } from "../blocks/block.ts";
import { FETCH } from "../limits.ts";
import { directoryStore } from "../stores/directory.ts";
import { httpStore } from "../stores/http.ts";
import { memoryStore } from "../stores/memory.ts";
import type { BlockStore } from "../stores/port.ts";
import { amendVersion } from "../versions/amend.ts";
import type { BuiltVersion } from "../versions/build.ts";
import { plainScene, plainWorld } from "../versions/plain-world.ts";
import { openVersion } from "../versions/view.ts";
import { fetchVersion } from "./fetch.ts";
import type { FetchOptions, FetchProgress } from "./stream.ts";

let world: BuiltVersion;
const servers: Server[] = [];
const folders: string[] = [];

beforeAll(async () => {
  world = await plainWorld(plainScene(9, 9));
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A source that answers for each block as told. */
function source(name: string, answer: (cid: ContentId, bytes: Uint8Array) => ReturnType<BlockStore["get"]>): BlockStore {
  const held = memoryStore(name, world.blocks);
  return {
    ...held,
    get: async (cid) => {
      const got = await held.get(cid);
      return got.ok ? await answer(cid, got.value) : got;
    },
  };
}

const honest = (name = "honest"): BlockStore => memoryStore(name, world.blocks);
const never = new Promise<never>(() => undefined);
function flipped(bytes: Uint8Array): Uint8Array {
  const wrong = bytes.slice();
  wrong[wrong.length >> 1] = (wrong[wrong.length >> 1] ?? 0) ^ 1;
  return wrong;
}

/** Serves blocks over http; `held` may be changed meanwhile. */
async function serve(held: ReadonlyMap<ContentId, Uint8Array>): Promise<string> {
  const server = createServer((request, response) => {
    const bytes = held.get((request.url ?? "").replace("/ipfs/", "").replace("?format=raw", ""));
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function fetched(options: Partial<FetchOptions> & Pick<FetchOptions, "sources">, root = world.root) {
  const cache = options.cache ?? memoryStore("cache");
  return { cache, result: await fetchVersion(root, { cache, ...options }) };
}

describe("fetching a version", () => {
  test("brings every block once, and nothing the second time", async () => {
    const { cache, result } = await fetched({ sources: [honest()] });
    expect(result).toMatchObject({ ok: true, value: { fetchedBlocks: world.blocks.length, fetchedBytes: world.bytes, cachedBlocks: 0 } });
    const again = await fetched({ cache, sources: [source("refusing", async () => fail("store-failed", "peer", "not you"))] });
    expect(again.result).toMatchObject({ ok: true, value: { fetchedBlocks: 0, fetchedBytes: 0, cachedBlocks: world.blocks.length } });
    const alone = await fetched({ cache, sources: [] });
    expect(alone.result).toMatchObject({ ok: true, value: { fetchedBlocks: 0 } });
  });

  test("of the next version brings only what is new", async () => {
    const { cache } = await fetched({ sources: [honest()] });
    const store = honest();
    const view = await openVersion(world.root, store);
    if (!view.ok) throw new Error(view.fault.detail);
    const object = { id: "c", kind: "crate", x: 70, y: 70, layer: 1 };
    const next = await amendVersion(view.value, { add: [object], remove: [], tick: 1, timeMs: 1 }, store);
    if (!next.ok) throw new Error(next.fault.detail);
    for (const block of next.value.newBlocks) await store.put(block);
    const { result } = await fetched({ cache, sources: [store] }, next.value.root);
    expect(result).toMatchObject({ ok: true, value: { fetchedBlocks: next.value.newBlocks.length } });
  });

  test("tells its progress in blocks and bytes, with a denominator from the first block on", async () => {
    const seen: FetchProgress[] = [];
    await fetched({ sources: [honest("one"), honest("two")], onProgress: (progress) => seen.push(progress) });
    expect(seen).toHaveLength(world.blocks.length);
    seen.forEach((progress, i) => {
      expect(progress).toMatchObject({
        blocksDone: i + 1,
        blocksTotal: world.blocks.length,
        bytesTotal: world.bytes,
        fetchedBlocks: i + 1,
      });
      expect(progress.bytesDone).toBe(progress.fetchedBytes);
    });
    expect(seen.at(-1)?.bytesDone).toBe(world.bytes);
    const { sources } = seen.at(-1) as FetchProgress;
    expect(sources.map(({ name }) => name)).toEqual(["one", "two"]);
    expect(sources.reduce((sum, { blocks }) => sum + blocks, 0)).toBe(world.blocks.length);
    expect(Math.min(...sources.map(({ blocks }) => blocks))).toBeGreaterThan(0);
  });

  test("never asks for more at once than it may", async () => {
    let [now, most] = [0, 0];
    const counting = source("counting", async (_, bytes) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 2));
      now--;
      return ok(bytes);
    });
    expect((await fetched({ sources: [counting] })).result.ok).toBe(true);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(FETCH.parallelPerSource);
  });
});

describe("a source that", () => {
  test.each<[string, RegExp, (bytes: Uint8Array) => Uint8Array]>([
    ["gives flipped bytes", /do not hash/, flipped],
    ["gives too few bytes", /do not hash/, (bytes) => bytes.slice(1)],
    ["gives too many bytes", /do not hash/, (bytes) => new Uint8Array([...bytes, 0])],
    ["gives endless bytes", /1048577 bytes/, () => new Uint8Array(1_048_577)],
    ["gives another block", /do not hash/, () => (world.blocks[0] as { bytes: Uint8Array }).bytes],
  ])("%s is named and left, and the rest comes from elsewhere", async (_, why, lie) => {
    const liar = source("liar", async (cid, bytes) => ok(cid === world.blocks[0]?.cid ? flipped(bytes) : lie(bytes)));
    const { cache, result } = await fetched({ sources: [liar, honest()] });
    if (!result.ok) throw new Error(result.fault.detail);
    const [first, second] = result.value.sources;
    expect(first).toMatchObject({ name: "liar", blocks: 0, left: expect.stringMatching(why) });
    expect(second).toEqual({ name: "honest", blocks: world.blocks.length, bytes: world.bytes });
    for (const { cid, bytes } of world.blocks) expect(await cache.get(cid)).toEqual({ ok: true, value: bytes });
  });

  test("lies, with nobody else there, ends in bad-block, and nothing wrong is kept", async () => {
    const liar = source("liar", async (_, bytes) => ok(flipped(bytes)));
    const { cache, result } = await fetched({ sources: [liar] });
    expect(result).toMatchObject({ ok: false, fault: { code: "bad-block", detail: expect.stringContaining("liar") } });
    expect(await cache.has(world.root)).toBe(false);
  });

  test("stalls is left after two strikes", async () => {
    const staller = source("staller", () => never);
    const { result } = await fetched({ sources: [staller, honest()], requestMs: 20 });
    expect(result).toMatchObject({
      ok: true,
      value: { sources: [{ blocks: 0, left: expect.stringContaining("stalled") }, { name: "honest" }] },
    });
  });

  test("stalls, with nobody else there, ends in a fault that names it", async () => {
    const { result } = await fetched({ sources: [source("staller", () => never)], requestMs: 20 });
    expect(result).toMatchObject({
      ok: false,
      fault: { code: "missing-block", detail: expect.stringContaining("staller: no answer within 20 ms") },
    });
  });

  test("throws is one that failed", async () => {
    const thrower = source("thrower", async () => {
      throw new Error("odd");
    });
    const { result } = await fetched({ sources: [thrower, honest()] });
    expect(result).toMatchObject({ ok: true, value: { sources: [{ left: expect.stringContaining("odd") }, {}] } });
  });

  test("fails once is asked again", async () => {
    let asked = 0;
    const flaky = source("flaky", async (_, bytes) => (asked++ % 12 === 5 ? fail("store-failed", "link", "hiccup") : ok(bytes)));
    expect((await fetched({ sources: [flaky] })).result).toMatchObject({ ok: true, value: { fetchedBlocks: world.blocks.length } });
  });

  test("has half of the blocks is used for that half", async () => {
    const half = (name: string, odd: number): BlockStore =>
      memoryStore(
        name,
        world.blocks.filter((_, i) => i % 2 === odd),
      );
    const { result } = await fetched({ sources: [half("odd", 1), half("even", 0)] });
    if (!result.ok) throw new Error(result.fault.detail);
    const counts = [1, 0].map((odd) => world.blocks.filter((_, i) => i % 2 === odd).length);
    expect(result.value.sources.map(({ blocks, left }) => [blocks, left])).toEqual(counts.map((count) => [count, undefined]));
  });
});

describe("a fetch ends in a fault", () => {
  test("when nobody has a block, naming everyone asked", async () => {
    const without = (name: string): BlockStore => memoryStore(name, world.blocks.slice(1));
    const { result } = await fetched({ sources: [without("one"), without("two")] });
    expect(result).toMatchObject({ ok: false, fault: { code: "missing-block", detail: expect.stringMatching(/one.*two|two.*one/) } });
  });

  test("when there is no source, or no content id, or a root that is none", async () => {
    expect((await fetched({ sources: [] })).result).toMatchObject({ ok: false, fault: { code: "missing-block" } });
    expect((await fetched({ sources: [] }, "latest")).result).toMatchObject({ ok: false, fault: { code: "bad-content-id" } });
    const picture = await makeBlock("raw", new Uint8Array([1]));
    expect((await fetched({ sources: [] }, picture.cid)).result).toMatchObject({ ok: false, fault: { code: "bad-content-id" } });
    const chunk = (world.blocks[1] as { cid: ContentId }).cid;
    expect((await fetched({ sources: [honest()] }, chunk)).result).toMatchObject({ ok: false, fault: { code: "bad-block" } });
  });

  test("when it is cancelled, before and meanwhile", async () => {
    expect((await fetched({ sources: [honest()], signal: AbortSignal.abort() })).result).toMatchObject({
      ok: false,
      fault: { code: "cancelled" },
    });
    const cancel = new AbortController();
    const { result } = await fetched({
      sources: [honest()],
      signal: cancel.signal,
      onProgress: ({ blocksDone }) => blocksDone === 5 && cancel.abort(),
    });
    expect(result).toMatchObject({ ok: false, fault: { code: "cancelled" } });
  });

  test("when the cache cannot write", async () => {
    const full: BlockStore = { ...memoryStore("full"), put: async () => fail("store-failed", "client", "full") };
    expect((await fetched({ cache: full, sources: [honest()] })).result).toMatchObject({
      ok: false,
      fault: { code: "store-failed", detail: "full" },
    });
  });
});

describe("one flipped byte", () => {
  test("in a folder, in any of its files, is found and healed over http", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sojourn-cache-"));
    folders.push(folder);
    const url = await serve(new Map(world.blocks.map(({ cid, bytes }) => [cid, bytes])));
    const cache = directoryStore(folder, { durable: false });
    expect((await fetched({ cache, sources: [httpStore(url)] })).result).toMatchObject({
      ok: true,
      value: { fetchedBlocks: world.blocks.length },
    });
    for (const shard of await readdir(folder)) {
      for (const name of await readdir(join(folder, shard))) {
        const path = join(folder, shard, name);
        const right = new Uint8Array(await readFile(path));
        await writeFile(path, flipped(right));
        const { result } = await fetched({ cache, sources: [httpStore(url)] });
        expect(result).toMatchObject({
          ok: true,
          value: { fetchedBlocks: 1, fetchedBytes: right.length, cachedBlocks: world.blocks.length - 1 },
        });
        expect(new Uint8Array(await readFile(path))).toEqual(right);
      }
    }
  });

  test("from a world over http is found, named, and healed from another world", async () => {
    const good = new Map(world.blocks.map(({ cid, bytes }) => [cid, bytes]));
    const honestUrl = await serve(good);
    for (const { cid, bytes } of world.blocks.filter((_, i) => i % 9 === 0)) {
      const url = await serve(new Map([...good, [cid, flipped(bytes)]]));
      const { result } = await fetched({ sources: [httpStore(url), httpStore(honestUrl)] });
      expect(result).toMatchObject({ ok: true, value: { fetchedBlocks: world.blocks.length } });
    }
  });

  test("in a cache that does not look is found by the fetch itself", async () => {
    const blind = new Map(world.blocks.map(({ cid, bytes }) => [cid, bytes]));
    const victim = world.blocks[3] as { cid: ContentId; bytes: Uint8Array };
    blind.set(victim.cid, flipped(victim.bytes));
    const cache: BlockStore = {
      name: "blind",
      has: async (cid) => blind.has(cid),
      get: async (cid) => ok(blind.get(cid) as Uint8Array),
      put: async ({ cid, bytes }) => {
        blind.set(cid, bytes);
        return ok(undefined);
      },
    };
    expect((await fetched({ cache, sources: [honest()] })).result).toMatchObject({ ok: true, value: { fetchedBlocks: 1 } });
    expect(blind.get(victim.cid)).toEqual(victim.bytes);
  });
});
