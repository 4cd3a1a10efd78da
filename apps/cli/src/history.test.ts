// Looking back at a world's versions, and carrying them about as files, as an operator does it: in processes, on real folders.
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CarReader } from "@ipld/car";
import { openWorld } from "@sojourn/world";
import { worlds } from "@sojourn/worlds";
import { afterAll, describe, expect, it } from "vitest";
import { sojourn, whileOpen } from "./fixtures/command.ts";

const home = mkdtempSync(join(tmpdir(), "sojourn-history-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const TAVERN_MAP = fileURLToPath(new URL("../../../worlds/tavern/tavern.tmj", import.meta.url));

const run = (...args: string[]): ReturnType<typeof sojourn> => sojourn([...args, "--json"], { cwd: home });

describe("a world's versions", { timeout: 60_000 }, () => {
  it("go into a file and out of it again, from a map, a running world, and its folder", async () => {
    const packed = await run("pack", TAVERN_MAP);
    const fromMap = await run("export", TAVERN_MAP, "--out", "map.car");
    expect(fromMap.last).toMatchObject({ root: packed.last.root, blocks: packed.last.blocks, bytes: packed.last.bytes });
    const served = await whileOpen(["--map", TAVERN_MAP, "--data", "tavern"], home, async ({ url, substrate }) => {
      expect((await run("export", url, "--out", "world.car")).last).toMatchObject({ root: substrate });
      return substrate;
    });
    expect((await run("export", "tavern", "--out", "folder.car")).last).toMatchObject({ root: served });
    expect(readFileSync(join(home, "folder.car")).equals(readFileSync(join(home, "world.car")))).toBe(true);
    const reader = await CarReader.fromBytes(readFileSync(join(home, "world.car")));
    expect((await reader.getRoots()).map(String)).toEqual([served]);
    const imported = await run("import", "world.car", "--out", "blocks");
    expect(imported).toMatchObject({ code: 0, last: { roots: [served] } });
    const [fromCar, fromBlocks] = [await run("inspect", "world.car"), await run("inspect", "blocks", "--root", served)];
    expect(fromBlocks.last).toEqual(fromCar.last);
    expect((await run("log", "tavern")).last).toMatchObject({ versions: [{ root: served, parent: null }], more: null });
    expect((await run("diff", "tavern")).last).toMatchObject({ before: served, after: served, newBlocks: 0 });
  });

  it("that a world lets nobody keep come from its own folder alone", async () => {
    for (const [archive, says] of [
      ["none", "nobody keep any of it"],
      ["terrain", "its map alone"],
    ] as const) {
      const secret = { ...(worlds.tavern as NonNullable<typeof worlds.tavern>), archive };
      const open = await openWorld(secret, { dataFolder: join(home, archive), heartbeatMinutes: 0 });
      const refused = await run("export", open.url, "--out", `${archive}.car`).finally(() => open.close());
      expect(refused).toMatchObject({ code: 1, last: { fault: { detail: expect.stringContaining(says) } } });
      expect(readdirSync(home).filter((name) => name.startsWith(`${archive}.car`))).toEqual([]);
    }
    expect((await run("export", "none", "--out", "own.car")).code).toBe(0);
  });

  it("become Tiled maps again, and those the same versions", async () => {
    const first = await run("checkout", TAVERN_MAP, "--to", "maps/mine");
    expect(first).toMatchObject({ code: 0, last: { same: "root", packed: first.last.root, map: "maps/mine/tavern.tmj" } });
    const again = await run("checkout", "map.car", "--to", "maps/mine");
    expect(again).toMatchObject({
      code: 1,
      last: { fault: { code: "refused", detail: expect.stringMatching(/has files in it.*--force/) } },
    });
    const forced = await run("checkout", "map.car", "--to", "maps/mine", "--force");
    expect(forced).toMatchObject({ code: 0, last: { same: "root", root: first.last.root } });
    // Nothing is left behind beside it.
    expect(readdirSync(join(home, "maps"))).toEqual(["mine"]);
  });

  it("that are not whole are not taken for whole", async () => {
    await run("export", TAVERN_MAP, "--out", "cut.car");
    const whole = readFileSync(join(home, "cut.car"));
    truncateSync(join(home, "cut.car"), whole.length - 10);
    expect(await run("import", "cut.car", "--out", "cut")).toMatchObject({ code: 1, last: { fault: { code: "malformed" } } });
    const flipped = Uint8Array.from(whole);
    flipped[flipped.length - 5]! ^= 1;
    writeFileSync(join(home, "flipped.car"), flipped);
    expect(await run("import", "flipped.car", "--out", "flipped")).toMatchObject({ code: 1, last: { fault: { code: "bad-block" } } });
    expect(await run("inspect", "flipped.car")).toMatchObject({ code: 1, last: { fault: { code: "bad-block" } } });
    expect(await run("inspect", "cut")).toMatchObject({ code: 1, last: { fault: { code: "bad-content-id" } } });
    expect(await run("log", "nowhere")).toMatchObject({ code: 1, last: { fault: { code: "malformed" } } });
  });
});
