import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fetchVersion } from "../fetch/fetch.ts";
import { memoryStore } from "../stores/memory.ts";
import type { BlockStore } from "../stores/port.ts";
import { amendVersion } from "../versions/amend.ts";
import { plainChunk, plainScene, plainWorld } from "../versions/plain-world.ts";
import type { StaticObject, SubstrateView } from "../versions/types.ts";
import { openVersion } from "../versions/view.ts";
import { diffVersions, type VersionDiff } from "./diff.ts";
import { readLog } from "./log.ts";
import { rollBack } from "./rollback.ts";
import { walkVersion } from "./walk.ts";

function crate(id: string, x: number, y: number): StaticObject {
  return { id, kind: "crate", x, y, layer: 1 };
}

async function opened(root: string, store: BlockStore): Promise<SubstrateView> {
  const view = await openVersion(root, store);
  if (!view.ok) throw new Error(view.fault.detail);
  return view.value;
}

/** The next version's root, and how many blocks are its own. */
async function next(root: string, add: StaticObject[], remove: string[], store: BlockStore): Promise<{ root: string; own: number }> {
  const view = await opened(root, store);
  const amended = await amendVersion(view, { add, remove, tick: view.version.tick + 20, timeMs: view.version.timeMs + 1_000 }, store);
  if (!amended.ok) throw new Error(amended.fault.detail);
  for (const block of amended.value.newBlocks) await store.put(block);
  return { root: amended.value.root, own: amended.value.newBlocks.length };
}

async function diff(before: string, after: string, store: BlockStore): Promise<VersionDiff> {
  const found = await diffVersions(before, after, store);
  if (!found.ok) throw new Error(found.fault.detail);
  return found.value;
}

async function world(chunksWide = 20): Promise<{ root: string; store: BlockStore; reads: () => number }> {
  const built = await plainWorld(plainScene(chunksWide, 20));
  const memory = memoryStore("memory", built.blocks);
  let reads = 0;
  const store: BlockStore = {
    ...memory,
    get: (cid, options) => {
      reads += 1;
      return memory.get(cid, options);
    },
  };
  return { root: built.root, store, reads: () => reads };
}

