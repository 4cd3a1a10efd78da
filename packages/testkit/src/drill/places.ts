// Where a drill keeps replicas: one real place of each kind, made for the drill and gone with it.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startTestS3 } from "../s3/server.ts";

/** What a world and a restore are told of a replica. */
export interface DrillPlace {
  /** For `--replica` and `--from`. */
  readonly place: string;
  readonly env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

export const DRILL_KINDS = ["folder", "s3", "ipfs"] as const;
export type DrillKind = (typeof DRILL_KINDS)[number];

const MAKE: { readonly [kind in DrillKind]: (folder: string) => Promise<DrillPlace> } = {
  folder: async (folder) => {
    const place = join(folder, "replica");
    await mkdir(place, { recursive: true });
    return { place: `folder:${place}`, env: {}, stop: async () => undefined };
  },
  // A node of its own, in a folder that is not the world's: bitswap, pins, and the head as an IPNS record.
  ipfs: async (folder) => ({ place: `ipfs:${join(folder, "ipfs-node")}`, env: {}, stop: async () => undefined }),
  s3: async () => {
    // The service runs in the drill's own process: it does not die with the world.
    const service = await startTestS3({ buckets: ["worlds"] });
    const { endpoint, accessKeyId, secretAccessKey, region } = service.options("worlds");
    return {
      place: `s3:${endpoint}/worlds/tavern`,
      env: { SOJOURN_S3_KEY: accessKeyId, SOJOURN_S3_SECRET: secretAccessKey, SOJOURN_S3_REGION: region },
      stop: () => service.close(),
    };
  },
};

export function drillPlace(kind: DrillKind, folder: string): Promise<DrillPlace> {
  return MAKE[kind](folder);
}
