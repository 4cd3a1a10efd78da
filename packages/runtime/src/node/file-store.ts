// A key-value store in a folder that only its owner can read: for keys and what goes with them. One file a key, mode 0600,
// written beside, flushed, renamed into place, and the folder flushed: a crash leaves the old value or the new one.
import { randomBytes } from "node:crypto";
import { type FileHandle, link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { checkKey, checkValue, type KeyValue } from "../key-value.ts";

export function fileStore(folder: string): KeyValue {
  return {
    async get(key) {
      checkKey(key);
      try {
        return new Uint8Array(await readFile(join(folder, key)));
      } catch (error) {
        if (codeOf(error) === "ENOENT") return undefined;
        throw error;
      }
    },
    async set(key, value) {
      checkKey(key);
      checkValue(value);
      const beside = await writeBeside(folder, key, value);
      await rename(beside, join(folder, key));
      await flush(folder);
    },
    async delete(key) {
      checkKey(key);
      await rm(join(folder, key), { force: true });
      await flush(folder);
    },
  };
}

/** The value kept under `key`, made and kept first when there is none. Two processes that race get the same value. */
export async function keptValue(folder: string, key: string, make: () => Uint8Array): Promise<Uint8Array> {
  const store = fileStore(folder);
  const kept = await store.get(key);
  if (kept !== undefined) return kept;
  const beside = await writeBeside(folder, key, make());
  try {
    // A hard link fails when the name exists: whoever comes first decides.
    await link(beside, join(folder, key));
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    await rm(beside, { force: true });
  }
  await flush(folder);
  const value = await store.get(key);
  if (value === undefined) throw new Error(`${join(folder, key)} vanished while it was made`);
  return value;
}

async function writeBeside(folder: string, key: string, value: Uint8Array): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const beside = join(folder, `${key}.${randomBytes(6).toString("hex")}~`);
  const file = await open(beside, "wx", 0o600);
  try {
    await file.writeFile(value);
    await file.sync();
  } finally {
    await file.close();
  }
  return beside;
}

async function flush(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, "r");
    await handle.sync();
  } catch (error) {
    // Some systems cannot open or flush a folder; there the rename alone has to do.
    if (!["EISDIR", "EPERM", "EACCES", "EINVAL", "ENOTSUP"].includes(codeOf(error))) throw error;
  } finally {
    await handle?.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
