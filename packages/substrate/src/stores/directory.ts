// Blocks as files in a folder, `<folder>/<two characters>/<content id>`. A file appears whole or not at all (written aside,
// flushed, renamed), and is hashed each time it is read: a wrong one is dropped and named.
import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { verifyBlock } from "../blocks/block.ts";
import { parseContentId } from "../blocks/content-id.ts";
import { sameBytes } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import type { Block, BlockStore } from "./port.ts";

export interface DirectoryStoreOptions {
  readonly name?: string;
  /** Flush files and folders to the disk before a put is done (default). A cache that can be fetched again may say false. */
  readonly durable?: boolean;
}

export function directoryStore(folder: string, options: DirectoryStoreOptions = {}): BlockStore {
  const name = options.name ?? folder;
  const durable = options.durable ?? true;
  return {
    name,
    has: async (cid) => parseContentId(cid).ok && (await sizeOf(pathOf(folder, cid))) !== undefined,
    get: (cid) => getFile(name, folder, cid),
    put: (block) => putFile(name, folder, block, durable),
    list: () => listFiles(folder),
    delete: async (cid) => {
      if (parseContentId(cid).ok) await rm(pathOf(folder, cid), { force: true });
    },
  };
}

/** The last but one pair of characters spreads evenly; the first ones are the same in every content id. */
function shardOf(cid: ContentId): string {
  return cid.slice(-3, -1);
}

function pathOf(folder: string, cid: ContentId): string {
  return join(folder, shardOf(cid), cid);
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch {
    return undefined;
  }
}

async function getFile(name: string, folder: string, cid: ContentId): Promise<Result<Uint8Array>> {
  if (!parseContentId(cid).ok) return fail("bad-content-id", "client", `${JSON.stringify(String(cid).slice(0, 70))} is no content id`);
  const path = pathOf(folder, cid);
  const bytes = await readBlockFile(path);
  if (!bytes.ok) return bytes.fault.code === "missing-block" ? fail("missing-block", "peer", `${name} does not hold block ${cid}`) : bytes;
  const block = await verifyBlock(cid, bytes.value);
  if (block.ok) return bytes;
  await rm(path, { force: true });
  return fail("bad-block", "world", `${name}: ${block.fault.detail}; the file was damaged and is removed`);
}

async function readBlockFile(path: string): Promise<Result<Uint8Array>> {
  try {
    const file = await open(path, "r");
    try {
      // One byte more than a block may have is enough to know that it is none.
      const buffer = new Uint8Array(Math.min((await file.stat()).size, LIMITS.blockBytes + 1));
      let length = 0;
      for (let read = 1; read > 0 && length < buffer.length; length += read) {
        read = (await file.read(buffer, length, buffer.length - length, length)).bytesRead;
      }
      return ok(buffer.subarray(0, length));
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return fail(code === "ENOENT" || code === "ENOTDIR" ? "missing-block" : "store-failed", "world", `${path} could not be read: ${code}`);
  }
}

async function putFile(name: string, folder: string, block: Block, durable: boolean): Promise<Result<void>> {
  const verified = await verifyBlock(block.cid, block.bytes);
  if (!verified.ok) return verified;
  const path = pathOf(folder, block.cid);
  // What is there already is only left there when it is right: putting a block is also how a damaged one is healed.
  if ((await sizeOf(path)) === block.bytes.length) {
    const kept = await readBlockFile(path);
    if (kept.ok && sameBytes(kept.value, block.bytes)) return ok(undefined);
  }
  const shard = join(folder, shardOf(block.cid));
  const aside = join(shard, `.${randomUUID()}`);
  try {
    await mkdir(shard, { recursive: true });
    await writeWhole(aside, block.bytes, durable);
    await rename(aside, path);
    if (durable) await syncFolder(shard);
    return ok(undefined);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    return fail("store-failed", "world", `${name} could not write block ${block.cid}: ${(error as Error).message}`);
  }
}

async function writeWhole(path: string, bytes: Uint8Array, durable: boolean): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    if (durable) await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename outlast a power cut, where the platform can open folders. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function* listFiles(folder: string): AsyncIterable<ContentId> {
  for (const shard of await namesIn(folder)) {
    for (const cid of await namesIn(join(folder, shard))) {
      if (parseContentId(cid).ok && shardOf(cid) === shard) yield cid;
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch {
    return [];
  }
}
