// A world and its replicas, for real: what is told to be durable is there seconds later, sealed; a restore from one replica alone is the same
// world; a replica that is down is an alarm and catches up by itself; a later writer fences out an older one.
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openEnvelope, recoveryKeys } from "@sojourn/passport/node";
import { valueOf } from "@sojourn/protocol";
import { jsonLog } from "@sojourn/runtime";
import { readHead, readHeartbeat } from "@sojourn/substrate";
import { folderReplica } from "@sojourn/substrate/node";
import { afterEach, beforeEach, expect, it } from "vitest";
import { audit, replayFolder } from "../audit.ts";
import { readIdentity } from "../authority/identity.ts";
import { RawVisitor, until } from "../fixtures/raw-visitor.ts";
import { TestWorlds } from "../fixtures/test-worlds.ts";
import { hasBegunAmnesia } from "../kernel/amnesia.ts";
import type { OpenOptions, RunningWorld } from "../options.ts";
import { custodyAt } from "./export-state.ts";
import type { ReplicaStatus } from "./replica-status.ts";
import { type Restored, restoreWorld } from "./restore.ts";
import { rowsOf, stateHash } from "./state-rows.ts";

let worlds: TestWorlds;
let lines: string[];
beforeEach(() => {
  worlds = new TestWorlds();
  lines = [];
});
afterEach(() => worlds.dispose());

const place = (name = "backup"): string => join(worlds.folder, name);
const backedUp = (more: Partial<OpenOptions> = {}): Partial<OpenOptions> => ({
  replicas: [{ replica: `folder:${place()}` }],
  shipSeconds: 0.2,
  log: jsonLog((line) => lines.push(line)),
  ...more,
});
const standing = (world: RunningWorld, n = 0): ReplicaStatus => world.stats().replicas[n] as ReplicaStatus;
const shipped = (world: RunningWorld, n = 0): Promise<unknown> =>
  until("everything durable to be at the replica", () => (standing(world, n)?.seq ?? 0) >= world.stats().journalSeq);

async function restored(world: string, to: string, more: { identity?: Uint8Array; from?: string } = {}): Promise<Restored> {
  const identity = more.identity ?? ((await readIdentity(worlds.dataFolder("a"))) as Uint8Array);
  const recovery = recoveryKeys(identity);
  const replica = folderReplica(place(more.from));
  const done = await restoreWorld({
    ...{ replica, world, identity, dataFolder: join(worlds.folder, to) },
    open: (envelope) => openEnvelope(envelope, recovery),
  });
  if (!done.ok) throw new Error(`${done.fault.code}: ${done.fault.detail}`);
  return done.value;
}

it("gives back every durable record seconds later, from the replica alone, and opens as a world that asks what it has lost", async () => {
  const world = await worlds.open("a", {}, backedUp());
  const ada = await RawVisitor.enter(world.wsUrl, "Ada");
  expect(await ada.doing({ kind: "place", item: ada.carried("crate"), x: 17.5, y: 6.5 })).toBe("done");
  const report = await world.heartbeat();
  expect(report).toMatchObject({ builds: 1, replicas: [{ replica: `folder:${place()}` }] });
  expect(report.replicas[0]?.fault).toBeUndefined();
  // After the heartbeat: only the journal's end tells of these.
  expect(await ada.doing({ kind: "place", item: ada.carried("sign"), x: 14.5, y: 5.5, text: "Back soon" })).toBe("done");
  expect(await ada.doing({ kind: "drop", item: ada.carried("ale") })).toBe("done");
  await shipped(world);
  const { seq } = standing(world);
  const done = await restored(world.id, "again");
  expect(done).toMatchObject({ world: world.id, seq, isAtRest: false, substrate: report.root, builds: 2, travellers: 1 });
  expect(done.stateHash).toBe(stateHash(rowsOf(custodyAt(worlds.dataFolder("a"), seq).replay)));
  expect(await hasBegunAmnesia(worlds.dataFolder("again"))).toBe(true);
  await ada.leave();
  await worlds.close(world);

  const again = await worlds.open("again", {});
  expect([again.id, again.substrate]).toEqual([world.id, report.root]);
  const keys = ada.keys;
  const back = await RawVisitor.enter(again.wsUrl, "Ada", keys);
  expect(back.carried("torch")).toBeDefined();
  await worlds.close(again);
  const { custody } = replayFolder(worlds.dataFolder("again"));
  expect([...custody.builds.values()].map(({ object }) => object.text)).toContain("Back soon");
});

