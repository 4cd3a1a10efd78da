// Crossings that do not happen, in a real browser before real worlds: the destination is down, refuses, is full, or dies in between.
// Whatever happens, the traveller is in one place with everything, and the page says why.
import { fileURLToPath } from "node:url";
import { enter } from "@sojourn/client";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Look, PagePlayer } from "./mission/page-player.ts";
import { until } from "./mission/until.ts";
import { ALL_WELL, auditOf, introduce, Realm, sojourn, type WorldProcess } from "./mission/world-process.ts";
import { CHROMIUM, startChromium } from "./web/browser.ts";

const REFUSED_WITHIN_MS = 5_000;
/** An origin asks again about an open crossing after 5 s, 10 s, …; a traveller who waits tries at least every 8 s. */
const RESOLVED_WITHIN_MS = 45_000;
const KIT = ["ale", "bread", "crate", "sign", "sword", "torch"];
const LET_IN = ["bread", "crate", "sign", "sword", "torch"];

let realm: Realm;
let tavern: WorldProcess;
let dungeon: WorldProcess;
let browser: Browser;
let ada: PagePlayer;

beforeAll(async () => {
  if (CHROMIUM === "") return;
  realm = await Realm.open();
  [tavern, dungeon, browser] = await Promise.all([
    realm.world("tavern", "tavern", "--heartbeat", "0"),
    realm.world("dungeon", "dungeon", "--heartbeat", "0", "--no-web"),
    startChromium(),
  ]);
  await introduce(tavern, dungeon);
  ada = await PagePlayer.open(browser);
  await ada.enter(`${tavern.url}/`, "Ada");
  await portalLeadsTo(dungeon);
});

/** The scenes follow one another; after one that failed the others would only wait in vain. */
let isBroken = false;
beforeEach(({ skip, onTestFailed }) => {
  if (isBroken) skip("a scene before it failed");
  onTestFailed(() => {
    isBroken = true;
  });
});

afterAll(async () => {
  await browser?.close();
  await realm?.end();
});

const kinds = ({ items }: Look): string[] => items.map(({ kind }) => kind).sort();

/** A running world notices a new pin by itself; its manifest shows it to the next who enters. */
async function portalLeadsTo(world: WorldProcess): Promise<void> {
  await until(`the Tavern's portal leads to ${world.ready.name}`, async () => {
    const asked = enter(tavern.url, { name: "Scout" });
    const manifest = await until("a manifest", () => asked.manifest);
    await asked.leave();
    return manifest.portals.some((portal) => portal.world === world.ready.id);
  });
}

/** Walks east into the portal and measures how long the border takes to say no. */
async function refused(): Promise<{ readonly look: Look; readonly tookMs: number; readonly reason: string }> {
  const before = await ada.walkIn("ArrowRight");
  const startedMs = performance.now();
  const isRefused = (): boolean => ada.wire.borderWords.slice(before).some(({ stage }) => stage === "refused");
  const look = await ada.until("refused", ({ crossing }) => isRefused() && crossing?.stage === "refused", REFUSED_WITHIN_MS);
  const tookMs = performance.now() - startedMs;
  return { look, tookMs, reason: await ada.reads("crossing", "does not let you in") };
}

/** Everything still in hand, live, in the Tavern, near its portal; and free to walk away from it. */
async function stillHere(look: Look): Promise<void> {
  expect([look.state, look.world]).toEqual(["LIVE", "The Tavern"]);
  expect(kinds(look)).toEqual(KIT);
  const [portal] = look.portals as [Look["portals"][number]];
  expect(Math.hypot((look.me?.x ?? 0) - portal.x, (look.me?.y ?? 0) - portal.y)).toBeLessThan(4);
  expect(await auditOf(tavern, dungeon)).toEqual(ALL_WELL);
  await ada.hold("ArrowLeft", "walking on", ({ me, state }) => state === "LIVE" && (me?.x ?? 0) < portal.x - 2);
  await ada.atRest();
}

