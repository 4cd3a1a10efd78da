// A world in IPFS: real Helia nodes on loopback. The head is put by one node and found by another that never met the world.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKeys, headJudge } from "@sojourn/passport";
import { nodeEd25519 } from "@sojourn/passport/node";
import { valueOf } from "@sojourn/protocol";
import { missingBlocks, openHead, openPublisher, readFoundHead } from "@sojourn/substrate";
import { type IpfsReplica, type IpfsReplicaOptions, ipfsReplica, readIpfs } from "@sojourn/substrate/ipfs";
import { afterAll, expect, test } from "vitest";
import { seededRandom } from "../src/federation/random.ts";
import { signerOf } from "../src/publish/crashes.ts";
import { WorldLine } from "../src/publish/world-line.ts";

const judge = headJudge(() => undefined, nodeEd25519);
const opened: IpfsReplica[] = [];
const folders: string[] = [];

async function open(options: Partial<IpfsReplicaOptions> = {}): Promise<IpfsReplica> {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-ipns-"));
  folders.push(folder);
  const replica = valueOf(await ipfsReplica({ folder, judge, ...options }));
  opened.push(replica);
  return replica;
}

afterAll(async () => {
  for (const replica of opened) await replica.close();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

test("[N2] [N11] a head and all that it names are found through peers, also when a stranger lies about it", async () => {
  const keys = await generateKeys();
  const far = await open();
  const near = await open({ peers: far.node.addresses });
  await expect.poll(() => near.node.connections().length).toBe(1);
  await near.node.dial(far.node.addresses[0] as string);
  const line = new WorldLine(keys.id, seededRandom(1));
  const publisher = openPublisher({ replica: far, world: keys.id, epoch: 1, judge });
  const plan = { local: line.store, signer: signerOf(keys), nowMs: Date.now() };
  valueOf(await publisher.publish({ ...plan, heartbeat: (await line.beat(1)).cid }));
  const newest = valueOf(await publisher.publish({ ...plan, heartbeat: (await line.append(1)).cid }));
  expect(valueOf(await far.heads.read(keys.id))).toEqual(newest.bytes);
  await expect.poll(async () => valueOf(await near.heads.read(keys.id)), { timeout: 10_000 }).toEqual(newest.bytes);
  const genuine = valueOf(openHead(keys.id, newest.bytes, judge));
  expect(valueOf(await readFoundHead(genuine, near.blocks, judge, Date.now())).heartbeat.world).toBe(keys.id);
  let blocks = 0;
  for await (const block of missingBlocks(newest.head.heartbeat, undefined, near.blocks)) blocks += valueOf(block) === undefined ? 0 : 1;
  expect(blocks).toBeGreaterThan(80);
  // A machine that has nothing, and is told where a node is.
  const { name, heads, blocks: there, close } = valueOf(await readIpfs({ peers: near.node.addresses, judge }));
  expect(valueOf(await heads.read(keys.id))).toEqual(newest.bytes);
  for await (const block of missingBlocks(newest.head.heartbeat, undefined, there)) expect(block.ok).toBe(true);
  expect((await heads.swap(keys.id, newest.bytes, undefined)).ok).toBe(false);
  expect(name).toContain("ipfs");
  await close();
  // The near node now holds the world: the far one may go.
  await far.close();
  expect((await near.blocks.get(newest.head.heartbeat)).ok).toBe(true);
});

test("a node that cannot be reached is said to be that, and nothing of it stays", async () => {
  const gone = await open();
  const [address] = gone.node.addresses;
  await gone.close();
  const read = await readIpfs({ peers: [address as string], judge, name: "theirs" });
  expect(read).toMatchObject({
    ok: false,
    fault: { code: "store-failed", detail: expect.stringContaining(`could be reached at ${address}`) },
  });
});
