// A world, its heirs, and strangers, for real: the statement goes where the heads go; an heir goes on with the land and with nobody's things; the
// world that comes back is told, and may take itself back; nothing and nobody is there twice whichever world is opened.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { generateKeys } from "@sojourn/passport";
import { FaultError, valueOf, type WorldId } from "@sojourn/protocol";
import { type FoundHead, httpReplica, openHead, openSuccession, readFoundHead, type SeenHead } from "@sojourn/substrate";
import { folderReplica } from "@sojourn/substrate/node";
import { afterEach, beforeEach, expect, it } from "vitest";
import { audit } from "../audit.ts";
import { IDENTITY_FILE } from "../authority/identity.ts";
import { detachIdentity } from "../authority/key-change.ts";
import { RawVisitor } from "../fixtures/raw-visitor.ts";
import { TestWorlds } from "../fixtures/test-worlds.ts";
import { openWorld } from "../open-world.ts";
import type { OpenOptions, RunningWorld } from "../options.ts";
import { judge } from "../replication/newest-head.ts";
import { restoreFrom } from "../replication/restore-from.ts";
import { type ResumedWorld, resumeWorld } from "./resume.ts";
import { nameHeir, withdrawHeir } from "./stated-heirs.ts";

const SILENCE_MS = 1_000;

async function eventually(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(look, { timeout: 15_000, interval: 50, message: what }).toBe(true);
}

let worlds: TestWorlds;
const open: RunningWorld[] = [];
beforeEach(() => {
  worlds = new TestWorlds();
});
afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
  await worlds.dispose();
});

const place = (name = "backup"): string => `folder:${join(worlds.folder, name)}`;
const backedUp = (more: Partial<OpenOptions> = {}): Partial<OpenOptions> => ({
  replicas: [{ replica: place() }],
  shipSeconds: 0.2,
  ...more,
});

/** A world that has too much to do for one more says so, and there is room again soon. */
async function entered(wsUrl: string, name: string, keys?: RawVisitor["keys"]): Promise<RawVisitor> {
  for (;;) {
    const visitor = await RawVisitor.enter(wsUrl, name, keys).catch((error: Error) => error);
    if (visitor instanceof RawVisitor) return visitor;
    if (!visitor.message.startsWith("busy")) throw visitor;
    await sleep(100);
  }
}

async function keyFile(name = "heir"): Promise<{ readonly file: string; readonly id: WorldId }> {
  const keys = await generateKeys();
  const file = join(worlds.folder, `${name}.key`);
  writeFileSync(file, `${Buffer.from(keys.secret).toString("hex")}\n`);
  return { file, id: keys.id };
}

async function headAt(world: WorldId, from = place(), seen?: SeenHead): Promise<FoundHead> {
  const replica = from.startsWith("http") ? httpReplica(from) : folderReplica(from.replace("folder:", ""));
  const bytes = valueOf(await replica.heads.read(world)) ?? new Uint8Array();
  return valueOf(await readFoundHead(valueOf(openHead(world, bytes, judge)), replica.blocks, judge, Date.now(), seen));
}

/** As soon as the silence is over; before that it is refused, and it is said from when on it is not. */
async function resumed(world: WorldId, key: string, to: string, from = place()): Promise<ResumedWorld> {
  let done: ResumedWorld | undefined;
  await eventually("the silence to be over", async () => {
    done = await resumeWorld({ world, from: { replica: from }, keyFile: key, dataFolder: worlds.dataFolder(to) }).catch(
      (problem: unknown) => {
        expect(problem).toMatchObject({ fault: { code: "too-fast", detail: expect.stringMatching(/from 20\d\d-/) } });
        return undefined;
      },
    );
    return done !== undefined;
  });
  return done as ResumedWorld;
}

async function openHeir(to: string, more: Partial<OpenOptions> = {}): Promise<RunningWorld> {
  const world = await openWorld(
    { inherited: "The heir's" },
    { ...backedUp(), dataFolder: worlds.dataFolder(to), heartbeatMinutes: 0, ...more },
  );
  open.push(world);
  await eventually("its first heads", () => {
    const claims = world.stats().replicas.map(({ claim }) => (claim?.headMs ?? 0) > 0 || claim?.isOver === true);
    return claims.length > 0 && claims.every(Boolean);
  });
  return world;
}

