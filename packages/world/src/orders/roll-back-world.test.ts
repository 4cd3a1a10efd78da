// A world that goes back: what was built since is gone from it, nobody and nothing else changes, and going forward brings it back.

import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { audit } from "../audit.ts";
import { RawVisitor } from "../fixtures/raw-visitor.ts";
import { hall, writeTestMap } from "../fixtures/test-map.ts";
import { TestWorlds } from "../fixtures/test-worlds.ts";
import type { RunningWorld } from "../options.ts";
import { rollBackWorld } from "./roll-back-world.ts";

let worlds: TestWorlds;
beforeEach(() => {
  worlds = new TestWorlds();
});
afterEach(() => worlds.dispose());

/** Somebody comes in and places a thing; the next version holds it. */
async function build(world: RunningWorld, kind: "crate" | "sign", x: number): Promise<string> {
  const ada = await RawVisitor.enter(world.wsUrl, "Ada");
  await ada.walkTo(x, 10, 0.3);
  expect(
    await ada.doing({ kind: "place", item: ada.carried(kind), x: x + 1.5, y: 10, ...(kind === "sign" ? { text: "was here" } : {}) }),
  ).toBe("done");
  await ada.leave();
  expect((await world.heartbeat()).builds).toBe(1);
  return world.substrate;
}

describe("going back", { timeout: 40_000 }, () => {
  it("makes a new version of the older content, and forward again brings what was built", async () => {
    let world = await worlds.open("a");
    const folder = worlds.dataFolder("a");
    const first = world.substrate;
    const withCrate = await build(world, "crate", 12);
    const withBoth = await build(world, "sign", 18);
    expect(await rollBackWorld(folder, first)).toMatchObject({ ok: false, fault: { code: "busy" } });
    await worlds.close(world);
    const before = await audit([folder]);
    const back = await rollBackWorld(folder, withCrate);
    if (!back.ok) throw new Error(back.fault.detail);
    expect(back.value).toMatchObject({ parent: withBoth, gone: 1, back: 0 });
    world = await worlds.open("a");
    expect(world.substrate).toBe(back.value.root);
    const bob = await RawVisitor.enter(world.wsUrl, "Bob");
    await bob.walkTo(18, 10, 0.3);
    // The place where the sign stood is free again.
    expect(await bob.doing({ kind: "place", item: bob.carried("crate"), x: 19.5, y: 10 })).toBe("done");
    await bob.leave();
    await worlds.close(world);
    const forward = await rollBackWorld(folder, withBoth);
    expect(forward).toMatchObject({ ok: true, value: { gone: 0, back: 1 } });
    const after = await audit([folder]);
    expect(after).toMatchObject({ wrong: [], itemsLost: 0, travellers: before.travellers + 1 });
  });

  it("goes nowhere that this world never was", async () => {
    const world = await worlds.open("a");
    const other = await worlds.open("b");
    const strange = other.substrate === world.substrate ? `${world.substrate.slice(0, -8)}aaaaaaaa` : other.substrate;
    await worlds.close(world);
    expect(await rollBackWorld(worlds.dataFolder("a"), strange)).toMatchObject({ ok: false, fault: { code: "malformed" } });
    expect(await rollBackWorld(worlds.dataFolder("a"), world.substrate)).toMatchObject({ ok: false, fault: { code: "malformed" } });
  });

  it("what was gone stays gone when the map changes", async () => {
    const world = await worlds.open("a");
    const first = world.substrate;
    await build(world, "crate", 12);
    await worlds.close(world);
    expect(await rollBackWorld(worlds.dataFolder("a"), first)).toMatchObject({ ok: true, value: { gone: 1 } });
    const map = writeTestMap(join(worlds.folder, "another-map"), hall(44, 30), [{ name: "start", class: "spawn", x: 16, y: 5 }]);
    const changed = await worlds.open("a", { map });
    const carol = await RawVisitor.enter(changed.wsUrl, "Carol");
    await carol.walkTo(12, 10, 0.3);
    expect(await carol.doing({ kind: "place", item: carol.carried("crate"), x: 13.5, y: 10 })).toBe("done");
    await carol.leave();
  });
});
