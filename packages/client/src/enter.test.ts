// One visitor against a world that does what the test says: what is signed, what is stored when, what a ghost may do.
import { keysFromSecret } from "@sojourn/passport";
import type { ClientMessage, Item, Move } from "@sojourn/protocol";
import { type KeyValue, memoryKeyValue } from "@sojourn/runtime";
import { memoryStore } from "@sojourn/substrate";
import { ScriptedWorld } from "@sojourn/testkit";
import { afterEach, describe, expect, test, vi } from "vitest";
import { enterScripted } from "./fixtures/enter-scripted.ts";
import { forgetWorld, keptCrossing } from "./kept.ts";
import type { EnterOptions, Visitor } from "./visitor.ts";

const URL_A = "http://a.test";
const URL_B = "http://b.test";
const visitors: Visitor[] = [];

afterEach(async () => {
  for (const visitor of visitors.splice(0)) await visitor.leave();
});

function visit(worlds: readonly ScriptedWorld[], options: Partial<EnterOptions> = {}): Visitor {
  const visitor = enterScripted(worlds, options);
  visitors.push(visitor);
  return visitor;
}

async function until(what: () => boolean, withinMs = 3_000): Promise<void> {
  await vi.waitFor(() => expect(what()).toBe(true), { timeout: withinMs, interval: 5 });
}

const said = (world: ScriptedWorld, t: ClientMessage["t"] | Move["t"]): number => world.heard.filter((message) => message.t === t).length;

/** What an origin says when it lets a traveller go. */
function transferTo(world: ScriptedWorld) {
  const destination = { world: world.keys.id, name: world.manifest.name, url: world.url };
  return {
    t: "transfer",
    id: `1@${world.keys.id}`,
    destination,
    passport: "head.body",
    signature: new Uint8Array(64),
    expiresMs: 0,
  } as const;
}

describe("a visitor", () => {
  test("enters, sees itself, walks as the world walks, and leaves nothing behind", async () => {
    const world = await ScriptedWorld.open(URL_A, 1, "Field");
    const visitor = visit([world]);
    const states: string[] = [];
    visitor.on("state", (state) => states.push(state));
    await until(() => visitor.state === "LIVE");
    expect(states).toEqual(["LOADING_SUBSTRATE", "SYNCING", "LIVE"]);
    visitor.walk(1, 0);
    await until(() => world.body.x > 5);
    visitor.walk(0, 0);
    await until(() => visitor.me?.x === world.body.x);
    expect(visitor.stats.largestCorrection).toBe(0);
    const frame = visitor.frame();
    expect(frame.me).toMatchObject({ isMe: true, id: 7, kind: { sprite: "traveller" } });
    expect(frame.entities).toHaveLength(1);
    await visitor.leave();
    await expect(visitor.closed).resolves.toBeUndefined();
    expect(visitor.state).toBe("CLOSED");
    expect(said(world, "bye")).toBe(1);
  });

  test("a walk begun in the very moment one is live, with no frame ever drawn, is walked", async () => {
    const world = await ScriptedWorld.open(URL_A, 1, "Field");
    const visitor = visit([world]);
    visitor.on("live", () => visitor.walk(0, 1));
    await until(() => world.body.y > 5);
    expect(visitor.stats.largestCorrection).toBe(0);
  });

  test("signs nothing for a world that does not prove who it is", async () => {
    const world = await ScriptedWorld.open(URL_A, 1, "Field");
    const liar = keysFromSecret(new Uint8Array(32).fill(9));
    world.answer = (message) => {
      if (message.t !== "hello") return false;
      world.challenge(message, liar);
      return true;
    };
    const visitor = visit([world]);
    expect(await visitor.closed).toMatchObject({ code: "bad-proof", blame: "world" });
    expect(said(world, "prove")).toBe(0);
  });

  test("signs nothing for another world at a known address, until that world is forgotten", async () => {
    const storage = memoryKeyValue();
    const first = await ScriptedWorld.open(URL_A, 1, "Field");
    const visitor = visit([first], { storage });
    await until(() => visitor.state === "LIVE");
    await visitor.leave();
    const second = await ScriptedWorld.open(URL_A, 2, "Field");
    const again = visit([second], { storage });
    expect(await again.closed).toMatchObject({ code: "bad-proof" });
    expect(said(second, "prove")).toBe(0);
    await forgetWorld(storage, URL_A);
    const third = visit([second], { storage });
    await until(() => third.state === "LIVE");
  });
});

