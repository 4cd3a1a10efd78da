// The whole story in a real browser, with real worlds, each a process of its own: enter, speak, build, cross, be looked at by customs,
// come back, lose the authority, walk as a ghost, and be live again when it returns. What is checked is what a person sees.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PageHandle } from "@sojourn/web";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, startChromium } from "./web/browser.ts";
import { freePort, pin, type Served, serveWorld } from "./web/worlds.ts";

declare global {
  interface Window {
    readonly sojourn?: PageHandle;
  }
}

const VIEW = { width: 640, height: 360 };
const GHOST_WITHIN_MS = 5_000;

let home: string;
let port: number;
let tavern: Served;
let dungeon: Served;
let browser: Browser;
let page: Page;
const troubles: string[] = [];

beforeAll(async () => {
  if (CHROMIUM === "") return;
  home = await mkdtemp(join(tmpdir(), "sojourn-page-"));
  port = await freePort();
  [tavern, dungeon] = await Promise.all([serveWorld("tavern", home, port), serveWorld("dungeon", home, 0)]);
  await Promise.all([pin(tavern, dungeon, "dungeon"), pin(dungeon, tavern, "tavern")]);
  browser = await startChromium();
  page = await browser.newPage({ viewport: VIEW });
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("console", (line) => {
    const { url } = line.location();
    // What a page meets while a world is gone: nobody at its address, and next door no head of it by which an heir could be followed.
    const isAbsence = line.text().includes("ERR_CONNECTION_REFUSED") || (line.text().includes("404") && url.includes("/ipns/"));
    if (line.type() === "error" && !isAbsence) troubles.push(`${line.text()} ${url}`);
  });
});

afterAll(async () => {
  await browser?.close();
  await tavern?.kill();
  await dungeon?.kill();
  if (home !== undefined) await rm(home, { recursive: true, force: true });
});

const see = (testId: string): ReturnType<Page["locator"]> => page.locator(`[data-testid="${testId}"]`);

function live(world: string): Promise<unknown> {
  return page.waitForFunction((name) => window.sojourn?.state === "LIVE" && window.sojourn.visitor?.manifest?.name === name, world, {
    timeout: 30_000,
  });
}

/** The first picture of a page takes a second where shaders are compiled in software, and the page can answer nothing meanwhile. */
function drawn(): Promise<void> {
  return page.evaluate(async () => {
    for (let frames = 0; frames < 2; frames++) await new Promise((resolve) => requestAnimationFrame(resolve));
  });
}

/** Clicks a spot of the world, units, and waits until one stands near it; clicks again when something came between, as a player would. */
async function walkTo(x: number, y: number): Promise<void> {
  for (let tries = 1; ; tries++) {
    const at = await page.evaluate(([ux, uy]) => window.sojourn?.picture?.toPage(ux, uy), [x, y] as const);
    if (at === undefined) throw new Error("nothing is drawn");
    await page.mouse.click(at.x, at.y);
    const arrived = page.waitForFunction(
      ([ux, uy]) => {
        const me = window.sojourn?.visitor?.me;
        return me !== undefined && Math.hypot(me.x - ux, me.y - uy) < 0.6;
      },
      [x, y] as const,
      { timeout: 12_000 },
    );
    if (
      await arrived.then(
        () => true,
        (problem: unknown) => (tries < 4 ? false : Promise.reject(problem)),
      )
    )
      return;
  }
}

function where(): Promise<{ x: number; y: number }> {
  return page.evaluate(() => {
    const me = window.sojourn?.visitor?.me;
    return { x: me?.x ?? Number.NaN, y: me?.y ?? Number.NaN };
  });
}

