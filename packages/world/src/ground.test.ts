import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { jsonLog } from "@sojourn/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RawVisitor, until } from "./fixtures/raw-visitor.ts";
import { hall, type TestZone, writeTestMap } from "./fixtures/test-map.ts";
import { START, TestWorlds } from "./fixtures/test-worlds.ts";
import { openWorld } from "./open-world.ts";
import type { RunningWorld } from "./options.ts";

let worlds: TestWorlds;
const others: RunningWorld[] = [];
beforeEach(() => {
  worlds = new TestWorlds();
});
afterEach(async () => {
  await Promise.all(others.splice(0).map((world) => world.close()));
  await worlds.dispose();
});

const mapWith = (zones: readonly TestZone[], size = 40): string =>
  writeTestMap(join(worlds.folder, "maps"), hall(size, 30), [START, ...zones]);

describe("the map of a world", () => {
  it("brings the things it names, at their places and by their names, and tells zones to the author", async () => {
    const visits: string[] = [];
    const world = await worlds.open("a", {
      map: mapWith([
        { name: "Big lamp", class: "lamp", x: 10, y: 8 },
        { name: "corner", class: "region", x: 17, y: 7, w: 3, h: 3, properties: { mood: "dim" } },
      ]),
      things: { lamp: { title: "Lamp", sprite: "crate", solid: true } },
      onStart(ctx) {
        const corner = ctx.area("corner");
        visits.push(
          `${corner?.properties.mood} ${corner?.contains({ x: 18, y: 8 })} ${ctx.entities("lamp").length} ${ctx.isFree({ x: 10, y: 8 })}`,
        );
      },
      onZone: (ctx) => void visits.push(`${ctx.traveller.name} ${ctx.entered ? "in" : "out"} ${ctx.zone.name}`),
    });
    expect(visits).toEqual(["dim true 1 false"]);
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    const lamp = await ada.until("the lamp", () => ada.ofKind("lamp")[0]);
    expect([ada.field("name", lamp), ada.field("x", lamp), ada.field("y", lamp)]).toEqual(["Big lamp", 10, 8]);
    await ada.walkTo(18, 8);
    await ada.walkTo(16, 5);
    await until("both", () => visits.includes("Ada out corner"));
    expect(visits.filter((visit) => visit === "Ada in corner").length).toBe(1);
  });

  it("has everybody inside, wherever a place was drawn or the map ended before", async () => {
    const far = writeTestMap(join(worlds.folder, "far"), hall(40, 30), [{ name: "start", class: "spawn", x: 500, y: -300 }]);
    const world = await worlds.open("a", { map: far, portals: {} });
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    const { x = -1, y = -1 } = ada.own ?? {};
    expect([x > 30 && x < 40, y > 0 && y < 10]).toEqual([true, true]);
  });

  it("may change between two openings: what was built is carried over into the new one", async () => {
    const first = await worlds.open("a", { map: mapWith([]) });
    const ada = await RawVisitor.enter(first.wsUrl, "Ada");
    expect(await ada.doing({ kind: "place", item: ada.carried("sign"), x: 17.5, y: 5, text: "I was\u202E here" })).toBe("done");
    const before = (await first.heartbeat()).root;
    await worlds.close(first);
    const second = await worlds.open("a", { map: mapWith([{ name: "new", class: "region", x: 3, y: 3, w: 2, h: 2 }], 48) });
    expect(second.substrate).not.toBe(before);
    const view = await import("@sojourn/substrate").then(({ httpStore, openVersion }) =>
      openVersion(second.substrate, httpStore(second.url)),
    );
    if (!view.ok) throw new Error(view.fault.detail);
    await view.value.loadAll();
    const sign = view.value.objectsNear(17.5, 5, 1)[0];
    expect(sign).toMatchObject({ kind: "sign", text: "I was here", by: ada.keys.id });
    expect(view.value.version.zones.map((zone) => zone.name)).toContain("new");
    // And opened once more it is the same version.
    const root = second.substrate;
    await worlds.close(second);
    const third = await worlds.open("a", { map: mapWith([{ name: "new", class: "region", x: 3, y: 3, w: 2, h: 2 }], 48) });
    expect(third.substrate).toBe(root);
  });

  it("is written anew by the heartbeat by itself, and not when nothing was built", async () => {
    const world = await worlds.open("a", {}, { heartbeatMinutes: 0.01 });
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    const before = world.substrate;
    await ada.doing({ kind: "place", item: ada.carried("crate"), x: 17.5, y: 5 });
    await until("a version", () => world.substrate !== before, 5_000);
    await ada.until("told", () => ada.all("substrate").length === 1);
    const after = world.substrate;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(world.substrate).toBe(after);
  });

  it("that cannot be read, or leads a portal nowhere it knows, says so before the world opens", async () => {
    await expect(worlds.open("a", { map: join(worlds.folder, "none.tmj") })).rejects.toThrow(/no such file/);
    await expect(worlds.open("b", { portals: { moon: { to: "b" } } })).rejects.toThrow(/portals.moon/);
    // Nothing was left locked by the failures.
    expect((await worlds.open("b")).substrate).toMatch(/^bafyrei/);
  });

  const maps = resolve(import.meta.dirname, "../../../../shared/maps");
  it.runIf(existsSync(maps))("may be any map that Tiled draws: real ones of others open and are walked", async () => {
    for (const file of ["desert.tmx", "sewers.tmx", "orthogonal-outside.tmx"]) {
      const world = await openWorld({ mapFile: join(maps, file) }, { dataFolder: join(worlds.folder, file), heartbeatMinutes: 0 });
      others.push(world);
      const ada = await RawVisitor.enter(world.wsUrl, "Ada");
      const from = { x: ada.own?.x ?? 0, y: ada.own?.y ?? 0 };
      for (let i = 0; i < 10; i++) {
        ada.move(127, 90);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect([file, Math.hypot((ada.own?.x ?? 0) - from.x, (ada.own?.y ?? 0) - from.y) > 0.3]).toEqual([file, true]);
      expect(await ada.doing({ kind: "chat", text: "hello" })).toBe("done");
    }
  });
});

describe("pictures that the map's tilesets do not have", () => {
  it("are named when the world opens, and the world opens", async () => {
    const lines: string[] = [];
    const things = {
      cat: { title: "Cat", sprite: "crate" },
      ghost: { title: "Ghost", sprite: "" },
      rat: { title: "Rat", sprite: "rat" },
      dog: { title: "Dog", sprite: "dog" },
    };
    await worlds.open("a", { things }, { log: jsonLog((line) => lines.push(line)) });
    const said = lines.map((line) => JSON.parse(line) as Record<string, unknown>).find((line) => line.event === "sprites missing");
    expect(said).toMatchObject({ level: "warn", sprites: "items.torch: torch, items.ale: ale, things.dog: dog", count: 3 });
  });
});
