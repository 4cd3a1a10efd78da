// A map that changes under a running world: everybody stays, what was built stays, who would stand in a wall does not.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { httpStore, openVersion, type SubstrateView } from "@sojourn/substrate";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RawVisitor } from "./fixtures/raw-visitor.ts";
import { hall, type TestZone, writeTestMap } from "./fixtures/test-map.ts";
import { PORTAL, START, TestWorlds } from "./fixtures/test-worlds.ts";
import type { RunningWorld } from "./options.ts";

let worlds: TestWorlds;
beforeEach(() => {
  worlds = new TestWorlds();
});
afterEach(() => worlds.dispose());

const draw = (zones: readonly TestZone[], rows: readonly string[] = hall(40, 30)): string =>
  writeTestMap(join(worlds.folder, "maps"), rows, [START, ...zones]);

/** A hall whose floor from column `from` to `to` is wall. */
const walled = (from: number, to: number): string[] =>
  hall(40, 30).map((row) => [...row].map((tile, x) => (x >= from && x <= to ? "#" : tile)).join(""));

async function seen(world: RunningWorld): Promise<SubstrateView> {
  const view = await openVersion(world.substrate, httpStore(world.url));
  if (!view.ok) throw new Error(view.fault.detail);
  await view.value.loadAll();
  return view.value;
}

