// Which version of the world is served when it opens: the newest one the journal names; the map's own when there is none; and when the
// author changed the map, or blocks were damaged, the map with everything that travellers built carried over.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Build, ok, type Result, valueOf } from "@sojourn/protocol";
import type { Log } from "@sojourn/runtime";
import { amendVersion, type BlockStore, type StaticObject, type SubstrateView, walkVersion } from "@sojourn/substrate";
import { packTiled } from "@sojourn/substrate/node";
import { staticObjectOf } from "../kernel/builds.ts";
import type { Ledger } from "../kernel/ledger.ts";
import { openAmended, openWhole } from "./heartbeat.ts";

/** Where a data folder keeps its blocks. */
export const BLOCKS_FOLDER = "blocks";
/** The journal's fact that says which map the served version grew from. */
export const MAP_FACT = "world.map";

/** `inherited`: the version that an heir goes on with, in place of a map. Throws a FaultError when the map cannot be read or shown, or a block cannot be written. */
export async function openGround(
  map: URL | string,
  store: BlockStore,
  ledger: Ledger,
  log: Log,
  inherited?: { readonly root: string; readonly from: BlockStore },
): Promise<SubstrateView> {
  const root = inherited === undefined ? await packedMap(map, store) : await broughtHere(inherited.root, inherited.from, store);
  const { custody } = ledger;
  const isSameMap = custody.facts.get(MAP_FACT) === root;
  const kept = isSameMap && custody.substrate !== undefined ? await keptVersion(custody.substrate, store, log) : undefined;
  if (kept !== undefined) return kept;
  const base = valueOf(await openWhole(root, store));
  const exported = exportedBuilds(custody);
  const view = valueOf(await carriedOver(base, exported, store, log));
  ledger.write({ r: "version", root: view.version.root, builds: exported.map((build) => build.id) });
  ledger.write({ r: "world", key: MAP_FACT, value: root });
  ledger.commit();
  if (exported.length > 0) log.info(isSameMap ? "version made again" : "map changed", { root: view.version.root, builds: exported.length });
  return view;
}

async function packedMap(map: URL | string, store: BlockStore): Promise<string> {
  const packed = valueOf(await packTiled(mapPath(map)));
  // Putting a block that is there costs a look, and mends one that is damaged or gone.
  for (const block of packed.blocks) valueOf(await store.put(block));
  return packed.root;
}

async function broughtHere(root: string, from: BlockStore, store: BlockStore): Promise<string> {
  for await (const block of walkVersion(root, from)) valueOf(await store.put(valueOf(block)));
  return root;
}

/** The version the journal names; undefined when its blocks are damaged: map and journal together are enough to make it again. */
async function keptVersion(root: string, store: BlockStore, log: Log): Promise<SubstrateView | undefined> {
  const view = await openWhole(root, store);
  if (view.ok) return view.value;
  log.warn("blocks damaged", { root, detail: view.fault.detail, remedy: "the version is made again from the map and the journal" });
  return undefined;
}

export function mapPath(map: URL | string): string {
  return map instanceof URL ? fileURLToPath(map) : resolve(map);
}

/** What travellers built that stands in a version. */
export function exportedBuilds(custody: Ledger["custody"]): Build[] {
  return [...custody.builds.values()].filter((build) => build.version !== undefined && build.isGone !== true);
}

/** The map's own version with what travellers built. Faults: the store's, `oversized` (the map itself has filled a place up). */
export async function carriedOver(
  base: SubstrateView,
  builds: readonly Build[],
  store: BlockStore,
  log: Log,
): Promise<Result<SubstrateView>> {
  const { bounds } = base.version;
  // A map that was written from a version of this world holds builds already.
  const standing = new Set([...base.loadedChunks()].flatMap((chunk) => chunk.objects.map(({ id }) => id)));
  const objects = builds.filter(({ id }) => !standing.has(id)).map((build) => staticObjectOf(build, base.version));
  if (objects.length === 0) return ok(base);
  const isInside = ({ x, y }: StaticObject): boolean => x >= bounds.x0 && y >= bounds.y0 && x < bounds.x1 && y < bounds.y1;
  for (const object of objects)
    if (!isInside(object)) log.warn("build outside of the new map", { build: object.id, x: object.x, y: object.y });
  const change = { add: objects.filter(isInside), remove: [], tick: base.version.tick, timeMs: base.version.timeMs };
  const amended = await amendVersion(base, change, store);
  return amended.ok ? await openAmended(amended.value, store) : amended;
}
