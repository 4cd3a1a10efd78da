import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defineWorld } from "./author/define.ts";
import { RawVisitor } from "./fixtures/raw-visitor.ts";
import { hall, writeTestMap } from "./fixtures/test-map.ts";
import { openWorld } from "./open-world.ts";
import type { OpenOptions, RunningWorld } from "./options.ts";

let folder: string;
let open: RunningWorld[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sojourn-world-"));
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((world) => world.close()));
  rmSync(folder, { recursive: true, force: true });
});

const items = {
  torch: { title: "Torch", sprite: "torch", onUse: () => undefined },
  crate: { title: "Crate", sprite: "crate", place: { solid: true } },
  sign: { title: "Sign", sprite: "crate", place: { text: true } },
};

async function openTest(name = "Test", options: Partial<OpenOptions> = {}): Promise<RunningWorld> {
  const map = writeTestMap(join(folder, "maps"), hall(40, 30), [{ name: "start", class: "spawn", x: 5, y: 5 }]);
  const definition = defineWorld({ name, map, items, kit: ["torch", "crate", "sign"] });
  const world = await openWorld(definition, { dataFolder: join(folder, name), heartbeatMinutes: 0, ...options });
  open.push(world);
  return world;
}

describe("the seed's sequence", () => {
  it("connect, manifest, snapshot, intent, snapshot", async () => {
    const world = await openTest();
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    expect(ada.manifest?.world).toBe(world.id);
    expect(ada.manifest?.substrate).toBe(world.substrate);
    expect(ada.field("name")).toBe("Ada");
    const before = ada.own?.x ?? 0;
    await ada.walkTo(9, 5);
    expect((ada.own?.x ?? 0) - before).toBeGreaterThan(2);
    await ada.until("snapshot of where one stands", () => ada.field("x") === ada.own?.x);
    expect(ada.items.map((item) => item.kind).sort()).toEqual(["crate", "sign", "torch"]);
    expect(ada.problems).toEqual([]);
    await ada.leave();
  });
});
