import { type ContentId, decodeChannel, encodeChannel, ok, SWARM } from "@sojourn/protocol";
import { blockStoreRules, channelPair, type PairedChannel } from "@sojourn/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { makeBlock } from "../blocks/block.ts";
import { contentIdBytes } from "../blocks/content-id.ts";
import { fetchVersion } from "../fetch/fetch.ts";
import { PEERS } from "../limits.ts";
import type { BuiltVersion } from "../versions/build.ts";
import { plainScene, plainWorld } from "../versions/plain-world.ts";
import { memoryStore } from "./memory.ts";
import { notedStore } from "./noted.ts";
import { PeersStore } from "./peers.ts";
import type { Block, BlockStore } from "./port.ts";

const open: PeersStore[] = [];

afterEach(() => {
  for (const store of open.splice(0)) store.close();
});

function swarm(held: BlockStore, give = { rate: 1e9, total: 1e9 }): PeersStore {
  const store = new PeersStore({ held, give, stallMs: 400 });
  open.push(store);
  return store;
}

/** A page that holds these blocks and has read them in this visit. */
async function giver(blocks: readonly Block[], root?: ContentId, held = memoryStore("held", blocks)): Promise<PeersStore> {
  const store = swarm(held);
  for (const { cid } of blocks) store.holds(cid);
  if (root !== undefined) store.holdsWhole(root);
  return store;
}

function connect(one: PeersStore, other: PeersStore, names: readonly [string, string] = ["other", "one"], waitMs = 0): PairedChannel {
  const [near, far] = channelPair(waitMs);
  one.join(names[0], near);
  other.join(names[1], far);
  return near;
}

const turn = (ms = 20): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const block = (seed: number, length = 40_000): Promise<Block> =>
  makeBlock(
    "raw",
    Uint8Array.from({ length }, (_, i) => (i * seed) & 255),
  );

/** A stranger at the other end, who says whatever a test likes. */
function stranger(store: PeersStore): { channel: PairedChannel; heard: ReturnType<typeof decodeChannel>[] } {
  const [near, far] = channelPair();
  const heard: ReturnType<typeof decodeChannel>[] = [];
  far.onMessage = (message) => heard.push(decodeChannel(message));
  store.join("stranger", near);
  return { channel: far, heard };
}

