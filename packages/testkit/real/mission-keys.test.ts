// Operators who change their worlds' keys by the command while somebody is on the way, with the identity key taken out of the folder.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { enter } from "@sojourn/client";
import { nodeTraveller } from "@sojourn/client/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newKeys, RawTraveller, tokenOf } from "./mission/raw-traveller.ts";
import { until } from "./mission/until.ts";
import { ALL_WELL, auditOf, introduce, Realm, sojourn, type WorldProcess } from "./mission/world-process.ts";

let realm: Realm;
let tavern: WorldProcess;
let dungeon: WorldProcess;

beforeAll(async () => {
  realm = await Realm.open();
  [tavern, dungeon] = await Promise.all([
    realm.world("tavern", "tavern", "--no-web", "--heartbeat", "0"),
    realm.world("dungeon", "dungeon", "--no-web", "--heartbeat", "0"),
  ]);
  await introduce(tavern, dungeon);
});
afterAll(async () => {
  await realm?.end();
});

/** `sojourn key …` for a world; what it says on its last line. */
async function key(world: WorldProcess, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, value } = await sojourn("key", ...args, "--data", world.dataFolder);
  expect(code, JSON.stringify(value)).toBe(0);
  return value;
}

/** The key that a world's door shows: its identity key while it shows none. */
async function signing(world: WorldProcess): Promise<string> {
  const asked = await RawTraveller.knock(world.ready.play);
  asked.send(asked.hello());
  const challenge = await until("a challenge", () => asked.last("challenge"));
  asked.link.close();
  return challenge.kid ?? challenge.world;
}

const atDungeon = (keys: ReturnType<typeof newKeys>, passport: string): Promise<string> =>
  RawTraveller.answerTo(dungeon.ready.play, keys, passport);

async function takesOver(world: WorldProcess, signs: unknown): Promise<void> {
  for (const endMs = performance.now() + 10_000; (await signing(world)) !== signs; )
    if (performance.now() > endMs) throw new Error("the running world did not take the new key over");
}

test("a traveller crosses while the origin's identity key leaves its folder and another key signs [P13] [P14]", async () => {
  const ada = newKeys();
  const leaving = await RawTraveller.enter(tavern.ready.play, ada);
  const transfer = await leaving.walkInto(127);
  expect(await signing(tavern)).toBe(tavern.ready.id);
  const file = join(realm.folder, "tavern.identity");
  const detached = await key(tavern, "detach", "--to", file);
  expect(detached).toMatchObject({ world: tavern.ready.id, version: 1, identity: "elsewhere" });
  expect(existsSync(join(tavern.dataFolder, "world.key"))).toBe(false);
  await takesOver(tavern, detached.signs);
  const there = await RawTraveller.enter(dungeon.ready.play, ada, tokenOf(transfer));
  expect(await leaving.ended("the visit at the Tavern")).toBe("away");
  await there.leave();
  expect(await auditOf(tavern, dungeon)).toEqual(ALL_WELL);
});

test("without its identity key the world opens again after kill -9, is the same world, and a client goes in and across [C1] [P14]", async () => {
  const { id } = tavern.ready;
  await tavern.kill();
  await tavern.start();
  expect(tavern.ready.id).toBe(id);
  expect(await signing(tavern)).not.toBe(id);
  const visitor = enter(tavern.url, { name: "Bob", ...nodeTraveller(join(realm.folder, "bob")) });
  try {
    await until("Bob is in the Tavern", () => visitor.state === "LIVE" && visitor.me !== undefined);
    await until("Bob walks into the portal", () => {
      visitor.walk(1, 0);
      return visitor.crossing !== undefined;
    });
    visitor.walk(0, 0);
    await until("Bob is in the Dungeon", () => visitor.state === "LIVE" && visitor.worldUrl === dungeon.url);
  } finally {
    await visitor.leave();
  }
  const inspected = await sojourn("inspect", tavern.url);
  expect(inspected).toMatchObject({ code: 0, value: { world: { id } } });
  expect(await auditOf(tavern, dungeon)).toEqual(ALL_WELL);
});

test("whom a key let go that was then revoked comes back with everything, and goes again by the new key [P13] [X13]", async () => {
  const eve = newKeys();
  const leaving = await RawTraveller.enter(tavern.ready.play, eve);
  const carried = leaving.kinds;
  const transfer = await leaving.walkInto(127);
  const needs = await sojourn("key", "revoke", "--data", tavern.dataFolder);
  expect(needs).toMatchObject({ code: 1, value: { fault: { code: "no-such-target" } } });
  const revoked = await key(tavern, "revoke", "--identity", join(realm.folder, "tavern.identity"));
  await takesOver(tavern, revoked.signs);
  // In other hands it decides nothing: that tells whether the Dungeon has heard of the revocation.
  for (const endMs = performance.now() + 10_000; (await atDungeon(newKeys(), tokenOf(transfer))) !== "forged"; )
    if (performance.now() > endMs) throw new Error("the Dungeon never heard of the revocation");
  expect(await atDungeon(eve, tokenOf(transfer))).toBe("forged");
  leaving.send({ t: "stay", transfer: transfer.id });
  await until("Eve is back", () => leaving.heard.some((message) => message.t === "crossing" && message.stage === "returned"));
  await until("with everything", () => leaving.kinds.join() === carried.join());
  await leaving.leave();
  expect(await auditOf(tavern, dungeon)).toEqual(ALL_WELL);
  const shown = await key(tavern, "show");
  expect(shown).toMatchObject({ version: 2, signs: revoked.signs });
});
