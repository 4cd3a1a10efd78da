// A world that lost the end of its journal, by real processes' files and real peers: what it opens from, whom it asks, and that nobody is doubled.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { CUSTODY } from "@sojourn/protocol";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { audit } from "./audit.ts";
import { RawVisitor, type Said } from "./fixtures/raw-visitor.ts";
import { TestWorlds } from "./fixtures/test-worlds.ts";
import type { RunningWorld } from "./options.ts";
import { readTransfers } from "./orders/transfers.ts";

let worlds: TestWorlds;
beforeEach(() => {
  worlds = new TestWorlds();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await worlds.dispose();
});

const journal = (): string => join(worlds.dataFolder("a"), "journal");
const tokenOf = (transfer: Said<"transfer">): string => `${transfer.passport}.${Buffer.from(transfer.signature).toString("base64url")}`;

async function cross(visitor: RawVisitor, to: RunningWorld): Promise<RawVisitor> {
  await visitor.walkTo(21, 5.5);
  const transfer = await visitor.until("the passport", () => visitor.last("transfer"));
  const there = await RawVisitor.enter(to.wsUrl, "Ada", visitor.keys, tokenOf(transfer));
  await visitor.until("the receipt", () => visitor.rejected());
  return there;
}

/** Ada is in A by its newest checkpoint, and leaves for B after it; Bob is born after it. */
async function played(): Promise<{ b: RunningWorld; ada: RawVisitor; bob: RawVisitor }> {
  const { a, b } = await worlds.pair();
  const early = await RawVisitor.enter(a.wsUrl, "Ada");
  await early.leave();
  await worlds.close(a);
  const again = await worlds.open("a", { to: "b", customs: { "*": { allow: ["*"] } } }, { checkpointRecords: 1 });
  await worlds.close(again);
  const last = await worlds.open("a", { to: "b", customs: { "*": { allow: ["*"] } } }, { checkpointRecords: 1_000_000 });
  await b.addPeer({ world: last.id, name: "a", url: last.url });
  const ada = await cross(await RawVisitor.enter(last.wsUrl, "Ada", early.keys), b);
  const bob = await RawVisitor.enter(last.wsUrl, "Bob");
  await worlds.close(last);
  return { b, ada, bob };
}

it("[X45] [X47] [X49] opens from its newest checkpoint, asks, and then nobody is in two places", { timeout: 40_000 }, async () => {
  const { b, ada } = await played();
  const last = readdirSync(journal()).filter((name) => name.endsWith(".segment"));
  for (const name of last.slice(-1)) rmSync(join(journal(), name));
  const customs = { "*": { allow: ["*"] } };
  await expect(worlds.open("a", { to: "b", customs })).rejects.toThrow(/backup.*--amnesia.*newest checkpoint/);
  const again = await worlds.open("a", { to: "b", customs }, { amnesia: true });
  await b.addPeer({ world: again.id, name: "a", url: again.url });
  const folder = worlds.dataFolder("a");
  let known = await readTransfers(folder);
  for (let i = 0; i < 100 && known.lost === undefined; i++) known = await readTransfers(folder);
  expect(known.lost).toMatchObject({ travellersLeft: 1, itemsLeft: 4, peers: [{ world: b.id, state: "whole" }] });
  expect(known.remembering).toBeUndefined();
  expect(await audit([folder, worlds.dataFolder("b")])).toMatchObject({
    ...{ travellers: 1, travellersLost: 0, travellersDuplicated: 0, itemsDuplicated: 0, unresolved: 0, wrong: [] },
  });
  expect(readdirSync(folder).filter((name) => name.startsWith("journal.lost-")).length).toBe(1);
  expect(readdirSync(folder)).not.toContain("amnesia-begun");
  // Ada comes home, and the world is as any other.
  await ada.walkTo(17, 9);
  const home = await cross(ada, again);
  expect(home.items.length).toBe(4);
});

it("[X46] without its peers' word lets nobody in, and says for whom it waits", { timeout: 40_000 }, async () => {
  const { b } = await played();
  await worlds.close(b);
  rmSync(journal(), { recursive: true });
  const again = await worlds.open("a", { to: "b", customs: { "*": { allow: ["*"] } } }, { amnesia: true });
  await expect(RawVisitor.enter(again.wsUrl, "Eve")).rejects.toThrow(/busy.*lost a part of its memory/);
  expect(await (await fetch(`${again.url}/healthz`)).json()).toMatchObject({ status: "remembering" });
  expect((await readTransfers(worlds.dataFolder("a"))).remembering?.peers).toEqual([{ world: b.id, name: "b", state: "asking" }]);
});

it("[X47] waits no longer for a peer that is gone for good when its operator says so, a day after it was asked", {
  timeout: 40_000,
}, async () => {
  const { b } = await played();
  await worlds.close(b);
  rmSync(journal(), { recursive: true });
  const again = await worlds.open("a", { to: "b", customs: { "*": { allow: ["*"] } } }, { amnesia: true });
  const order = { do: "give-up", world: b.id, by: "Olga" } as const;
  expect(await again.carryOut({ ...order, world: again.id })).toMatchObject({ fault: { code: "no-such-target" } });
  expect(await again.carryOut(order)).toMatchObject({ fault: { code: "not-allowed", detail: expect.stringContaining("a day after") } });
  const now = Date.now;
  vi.spyOn(Date, "now").mockImplementation(() => now() + CUSTODY.giveUpMs);
  expect(await again.carryOut(order)).toEqual({});
  const folder = worlds.dataFolder("a");
  const isOpen = async (): Promise<boolean> => (await readTransfers(folder)).remembering === undefined;
  for (let i = 0; i < 100 && !(await isOpen()); i++) await setTimeout(50);
  expect((await readTransfers(folder)).lost).toMatchObject({ peers: [{ world: b.id, state: "given-up" }] });
  const eve = await RawVisitor.enter(again.wsUrl, "Eve");
  expect(eve.items.length).toBeGreaterThan(0);
});