describe("a ghost", () => {
  test("when nothing is heard one is a ghost, walks alone, acts in vain, and is live again where the world says", async () => {
    const world = await ScriptedWorld.open(URL_A, 1, "Field");
    const visitor = visit([world]);
    await until(() => visitor.state === "LIVE");
    world.isSilent = true;
    const silentMs = performance.now();
    await until(() => visitor.state === "GHOST", 5_000);
    expect(performance.now() - silentMs).toBeLessThan(5_000);
    expect(visitor.ghost?.reason.code).toBe("too-slow");
    expect(visitor.ghost?.ageMs).toBeGreaterThan(3_000);
    const refusals: string[] = [];
    visitor.on("reject", ({ fault, intent }) => refusals.push(`${intent?.kind} ${fault.code}`));
    visitor.chat("is anybody there?");
    expect(refusals).toEqual(["chat out-of-order"]);
    visitor.walk(0, 1);
    await until(() => (visitor.me?.y ?? 0) > 5);
    expect(visitor.frame().ghost).toBe(true);
    expect(world.body.y).toBe(4);
    visitor.walk(0, 0);
    world.isSilent = false;
    world.sayTick();
    await until(() => visitor.state === "LIVE");
    await until(() => visitor.me?.y === 4);
    expect(visitor.ghost).toBeUndefined();
  }, 15_000);

  test("a lost link is made again, and the picture stays meanwhile", async () => {
    const world = await ScriptedWorld.open(URL_A, 1, "Field");
    const visitor = visit([world]);
    await until(() => visitor.state === "LIVE");
    world.isDown = true;
    world.breakLink();
    await until(() => visitor.state === "GHOST");
    expect(visitor.frame().entities).toHaveLength(1);
    world.isDown = false;
    await until(() => visitor.state === "LIVE");
    expect(visitor.frame().entities).toHaveLength(1);
    expect(visitor.stats.reconnects).toBe(1);
    visitor.walk(1, 0);
    await until(() => world.body.x > 5);
  });

  test("a world seen before is there at once although nobody answers for it", async () => {
    const [storage, cache] = [memoryKeyValue(), memoryStore()];
    const world = await ScriptedWorld.open(URL_A, 1, "Field");
    const visitor = visit([world], { storage, cache });
    await until(() => visitor.state === "LIVE");
    visitor.walk(1, 0);
    await until(() => (visitor.me?.x ?? 0) > 5);
    await visitor.leave();
    world.isDown = true;
    const later = visit([world], { storage, cache, sources: () => [], now: () => Date.now() + 60_000 });
    await until(() => later.state === "GHOST");
    expect(later.manifest?.name).toBe("Field");
    expect(later.ghost?.ageMs).toBeGreaterThanOrEqual(59_000);
    expect(later.me?.x).toBeGreaterThan(5);
    later.walk(0, 1);
    await until(() => (later.me?.y ?? 0) > 5);
    later.walk(0, 0);
    expect(later.frame().me).toMatchObject({ isMe: true, kind: { sprite: "traveller" } });
    world.isDown = false;
    await until(() => later.state === "LIVE", 5_000);
    await until(() => later.me?.y === 4);
  }, 15_000);
});