describe("a world's versions", () => {
  test("are listed from the newest to the first, reading roots alone", async () => {
    const { root, store, reads } = await world();
    const a = await next(root, [crate("a", 10, 10)], [], store);
    const b = await next(a.root, [crate("b", 200, 200)], [], store);
    const before = reads();
    const log = await readLog(b.root, store);
    expect(reads() - before).toBeLessThanOrEqual(6);
    expect(log).toMatchObject({ ok: true, value: { more: null } });
    if (!log.ok) return;
    expect(log.value.versions.map((version) => [version.root, version.tick])).toEqual([
      [b.root, 40],
      [a.root, 20],
      [root, 0],
    ]);
    for (const { root: one, bytes, blocks } of log.value.versions) {
      const copied = await fetchVersion(one, { cache: memoryStore(), sources: [store] });
      expect(copied).toMatchObject({ ok: true, value: { fetchedBytes: bytes, fetchedBlocks: blocks } });
    }
    expect(await readLog(b.root, store, 1)).toMatchObject({ ok: true, value: { more: a.root } });
  });

  test("that are not held end the log, and the log says which", async () => {
    const { root, store } = await world();
    const a = await next(root, [crate("a", 10, 10)], [], store);
    await store.delete?.(root);
    expect(await readLog(a.root, store)).toMatchObject({ ok: true, value: { more: root, versions: [{ root: a.root }] } });
    expect(await readLog(root, store)).toMatchObject({ ok: false, fault: { code: "missing-block" } });
  });

  test("are compared: what was placed, taken away and moved, and what that costs to fetch", async () => {
    const { root, store } = await world();
    const a = await next(root, [crate("a", 10, 10), crate("b", 11, 10), crate("c", 300, 10)], [], store);
    const b = await next(a.root, [crate("b", 250, 250), crate("d", 12, 12)], ["a", "b"], store);
    const found = await diff(a.root, b.root, store);
    expect(found.map).toEqual([]);
    expect(found.tiles).toBe(0);
    expect(found.chunks).toEqual({ added: 0, removed: 0, changed: 2 });
    expect(found.objects.added.named.map(({ id }) => id)).toEqual(["d"]);
    expect(found.objects.removed.named.map(({ id }) => id)).toEqual(["a"]);
    expect(found.objects.changed.named.map(({ before, after }) => [before.id, before.x, after.x])).toEqual([["b", 11, 250]]);
    expect(found.newBlocks).toBe(b.own);
    const cache = memoryStore();
    await fetchVersion(a.root, { cache, sources: [store] });
    const fetched = await fetchVersion(b.root, { cache, sources: [store] });
    expect(fetched).toMatchObject({ ok: true, value: { fetchedBlocks: found.newBlocks, fetchedBytes: found.newBytes } });
  });

  test("of which one has another map: tiles are counted, and the parts that differ are named", async () => {
    const store = memoryStore();
    const scene = plainScene(4, 3);
    const chunk = plainChunk(1, 1);
    const gids = chunk.layers[0]!.gids.map((gid, i) => (i < 5 ? gid + 1 : gid));
    const worlds = [
      await plainWorld(scene),
      await plainWorld({ ...scene, properties: { mood: "dark" } }, [plainChunk(0, 0), { ...chunk, layers: [{ layer: 0, gids }] }]),
      await plainWorld(plainScene(5, 3, { x: -16, y: 0 })),
    ];
    for (const { blocks } of worlds) for (const block of blocks) await store.put(block);
    const [a, b, c] = worlds.map(({ root }) => root) as [string, string, string];
    expect(await diff(a, b, store)).toMatchObject({
      map: ["properties"],
      tiles: 5 + 10 * 256,
      chunks: { added: 0, removed: 10, changed: 1 },
    });
    expect(await diff(a, c, store)).toMatchObject({ map: ["bounds"], chunks: { added: 3, removed: 0, changed: 0 }, tiles: 3 * 256 });
    expect(await diff(a, a, store)).toMatchObject({ map: [], tiles: 0, newBlocks: 0, newBytes: 0 });
  });

  test("comparing costs what changed, not the world", async () => {
    const { root, store, reads } = await world(200);
    const a = await next(root, [crate("a", 10, 10)], [], store);
    const before = reads();
    await diff(root, a.root, store);
    expect(reads() - before).toBeLessThan(30);
  });

  test("go back by going on: the content of the older one, the present one as its parent", async () => {
    const { root, store } = await world();
    const a = await next(root, [crate("a", 10, 10)], [], store);
    const b = await next(a.root, [crate("b", 10, 12)], [], store);
    const back = await rollBack({ to: a.root, from: b.root, tick: 99, timeMs: 7_000 }, store);
    if (!back.ok) throw new Error(back.fault.detail);
    expect(back.value.newBlocks).toHaveLength(1);
    for (const block of back.value.newBlocks) await store.put(block);
    const { version } = await opened(back.value.root, store);
    expect([version.parent, version.tick, version.timeMs]).toEqual([b.root, 99, 7_000]);
    expect(await diff(a.root, back.value.root, store)).toMatchObject({
      newBlocks: 1,
      chunks: { changed: 0 },
      objects: { added: { named: [] } },
    });
    expect((await diff(b.root, back.value.root, store)).objects.removed.named.map(({ id }) => id)).toEqual(["b"]);
    expect(await rollBack({ to: b.root, from: b.root, tick: 1, timeMs: 1 }, store)).toMatchObject({ ok: false });
    const chunk = (await store.list?.()[Symbol.asyncIterator]().next())?.value as string;
    expect(await rollBack({ to: chunk, from: b.root, tick: 1, timeMs: 1 }, store)).toMatchObject({
      ok: false,
      fault: { code: "bad-block" },
    });
  });

  test("walked: every block once, its namer before it, and no more than the root states", async () => {
    const { root, store } = await world();
    const a = await next(root, [crate("a", 10, 10)], [], store);
    const seen: string[] = [];
    for await (const block of walkVersion(a.root, store)) {
      if (!block.ok) throw new Error(block.fault.detail);
      seen.push(block.value.cid);
    }
    const { version } = await opened(a.root, store);
    expect(new Set(seen).size).toBe(version.blocks);
    expect(seen).toHaveLength(version.blocks);
    expect(seen).not.toContain(root);
    await store.delete?.(seen.at(-1) as string);
    let last: unknown;
    for await (const block of walkVersion(a.root, store)) last = block;
    expect(last).toMatchObject({ ok: false, fault: { code: "missing-block" } });
  });

  test("any run of changes: what the log lists, each comparison tells", async () => {
    const place = fc.record({ x: fc.integer({ min: 0, max: 319 }), y: fc.integer({ min: 0, max: 319 }), n: fc.nat(12) });
    await fc.assert(
      fc.asyncProperty(fc.array(place, { minLength: 1, maxLength: 12 }), async (places) => {
        const { root, store } = await world();
        let standing = new Map<string, StaticObject>();
        let head = root;
        for (const { x, y, n } of places) {
          const before = standing;
          const id = `o${n}`;
          const isThere = standing.has(id);
          standing = new Map(standing);
          if (isThere && x % 3 === 0) standing.delete(id);
          else standing.set(id, crate(id, x, y));
          const made = await next(head, standing.has(id) ? [crate(id, x, y)] : [], isThere ? [id] : [], store);
          const found = await diff(head, made.root, store);
          const changed = found.objects.changed.named.map(({ after }) => after.id);
          expect([...found.objects.added.named, ...found.objects.removed.named].map((one) => one.id).concat(changed)).toEqual(
            JSON.stringify(before.get(id)) === JSON.stringify(standing.get(id)) ? [] : [id],
          );
          head = made.root;
        }
        const log = await readLog(head, store);
        expect(log.ok && log.value.versions.length).toBe(places.length + 1);
      }),
      { numRuns: 12 },
    );
  });
});
