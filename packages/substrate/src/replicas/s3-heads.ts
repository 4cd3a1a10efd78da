// Heads in a bucket, `ipns/<name>`, swapped by conditional writes: only where nothing is, or only in place of exactly what was read.
import { fail, ok, type Result, type WorldId } from "@sojourn/protocol";
import { sameBytes } from "../blocks/node-codec.ts";
import { headName, worldOfHeadName } from "../heads/head-name.ts";
import { HEADS } from "../limits.ts";
import type { S3Condition, S3Object, S3Objects } from "../s3/objects.ts";
import type { HeadStore } from "./port.ts";

const FOLDER = "ipns/";

/** `objects` must keep the conditions of writes: see `checkConditions`. */
export function s3Heads(objects: S3Objects): HeadStore {
  // What was last seen of a world's head, with the ETag that names it: a writer that knows what lies there need not read it again.
  const seen = new Map<WorldId, S3Object>();
  const look = async (world: WorldId): Promise<Result<S3Object | undefined>> => {
    const name = headName(world);
    if (name === undefined) return fail("malformed", "client", `${JSON.stringify(String(world).slice(0, 70))} is no world id`);
    const found = await objects.get(FOLDER + name, HEADS.recordBytes);
    if (found.ok && found.value !== undefined) seen.set(world, found.value);
    else seen.delete(world);
    return found;
  };
  return {
    name: objects.name,
    read: async (world) => {
      const found = await look(world);
      return found.ok ? ok(found.value?.bytes) : found;
    },
    swap: async (world, next, over) => {
      const condition = await conditionOf(world, over, seen, look);
      if (!condition.ok) return condition;
      if (condition.value === undefined) return stale(objects, world);
      const put = await objects.put(`${FOLDER}${headName(world)}`, next, condition.value);
      seen.delete(world);
      if (put.kind === "beaten") return stale(objects, world);
      if (put.kind === "unknown" || put.kind === "failed") return { ok: false, fault: put.fault };
      if (put.etag !== undefined) seen.set(world, { bytes: next.slice(), etag: put.etag });
      return ok(undefined);
    },
    list: async () => {
      const worlds: WorldId[] = [];
      for await (const entry of objects.list(FOLDER)) {
        if (!entry.ok) return entry;
        const world = worldOfHeadName(entry.value.name.slice(FOLDER.length));
        if (world !== undefined) worlds.push(world);
      }
      return ok(worlds);
    },
  };
}

/** Undefined: what lies there is not `over`. */
async function conditionOf(
  world: WorldId,
  over: Uint8Array | undefined,
  seen: ReadonlyMap<WorldId, S3Object>,
  look: (world: WorldId) => Promise<Result<S3Object | undefined>>,
): Promise<Result<S3Condition | undefined>> {
  if (headName(world) === undefined) return fail("malformed", "client", `${JSON.stringify(String(world).slice(0, 70))} is no world id`);
  if (over === undefined) return ok({ kind: "absent" });
  const known = seen.get(world);
  const found = known !== undefined && sameBytes(known.bytes, over) ? ok(known) : await look(world);
  if (!found.ok) return found;
  if (found.value === undefined || !sameBytes(found.value.bytes, over)) return ok(undefined);
  const { etag } = found.value;
  return etag === undefined
    ? fail("store-failed", "peer", "the service does not say what it holds (no ETag), so no head can be swapped there")
    : ok({ kind: "etag", etag });
}

function stale(objects: S3Objects, world: WorldId): Result<never> {
  return fail("stale-head", "world", `${objects.name}: another head of ${world} lies there; read it first`);
}
