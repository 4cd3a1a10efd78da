// Walking what a replica lacks, some of it read ahead.
import { generateKeys } from "@sojourn/passport";
import { type Block, type BlockStore, missingBlocks } from "@sojourn/substrate";
import { expect, test } from "vitest";
import { seededRandom } from "../federation/random.ts";
import { WorldLine } from "./world-line.ts";

const keys = await generateKeys();

/** A store that answers each read when it is told to, in any order; and how many are under way. */
function slow(inner: BlockStore): { readonly store: BlockStore; readonly most: () => number; readonly underWay: () => number } {
  const random = seededRandom(7);
  let [now, most] = [0, 0];
  const get: BlockStore["get"] = async (cid, options) => {
    now += 1;
    most = Math.max(most, now);
    for (let turns = random.below(8); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
    return await inner.get(cid, options);
  };
  return { store: { ...inner, get }, most: () => most, underWay: () => now };
}

async function walked(
  blocks: AsyncGenerator<{ readonly ok: boolean; readonly value?: Block }>,
  most = Number.POSITIVE_INFINITY,
): Promise<string[]> {
  const cids: string[] = [];
  for await (const block of blocks) {
    cids.push(block.ok ? (block.value?.cid ?? "") : "fault");
    if (cids.length >= most) break;
  }
  return cids;
}

test("gives the same blocks in the same order however many are read ahead, and never reads more at a time", async () => {
  const line = new WorldLine(keys.id, seededRandom(1));
  await line.beat(1);
  const first = (await line.append(1)).cid;
  const second = (await line.beat(1)).cid;
  for (const [root, held] of [
    [first, undefined],
    [second, first],
  ] as const) {
    const one = await walked(missingBlocks(root, held, line.store));
    for (const ahead of [2, 8, 500]) {
      const { store, most } = slow(line.store);
      expect(await walked(missingBlocks(root, held, store, ahead))).toEqual(one);
      expect(most()).toBeLessThanOrEqual(ahead);
    }
  }
});

test("has nothing under way any more when it ends: at a block that is missing, or because nobody asks on", async () => {
  const line = new WorldLine(keys.id, seededRandom(2));
  const { cid } = await line.beat(1);
  const all = await walked(missingBlocks(cid, undefined, line.store));
  const cut = slow(line.store);
  expect(await walked(missingBlocks(cid, undefined, cut.store, 8), 20)).toEqual(all.slice(0, 20));
  expect([cut.underWay(), cut.most()]).toEqual([0, 8]);
  await line.store.delete?.(all[30] as string);
  const holed = slow(line.store);
  expect(await walked(missingBlocks(cid, undefined, holed.store, 8))).toEqual([...all.slice(0, 30), "fault"]);
  expect(holed.underWay()).toBe(0);
});

test("throws what reading throws when its turn comes, once", async () => {
  const line = new WorldLine(keys.id, seededRandom(3));
  const { cid } = await line.beat(1);
  const all = await walked(missingBlocks(cid, undefined, line.store));
  const bug = new TypeError("a bug");
  const get: BlockStore["get"] = async (one, options) => {
    if (all.indexOf(one) >= 40) throw bug;
    return await line.store.get(one, options);
  };
  await expect(walked(missingBlocks(cid, undefined, { ...line.store, get }, 8))).rejects.toBe(bug);
});
