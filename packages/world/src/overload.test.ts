// Worlds with more to do than there is time for: everybody is told, nobody new is let in, and who was promised a place gets it.
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { newKeys, RawVisitor, until } from "./fixtures/raw-visitor.ts";
import { TestWorlds } from "./fixtures/test-worlds.ts";

let worlds: TestWorlds;
beforeEach(() => {
  worlds = new TestWorlds();
});
afterEach(() => worlds.dispose());

/** An author's tick that takes as long as `burden` says. */
function burdened(burden: { ms: number }): object {
  return {
    onTick: () => {
      const end = performance.now() + burden.ms;
      while (performance.now() < end);
    },
  };
}

it("[M4] [M5] an overloaded world slows its time and says so, lets nobody new in, and keeps those who are there", async () => {
  const burden = { ms: 0 };
  const warned: string[] = [];
  const note = (event: string): void => void warned.push(event);
  const log = { debug: () => {}, info: note, warn: note, error: note };
  const world = await worlds.open("a", burdened(burden), { log });
  const ada = await RawVisitor.enter(world.wsUrl, "Ada");
  expect(ada.own?.pace).toBe(1);
  burden.ms = 100;
  await until("slower time", () => (ada.own?.pace ?? 1) < 0.55, 15_000);
  expect(world.stats().pace).toBeLessThan(0.55);
  await until("newcomers waiting", () => !world.stats().takesNewcomers, 15_000);
  expect(warned).toEqual(expect.arrayContaining(["time dilated", "newcomers are asked to wait"]));

  // Slower, but even: a tick each period, and steps still walked.
  const [fromTick, from] = [world.stats().tick, ada.own?.y ?? 0];
  for (let n = 0; n < 6; n++) {
    ada.move(0, 127);
    await sleep(120);
  }
  expect(world.stats().tick - fromTick).toBeGreaterThan(2);
  await ada.until("a step", () => (ada.own?.y ?? 0) > from);

  await expect(RawVisitor.enter(world.wsUrl, "Bob")).rejects.toThrow(/^busy: /);
  const bob = new RawVisitor(world.wsUrl);
  await bob.knock("Bob");
  const refusal = await bob.until("the refusal", () => bob.rejected());
  expect(refusal.fault).toMatchObject({ code: "busy", blame: "world", retryAfterMs: 10_000 });

  // Her body stands in the world: a new link of hers is let in.
  const again = await RawVisitor.enter(world.wsUrl, "Ada", ada.keys);
  expect(again.last("welcome")?.resumed).toBe(true);

  burden.ms = 0;
  await until("time as ever", () => world.stats().pace === 1 && again.own?.pace === 1, 25_000);
  await until("newcomers", () => world.stats().takesNewcomers);
  await (await RawVisitor.enter(world.wsUrl, "Cleo")).leave();
}, 90_000);

it("[M5] a place that was promised with an offer is not given to anybody else, and is there when the traveller comes, however busy it got", async () => {
  const burden = { ms: 0 };
  const { a, b } = await worlds.pair({ capacity: 1, entry: "open", ...burdened(burden) });
  const ada = await RawVisitor.enter(a.wsUrl, "Ada");
  await ada.walkTo(20.5, 5.5);
  const transfer = await ada.until("the passport", () => ada.last("transfer"));
  // The one place is hers from now on.
  await expect(RawVisitor.enter(b.wsUrl, "Bob", newKeys())).rejects.toThrow(/^busy: /);
  burden.ms = 100;
  await until("newcomers waiting", () => !b.stats().takesNewcomers, 20_000);
  const passport = `${transfer.passport}.${Buffer.from(transfer.signature).toString("base64url")}`;
  const there = await RawVisitor.enter(b.wsUrl, "Ada", ada.keys, passport);
  expect(there.last("welcome")?.from).toBe("a");
}, 60_000);
