// What a traveller keeps in a real browser, on a page that is no secure context: a friend on the LAN has no other kind.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** Loopback addresses are secure contexts; a name that merely leads there is not. */
const HOST = "friend.test";
const CHROMIUM = process.env.CHROMIUM ?? "";
const PAGE = '<!doctype html><title>kept</title><script type="module" src="/main.js"></script>';
const ENTRY = `
  import { browserTraveller } from "@sojourn/client";
  import { makeBlock } from "@sojourn/substrate";
  globalThis.kept = { browserTraveller, makeBlock };
`;

interface InPage {
  readonly kept: {
    readonly browserTraveller: typeof import("@sojourn/client").browserTraveller;
    readonly makeBlock: typeof import("@sojourn/substrate").makeBlock;
  };
}

let server: Server;
let browser: Browser;
let page: Page;
let url = "";

beforeAll(async () => {
  const client = fileURLToPath(new URL("../../client/src", import.meta.url));
  const bundled = await build({
    stdin: { contents: ENTRY, resolveDir: client, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
  });
  const script = bundled.outputFiles[0]?.contents ?? new Uint8Array();
  server = createServer((request, response) => {
    const isScript = request.url === "/main.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" }).end(isScript ? script : PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://${HOST}:${(server.address() as AddressInfo).port}/`;
  if (CHROMIUM === "") return;
  const args = [`--host-resolver-rules=MAP ${HOST} 127.0.0.1`, "--no-sandbox"];
  browser = await chromium.launch({ executablePath: CHROMIUM, args });
});

afterAll(async () => {
  await browser?.close();
  await new Promise((resolve) => server?.close(resolve));
});

async function open(spoil?: string): Promise<Page> {
  const context = await browser.newContext();
  const opened = await context.newPage();
  if (spoil !== undefined) await opened.addInitScript(spoil);
  await opened.goto(url);
  await opened.waitForFunction(() => "kept" in globalThis);
  return opened;
}

async function reload(): Promise<void> {
  await page.reload();
  await page.waitForFunction(() => "kept" in globalThis);
}

/** The contract of a store of values, in the page; the same for every way the browser keeps them. */
async function contract(): Promise<unknown> {
  return await page.evaluate(async () => {
    const { browserTraveller } = (globalThis as unknown as InPage).kept;
    const { storage } = browserTraveller("one");
    const missing = await storage.get("key");
    await storage.set("key", Uint8Array.of(0, 128, 255));
    await storage.set("other", Uint8Array.of(7));
    await storage.set("key", Uint8Array.of(255, 0, 1));
    await storage.delete("other");
    await storage.delete("never-there");
    const refused = await storage.set("No Such Name", Uint8Array.of(1)).then(
      () => "taken",
      () => "refused",
    );
    return {
      missing: missing === undefined,
      key: [...((await storage.get("key")) ?? [])],
      other: (await storage.get("other")) === undefined,
      apart: (await browserTraveller("two").storage.get("key")) === undefined,
      refused,
    };
  });
}

const KEPT = { missing: true, key: [255, 0, 1], other: true, apart: true, refused: "refused" };

const keptBytes = (): Promise<number[]> =>
  page.evaluate(async () => [...((await (globalThis as unknown as InPage).kept.browserTraveller("one").storage.get("key")) ?? [])]);

describe.skipIf(CHROMIUM === "")("a traveller in a browser", () => {
  test("keeps values in IndexedDB over a reload, on a page that is no secure context", async () => {
    page = await open();
    expect(await page.evaluate(() => globalThis.isSecureContext)).toBe(false);
    expect(await contract()).toEqual(KEPT);
    await reload();
    expect(await keptBytes()).toEqual([255, 0, 1]);
  });

  test("keeps values in localStorage where IndexedDB is barred", async () => {
    page = await open("Object.defineProperty(globalThis, 'indexedDB', { value: { open() { throw new Error('barred'); } } });");
    expect(await contract()).toEqual(KEPT);
    await reload();
    expect(await keptBytes()).toEqual([255, 0, 1]);
  });

  test("goes on in memory where nothing may be kept", async () => {
    const bar = (name: string): string => `Object.defineProperty(globalThis, '${name}', { get() { throw new Error('barred'); } });`;
    page = await open(bar("indexedDB") + bar("localStorage"));
    const lives = await page.evaluate(async () => {
      const { storage } = (globalThis as unknown as InPage).kept.browserTraveller("one");
      await storage.set("key", Uint8Array.of(3));
      return [...((await storage.get("key")) ?? [])];
    });
    expect(lives).toEqual([3]);
    await reload();
    expect(await keptBytes()).toEqual([]);
  });

  test("blocks outlive a reload, and a damaged one is dropped", async () => {
    page = await open();
    const cid = await page.evaluate(async () => {
      const { browserTraveller, makeBlock } = (globalThis as unknown as InPage).kept;
      const block = await makeBlock("raw", new TextEncoder().encode("a stone"));
      await browserTraveller().cache.put(block);
      return block.cid;
    });
    await reload();
    const read = (): Promise<string> =>
      page.evaluate(async (id) => {
        const got = await (globalThis as unknown as InPage).kept.browserTraveller().cache.get(id);
        return got.ok ? new TextDecoder().decode(got.value) : got.fault.code;
      }, cid);
    expect(await read()).toBe("a stone");
    await page.evaluate(async (id) => {
      const opening = indexedDB.open("sojourn-blocks");
      const database = await new Promise<IDBDatabase>((resolve) => {
        opening.onsuccess = () => resolve(opening.result);
      });
      const transaction = database.transaction("blocks", "readwrite");
      transaction.objectStore("blocks").put(new TextEncoder().encode("b stone"), id);
      await new Promise((resolve) => {
        transaction.oncomplete = resolve;
      });
      database.close();
    }, cid);
    expect(await read()).not.toBe("b stone");
    expect(await read()).toBe("missing-block");
  });
});
