import { generateKeys, headJudge } from "@sojourn/passport";
import { nodeEd25519 } from "@sojourn/passport/node";
import { fail, type Result, valueOf, type WorldId } from "@sojourn/protocol";
import { type Block, epochOf, missingBlocks, openPublisher, type Publisher, type PublishPlan, type Replica } from "@sojourn/substrate";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../federation/random.ts";
import { signerOf } from "./crashes.ts";
import { memoryReplica } from "./memory-replica.ts";
import { WorldLine } from "./world-line.ts";

const keys = await generateKeys();
const judge = headJudge(() => undefined, nodeEd25519);
const signer = signerOf(keys);
const NOW = 1_800_000_000_000;

const writer = (replica: Replica, epoch = 1, after?: number): Publisher =>
  openPublisher({ replica, world: keys.id, epoch, judge, ...(after === undefined ? {} : { after }) });
const planOf = (line: WorldLine, block: Block): PublishPlan => ({ heartbeat: block.cid, local: line.store, signer, nowMs: NOW });
const newLine = (seed = 1): WorldLine => new WorldLine(keys.id, seededRandom(seed));

/** A replica whose swap of the head goes wrong as told, once. */
function troubled(inner: Replica, how: "done, unanswered" | "not done, unanswered" | "done, said to be stale"): Replica {
  let left = 1;
  const swap = async (world: WorldId, next: Uint8Array, over: Uint8Array | undefined): Promise<Result<void>> => {
    if (left-- <= 0) return await inner.heads.swap(world, next, over);
    if (how !== "not done, unanswered") valueOf(await inner.heads.swap(world, next, over));
    return how === "done, said to be stale" ? fail("stale-head", "world", "beaten") : fail("store-failed", "link", "no answer", 1_000);
  };
  return { ...inner, heads: { ...inner.heads, swap } };
}

