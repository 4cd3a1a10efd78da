// Keys changed under worlds that are open, closed, crossed into and out of; and the folders that such changes may leave behind.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readCard } from "@sojourn/passport";
import { ask } from "@sojourn/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { audit } from "./audit.ts";
import { readIdentity, readKeys } from "./authority/identity.ts";
import { detachIdentity, revokeKey, rotateKey } from "./authority/key-change.ts";
import { RawVisitor, type Said, until } from "./fixtures/raw-visitor.ts";
import { TestWorlds } from "./fixtures/test-worlds.ts";
import type { RunningWorld } from "./options.ts";

let worlds: TestWorlds;
beforeEach(() => {
  worlds = new TestWorlds();
});
afterEach(() => worlds.dispose());

const folderOf = (name: string): string => worlds.dataFolder(name);
const inFolder = (file: string): string => join(folderOf("a"), file);
const tokenOf = (transfer: Said<"transfer">): string => `${transfer.passport}.${Buffer.from(transfer.signature).toString("base64url")}`;

async function intoTheGate(visitor: RawVisitor): Promise<Said<"transfer">> {
  await visitor.walkTo(21, 5.5);
  return visitor.until("the passport", () => visitor.last("transfer"));
}

async function cardOf(world: RunningWorld): Promise<ReturnType<typeof readCard>> {
  const answer = await ask(`${world.url}/.well-known/sojourn`);
  if (!answer.ok) throw new Error(answer.fault.detail);
  return readCard(answer.value.text);
}