const faultOf = async (work: Promise<unknown>): Promise<{ code: string; detail: string }> => {
  const problem = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(problem instanceof FaultError)) throw new Error(`no fault but ${String(problem)}`);
  return problem.fault;
};

it("[N8] [N21] an heir goes on with the land and what was built, with nobody and nothing else; who comes back is told, and takes it back", async () => {
  const a = await worlds.open("a", {}, backedUp());
  const ada = await entered(a.wsUrl, "Ada");
  expect(await ada.doing({ kind: "place", item: ada.carried("crate"), x: 17.5, y: 6.5 })).toBe("done");
  const heir = await keyFile();
  await nameHeir(worlds.dataFolder("a"), { world: heir.id, afterMs: SILENCE_MS }, false);
  expect(await a.renewHeirs()).toBe(true);
  expect(await a.renewHeirs()).toBe(false);
  const { root, replicas } = await a.heartbeat();
  expect(replicas).toEqual([{ replica: place() }]);
  const last = await headAt(a.id);
  expect(openSuccession(a.id, last.head.succession as Uint8Array, judge)).toMatchObject({ ok: true, value: { version: 1 } });
  await ada.leave();
  await worlds.close(a);
  const done = await resumed(a.id, heir.file, "b");
  expect(done).toMatchObject({ world: a.id, heir: heir.id, statementVersion: 1, rank: 0, root });

  const b = await openHeir("b");
  expect([b.id, b.substrate]).toEqual([heir.id, root]);
  for (const from of [place(), b.url]) {
    expect(await headAt(a.id, from)).toMatchObject({
      head: { at: b.url },
      resumption: { heir: { world: heir.id } },
      heartbeat: { version: root },
    });
  }
  const again = await entered(b.wsUrl, "Ada", ada.keys);
  expect(again.items).toEqual([]);
  expect(again.manifest).toMatchObject({ world: heir.id, resumes: a.id, substrate: root });
  const counts = await audit([worlds.dataFolder("a"), worlds.dataFolder("b")]);
  expect(counts).toMatchObject({ itemsDuplicated: 0, itemsLost: 0, unresolved: 0, wrong: [] });

  // The world itself comes back, and is told; nothing of it was touched.
  const refused = await faultOf(worlds.open("a", {}, backedUp()));
  expect(refused).toMatchObject({ code: "superseded", detail: expect.stringContaining(heir.id) });
  const back = await worlds.open("a", {}, backedUp({ takeBack: true }));
  await eventually("its head above the heir's", async () => (await headAt(a.id)).claim === undefined);
  const { sequence } = (await headAt(a.id)).head;
  expect(sequence).toBeGreaterThan(last.head.sequence);
  const home = await entered(back.wsUrl, "Ada", ada.keys);
  expect(home.carried("sign")).toBeDefined();
  await b.heartbeat();
  expect(b.stats().replicas[0]?.claim).toMatchObject({ isOver: true });
  expect((await headAt(a.id)).head.sequence).toBeGreaterThanOrEqual(sequence);
  expect(await audit([worlds.dataFolder("a"), worlds.dataFolder("b")])).toMatchObject({ itemsDuplicated: 0, itemsLost: 0, wrong: [] });
  await worlds.close(back);
});

