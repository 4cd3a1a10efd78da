// Heirs as a traveller's client meets them: heads on a web that is made of memory, and worlds that say what the test says.
import { generateKeys, headJudge, type keysFromSecret } from "@sojourn/passport";
import { valueOf } from "@sojourn/protocol";
import { memoryKeyValue } from "@sojourn/runtime";
import {
  type Block,
  firstSequence,
  type Heartbeat,
  headName,
  heartbeatBlock,
  heirEpoch,
  memoryStore,
  openHead,
  writeHead,
  writeSuccession,
} from "@sojourn/substrate";
import { ScriptedWorld } from "@sojourn/testkit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { enterScripted } from "./fixtures/enter-scripted.ts";
import { lookForHeads, placesOf, type Silent } from "./heirs.ts";
import { seenHead } from "./kept.ts";
import type { EnterOptions, RefusedCopy, ResumedBy, Visitor } from "./visitor.ts";

const AFTER_MS = 60_000;
const T = 1_800_000_000_000;
const LATER = T + AFTER_MS + 1;
/** What lies at `<host>/ipfs/…` and `<host>/ipns/…`. */
const web = new Map<string, Uint8Array>();
const visitors: Visitor[] = [];

beforeEach(() => {
  web.clear();
  vi.stubGlobal("fetch", async (url: string) => {
    const found = web.get(url.replace(/\?.*$/, ""));
    return found === undefined ? new Response("", { status: 404 }) : new Response(Uint8Array.from(found));
  });
});
afterEach(async () => {
  for (const visitor of visitors.splice(0)) await visitor.leave();
  vi.unstubAllGlobals();
});

type Keys = ReturnType<typeof keysFromSecret>;

interface Line {
  readonly world: Keys;
  readonly heir: Keys;
  readonly statement: Uint8Array;
  readonly own: Uint8Array;
  readonly resumed: Uint8Array;
}

/** A world's last head at `from`, and its heir's at `at`, where the heir is entered. */
async function lineage(world: Keys, from: string, heir: Keys, at: string, ownMs = T): Promise<Line> {
  const statement = await writeSuccession(
    { world: world.id, version: 1, timeMs: T, heirs: [{ world: heir.id, afterMs: AFTER_MS, at }] },
    world.sign,
  );
  const quiet: Heartbeat = {
    ...{ world: world.id, epoch: 1, stateSeq: 0, journalSeq: 0, tick: 1, timeMs: ownMs, archive: { policy: "all", delayMs: 0 } },
    ...{ version: null, state: null, tail: null, before: null },
  };
  const last = await heartbeatBlock(quiet);
  const head = { untilMs: T + 9_999_999, ttlMs: 0, succession: statement };
  const own = await writeHead({ ...head, heartbeat: last.cid, sequence: firstSequence(1) }, world.sign);
  const epoch = heirEpoch(1, 0);
  const sinceMs = ownMs + AFTER_MS;
  const next = await heartbeatBlock({ ...quiet, epoch, timeMs: sinceMs, resumed: { head: own, heartbeat: last.cid, sinceMs } });
  const theirs = { ...head, heir: heir.id, kid: heir.id, at };
  const resumed = await writeHead({ ...theirs, heartbeat: next.cid, sequence: firstSequence(epoch) }, heir.sign);
  put(from, world.id, own, [last]);
  put(at, world.id, resumed, [last, next]);
  return { world, heir, statement, own, resumed };
}

function put(at: string, world: string, head: Uint8Array, blocks: readonly Block[] = []): void {
  web.set(`${at}/ipns/${headName(world)}`, head);
  for (const { cid, bytes } of blocks) web.set(`${at}/ipfs/${cid}`, bytes);
}

const silent = (line: Line, places: readonly string[], heardMs: number | undefined = undefined): Silent => ({
  ...{ world: line.world.id, places, heardMs, succession: line.statement },
});

const HOME = "http://home.test";
const AWAY = "http://away.test";

test("[N20] a client finds the heir at any place that has its head, and remembers it: no older head is shown afterwards", async () => {
  const line = await lineage(await generateKeys(), HOME, await generateKeys(), AWAY);
  const storage = memoryKeyValue();
  const { found, copies } = await lookForHeads(silent(line, [HOME, AWAY, "http://nobody.test"]), storage, LATER);
  expect([found?.head.at, found?.resumption?.heir.world, copies]).toEqual([AWAY, line.heir.id, []]);
  expect(await seenHead(storage, line.world.id)).toMatchObject({
    sequence: found?.head.sequence,
    heardMs: T,
    resumed: { sinceMs: T + AFTER_MS },
  });
  expect((await lookForHeads(silent(line, [HOME]), storage, LATER)).found).toBeUndefined();
});

test("[N20] too early for one's own clock, or for what one heard of the world oneself, an heir is a copy, and is named as one with the time", async () => {
  const line = await lineage(await generateKeys(), HOME, await generateKeys(), AWAY);
  for (const [nowMs, heardMs] of [
    [T + AFTER_MS - 1, undefined],
    [LATER, LATER - 10],
  ] as const) {
    const storage = memoryKeyValue();
    const { found, copies } = await lookForHeads(silent(line, [AWAY], heardMs), storage, nowMs);
    expect(found).toBeUndefined();
    expect(copies).toMatchObject([{ at: AWAY, why: expect.stringMatching(/not been silent for long enough.* from 20/) }]);
    expect(await seenHead(storage, line.world.id)).toBeUndefined();
  }
});

