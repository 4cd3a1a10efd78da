// How an operator names a replica, `kind:place`, and how one is opened. A mistake is a sentence that says what to write instead.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { check, FaultError, fail, fault, list, ok, optional, type Result, type Schema, struct, text } from "@sojourn/protocol";
import type { Replica, ReplicaKind } from "@sojourn/substrate";
import { folderReplica } from "@sojourn/substrate/node";
import { REPLICATION_LIMITS } from "../limits.ts";
import { REPLICAS_FILE, readFileText } from "./files.ts";

/** One replica as it is configured. */
export interface ReplicaPlace {
  /** `folder:/backup/tavern`, `s3:https://host/bucket/prefix`, … */
  readonly replica: string;
  /** S3's; else from SOJOURN_S3_KEY, SOJOURN_S3_SECRET and SOJOURN_S3_REGION. */
  readonly key?: string;
  readonly secret?: string;
  readonly region?: string;
}

const EXAMPLES: { readonly [kind in ReplicaKind]: string } = {
  folder: "folder:/backup/tavern",
  s3: "s3:https://s3.example/bucket/prefix",
  ipfs: "ipfs:/var/lib/sojourn/ipfs",
  mesh: "mesh:https://their.world",
  http: "https://their.world",
};
const placesSchema: Schema<readonly ReplicaPlace[]> = list(
  struct({
    replica: text(1_024, /^[a-z0-9]+:.+$/),
    key: optional(text(256)),
    secret: optional(text(256)),
    region: optional(text(64)),
  }),
  REPLICATION_LIMITS.replicas,
);

/** `kind:place` in its parts. Fault `malformed`, with what to write. */
export function readPlace(spec: string): Result<{ readonly kind: ReplicaKind; readonly place: string }> {
  const [, kind = "", place = ""] = /^([a-z0-9]+):(.+)$/.exec(spec) ?? [];
  if (Object.hasOwn(EXAMPLES, kind)) return ok({ kind: kind as ReplicaKind, place });
  const hint = existsSync(spec) ? `; for a folder write folder:${spec}` : "";
  return fail("malformed", "client", `"${spec}" names no replica: write ${Object.values(EXAMPLES).join(", or ")}${hint}`);
}

/** Opens a replica; nothing is asked of it yet. Faults: `malformed` (how it is named), `not-allowed` (this version has no such kind). */
export async function openReplica(place: ReplicaPlace): Promise<Result<Replica>> {
  const read = readPlace(place.replica);
  if (!read.ok) return read;
  const { kind, place: where } = read.value;
  switch (kind) {
    case "folder":
      return ok(folderReplica(resolve(where), { name: place.replica }));
    default:
      return fail("not-allowed", "client", `this version keeps no replicas of kind ${kind}: it keeps folders`);
  }
}

/** What the data folder's replicas.json names, then `more`, each once. Throws a FaultError that names the mistake. */
export async function replicaPlaces(dataFolder: string, more: readonly ReplicaPlace[]): Promise<readonly ReplicaPlace[]> {
  const path = join(dataFolder, REPLICAS_FILE);
  const source = await readFileText(path);
  const kept = source === undefined ? [] : parsePlaces(source, path);
  const places = new Map(kept.map((place) => [place.replica, place]));
  for (const place of more) if (!places.has(place.replica)) places.set(place.replica, place);
  for (const { replica } of places.values()) {
    const read = readPlace(replica);
    if (!read.ok) throw new FaultError(read.fault);
  }
  if (places.size > REPLICATION_LIMITS.replicas)
    throw new FaultError(fault("oversized", "client", `${places.size} replicas; a world keeps ${REPLICATION_LIMITS.replicas} at most`));
  return [...places.values()];
}

function parsePlaces(source: string, path: string): readonly ReplicaPlace[] {
  const wrong = (why: string): FaultError =>
    new FaultError(fault("malformed", "client", `${path}: ${why}; it holds a list such as [{ "replica": "folder:/backup/tavern" }]`));
  let parsed: unknown;
  try {
    parsed = JSON.parse(source);
  } catch {
    throw wrong("this is not JSON");
  }
  const checked = check(placesSchema, parsed, REPLICAS_FILE);
  if (!checked.ok) throw wrong(checked.fault.detail);
  return checked.value;
}
