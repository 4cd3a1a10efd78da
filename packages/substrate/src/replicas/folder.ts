// A replica in a folder: a disk, a mounted share, a checkout that is uploaded somewhere. What lies there can be served by any web server of
// files: `ipfs/<content id>` are blocks, `ipns/<name>` heads, both where a trustless gateway has them.
import { join } from "node:path";
import { directoryStore } from "../stores/directory.ts";
import { type FolderHeadsOptions, folderHeads } from "./folder-heads.ts";
import type { Replica } from "./port.ts";

export function folderReplica(folder: string, options: FolderHeadsOptions = {}): Replica {
  const name = options.name ?? folder;
  return {
    name,
    kind: "folder",
    blocks: directoryStore(join(folder, "ipfs"), { name, isFlat: true }),
    heads: folderHeads(folder, { ...options, name }),
    close: async () => undefined,
  };
}
