// A poor link in a real browser: what one's own hands do is shown at once and never taken back, and the page says what goes on underneath.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PageHandle } from "@sojourn/web";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, startChromium } from "./web/browser.ts";
import { type Served, serveWorld } from "./web/worlds.ts";

declare global {
  interface Window {
    readonly sojourn?: PageHandle;
  }
}

let home: string;
let tavern: Served;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  if (CHROMIUM === "") return;
  home = await mkdtemp(join(tmpdir(), "sojourn-link-"));
  tavern = await serveWorld("tavern", home, 0);
  browser = await startChromium();
  page = await browser.newPage({ viewport: { width: 640, height: 480 } });
});

afterAll(async () => {
  await browser?.close();
  await tavern?.kill();
  if (home !== undefined) await rm(home, { recursive: true, force: true });
});

const see = (testId: string): ReturnType<Page["locator"]> => page.locator(`[data-testid="${testId}"]`);

type Stats = NonNullable<PageHandle["visitor"]>["stats"];
const stats = (): Promise<Stats> => page.evaluate(() => (window.sojourn as PageHandle).visitor?.stats as Stats);

/** Walks to and fro for so long, and gives the most steps that were ever unanswered. */
async function walk(forMs: number): Promise<number> {
  let most = 0;
  const end = Date.now() + forMs;
  for (let way = 0; Date.now() < end; way++) {
    const key = way % 2 === 0 ? "a" : "d";
    await page.keyboard.down(key);
    for (let i = 0; i < 10; i++) {
      most = Math.max(most, (await stats()).unanswered);
      await page.waitForTimeout(120);
    }
    await page.keyboard.up(key);
  }
  await expect.poll(async () => (await stats()).unanswered, { timeout: 10_000 }).toBe(0);
  return most;
}

describe.skipIf(CHROMIUM === "")("a poor link in a real browser", () => {
  it("is asked for in the address, and shows in the figures, which need no keyboard", async () => {
    await page.goto(`${tavern.url}/?link=200ms-jitter`);
    await see("name").fill("Mira");
    await see("enter").click();
    await page.waitForFunction(() => window.sojourn?.state === "LIVE", undefined, { timeout: 30_000 });
    await see("open-help").click();
    await see("open-debug").click();
    await expect.poll(async () => (await stats()).rttMs, { timeout: 10_000 }).toBeGreaterThan(195);
    await expect.poll(() => see("debug-figures").textContent()).toMatch(/round trip ([2-9][0-9]{2}|1[0-9]{3}) ms/);
    await see("link-controls").click();
    expect(await see("link-200ms-jitter").getAttribute("aria-pressed")).toBe("true");
  });

  it("walks without a correction 200 ms away", async () => {
    expect(await walk(6_000)).toBeGreaterThanOrEqual(4);
    expect((await stats()).largestCorrection).toBe(0);
  });

  it("walks without a correction while the link stalls for a second, again and again", async () => {
    await see("link-1s-stalls").click();
    expect(await see("link-1s-stalls").getAttribute("aria-pressed")).toBe("true");
    expect(await walk(20_000)).toBeGreaterThan(12);
    const { largestCorrection, corrections, reconnects } = await stats();
    expect({ largestCorrection, corrections, reconnects }).toEqual({ largestCorrection: 0, corrections: 0, reconnects: 0 });
    expect(await page.evaluate(() => window.sojourn?.state)).toBe("LIVE");
  });

  it("is made good again by the sliders and by F3 put away", async () => {
    await see("link-delay").fill("0");
    await see("link-stall").fill("0");
    await see("link-jitter").fill("0");
    expect(await see("link-good").getAttribute("aria-pressed")).toBe("true");
    await see("world").focus();
    await page.keyboard.press("F3");
    await see("debug").waitFor({ state: "hidden" });
  });
});
