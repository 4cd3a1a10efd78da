// Loading as one plays: near first, the rest behind it, walked after; what is lost from the cache or cannot be had is looked for again.
import type { ContentId } from "@sojourn/protocol";
import { systemClock } from "@sojourn/runtime";
import {
  amendVersion,
  type Block,
  type BlockStore,
  buildVersion,
  type Chunk,
  memoryStore,
  openVersion,
  type Scene,
  type SubstrateView,
} from "@sojourn/substrate";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { LOADING } from "./limits.ts";
import { SubstrateLoader } from "./substrate-loader.ts";
import { ViewFeed } from "./view-feed.ts";
import type { LoadProgress } from "./visitor.ts";

const SIDE = 24;
const LOOK = { visible: true, opacity: 1, offset: { x: 0, y: 0 }, parallax: { x: 1, y: 1 } } as const;
const around = { spots: [{ x: 8, y: 8 }], radius: 20 };
let root: ContentId;
let next: ContentId;
let blocks: readonly Block[];

beforeAll(async () => {
  const scene: Scene = {
    bounds: { x0: 0, y0: 0, x1: SIDE * 16, y1: SIDE * 16 },
    ...{ tileSize: { w: 16, h: 16 }, parallaxOrigin: { x: 0, y: 0 }, tilesets: [], assets: [], zones: [], properties: {}, placedLayer: 1 },
    layers: [
      { order: 0, name: "ground", kind: "tile", ...LOOK },
      { order: 1, name: "placed", kind: "object", drawOrder: "topdown", ...LOOK },
    ],
  };
  const chunks = Array.from({ length: SIDE * SIDE }, (_, i): Chunk => {
    const gids = Uint32Array.from({ length: 256 }, (_, at) => 1 + i + (at % 3));
    return { cx: i % SIDE, cy: Math.floor(i / SIDE), layers: [{ layer: 0, gids }], solid: new Uint8Array(32), boxes: [], objects: [] };
  });
  const built = await buildVersion({ name: "field", scene, chunks, assetBlocks: [] });
  if (!built.ok) throw new Error(built.fault.detail);
  const store = memoryStore("all", built.value.blocks);
  const view = await openVersion(built.value.root, store);
  const change = { add: [{ id: "c", kind: "crate", x: 9, y: 9, layer: 1 }], remove: [], tick: 1, timeMs: 1 };
  const amended = view.ok ? await amendVersion(view.value, change, store) : view;
  if (!amended.ok) throw new Error(amended.fault.detail);
  root = built.value.root;
  next = amended.value.root;
  blocks = [...built.value.blocks, ...amended.value.newBlocks];
});

async function loaded(
  loader: SubstrateLoader,
  sources: readonly BlockStore[],
  of = root,
  seen: LoadProgress[] = [],
): Promise<SubstrateView> {
  const view = await loader.load({ root: of, sources, around, onProgress: (progress) => void seen.push(progress) });
  if (!view.ok) throw new Error(view.fault.detail);
  return view.value;
}

const isAllThere = (view: SubstrateView): boolean => [...view.loadedChunks()].length === SIDE * SIDE;
const until = async (what: () => boolean, withinMs = 4_000): Promise<void> =>
  await vi.waitFor(() => expect(what()).toBe(true), { timeout: withinMs, interval: 5 });