it("[N9] nobody resumes unnamed, withdrawn, too early, with a key that was used, or into a folder that is there", async () => {
  const a = await worlds.open("a", {}, backedUp());
  const [heir, other] = [await keyFile(), await keyFile("other")];
  const attempt = (key: string, to: string, world = a.id): Promise<{ code: string; detail: string }> =>
    faultOf(resumeWorld({ world, from: { replica: place() }, keyFile: key, dataFolder: worlds.dataFolder(to) }));
  await a.heartbeat();
  expect(await attempt(heir.file, "b")).toMatchObject({ code: "not-allowed", detail: expect.stringContaining("names no heirs") });
  await nameHeir(worlds.dataFolder("a"), { world: heir.id, afterMs: 3_600_000 }, false);
  await a.renewHeirs();
  await a.heartbeat();
  expect(await attempt(other.file, "b")).toMatchObject({ code: "not-allowed", detail: expect.stringContaining(heir.id) });
  expect(await attempt(heir.file, "b")).toMatchObject({ code: "too-fast", detail: expect.stringMatching(/too early: .* from 20/) });
  expect(await attempt(join(worlds.dataFolder("a"), IDENTITY_FILE), "b")).toMatchObject({ code: "refused" });
  expect(await attempt(heir.file, "a")).toMatchObject({ code: "refused", detail: expect.stringContaining("is there already") });
  expect(await attempt(join(worlds.folder, "none.key"), "b")).toMatchObject({ code: "no-such-target" });
  expect(await attempt(heir.file, "b", other.id)).toMatchObject({ code: "missing-block" });
  await withdrawHeir(worlds.dataFolder("a"), heir.id);
  await a.renewHeirs();
  await a.heartbeat();
  expect(await attempt(heir.file, "b")).toMatchObject({ code: "not-allowed", detail: expect.stringContaining("withdrawn") });
  expect(await faultOf(withdrawHeir(worlds.dataFolder("a"), heir.id))).toMatchObject({ code: "no-such-target" });
  await worlds.close(a);
});

