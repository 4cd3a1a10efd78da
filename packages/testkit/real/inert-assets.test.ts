// Whatever lies in a block, no browser can be made to run it: real files that try, served by a real world's gateway to a real Chromium.
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeBlock } from "@sojourn/substrate";
import { directoryStore } from "@sojourn/substrate/node";
import { openWorld, type RunningWorld } from "@sojourn/world";
import { worlds } from "@sojourn/worlds";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHROMIUM, startChromium } from "./web/browser.ts";

const SAYS = "(globalThis.top ?? globalThis).postMessage('ran', '*'); globalThis.ran = true;";
const HOSTILE: { readonly [name: string]: string } = {
  html: `<!doctype html><script>${SAYS}</script><h1>block</h1>`,
  svg: `<svg xmlns="http://www.w3.org/2000/svg" onload="${SAYS}"><script>${SAYS}</script></svg>`,
  script: SAYS,
  polyglot: `GIF89a/*${"x".repeat(64)}*/=1;${SAYS}`,
  style: "body { background: rgb(1, 2, 3) }",
};

interface Heard {
  readonly ran?: boolean;
  readonly loaded?: string;
  readonly heard: readonly unknown[];
}

let folder: string;
let world: RunningWorld;
let browser: Browser;
let attacker: Server;
let page: Page;
const at: { [name: string]: string } = {};

beforeAll(async () => {
  if (CHROMIUM === "") return;
  folder = await mkdtemp(join(tmpdir(), "sojourn-inert-"));
  const store = directoryStore(join(folder, "blocks"));
  world = await openWorld(worlds.tavern as NonNullable<typeof worlds.tavern>, { dataFolder: folder });
  for (const [name, content] of Object.entries(HOSTILE)) {
    const block = await makeBlock("raw", new TextEncoder().encode(content));
    await store.put(block);
    at[name] = `${world.url}/ipfs/${block.cid}?format=raw`;
  }
  const body = `<!doctype html><title>attacker</title><script>globalThis.heard = []; onmessage = (e) => heard.push(e.data)</script>
    <script src="${at.script}"></script><script src="${at.polyglot}"></script><script type="module" src="${at.script}"></script>
    <link rel="stylesheet" href="${at.style}"><img src="${at.svg}"><iframe src="${at.html}"></iframe><iframe src="${at.svg}"></iframe>
    <object data="${at.html}"></object><embed src="${at.svg}"><iframe src="/control"></iframe>
    <script type="module">import("${at.script}").then(() => { loaded = "loaded"; }, () => { loaded = "refused"; })</script>
    <script>var loaded;</script>`;
  // The same words as a page: they do run, so that what is not heard of the others means something.
  const control = (HOSTILE.html as string).replaceAll("'ran'", "'control'");
  attacker = createServer(({ url }, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end(url === "/control" ? control : body);
  });
  await new Promise<void>((resolve) => attacker.listen(0, "127.0.0.1", resolve));
  browser = await startChromium();
  page = await browser.newPage();
});

afterAll(async () => {
  await browser?.close();
  attacker?.closeAllConnections();
  await new Promise((resolve) => (attacker === undefined ? resolve(undefined) : attacker.close(resolve)));
  await world?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

describe.skipIf(CHROMIUM === "")("blocks with pages, scripts and drawings in them", () => {
  test("run in no way in which another page may put them into itself", async () => {
    await page.goto(`http://127.0.0.1:${(attacker.address() as AddressInfo).port}/`);
    await page.waitForFunction(
      () => (globalThis as unknown as Heard).heard.length > 0 && (globalThis as unknown as Heard).loaded !== undefined,
    );
    await page.waitForTimeout(300);
    const outcome = await page.evaluate(() => {
      const { ran, heard, loaded } = globalThis as unknown as Heard;
      return { loaded, ran, heard, background: getComputedStyle(document.body).backgroundColor };
    });
    expect(outcome).toEqual({ loaded: "refused", ran: undefined, heard: ["control"], background: "rgba(0, 0, 0, 0)" });
  });

  test.each(Object.keys(HOSTILE))("opened by itself, %s is a file to keep and no page", async (name) => {
    await expect(page.goto(at[name] as string)).rejects.toThrow(/Download is starting|ERR_ABORTED/);
  });
});
