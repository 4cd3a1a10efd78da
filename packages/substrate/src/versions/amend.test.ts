import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fetchVersion } from "../fetch/fetch.ts";
import { LIMITS } from "../limits.ts";
import { memoryStore } from "../stores/memory.ts";
import type { BlockStore } from "../stores/port.ts";
import { amendVersion } from "./amend.ts";
import { checkStaticObject } from "./object-codec.ts";
import { plainChunk, plainScene, plainWorld } from "./plain-world.ts";
import { readRoot } from "./root-codec.ts";
import type { StaticObject, SubstrateView } from "./types.ts";
import { openVersion, readNode } from "./view.ts";

const BY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

async function opened(root: string, store: BlockStore): Promise<SubstrateView> {
  const view = await openVersion(root, store);
  if (!view.ok) throw new Error(view.fault.detail);
  return view.value;
}

async function amended(
  view: SubstrateView,
  add: StaticObject[],
  remove: (string | StaticObject)[],
  store: BlockStore,
): Promise<SubstrateView> {
  const next = await amendVersion(view, { add, remove, tick: view.version.tick + 1, timeMs: 1_000 }, store);
  if (!next.ok) throw new Error(next.fault.detail);
  for (const block of next.value.newBlocks) await store.put(block);
  return await opened(next.value.root, store);
}

function crate(id: string, x: number, y: number): StaticObject {
  return { id, kind: "crate", x, y, layer: 1, solid: true, by: BY, text: `crate ${id}` };
}

