// A version written in a thread is the one that would be written here; and work beside the tick gives way by the clock.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { valueOf } from "@sojourn/protocol";
import { type BlockStore, memoryStore, openVersion, type StaticObject, type SubstrateView } from "@sojourn/substrate";
import { directoryStore, packTiled } from "@sojourn/substrate/node";
import { afterEach, beforeEach, expect, it } from "vitest";
import { hall, writeTestMap } from "../fixtures/test-map.ts";
import { HEARTBEAT_LIMITS } from "../limits.ts";
import { givingWay } from "./giving-way.ts";
import { amendHere, amendInThread, type NextVersion } from "./next-version.ts";

let folder: string;
let store: BlockStore;
let view: SubstrateView;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sojourn-version-"));
  const packed = valueOf(await packTiled(writeTestMap(folder, hall(40, 30), [])));
  store = directoryStore(join(folder, "blocks"));
  for (const block of packed.blocks) valueOf(await store.put(block));
  view = valueOf(await openVersion(packed.root, store));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const never = async (): Promise<void> => undefined;

function next(count: number): NextVersion {
  const { placedLayer: layer, bounds, root } = view.version;
  const wide = bounds.x1 - bounds.x0 - 2;
  const add = Array.from({ length: count }, (_, n): StaticObject => {
    return { id: `b${n}`, kind: "crate", layer, x: bounds.x0 + 1 + (n % wide), y: bounds.y0 + 1.5 + Math.floor(n / wide) / 8 };
  });
  return { parent: root, add, tick: 7, timeMs: 1_800_000_000_000 };
}

it("writes in a thread what it would write here, however many builds there are", async () => {
  const change = next(HEARTBEAT_LIMITS.buildsPerMessage * 2 + 1);
  const here = memoryStore("here");
  const both: BlockStore = { ...here, get: async (cid) => ((await here.has(cid)) ? here.get(cid) : store.get(cid)) };
  const root = valueOf(await amendHere(view, change, both, never));
  expect(valueOf(await amendInThread(join(folder, "blocks"), change, never))).toBe(root);
  const written = valueOf(await openVersion(root, store));
  valueOf(await written.loadAll());
  expect([...written.loadedChunks()].flatMap(({ objects }) => objects.filter(({ id }) => id.startsWith("b")))).toHaveLength(
    change.add.length,
  );
});

it("tells a fault of the thread as its own: a build outside of the world, blocks that are not there", async () => {
  const outside = { ...next(1), add: [{ ...(next(1).add[0] as StaticObject), x: -5_000 }] };
  expect(await amendInThread(join(folder, "blocks"), outside, never)).toMatchObject({ ok: false, fault: { code: "malformed" } });
  expect(await amendInThread(join(folder, "elsewhere"), next(1), never)).toMatchObject({ ok: false, fault: { code: "missing-block" } });
});

it("reads a version piece by piece when it is asked to give way, and it is the same version", async () => {
  let rests = 0;
  const after = valueOf(await openVersion(view.version.root, store));
  valueOf(await after.loadAll({ rest: async () => void rests++ }));
  valueOf(await view.loadAll());
  expect(rests).toBeGreaterThan([...after.loadedChunks()].length);
  expect([...after.loadedChunks()].map(({ cx, cy, objects }) => ({ cx, cy, objects }))).toEqual(
    [...view.loadedChunks()].map(({ cx, cy, objects }) => ({ cx, cy, objects })),
  );
});

it("goes on within its slice, and lets others have their turn when it is over", async () => {
  let [nowMs, turns] = [0, 0];
  const rest = givingWay(2, () => nowMs);
  const other = (): void => void setImmediate(() => turns++);
  other();
  nowMs = 1;
  await rest();
  expect(turns).toBe(0);
  nowMs = 2;
  await rest();
  expect(turns).toBe(1);
  other();
  nowMs = 3;
  await rest();
  expect(turns).toBe(1);
});
