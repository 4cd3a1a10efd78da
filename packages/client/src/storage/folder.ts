// A traveller storage in a folder, for Node: one file a name, written beside, flushed, renamed into place, and the folder flushed.
// A crash at any point leaves the old text or the new one.
import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { checkName, checkText, failed, type TravellerStorage } from "./port.ts";

/** Keeps texts in `folder`, made when missing and readable by its owner alone (it holds the traveller's key). */
export function folderStorage(folder: string): TravellerStorage {
  const fileOf = (name: string): string => join(folder, `${createHash("sha256").update(name).digest("hex").slice(0, 40)}.json`);
  return {
    get: async (name) => {
      checkName(name);
      return readStored(fileOf(name), name);
    },
    put: async (name, text) => {
      checkName(name);
      checkText(text);
      await wrapped(`cannot keep "${name}" in ${folder}`, async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await replaceFile(fileOf(name), JSON.stringify({ name, text }));
        await flushFolder(folder);
      });
    },
    remove: async (name) => {
      checkName(name);
      await wrapped(`cannot remove "${name}" from ${folder}`, async () => {
        await rm(fileOf(name), { force: true });
        await flushFolder(folder);
      });
    },
  };
}

async function readStored(file: string, name: string): Promise<string | undefined> {
  let raw: string;
  try {
    raw = await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw failed(`cannot read "${name}" from ${file}`, error);
  }
  try {
    const stored = JSON.parse(raw) as { readonly name?: unknown; readonly text?: unknown };
    if (stored.name === name && typeof stored.text === "string") return stored.text;
  } catch {
    // Said below: what is there is not what was written.
  }
  throw failed(`${file} was altered; remove it to go on without "${name}"`);
}

async function replaceFile(file: string, content: string): Promise<void> {
  const beside = `${file}.${randomBytes(6).toString("hex")}.part`;
  try {
    const handle = await open(beside, "wx", 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Makes the rename itself durable. Some systems cannot open a folder; there the rename is as durable as they make it. */
async function flushFolder(folder: string): Promise<void> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(folder, "r");
  } catch (error) {
    if (isMissing(error) || isCode(error, "EISDIR") || isCode(error, "EPERM")) return;
    throw error;
  }
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function wrapped(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw failed(what, error);
  }
}

function isMissing(error: unknown): boolean {
  return isCode(error, "ENOENT");
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
