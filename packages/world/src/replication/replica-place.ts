// How an operator names a replica, `kind:place`, and how one is opened. A mistake is a sentence that says what to write instead.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { check, FaultError, fail, fault, int, list, ok, optional, type Result, type Schema, struct, text } from "@sojourn/protocol";
import { httpReplica, type Replica, type ReplicaKind, type Retention, s3Replica } from "@sojourn/substrate";
import { folderReplica } from "@sojourn/substrate/node";
import { REPLICATION_LIMITS } from "../limits.ts";
import { REPLICAS_FILE, readFileText } from "./files.ts";
import { judge } from "./newest-head.ts";

/** One replica as it is configured. */
export interface ReplicaPlace {
  /** `folder:/backup/tavern`, `s3:https://host/bucket/prefix`, … */
  readonly replica: string;
  /** S3's; else from SOJOURN_S3_KEY, SOJOURN_S3_SECRET and SOJOURN_S3_REGION. */
  readonly key?: string;
  readonly secret?: string;
  readonly region?: string;
  /** An IPFS node's: multiaddresses it listens on, and those of its peers. */
  readonly listen?: readonly string[];
  readonly peers?: readonly string[];
  /** How many versions stay there, and how many days every version does; older ones go. Default: all stay. */
  readonly keepVersions?: number;
  readonly keepDays?: number;
}

const EXAMPLES: { readonly [kind in ReplicaKind]: string } = {
  folder: "folder:/backup/tavern",
  s3: "s3:https://s3.example/bucket/prefix",
  ipfs: "ipfs:/var/lib/sojourn/ipfs",
  mesh: "mesh:https://their.world",
  http: "https://their.world",
};
/** An IPFS node elsewhere, as `/ip4/192.0.2.7/tcp/4001/p2p/12D3…`. */
const PEER_ADDRESS = /^\/(ip4|ip6|dns|dns4|dns6|dnsaddr)\/.+\/p2p\/[1-9A-Za-z]+$/;
const placesSchema: Schema<readonly ReplicaPlace[]> = list(
  struct({
    replica: text(1_024, /^[a-z0-9]+:.+$/),
    key: optional(text(256)),
    secret: optional(text(256)),
    region: optional(text(64)),
    listen: optional(list(text(256), REPLICATION_LIMITS.addresses)),
    peers: optional(list(text(256), REPLICATION_LIMITS.addresses)),
    keepVersions: optional(int(1, REPLICATION_LIMITS.keptVersions)),
    keepDays: optional(int(0, REPLICATION_LIMITS.keptDays)),
  }),
  REPLICATION_LIMITS.replicas,
);

/** `kind:place` in its parts. Fault `malformed`, with what to write. */
export function readPlace(spec: string): Result<{ readonly kind: ReplicaKind; readonly place: string }> {
  if (/^https?:\/\//.test(spec)) return ok({ kind: "http", place: spec });
  const [, kind = "", place = ""] = /^([a-z0-9]+):(.+)$/.exec(spec) ?? [];
  if (Object.hasOwn(EXAMPLES, kind)) return ok({ kind: kind as ReplicaKind, place });
  const hint = existsSync(spec) ? `; for a folder write folder:${spec}` : "";
  return fail("malformed", "client", `"${spec}" names no replica: write ${Object.values(EXAMPLES).join(", or ")}${hint}`);
}

/**
 * Opens a replica, for a world that keeps itself there or (`isWriter` false) for somebody who only reads. Faults: `malformed` (how it is named),
 * `store-failed` (it cannot be used: the sentence says why), `not-allowed` (it is a place that can only be read).
 */
export async function openReplica(place: ReplicaPlace, isWriter = true): Promise<Result<Replica>> {
  const read = readPlace(place.replica);
  if (!read.ok) return read;
  const { kind, place: where } = read.value;
  const name = place.replica;
  const isUrl = /^https?:\/\//.test(where);
  if (isWriter && (kind === "http" || (kind === "mesh" && isUrl)))
    return fail("not-allowed", "client", `${name} can only be read: a neighbour copies by itself what this world serves with --mesh`);
  switch (kind) {
    case "folder":
      return ok(folderReplica(resolve(where), { name }));
    case "http":
      return ok(httpReplica(where, { name }));
    case "mesh":
      return ok({ ...(isUrl ? httpReplica(where, { name }) : folderReplica(resolve(where), { name })), kind });
    case "s3":
      return openBucket(place, where);
    case "ipfs": {
      const { listen, peers } = place;
      const { ipfsReplica, readIpfs } = await import("@sojourn/substrate/ipfs");
      if (!PEER_ADDRESS.test(where))
        return await ipfsReplica({ folder: resolve(where), judge, name, ...(listen && { listen }), ...(peers && { peers }) });
      if (!isWriter) return await readIpfs({ peers: [where, ...(peers ?? [])], judge, name });
      return fail(
        "not-allowed",
        "client",
        `${name} is somebody's node: write ipfs:FOLDER for the world's own, and its peers into ${REPLICAS_FILE}`,
      );
    }
  }
}

function openBucket(place: ReplicaPlace, where: string): Result<Replica> {
  const url = URL.parse(where);
  const [, bucket = "", ...prefix] = url?.pathname.split("/") ?? [];
  if (url === null || bucket === "") return fail("malformed", "client", `"${place.replica}" names no bucket: write ${EXAMPLES.s3}`);
  const { SOJOURN_S3_KEY = "", SOJOURN_S3_SECRET = "", SOJOURN_S3_REGION } = process.env;
  const region = place.region ?? SOJOURN_S3_REGION;
  if (url.username !== "" || url.password !== "")
    return fail(
      "malformed",
      "client",
      `an S3 address holds no keys: put them into ${REPLICAS_FILE}, or into SOJOURN_S3_KEY and SOJOURN_S3_SECRET`,
    );
  if ((place.key ?? SOJOURN_S3_KEY) === "" || (place.secret ?? SOJOURN_S3_SECRET) === "") {
    const where = `set SOJOURN_S3_KEY and SOJOURN_S3_SECRET, or put "key" and "secret" beside it in ${REPLICAS_FILE}`;
    return fail("not-allowed", "client", `${place.replica} has no keys: ${where}`);
  }
  const options = {
    ...{ endpoint: url.origin, bucket, prefix: prefix.join("/"), name: place.replica, ...(region === undefined ? {} : { region }) },
    ...{ accessKeyId: place.key ?? SOJOURN_S3_KEY, secretAccessKey: place.secret ?? SOJOURN_S3_SECRET },
  };
  return s3Replica(options);
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

/** What an operator wants to stay at a replica; undefined: everything. */
export function retentionOf({ keepVersions, keepDays }: ReplicaPlace): Retention | undefined {
  if (keepVersions === undefined && keepDays === undefined) return undefined;
  return { versions: keepVersions ?? 1, ...(keepDays === undefined ? {} : { ageMs: keepDays * 86_400_000 }) };
}
