// Pages of one world give its blocks to each other over WebRTC in a real Chromium, and go on doing so when the world is gone.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Visitor } from "@sojourn/client";
import { headName } from "@sojourn/substrate";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHROMIUM, startChromium } from "./web/browser.ts";
import { type ClientPages, type InPage, servePages } from "./web/client-page.ts";
import { writeWideMap } from "./web/wide-map.ts";
import { freePort, heartbeat, pin, type Served, serveWorld } from "./web/worlds.ts";

const SIDE = 16;
/** Of the third page's bytes, at least so many come from the other two. */
const FROM_OTHERS = 0.7;

let home: string;
/** A map of 256 chunks, and the world next door, which keeps a copy of it. */
let moor: Served;
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
  const map = join(home, "moor.tmj");
  await writeWideMap(map, SIDE);
  const [moorPort, dungeonPort] = [await freePort(), await freePort()];
  [moor, dungeon] = await Promise.all([
    serveWorld(map, home, moorPort, "--mesh", "--no-web"),
    serveWorld("dungeon", home, dungeonPort, "--mesh", "--no-web"),
  ]);
  await Promise.all([pin(moor, dungeon, "dungeon"), pin(dungeon, moor, "moor")]);
  [browser, pages] = await Promise.all([startChromium(), servePages()]);
});

afterAll(async () => {
  await browser?.close();
  await pages?.close();
  await Promise.all([moor?.kill(), dungeon?.kill()]);
  if (home !== undefined) await rm(home, { recursive: true, force: true });
});

/** A traveller of their own enters; afterwards all of the world is there. */
async function enterFrom(page: Page, url: string, swarm: boolean): Promise<Loaded> {
  await page.evaluate(
    ({ to, isSharing, friend }) => {
      const here = globalThis as unknown as Entered;
      here.visitor = here.inPage.client.enter(to, { name: "Ada", swarm: isSharing ? { friends: [friend] } : false });
    },
    { to: url, isSharing: swarm, friend: dungeon.url },
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

interface Found {
  readonly fault?: string;
  readonly root?: string;
  readonly blocks?: number;
  readonly bytes?: number;
  readonly others?: number;
  readonly left?: number;
  readonly signedBy?: string;
}

const swarmOf = (page: Page): Promise<Visitor["swarm"]> => page.evaluate(() => (globalThis as unknown as Entered).visitor?.swarm);

describe.skipIf(CHROMIUM === "")("a swarm of pages", () => {
  test("[W10] [W14] the third page of a world takes most of its bytes from the other two, and none of them lies", async () => {
    for (let i = 0; i < 3; i++) open.push(await pages.open(browser));
    const [first, second, third] = open as [Page, Page, Page];
    expect((await enterFrom(first, moor.url, true)).fromOthers).toBe(0);
    await enterFrom(second, moor.url, true);
    const { bytes, fromOthers, swarm } = await enterFrom(third, moor.url, true);
    expect(bytes).toBeGreaterThan(50_000);
    expect(fromOthers / bytes).toBeGreaterThanOrEqual(FROM_OTHERS);
    expect(swarm).toMatchObject({ members: 2, bytesIn: fromOthers, left: [] });
    const given = await Promise.all([swarmOf(first), swarmOf(second)]);
    expect(given.reduce((sum, report) => sum + (report?.bytesOut ?? 0), 0)).toBeGreaterThanOrEqual(fromOthers);
  });

  test("[W9] a page that shares nothing meets nobody, and has everything from the world", async () => {
    const page = await pages.open(browser);
    const { bytes, fromOthers, swarm } = await enterFrom(page, moor.url, false);
    expect({ isLoaded: bytes > 20_000, fromOthers, swarm }).toEqual({ isLoaded: true, fromOthers: 0, swarm: undefined });
    await page.context().close();
  });

  test("[W8] [N7] the world is gone: a page that knows nothing but its id gets all of it from those who saw it, met at a world next door that keeps its head", async () => {
    const [first] = open as [Page];
    const root = await first.evaluate(() => (globalThis as unknown as Entered).visitor?.substrate?.version.root ?? "");
    await heartbeat(moor);
    const kept = `${dungeon.url}/ipns/${headName(moor.id)}?format=ipns-record`;
    await expect.poll(async () => (await fetch(kept)).status, { timeout: 90_000, interval: 250 }).toBe(200);
    await moor.kill();
    // Those who saw it go on meeting next door.
    for (const page of open)
      await page.waitForFunction(() => {
        const { visitor } = globalThis as unknown as Entered;
        return visitor?.state === "GHOST" && visitor.swarm?.meetings === 1;
      });
    const fourth = await pages.open(browser);
    const load = (world: string): Promise<Found> =>
      fourth.evaluate(
        async ({ of, friend }) => {
          const { client } = (globalThis as unknown as Entered).inPage;
          let from: readonly { readonly name: string; readonly bytes: number }[] = [];
          const result = await client.loadFromSwarm({
            ...{ world: of, friends: [friend] },
            onProgress: (progress) => {
              from = progress.sources;
            },
          });
          if (!result.ok) return { fault: result.fault.code };
          const { view, swarm, found } = result.value;
          const { root: version, blocks } = view.version;
          const others = from.filter(({ name }) => name === "other travellers").reduce((sum, { bytes }) => sum + bytes, 0);
          const bytes = from.reduce((sum, source) => sum + source.bytes, 0);
          return { root: version, blocks, bytes, others, left: swarm?.left.length ?? 0, signedBy: found?.world ?? "" };
        },
        { of: world, friend: dungeon.url },
      );
    const loaded = await load(moor.id);
    expect(loaded).toMatchObject({ root, left: 0, signedBy: moor.id });
    expect(loaded.blocks).toBeGreaterThan(SIDE * SIDE);
    expect((loaded.others ?? 0) / (loaded.bytes ?? 0)).toBeGreaterThanOrEqual(FROM_OTHERS);
    // Of a world that next door keeps nothing of, nothing is shown.
    const stranger = `${moor.id.slice(0, -1)}${moor.id.endsWith("x") ? "y" : "x"}`;
    expect((await load(stranger)).fault).toMatch(/missing-block|malformed/);
  });
});
