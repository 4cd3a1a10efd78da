// The mission in one piece: real worlds as processes, a real Chromium, and the seed's whole sequence diagram played by keyboard. Then
// the Tavern is killed, haunted, started again; and in the end the journals are counted.
import { join } from "node:path";
import { enter, type Visitor } from "@sojourn/client";
import { nodeTraveller } from "@sojourn/client/node";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { warmShare } from "./mission/colours.ts";
import { lockerKinds } from "./mission/locker.ts";
import { type Look, PagePlayer } from "./mission/page-player.ts";
import { until } from "./mission/until.ts";
import { ALL_WELL, auditOf, introduce, Realm, type WorldProcess } from "./mission/world-process.ts";
import { CHROMIUM, startChromium } from "./web/browser.ts";

const GHOST_WITHIN_MS = 5_000;
/** Live again this long after the world is open, at most; the longest wait between two tries is 8 s. */
const BACK_WITHIN_MS = 15_000;
const WRITTEN = "Ada was here";
/** How every link to a world begins, and what may come in between. */
const BEGINNING = ["hello", "challenge", "prove", "manifest", "ready", "welcome", "snapshot"];
const MINOR = ["own", "ping", "pong", "ack", "notice", "items"];

let realm: Realm;
let tavern: WorldProcess;
let dungeon: WorldProcess;
let browser: Browser;
let ada: PagePlayer;
/** A second traveller, by the SDK alone: what others see. */
let bob: Visitor;

beforeAll(async () => {
  if (CHROMIUM === "") return;
  realm = await Realm.open();
  // No heartbeat by itself: what was placed must outlive the process without one.
  const started = await Promise.all([
    realm.world("tavern", "tavern", "--heartbeat", "0"),
    realm.world("dungeon", "dungeon", "--heartbeat", "0"),
    startChromium(),
  ]);
  [tavern, dungeon, browser] = started;
  await introduce(tavern, dungeon);
  bob = enter(tavern.url, { name: "Bob", ...nodeTraveller(join(realm.folder, "bob")) });
  ada = await PagePlayer.open(browser);
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
  await bob?.leave();
  await browser?.close();
  await realm?.end();
});

const kinds = ({ items }: Look): string[] => items.map(({ kind }) => kind).sort();
const KIT = ["ale", "bread", "crate", "sign", "sword", "torch"];
const WITHOUT_ALE = KIT.filter((kind) => kind !== "ale");

/** How often Bob sees somebody of this name. */
const seenByBob = (name: string): number =>
  bob.frame().entities.filter((entity) => entity.kind.kind === "traveller" && entity.name === name).length;

const signsIn = (look: Look): Look["entities"] => look.entities.filter(({ kind }) => kind === "build.sign");

