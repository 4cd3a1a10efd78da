// A benchmark's own folder on disk, gone when it ends; and its progress line.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { progress } from "./progress.ts";

export async function inFolder<T>(work: (folder: string, say: (line: string) => void) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-bench-"));
  const line = progress();
  try {
    return await work(folder, line.say);
  } finally {
    line.end();
    await rm(folder, { recursive: true, force: true });
  }
}