it("[X47] brings back nobody and nothing that left after the last shipment: whoever holds them says so", { timeout: 60_000 }, async () => {
  const customs = { "*": { allow: ["*"] } };
  const a = await worlds.open("a", { to: "b", customs }, backedUp({ shipSeconds: 0 }));
  const b = await worlds.open("b", { to: "a", entry: "portal-only", customs });
  await a.addPeer({ world: b.id, name: "b", url: b.url });
  await b.addPeer({ world: a.id, name: "a", url: a.url });
  const ada = await RawVisitor.enter(a.wsUrl, "Ada");
  expect((await a.heartbeat()).replicas[0]?.fault).toBeUndefined();
  // The machine is lost at this moment as far as the replica knows; Ada walks out after it.
  cpSync(place(), place("frozen"), { recursive: true });
  await ada.walkTo(21, 5.5);
  const { passport, signature } = await ada.until("the passport", () => ada.last("transfer"));
  const there = await RawVisitor.enter(b.wsUrl, "Ada", ada.keys, `${passport}.${Buffer.from(signature).toString("base64url")}`);
  expect(there.items.length).toBe(4);
  await worlds.close(a);
  const done = await restored(a.id, "again", { from: "frozen" });
  expect(done).toMatchObject({ travellers: 1, items: 4, isAtRest: false });
  const again = await worlds.open("again", { to: "b", customs });
  await b.addPeer({ world: again.id, name: "a", url: again.url });
  await until("the peer's word", () => replayFolder(worlds.dataFolder("again")).custody.memory.report !== undefined, 20_000);
  const { report } = replayFolder(worlds.dataFolder("again")).custody.memory;
  expect(report).toMatchObject({ travellersLeft: 1, itemsLeft: 4 });
  expect(await audit([worlds.dataFolder("again"), worlds.dataFolder("b")])).toMatchObject({
    ...{ travellers: 1, travellersLost: 0, travellersDuplicated: 0, itemsDuplicated: 0, unresolved: 0, wrong: [] },
  });
});

it("says in its last heartbeat that it was closed in good order: then nothing is lost, and it opens as it was", async () => {
  const world = await worlds.open("a", {}, backedUp());
  const ada = await RawVisitor.enter(world.wsUrl, "Ada");
  await ada.leave();
  await worlds.close(world);
  const done = await restored(world.id, "again");
  expect(done.isAtRest).toBe(true);
  expect(await hasBegunAmnesia(worlds.dataFolder("again"))).toBe(false);
  expect(done.seq).toBe(replayFolder(worlds.dataFolder("a")).custody.seq);
  // Opened again, the same world says at once that it is open.
  const open = await worlds.open("a", {}, backedUp());
  await until("a head of the new opening", () => standing(open)?.headMs > 0);
  expect((await restored(world.id, "third")).isAtRest).toBe(false);
});

it("proves each replica by a restore from it alone, and says when one does not give back what it was given", async () => {
  const world = await worlds.open("a", {}, backedUp());
  await until("the first proof", () => standing(world)?.provenMs > 0);
  const first = standing(world);
  expect(first.provenSeq).toBeGreaterThan(0);
  // Every sealed part that lies there is damaged behind the world's back.
  const blocks = join(place(), "ipfs");
  for (const name of readdirSync(blocks)) if (name.startsWith("bafkrei")) writeFileSync(join(blocks, name), "rotten");
  await RawVisitor.enter(world.wsUrl, "Ada");
  await world.heartbeat();
  await until("the alarm", () => lines.some((line) => line.includes("replica not proven")));
  // It is healed by being given everything again, without anybody doing anything.
  await until("another proof", () => standing(world).provenMs > first.provenMs, 20_000);
  expect(standing(world).fault).toBeUndefined();
});