describe("a crossing", () => {
  test("the passport is stored before the origin hears that it is held", async () => {
    const [origin, destination] = [await ScriptedWorld.open(URL_A, 1, "A"), await ScriptedWorld.open(URL_B, 2, "B")];
    const inner = memoryKeyValue();
    let release: () => void = () => {};
    const slow: KeyValue = {
      ...inner,
      set: async (key, value) => {
        if (key === "crossing") await new Promise<void>((resolve) => (release = resolve));
        await inner.set(key, value);
      },
    };
    const visitor = visit([origin, destination], { storage: slow });
    const arrivals: unknown[] = [];
    visitor.on("arrived", (arrival) => arrivals.push(arrival));
    await until(() => visitor.state === "LIVE");
    origin.say(transferTo(destination));
    await until(() => visitor.crossing?.stage === "holding");
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(said(origin, "held")).toBe(0);
    release();
    await until(() => visitor.state === "LIVE" && visitor.worldUrl === URL_B);
    expect(said(origin, "held")).toBe(1);
    expect(destination.heard[0]).toMatchObject({ t: "hello", passport: `head.body.${"A".repeat(86)}` });
    expect(visitor.crossing?.stage).toBe("arrived");
    expect(arrivals).toMatchObject([{ world: "A" }, { world: "B" }]);
    await until(() => visitor.manifest?.name === "B");
    expect(await keptCrossing(inner)).toBeUndefined();
  });

  test("a storage that fails keeps one at the origin: held is never said", async () => {
    const [origin, destination] = [await ScriptedWorld.open(URL_A, 1, "A"), await ScriptedWorld.open(URL_B, 2, "B")];
    const inner = memoryKeyValue();
    const full: KeyValue = {
      ...inner,
      set: async (key, value) => {
        if (key === "crossing") throw new Error("no space left");
        await inner.set(key, value);
      },
    };
    const visitor = visit([origin, destination], { storage: full });
    const faults: string[] = [];
    visitor.on("reject", ({ fault }) => faults.push(fault.code));
    await until(() => visitor.state === "LIVE");
    origin.say(transferTo(destination));
    await until(() => said(origin, "stay") === 1);
    expect(said(origin, "held")).toBe(0);
    expect(faults).toEqual(["store-failed"]);
    origin.enter(true);
    await until(() => visitor.state === "LIVE");
    expect(visitor.crossing?.stage).toBe("returned");
    expect(destination.links).toBe(0);
  });

  test("a passport in hand when the program ended is presented by the next one, byte for byte", async () => {
    const [origin, destination] = [await ScriptedWorld.open(URL_A, 1, "A"), await ScriptedWorld.open(URL_B, 2, "B")];
    const storage = memoryKeyValue();
    destination.isDown = true;
    const visitor = visit([origin, destination], { storage });
    await until(() => visitor.state === "LIVE");
    origin.say(transferTo(destination));
    await until(() => (visitor.crossing?.attempts ?? 0) > 0);
    await visitor.leave();
    destination.isDown = false;
    const next = visit([origin, destination], { storage });
    await until(() => next.state === "LIVE");
    expect(next.worldUrl).toBe(URL_B);
    expect(next.traveller).toBe(visitor.traveller);
    expect(destination.heard[0]).toMatchObject({ passport: `head.body.${"A".repeat(86)}` });
    expect(await keptCrossing(storage)).toBeUndefined();
  });

  test("a destination that is another world gets nothing, one that refuses sends one back with its word", async () => {
    const [origin, destination] = [await ScriptedWorld.open(URL_A, 1, "A"), await ScriptedWorld.open(URL_B, 2, "B")];
    destination.answer = (message) => {
      if (message.t !== "prove") return false;
      const why = { code: "refused", blame: "world", detail: "no torches here", retryAfterMs: 0 } as const;
      destination.say({ t: "reject", fault: why, final: true, refusal: "signed.word.of-b" });
      return true;
    };
    origin.answer = (message) => {
      if (message.t === "prove" && said(origin, "held") > 0) origin.say(transferTo(destination));
      else if (message.t === "stay") origin.say({ t: "manifest", ...origin.manifest });
      else return false;
      return true;
    };
    const visitor = visit([origin, destination]);
    await until(() => visitor.state === "LIVE");
    origin.say(transferTo(destination));
    await until(() => visitor.crossing?.stage === "returned");
    expect(visitor.state).toBe("LIVE");
    expect(visitor.worldUrl).toBe(URL_A);
    expect(visitor.crossing).toMatchObject({ fault: { code: "refused", detail: "no torches here" }, destination: "B" });
    expect(origin.heard).toContainEqual({ t: "relay", message: "signed.word.of-b" });
  });

  test("a destination that does not answer is not waited for: one asks the origin to be taken back", async () => {
    const [origin, destination] = [await ScriptedWorld.open(URL_A, 1, "A"), await ScriptedWorld.open(URL_B, 2, "B")];
    destination.isDown = true;
    origin.answer = (message) => {
      if (message.t === "prove" && said(origin, "held") > 0) origin.say(transferTo(destination));
      else if (message.t === "stay") origin.say({ t: "manifest", ...origin.manifest });
      else return false;
      return true;
    };
    const visitor = visit([origin, destination]);
    await until(() => visitor.state === "LIVE");
    const startedMs = performance.now();
    origin.say(transferTo(destination));
    await until(() => visitor.crossing?.stage === "in-transit");
    expect(visitor.crossing?.canStay).toBe(true);
    await until(() => visitor.crossing?.stage === "returned", 6_000);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(visitor.worldUrl).toBe(URL_A);
  }, 15_000);
});

