// Authors whose hooks throw what cannot be looked at, or never stop making things: the world goes on, and travellers find room in it.
import { join } from "node:path";
import { jsonLog } from "@sojourn/runtime";
import { readJournal } from "@sojourn/runtime/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RawVisitor, until } from "../fixtures/raw-visitor.ts";
import { TestWorlds } from "../fixtures/test-worlds.ts";
import { WORLD_LIMITS } from "../limits.ts";

let worlds: TestWorlds;
let lines: string[];
beforeEach(() => {
  worlds = new TestWorlds();
  lines = [];
});
afterEach(() => worlds.dispose());

const log = (): { log: ReturnType<typeof jsonLog> } => ({ log: jsonLog((line) => lines.push(line)) });
const logged = (event: string): Record<string, unknown>[] =>
  lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line.event === event);

describe("what a hook throws or returns", () => {
  const odd: { readonly [name: string]: () => unknown } = {
    proxy: () => {
      throw new Proxy(
        {},
        {
          get: () => {
            throw new Error("not even looked at");
          },
        },
      );
    },
    stack: () => {
      throw Object.defineProperty(new Error("x"), "stack", {
        get: () => {
          throw new Error("no stack");
        },
      });
    },
    // biome-ignore lint/suspicious/noThenProperty: that is the point.
    getter: () => Object.defineProperty({}, "then", { get: () => Reflect.apply(Reflect.get({}, "no"), undefined, []) }),
    // biome-ignore lint/suspicious/noThenProperty: that is the point.
    then: () => ({ then: () => Reflect.apply(Reflect.get({}, "no"), undefined, []) }),
  };
  it.each(Object.keys(odd))("%s ends in a logged failure and nothing else", async (name) => {
    const world = await worlds.open("a", { onChat: odd[name] as never }, log());
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    expect(await ada.doing({ kind: "chat", text: "hi" })).toBe("done");
    expect(logged("hook failed")).toMatchObject([{ hook: "onChat", level: "error" }]);
  });

  it("a log line says itself what it is and when, whatever the author's fields are called", async () => {
    await worlds.open("a", { onStart: (ctx) => ctx.log("hello", { event: "fatal", level: "error", time: 5 }) }, log());
    expect(logged("author")).toMatchObject([{ level: "info", words: "hello" }]);
    expect(logged("fatal")).toEqual([]);
  });
});

describe("hooks that never stop", () => {
  it("spawning: the world fills, the hook is switched off, and travellers come in all the same", { timeout: 40_000 }, async () => {
    let n = 0;
    const world = await worlds.open(
      "a",
      {
        things: { post: { title: "Post", sprite: "" } },
        onTick(ctx) {
          for (let i = 0; i < 1_024; i++, n++) ctx.spawn("post", { x: 0.5 + (n % 3_900) / 100, y: 0.5 + (n % 290) / 10 });
        },
      },
      log(),
    );
    await until("switched off", () => logged("hook switched off")[0], 30_000);
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    expect(await ada.doing({ kind: "chat", text: "still here" })).toBe("done");
    expect(world.stats().entities).toBeGreaterThan(WORLD_LIMITS.entitiesPerCell);
    expect(world.stats().entities).toBeLessThanOrEqual(WORLD_LIMITS.entities + 1);
  });

  it("minting: where a thousand things lie nothing more is put down, by nobody", { timeout: 40_000 }, async () => {
    const world = await worlds.open(
      "a",
      {
        onTick(ctx) {
          for (let i = 0; i < 300; i++) ctx.mint("ale", { x: 16, y: 5 });
        },
      },
      log(),
    );
    await until("switched off", () => logged("hook switched off")[0], 20_000);
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    expect(await ada.doing({ kind: "drop", item: ada.carried("torch") })).toBe("no-room");
    expect(ada.carried("torch")).toBeDefined();
    expect(world.stats().entities).toBeLessThanOrEqual(WORLD_LIMITS.lyingPerCell + 2);
    expect(lines.length).toBeLessThan(30);
  });

  it("remembering: names and bytes come to an end", async () => {
    let n = 0;
    const world = await worlds.open(
      "a",
      {
        onChat(ctx) {
          if (ctx.text === "bytes") for (;;) ctx.remember(`long ${n++}`, "x".repeat(4_000));
          for (;;) ctx.remember(`name ${n++}`, n);
        },
      },
      log(),
    );
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    await ada.doing({ kind: "chat", text: "bytes" });
    expect(String(logged("hook failed")[0]?.error)).toContain(`${WORLD_LIMITS.memoryBytesPerHook} bytes at most`);
    expect(n).toBe(17);
    await ada.doing({ kind: "chat", text: "names" });
    expect(n).toBeLessThan(1_100);
    const journal = readJournal(join(worlds.dataFolder("a"), "journal"));
    const bytes = [...journal.read()].reduce((sum, entry) => sum + entry.bytes.length, 0);
    expect(bytes).toBeLessThan(2_000_000);
  });

  it("are slow when they take a long time at once or a large part of it, and not for a hiccup", async () => {
    const busy = (ms: number): void => {
      const end = performance.now() + ms;
      while (performance.now() < end);
    };
    const hooks = { onStart: () => busy(60), onTick: () => busy(6) };
    await worlds.open("a", hooks, log());
    expect(logged("hook is slow")).toEqual([]);
    // 6 ms of every 50 are more than a tenth.
    const slow = await until("slow", () => logged("hook is slow")[0], 15_000);
    expect(slow.hook).toBe("onTick");
  });
});