describe("a world being loaded", () => {
  test("is given out when what is near can be walked on, and fills up behind one's back", async () => {
    const seen: LoadProgress[] = [];
    const loader = new SubstrateLoader(memoryStore(), systemClock);
    const view = await loaded(loader, [memoryStore("world", blocks)], root, seen);
    expect(view.loaded(0, 0)).toBeDefined();
    expect(isAllThere(view)).toBe(false);
    expect(seen.some(({ isPlayable, done }) => isPlayable && !done)).toBe(true);
    const before = view.reads;
    await until(() => isAllThere(view));
    expect(view.reads).toBeGreaterThan(before);
    expect(seen.filter(({ done }) => done)).toHaveLength(1);
    expect(seen.at(-1)).toMatchObject({ source: "world", sources: [{ name: "world" }], fetchedBlocks: seen.at(-1)?.blocksTotal });
    loader.stop();
  });

  test("is given out again for a newer version at the price of the change, and the older one goes on when that cannot be had", async () => {
    const loader = new SubstrateLoader(memoryStore(), systemClock);
    const store = memoryStore("world", blocks);
    let isHeld = true;
    const slow: BlockStore = {
      ...store,
      get: async (cid, options) => {
        if (isHeld) await new Promise((resolve) => setTimeout(resolve, 3));
        return store.get(cid, options);
      },
    };
    const view = await loaded(loader, [slow]);
    const failed = await loader.load({ root: next, sources: [memoryStore("empty")], around });
    expect(failed).toMatchObject({ ok: false, fault: { code: "missing-block" } });
    isHeld = false;
    await until(() => isAllThere(view));
    const seen: LoadProgress[] = [];
    const newer = await loaded(loader, [store], next, seen);
    await until(() => seen.at(-1)?.done === true);
    expect(seen.at(-1)?.fetchedBlocks).toBe(4);
    expect(newer.objectsNear(9, 9, 1)).toHaveLength(1);
    expect(newer.loaded(20, 20)).toBe(view.loaded(20, 20));
    loader.stop();
  });

  test("whose chunks are large has fewer of them in memory, and all that are near", async () => {
    const store = memoryStore("world", blocks);
    const view = await openVersion(root, store);
    if (!view.ok) throw new Error(view.fault.detail);
    const stop = new AbortController();
    const feed = new ViewFeed(view.value, stop.signal, () => {});
    feed.moveTo({ x: 200, y: 200 }, 20);
    for (let i = 0; i < SIDE * SIDE; i++) feed.came(i % SIDE, Math.floor(i / SIDE), 1_048_576);
    const held = (): number => [...view.value.loadedChunks()].length;
    await until(() => held() > 40);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(held()).toBeLessThanOrEqual(LOADING.chunkBytes / 1_048_576);
    for (let step = 0; step < 8; step++) {
      feed.moveTo({ x: 200 - 20 * step, y: 200 }, 20);
      await until(() => view.value.loaded(Math.floor((200 - 20 * step) / 16), 12) !== undefined);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(held()).toBeLessThanOrEqual(LOADING.chunkBytes / 1_048_576);
    stop.abort();
  });

  test("of which the cache forgets a part is looked for again when one comes there", async () => {
    const cache = memoryStore();
    const loader = new SubstrateLoader(cache, systemClock);
    const view = await loaded(loader, [memoryStore("world", blocks)]);
    await until(() => isAllThere(view));
    view.keepNearest(8, 8, 20);
    for await (const cid of cache.list?.() ?? []) if (cid !== root) await cache.delete?.(cid);
    loader.moveTo(300, 300);
    await until(() => view.loaded(18, 18) !== undefined);
    loader.stop();
  });

  test("of which the cache holds only a part is not fetched over and over, and is there where one walks", async () => {
    const all = memoryStore("world", blocks);
    let fetched = 0;
    const world: BlockStore = {
      ...all,
      get: async (cid, options) => {
        fetched += 1;
        return all.get(cid, options);
      },
    };
    const small = memoryStore();
    const kept: ContentId[] = [];
    const cache: BlockStore = {
      ...small,
      put: async (block) => {
        kept.push(block.cid);
        // The first ones, which name all others, are asked for often and stay.
        if (kept.length > 100) await small.delete?.(kept.splice(20, 1)[0] as ContentId);
        return small.put(block);
      },
    };
    const loader = new SubstrateLoader(cache, systemClock);
    const view = await loaded(loader, [world]);
    await until(() => fetched >= SIDE * SIDE);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const once = fetched;
    view.keepNearest(8, 8, 20);
    for (const x of [60, 160, 260]) {
      loader.moveTo(x, x);
      await until(() => view.loaded(Math.floor(x / 16), Math.floor(x / 16)) !== undefined);
    }
    expect(fetched - once).toBeLessThan(150);
    loader.stop();
  });

  test("whose rest cannot be had now is asked for again a while later", async () => {
    const store = memoryStore("world", blocks);
    let isDown = false;
    const failing: BlockStore = {
      ...store,
      get: async (cid, options) =>
        isDown ? { ok: false, fault: { code: "store-failed", blame: "link", detail: "down", retryAfterMs: 0 } } : store.get(cid, options),
    };
    const loader = new SubstrateLoader(memoryStore(), systemClock);
    const view = await loaded(loader, [failing]);
    isDown = true;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(isAllThere(view)).toBe(false);
    isDown = false;
    await until(() => isAllThere(view));
    loader.stop();
  });
});
