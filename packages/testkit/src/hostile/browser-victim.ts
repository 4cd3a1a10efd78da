// A real Chromium's storage as a victim: the attack is bundled, sent into a page, and runs there. The page is no secure context, as one
// that a friend serves on the local network is none.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import type { StoreReport } from "./attack.ts";
import type { CacheReport } from "./in-page.ts";

/** A store that is attacked where it is. */
export interface PageVictim {
  readonly share: number;
  attacked(blocks: number, seed: number): Promise<StoreReport>;
  /** A world of so many chunks a side in the cache, each of its blocks damaged once. */
  healed(side: number): Promise<CacheReport>;
  close(): Promise<void>;
}

type InPage = { readonly hostile: typeof import("./in-page.ts") };

const HOST = "friend.test";
const SHARE = 3;
const PAGE = '<!doctype html><title>hostile</title><script type="module" src="/main.js"></script>';

/** `executablePath`: of the browser. */
export async function openBrowserVictim(executablePath: string): Promise<PageVictim> {
  const resolveDir = fileURLToPath(new URL(".", import.meta.url));
  const stdin = { contents: `import * as hostile from "./in-page.ts"; globalThis.hostile = hostile;`, resolveDir, loader: "ts" as const };
  const bundled = await build({ stdin, bundle: true, write: false, format: "esm", platform: "browser" });
  const script = bundled.outputFiles[0]?.contents ?? new Uint8Array();
  const server = createServer((request, response) => {
    const isScript = request.url === "/main.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" }).end(isScript ? script : PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({ executablePath, args: ["--host-resolver-rules=MAP *.test 127.0.0.1", "--no-sandbox"] });
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  await page.goto(`http://${HOST}:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => "hostile" in globalThis);
  return {
    share: SHARE,
    attacked: (blocks, seed) =>
      page.evaluate((asked) => (globalThis as unknown as InPage).hostile.attackBrowserStore(...asked), [blocks, seed] as const),
    healed: (side) => page.evaluate((asked) => (globalThis as unknown as InPage).hostile.healBrowserCache(asked), side),
    close: async () => {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