test("[N20] a withdrawn heir is a copy for who has seen the withdrawal, and a stranger's head is nothing", async () => {
  const [world, heir, stranger] = await Promise.all([generateKeys(), generateKeys(), generateKeys()]);
  const line = await lineage(world, HOME, heir, AWAY);
  const withdrawn = await writeSuccession({ world: world.id, version: 2, timeMs: T, heirs: [] }, world.sign);
  const { copies } = await lookForHeads({ ...silent(line, [AWAY]), succession: withdrawn }, memoryKeyValue(), LATER);
  expect(copies).toMatchObject([{ why: "the world has named other heirs since" }]);
  // A statement that the world did not sign withdraws nobody.
  const forged = await writeSuccession({ world: world.id, version: 9, timeMs: T, heirs: [] }, stranger.sign);
  expect((await lookForHeads({ ...silent(line, [AWAY]), succession: forged }, memoryKeyValue(), LATER)).found?.head.at).toBe(AWAY);
  const { head } = valueOf(openHead(world.id, line.resumed, headJudge()));
  put(
    "http://stranger.test",
    world.id,
    await writeHead({ ...head, heir: stranger.id, kid: stranger.id, sequence: head.sequence + 9 }, stranger.sign),
  );
  expect(await lookForHeads(silent(line, ["http://stranger.test"]), memoryKeyValue(), LATER)).toEqual({ copies: [] });
});

test("[N18] the world's own word from within the silence undoes its heir, whichever was seen first", async () => {
  const [world, heir] = await Promise.all([generateKeys(), generateKeys()]);
  const line = await lineage(world, HOME, heir, AWAY);
  const spoke = await heartbeatBlock({
    ...{ world: world.id, epoch: 1, stateSeq: 0, journalSeq: 0, tick: 2, timeMs: T + AFTER_MS / 2, archive: { policy: "all", delayMs: 0 } },
    ...{ version: null, state: null, tail: null, before: null },
  });
  const word = await writeHead({ heartbeat: spoke.cid, sequence: firstSequence(1) + 1, untilMs: T * 1.1, ttlMs: 0 }, world.sign);
  const storage = memoryKeyValue();
  expect((await lookForHeads(silent(line, [AWAY]), storage, LATER)).found?.claim).toBeDefined();
  put(HOME, world.id, word, [spoke]);
  expect((await lookForHeads(silent(line, [HOME]), storage, LATER)).found?.head.heartbeat).toBe(spoke.cid);
  expect((await lookForHeads(silent(line, [AWAY, HOME]), memoryKeyValue(), LATER)).found?.head.heartbeat).toBe(spoke.cid);
});

function visit(worlds: readonly ScriptedWorld[], options: Partial<EnterOptions> = {}): Visitor {
  const visitor = enterScripted(worlds, { now: () => LATER, ...options });
  visitors.push(visitor);
  return visitor;
}

const until = async (what: () => boolean): Promise<void> => vi.waitFor(() => expect(what()).toBe(true), { timeout: 12_000, interval: 20 });

test("[N20] a ghost of a world that was known goes on at its heir's by itself, is told under which statement, and is live there", async () => {
  const [a, b] = [await ScriptedWorld.open(HOME, 1, "Home"), await ScriptedWorld.open(AWAY, 2, "Home, resumed")];
  Object.assign(b.manifest, { resumes: a.keys.id });
  const [storage, cache] = [memoryKeyValue(), memoryStore()];
  const first = visit([a], { storage, cache, now: () => T });
  await until(() => first.state === "LIVE" && first.progress?.done === true);
  await first.leave();
  visitors.splice(0);
  a.isDown = true;
  await lineage(a.keys, HOME, b.keys, AWAY);
  const visitor = visit([a, b], { storage, cache, swarm: { friends: [AWAY] } });
  const told: ResumedBy[] = [];
  visitor.on("resumed", (by) => told.push(by));
  await until(() => visitor.state === "LIVE" && visitor.manifest?.world === b.keys.id);
  const by = { world: a.keys.id, name: a.manifest.name, heir: b.keys.id, at: AWAY, statement: 1, sinceMs: T + AFTER_MS };
  expect([visitor.resumed, told]).toEqual([by, [by]]);
  expect(visitor.ghost).toBeUndefined();
}, 30_000);

test("[N20] a world that says it is an heir is shown as one when its head holds, and else as a copy with the reason", async () => {
  const [a, b] = [await generateKeys(), await ScriptedWorld.open(AWAY, 2, "Resumed")];
  Object.assign(b.manifest, { resumes: a.id });
  const lying = visit([b]);
  const copies: RefusedCopy[] = [];
  lying.on("copy", (copy) => copies.push(copy));
  await until(() => copies.length > 0);
  expect(copies).toEqual([{ world: a.id, at: AWAY, why: "it shows no head of that world which names it" }]);
  expect(lying.resumed).toBeUndefined();
  await lineage(a, HOME, b.keys, AWAY);
  const honest = visit([b]);
  await until(() => honest.resumed !== undefined);
  expect(honest.resumed).toMatchObject({ world: a.id, heir: b.keys.id, statement: 1 });
});

test("asks whom the world names, where its blocks are, and its neighbours", async () => {
  const a = await ScriptedWorld.open(HOME, 1, "Home");
  const line = await lineage(a.keys, HOME, await generateKeys(), AWAY);
  const portal = { name: "gate", label: "", worldName: "b", url: "http://b.test", x: 0, y: 0, w: 1, h: 1 };
  const manifest = { ...a.manifest, succession: line.statement, gateways: ["/", "https://bucket.test/x/"], portals: [portal] };
  expect(placesOf(HOME, manifest, ["http://friend.test"])).toEqual([
    ...[HOME, AWAY, HOME, "https://bucket.test/x", "http://b.test", "http://friend.test"],
  ]);
});
