// Pages of one world give its blocks to each other over WebRTC in a real Chromium, and go on doing so when the world is gone.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Visitor } from "@sojourn/client";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHROMIUM, startChromium } from "./web/browser.ts";
import { type ClientPages, type InPage, servePages } from "./web/client-page.ts";
import { freePort, pin, type Served, serveWorld } from "./web/worlds.ts";

/** Of the third page's bytes, at least so many come from the other two. */
const FROM_OTHERS = 0.7;

let home: string;
let tavern: Served;
let dungeon: Served;
let browser: Browser;
let pages: ClientPages;
const open: Page[] = [];

type Entered = InPage & { visitor?: Visitor };

interface Loaded {
  readonly bytes: number;
  readonly fromOthers: number;
  readonly swarm: Visitor["swarm"];
}

beforeAll(async () => {
  if (CHROMIUM === "") return;
  home = await mkdtemp(join(tmpdir(), "sojourn-swarm-"));
  const [tavernPort, dungeonPort] = [await freePort(), await freePort()];
  [tavern, dungeon] = await Promise.all([serveWorld("tavern", home, tavernPort), serveWorld("dungeon", home, dungeonPort)]);
  await Promise.all([pin(tavern, dungeon, "dungeon"), pin(dungeon, tavern, "tavern")]);
  [browser, pages] = await Promise.all([startChromium(), servePages()]);
});

afterAll(async () => {
  await browser?.close();
  await pages?.close();
  await Promise.all([tavern?.kill(), dungeon?.kill()]);
  if (home !== undefined) await rm(home, { recursive: true, force: true });
});

/** A traveller of their own enters; afterwards all of the world is there. */
async function enterFrom(page: Page, url: string, swarm: boolean): Promise<Loaded> {
  await page.evaluate(
    ({ to, isSharing }) => {
      const here = globalThis as unknown as Entered;
      here.visitor = here.inPage.client.enter(to, { name: "Ada", ...(isSharing ? {} : { swarm: false }) });
    },
    { to: url, isSharing: swarm },
  );
  await page.waitForFunction(() => {
    const { visitor } = globalThis as unknown as Entered;
    return visitor?.state === "LIVE" && visitor.progress?.done === true;
  });
  return await page.evaluate(() => {
    const { progress, swarm: report } = (globalThis as unknown as Entered).visitor as Visitor;
    const from = progress?.sources ?? [];
    const others = from.filter(({ name }) => name === "other travellers");
    const sum = (list: typeof from): number => list.reduce((bytes, source) => bytes + source.bytes, 0);
    return { bytes: sum(from), fromOthers: sum(others), swarm: report };
  });
}

const swarmOf = (page: Page): Promise<Visitor["swarm"]> => page.evaluate(() => (globalThis as unknown as Entered).visitor?.swarm);

describe.skipIf(CHROMIUM === "")("a swarm of pages", () => {
  test("[W10] [W14] the third page of a world takes most of its bytes from the other two, and none of them lies", async () => {
    for (let i = 0; i < 3; i++) open.push(await pages.open(browser));
    const [first, second, third] = open as [Page, Page, Page];
    expect((await enterFrom(first, tavern.url, true)).fromOthers).toBe(0);
    await enterFrom(second, tavern.url, true);
    const { bytes, fromOthers, swarm } = await enterFrom(third, tavern.url, true);
    expect(bytes).toBeGreaterThan(20_000);
    expect(fromOthers / bytes).toBeGreaterThanOrEqual(FROM_OTHERS);
    expect(swarm).toMatchObject({ members: 2, bytesIn: fromOthers, left: [] });
    const given = await Promise.all([swarmOf(first), swarmOf(second)]);
    expect(given.reduce((sum, report) => sum + (report?.bytesOut ?? 0), 0)).toBeGreaterThanOrEqual(fromOthers);
  });

  test("[W9] a page that shares nothing meets nobody, and has everything from the world", async () => {
    const page = await pages.open(browser);
    const { bytes, fromOthers, swarm } = await enterFrom(page, tavern.url, false);
    expect({ isLoaded: bytes > 20_000, fromOthers, swarm }).toEqual({ isLoaded: true, fromOthers: 0, swarm: undefined });
    await page.context().close();
  });

  test("[W8] the world is gone: a page that never saw it gets all of it from those who did, met at a world next door", async () => {
    const [first] = open as [Page];
    const { world, root } = await first.evaluate(() => {
      const { manifest, substrate } = (globalThis as unknown as Entered).visitor as Visitor;
      return { world: manifest?.world ?? "", root: substrate?.version.root ?? "" };
    });
    await tavern.kill();
    for (const page of open) await page.waitForFunction(() => (globalThis as unknown as Entered).visitor?.state === "GHOST");
    const fourth = await pages.open(browser);
    const loaded = await fourth.evaluate(
      async ({ of, version, friend }) => {
        const { client } = (globalThis as unknown as Entered).inPage;
        let from: readonly { readonly name: string; readonly blocks: number }[] = [];
        const result = await client.loadFromSwarm({
          ...{ world: of, root: version, friends: [friend] },
          onProgress: (progress) => {
            from = progress.sources;
          },
        });
        if (!result.ok) return { fault: result.fault.detail };
        const { view, swarm } = result.value;
        return { root: view.version.root, blocks: view.version.blocks, from, left: swarm?.left };
      },
      { of: world, version: root, friend: dungeon.url },
    );
    expect(loaded).toMatchObject({ root, left: [], from: [{ name: "other travellers", blocks: loaded.blocks }, { blocks: 0 }] });
  });
});
