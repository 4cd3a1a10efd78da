// A data folder that was damaged: what map and journal can make again is made again; what cannot is a sentence and never a new beginning.
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { httpStore, openVersion } from "@sojourn/substrate";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readWorldId } from "./authority/identity.ts";
import { RawVisitor } from "./fixtures/raw-visitor.ts";
import { TestWorlds } from "./fixtures/test-worlds.ts";

let worlds: TestWorlds;
beforeEach(() => {
  worlds = new TestWorlds();
});
afterEach(() => worlds.dispose());

const blockFiles = (): string[] =>
  readdirSync(join(worlds.dataFolder("a"), "blocks"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
const inFolder = (name: string): string => join(worlds.dataFolder("a"), name);

function flipByte(file: string, at: number): void {
  const byte = readFileSync(file)[at] as number;
  const handle = openSync(file, "r+");
  writeSync(handle, Uint8Array.of(byte ^ 1), 0, 1, at);
  closeSync(handle);
}

/** A world in which a sign stands that somebody placed, closed again. */
async function livedIn(): Promise<{ root: string; id: string }> {
  const world = await worlds.open("a");
  const ada = await RawVisitor.enter(world.wsUrl, "Ada");
  await ada.doing({ kind: "place", item: ada.carried("sign"), x: 17.5, y: 5, text: "I was here" });
  const { root } = await world.heartbeat();
  await worlds.close(world);
  return { root, id: world.id };
}

describe("damaged blocks", () => {
  it("are mended when the world opens: every block is served again", async () => {
    const { root } = await livedIn();
    const files = blockFiles();
    files.forEach((file, i) => {
      if (i % 2 === 0 && !file.endsWith(root)) flipByte(file, 3);
    });
    await worlds.close(await worlds.open("a"));
    const again = await worlds.open("a");
    for (const file of blockFiles()) {
      const cid = file.slice(file.lastIndexOf("/") + 1);
      expect((await httpStore(again.url).get(cid)).ok).toBe(true);
    }
  });

  it("all of them gone: what travellers built is made again from the journal", async () => {
    await livedIn();
    rmSync(inFolder("blocks"), { recursive: true });
    const again = await worlds.open("a");
    const view = await openVersion(again.substrate, httpStore(again.url));
    if (!view.ok) throw new Error(view.fault.detail);
    await view.value.loadAll();
    expect(view.value.objectsNear(17.5, 5, 1)[0]).toMatchObject({ kind: "sign", text: "I was here" });
  });
});

describe("a damaged journal or key", () => {
  it("a world that has lived does not begin again without its journal", async () => {
    await livedIn();
    rmSync(inFolder("journal"), { recursive: true });
    await expect(worlds.open("a")).rejects.toThrow(/a world has lived in .*journal is not there.*backup/);
    await expect(worlds.open("a")).rejects.toThrow(/has lived/);
  });

  it("a flipped byte is noticed, and names the file", async () => {
    await livedIn();
    const [segment = ""] = readdirSync(inFolder("journal")).filter((name) => name.endsWith(".segment"));
    const file = join(inFolder("journal"), segment);
    flipByte(file, readFileSync(file).indexOf("I was here"));
    await expect(worlds.open("a")).rejects.toThrow(/\.segment: the batch at byte \d+ \(record \d+ and on\) is damaged.*backup/);
  });

  it("a journal of an earlier version is named, and no world begins beside it", async () => {
    await livedIn();
    rmSync(inFolder("journal"), { recursive: true });
    writeFileSync(inFolder("journal.sqlite"), "");
    await expect(worlds.open("a")).rejects.toThrow(/journal\.sqlite is the journal of an earlier version/);
  });

  it("another world's key does not open it", async () => {
    const { id } = await livedIn();
    expect(await readWorldId(worlds.dataFolder("a"))).toBe(id);
    writeFileSync(inFolder("world.key"), `${"7".repeat(64)}\n`);
    await expect(worlds.open("a")).rejects.toThrow(new RegExp(`is that of ${id}, and world.key is the key of did:key:`));
    writeFileSync(inFolder("world.key"), "not a key");
    await expect(worlds.open("a")).rejects.toThrow(/world\.key is no world's key/);
    await expect(readWorldId(worlds.dataFolder("a"))).rejects.toThrow(/world\.key/);
  });

  it("pins that cannot be read are named, and none are forgotten", async () => {
    await livedIn();
    writeFileSync(inFolder("peers.json"), "[{");
    await expect(worlds.open("a")).rejects.toThrow(/peers\.json is not JSON/);
    writeFileSync(inFolder("peers.json"), '[{"world":"x","name":"y","url":"z"}]');
    await expect(worlds.open("a")).rejects.toThrow(/peers\.json/);
    expect(readFileSync(inFolder("peers.json"), "utf8")).toContain('"x"');
  });
});
