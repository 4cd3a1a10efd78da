// Where a drill keeps replicas: one real place of each kind, made for the drill and gone with it. Law: what stood on the machine that is lost is
// lost with it; a restore is told of nothing but what is left.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AwsClient } from "aws4fetch";
import { findRgw, startRgw } from "../s3/rgw.ts";
import { startTestS3 } from "../s3/server.ts";
import type { Served } from "./command.ts";
import { ipfsPlace } from "./ipfs-place.ts";
import { meshPlace } from "./mesh-place.ts";

export interface DrillPlace {
  /** What the world is served with, before and after. */
  readonly serveArgs: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Called before the world opens for the first time, with the data folder it will have. */
  prepare?(data: string): Promise<void>;
  /** Called when it is open: who keeps copies of it by themselves begin. */
  joined?(world: Served, data: string): Promise<void>;
  /** The last journal record that lies beyond the machine, for places that the world does not write to itself. */
  keptSeq?(): Promise<number>;
  /** The machine is lost: what of the replica was on it goes, too. */
  lost?(): Promise<void>;
  /** For `restore --from`. */
  from(): string;
  stop(): Promise<void>;
}

export const DRILL_KINDS = ["folder", "s3", "ceph", "ipfs", "mesh"] as const;
export type DrillKind = (typeof DRILL_KINDS)[number];

/** Why this kind cannot be tried on this machine; undefined when it can. */
export function whyNot(kind: DrillKind): string | undefined {
  const found = kind === "ceph" ? findRgw() : undefined;
  return found !== undefined && "missing" in found ? found.missing : undefined;
}

const MAKE: { readonly [kind in DrillKind]: (folder: string) => Promise<DrillPlace> } = {
  folder: async (folder) => {
    const place = join(folder, "replica");
    await mkdir(place, { recursive: true });
    return { serveArgs: ["--replica", `folder:${place}`], env: {}, from: () => `folder:${place}`, stop: async () => undefined };
  },
  // The service runs in the drill's own process: it does not die with the world.
  s3: async () => {
    const service = await startTestS3({ buckets: ["worlds"] });
    const { endpoint, accessKeyId, secretAccessKey, region } = service.options("worlds");
    return bucketPlace({ endpoint, accessKeyId, secretAccessKey, region: region ?? "us-east-1", close: () => service.close() });
  },
  ceph: async () => {
    const found = findRgw();
    if ("missing" in found) throw new Error(found.missing);
    const service = await startRgw(found.script);
    const { endpoint, accessKeyId, secretAccessKey } = service;
    const region = "us-east-1";
    const made = await new AwsClient({ accessKeyId, secretAccessKey, service: "s3", region }).fetch(`${endpoint}/worlds`, {
      method: "PUT",
    });
    if (!made.ok) throw new Error(`Ceph made no bucket: ${made.status} ${await made.text()}`);
    return bucketPlace({ endpoint, accessKeyId, secretAccessKey, region, close: () => service.close() });
  },
  ipfs: ipfsPlace,
  mesh: meshPlace,
};

interface Bucket {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  close(): Promise<void>;
}

function bucketPlace({ endpoint, accessKeyId, secretAccessKey, region, close }: Bucket): DrillPlace {
  const place = `s3:${endpoint}/worlds/tavern`;
  return {
    serveArgs: ["--replica", place],
    env: { SOJOURN_S3_KEY: accessKeyId, SOJOURN_S3_SECRET: secretAccessKey, SOJOURN_S3_REGION: region },
    from: () => place,
    stop: close,
  };
}

export function drillPlace(kind: DrillKind, folder: string): Promise<DrillPlace> {
  return MAKE[kind](folder);
}