describe.skipIf(CHROMIUM === "")("the mission in a real browser", () => {
  test("opening the address: manifest, substrate, snapshots, live", async () => {
    const look = await ada.enter(`${tavern.url}/`, "Ada");
    expect(look.world).toBe("The Tavern");
    expect(kinds(look)).toEqual(KIT);
    await ada.reads("world-name", "The Tavern");
    await ada.reads("connection", "Live");
    const link = ada.wire.last(tavern.host);
    expect(link.order(...MINOR).slice(0, 7)).toEqual(BEGINNING);
    const [manifest] = link.said("manifest");
    expect(manifest?.world).toBe(tavern.ready.id);
    expect(manifest?.substrate).toBe(look.root);
    expect(manifest?.allowedItems).toContain("*");
    expect(manifest?.physics.tickHz).toBe(20);
    expect(manifest?.assets.length).toBeGreaterThan(0);
    expect(link.asked("hello")[0]?.passport).toBeUndefined();
    // Every block came over HTTP, once. What lies behind the portal comes from the other world meanwhile.
    expect(ada.wire.blocksAskedOf(tavern.host)).toBe(look.progress?.blocksTotal);
    await until("many snapshots", () => link.ticks.length > 10);
    expect(link.ticks.every((tick, i) => i === 0 || tick > (link.ticks[i - 1] as number))).toBe(true);
    expect(link.problems).toEqual([]);
  });

  test("walking by keyboard: moves go out, the world's snapshots show it, prediction and world agree", async () => {
    const from = await ada.atRest();
    const link = ada.wire.last(tavern.host);
    const before = link.asked("move").length;
    await ada.hold("ArrowRight", "two units to the right", ({ me }) => (me?.x ?? 0) > from.x + 2);
    const at = await ada.atRest();
    expect(at.x).toBeGreaterThan(from.x + 2);
    expect(at.y).toBe(from.y);
    const moves = link.asked("move").slice(before);
    expect(moves.length).toBeGreaterThan(4);
    expect(moves[0]).toMatchObject({ dx: 127, dy: 0 });
    expect(moves.every(({ seq }, i) => i === 0 || seq === (moves[i - 1]?.seq ?? 0) + 1)).toBe(true);
    await until("the snapshot shows it", () => link.meInSnapshot?.x === at.x && link.meInSnapshot.y === at.y);
    await until("Bob sees it", () => bob.frame().entities.some(({ name, x, y }) => name === "Ada" && x === at.x && y === at.y));
  });

  test("chat, the torch, and a sign placed for good", async () => {
    const heard: string[] = [];
    const stop = bob.on("say", ({ name, text }) => heard.push(`${name}: ${text}`));
    await ada.say("Is this thing on?");
    await until("Bob hears it", () => heard.includes("Ada: Is this thing on?"));
    bob.chat("Loud and clear.");
    await ada.reads("chat-log", "Bob: Loud and clear.");
    stop();

    await ada.deed("torch", "use");
    await ada.until("a lit torch", ({ items }) => items.some(({ kind, props }) => kind === "torch" && props.lit === true));
    await until("Bob sees its light", () =>
      bob.frame().entities.some(({ name, holding, components }) => name === "Ada" && holding === "torch" && components.lit === true),
    );

    await ada.deed("sign", "place");
    await ada.at("place-text").fill(WRITTEN);
    await ada.at("place-confirm").click();
    const look = await ada.until("the sign stands", (now) => signsIn(now).length === 1);
    const [sign] = signsIn(look);
    expect(Math.hypot((sign?.x ?? 0) - (look.me?.x ?? 0), (sign?.y ?? 0) - (look.me?.y ?? 0))).toBeLessThan(2);
    expect(kinds(look)).toEqual(KIT.filter((kind) => kind !== "sign"));
    const intents = ada.wire.last(tavern.host).asked("intent");
    expect(intents.map(({ intent }) => intent.kind)).toEqual(["chat", "use", "place"]);
  });

  test("through the portal: out by a transfer, in by the passport, with the torch and without the ale", async () => {
    const out = ada.wire.last(tavern.host);
    const { traveller } = await ada.look();
    await ada.walkIn("ArrowRight");
    const there = await ada.live("The Dungeon");
    const carried = WITHOUT_ALE.filter((kind) => kind !== "sign");
    expect(kinds(there)).toEqual(carried);
    expect(there.items.find(({ kind }) => kind === "torch")?.props.lit).toBe(true);
    expect(there.traveller).toBe(traveller);
    await ada.reads("world-name", "The Dungeon");

    const [transfer] = out.said("transfer");
    expect(transfer?.destination).toMatchObject({ world: dungeon.ready.id, url: dungeon.url });
    expect(out.asked("held")).toEqual([{ t: "held", transfer: transfer?.id }]);
    expect(out.order(...MINOR, "move", "intent").slice(-3)).toEqual(["crossing", "transfer", "held"]);
    expect(out.said("crossing").map(({ stage }) => stage)).toEqual(["asking", "in-transit"]);
    await until("the link to the Tavern is given up", () => out.isClosed);
    const in_ = ada.wire.last(dungeon.host);
    const [hello] = in_.asked("hello");
    expect(hello?.passport).toBe(`${transfer?.passport}.${Buffer.from(transfer?.signature ?? []).toString("base64url")}`);
    expect(in_.order(...MINOR).slice(0, 7)).toEqual(BEGINNING);
    await until("gone from the Tavern", () => seenByBob("Ada") === 0);

    // Customs' word, on paper.
    const rows = ada.at("ruling");
    await ada.reads("customs-report", "The Dungeon");
    const said = await rows.evaluateAll((all) =>
      all.map((row) => [
        (row as HTMLElement).dataset.kind,
        (row as HTMLElement).dataset.verdict,
        row.querySelector(".reason")?.textContent,
      ]),
    );
    const word = new Map(said.map(([kind, verdict, reason]) => [kind, { verdict, reason }]));
    expect(word.get("torch")?.verdict).toBe("admit");
    expect(word.get("sword")?.verdict).toBe("clamp");
    expect(word.get("ale")?.verdict).toBe("refuse");
    expect(word.get("ale")?.reason).toMatch(/\w{4}/);
    expect(lockerKinds(tavern.dataFolder, tavern.ready.id, traveller ?? "")).toEqual(["ale"]);
    await ada.at("report-close").click();
    expect(await auditOf(tavern, dungeon)).toEqual(ALL_WELL);
  });

  test("back west: the Tavern again, and the ale with it", async () => {
    const { portals } = await ada.look();
    const [portal] = portals as [Look["portals"][number]];
    await ada.hold("ArrowRight", "off the portal's stones", ({ me }) => (me?.x ?? 0) > portal.x + portal.w + 1);
    await ada.walkIn("ArrowLeft");
    const home = await ada.live("The Tavern");
    expect(kinds(home)).toEqual(KIT.filter((kind) => kind !== "sign"));
    expect(home.locker).toEqual([]);
    await until("Bob sees her come", () => seenByBob("Ada") === 1);
    expect(signsIn(home).length).toBe(1);
    expect(ada.wire.problems).toEqual([]);
  });
});

