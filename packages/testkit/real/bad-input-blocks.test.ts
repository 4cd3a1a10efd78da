// Blocks with wrong bytes, from a world's own disk, from a gateway that lies and from a traveller's own cache: each is found by its
// hash, named, and healed from a right one; what is wrong is never shown.
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { enter, type Visitor } from "@sojourn/client";
import { nodeTraveller } from "@sojourn/client/node";
import { type BlockStore, fetchVersion, httpStore, memoryStore, verifyBlock } from "@sojourn/substrate";
import { directoryStore } from "@sojourn/substrate/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LIES, type Lie, LyingGateway } from "./mission/lying-gateway.ts";
import { until } from "./mission/until.ts";
import { ALL_WELL, auditOf, Realm, type WorldProcess } from "./mission/world-process.ts";

let realm: Realm;
let world: WorldProcess;
/** Another operator's Tavern: another key, the same map, so the same blocks. */
let twin: WorldProcess;
let gateway: LyingGateway;
let root = "";
let leaf = "";
const visitors: Visitor[] = [];

beforeAll(async () => {
  realm = await Realm.open();
  [world, twin] = await Promise.all([
    realm.world("tavern", "tavern", "--no-web", "--heartbeat", "0"),
    realm.world("twin", "tavern", "--no-web", "--heartbeat", "0"),
  ]);
  gateway = await LyingGateway.before(() => world.url);
  root = world.ready.substrate;
  const ids = await blocksIn(world.dataFolder);
  leaf = ids.find((cid) => cid.startsWith("bafk")) ?? "";
});
afterAll(async () => {
  await Promise.all(visitors.map((visitor) => visitor.leave()));
  gateway?.close();
  await realm?.end();
});

const folderOf = (dataFolder: string): string => join(dataFolder, "blocks");
const fileOf = (dataFolder: string, cid: string): string => join(folderOf(dataFolder), cid.slice(-3, -1), cid);

async function blocksIn(dataFolder: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const cid of directoryStore(folderOf(dataFolder)).list?.() ?? []) ids.push(cid);
  return ids;
}

async function flip(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
  await writeFile(file, bytes);
}

async function isRight(file: string, cid: string): Promise<boolean> {
  return existsSync(file) && (await verifyBlock(cid, new Uint8Array(await readFile(file)))).ok;
}

function visit(name: string, sources?: readonly BlockStore[]): Visitor {
  const folder = join(realm.folder, name);
  const visitor = enter(world.url, { name, ...nodeTraveller(folder), ...(sources === undefined ? {} : { sources: () => sources }) });
  visitors.push(visitor);
  return visitor;
}
const live = (visitor: Visitor): Promise<unknown> => until("live", () => visitor.state === "LIVE" && visitor.me !== undefined);

test("two worlds over one map have the same root, and every block of it", () => {
  expect(twin.ready.id).not.toBe(world.ready.id);
  expect(twin.ready.substrate).toBe(root);
  expect(leaf).not.toBe("");
});

test("a byte flipped on the world's own disk: never served, healed from another source, mended when it starts again", async () => {
  await flip(fileOf(world.dataFolder, leaf));
  const ask = (): Promise<Response> => fetch(`${world.url}/ipfs/${leaf}?format=raw`);
  expect((await ask()).status).toBe(404);
  const alone = await fetchVersion(root, { cache: memoryStore(), sources: [httpStore(world.url)] });
  expect(alone).toMatchObject({ ok: false, fault: { code: "missing-block" } });
  const visitor = visit("healed", [httpStore(world.url), httpStore(twin.url)]);
  await live(visitor);
  expect(visitor.substrate?.version.root).toBe(root);
  expect(await isRight(fileOf(join(realm.folder, "healed"), leaf), leaf)).toBe(true);
  await visitor.leave();

  await world.kill();
  await flip(fileOf(world.dataFolder, root));
  await world.start();
  expect(world.ready.substrate).toBe(root);
  const mended = await ask();
  expect(mended.status).toBe(200);
  expect((await verifyBlock(leaf, new Uint8Array(await mended.arrayBuffer()))).ok).toBe(true);
  expect(await isRight(fileOf(world.dataFolder, root), root)).toBe(true);
});

