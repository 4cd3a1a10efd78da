// The map of a running world was changed by its author: it is packed again, what travellers built is carried over, and the new version
// takes the old one's place between two ticks. A map that cannot be served changes nothing. Nobody is disconnected.
import { type ContentId, type Fault, FaultError, fail, fault, ok, overlaps, type Result } from "@sojourn/protocol";
import type { Log } from "@sojourn/runtime";
import { amendVersion, type BlockStore, type SubstrateView } from "@sojourn/substrate";
import { packTiled } from "@sojourn/substrate/node";
import { placeAt } from "../kernel/avatars.ts";
import { staticObjectOf } from "../kernel/builds.ts";
import { type Portal, portalsOf } from "../kernel/portals.ts";
import type { Stage } from "../kernel/stage.ts";
import type { MapReport } from "../options.ts";
import type { Authority } from "./authority.ts";
import { carriedOver, exportedBuilds, MAP_FACT, mapPath } from "./ground-truth.ts";
import { openWhole, waitingBuilds } from "./heartbeat.ts";
import { bringThings } from "./populate.ts";
import { warnOfSprites } from "./sprites.ts";

export interface NewMapParts {
  readonly authority: Authority;
  readonly store: BlockStore;
  readonly log: Log;
}

interface NextGround {
  readonly map: ContentId;
  readonly view: SubstrateView;
  readonly portals: readonly Portal[];
  readonly builds: readonly string[];
}

/** Never rejects. No version may be made meanwhile: the heartbeat's line is the caller's to hold. */
export async function useMap(parts: NewMapParts): Promise<MapReport> {
  const { authority, log } = parts;
  const { ground } = authority.core.stage.options;
  const files = new Set<string>();
  const same = (more: { fault?: Fault } = {}): MapReport => ({
    ...{ root: ground.view.version.root, isNew: false, builds: 0, moved: 0, files: [...files] },
    ...more,
  });
  const next = await nextGround(parts, files).catch((error: unknown) => failedWith(error));
  if (!next.ok) {
    log.warn("map not taken", { code: next.fault.code, detail: next.fault.detail, remedy: "the version before it is still served" });
    return same({ fault: next.fault });
  }
  const { value } = next;
  if (value === undefined) return same();
  const moved = await new Promise<number>((resolve) => authority.inTurn(() => resolve(serve(authority, value))));
  const { root } = value.view.version;
  warnOfSprites(authority.core.stage.options.definition, value.view.version, log);
  log.info("map changed", { root, builds: value.builds.length, moved });
  return { root, isNew: true, builds: value.builds.length, moved, files: [...files] };
}

function failedWith(error: unknown): Result<never> {
  if (error instanceof FaultError) return { ok: false, fault: error.fault };
  return fail("store-failed", "world", error instanceof Error ? error.message : String(error));
}

/** Everything that can fail, before anything changes; undefined: the map is the one that is served. */
async function nextGround({ authority, store, log }: NewMapParts, files: Set<string>): Promise<Result<NextGround | undefined>> {
  const { core } = authority;
  const { definition, ledger } = core.stage.options;
  const packed = await packTiled(mapPath(definition.map), { onFile: (path) => files.add(path) });
  if (!packed.ok) return packed;
  const map = packed.value.root;
  if (ledger.custody.facts.get(MAP_FACT) === map) return ok(undefined);
  for (const block of packed.value.blocks) {
    const put = await store.put(block);
    if (!put.ok) return put;
  }
  const base = await openWhole(map, store);
  if (!base.ok) return base;
  const builds = exportedBuilds(ledger.custody);
  const view = await carriedOver(base.value, builds, store, log);
  if (!view.ok) return view;
  const waiting = waitingBuilds(core, view.value, log).map((build) => staticObjectOf(build, view.value.version));
  // What is not exported yet must find room in this map, too, or no heartbeat would ever succeed again.
  const trial = await amendVersion(view.value, { add: waiting, remove: [], tick: 0, timeMs: 0 }, store);
  if (!trial.ok) return trial;
  try {
    const portals = portalsOf(view.value.version.zones, definition.portals ?? {});
    core.manifestFor(view.value.version, portals);
    return ok({ map, view: view.value, portals, builds: builds.map(({ id }) => id) });
  } catch (error) {
    const why = error instanceof FaultError ? error.fault.detail : (error as Error).message;
    return { ok: false, fault: fault("bad-map", "client", why) };
  }
}

/** In the tick: recorded, served, announced. How many travellers had to step aside. */
function serve(authority: Authority, { map, view, portals, builds }: NextGround): number {
  const { core } = authority;
  const { stage } = core;
  const { ledger, ground } = stage.options;
  const { root } = view.version;
  ledger.write({ r: "version", root, builds: [...builds] });
  ledger.write({ r: "world", key: MAP_FACT, value: map });
  ground.change(view);
  stage.options.portals = portals;
  core.remakeManifest();
  try {
    bringThings(stage);
  } catch (error) {
    core.log.warn("things of the map not brought", { problem: (error as Error).message });
  }
  const moved = stepAside(stage);
  settleInZones(stage);
  authority.tellAll({ t: "substrate", root, tick: stage.tick });
  return moved;
}

/** Whoever would stand in a wall of the new map, or outside of it, is put on the nearest free ground. */
function stepAside(stage: Stage): number {
  const { ground, physics } = stage.options;
  let moved = 0;
  for (const avatar of stage.avatars.values()) {
    const at = stage.entities.at(avatar.entity);
    if (ground.isInside(at) && !overlaps(at, physics, ground.solids)) continue;
    const near = ground.freePlace(at, stage.entities.solids);
    placeAt(stage, avatar, ground.isFree(near, stage.entities.solids) ? near : ground.spawnPlace(moved, stage.entities.solids));
    moved += 1;
  }
  return moved;
}

/** A portal that was drawn where somebody stands does not call them before they have left it; other zones do. */
function settleInZones(stage: Stage): void {
  const { ground, portals } = stage.options;
  const present = new Set(ground.zones.map(({ id }) => id));
  for (const avatar of stage.avatars.values()) {
    const at = stage.entities.at(avatar.entity);
    for (const id of avatar.zonesIn) if (!present.has(id)) avatar.zonesIn.delete(id);
    for (const { zone } of portals) if (ground.holds(zone, at)) avatar.zonesIn.add(zone.id);
    avatar.zonedAt = undefined;
  }
}
