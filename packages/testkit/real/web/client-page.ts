// A page with the client in it and no picture: what several travellers in several browsers do with blocks, and with each other.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";

const PAGE = '<!doctype html><title>client</title><script type="module" src="/main.js"></script>';
const ENTRY = `
  import * as client from "@sojourn/client";
  import * as substrate from "@sojourn/substrate";
  globalThis.inPage = { client, substrate };
`;

/** What a page of this kind has in its global scope. */
export interface InPage {
  readonly inPage: {
    readonly client: typeof import("@sojourn/client");
    readonly substrate: typeof import("@sojourn/substrate");
  };
}

export interface ClientPages {
  /** One more page, in a browser context of its own: nothing is shared with the others. */
  open(browser: Browser): Promise<Page>;
  close(): Promise<void>;
}

export async function servePages(): Promise<ClientPages> {
  const resolveDir = fileURLToPath(new URL("../../../client/src", import.meta.url));
  const stdin = { contents: ENTRY, resolveDir, loader: "ts" as const };
  const bundled = await build({ stdin, bundle: true, write: false, format: "esm", platform: "browser" });
  const script = bundled.outputFiles[0]?.contents ?? new Uint8Array();
  const server: Server = createServer((request, response) => {
    const isScript = request.url === "/main.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" }).end(isScript ? script : PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    async open(browser) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${port}/`);
      await page.waitForFunction(() => "inPage" in globalThis);
      return page;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