async function objectsOf(view: SubstrateView): Promise<StaticObject[]> {
  expect(await view.loadAll()).toMatchObject({ ok: true });
  return [...view.loadedChunks()].flatMap((chunk) => [...chunk.objects]).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Every block that the version needs is there, and its counts are true. */
async function expectWhole(view: SubstrateView, store: BlockStore): Promise<void> {
  const copied = await fetchVersion(view.version.root, { cache: memoryStore(), sources: [store] });
  if (!copied.ok) throw new Error(copied.fault.detail);
  expect([copied.value.fetchedBlocks, copied.value.fetchedBytes]).toEqual([view.version.blocks, view.version.bytes]);
}

describe("the next version", () => {
  test("has the object, names its parent, tick and time, and shares the rest", async () => {
    const world = await plainWorld(plainScene(20, 20));
    const store = memoryStore("memory", world.blocks);
    const first = await opened(world.root, store);
    const change = { add: [crate("c1", 100.501, 200.25)], remove: [], tick: 77, timeMs: 1_700_000_000_000 };
    const next = await amendVersion(first, change, store);
    if (!next.ok) throw new Error(next.fault.detail);
    // The chunk, two index nodes (20 chunks wide), the root.
    expect(next.value.newBlocks).toHaveLength(4);
    expect(next.value.newBlocks.at(-1)?.cid).toBe(next.value.root);
    for (const block of next.value.newBlocks) await store.put(block);
    const view = await opened(next.value.root, store);
    expect(view.version).toMatchObject({ parent: world.root, tick: 77, timeMs: 1_700_000_000_000, blocks: first.version.blocks });
    expect(await objectsOf(view)).toEqual([{ ...crate("c1", 100.5, 200.25) }]);
    expect(await objectsOf(first)).toEqual([]);
    await expectWhole(view, store);
  });

  test("costs its chunk and one node of 64 entries a level, in a world of 9 chunks and of 2,500", async () => {
    const sizes: number[] = [];
    for (const side of [3, 50]) {
      const world = await plainWorld(plainScene(side, side));
      const store = memoryStore("memory", world.blocks);
      const next = await amendVersion(
        await opened(world.root, store),
        { add: [crate("c", 20, 20)], remove: [], tick: 1, timeMs: 1 },
        store,
      );
      if (!next.ok) throw new Error(next.fault.detail);
      sizes.push(next.value.newBlocks.reduce((sum, { bytes }) => sum + bytes.length, 0));
    }
    expect(sizes[0]).toBeLessThan(2_048);
    expect(sizes[1]).toBeLessThan(2_048 + 2 * 64 * 80);
  });

  test("is the same world however it came to be", async () => {
    const place = fc.tuple(fc.constantFrom("a", "b", "c", "d", "e"), fc.integer({ min: -30, max: 29 }), fc.integer({ min: 0, max: 39 }));
    await fc.assert(
      fc.asyncProperty(fc.array(place, { maxLength: 12 }), async (places) => {
        const scene = plainScene(4, 3, { x: -32, y: -5 });
        // A world with one chunk, so that chunks also come and go.
        const world = await plainWorld(scene, [plainChunk(-1, 0)]);
        const store = memoryStore("memory", world.blocks);
        let view = await opened(world.root, store);
        const standing = new Map<string, StaticObject>();
        for (const [id, x, y] of places) {
          const old = standing.get(id);
          const object = crate(id, x, y);
          view = await amended(view, [object], old === undefined ? [] : [old], store);
          standing.set(id, object);
        }
        expect(await objectsOf(view)).toEqual([...standing.values()].sort((a, b) => (a.id < b.id ? -1 : 1)));
        await expectWhole(view, store);
        const atOnce = await amended(await opened(world.root, store), [...standing.values()], [], store);
        expect(await contentOf(atOnce, store)).toEqual(await contentOf(view, store));
        const emptied = await amended(view, [], [...standing.keys()], store);
        expect(await contentOf(emptied, store)).toEqual(await contentOf(await opened(world.root, store), store));
      }),
      { numRuns: 25 },
    );
  });

  /** The index's own id: equal when, and only when, all chunks are. */
  async function contentOf(view: SubstrateView, store: BlockStore): Promise<unknown> {
    const node = await readNode(store, view.version.root);
    const root = node.ok ? readRoot(node.value) : node;
    return root.ok ? [root.value.index, root.value.below] : root;
  }

  test("takes nothing that it could not keep, and says why", async () => {
    const world = await plainWorld(plainScene(2, 2));
    const store = memoryStore("memory", world.blocks);
    const view = await amended(await opened(world.root, store), [crate("here", 5, 5)], [], store);
    const refused = async (add: StaticObject[], remove: (string | StaticObject)[], code: string, detail: RegExp): Promise<void> => {
      const next = await amendVersion(view, { add, remove, tick: 2, timeMs: 2 }, store);
      expect(next).toMatchObject({ ok: false, fault: { code } });
      expect(next.ok ? "" : next.fault.detail).toMatch(detail);
    };
    await refused([crate("here", 6, 6)], [], "malformed", /"here" stands there already/);
    await refused([crate("far", 32, 5)], [], "malformed", /outside of the world/);
    await refused([crate("edge", 31.9999, 5)], [], "malformed", /outside of the world/);
    await refused([{ ...crate("low", 5, 5), layer: 0 }], [], "malformed", /layer 0 is no object layer/);
    await refused([], ["gone"], "malformed", /no object "gone"/);
    await refused([], [crate("here", 20, 20)], "malformed", /does not stand where/);
    await refused([{ ...crate("x", 5, 5), x: Number.NaN }], [], "malformed", /position/);
    await refused([{ ...crate("x", 5, 5), text: "ä".repeat(300) }], [], "malformed", /text is longer than 512/);
    await refused([{ ...crate("x", 5, 5), properties: { p: "p".repeat(1_500) } }], [], "oversized", /1536 are allowed/);
    const many = Array.from({ length: LIMITS.objectsPerChunk }, (_, i) => crate(`m${i}`, 5, 5));
    await refused(many, [], "oversized", /chunk \(0, 0\) has 513 objects; 512 are allowed/);
    expect(await amendVersion(view, { add: many, remove: ["here"], tick: 2, timeMs: 2 }, store)).toMatchObject({ ok: true });
  });

  test("checkStaticObject says beforehand what amend would say", () => {
    expect(checkStaticObject(crate("fine", 1, 1))).toEqual({ ok: true, value: undefined });
    for (const wrong of [
      { ...crate("a b", 1, 1) },
      { ...crate("a", 1, 1), kind: "" },
      { ...crate("a", 1, 1), width: 0 },
      { ...crate("a", 1, 1), width: 65 },
      { ...crate("a", 1, 1), by: "me" },
      { ...crate("a", 1, 1), gid: -1 },
      { ...crate("a", 1, 1), layer: 64 },
      { ...crate("a", 1, 1), properties: { $link: "x" } },
    ]) {
      expect(checkStaticObject(wrong)).toMatchObject({ ok: false, fault: { code: "malformed" } });
    }
  });
});
