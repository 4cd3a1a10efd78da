// Wrong, short, long, foreign, slow and missing answers by the thousand, one honest source among those who give them: nothing wrong is ever
// kept, all of it comes, and it takes hardly longer. WRONG_BLOCKS says how many wrong answers are given; the short form gives a few hundred.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type ContentId, fail, ok } from "@sojourn/protocol";
import { expect, test } from "vitest";
import { verifyBlock } from "../blocks/block.ts";
import { directoryStore } from "../stores/directory.ts";
import { memoryStore } from "../stores/memory.ts";
import type { BlockStore } from "../stores/port.ts";
import { tieredStore } from "../stores/tiered.ts";
import { plainScene, plainWorld } from "../versions/plain-world.ts";
import { fetchVersion } from "./fetch.ts";
import { streamVersion } from "./stream.ts";

const WANTED = Number(process.env.WRONG_BLOCKS ?? 300);
const isLong = WANTED >= 10_000;
/** Of each kind of liar; each is left at its first lie. */
const COPIES = 8;
const SIDE = isLong ? 20 : 5;

type Wrong = (bytes: Uint8Array, turn: number) => Uint8Array;
const WRONGS: readonly (readonly [name: string, wrong: Wrong])[] = [
  ["flipped", (bytes, turn) => bytes.map((byte, i) => (i === turn % bytes.length ? byte ^ (1 << (turn & 7)) : byte))],
  ["short", (bytes, turn) => bytes.slice(0, turn % bytes.length)],
  ["long", (bytes, turn) => new Uint8Array([...bytes, ...new Uint8Array(1 + (turn % 64))])],
  ["foreign", (_, turn) => new Uint8Array([0xa1, 0x61, 0x61, turn & 23])],
  ["empty", () => new Uint8Array()],
  ["huge", () => new Uint8Array(1_048_577)],
];

test(`${WANTED} wrong answers: none is kept, and an honest source is enough`, { timeout: 1_200_000 }, async () => {
  const world = await plainWorld(plainScene(SIDE, SIDE));
  const right = memoryStore("right", world.blocks);
  let given = 0;
  const liar = (name: string, wrong: Wrong): BlockStore => {
    const get = async (cid: ContentId): ReturnType<BlockStore["get"]> => {
      const got = await right.get(cid);
      if (!got.ok) return got;
      given += 1;
      return ok(wrong(got.value, given));
    };
    return { ...right, name, get };
  };
  const slow: BlockStore = { ...right, name: "slow", get: () => new Promise(() => undefined) };
  const without: BlockStore = { ...right, name: "without", get: async (cid) => fail("missing-block", "peer", `no ${cid}`) };
  const folder = await mkdtemp(join(tmpdir(), "sojourn-wrong-"));
  let [honestMs, mixedMs] = [0, 0];
  try {
    for (let turn = 0; given < WANTED; turn++) {
      const caches = [
        memoryStore(),
        directoryStore(join(folder, String(turn)), { durable: false }),
        tieredStore([memoryStore(), memoryStore()], "two"),
      ];
      const cache = caches[turn % caches.length] as BlockStore;
      const liars = WRONGS.flatMap(([name, wrong]) => Array.from({ length: COPIES }, (_, i) => liar(`${name} ${i}`, wrong)));
      const sources = [...liars, slow, without, right];
      const beganMs = performance.now();
      const options = { cache, sources, requestMs: 200 };
      const fetched =
        turn % 2 === 0
          ? await fetchVersion(world.root, options)
          : await streamVersion(world.root, { ...options, around: { spots: [{ x: 9, y: 9 }], radius: 20 } }).ended;
      mixedMs += performance.now() - beganMs;
      expect(fetched).toMatchObject({ ok: true, value: { fetchedBlocks: world.blocks.length } });
      for (const { cid, bytes } of world.blocks) expect(await cache.get(cid)).toEqual({ ok: true, value: bytes });
      for await (const cid of cache.list?.() ?? []) {
        const kept = await cache.get(cid);
        expect(kept.ok && (await verifyBlock(cid, kept.value)).ok).toBe(true);
      }
      const alone = performance.now();
      const fresh = turn % 3 === 1 ? directoryStore(join(folder, `${turn}-alone`), { durable: false }) : memoryStore();
      await fetchVersion(world.root, { cache: fresh, sources: [right] });
      honestMs += performance.now() - alone;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  if (isLong) process.stdout.write(`${JSON.stringify({ wrongAnswers: given, mixedMs, honestMs, ratio: mixedMs / honestMs })}\n`);
});
