// Three worlds on loopback that keep each other: a dead one is read whole from its neighbours, and nobody is believed, or kept beyond the budget.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { headName, httpReplica, missingBlocks, openHead, readFoundHead } from "@sojourn/substrate";
import { folderReplica } from "@sojourn/substrate/node";
import { afterEach, beforeEach, expect, it } from "vitest";
import { RawVisitor, until } from "../fixtures/raw-visitor.ts";
import { TestWorlds } from "../fixtures/test-worlds.ts";
import type { OpenOptions, RunningWorld } from "../options.ts";
import type { NeighbourStatus } from "../replication/neighbour-proofs.ts";
import { judge } from "../replication/newest-head.ts";
import { readReplication } from "../replication/read-replication.ts";
import { meshFolders } from "./mesh.ts";

let worlds: TestWorlds;
beforeEach(() => {
  worlds = new TestWorlds();
});
afterEach(() => worlds.dispose());

const inMesh = (more: Partial<OpenOptions> = {}): Partial<OpenOptions> => ({ mesh: { askEveryMs: 100 }, shipSeconds: 0.2, ...more });
const peerOf = ({ id, name, url }: RunningWorld): { world: string; name: string; url: string } => ({ world: id, name, url });
const copyAt = (keeper: RunningWorld, world: RunningWorld): ReturnType<RunningWorld["stats"]>["neighbours"][number] | undefined =>
  keeper.stats().neighbours.find((one) => one.world === world.id);

it("[N11] a dead world is read whole from either neighbour, with what was placed in its last second", async () => {
  const a = await worlds.open("a", {}, inMesh());
  const b = await worlds.open("b", {}, inMesh({ peers: [peerOf(a)] }));
  const c = await worlds.open("c", {}, inMesh({ peers: [peerOf(a), peerOf(b)] }));
  const ada = await RawVisitor.enter(a.wsUrl, "Ada");
  expect(await ada.doing({ kind: "place", item: ada.carried("crate"), x: 17.5, y: 6.5 })).toBe("done");
  await a.heartbeat();
  expect(await ada.doing({ kind: "place", item: ada.carried("sign"), x: 14.5, y: 5.5, text: "Back soon" })).toBe("done");
  const seq = a.stats().journalSeq;
  const own = folderReplica(meshFolders(worlds.dataFolder("a")).own);
  await until("the end of the journal to be shipped", () => (a.stats().replicas[0]?.seq ?? 0) >= seq);
  const head = await own.heads.read(a.id);
  const have = async (): Promise<boolean> => {
    const heads = await Promise.all([b, c].map(({ url }) => httpReplica(url).heads.read(a.id)));
    return heads.every((one) => one.ok && head.ok && Buffer.from(one.value ?? []).equals(Buffer.from(head.value ?? [])));
  };
  await expect.poll(have, { timeout: 15_000 }).toBe(true);
  const root = a.substrate;
  await a.close();
  for (const { url } of [b, c]) {
    const replica = httpReplica(url);
    const bytes = await replica.heads.read(a.id);
    const genuine = openHead(a.id, (bytes.ok && bytes.value) || new Uint8Array(), judge);
    const found = genuine.ok ? await readFoundHead(genuine.value, replica.blocks, judge, Date.now()) : genuine;
    expect(found).toMatchObject({ ok: true, value: { heartbeat: { version: root } } });
    if (!found.ok) continue;
    expect(found.value.heartbeat.journalSeq).toBeGreaterThanOrEqual(seq);
    for await (const block of missingBlocks(found.value.head.heartbeat, undefined, replica.blocks)) expect(block.ok).toBe(true);
  }
  expect(copyAt(b, a)?.bytes).toBeGreaterThan(1_000);
  expect((await fetch(`${b.url}/ipns/${headName(c.id)}`)).status).toBe(404);
  expect((await fetch(`${b.url}/ipns/..%2f`)).status).toBe(400);
});

it("keeps no more of a neighbour than the operator gives for it, and says so", async () => {
  const a = await worlds.open("a", {}, inMesh());
  const b = await worlds.open("b", {}, inMesh({ peers: [peerOf(a)], mesh: { askEveryMs: 100, bytesPerNeighbour: 500 } }));
  await until("the neighbour to be found too large", () => copyAt(b, a)?.problem !== undefined);
  expect(copyAt(b, a)).toMatchObject({ copiedMs: 0, problem: expect.stringContaining("no room") });
  expect(await httpReplica(b.url).heads.read(a.id)).toEqual({ ok: true, value: undefined });
  const kept = folderReplica(meshFolders(worlds.dataFolder("b")).kept);
  let blocks = 0;
  for await (const _ of kept.blocks.list?.() ?? []) blocks++;
  expect(blocks).toBeLessThan(10);
});

it("[N2] believes no neighbour: a head that its world did not sign is not kept, nor given on", async () => {
  const a = await worlds.open("a", {}, inMesh());
  const b = await worlds.open("b", {}, inMesh());
  // Somebody says to be A, at B's address.
  const c = await worlds.open("c", {}, inMesh({ peers: [{ world: a.id, name: "a", url: b.url }] }));
  const own = folderReplica(meshFolders(worlds.dataFolder("b")).kept);
  const other = await httpReplica(b.url).heads.read(b.id);
  await own.heads.swap(a.id, (other.ok && other.value) || new Uint8Array([1]), undefined);
  await until("the lie to be noticed", () => copyAt(c, a)?.problem !== undefined);
  expect(await httpReplica(c.url).heads.read(a.id)).toEqual({ ok: true, value: undefined });
});

it("proves that a neighbour would bring it back by a restore from there, says which would not, and what they take", {
  timeout: 60_000,
}, async () => {
  const a = await worlds.open("a", {}, inMesh());
  const b = await worlds.open("b", {}, inMesh({ peers: [peerOf(a)] }));
  const c = await worlds.open("c", {}, inMesh({ peers: [peerOf(a)] }));
  await until("both to have a copy", () => (copyAt(b, a)?.copiedMs ?? 0) > 0 && (copyAt(c, a)?.copiedMs ?? 0) > 0, 20_000);
  // What one of them keeps of the sealed state rots, and it does not know.
  const blocks = join(meshFolders(worlds.dataFolder("c")).kept, "ipfs");
  for (const name of readdirSync(blocks)) if (name.startsWith("bafkrei")) writeFileSync(join(blocks, name), "rotten");
  for (const peer of [b, c]) await a.addPeer(peerOf(peer));
  const at = async ({ id }: RunningWorld): Promise<NeighbourStatus | undefined> =>
    (await readReplication(worlds.dataFolder("a"))).status?.neighbours?.find(({ world }) => world === id);
  const patient = { timeout: 20_000 };
  await expect.poll(async () => (await at(b))?.own.provenMs, patient).toBeGreaterThan(0);
  await expect.poll(async () => (await at(c))?.own.problem, patient).toContain("a restore from there fails");
  expect([(await at(b))?.own.problem, (await at(c))?.own.provenMs]).toEqual([undefined, 0]);
  await expect.poll(async () => (await at(b))?.bytes, patient).toBeGreaterThan(1_000);
  expect((await readReplication(worlds.dataFolder("a"))).status?.budget).toMatchObject({ bytesInAll: 2_147_483_648 });
});
