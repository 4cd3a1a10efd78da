// What others may keep of a world, by the archive policy in its manifest. What is left out is not lost: it is sealed with the state.
import { type ContentId, ok, type Result } from "@sojourn/protocol";
import { type Archive, type BlockStore, readLog } from "@sojourn/substrate";

export interface Versions {
  /** The version that is served. */
  readonly root: ContentId;
  /** The version made of the author's map alone, as far as it is known. */
  readonly map: ContentId | undefined;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/**
 * The newest version that may be kept by others; null: none. With a delay it is the newest that is as old, and before there is one,
 * the map. Faults: the store's for the version that is served, `bad-block` for one before it.
 */
export async function publicVersion(
  { root, map, nowMs }: Versions,
  archive: Archive,
  store: BlockStore,
): Promise<Result<ContentId | null>> {
  if (archive.policy === "none") return ok(null);
  if (archive.policy === "terrain") return ok(map ?? null);
  if (archive.delayMs === 0) return ok(root);
  const log = await readLog(root, store);
  if (!log.ok) return log;
  // A version made anew from map and journal says no time of its own, and holds what may be a minute old.
  const isOldEnough = (timeMs: number): boolean => timeMs > 0 && timeMs <= nowMs - archive.delayMs;
  return ok(log.value.versions.find((version) => isOldEnough(version.timeMs))?.root ?? map ?? null);
}
