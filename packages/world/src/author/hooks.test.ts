import { setTimeout as sleep } from "node:timers/promises";
import { jsonLog } from "@sojourn/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RawVisitor, until } from "../fixtures/raw-visitor.ts";
import { PORTAL, TestWorlds, testItems } from "../fixtures/test-worlds.ts";
import type { Kinds } from "./definition.ts";
import type { Entity, Moment, Traveller } from "./moments.ts";

let worlds: TestWorlds;
let lines: string[];
beforeEach(() => {
  worlds = new TestWorlds();
  lines = [];
});
afterEach(() => worlds.dispose());

const log = (): { log: ReturnType<typeof jsonLog> } => ({ log: jsonLog((line) => lines.push(line), "debug") });
const logged = (event: string): Record<string, unknown>[] =>
  lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line.event === event);

describe("hooks that misbehave", () => {
  it("throw, stall, promise and reject without breaking the tick, and are switched off when they do not stop", async () => {
    let calls = 0;
    const world = await worlds.open(
      "a",
      {
        onTick() {
          calls += 1;
          throw new Error("mine is broken");
        },
        onChat: (async () => {
          await sleep(1);
          throw new Error("later");
        }) as never,
        onZone() {
          const end = performance.now() + 30;
          while (performance.now() < end);
        },
      },
      log(),
    );
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    await until("switched off", () => logged("hook switched off")[0]);
    expect(logged("hook switched off")[0]?.hook).toBe("onTick");
    const then = calls;
    await sleep(200);
    expect(calls).toBe(then);
    expect(await ada.doing({ kind: "chat", text: "hi" })).toBe("done");
    await until("the promise's rejection", () => logged("hook promise rejected")[0]);
    expect(logged("hook failed").some((line) => String(line.error).includes("promise"))).toBe(true);
    await ada.walkTo(PORTAL.x + 1, PORTAL.y + 1);
    await until("slow", () => logged("hook is slow")[0]);
    expect(world.stats().hookFailures).toBeGreaterThanOrEqual(6);
  });

  it("cannot act on the world after they returned, nor reach into it", async () => {
    const kept: { moment?: Moment<Kinds>; traveller?: Traveller<Kinds>; thing?: Entity<Kinds> } = {};
    const world = await worlds.open("a", {
      things: { post: { title: "Post", sprite: "" } },
      onStart(ctx) {
        kept.thing = ctx.spawn("post", { x: 10, y: 10 });
      },
      onEnter(ctx) {
        kept.moment = ctx;
        kept.traveller = ctx.traveller;
      },
    });
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    expect(() => kept.moment?.announce("late")).toThrow(/has returned/);
    expect(() => kept.moment?.random()).toThrow(/has returned/);
    expect(() => kept.traveller?.give("torch")).toThrow(/has returned/);
    expect(() => kept.traveller?.items).toThrow(/has returned/);
    expect(() => kept.thing?.moveTo({ x: 1, y: 1 })).toThrow(/has returned/);
    expect(Object.isFrozen(kept.moment)).toBe(true);
    // Nothing of the stage, the ledger or a link hangs on what was handed out.
    expect(JSON.stringify(Object.keys(kept.traveller ?? {}))).toBe("[]");
    await sleep(100);
    expect(ada.all("notice")).toEqual([]);
    expect(world.stats().hookFailures).toBe(0);
  });

  it("that ask for the impossible fail alone: unknown kinds, too many facts, a million things", async () => {
    const world = await worlds.open(
      "a",
      {
        things: { post: { title: "Post", sprite: "" } },
        onEnter(ctx) {
          const facts = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, i]));
          expect(() => ctx.traveller.give("torch", facts)).toThrow();
          expect(() => ctx.traveller.give("moon")).toThrow(/no item/);
          expect(() => ctx.traveller.set("glow", true)).toThrow(/declared/);
          expect(() => ctx.alter("1@nobody", { lit: true })).toThrow(/custody/);
          ctx.remember("seen", { times: 1 });
          for (;;) ctx.spawn("post", { x: 10, y: 10 });
        },
      },
      log(),
    );
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    expect(ada.items.length).toBe(4);
    expect(String(logged("hook failed")[0]?.error)).toContain("at most");
    expect(logged("hook failed").length).toBe(1);
    expect(world.stats().entities).toBeLessThan(1_200);
    // What was written in that tick is whole: the world opens again on it.
    await worlds.close(world);
    const again = await worlds.open("a", { things: { post: { title: "Post", sprite: "" } } });
    expect((await RawVisitor.enter(again.wsUrl, "Ada", ada.keys)).items.length).toBe(4);
  });
});

describe("hooks that behave", () => {
  it("refuse with a sentence, give, take, hurt, heal, remember and announce", async () => {
    const world = await worlds.open("a", {
      components: { lit: "bool" },
      items: {
        ...testItems,
        torch: {
          title: "Torch",
          sprite: "torch",
          onUse(ctx) {
            ctx.target?.set("lit", true);
            ctx.alter(ctx.item.id, { uses: Number(ctx.item.props.uses ?? 0) + 1 });
            ctx.remember("lit", Number(ctx.recall("lit") ?? 0) + 1);
          },
        },
      },
      things: {
        lamp: {
          title: "Lamp",
          sprite: "crate",
          interact: "Ask",
          onInteract(ctx) {
            if (ctx.target.get("lit") !== true) return "It is dark.";
            const ale = ctx.traveller.items.find((item) => item.kind === "ale");
            if (ale !== undefined) ctx.traveller.take(ale.id, "cellar");
            ctx.traveller.give("torch");
            ctx.traveller.damage(500);
            ctx.announce(`cellar holds ${ctx.fixture("cellar").length}`);
            return undefined;
          },
        },
      },
      onStart(ctx) {
        ctx.spawn("lamp", { x: 17, y: 5.5, name: "Lamp" });
      },
      onIntent: (ctx) => (ctx.intent.kind === "drop" ? "Nothing is dropped here." : undefined),
    });
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    const lamp = await ada.until("the lamp", () => ada.ofKind("lamp")[0]);
    expect(await ada.doing({ kind: "drop", item: ada.carried("torch") })).toBe("not-allowed");
    expect(ada.last("reject")?.fault.detail).toBe("Nothing is dropped here.");
    expect(await ada.doing({ kind: "interact", target: lamp })).toBe("not-allowed");
    expect(await ada.doing({ kind: "use", item: ada.carried("torch"), target: lamp })).toBe("done");
    await ada.until("light", () => ada.field("lit", lamp) === true);
    expect(ada.field("holding")).toBe(1);
    expect(await ada.doing({ kind: "interact", target: lamp })).toBe("done");
    await ada.until("the news", () => ada.all("notice").some((notice) => notice.text === "cellar holds 1"));
    await ada.until(
      "things",
      () => ada.items.filter((item) => item.kind === "torch").length === 2 && ada.items.every((item) => item.kind !== "ale"),
    );
    // Fainted: whole again at the beginning, with everything.
    expect(ada.field("health")).toBe(100);
    expect(ada.items.find((item) => item.props.uses === 1)).toBeDefined();
  });
});
