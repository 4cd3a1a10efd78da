// Loading by view: what is near comes first whoever lies, stalls or moves meanwhile, and costs what the view costs, not the world.
import { type ContentId, fail, ok } from "@sojourn/protocol";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { FETCH, LIMITS } from "../limits.ts";
import { memoryStore } from "../stores/memory.ts";
import type { Block, BlockStore } from "../stores/port.ts";
import { amendVersion } from "../versions/amend.ts";
import type { BuiltVersion } from "../versions/build.ts";
import { plainScene, plainWorld } from "../versions/plain-world.ts";
import { openVersion } from "../versions/view.ts";
import { type StreamOptions, streamVersion, type VersionStream } from "./stream.ts";

const SIDE = 40;
const RADIUS = 24;
/** Chunks that a node of the index names, along one side. */
const NODE_CHUNKS = LIMITS.indexFanout;
/** Blocks that were taken up, and may be asked for before one that was named a moment ago: looked for, wanted, and answered meanwhile. */
const WINDOW = FETCH.parallel + FETCH.wanted + FETCH.parallel;
let world: BuiltVersion;
/** Chunk → where it lies, to see in which order they were asked for. */
const placeOf = new Map<ContentId, { cx: number; cy: number }>();
/** Node of the index → the chunks that it names. */
const namedBy = new Map<ContentId, ContentId[]>();

beforeAll(async () => {
  world = await plainWorld(plainScene(SIDE, SIDE));
  const store = memoryStore("all", world.blocks);
  const kept: ContentId[] = [];
  const watched = overheard(store, kept);
  const view = await openVersion(world.root, watched);
  if (!view.ok) throw new Error(view.fault.detail);
  const nodes = new Map<string, ContentId>();
  for (let cy = 0; cy < SIDE; cy++) {
    for (let cx = 0; cx < SIDE; cx++) {
      await view.value.chunk(cx, cy);
      const [above, chunk] = kept.slice(-2) as [ContentId, ContentId];
      placeOf.set(chunk, { cx, cy });
      const place = `${Math.floor(cx / NODE_CHUNKS)},${Math.floor(cy / NODE_CHUNKS)}`;
      const node = nodes.get(place) ?? above;
      nodes.set(place, node);
      namedBy.set(node, [...(namedBy.get(node) ?? []), chunk]);
    }
  }
});

function overheard(store: BlockStore, asked: ContentId[]): BlockStore {
  const get: BlockStore["get"] = (cid) => {
    asked.push(cid);
    return store.get(cid);
  };
  return { ...store, get };
}

interface Told extends BlockStore {
  readonly asked: ContentId[];
}

function source(name: string, answer?: (cid: ContentId, bytes: Uint8Array) => ReturnType<BlockStore["get"]>): Told {
  const held = memoryStore(name, world.blocks);
  const asked: ContentId[] = [];
  const get: BlockStore["get"] = async (cid) => {
    asked.push(cid);
    const got = await held.get(cid);
    return got.ok && answer !== undefined ? await answer(cid, got.value) : got;
  };
  return { ...held, get, asked };
}

function stream(options: Partial<StreamOptions> & Pick<StreamOptions, "sources">): { stream: VersionStream; cache: BlockStore } {
  const cache = options.cache ?? memoryStore("cache");
  return { cache, stream: streamVersion(world.root, { around: { spots: [{ x: 320, y: 320 }], radius: RADIUS }, ...options, cache }) };
}

function distance(cid: ContentId, spot: { x: number; y: number }): number | undefined {
  const at = placeOf.get(cid);
  if (at === undefined) return undefined;
  const [x, y] = [at.cx * 16, at.cy * 16];
  return Math.hypot(Math.max(x - spot.x, 0, spot.x - x - 16), Math.max(y - spot.y, 0, spot.y - y - 16));
}

/** Of all chunks: how many that lie further away were asked for after this one was named and before it was asked for, at most. */
function mostOvertaken(events: readonly ContentId[], at: { x: number; y: number }): number {
  const waiting = new Map<ContentId, number>();
  let most = 0;
  for (const cid of events) {
    for (const chunk of namedBy.get(cid) ?? []) waiting.set(chunk, 0);
    const asked = distance(cid, at);
    if (asked === undefined) continue;
    most = Math.max(most, waiting.get(cid) ?? 0);
    waiting.delete(cid);
    for (const [chunk, overtaken] of waiting) if ((distance(chunk, at) as number) < asked) waiting.set(chunk, overtaken + 1);
  }
  return most;
}

