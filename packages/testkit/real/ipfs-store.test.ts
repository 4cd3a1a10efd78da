// The IPFS store over real Helia nodes on loopback: blocks cross by bitswap, are pinned, outlast the process and the publisher.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Block, type BlockStore, encodeNode, Link, makeBlock } from "@sojourn/substrate";
import { type IpfsNode, type IpfsOptions, ipfsStore, startIpfs } from "@sojourn/substrate/ipfs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blockStoreRules } from "../src/block-store-contract.ts";
import { looseStore } from "../src/loose-store.ts";

const started: IpfsNode[] = [];
const folders: string[] = [];

async function start(options: IpfsOptions = {}): Promise<IpfsNode> {
  const node = await startIpfs(options);
  if (!node.ok) throw new Error(node.fault.detail);
  started.push(node.value);
  return node.value;
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-ipfs-"));
  folders.push(folder);
  return folder;
}

afterAll(async () => {
  for (const node of started) await node.stop();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

describe("the IPFS store, between two nodes", () => {
  let far: IpfsNode;
  let near: IpfsNode;
  let kept: Map<string, Uint8Array>;

  beforeAll(async () => {
    kept = new Map();
    far = await start();
    near = await start({ blocks: looseStore(kept) });
    expect(await near.dial(far.addresses[0] as string)).toEqual({ ok: true, value: undefined });
  });

  const forget = async (): Promise<void> => {
    kept.clear();
    for await (const cid of far.blocks.list?.() ?? []) await far.blocks.delete?.(cid);
  };
  /** What is there at the beginning is there at the other node only. */
  const open = async (seed: readonly Block[]): Promise<BlockStore> => {
    await forget();
    for (const block of seed) expect(await ipfsStore(far).put(block)).toEqual({ ok: true, value: undefined });
    return ipfsStore(near, { timeoutMs: 700 });
  };
  const damage = async (_: BlockStore, { cid }: Block, bytes: Uint8Array): Promise<void> => {
    kept.set(cid, bytes);
  };

  /** Nobody has it, and bitswap has no way to say so. Laid there again without a word, as one that answers again would have it. */
  const silence = async (_: BlockStore, block: Block, isSilent: boolean): Promise<void> => {
    if (isSilent) await far.blocks.delete?.(block.cid);
    else await far.blocks.put(block);
  };

  for (const rule of blockStoreRules) test(rule.title, () => rule.check({ open, damage, silence }));

  test("asks anew for what it asked for in vain a moment ago", async () => {
    await forget();
    for (let i = 0; i < 3; i++) {
      const block = await makeBlock("raw", Uint8Array.of(7, i));
      expect(await ipfsStore(near, { timeoutMs: 50 }).get(block.cid)).toMatchObject({ ok: false, fault: { code: "missing-block" } });
      // Laid there without a word: a node that is told of a block sends it to all who ever wanted it.
      await far.blocks.put(block);
      expect(await ipfsStore(near).get(block.cid)).toMatchObject({ ok: true });
    }
  });

  test("gets a version's blocks from the other node, pins it whole, and keeps it when that node is gone", async () => {
    const store = await open([]);
    const leaves = await Promise.all(Array.from({ length: 50 }, (_, i) => makeBlock("raw", new Uint8Array(10_000).fill(i))));
    const encoded = encodeNode({ leaves: leaves.map(({ cid }) => new Link(cid)) });
    if (!encoded.ok) throw new Error(encoded.fault.detail);
    const root = await makeBlock("dag-cbor", encoded.value);
    for (const block of [...leaves, root]) await ipfsStore(far).put(block);
    expect(await near.pin(root.cid)).toEqual({ ok: true, value: undefined });
    await near.helia.gc();
    await far.stop();
    for (const block of [...leaves, root]) expect(await store.get(block.cid)).toEqual({ ok: true, value: block.bytes });
    expect(await near.unpin(root.cid)).toEqual({ ok: true, value: undefined });
    await near.helia.gc();
    expect(kept.size).toBe(0);
  });
});

describe("an IPFS node", () => {
  test("has its key, its blocks and its pins again when it is started again", async () => {
    const folder = await newFolder();
    const first = await start({ folder });
    const block = await makeBlock("raw", new Uint8Array([1, 2, 3]));
    await ipfsStore(first).put(block);
    await first.pin(block.cid);
    const id = first.peerId;
    await first.stop();
    const second = await start({ folder });
    await second.helia.gc();
    expect([second.peerId, await ipfsStore(second).get(block.cid)]).toEqual([id, { ok: true, value: block.bytes }]);
  });

  test("dials the peers it was given by itself", async () => {
    const peer = await start();
    const node = await start({ peers: peer.addresses });
    await expect.poll(() => node.connections()).toEqual([peer.peerId]);
  });

  test("dials nobody whom it was not told to", async () => {
    const [a, b] = [await start(), await start()];
    const address = b.addresses[0] as string;
    await expect(a.helia.libp2p.dial(b.helia.libp2p.getMultiaddrs()[0] as never)).rejects.toThrow();
    expect(a.connections()).toEqual([]);
    expect(await a.dial(address)).toEqual({ ok: true, value: undefined });
    expect(a.connections()).toEqual([b.peerId]);
  });

  test("says what is wrong with an address, and who cannot be reached", async () => {
    expect(await startIpfs({ listen: ["nonsense"] })).toMatchObject({ ok: false, fault: { code: "store-failed" } });
    expect(await startIpfs({ listen: ["/ip4/192.0.2.1/tcp/1"] })).toMatchObject({ ok: false, fault: { code: "store-failed" } });
    const alone = await start({ listen: [] });
    expect(await alone.dial("/ip4/127.0.0.1/tcp/1")).toMatchObject({ ok: false, fault: { code: "store-failed" } });
    expect(alone.addresses).toEqual([]);
  });
});