describe("the peers store", () => {
  const lies = new Map<BlockStore, Map<ContentId, Uint8Array>>();
  const givers = new Map<BlockStore, () => Promise<void>>();
  const silent = new Set<ContentId>();
  let named = 0;
  for (const rule of blockStoreRules) {
    test(rule.title, () =>
      rule.check({
        isReadOnly: true,
        open: async (seed) => {
          const wrong = new Map<ContentId, Uint8Array>();
          const right = memoryStore("held", seed);
          const held: BlockStore = {
            ...right,
            get: async (cid) =>
              silent.has(cid)
                ? await new Promise(() => undefined)
                : wrong.has(cid)
                  ? ok(wrong.get(cid) as Uint8Array)
                  : await right.get(cid),
          };
          const taker = swarm(memoryStore());
          lies.set(taker, wrong);
          // A liar is left for good: there is room for others then, and they come.
          givers.set(taker, async () => {
            for (let i = 0; i < PEERS.members; i++) connect(taker, await giver(seed, undefined, held), [`g${named++}`, "t"]);
            await turn();
          });
          await givers.get(taker)?.();
          return taker;
        },
        damage: async (store, { cid }, bytes) => {
          // One too long for a block cannot even be sent.
          lies.get(store)?.set(cid, bytes.slice(-SWARM.blockBytes));
          await givers.get(store)?.();
        },
        silence: (_, { cid }, isSilent) => {
          if (isSilent) silent.add(cid);
          else silent.delete(cid);
        },
      }),
    );
  }

  test("gives nothing that was not of this visit, although it is held", async () => {
    const [mine, old] = [await block(3), await block(5)];
    const held = memoryStore("held", [mine, old]);
    const [from, to] = [swarm(held), swarm(memoryStore())];
    from.holds(mine.cid);
    from.holdsWhole((await plainWorld(plainScene(1, 1))).root);
    connect(to, from);
    await turn();
    expect((await to.get(mine.cid)).ok).toBe(true);
    expect(await to.get(old.cid)).toMatchObject({ ok: false, fault: { code: "missing-block" } });
    expect(from.report).toMatchObject({ blocksOut: 1, bytesOut: mine.bytes.length });
  });

  test("tells what came later", async () => {
    const later = await block(7);
    const held = memoryStore("held", [later]);
    const [from, to] = [swarm(held), swarm(memoryStore())];
    connect(to, from);
    await turn();
    expect((await to.get(later.cid)).ok).toBe(false);
    from.holds(later.cid);
    await turn(2 * PEERS.tellMs);
    expect((await to.get(later.cid)).ok).toBe(true);
  });

  test("[W15] leaves a liar by name and takes the block from another", async () => {
    const wanted = await block(3);
    const liar = await giver([wanted], undefined, { ...memoryStore(), get: async () => ok(Uint8Array.from(wanted.bytes).fill(9, 4, 5)) });
    const taker = swarm(memoryStore());
    connect(taker, liar, ["liar", "t"]);
    await turn();
    connect(taker, await giver([wanted]), ["honest", "t"], 1);
    await turn();
    expect(await taker.get(wanted.cid)).toEqual(ok(wanted.bytes));
    const { left, members } = taker.report;
    expect(left).toEqual([{ member: "liar", why: expect.stringContaining("do not hash") }]);
    expect(members).toBe(1);
  });

  test("waits for the first members a little, and not when nobody is to be expected", async () => {
    const wanted = await block(3);
    const taker = swarm(memoryStore());
    taker.expect(true);
    const asking = taker.get(wanted.cid);
    await turn(30);
    connect(taker, await giver([wanted]));
    expect((await asking).ok).toBe(true);
    const alone = swarm(memoryStore());
    alone.expect(true);
    const vain = alone.get(wanted.cid);
    alone.expect(false);
    const began = performance.now();
    expect((await vain).ok).toBe(false);
    expect(performance.now() - began).toBeLessThan(PEERS.meetMs / 2);
  });

  test("[W14] gives at the rate and up to the total that were set, and nothing at zero", async () => {
    const blocks = await Promise.all(Array.from({ length: 8 }, (_, i) => block(i * 2 + 3, 200_000)));
    const held = memoryStore("held", blocks);
    const from = swarm(held, { rate: 400_000, total: 900_000 });
    for (const { cid } of blocks) from.holds(cid);
    const to = swarm(memoryStore());
    connect(to, from);
    await turn();
    const got = await Promise.all(blocks.map(({ cid }) => to.get(cid)));
    expect(got.filter(({ ok: isOk }) => isOk).length).toBe(5);
    expect(from.report.bytesOut).toBe(1_000_000);
    from.give = { rate: 0, total: 1e9 };
    expect((await to.get((blocks[7] as Block).cid)).ok).toBe(false);
    expect(from.report.bytesOut).toBe(1_000_000);
  });

  test("[W13] asks another when one stalls, and leaves it when it stalls again", async () => {
    const blocks = [await block(3), await block(5)];
    const taker = swarm(memoryStore());
    const { channel, heard } = stranger(taker);
    channel.send(encodeChannel({ f: "hello", version: 1, page: new Uint8Array(8) }));
    channel.send(encodeChannel({ f: "whole", id: contentIdBytes((await plainWorld(plainScene(1, 1))).root) }));
    await turn();
    const asking = blocks.map(({ cid }) => taker.get(cid));
    await turn();
    connect(taker, await giver(blocks), ["honest", "t"]);
    expect((await Promise.all(asking)).map(({ ok: isOk }) => isOk)).toEqual([true, true]);
    expect(heard.filter((one) => one.ok && one.value.f === "cancel")).toHaveLength(2);
    await expect.poll(() => taker.report.left).toEqual([{ member: "stranger", why: expect.stringContaining("stalled") }]);
  });
});

describe("a version out of the swarm", () => {
  let world: BuiltVersion;

  test("comes whole from two pages, every block verified, the server asked for next to nothing", async () => {
    world = await plainWorld(plainScene(9, 9));
    const pages = await Promise.all([giver(world.blocks, world.root), giver(world.blocks, world.root)]);
    const taker = swarm(memoryStore());
    taker.expect(true);
    let asked = 0;
    const held = memoryStore("server", world.blocks);
    const server: BlockStore = {
      ...held,
      get: (cid) => {
        asked++;
        return held.get(cid);
      },
    };
    setTimeout(() => {
      for (const [i, page] of pages.entries()) connect(taker, page, [`page ${i}`, "t"], 1);
    }, 20);
    const cache = memoryStore("cache");
    const fetched = await fetchVersion(world.root, { cache: notedStore(cache, (cid) => taker.holds(cid)), sources: [taker, server] });
    if (!fetched.ok) throw new Error(fetched.fault.detail);
    expect(fetched.value.fetchedBlocks).toBe(world.blocks.length);
    expect(asked).toBe(0);
    for (const { cid, bytes } of world.blocks) expect(await cache.get(cid)).toEqual(ok(bytes));
    const given = pages.map((page) => page.report.blocksOut);
    expect(Math.min(...given)).toBeGreaterThan(world.blocks.length / 5);
  });

  test("goes on from the server when the pages close in the middle", async () => {
    const page = await giver(world.blocks, world.root);
    const taker = swarm(memoryStore());
    const channel = connect(taker, page, ["page", "t"], 2);
    await turn();
    const fetched = await fetchVersion(world.root, {
      cache: memoryStore("cache"),
      sources: [taker, memoryStore("server", world.blocks)],
      onProgress: ({ blocksDone }) => blocksDone === 20 && (channel.other as PairedChannel).close(),
    });
    if (!fetched.ok) throw new Error(fetched.fault.detail);
    const [peers, server] = fetched.value.sources;
    expect(peers?.blocks).toBeGreaterThanOrEqual(20);
    expect(server?.blocks).toBeGreaterThan(20);
  });
});