describe("an operator changes keys", () => {
  it("[P14] lets another key sign: the id, the card and the door go on, over restarts too", async () => {
    const first = await worlds.open("a");
    const { id } = first;
    await worlds.close(first);
    const made = await rotateKey(folderOf("a"));
    expect(made.world).toBe(id);
    expect(made.notary.kid).not.toBe(id);
    expect(statSync(inFolder("signing.json")).mode & 0o777).toBe(0o600);
    for (const _again of [1, 2]) {
      const world = await worlds.open("a");
      expect(world.id).toBe(id);
      expect(await cardOf(world)).toMatchObject({ ok: true, value: { world: id } });
      const visitor = await RawVisitor.enter(world.wsUrl);
      expect(visitor.last("challenge")).toMatchObject({ world: id, kid: made.notary.kid, keys: made.stated?.token });
      await visitor.leave();
      await worlds.close(world);
    }
  });

  it("[P14] notices a new key while it runs, and takes no older one in its place", async () => {
    const world = await worlds.open("a");
    expect(await world.renewKeys()).toBe(false);
    await rotateKey(folderOf("a"));
    const older = readFileSync(inFolder("signing.json"));
    expect(await world.renewKeys()).toBe(true);
    await rotateKey(folderOf("a"));
    expect(await world.renewKeys()).toBe(true);
    writeFileSync(inFolder("signing.json"), older);
    await expect(world.renewKeys()).rejects.toThrow(/stale-keys/);
    await worlds.close(world);
    await expect(worlds.open("a")).rejects.toThrow(/its journal knows version 2, and signing.json holds version 1; .*--after 2/);
    rmSync(inFolder("signing.json"));
    await expect(worlds.open("a")).rejects.toThrow(/its journal knows version 2, and signing.json is not there/);
    const found = await rotateKey(folderOf("a"), { after: 2 });
    expect(found.stated?.statement.version).toBe(3);
    await worlds.close(await worlds.open("a"));
  });

  it("takes the identity key out: the world opens, challenges, and changes keys by the file elsewhere alone", async () => {
    const first = await worlds.open("a");
    const { id } = first;
    await worlds.close(first);
    const file = join(worlds.folder, "a.identity");
    const secret = readFileSync(inFolder("world.key"), "utf8");
    await detachIdentity(folderOf("a"), file);
    expect(existsSync(inFolder("world.key"))).toBe(false);
    expect(readFileSync(file, "utf8")).toBe(secret);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const world = await worlds.open("a");
    expect(world.id).toBe(id);
    await (await RawVisitor.enter(world.wsUrl)).leave();
    await expect(rotateKey(folderOf("a"))).rejects.toThrow(/--identity FILE/);
    await expect(rotateKey(folderOf("a"), { identityFile: inFolder("nothing") })).rejects.toThrow(/there is no file/);
    const other = await worlds.open("b");
    await worlds.close(other);
    await expect(rotateKey(folderOf("a"), { identityFile: join(folderOf("b"), "world.key") })).rejects.toThrow(/identity key of did:key/);
    await revokeKey(folderOf("a"), undefined, { identityFile: file });
    expect(await world.renewKeys()).toBe(true);
    expect(await cardOf(world)).toMatchObject({ ok: true, value: { world: id } });
    expect(readFileSync(inFolder("signing.json"), "latin1")).not.toContain(secret.trim());
  });

  it("detaches where it was cut off, and never over what is there", async () => {
    await worlds.close(await worlds.open("a"));
    const file = join(worlds.folder, "a.identity");
    const identity = readFileSync(inFolder("world.key"));
    await expect(detachIdentity(folderOf("a"), inFolder("apart.key"))).rejects.toThrow(/inside of the data folder/);
    writeFileSync(file, "my shopping list\n");
    await expect(detachIdentity(folderOf("a"), file)).rejects.toThrow(/already/);
    expect(await readIdentity(folderOf("a"))).toBeDefined();
    writeFileSync(file, identity);
    await detachIdentity(folderOf("a"), file);
    await expect(detachIdentity(folderOf("a"), file)).rejects.toThrow(/does not lie in/);
  });

  it("revokes what it can, and says what it cannot", async () => {
    await worlds.close(await worlds.open("a"));
    await expect(revokeKey(folderOf("a"), undefined)).rejects.toThrow(/cannot be revoked/);
    const first = await rotateKey(folderOf("a"), { nowMs: 1_000_000 });
    expect(first.stated?.statement.keys).toEqual([{ key: first.notary.kid }, { key: first.world, until: 1_150_000 }]);
    const second = await revokeKey(folderOf("a"), undefined);
    expect(second.stated?.statement.keys.slice(0, 2)).toEqual([{ key: second.notary.kid }, { key: first.notary.kid, revoked: true }]);
    const third = await revokeKey(folderOf("a"), first.world);
    expect(third.notary.kid).toBe(second.notary.kid);
    expect(third.stated?.statement.keys.at(-1)).toEqual({ key: first.world, revoked: true });
    await expect(revokeKey(folderOf("a"), "did:key:nobody")).rejects.toThrow(/none of this world's keys/);
    await expect(rotateKey(join(worlds.folder, "nowhere"))).rejects.toThrow(/no world has opened/);
    for (let i = 0; i < 20; i++) await rotateKey(folderOf("a"), { nowMs: 2_000_000 + i * 1_000_000 });
    const kept = await readKeys(folderOf("a"));
    expect(kept?.stated?.statement.keys).toHaveLength(16);
    await worlds.close(await worlds.open("a"));
  });

  it.each([
    ["cut short", (text: string) => text.slice(0, 40)],
    [
      "with another secret",
      (text: string) => text.replace(/"secret": "../, '"secret": "00').replace(/"secret": "00(.)/, (_, c) => `"secret": "11${c}`),
    ],
    ["with a changed statement", (text: string) => text.replace(/"statement": "(.{80})./, (_, head) => `"statement": "${head}_`)],
    ["empty", () => ""],
  ])("does not open with signing.json %s", async (_what, damage) => {
    await worlds.close(await worlds.open("a"));
    await rotateKey(folderOf("a"));
    writeFileSync(inFolder("signing.json"), damage(readFileSync(inFolder("signing.json"), "utf8")));
    await expect(worlds.open("a")).rejects.toThrow(/signing\.json .*put it back/);
  });

  it("does not take another world's keys for its own", async () => {
    await worlds.close(await worlds.open("a"));
    await worlds.close(await worlds.open("b"));
    await rotateKey(folderOf("b"));
    writeFileSync(inFolder("signing.json"), readFileSync(join(folderOf("b"), "signing.json")));
    await expect(worlds.open("a")).rejects.toThrow(/world\.key is not the identity key of/);
  });
});

describe("crossing while keys change", () => {
  it("[P13] [P14] arrives with a passport of the key before, is released, and comes back under newer keys of both", async () => {
    const { a, b } = await worlds.pair();
    const ada = await RawVisitor.enter(a.wsUrl, "Ada");
    const transfer = await intoTheGate(ada);
    for (const world of [a, b]) {
      await rotateKey(folderOf(world === a ? "a" : "b"));
      expect(await world.renewKeys()).toBe(true);
    }
    const there = await RawVisitor.enter(b.wsUrl, "Ada", ada.keys, tokenOf(transfer));
    expect(there.last("challenge")?.kid).toBeDefined();
    expect((await ada.until("the end at a", () => ada.rejected())).fault.code).toBe("away");
    await there.walkTo(17, 9);
    const home = await RawVisitor.enter(a.wsUrl, "Ada", ada.keys, tokenOf(await intoTheGate(there)));
    expect(home.items.length).toBe(4);
    expect((await audit([folderOf("a"), folderOf("b")])).wrong).toEqual([]);
  });

  it("[P13] [X13] comes back to where one left when that world's key was revoked on the way", async () => {
    const { a, b } = await worlds.pair();
    await rotateKey(folderOf("a"));
    await a.renewKeys();
    const ada = await RawVisitor.enter(a.wsUrl, "Ada");
    const transfer = await intoTheGate(ada);
    await revokeKey(folderOf("a"), undefined);
    await a.renewKeys();
    const turned = async (): Promise<string | undefined> => {
      const at = new RawVisitor(b.wsUrl, ada.keys);
      await at.knock("Ada", tokenOf(transfer));
      return (await at.until("no", () => at.rejected())).fault.code;
    };
    await until("b knows", async () => (await turned()) === "forged");
    ada.send({ t: "stay", transfer: transfer.id });
    await ada.until("taken back", () => ada.all("crossing").some(({ stage }) => stage === "returned"));
    await ada.until("welcome again", () => ada.all("welcome").length === 2);
    expect(ada.items.length).toBe(4);
    expect((await audit([folderOf("a"), folderOf("b")])).wrong).toEqual([]);
  });
});
