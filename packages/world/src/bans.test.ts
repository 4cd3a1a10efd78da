// Whom an operator does not let in: newcomers, residents, those who come by passport, and those who are in the world when it is said.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepBans, readBans } from "./authority/bans.ts";
import { RawVisitor } from "./fixtures/raw-visitor.ts";
import { TestWorlds } from "./fixtures/test-worlds.ts";

let worlds: TestWorlds;
beforeEach(() => {
  worlds = new TestWorlds();
});
afterEach(() => worlds.dispose());

describe("a ban", () => {
  it("puts to rest who is there, and lets them in again when it is lifted, with everything", async () => {
    const world = await worlds.open("a");
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    const had = ada.last("welcome")?.items.length;
    await world.useBans([{ who: ada.keys.id, why: "You were warned.", sinceMs: 1 }]);
    const end = await ada.until("the ban", () => ada.rejected());
    expect(end.fault).toMatchObject({ code: "banned", detail: "You were warned." });
    await expect(RawVisitor.enter(world.wsUrl, "Ada", ada.keys)).rejects.toThrow(/banned/);
    await world.useBans([]);
    const again = await RawVisitor.enter(world.wsUrl, "Ada", ada.keys);
    expect(again.last("welcome")?.items.length).toBe(had);
  });

  it("of a world keeps out everybody who was born there, before anything of theirs leaves it", async () => {
    const { a, b } = await worlds.pair();
    await b.useBans([{ who: a.id, why: "", sinceMs: 1 }]);
    const ada = await RawVisitor.enter(a.wsUrl, "Ada");
    await ada.walkTo(21, 5.5);
    const refused = await ada.until("the refusal", () => ada.all("crossing").find(({ stage }) => stage === "refused"));
    expect(refused.fault).toMatchObject({ code: "banned" });
    expect(a.stats().travellers).toBe(1);
  });

  it("is read from the data folder, and a file that is none says so", async () => {
    const folder = worlds.dataFolder("a");
    const world = await worlds.open("a");
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    await worlds.close(world);
    await keepBans(folder, [{ who: ada.keys.id, why: "", sinceMs: 1 }]);
    expect(await readBans(folder)).toHaveLength(1);
    const again = await worlds.open("a");
    await expect(RawVisitor.enter(again.wsUrl, "Ada", ada.keys)).rejects.toThrow(/banned/);
    writeFileSync(join(folder, "bans.json"), '[{"who":"Ada"}]');
    await expect(readBans(folder)).rejects.toThrow(/bans\.json/);
  });
});
