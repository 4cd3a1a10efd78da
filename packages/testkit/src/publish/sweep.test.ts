import { generateKeys, headJudge } from "@sojourn/passport";
import { nodeEd25519 } from "@sojourn/passport/node";
import { valueOf } from "@sojourn/protocol";
import { type Block, missingBlocks, openPublisher, type Publisher, type Replica, sweepReplica } from "@sojourn/substrate";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../federation/random.ts";
import { signerOf } from "./crashes.ts";
import { Ended, endingReplica } from "./ending.ts";
import { memoryReplica } from "./memory-replica.ts";
import { WorldLine } from "./world-line.ts";

const keys = await generateKeys();
const signer = signerOf(keys);
const NOW = 1_800_000_000_000;
const judge = headJudge(() => undefined, nodeEd25519);
const writer = (replica: Replica, epoch = 1): Publisher =>
  openPublisher({ replica, world: keys.id, epoch, judge, grace: async () => undefined });

async function isWhole(replica: Replica, heartbeat: string): Promise<boolean> {
  for await (const block of missingBlocks(heartbeat, undefined, replica.blocks)) if (!block.ok) return false;
  return true;
}

async function countOf(replica: Replica): Promise<number> {
  let count = 0;
  for await (const _ of replica.blocks.list?.() ?? []) count++;
  return count;
}

/** A replica with so many versions, some with ends of the journal behind them; the heartbeats of the versions, oldest first. */
async function history(replica: Replica, versions: number, seed: number): Promise<{ line: WorldLine; beats: Block[] }> {
  const line = new WorldLine(keys.id, seededRandom(seed));
  const publisher = writer(replica);
  const beats: Block[] = [];
  for (let i = 0; i < versions; i++) {
    let last = await line.beat(1);
    valueOf(await publisher.publish({ heartbeat: last.cid, local: line.store, signer, nowMs: NOW }));
    if ((seed + i) % 2 === 0) {
      last = await line.append(1);
      valueOf(await publisher.publish({ heartbeat: last.cid, local: line.store, signer, nowMs: NOW }));
    }
    beats.push(last);
  }
  return { line, beats };
}

describe("a sweep", () => {
  test("[N15] keeps the newest versions whole and nothing else", async () => {
    const replica = memoryReplica();
    const { beats } = await history(replica, 6, 1);
    const before = await countOf(replica);
    const swept = valueOf(await sweepReplica(writer(replica), { retention: { versions: 2 }, signer, nowMs: NOW }));
    expect(swept.kept).toEqual([beats[5]?.cid, beats[4]?.cid]);
    expect(await countOf(replica)).toBe(before - swept.deleted);
    expect(swept.deleted).toBeGreaterThan(10);
    for (const beat of beats.slice(4)) expect(await isWhole(replica, beat.cid)).toBe(true);
    expect(await isWhole(replica, beats[3]?.cid as string)).toBe(false);
    const again = valueOf(await sweepReplica(writer(replica), { retention: { versions: 2 }, signer, nowMs: NOW }));
    expect(again.deleted).toBe(0);
  });

  test("[N15] keeps those that are young enough as well", async () => {
    const replica = memoryReplica();
    const { beats } = await history(replica, 4, 2);
    const swept = valueOf(await sweepReplica(writer(replica), { retention: { versions: 1, ageMs: 1e9 }, signer, nowMs: NOW }));
    expect(swept.kept).toHaveLength(beats.length);
  });

  test("[N14] [N15] that ends at any step leaves every kept version whole, and the next writer goes on", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 3 }), fc.nat(1_000), async (at, versions, seed) => {
        const replica = memoryReplica();
        const { line, beats } = await history(replica, 4, seed);
        const plan = { retention: { versions }, signer, nowMs: NOW, local: line.store };
        const cut = await sweepReplica(writer(endingReplica(() => replica, at)), plan).catch((error: unknown) => error);
        if (!(cut instanceof Ended)) valueOf(cut as Awaited<ReturnType<typeof sweepReplica>>);
        for (const beat of beats.slice(-versions)) expect(await isWhole(replica, beat.cid)).toBe(true);
        const next = await line.beat(1);
        valueOf(await writer(replica).publish({ heartbeat: next.cid, local: line.store, signer, nowMs: NOW }));
        expect(await isWhole(replica, next.cid)).toBe(true);
      }),
      { numRuns: 12 },
    );
  });

  test("[N14] stops deleting when another writer comes, who then publishes a whole version", async () => {
    const replica = memoryReplica();
    const { line } = await history(replica, 5, 3);
    const heir = writer(replica, 2);
    const next = await line.beat(2);
    let deletions = 0;
    const remove = async (cid: string): Promise<void> => {
      if (++deletions === 1) valueOf(await heir.publish({ heartbeat: next.cid, local: line.store, signer, nowMs: NOW }));
      // It slept over its look at the head: from the next batch on it deletes nothing.
      if (deletions === 1) await new Promise((resolve) => setTimeout(resolve, 2_100));
      else await replica.blocks.delete?.(cid);
    };
    const watched = { ...replica, blocks: { ...replica.blocks, delete: remove } };
    const swept = await sweepReplica(writer(watched, 1), { retention: { versions: 1 }, signer, nowMs: NOW });
    expect(swept).toMatchObject({ ok: false, fault: { code: "stale-head" } });
    expect(deletions).toBe(1);
    expect(await isWhole(replica, next.cid)).toBe(true);
  });

  test("[N14] deletes nothing beside other worlds, from a version that is not whole, or by a writer that is fenced", async () => {
    const replica = memoryReplica();
    const { line, beats } = await history(replica, 3, 4);
    const plan = { retention: { versions: 1 }, signer, nowMs: NOW };
    valueOf(await replica.heads.swap((await generateKeys()).id, new Uint8Array([1]), undefined));
    expect(await sweepReplica(writer(replica), plan)).toMatchObject({ fault: { code: "not-allowed" } });
    const alone = memoryReplica();
    valueOf(await writer(alone, 2).publish({ heartbeat: (await line.beat(2)).cid, local: line.store, signer, nowMs: NOW }));
    expect(await sweepReplica(writer(alone, 1), plan)).toMatchObject({ fault: { code: "stale-head" } });
    const count = await countOf(alone);
    for await (const cid of alone.blocks.list?.() ?? []) {
      if (cid !== line.newest?.cid) {
        await alone.blocks.delete?.(cid);
        break;
      }
    }
    expect(await sweepReplica(writer(alone, 2), plan)).toMatchObject({ fault: { code: "missing-block" } });
    expect(await countOf(alone)).toBe(count - 1);
    expect(beats.length).toBe(3);
  });
});