describe("a map that changes under a running world", () => {
  it("takes the old one's place: announced, with what was built, and nobody's link is closed", async () => {
    const world = await worlds.open("a", { map: draw([]) });
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    await ada.doing({ kind: "place", item: ada.carried("sign"), x: 17.5, y: 5, text: "here" });
    await ada.doing({ kind: "place", item: ada.carried("crate"), x: 17.5, y: 6.5 });
    await world.heartbeat();
    expect(await world.useMap()).toMatchObject({ isNew: false, root: world.substrate });
    draw([{ name: "new", class: "region", x: 3, y: 3, w: 2, h: 2 }]);
    const report = await world.useMap();
    expect(report).toMatchObject({ isNew: true, root: world.substrate, builds: 2, moved: 0 });
    expect(report.files.map((file) => file.split("/").at(-1))).toEqual(["map.tmj", "tiles.png"]);
    await ada.until("told", () => ada.all("substrate").at(-1)?.root === world.substrate);
    const { version, objectsNear } = await seen(world);
    expect(version.zones.map(({ name }) => name)).toContain("new");
    expect(
      objectsNear
        .call(await seen(world), 18, 6, 2)
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(["crate", "sign"]);
    expect(ada.link.state).toBe("open");
    // What is built next goes into the new version, and all of it is there after a restart.
    const bob = await RawVisitor.enter(world.wsUrl, "Bob");
    expect(await bob.doing({ kind: "place", item: bob.carried("crate"), x: 14.5, y: 6 })).toBe("done");
    const last = (await world.heartbeat()).root;
    await worlds.close(world);
    const again = await worlds.open("a", { map: join(worlds.folder, "maps", "map.tmj") });
    expect(again.substrate).toBe(last);
  });

  it("puts whoever would stand in a new wall beside it, and whom the map leaves outside inside", async () => {
    const world = await worlds.open("a", { map: draw([]) });
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    const bob = await RawVisitor.enter(world.wsUrl, "Bob");
    await bob.walkTo(30, 20);
    draw([], walled(14, 18));
    expect(await world.useMap()).toMatchObject({ isNew: true, moved: 1 });
    await ada.until("beside", () => (ada.own?.x ?? 16) < 14 || (ada.own?.x ?? 16) > 19);
    expect(bob.own?.x).toBeCloseTo(30, 0);
    writeTestMap(join(worlds.folder, "maps"), hall(20, 10), [START]);
    expect(await world.useMap()).toMatchObject({ isNew: true, moved: 1 });
    await bob.until("inside", () => (bob.own?.x ?? 30) < 19 && (bob.own?.y ?? 20) < 9);
  });

  it("that cannot be shown changes nothing and says what and where", async () => {
    const file = draw([]);
    const world = await worlds.open("a", { map: file });
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    const root = world.substrate;
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.slice(0, 300));
    expect(await world.useMap()).toMatchObject({
      ...{ isNew: false, root, files: [file] },
      fault: { code: "bad-map", detail: expect.stringMatching(/^map\.tmj: it is no well-formed JSON/) },
    });
    writeFileSync(file, whole.replace('"orthogonal"', '"isometric"'));
    expect(await world.useMap()).toMatchObject({ isNew: false, root, fault: { code: "unsupported-map" } });
    draw([PORTAL, { ...PORTAL, x: 25 }]);
    expect(await world.useMap()).toMatchObject({ isNew: false, fault: { detail: "two portals of the map have the same name" } });
    expect(world.substrate).toBe(root);
    expect(ada.link.state).toBe("open");
    writeFileSync(file, whole);
    expect(await world.useMap()).toMatchObject({ isNew: false, root });
  });

  it("brings new things, takes away those it no longer has, and leaves the others as they are", async () => {
    const lamp = (name: string, x: number): TestZone => ({ name, class: "lamp", x, y: 8 });
    const world = await worlds.open("a", {
      map: draw([lamp("one", 10), lamp("two", 12)]),
      things: { lamp: { title: "Lamp", sprite: "crate" } },
    });
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    const lamps = (): [string, number][] =>
      ada.ofKind("lamp").map((slot): [string, number] => [String(ada.field("name", slot)), Number(ada.field("x", slot))]);
    await ada.until("two lamps", () => lamps().length === 2);
    draw([lamp("one", 10), lamp("two", 14), lamp("three", 16)]);
    await world.useMap();
    await ada.until("three lamps", () => lamps().length === 3);
    expect(lamps().sort()).toEqual([
      ["one", 10],
      ["three", 16],
      ["two", 14],
    ]);
  });

  it("does not send off whoever stands where a portal is drawn before they come back to it", async () => {
    const moods: string[] = [];
    const world = await worlds.open("a", {
      map: draw([{ name: "old", class: "region", x: 15, y: 4, w: 3, h: 3 }]),
      onZone: (ctx) => void moods.push(`${ctx.entered ? "in" : "out"} ${ctx.zone.name}`),
    });
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    draw([
      { ...PORTAL, x: 15 },
      { name: "mist", class: "region", x: 14, y: 3, w: 5, h: 5 },
    ]);
    await world.useMap();
    await ada.until("the mist", () => moods.includes("in mist"));
    expect(moods).toEqual(["in mist"]);
    expect(ada.link.state).toBe("open");
  });

  it("that is smaller keeps what was built outside of it until it is larger again, and heartbeats go on", async () => {
    const world = await worlds.open("a", { map: draw([]) });
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    await ada.walkTo(30, 20);
    expect(await ada.doing({ kind: "place", item: ada.carried("crate"), x: 31.5, y: 20 })).toBe("done");
    writeTestMap(join(worlds.folder, "maps"), hall(20, 10), [START]);
    expect(await world.useMap()).toMatchObject({ isNew: true, moved: 1 });
    const bob = await RawVisitor.enter(world.wsUrl, "Bob");
    expect(await bob.doing({ kind: "place", item: bob.carried("sign"), x: 17.5, y: 5, text: "here" })).toBe("done");
    expect(await world.heartbeat()).toMatchObject({ builds: 1 });
    draw([]);
    await world.useMap();
    expect(await world.heartbeat()).toMatchObject({ builds: 1 });
    expect((await seen(world)).objectsNear(31.5, 20, 1)).toHaveLength(1);
  });

  it("waits for a heartbeat, and a heartbeat for it", async () => {
    const world = await worlds.open("a", { map: draw([]) });
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    await ada.doing({ kind: "place", item: ada.carried("crate"), x: 17.5, y: 5 });
    draw([{ name: "new", class: "region", x: 3, y: 3, w: 2, h: 2 }]);
    const [beat, map, next] = await Promise.all([world.heartbeat(), world.useMap(), world.heartbeat()]);
    expect([beat.builds, map.builds, next.root]).toEqual([1, 1, beat.root]);
    expect((await seen(world)).objectsNear(17.5, 5, 1)).toHaveLength(1);
  });
});
