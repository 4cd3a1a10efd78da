// A registered crown goes around three real worlds, and whose register it is dies on the way: sealed until its maker's word is there.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enter, type Visitor } from "@sojourn/client";
import { nodeTraveller } from "@sojourn/client/node";
import { audit } from "@sojourn/world";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { RingWorld } from "./ring-world.ts";

let folder: string;
let forge: RingWorld;
let tavern: RingWorld;
let dungeon: RingWorld;
let ring: readonly RingWorld[];
let ada: Visitor | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sojourn-register-"));
  const world = (name: string, next: string): RingWorld => new RingWorld(name, next, join(folder, name));
  [forge, tavern, dungeon] = [world("forge", "tavern"), world("tavern", "dungeon"), world("dungeon", "forge")];
  ring = [forge, tavern, dungeon];
  await Promise.all(ring.map((each) => each.start()));
  for (const each of ring) for (const other of ring) if (each !== other) await each.pin(other);
});
afterAll(async () => {
  await ada?.leave();
  await Promise.all((ring ?? []).map((each) => each.kill()));
  await rm(folder, { recursive: true, force: true });
});

async function until(what: () => boolean, withinMs = 20_000): Promise<void> {
  await vi.waitFor(() => expect(what()).toBe(true), { timeout: withinMs, interval: 5 });
}

/** Walks right through the field until it leads into the next world. */
async function crossTo(visitor: Visitor, there: RingWorld): Promise<void> {
  await until(() => {
    if (visitor.state === "LIVE" && visitor.worldUrl === there.url) return true;
    if (visitor.state === "LIVE") visitor.walk(1, Math.sign(6 - (visitor.me?.y ?? 6)) * 0.2);
    return false;
  }, 30_000);
  visitor.walk(0, 0);
}

const seals = (visitor: Visitor): unknown[] => visitor.items.map(({ kind, sealed }) => [kind, sealed]);

test("[E14] [E17] [E18] sealed while its maker is dead, in use again when it is back, and home at last", async () => {
  ada = enter(forge.url, { name: "Ada", ...nodeTraveller(join(folder, "ada")) });
  const visitor = ada;
  await until(() => visitor.state === "LIVE" && visitor.items.length === 1);
  expect(seals(visitor)).toEqual([["crown", undefined]]);

  await crossTo(visitor, tavern);
  await until(() => visitor.items.length === 1 && visitor.items[0]?.sealed === undefined);

  await forge.kill();
  await crossTo(visitor, dungeon);
  await until(() => visitor.items.length === 1);
  expect(seals(visitor)).toEqual([["crown", "unregistered"]]);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(seals(visitor)).toEqual([["crown", "unregistered"]]);

  await forge.start();
  await until(() => visitor.items[0]?.sealed === undefined, 40_000);

  await crossTo(visitor, forge);
  await until(() => visitor.items.length === 1);
  expect(seals(visitor)).toEqual([["crown", undefined]]);
  await visitor.leave();
  await Promise.all(ring.map((each) => each.kill()));
  const counts = await audit(ring.map(({ dataFolder }) => dataFolder));
  expect(counts).toMatchObject({ travellers: 1, items: 1, itemsLost: 0, itemsDuplicated: 0, travellersDuplicated: 0, wrong: [] });
}, 150_000);