describe.skipIf(CHROMIUM === "")("the Tavern dies and comes back", () => {
  let blocksBefore = 0;
  let before: Look;

  test("kill -9: a ghost within five seconds, in grey, with its age shown and growing", async () => {
    before = await ada.live("The Tavern");
    blocksBefore = ada.wire.blocksAskedOf(tavern.host);
    const warm = warmShare(await ada.picture());
    expect(warm).toBeGreaterThan(0.2);
    const killedMs = performance.now();
    await tavern.kill();
    const ghost = await ada.until("a ghost", ({ state }) => state === "GHOST", GHOST_WITHIN_MS);
    const tookMs = performance.now() - killedMs;
    expect(tookMs).toBeLessThan(GHOST_WITHIN_MS);
    expect(ghost.ghost?.ageMs).toBeLessThan(GHOST_WITHIN_MS + 5_000);
    await ada.reads("connection", "Ghost");
    await ada.reads("ghost-banner", "The Tavern is not answering");
    await until("the ghost look", async () => (await ada.at("play").getAttribute("class"))?.includes("ghost") === true);
    const first = Number(/(\d+) s/.exec(await ada.reads("ghost-age", /\d+ s/))?.[1]);
    await until("the age grows", async () => Number(/(\d+) s/.exec((await ada.at("ghost-age").textContent()) ?? "")?.[1]) > first);
    await until("all colour is gone", async () => warmShare(await ada.picture()) < 0.01);
  });

  test("walking works, acting does not", async () => {
    const { me } = await ada.look();
    const framesBefore = ada.wire.links.flatMap(({ frames }) => frames).length;
    const walked = await ada.hold("ArrowLeft", "walked as a ghost", (look) => (look.me?.x ?? 0) < (me?.x ?? 0) - 1.5);
    expect(walked.state).toBe("GHOST");
    await ada.deed("torch", "use");
    await ada.reads("notices", "nobody here to do that");
    const faults = await ada.faultsOfSaying("Hello?");
    expect(faults).toHaveLength(1);
    const later = await ada.look();
    expect(later.items).toEqual(before.items);
    expect(ada.wire.links.flatMap(({ frames }) => frames).length).toBe(framesBefore);
  });

  test("started again: live by itself, the same one, once, with the sign in place and no block fetched", async () => {
    await tavern.start();
    const openMs = performance.now();
    const back = await ada.live("The Tavern", BACK_WITHIN_MS);
    expect(performance.now() - openMs).toBeLessThan(BACK_WITHIN_MS);
    expect(back.traveller).toBe(before.traveller);
    expect(kinds(back)).toEqual(kinds(before));
    expect(back.reconnects).toBe(1);
    // What one walked as a ghost never happened.
    expect(Math.hypot((back.me?.x ?? 0) - (before.me?.x ?? 0), (back.me?.y ?? 0) - (before.me?.y ?? 0))).toBeLessThan(3);
    await ada.until("the sign is there", (look) => signsIn(look).length === 1);
    expect(ada.wire.blocksAskedOf(tavern.host) - blocksBefore).toBe(0);
    await ada.reads("connection", "Live");
    await until("the ghost look is off", async () => (await ada.at("play").getAttribute("class"))?.includes("ghost") === false);
    await until("colour is back", async () => warmShare(await ada.picture()) > 0.2);

    await until("Bob is back too", () => bob.state === "LIVE", BACK_WITHIN_MS);
    await until("Bob sees one Ada", () => seenByBob("Ada") === 1);
    const seen = bob.frame().tick;
    await until("and a second later still one", () => bob.frame().tick > seen + 20);
    expect(seenByBob("Ada")).toBe(1);
    expect(bob.frame().entities.filter(({ kind }) => kind.kind === "build.sign").length).toBe(1);

    const from = await ada.atRest();
    await ada.hold("ArrowLeft", "walking live", ({ me }) => (me?.x ?? 0) < from.x - 1);
    await ada.say("I am back.");
    await ada.reads("chat-log", "Ada: I am back.");
  });

  test("a second visit fetches nothing", async () => {
    const asked = ada.wire.blocksAskedOf(tavern.host);
    await ada.page.reload();
    await ada.at("enter").click();
    const again = await ada.live("The Tavern");
    expect(again.traveller).toBe(before.traveller);
    expect(ada.wire.blocksAskedOf(tavern.host) - asked).toBe(0);
    expect(again.progress?.blocksCached).toBe(again.progress?.blocksTotal);
    expect(kinds(again)).toEqual(kinds(before));
    await until("Bob sees one Ada", () => seenByBob("Ada") === 1);
    expect(signsIn(await ada.look()).length).toBe(1);
  });

  test("and the journals say that nothing was lost or doubled", async () => {
    await bob.leave();
    expect(ada.errors).toEqual([]);
    expect(ada.wire.problems).toEqual([]);
    expect(await auditOf(tavern, dungeon)).toEqual(ALL_WELL);
  });
});
