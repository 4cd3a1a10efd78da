// What an operator does with crossings that never end, on real journals: seen and ended in a world that runs and in one that is closed.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keysFromSecret } from "@sojourn/passport";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { audit } from "../audit.ts";
import { worldKeys } from "../authority/identity.ts";
import { TestWorlds } from "../fixtures/test-worlds.ts";
import { Ledger, openJournal } from "../kernel/ledger.ts";
import type { RunningWorld } from "../options.ts";
import { followOrders, placeOrder } from "./orders.ts";
import { returnTransfer } from "./return-transfer.ts";
import { readTransfers } from "./transfers.ts";

const DAY_MS = 86_400_000;
const ADA = keysFromSecret(new Uint8Array(32).fill(50)).id;
const GONE = keysFromSecret(new Uint8Array(32).fill(60)).id;
const BODY = { health: 100, props: {} };

let worlds: TestWorlds;
let folder: string;
let transfer: string;
const stops: (() => void)[] = [];
beforeEach(async () => {
  worlds = new TestWorlds();
  folder = worlds.dataFolder("a");
  await worlds.close(await worlds.open("a"));
});
afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  await worlds.dispose();
});

/** Ada left for a world that is gone, so many days ago. */
async function departed(daysAgo: number): Promise<void> {
  const { notary } = await worldKeys(folder);
  const ledger = new Ledger(openJournal(folder), notary.world, Date.now);
  const t = Date.now() - daysAgo * DAY_MS;
  transfer = `1@${notary.world}`;
  const item = { id: `1@${notary.world}`, kind: "torch", props: {}, contents: [] };
  ledger.take({ r: "born", t, traveller: ADA, name: "Ada", body: BODY });
  ledger.take({ r: "mint", t, item, place: { in: "inventory", of: ADA } });
  const person = { traveller: ADA, name: "Ada", home: notary.world, hop: 1, body: BODY };
  const signed = { iss: notary.world, aud: GONE, iat: t, exp: t + 120_000, transfer, epoch: 1 };
  const passport = notary.sign({ typ: "passport", ...signed, ...person, items: [{ ...item, hop: 1, contents: [] }], offer: "none" });
  const hash = notary.hash(passport);
  ledger.take({ r: "depart", t, n: 1, to: GONE, traveller: ADA, passport, hash, items: [item.id], kept: [], body: BODY, exp: t + 120_000 });
  ledger.commit();
  ledger.close();
}

async function running(): Promise<RunningWorld> {
  const world = await worlds.open("a");
  stops.push(
    followOrders(
      folder,
      (order) => world.carryOut(order),
      (problem) => expect.fail(problem),
    ),
  );
  return world;
}

const order = (early = false) => ({ do: "return", transfer, by: "Olga", why: "it is gone", early }) as const;

describe("a crossing that does not end", () => {
  it("[X40] is ended in a closed world's journal, and shown with all that is known", async () => {
    await departed(8);
    const before = await readTransfers(folder);
    expect(before).toMatchObject({ isRunning: false, counts: { open: 1 }, open: [{ transfer, name: "Ada", to: GONE, things: ["torch"] }] });
    expect(await returnTransfer(folder, order())).toEqual({ ok: true, value: "closed" });
    const after = await readTransfers(folder);
    expect(after.open).toEqual([]);
    expect(after.overridden).toMatchObject([{ transfer, by: "Olga", why: "it is gone", traveller: ADA }]);
    expect(after.resolved).toMatchObject([{ transfer, outcome: "overridden" }]);
    expect(await audit([folder])).toMatchObject({ unresolved: 0, travellersLost: 0, itemsLost: 0, itemsDuplicated: 0, wrong: [] });
  });

  it("[X40] is ended by the running world itself, which answers when it is durable and goes on", async () => {
    await departed(8);
    const world = await running();
    expect((await readTransfers(folder)).open).toMatchObject([
      { transfer, asked: expect.any(Number), next: expect.stringMatching(/^in \d+ s/) },
    ]);
    expect(await returnTransfer(folder, order())).toEqual({ ok: true, value: "running" });
    expect((await readTransfers(folder)).overridden).toMatchObject([{ transfer, by: "Olga" }]);
    expect(world.stats().returned).toBe(1);
    expect(readdirSync(join(folder, "orders"))).toEqual([]);
  });

  it("[X41] is not ended before its time, by neither, and the fault says what is missing", async () => {
    await departed(3);
    expect(await returnTransfer(folder, order())).toMatchObject({ ok: false, fault: { code: "not-allowed" } });
    await running();
    expect(await returnTransfer(folder, order())).toMatchObject({ ok: false, fault: { code: "not-allowed" } });
    expect(await returnTransfer(folder, order(true))).toEqual({ ok: true, value: "running" });
  });
});

describe("orders", () => {
  it("that nobody took in time are void, and what is no order is answered as such", { timeout: 20_000 }, async () => {
    await departed(8);
    expect(await placeOrder(folder, order())).toBeUndefined();
    const box = join(folder, "orders");
    mkdirSync(box, { recursive: true });
    writeFileSync(join(box, "order-00000000000000aa.json"), JSON.stringify({ untilMs: Date.now() - 1, order: order() }));
    writeFileSync(join(box, "order-00000000000000bb.json"), '{"untilMs":99999999999999,"order":{"do":"burn"}}');
    writeFileSync(join(box, "order-00000000000000cc.json"), "x".repeat(100_000));
    await running();
    await expect.poll(() => readdirSync(box)).toEqual(["answer-00000000000000bb.json"]);
    expect((await readTransfers(folder)).counts.open).toBe(1);
  });
});