describe("a member that breaks the protocol is left, and costs no more than what it sent", () => {
  const id = new Uint8Array(36);
  const bad: readonly [string, (real: Uint8Array) => Uint8Array][] = [
    ["speaks of blocks before its greeting", (real) => encodeChannel({ f: "want", n: 1, id: real })],
    ["is no message", () => Uint8Array.of(99)],
    ["is too long", () => new Uint8Array(SWARM.channelBytes + 1)],
  ];
  test.each(bad)("[W11] first message: %s", async (_, message) => {
    const store = swarm(memoryStore());
    const { channel } = stranger(store);
    channel.send(message(contentIdBytes((await block(1)).cid)));
    await expect.poll(() => channel.isOpen).toBe(false);
    expect(store.report).toMatchObject({ members: 0, left: [{ member: "stranger" }] });
  });

  const worse: readonly [string, (real: Uint8Array) => Uint8Array[]][] = [
    ["greets twice", () => [encodeChannel({ f: "hello", version: 1, page: new Uint8Array(8) })]],
    ["asks for no content id", () => [encodeChannel({ f: "want", n: 1, id })]],
    ["asks with numbers that do not rise", (real) => [2, 2].map((n) => encodeChannel({ f: "want", n, id: real }))],
    ["asks for too much at once", (real) => Array.from({ length: 40 }, (_, i) => encodeChannel({ f: "want", n: i + 1, id: real }))],
    ["sends what was not asked", () => [encodeChannel({ f: "piece", n: 1, total: 9, from: 0, bytes: new Uint8Array(9) })]],
    ["answers what was not asked", () => [encodeChannel({ f: "lack", n: 1, why: "missing" })]],
    ["cancels what it did not ask", () => [encodeChannel({ f: "cancel", n: 1 })]],
    [
      "names too many blocks",
      () => [0, 1, 2, 3, 4].map((i) => encodeChannel({ f: "names", names: Array.from({ length: 4_000 }, (_, j) => i * 4_000 + j) })),
    ],
  ];
  test.each(worse)("[W12] %s", async (_, messages) => {
    const slow: BlockStore = { ...memoryStore(), get: () => new Promise(() => undefined) };
    const wanted = await block(1);
    const store = await giver([wanted], undefined, slow);
    const { channel } = stranger(store);
    channel.send(encodeChannel({ f: "hello", version: 1, page: new Uint8Array(8) }));
    for (const message of messages(contentIdBytes(wanted.cid))) channel.send(message);
    await expect.poll(() => channel.isOpen).toBe(false);
    expect(store.report.left).toHaveLength(1);
  });

  test("[W13] parts that leave a gap, change their total or their block", async () => {
    const wanted = await block(1);
    const parts: readonly (readonly [number, number, number])[][] = [
      [
        [1, 100, 0],
        [1, 100, 60],
      ],
      [
        [1, 100, 0],
        [1, 90, 50],
      ],
      [[1, 100, 50]],
    ];
    for (const pieces of parts) {
      const store = swarm(memoryStore());
      const { channel } = stranger(store);
      channel.send(encodeChannel({ f: "hello", version: 1, page: new Uint8Array(8) }));
      channel.send(encodeChannel({ f: "whole", id: contentIdBytes((await plainWorld(plainScene(1, 1))).root) }));
      await turn();
      const asking = store.get(wanted.cid);
      await turn();
      for (const [n, total, from] of pieces) {
        channel.send(encodeChannel({ f: "piece", n, total, from, bytes: new Uint8Array(Math.min(40, total - from)) }));
      }
      expect((await asking).ok).toBe(false);
      expect(store.report.left).toHaveLength(1);
    }
  });
});
