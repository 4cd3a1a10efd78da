// Makes a folder durable that was written without a sync for each file: every file, every folder, then nothing is in the caches alone.
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { REPLICATION_LIMITS } from "../limits.ts";

export async function flushFolder(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name));
  for (let at = 0; at < files.length; at += REPLICATION_LIMITS.parallelBlocks)
    await Promise.all(files.slice(at, at + REPLICATION_LIMITS.parallelBlocks).map(flushOne));
  for (const entry of entries) if (entry.isDirectory()) await flushFolder(join(folder, entry.name));
  if (process.platform !== "win32") await flushOne(folder);
}

async function flushOne(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
