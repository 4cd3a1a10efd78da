// Browser storage under the contract of every block store, in a real browser, on a page that is no secure context.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BlockStorePlace, blockStoreRules } from "../src/block-store-contract.ts";

/** Loopback addresses are secure contexts; a name that merely leads there is not. */
const HOST = "friend.test";
const CHROMIUM = process.env.CHROMIUM ?? "";
const ENTRY = `
  import * as substrate from "@sojourn/substrate";
  import { blockStoreRules } from "./block-store-contract.ts";
  globalThis.inPage = { substrate, blockStoreRules };
`;

interface InPage {
  readonly inPage: {
    readonly substrate: typeof import("@sojourn/substrate");
    readonly blockStoreRules: typeof blockStoreRules;
  };
}

let server: Server;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  if (CHROMIUM === "") return;
  const resolveDir = fileURLToPath(new URL("../src", import.meta.url));
  const stdin = { contents: ENTRY, resolveDir, loader: "ts" as const };
  const bundled = await build({ stdin, bundle: true, write: false, format: "esm", platform: "browser" });
  const script = bundled.outputFiles[0]?.contents ?? new Uint8Array();
  server = createServer((request, response) => {
    const isScript = request.url === "/main.js";
    const html = '<!doctype html><title>blocks</title><script type="module" src="/main.js"></script>';
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" }).end(isScript ? script : html);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--host-resolver-rules=MAP *.test 127.0.0.1", "--no-sandbox"] });
  page = await browser.newPage();
  await page.goto(`http://${HOST}:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => "inPage" in globalThis);
});

afterAll(async () => {
  await browser?.close();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
});

/** Checks one rule in the page; returns what broke, or nothing. */
async function broken(title: string): Promise<string | undefined> {
  return await page.evaluate(async (wanted) => {
    const { substrate, blockStoreRules: rules } = (globalThis as unknown as InPage).inPage;
    const databases = new Map<object, string>();
    const place: BlockStorePlace = {
      open: async (seed) => {
        const database = crypto.getRandomValues(new Uint32Array(4)).join("-");
        const store = substrate.browserStore({ database });
        databases.set(store, database);
        for (const block of seed) await store.put(block);
        return store;
      },
      damage: (store, { cid }, bytes) =>
        new Promise((resolve, reject) => {
          const opening = indexedDB.open(databases.get(store) ?? "");
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const transaction = opening.result.transaction("blocks", "readwrite");
            transaction.objectStore("blocks").put(bytes, cid);
            transaction.onabort = () => reject(transaction.error);
            transaction.oncomplete = () => {
              opening.result.close();
              resolve();
            };
          };
        }),
    };
    const rule = rules.find((one) => one.title === wanted);
    try {
      await rule?.check(place);
      return rule === undefined ? "there is no such rule" : undefined;
    } catch (error) {
      return String(error);
    }
  }, title);
}

describe.skipIf(CHROMIUM === "")("the browser store", () => {
  test("is tried without WebCrypto, as on a friend's page on the LAN", async () => {
    expect(await page.evaluate(() => [globalThis.isSecureContext, typeof globalThis.crypto.subtle])).toEqual([false, "undefined"]);
  });

  for (const { title } of blockStoreRules) test(title, async () => expect(await broken(title)).toBeUndefined());

  test("opens its storage again after the browser has thrown it away", async () => {
    const outcome = await page.evaluate(async () => {
      const { substrate } = (globalThis as unknown as InPage).inPage;
      const store = substrate.browserStore({ database: "thrown away" });
      const block = await substrate.makeBlock("raw", Uint8Array.of(1, 2));
      await store.put(block);
      await new Promise((resolve) => {
        indexedDB.deleteDatabase("thrown away").onsuccess = resolve;
      });
      const gone = await store.get(block.cid);
      await store.put(block);
      return [gone.ok ? "there" : gone.fault.code, (await store.get(block.cid)).ok];
    });
    expect(outcome).toEqual(["missing-block", true]);
  });

  test("holds so many bytes and no more, and lets go first of what was not used for longest", async () => {
    const outcome = await page.evaluate(async () => {
      const { substrate } = (globalThis as unknown as InPage).inPage;
      const blocks = await Promise.all(Array.from({ length: 30 }, (_, i) => substrate.makeBlock("raw", new Uint8Array(1_000).fill(i))));
      const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3));
      const first = substrate.browserStore({ database: "small", maxBytes: 10_000 });
      for (const block of blocks.slice(0, 10)) {
        await first.put(block);
        await pause();
      }
      // Another page, later: it is in the world of the oldest two.
      const store = substrate.browserStore({ database: "small", maxBytes: 10_000 });
      for (const { cid } of blocks.slice(0, 2)) await store.get(cid);
      await pause();
      const most = [];
      for (const block of blocks.slice(10)) {
        await store.put(block);
        await store.put(block);
        let held = 0;
        for await (const _ of store.list?.() ?? []) held += 1;
        most.push(held);
        if (block === blocks[12]) for (const { cid } of blocks.slice(0, 2)) most.push((await store.has(cid)) ? 0 : 99);
        await pause();
      }
      const there = await Promise.all(blocks.map(({ cid }) => store.has(cid)));
      await store.delete?.(blocks[29]!.cid);
      return { most: Math.max(...most), isNewestThere: there.slice(-9).every((is) => is), isOldThere: there.slice(2, 10).some((is) => is) };
    });
    expect(outcome).toEqual({ most: 10, isNewestThere: true, isOldThere: false });
  });

  test("goes on with what an earlier form of it has kept", async () => {
    const outcome = await page.evaluate(async () => {
      const { substrate } = (globalThis as unknown as InPage).inPage;
      const [old, ...more] = await Promise.all([1, 2, 3, 4].map((i) => substrate.makeBlock("raw", new Uint8Array(1_000).fill(i))));
      await new Promise<void>((resolve) => {
        const opening = indexedDB.open("early", 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore("blocks").put(old!.bytes, old!.cid);
        opening.onsuccess = () => {
          opening.result.close();
          resolve();
        };
      });
      const store = substrate.browserStore({ database: "early", maxBytes: 3_500 });
      const isThere = (await store.get(old!.cid)).ok;
      await new Promise((resolve) => setTimeout(resolve, 3));
      for (const block of more) await store.put(block);
      return [isThere, await store.has(old!.cid)];
    });
    expect(outcome).toEqual([true, false]);
  });

  test("is a fault, and no crash, where storage is barred or full", async () => {
    const codes = await page.evaluate(async () => {
      const { substrate } = (globalThis as unknown as InPage).inPage;
      const block = await substrate.makeBlock("raw", Uint8Array.of(1, 2));
      const barred = new Proxy(indexedDB, {
        get: () => () => {
          throw new DOMException("denied", "SecurityError");
        },
      });
      const store = substrate.browserStore({ indexedDB: barred });
      const [put, got] = [await store.put(block), await store.get(block.cid)];
      const behind = substrate.tieredStore([store, substrate.memoryStore()]);
      await behind.put(block);
      return [put.ok ? "" : put.fault.code, got.ok ? "" : got.fault.code, await store.has(block.cid), (await behind.get(block.cid)).ok];
    });
    expect(codes).toEqual(["store-failed", "store-failed", false, true]);
  });

  test("says so when storage is full, and keeps what it has", async () => {
    // An origin of its own: the browser looks at the quota when it first writes for an origin, and then not for half a minute.
    const full = await browser.newPage();
    await full.goto(page.url().replace(HOST, "full.test"));
    await full.waitForFunction(() => "inPage" in globalThis);
    const session = await full.context().newCDPSession(full);
    await session.send("Storage.overrideQuotaForOrigin", { origin: new URL(full.url()).origin, quotaSize: 3_500_000 });
    const details = await full.evaluate(async () => {
      const { substrate } = (globalThis as unknown as InPage).inPage;
      const store = substrate.browserStore({ database: "full" });
      const told: string[] = [];
      let seed = 1;
      for (let i = 0; i < 8; i++) {
        // Bytes that storage cannot press into less.
        const noise = new Uint8Array(1_000_000);
        for (let at = 0; at < noise.length; at++) {
          seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
          noise[at] = seed >>> 24;
        }
        const put = await store.put(await substrate.makeBlock("raw", noise));
        told.push(put.ok ? "kept" : `${put.fault.code}: ${put.fault.detail}`);
      }
      const kept: string[] = [];
      for await (const cid of store.list?.() ?? []) if ((await store.get(cid)).ok) kept.push(cid);
      return [...told, `${kept.length} kept`];
    });
    const kept = details.filter((detail) => detail === "kept").length;
    expect(kept).toBeGreaterThan(0);
    expect(details.slice(kept, 8)).toEqual(Array(8 - kept).fill("store-failed: browser storage is full; free some space for this site"));
    expect(details.at(-1)).toBe(`${kept} kept`);
  });
});