describe.skipIf(CHROMIUM === "")("nobody leaves", () => {
  test("towards a destination that is down", async () => {
    await dungeon.kill();
    const { look, tookMs, reason } = await refused();
    expect(tookMs).toBeLessThan(REFUSED_WITHIN_MS);
    expect(look.crossing?.code).toBe("destination-down");
    expect(reason).toContain("Nothing was lost. Try the portal again in a moment.");
    await dungeon.start();
    await stillHere(look);
  });

  test("towards a destination whose operator has not pinned this world", async () => {
    expect((await sojourn("peer", "remove", "tavern", "--data", dungeon.dataFolder)).code).toBe(0);
    await dungeon.kill();
    await dungeon.start();
    const { look, reason } = await refused();
    expect(look.crossing?.code).toBe("unknown-origin");
    expect(reason).toMatch(/admits nobody from there/);
    expect(reason).toContain("have not named each other");
    await stillHere(look);
    expect((await sojourn("peer", "add", tavern.url, "--data", dungeon.dataFolder)).code).toBe(0);
  });

  test("towards a destination that is full", async () => {
    const closet = await realm.world("closet", fileURLToPath(new URL("./mission/closet.ts", import.meta.url)), "--no-web");
    await sojourn("peer", "remove", "dungeon", "--data", tavern.dataFolder);
    await sojourn("peer", "add", closet.url, "--data", tavern.dataFolder, "--as", "dungeon");
    await sojourn("peer", "add", tavern.url, "--data", closet.dataFolder);
    await portalLeadsTo(closet);
    const guest = enter(closet.url, { name: "Early" });
    await until("the closet is taken", () => guest.state === "LIVE");
    const { look, reason } = await refused();
    expect(look.crossing?.code).toBe("busy");
    expect(reason).toContain("This world is full now.");
    await stillHere(look);
    await guest.leave();
    expect(await auditOf(tavern, dungeon, closet)).toEqual(ALL_WELL);
    await sojourn("peer", "remove", "dungeon", "--data", tavern.dataFolder);
    await sojourn("peer", "add", dungeon.url, "--data", tavern.dataFolder);
    await portalLeadsTo(dungeon);
  });
});

describe.skipIf(CHROMIUM === "")("between the worlds", () => {
  test("the destination is killed when one has left and not arrived: in transit is shown, never lost, resolved when it is back", async () => {
    let isFirst = true;
    // Between departure and arrival, exactly: the passport is in hand and the destination's door is about to be knocked at.
    await ada.page.routeWebSocket(new RegExp(dungeon.host), async (socket) => {
      if (isFirst) {
        isFirst = false;
        await dungeon.kill();
      }
      socket.connectToServer();
    });
    // The page takes the route with its next document.
    await ada.page.reload();
    await ada.at("enter").click();
    await ada.live("The Tavern");
    await ada.walkIn("ArrowRight");
    await ada.until("in transit", ({ crossing }) => crossing?.stage === "in-transit");
    await ada.reads("crossing", "does not answer yet");
    expect(isFirst).toBe(false);
    expect(dungeon.isRunning).toBe(false);
    // In nobody's hands but the journal's.
    expect(await auditOf(tavern, dungeon)).toEqual({ ...ALL_WELL, unresolved: 1 });

    await dungeon.start();
    const look = await ada.until("resolved", ({ state, me }) => state === "LIVE" && me !== undefined, RESOLVED_WITHIN_MS);
    expect(["arrived", "returned"]).toContain(look.crossing?.stage);
    expect(kinds(look)).toEqual(look.world === "The Dungeon" ? LET_IN : KIT);
    await until("the journals agree", async () => (await auditOf(tavern, dungeon)).unresolved === 0, RESOLVED_WITHIN_MS);
    expect(await auditOf(tavern, dungeon)).toEqual(ALL_WELL);
    expect(ada.errors).toEqual([]);
  });
});