describe("a publisher", () => {
  test("pushes what changed and nothing else, also when it was opened again", async () => {
    const line = newLine();
    const replica = memoryReplica();
    const first = valueOf(await writer(replica).publish(planOf(line, await line.beat(1))));
    expect(first.pushed.blocks).toBeGreaterThan(80);
    const publisher = writer(replica);
    const beat = valueOf(await publisher.publish(planOf(line, await line.beat(1))));
    // Heartbeat, root, two index nodes, a chunk, the state's index, three sealed blocks.
    expect(beat.pushed.blocks).toBe(9);
    // Heartbeat, a link of the tail, a sealed block.
    for (let i = 0; i < 3; i++) expect(valueOf(await publisher.publish(planOf(line, await line.append(1)))).pushed.blocks).toBe(3);
    expect(beat.head.sequence).toBe(first.head.sequence + 1);
  });

  test("pushes everything when asked to, and so heals a replica that lost blocks", async () => {
    const line = newLine();
    const replica = memoryReplica();
    const publisher = writer(replica);
    const block = await line.beat(1);
    await publisher.publish(planOf(line, block));
    for await (const cid of replica.blocks.list?.() ?? []) if (cid !== block.cid) await replica.blocks.delete?.(cid);
    valueOf(await publisher.publish({ ...planOf(line, block), isWhole: true }));
    for await (const held of missingBlocks(block.cid, undefined, replica.blocks)) expect(held.ok).toBe(true);
  });

  test("[N11] names nothing that it could not put, or does not have itself", async () => {
    const line = newLine();
    const replica = memoryReplica();
    const publisher = writer(replica);
    const first = valueOf(await publisher.publish(planOf(line, await line.beat(1))));
    const full = { ...replica, blocks: { ...replica.blocks, put: async () => fail("store-failed", "world", "the disk is full") } };
    const block = await line.beat(1);
    expect(await writer(full).publish(planOf(line, block))).toMatchObject({ fault: { detail: "the disk is full" } });
    expect(await publisher.publish({ ...planOf(line, block), local: memoryReplica().blocks })).toMatchObject({
      fault: { code: "missing-block" },
    });
    expect(valueOf(await replica.heads.read(keys.id))).toEqual(first.bytes);
  });

  test.each(["done, unanswered", "not done, unanswered", "done, said to be stale"] as const)(
    "[N12] reads a head whose swap was %s",
    async (how) => {
      const line = newLine();
      const replica = memoryReplica();
      const publisher = writer(troubled(replica, how));
      const first = valueOf(await publisher.publish(planOf(line, await line.beat(1))));
      expect(valueOf(await replica.heads.read(keys.id))).toEqual(first.bytes);
      const second = valueOf(await publisher.publish(planOf(line, await line.append(1))));
      expect(second.head.sequence).toBe(first.head.sequence + 1);
    },
  );

  test("[N12] takes a head for its own that arrives after it could not be read either", async () => {
    const line = newLine();
    const inner = troubled(memoryReplica(), "done, unanswered");
    let unread = 0;
    const read = async (world: WorldId): ReturnType<typeof inner.heads.read> =>
      ++unread === 2 ? fail("store-failed", "link", "no answer", 1_000) : inner.heads.read(world);
    const publisher = writer({ ...inner, heads: { ...inner.heads, read } });
    const block = await line.beat(1);
    expect(await publisher.publish(planOf(line, block))).toMatchObject({ fault: { code: "store-failed" } });
    expect(valueOf(await publisher.publish(planOf(line, block))).head.sequence).toBe(2 ** 32 + 1);
  });

  test("[N13] is fenced by a writer of a higher epoch, at once and for good", async () => {
    const line = newLine();
    const replica = memoryReplica();
    const zombie = writer(replica, 1);
    valueOf(await zombie.publish(planOf(line, await line.beat(1))));
    const heir = writer(replica, 2);
    const taken = valueOf(await heir.publish(planOf(line, await line.append(2))));
    expect(epochOf(taken.head)).toBe(2);
    const late = await line.append(1);
    for (let i = 0; i < 2; i++)
      expect(await zombie.publish(planOf(line, late))).toMatchObject({ fault: { code: "stale-head", retryAfterMs: 0 } });
    expect(await writer(replica, 1).publish(planOf(line, late))).toMatchObject({ fault: { code: "stale-head" } });
    expect(valueOf(await replica.heads.read(keys.id))).toEqual(taken.bytes);
  });

  test("[N13] of two writers of one epoch, as of two copies of a folder, one goes on", async () => {
    const [one, other] = [newLine(1), newLine(2)];
    const replica = memoryReplica();
    const [a, b] = [writer(replica), writer(replica)];
    valueOf(await a.publish(planOf(one, await one.beat(1))));
    valueOf(await b.publish(planOf(other, await other.beat(1))));
    expect(await a.publish(planOf(one, await one.beat(1)))).toMatchObject({ fault: { code: "stale-head" } });
    expect((await b.publish(planOf(other, await other.beat(1)))).ok).toBe(true);
  });

  test("[N3] writes above what it knows from elsewhere, and over bytes that are no head", async () => {
    const line = newLine();
    const replica = memoryReplica();
    valueOf(await replica.heads.swap(keys.id, new Uint8Array([1, 2, 3]), undefined));
    const done = valueOf(await writer(replica, 1, 2 ** 32 + 41).publish(planOf(line, await line.beat(1))));
    expect(done.head.sequence).toBe(2 ** 32 + 42);
  });

  test("does one thing at a time", async () => {
    const line = newLine();
    const publisher = writer(memoryReplica());
    const blocks = [await line.beat(1), await line.append(1), await line.append(1)];
    const done = await Promise.all(blocks.map((block) => publisher.publish(planOf(line, block))));
    expect(done.map((one) => valueOf(one).head.sequence - 2 ** 32)).toEqual([0, 1, 2]);
  });
});
