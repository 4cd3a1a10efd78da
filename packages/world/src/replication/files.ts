// Which files of a data folder belong to the world's state, beside its journal and its blocks. The identity key is not among them: whoever
// restores a world brings it.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SIGNING_FILE } from "../authority/identity.ts";
import { REPLICATION_LIMITS } from "../limits.ts";

export const REPLICAS_FILE = "replicas.json";
export const STATE_FILES: readonly string[] = [
  ...["bans.json", "heirs.json", "peers.json", "recovery.json", REPLICAS_FILE],
  ...["resumed.json", SIGNING_FILE],
];

export interface StateFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Those that are there, by name. Throws an Error when one is too long to be one of ours, and what the disk throws. */
export async function readStateFiles(dataFolder: string): Promise<StateFile[]> {
  const files: StateFile[] = [];
  for (const name of STATE_FILES) {
    const bytes = await readIfThere(join(dataFolder, name));
    if (bytes === undefined) continue;
    if (bytes.length > REPLICATION_LIMITS.fileBytes)
      throw new Error(`${join(dataFolder, name)} has ${bytes.length} bytes; ${REPLICATION_LIMITS.fileBytes} are kept in replicas`);
    files.push({ name, bytes });
  }
  return files;
}

export async function readFileText(path: string): Promise<string | undefined> {
  const bytes = await readIfThere(path);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