describe("what is said and heard", () => {
  test("things, customs, notices and refusals reach the author as they were said", async () => {
    const world = await ScriptedWorld.open(URL_A, 1, "Field");
    const visitor = visit([world]);
    const log: string[] = [];
    visitor.on("notice", ({ text, tone }) => log.push(`notice ${tone} ${text}`));
    visitor.on("reject", ({ fault, intent }) => log.push(`reject ${fault.code} ${intent?.kind}`));
    visitor.on("items", ({ items }) => log.push(`items ${items.map((item) => item.kind)}`));
    visitor.on("crossing", ({ stage, rulings }) => log.push(`crossing ${stage} ${rulings.length}`));
    await until(() => visitor.state === "LIVE");
    log.length = 0;
    const torch: Item = { id: `1@${world.keys.id}`, kind: "torch", props: {}, contents: [] };
    world.say({ t: "notice", text: "The fire is low.", tone: "warn" });
    world.say({ t: "items", items: [torch], locker: [] });
    visitor.use(torch.id);
    await until(() => said(world, "intent") === 1);
    world.say({ t: "reject", seq: 1, final: false, fault: { code: "not-usable", blame: "client", detail: "It is wet.", retryAfterMs: 0 } });
    const ruling = { item: torch.id, kind: "torch", verdict: "refuse", reason: "no fire" } as const;
    world.say({ t: "crossing", stage: "asking", destination: "B", rulings: [ruling] });
    await until(() => log.length === 4);
    expect(log).toEqual(["notice warn The fire is low.", "items torch", "reject not-usable use", "crossing asking 1"]);
    expect(visitor.items).toEqual([torch]);
  });

  test("what cannot be said is refused here, and a world that breaks the rules is left and tried again", async () => {
    const world = await ScriptedWorld.open(URL_A, 1, "Field");
    const visitor = visit([world]);
    const faults: string[] = [];
    visitor.on("reject", ({ fault }) => faults.push(fault.code));
    await until(() => visitor.state === "LIVE");
    visitor.chat("x".repeat(4_000));
    expect(faults).toEqual(["malformed"]);
    world.sayFrame(Uint8Array.of(2, 1, 2, 3));
    await until(() => visitor.state === "GHOST");
    await until(() => visitor.state === "LIVE");
    expect(world.links).toBe(2);
  });

  test("a listener that throws stops nothing and is not swallowed", async () => {
    const world = await ScriptedWorld.open(URL_A, 1, "Field");
    const uncaught: unknown[] = [];
    const before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => uncaught.push(error));
    try {
      const visitor = visit([world]);
      visitor.on("manifest", () => {
        throw new Error("of the author");
      });
      await until(() => visitor.state === "LIVE" && uncaught.length === 1);
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of before) process.on("uncaughtException", listener);
    }
    expect(String(uncaught[0])).toContain("of the author");
  });
});
