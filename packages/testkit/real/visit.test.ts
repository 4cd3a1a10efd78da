// A dead world in a real Chromium: a static folder, a plain file server that knows nothing of worlds, and nobody else.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { generateKeys } from "@sojourn/passport";
import { nameHeir, openWorld, type ResumedWorld, type RunningWorld, resumeWorld } from "@sojourn/world";
import { worlds } from "@sojourn/worlds";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CHROMIUM, startChromium } from "./web/browser.ts";

const SILENCE_MS = 1_000;
const COMMAND = fileURLToPath(new URL("../../../apps/cli/src/main.ts", import.meta.url));
let folder: string;
let world: string;
let root: string;
let heir: string;
let heirs: RunningWorld | undefined;
let server: Server;
let address: string;
let browser: Browser | undefined;

async function sojourn(...args: string[]): Promise<{ readonly [name: string]: unknown }> {
  const child: ChildProcess = spawn(process.execPath, [COMMAND, ...args, "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout?.on("data", (part: Buffer) => {
    out += part.toString();
  });
  await once(child, "close");
  return JSON.parse(out.trim().split("\n").at(-1) as string);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sojourn-visit-"));
  const running = await openWorld(worlds.tavern as NonNullable<typeof worlds.tavern>, {
    dataFolder: join(folder, "data"),
    replicas: [{ replica: `folder:${join(folder, "site")}` }],
  });
  world = running.id;
  root = running.substrate;
  const keys = await generateKeys();
  heir = keys.id;
  await writeFile(join(folder, "heir.key"), `${Buffer.from(keys.secret).toString("hex")}\n`);
  await nameHeir(join(folder, "data"), { world: heir, afterMs: SILENCE_MS }, false);
  await running.renewHeirs();
  await running.heartbeat();
  await running.close();
  server = createServer((request, response) => {
    const asked = normalize(new URL(request.url ?? "/", "http://x").pathname);
    const path = asked === "/" ? "index.html" : asked;
    const types: { [ending: string]: string } = {
      ".html": "text/html",
      ".js": "text/javascript",
      ".css": "text/css",
      ".svg": "image/svg+xml",
    };
    readFile(join(folder, "site", path)).then(
      (bytes) => response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" }).end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await browser?.close();
  await heirs?.close();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

test("[N7] the command says whose a copy is, how old and how whole, from a folder and over http", async () => {
  const facts = await sojourn("visit", world, "--from", `folder:${join(folder, "site")}`, "--page", join(folder, "site"));
  expect(facts).toMatchObject({ world, root, name: expect.any(String), fork: null, isPastTime: false });
  expect(facts.chunks).toBeGreaterThan(0);
  expect(await sojourn("visit", world, "--from", address)).toMatchObject({ world, root });
  const other = `${world.slice(0, -1)}${world.endsWith("x") ? "y" : "x"}`;
  expect(await sojourn("visit", other, "--from", address)).toMatchObject({ fault: { code: expect.any(String) } });
});

test.skipIf(CHROMIUM === "")(
  "[N7] a browser walks in it as a ghost, verified, its age shown, and refuses a head that was changed",
  async () => {
    browser = await startChromium();
    const page = await browser.newPage({ viewport: { width: 640, height: 360 } });
    await page.addInitScript(() => {
      const seen: (string | null | undefined)[] = [];
      Object.assign(window, { loadingSeen: seen });
      const look = (): unknown => seen.push(document.querySelector("[data-testid=loading-bytes]")?.textContent);
      new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
    });
    await page.goto(`${address}/?visit=${world}`);
    await page.getByTestId("name").fill("Ada");
    await page.getByTestId("name").press("Enter");
    const shown = (): Promise<string> =>
      page.evaluate(() => {
        const visitor = window.sojourn?.visitor;
        return visitor?.ghost !== undefined && visitor.substrate !== undefined ? "a ghost" : document.body.textContent;
      });
    await expect.poll(shown, { timeout: 40_000, interval: 500 }).toBe("a ghost");
    expect(await page.evaluate(() => window.sojourn?.visitor?.manifest?.world)).toBe(world);
    // While the copy came, how much of it was here was to be read.
    const seen = await page.evaluate(() => (window as unknown as { loadingSeen: (string | undefined)[] }).loadingSeen);
    expect(seen.filter((text) => /^\d+ k?B of \d+ kB$/.test(text ?? "")).length).toBeGreaterThan(0);
    expect(await page.evaluate(() => window.sojourn?.visitor?.substrate?.version.root)).toBe(root);
    await page.getByTestId("ghost-age").waitFor({ timeout: 30_000 });
    const name = (await sojourn("visit", world, "--from", address)).ipns as string;
    const file = join(folder, "site", "ipns", name.slice("ipns://".length));
    const bytes = await readFile(file);
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
    await writeFile(file, bytes);
    expect(await sojourn("visit", world, "--from", address)).toMatchObject({ fault: { code: expect.stringMatching(/forged|malformed/) } });
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
    await writeFile(file, bytes);
  },
);

test.skipIf(CHROMIUM === "")("[N20] the page goes on at the heir's by itself, and says under whose statement", async () => {
  const page = await (browser as Browser).newPage({ viewport: { width: 640, height: 360 } });
  await page.goto(`${address}/?visit=${world}`);
  await page.getByTestId("name").fill("Bob");
  await page.getByTestId("name").press("Enter");
  const state = (): Promise<string> => page.evaluate(() => String(window.sojourn?.visitor?.state));
  await expect.poll(state, { timeout: 40_000, interval: 500 }).toBe("GHOST");
  expect(await page.getByTestId("heir").isVisible()).toBe(false);
  const place = { replica: `folder:${join(folder, "site")}` };
  let resumed: ResumedWorld | undefined;
  const resume = async (): Promise<boolean> => {
    const options = { world, from: place, keyFile: join(folder, "heir.key"), dataFolder: join(folder, "heir") };
    resumed ??= await resumeWorld(options).catch(() => undefined);
    return resumed !== undefined;
  };
  await expect.poll(resume, { timeout: 20_000 }).toBe(true);
  heirs = await openWorld(worlds.tavern as NonNullable<typeof worlds.tavern>, { dataFolder: join(folder, "heir"), replicas: [place] });
  await expect.poll(state, { timeout: 60_000, interval: 500 }).toBe("LIVE");
  expect(await page.evaluate(() => window.sojourn?.visitor?.manifest?.world)).toBe(heir);
  await expect.poll(() => page.getByTestId("heir").textContent()).toContain(`Resumed by …${heir.slice(-6)} under statement 1`);
});
