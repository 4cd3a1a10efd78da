import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeBlock } from "../blocks/block.ts";
import { decodeNode, Link, type NodeMap, type NodeValue } from "../blocks/node-codec.ts";
import { memoryStore } from "../stores/memory.ts";
import type { BlockStore } from "../stores/port.ts";
import { amendVersion } from "./amend.ts";
import type { BuiltVersion } from "./build.ts";
import { plainChunk, plainScene, plainWorld } from "./plain-world.ts";
import { solidsOf } from "./solids.ts";
import type { Chunk, SubstrateView } from "./types.ts";
import { openVersion } from "./view.ts";

async function opened(world: BuiltVersion): Promise<SubstrateView> {
  const view = await openVersion(world.root, memoryStore("memory", world.blocks));
  if (!view.ok) throw new Error(view.fault.detail);
  return view.value;
}

describe("a view", () => {
  test("finds every chunk that was put in and no other, anywhere in the plane", async () => {
    const coords = fc.uniqueArray(fc.tuple(fc.integer({ min: -40, max: 39 }), fc.integer({ min: -3, max: 76 })), {
      selector: String,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(coords, async (places) => {
        const scene = plainScene(80, 80, { x: -640, y: -48 });
        const world = await plainWorld(
          scene,
          places.map(([cx, cy]) => plainChunk(cx, cy)),
        );
        const view = await opened(world);
        const listed = await view.chunks();
        const byRow = [...places].sort(([ax, ay], [bx, by]) => ay - by || ax - bx);
        expect(listed).toEqual({ ok: true, value: byRow.map(([cx, cy]) => ({ cx, cy })) });
        for (const [cx, cy] of places) expect(await view.chunk(cx, cy)).toEqual({ ok: true, value: plainChunk(cx, cy) });
        const isThere = new Set(places.map(String));
        for (const [cx, cy] of places) {
          const beside: [number, number] = [cx + 1, cy];
          if (!isThere.has(String(beside))) expect(await view.chunk(...beside)).toEqual({ ok: true, value: undefined });
        }
        const shuffled = await plainWorld(
          scene,
          byRow.reverse().map(([cx, cy]) => plainChunk(cx, cy)),
        );
        expect(shuffled.root).toBe(world.root);
      }),
      { numRuns: 40 },
    );
  });

  test("reads each block once, and only what is near", async () => {
    const world = await plainWorld(plainScene(40, 40));
    const memory = memoryStore("memory", world.blocks);
    const asked: string[] = [];
    const store: BlockStore = {
      ...memory,
      get: (cid) => {
        asked.push(cid);
        return memory.get(cid);
      },
    };
    const view = await openVersion(world.root, store);
    if (!view.ok) throw new Error(view.fault.detail);
    expect(asked).toHaveLength(2);
    await view.value.loadArea(310, 310, 330, 330);
    // Four chunks in one leaf of the index, and the node above it.
    expect(asked).toHaveLength(2 + 2 + 4);
    await Promise.all([view.value.loadArea(310, 310, 330, 330), view.value.chunk(20, 20), view.value.chunk(20, 20)]);
    expect(asked).toHaveLength(8);
    expect(new Set(asked).size).toBe(8);
    expect(view.value.loaded(20, 20)?.cx).toBe(20);
    expect([view.value.loaded(1, 1), view.value.loaded(-1, 0), view.value.loaded(40, 0)]).toEqual([undefined, null, null]);
  });

  test("that follows another one reads what changed alone, and sees what either reads", async () => {
    const world = await plainWorld(plainScene(20, 20));
    const memory = memoryStore("memory", world.blocks);
    const before = await opened(world);
    await before.loadAll();
    const change = { add: [{ id: "c", kind: "crate", x: 100, y: 200, layer: 1, solid: true }], remove: [], tick: 1, timeMs: 1 };
    const next = await amendVersion(before, change, memory);
    if (!next.ok) throw new Error(next.fault.detail);
    for (const block of next.value.newBlocks) await memory.put(block);
    const asked: string[] = [];
    const store: BlockStore = {
      ...memory,
      get: (cid) => {
        asked.push(cid);
        return memory.get(cid);
      },
    };
    const view = await openVersion(next.value.root, store, { after: before });
    if (!view.ok) throw new Error(view.fault.detail);
    expect(await view.value.loadAll()).toMatchObject({ ok: true });
    // Root, scene, two nodes of the index, the chunk.
    expect(asked).toHaveLength(5);
    expect([...view.value.loadedChunks()]).toHaveLength(400);
    expect(view.value.loaded(3, 3)).toBe(before.loaded(3, 3));
    expect(view.value.objectsNear(100, 200, 1)).toHaveLength(1);
    expect(before.objectsNear(100, 200, 1)).toEqual([]);
    const solids = solidsOf(view.value);
    const isFree = (x: number, y: number): boolean => {
      let free = true;
      solids.visit(x, y, x, y, () => {
        free = false;
      });
      return free;
    };
    expect([isFree(100, 200), isFree(5, 5), isFree(300, 300)]).toEqual([false, true, true]);
    view.value.keepNearest(100, 200, 9);
    expect([...view.value.loadedChunks()]).toHaveLength(9);
    expect([isFree(100, 200), isFree(101, 201), isFree(300, 300)]).toEqual([false, true, false]);
    await before.chunk(18, 18);
    expect(isFree(300, 300)).toBe(true);
  });

  test("knows what is near a point", async () => {
    const object = (id: string, x: number, y: number) => ({ id, kind: "k", x, y, layer: 1 });
    const view = await opened(
      await plainWorld(plainScene(2, 1), [
        plainChunk(0, 0, [object("a", 15, 5)]),
        plainChunk(1, 0, [object("b", 17, 6), object("c", 30, 5)]),
      ]),
    );
    await view.loadAll();
    expect(view.objectsNear(16, 5, 1).map(({ id }) => id)).toEqual(["a", "b"]);
  });
});

describe("a version that does not hold together", () => {
  /** The world with one of its nodes changed, and all above it renamed to fit. */
  async function forged(
    world: BuiltVersion,
    isTheOne: (node: NodeMap) => boolean,
    change: (node: NodeMap) => NodeValue,
  ): Promise<BuiltVersion> {
    const renamed = new Map<string, string>();
    const blocks = [];
    for (const block of world.blocks) {
      const node = decodeNode(block.bytes);
      if (!node.ok) throw new Error(node.fault.detail);
      const own = node.value as NodeMap;
      const value = rename(isTheOne(own) ? change(own) : own, renamed);
      const made = await nodeBlock(value, "a forged node");
      if (!made.ok) throw new Error(made.fault.detail);
      renamed.set(block.cid, made.value.cid);
      blocks.push(made.value);
    }
    return { ...world, blocks, root: renamed.get(world.root) as string };
  }

  function rename(value: NodeValue, renamed: Map<string, string>): NodeValue {
    if (value instanceof Link) return new Link(renamed.get(value.cid) ?? value.cid);
    if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
    if (Array.isArray(value)) return value.map((item: NodeValue) => rename(item, renamed));
    return Object.fromEntries(Object.entries(value as NodeMap).map(([key, item]) => [key, rename(item, renamed)]));
  }

  const isRoot = (node: NodeMap): boolean => "format" in node;
  const isScene = (node: NodeMap): boolean => "bounds" in node;
  const isIndex = (node: NodeMap): boolean => node.level === 1;
  const isChunk = (node: NodeMap): boolean => "at" in node;
  const entriesOf = (node: NodeMap): NodeValue[][] => node.entries as NodeValue[][];

  test.each<[string, (node: NodeMap) => boolean, (node: NodeMap) => NodeValue]>([
    ["a root of another format", isRoot, (root) => ({ ...root, format: "other" })],
    ["a root of a later format", isRoot, (root) => ({ ...root, formatVersion: 2 })],
    ["a root with more in it", isRoot, (root) => ({ ...root, owner: "me" })],
    ["a root at a negative tick", isRoot, (root) => ({ ...root, tick: -1 })],
    ["a root that is its own scene's text", isRoot, (root) => ({ ...root, scene: "here" })],
    ["a scene without layers for objects", isScene, (scene) => ({ ...scene, placed: 0 })],
    ["a scene of no size", isScene, (scene) => ({ ...scene, bounds: [0, 0, 0, 0] })],
    ["a scene of half tiles", isScene, (scene) => ({ ...scene, bounds: [0, 0, 16.5, 16] })],
    ["a scene as large as the sky", isScene, (scene) => ({ ...scene, bounds: [0, 0, 2_000_000, 16] })],
    ["an index node of another level", isIndex, (node) => ({ ...node, level: 2 })],
    ["an index node with a slot twice", isIndex, (node) => ({ ...node, entries: [...entriesOf(node), ...entriesOf(node)] })],
    ["an index node out of order", isIndex, (node) => ({ ...node, entries: entriesOf(node).toReversed() })],
    [
      "an index node with a slot too many",
      isIndex,
      (node) => ({ ...node, entries: [...entriesOf(node).slice(0, -1), [64, ...(entriesOf(node).at(-1) ?? []).slice(1)]] }),
    ],
    ["an index node that holds less than stated", isIndex, (node) => ({ ...node, entries: entriesOf(node).slice(1) })],
    [
      "an index node with chunks of two blocks",
      isIndex,
      (node) => ({ ...node, entries: entriesOf(node).map(([slot, link, bytes]) => [slot as number, link as Link, bytes as number, 2]) }),
    ],
    [
      "chunks shown at other places",
      isIndex,
      (node) => ({ ...node, entries: entriesOf(node).map(([, link, bytes], i) => [i + 20, link as Link, bytes as number, 1]) }),
    ],
    [
      "a chunk of a layer that is not there",
      isChunk,
      (chunk) => ({ ...chunk, layers: [{ layer: 5, gids: [1], cells: new Uint8Array() }] }),
    ],
  ])("is refused: %s", async (_, isTheOne, change) => {
    const whole = await plainWorld(plainScene(3, 3));
    expect(await (await opened(await forged(whole, isTheOne, (node) => node))).loadAll()).toMatchObject({ ok: true });
    const world = await forged(whole, isTheOne, change);
    const view = await openVersion(world.root, memoryStore("memory", world.blocks));
    const loaded = view.ok ? await view.value.loadAll() : view;
    expect(loaded).toMatchObject({ ok: false, fault: { code: "bad-block", blame: "world" } });
  });

  test("is a fault when a block is missing, and can be read once it is there", async () => {
    const world = await plainWorld(plainScene(3, 3));
    for (const missing of world.blocks) {
      const store = memoryStore(
        "memory",
        world.blocks.filter((block) => block !== missing),
      );
      const view = await openVersion(world.root, store);
      const loaded = view.ok ? await view.value.loadAll() : view;
      expect(loaded).toMatchObject({ ok: false, fault: { code: "missing-block" } });
      await store.put(missing);
      if (view.ok) expect(await view.value.loadAll()).toMatchObject({ ok: true });
    }
  });

  test("is a fault when the root is a picture or a chunk", async () => {
    const world = await plainWorld(plainScene(1, 1));
    for (const block of world.blocks.slice(0, -1)) {
      expect(await openVersion(block.cid, memoryStore("memory", world.blocks))).toMatchObject({ ok: false, fault: { code: "bad-block" } });
    }
  });
});

describe("solids", () => {
  const seen = (view: SubstrateView, x0: number, y0: number, x1: number, y1: number): number[][] => {
    const boxes: number[][] = [];
    solidsOf(view).visit(x0, y0, x1, y1, (...box) => boxes.push(box));
    return boxes;
  };

  test("are the tiles, boxes and objects that touch the query, across chunks", async () => {
    const solid = new Uint8Array(32);
    solid[0] = 0b101;
    const chunk: Chunk = { ...plainChunk(0, 0), solid, boxes: [[4, 4, 5.5, 4.25]] };
    const crate = { id: "c", kind: "crate", x: 16.25, y: 8, layer: 1, solid: true, width: 2, height: 1, rotation: 90 };
    const post = { id: "p", kind: "post", x: 20, y: 8, layer: 1, boxes: [[-0.25, 0, 0.25, 0.5]] as const };
    const view = await opened(await plainWorld(plainScene(2, 1), [chunk, plainChunk(1, 0, [crate, post])]));
    await view.loadAll();
    expect(seen(view, 0.5, 0.5, 0.6, 0.6)).toEqual([[0, 0, 1, 1]]);
    expect(seen(view, 0.9, 0.9, 2.1, 1.1)).toEqual([
      [0, 0, 1, 1],
      [2, 0, 3, 1],
    ]);
    expect(seen(view, 1.1, 0.5, 1.9, 0.9)).toEqual([]);
    expect(seen(view, 5, 3, 6, 5)).toEqual([[4, 4, 5.5, 4.25]]);
    // Its centre is in the right chunk, and it reaches into the left one.
    expect(seen(view, 15.8, 8, 15.9, 8.1)).toEqual([[15.75, 7, 16.75, 9]]);
    expect(seen(view, 19.9, 8.1, 20.1, 8.2)).toEqual([[19.75, 8, 20.25, 8.5]]);
  });

  test("are everywhere outside of the world", async () => {
    const view = await opened(await plainWorld(plainScene(1, 1, { x: -16, y: 32 })));
    await view.loadAll();
    for (const [x, y] of [
      [-16.1, 40],
      [0.1, 40],
      [-8, 31.9],
      [-8, 48.1],
      [-99_999, -99_999],
    ] as const) {
      expect(seen(view, x, y, x, y).some(([x0 = 0, y0 = 0, x1 = 0, y1 = 0]) => x >= x0 && x <= x1 && y >= y0 && y <= y1)).toBe(true);
    }
    expect(seen(view, -8, 40, -7, 41)).toEqual([]);
  });

  test("are where nothing has been read yet, and not where the world is empty", async () => {
    const view = await opened(await plainWorld(plainScene(2, 1), [plainChunk(0, 0)]));
    expect(seen(view, 4, 4, 5, 5)).toEqual([[0, 0, 16, 16]]);
    await view.loadArea(0, 0, 32, 16);
    expect(seen(view, 4, 4, 5, 5)).toEqual([]);
    expect(seen(view, 20, 4, 21, 5)).toEqual([]);
  });
});