const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte));
const spot = fc.record({ x: fc.integer({ min: 0, max: SIDE * 16 - 1 }), y: fc.integer({ min: 0, max: SIDE * 16 - 1 }) });

describe("a version on its way", () => {
  test("can be walked in when what is near is there, and then the rest comes by distance", async () => {
    await fc.assert(
      fc.asyncProperty(spot, async (at) => {
        const honest = source("honest");
        const kept = memoryStore("cache");
        // Nodes as they are kept, which is when what they name is known; chunks as they are asked for.
        const events = honest.asked;
        const put: BlockStore["put"] = async (block) => {
          const done = await kept.put(block);
          if (namedBy.has(block.cid)) events.push(block.cid);
          return done;
        };
        const { stream: run, cache } = stream({ sources: [honest], around: { spots: [at], radius: RADIUS }, cache: { ...kept, put } });
        const playable = await run.playable;
        if (!playable.ok) throw new Error(playable.fault.detail);
        const near = [...placeOf.keys()].filter((cid) => (distance(cid, at) as number) <= RADIUS);
        for (const cid of near) expect(await cache.has(cid)).toBe(true);
        // Besides what is near: root, scene, the nodes on the way, and what was asked for while the last of it came, however long that took.
        expect(playable.value.fetchedBlocks).toBeLessThan(world.blocks.length / 2);
        const ended = await run.ended;
        expect(ended).toMatchObject({ ok: true, value: { fetchedBlocks: world.blocks.length, fetchedBytes: world.bytes } });
        // However slowly a node came: once a chunk is named, hardly any that lies further away is asked for before it.
        expect(mostOvertaken(events, at)).toBeLessThanOrEqual(WINDOW);
      }),
      { numRuns: 4 },
    );
  });

  test("comes whole from liars, stallers and the honest, wherever one walks meanwhile, and what is near where one stands comes first", async () => {
    const kinds = fc.array(fc.constantFrom("liar", "staller", "failing", "empty"), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(kinds, fc.array(spot, { minLength: 1, maxLength: 4 }), async (others, walk) => {
        const sources = others.map((kind, i) =>
          source(`${kind} ${i}`, async (cid, bytes) => {
            if (kind === "liar") return ok(flipped(bytes));
            if (kind === "staller") return await new Promise<never>(() => undefined);
            return kind === "empty" ? fail("missing-block", "peer", cid) : fail("store-failed", "link", "no");
          }),
        );
        const steps = [...walk];
        const honest = source("honest");
        const { stream: run, cache } = stream({
          sources: [...sources, honest],
          requestMs: 40,
          onChunk: () => {
            const next = Math.random() < 0.02 ? steps.shift() : undefined;
            if (next !== undefined) run.moveTo([next]);
          },
        });
        const ended = await run.ended;
        expect(ended).toMatchObject({ ok: true, value: { fetchedBlocks: world.blocks.length, fetchedBytes: world.bytes } });
        if (!ended.ok) return;
        for (const { name, blocks, left } of ended.value.sources) {
          if (name === "honest") expect([blocks, left]).toEqual([world.blocks.length, undefined]);
          else if (!name.startsWith("empty")) expect([blocks, left]).toEqual([0, expect.stringMatching(/wrong bytes|stalled|failed/)]);
        }
        expect(ended.value.liars).toEqual(sources.filter(({ name }) => name.startsWith("liar")).map(({ name }) => name));
        for (const { cid, bytes } of world.blocks.slice(-50)) expect(await cache.get(cid)).toEqual({ ok: true, value: bytes });
      }),
      { numRuns: 5 },
    );
  });

  test("follows one who has gone elsewhere at once", async () => {
    const slow = source("slow", async (_, bytes) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return ok(bytes);
    });
    const { stream: run } = stream({ sources: [slow] });
    await run.playable;
    const there = { x: 24, y: 600 };
    run.moveTo([there]);
    const before = slow.asked.length;
    while (slow.asked.length < before + 80) await new Promise((resolve) => setTimeout(resolve, 1));
    const after = slow.asked.slice(before + 24, before + 64).flatMap((cid) => distance(cid, there) ?? []);
    expect(after.length).toBeGreaterThan(20);
    // What was on its way around the old place, some 400 units away, has come by then.
    expect(Math.max(...after)).toBeLessThan(250);
    run.stop();
    expect(await run.ended).toMatchObject({ ok: false, fault: { code: "cancelled" } });
  });

  test("of which there is more than the budget rests, and comes further only where one goes", async () => {
    const honest = source("honest");
    const budgetBytes = Math.round(world.bytes / 8);
    const { stream: run, cache } = stream({ sources: [honest], budgetBytes });
    await run.playable;
    while (!run.isResting) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(run.report.fetchedBytes).toBeLessThan(budgetBytes + 65_536);
    expect(run.report.fetchedBytes).toBeGreaterThan(budgetBytes / 2);
    const before = run.report.fetchedBlocks;
    const corner = { x: 8, y: 8 };
    run.moveTo([corner]);
    const near = [...placeOf.keys()].filter((cid) => (distance(cid, corner) as number) <= RADIUS);
    while (!(await Promise.all(near.map((cid) => cache.has(cid)))).every(Boolean)) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(run.report.fetchedBlocks - before).toBeLessThan(near.length + 8);
    run.stop();
  });

  test("when only what is near is wanted ends there, with the places following from the map", async () => {
    const honest = source("honest");
    const around = { spots: (map: { bounds: { x1: number } }) => [{ x: map.bounds.x1 - 1, y: 0 }], radius: RADIUS };
    const { stream: run } = stream({ sources: [honest], isNearOnly: true, around });
    expect(await run.ended).toMatchObject({ ok: true });
    expect(Math.max(...honest.asked.flatMap((cid) => distance(cid, { x: SIDE * 16 - 1, y: 0 }) ?? []))).toBeLessThanOrEqual(RADIUS);
  });

  test("goes on without far blocks that nobody has, and says in the end which; without a near one it cannot begin", async () => {
    const [near, far] = [distanceNear(0), distanceNear(300)];
    const lacking = (cid: ContentId): Told =>
      source("lacking", async (of, bytes) => (of === cid ? fail("missing-block", "peer", "no") : ok(bytes)));
    const { stream: run } = stream({ sources: [lacking(far)] });
    expect(await run.playable).toMatchObject({ ok: true });
    expect(await run.ended).toMatchObject({ ok: false, fault: { code: "missing-block", detail: expect.stringContaining(far) } });
    expect(run.report.fetchedBlocks).toBe(world.blocks.length - 1);
    const { stream: other } = stream({ sources: [lacking(near)] });
    expect(await other.playable).toMatchObject({ ok: false, fault: { code: "missing-block", detail: expect.stringContaining(near) } });
  });

  /** A chunk at least so far from where one stands. */
  function distanceNear(least: number): ContentId {
    return [...placeOf.keys()].find(
      (cid) =>
        (distance(cid, { x: 320, y: 320 }) as number) >= least &&
        (least > 0 || (placeOf.get(cid)?.cx === 20 && placeOf.get(cid)?.cy === 20)),
    ) as ContentId;
  }

  test("a newer one is looked through only where it differs, when the older is known to be here whole", async () => {
    const wholes = new Set<ContentId>();
    const store = memoryStore("world", world.blocks);
    const { stream: first, cache } = stream({ sources: [store], wholes });
    await first.ended;
    const view = await openVersion(world.root, store);
    if (!view.ok) throw new Error(view.fault.detail);
    const change = { add: [{ id: "c", kind: "crate", x: 600, y: 40, layer: 1 }], remove: [], tick: 1, timeMs: 1 };
    const next = await amendVersion(view.value, change, store);
    if (!next.ok) throw new Error(next.fault.detail);
    for (const block of next.value.newBlocks as Block[]) await store.put(block);
    const looked: ContentId[] = [];
    const watched = overheard(cache, looked);
    const second = streamVersion(next.value.root, { cache: watched, sources: [store], around: { spots: [], radius: 0 }, wholes });
    expect(await second.ended).toMatchObject({ ok: true, value: { fetchedBlocks: next.value.newBlocks.length } });
    // The new blocks, the scene, and at most what lies beside the changed chunk.
    expect(looked.length).toBeLessThan(next.value.newBlocks.length + 2 + 64);
  });
});