it("names heirs with the identity key alone, wherever it lies, and keeps their order", async () => {
  const a = await worlds.open("a");
  const folder = worlds.dataFolder("a");
  const drawer = join(worlds.folder, "drawer.key");
  await detachIdentity(folder, drawer);
  const [x, y] = [await keyFile("x"), await keyFile("y")];
  expect(await faultOf(nameHeir(folder, { world: x.id, afterMs: SILENCE_MS }, false))).toMatchObject({ code: "no-such-target" });
  expect(await faultOf(nameHeir(folder, { world: x.id, afterMs: SILENCE_MS }, false, { identityFile: x.file }))).toMatchObject({
    code: "refused",
  });
  const change = { identityFile: drawer };
  await nameHeir(folder, { world: x.id, afterMs: SILENCE_MS }, false, change);
  await nameHeir(folder, { world: y.id, afterMs: SILENCE_MS }, true, change);
  const { succession } = await nameHeir(folder, { world: x.id, afterMs: 2 * SILENCE_MS, at: "http://x.example" }, false, {
    ...change,
    after: 9,
  });
  expect(succession).toMatchObject({
    version: 10,
    heirs: [{ world: y.id }, { world: x.id, afterMs: 2 * SILENCE_MS, at: "http://x.example" }],
  });
  expect(await a.renewHeirs()).toBe(true);
  const visitor = await entered(a.wsUrl, "Ada");
  expect(openSuccession(a.id, visitor.manifest?.succession as Uint8Array, judge)).toMatchObject({ value: { version: 10 } });
  const path = join(folder, "heirs.json");
  writeFileSync(path, readFileSync(path, "utf8").replace(/"statement": "...../, '"statement": "AAAAA'));
  await expect(a.renewHeirs()).rejects.toThrow(/heirs.json is damaged/);
  await worlds.close(a);
});

it("[N21] what the world sealed goes along with the heir, unopened: its own key restores it from the heir's replica, and the heir's key the heir's", async () => {
  const a = await worlds.open("a", {}, backedUp());
  const ada = await entered(a.wsUrl, "Ada");
  const heir = await keyFile();
  await nameHeir(worlds.dataFolder("a"), { world: heir.id, afterMs: SILENCE_MS }, false);
  await a.renewHeirs();
  await a.heartbeat();
  expect(await ada.doing({ kind: "drop", item: ada.carried("ale") })).toBe("done");
  await worlds.close(a);
  await resumed(a.id, heir.file, "b");
  const theirs = { replica: place("theirs") };
  const b = await openHeir("b", { replicas: [theirs] });
  await b.close();
  const { sequence } = (await headAt(a.id, theirs.replica)).head;
  const attempt = resumeWorld({ world: a.id, from: theirs, keyFile: heir.file, dataFolder: worlds.dataFolder("x") });
  expect(await faultOf(attempt)).toMatchObject({ code: "refused", detail: expect.stringContaining("sojourn restore") });
  // The heir's own world comes back like any other, and goes on with what it inherited.
  await restoreFrom({ from: theirs, keyFile: heir.file, dataFolder: worlds.dataFolder("c") });
  const c = await openHeir("c", { replicas: [theirs] });
  expect(await headAt(a.id, theirs.replica)).toMatchObject({ head: { at: c.url }, resumption: { heir: { world: heir.id } } });
  expect((await headAt(a.id, theirs.replica)).head.sequence).toBeGreaterThan(sequence);
  await c.close();
  // And so does the world itself. Restored where the heir's head was seen, it is above that and needs nobody's leave.
  const keyOfA = join(worlds.dataFolder("a"), IDENTITY_FILE);
  const done = await restoreFrom({ from: theirs, keyFile: keyOfA, dataFolder: worlds.dataFolder("again") });
  expect(done).toMatchObject({ world: a.id, heir: heir.id, travellers: 1, items: 4 });
  const again = await worlds.open("again", {}, { replicas: [theirs] });
  await eventually("its head above the heir's", async () => (await headAt(a.id, theirs.replica)).claim === undefined);
  await worlds.close(again);
});

it("[N17] of two heirs at one place the one that is named first goes on, and the other is told and keeps what is its own", async () => {
  const a = await worlds.open("a", {}, backedUp());
  const [first, second] = [await keyFile("first"), await keyFile("second")];
  for (const { id } of [first, second]) await nameHeir(worlds.dataFolder("a"), { world: id, afterMs: SILENCE_MS }, false);
  await a.renewHeirs();
  await a.heartbeat();
  await worlds.close(a);
  await resumed(a.id, second.file, "c");
  await resumed(a.id, first.file, "b");
  const c = await openHeir("c");
  expect((await headAt(a.id)).claim?.heir.world).toBe(second.id);
  const b = await openHeir("b");
  expect((await headAt(a.id)).claim?.heir.world).toBe(first.id);
  await c.heartbeat();
  expect(c.stats().replicas[0]?.claim?.isOver).toBe(true);
  expect(c.stats().replicas[0]?.fault).toBeUndefined();
  await b.heartbeat();
  expect((await headAt(a.id)).claim?.heir.world).toBe(first.id);
});

it("a neighbour of the mesh keeps the world by its heir, from the address that the statement gives, and its sealed part with it", async () => {
  const mesh = { mesh: { askEveryMs: 100 }, shipSeconds: 0.2 };
  const heir = await keyFile();
  const a = await worlds.open("a", {}, mesh);
  // Where the heir will be entered: a port that is free when it is named.
  const probe = await worlds.open("probe");
  const { port } = probe;
  await worlds.close(probe);
  await nameHeir(worlds.dataFolder("a"), { world: heir.id, afterMs: SILENCE_MS, at: `http://127.0.0.1:${port}` }, false);
  await a.renewHeirs();
  const c = await worlds.open("c", {}, { ...mesh, peers: [{ world: a.id, name: "a", url: a.url }] });
  await a.heartbeat();
  await eventually("the neighbour's copy with the statement", async () => {
    const bytes = await httpReplica(c.url).heads.read(a.id);
    const genuine = bytes.ok && bytes.value !== undefined ? openHead(a.id, bytes.value, judge) : undefined;
    return genuine?.ok === true && genuine.value.head.succession !== undefined;
  });
  const own = await headAt(a.id, c.url);
  await worlds.close(a);
  await resumed(a.id, heir.file, "b", c.url);
  const b = await openHeir("b", { replicas: [], port });
  // The neighbour asks who is gone more and more rarely; pinned anew, it asks at once.
  await c.addPeer({ world: a.id, name: "a", url: a.url.replace("127.0.0.1", "localhost") });
  await eventually("the neighbour to follow", async () => (await headAt(a.id, c.url)).claim !== undefined);
  const kept = await headAt(a.id, c.url);
  expect(kept).toMatchObject({ head: { at: b.url }, resumption: { fromSequence: own.head.sequence } });
  const sealed = await httpReplica(c.url).blocks.get(own.heartbeat.state as string);
  expect(sealed.ok).toBe(true);
  await worlds.close(c);
});