it("goes on while a replica is down, says so, feeds the others, and catches up by itself", { timeout: 60_000 }, async () => {
  const both = [{ replica: `folder:${place()}` }, { replica: `folder:${place("other")}` }];
  const world = await worlds.open("a", {}, backedUp({ replicas: both }));
  await until("both", () => standing(world, 0)?.seq > 0 && standing(world, 1)?.seq > 0);
  // A file where the folder was: nothing can be written there, not even by root.
  renameSync(place(), place("away"));
  writeFileSync(place(), "");
  const ada = await RawVisitor.enter(world.wsUrl, "Ada");
  expect(await ada.doing({ kind: "drop", item: ada.carried("ale") })).toBe("done");
  await until("the alarm", () => standing(world, 0).fault !== undefined);
  await shipped(world, 1);
  expect(lines.some((line) => /replica not (fed|proven)/.test(line))).toBe(true);
  rmSync(place());
  renameSync(place("away"), place());
  await until("the first to catch up", () => standing(world, 0).seq >= world.stats().journalSeq, 20_000);
  expect(standing(world, 0).fault).toBeUndefined();
  expect((await restored(world.id, "again")).seq).toBeGreaterThanOrEqual(world.stats().journalSeq - 1);
  // Another disk in its place, with nothing on it: it is given everything.
  rmSync(place(), { recursive: true });
  expect(await ada.doing({ kind: "drop", item: ada.carried("torch") })).toBe("done");
  await until("everything to be there again", () => standing(world, 0).seq >= world.stats().journalSeq, 20_000);
  expect((await restored(world.id, "anew")).seq).toBeGreaterThanOrEqual(world.stats().journalSeq - 1);
});

it("stops publishing, loudly, when a later writer speaks for the world: the older of two that are open is fenced out", async () => {
  const world = await worlds.open("a", {}, backedUp());
  await shipped(world);
  await restored(world.id, "again");
  const again = await worlds.open("again", {}, backedUp());
  await until("the later one's head", () => standing(again)?.headMs > 0);
  await RawVisitor.enter(world.wsUrl, "Ada");
  await until("the older one to see it", () => standing(world).isFenced);
  expect(lines.some((line) => line.includes("another writer speaks for this world"))).toBe(true);
  const before = (await restored(world.id, "third")).epoch;
  await world.heartbeat();
  expect((await restored(world.id, "fourth")).epoch).toBe(before);
  expect(standing(again).isFenced).toBe(false);
});

it("keeps nothing in the open: no name, no word, no key of anybody is to be read in a replica", async () => {
  const world = await worlds.open("a", {}, backedUp());
  const ada = await RawVisitor.enter(world.wsUrl, "Ada Unmistakable");
  expect(await ada.doing({ kind: "drop", item: ada.carried("ale") })).toBe("done");
  await world.heartbeat();
  await shipped(world);
  const secret = readFileSync(join(worlds.dataFolder("a"), "world.key"), "utf8").trim();
  const words = ["Ada Unmistakable", ada.keys.id, secret].map((word) => Buffer.from(word));
  for (const file of filesIn(place())) {
    const bytes = readFileSync(file);
    for (const word of words) expect([file, bytes.includes(word)]).toEqual([file, false]);
  }
});

it("refuses to overwrite a folder, another world's key, and a world of which nothing came there", async () => {
  const world = await worlds.open("a", {}, backedUp());
  await shipped(world);
  await expect(restored(world.id, "a")).rejects.toThrow(/refused: .* is there already/);
  await expect(restored(world.id, "again", { identity: new Uint8Array(32).fill(5) })).rejects.toThrow(/not-holder/);
  await expect(restored(`${world.id.slice(0, -1)}${world.id.endsWith("a") ? "b" : "a"}`, "again")).rejects.toThrow();
  expect(existsSync(worlds.dataFolder("again"))).toBe(false);
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile());
}

it.each([
  ["none", {}, false],
  ["terrain", {}, true],
  ["builds", { archiveDelayMinutes: 60 }, true],
] as const)(
  "[N16] lets others keep what the archive policy %s with %j says, and its operator all of it",
  async (archive, more, isMapGiven) => {
    const world = await worlds.open("a", { archive, ...more }, backedUp());
    const map = world.substrate;
    const ada = await RawVisitor.enter(world.wsUrl, "Ada");
    expect(await ada.doing({ kind: "place", item: ada.carried("crate"), x: 17.5, y: 6.5 })).toBe("done");
    const report = await world.heartbeat();
    expect(report.root).not.toBe(map);
    await shipped(world);
    const { blocks, heads } = folderReplica(place());
    const head = valueOf(readHead(valueOf(await heads.read(world.id)) as Uint8Array)).head;
    const { version } = valueOf(await readHeartbeat(head.heartbeat, blocks));
    expect(version).toBe(isMapGiven ? map : null);
    expect([await blocks.has(map), await blocks.has(report.root)]).toEqual([isMapGiven, false]);
    expect(await restored(world.id, "again")).toMatchObject({ substrate: report.root, builds: 1 });
    const again = await worlds.open("again", { archive, ...more });
    expect(again.substrate).toBe(report.root);
  },
);