test.each(Object.entries(LIES))(
  "a gateway that gives %s: named, left, and the block taken from who gives it right",
  async (name, lie: Lie) => {
    for (const cid of [leaf, root]) {
      gateway.lies.clear();
      gateway.lies.set(cid, lie);
      const alone = await fetchVersion(root, { cache: memoryStore(), sources: [httpStore(gateway.url, { name: "the liar" })] });
      expect([name, alone.ok, alone.ok || alone.fault.code]).toEqual([name, false, "bad-block"]);
      expect(alone.ok || alone.fault.detail).toContain("the liar");
      gateway.asked.length = 0;
      const cache = memoryStore();
      const sources = [httpStore(gateway.url, { name: "the liar" }), httpStore(world.url, { name: "the world" })];
      const healed = await fetchVersion(root, { cache, sources });
      if (!healed.ok) throw new Error(healed.fault.detail);
      const got = await cache.get(cid);
      expect(got.ok && (await verifyBlock(cid, got.value)).ok).toBe(true);
      const liar = healed.value.sources.find((source) => source.name === "the liar");
      // The root is asked of the first source; another block of whichever is quicker. Who lied about it is left, and the report says why.
      if (cid === root) expect(gateway.asked).toContain(root);
      if (gateway.asked.includes(cid)) expect(liar?.left).toContain("gave wrong bytes");
    }
  },
);

test("a traveller who has only a liar to ask is told the fault and shown nothing", async () => {
  gateway.lies.clear();
  gateway.lies.set(leaf, LIES["one byte flipped"] as Lie);
  const visitor = visit("deceived", [httpStore(gateway.url)]);
  const told: string[] = [];
  visitor.on("reject", ({ fault }) => told.push(fault.code));
  await until("the fault", () => told.includes("bad-block"));
  expect(visitor.substrate).toBeUndefined();
  expect(visitor.state).not.toBe("LIVE");
  expect(existsSync(fileOf(join(realm.folder, "deceived"), leaf))).toBe(false);
  // Nothing stays behind of the lie: asked again when it tells the truth, the same source will do.
  gateway.lies.clear();
  await visitor.leave();
  const again = visit("deceived", [httpStore(gateway.url)]);
  await live(again);
  await again.leave();
});

test("a byte flipped in the traveller's own cache: fetched anew, that one block and no other", async () => {
  gateway.lies.clear();
  const folder = join(realm.folder, "keeper");
  const first = visit("keeper", [httpStore(gateway.url)]);
  await live(first);
  await first.leave();
  for (const cid of [leaf, root]) {
    await flip(fileOf(folder, cid));
    gateway.asked.length = 0;
    const again = visit("keeper", [httpStore(gateway.url)]);
    await live(again);
    expect(gateway.asked).toEqual([cid]);
    expect(await isRight(fileOf(folder, cid), cid)).toBe(true);
    await again.leave();
  }
});

test("with nobody to ask, a whole cache is haunted and a damaged one is not shown", async () => {
  await world.kill();
  const folder = join(realm.folder, "keeper");
  const ghost = visit("keeper");
  await until("a ghost", () => ghost.state === "GHOST");
  expect(ghost.substrate?.version.root).toBe(root);
  await ghost.leave();
  await flip(fileOf(folder, leaf));
  const blind = visit("keeper");
  const states: string[] = [blind.state];
  blind.on("state", (state) => states.push(state));
  await until("the damage is found", () => !existsSync(fileOf(folder, leaf)));
  await world.start();
  await live(blind);
  // It was never shown from what was damaged, and is whole again now.
  expect(states).not.toContain("GHOST");
  expect(await isRight(fileOf(folder, leaf), leaf)).toBe(true);
  await blind.leave();
});

test("and the journals are whole", async () => {
  expect(await auditOf(world)).toEqual(ALL_WELL);
});