describe.skipIf(CHROMIUM === "")("a visit in a real browser", () => {
  it("begins at the start page, which asks for a name", async () => {
    await page.goto(tavern.url);
    await see("enter").click();
    expect(await see("trouble").textContent()).not.toBe("");
    await see("name").fill("Mira");
    await see("enter").click();
    await live("The Tavern");
    await drawn();
    await expect.poll(() => see("world-name").textContent()).toBe("The Tavern");
    await expect.poll(() => see("connection").textContent()).toBe("Live");
    expect(await page.evaluate(() => window.sojourn?.visitor?.progress?.blocksCached)).toBe(0);
  });

  it("shows what one says over one's head and in the log", async () => {
    await page.keyboard.press("Enter");
    await page.keyboard.type("Is the Dungeon far?");
    await page.keyboard.press("Enter");
    await expect.poll(() => see("bubble").textContent()).toBe("Is the Dungeon far?");
    await expect.poll(() => see("chat-log").textContent()).toContain("Mira: Is the Dungeon far?");
  });

  it("lets one use what one carries: the torch burns in one's hand", async () => {
    await page.keyboard.press("1");
    await page.waitForFunction(() => window.sojourn?.visitor?.items.some(({ kind, props }) => kind === "torch" && props.lit === true));
    await page.waitForFunction(() => window.sojourn?.visitor?.frame().me?.holding === "torch");
  });

  it("lets one build: a sign with words on it, for good", async () => {
    await see("slot-sign").click();
    await see("place").click();
    await see("place-text").fill("Mira was here");
    await see("place-confirm").click();
    await see("slot-sign").waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await expect.poll(() => see("hint").textContent()).toBe("Read · Sign");
  });

  it("carries one through the portal, and customs reports on every thing", async () => {
    await walkTo(25.5, 12.2);
    await walkTo(29, 12.2);
    await page.keyboard.down("d");
    await live("The Dungeon");
    await page.keyboard.up("d");
    await see("customs-report").waitFor({ timeout: 20_000 });
    const rulings = await see("ruling").evaluateAll((rows) =>
      rows.map((row) => [(row as HTMLElement).dataset.kind, (row as HTMLElement).dataset.verdict]),
    );
    expect(rulings).toEqual(
      expect.arrayContaining([
        ["torch", "admit"],
        ["ale", "refuse"],
        ["sword", "clamp"],
      ]),
    );
    expect(await see("customs-report").textContent()).toContain("No ale is let into this world.");
    await see("report-close").click();
    await expect.poll(() => see("world-name").textContent()).toBe("The Dungeon");
    expect(await see("slot-ale").count()).toBe(0);
    expect(await see("slot-torch").count()).toBe(1);
  });

  it("brings one home, where what was refused waited and is handed back", async () => {
    await walkTo(9, 21);
    await page.keyboard.down("a");
    await live("The Tavern");
    await page.keyboard.up("a");
    await see("slot-ale").waitFor();
    await expect.poll(() => see("notices").textContent(), { timeout: 5_000 }).toContain("Customs let in everything");
    await see("open-customs").click();
    expect(await see("ruling").count()).toBeGreaterThan(3);
    await page.keyboard.press("Escape");
  });

  it("turns grey when the authority dies: one walks and looks, and nothing else", async () => {
    const before = Date.now();
    await tavern.kill();
    await see("ghost-banner").waitFor({ timeout: GHOST_WITHIN_MS });
    expect(Date.now() - before).toBeLessThan(GHOST_WITHIN_MS);
    expect(await see("ghost-age").textContent()).toContain("You can walk and look");
    const from = await where();
    await page.keyboard.down("s");
    const walked = async (): Promise<number> => {
      const to = await where();
      return Math.hypot(to.x - from.x, to.y - from.y);
    };
    await expect.poll(walked, { timeout: 10_000 }).toBeGreaterThan(0.5);
    await page.keyboard.up("s");
    const lit = (): Promise<unknown> => page.evaluate(() => window.sojourn?.visitor?.items.find(({ kind }) => kind === "torch")?.props.lit);
    const was = await lit();
    await page.keyboard.press("1");
    await expect.poll(() => see("notices").textContent()).toContain("You are a ghost until the world answers.");
    expect(await lit()).toBe(was);
  });

  it("is live again by itself when the authority returns, with what was built, and fetches nothing twice", async () => {
    tavern = await serveWorld("tavern", home, port);
    await live("The Tavern");
    await see("ghost-banner").waitFor({ state: "hidden" });
    const built = await page.evaluate(async () => {
      const { visitor } = window.sojourn ?? {};
      await visitor?.substrate?.loadAll();
      const signs = [...(visitor?.substrate?.loadedChunks() ?? [])]
        .flatMap(({ objects }) => objects)
        .filter(({ text }) => text === "Mira was here").length;
      const entities = visitor?.frame().entities.filter(({ kind }) => kind.kind === "build.sign").length ?? 0;
      return signs + entities;
    });
    expect(built).toBe(1);
    await page.reload();
    await see("enter").click();
    await live("The Tavern");
    const progress = await page.evaluate(() => window.sojourn?.visitor?.progress);
    expect(progress?.blocksDone).toBeGreaterThan(3);
    expect(progress?.blocksCached).toBe(progress?.blocksDone);
  });

  it("went without one error in the page", () => {
    expect(troubles).toEqual([]);
  });
});
