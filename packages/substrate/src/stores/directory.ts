// Blocks as files in a folder, `<folder>/<two characters>/<content id>`, or flat, so that a plain file server gives them by their ids. A file appears whole or not at all (written aside,
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
import { Turns } from "./turns.ts";

export interface DirectoryStoreOptions {
  readonly name?: string;
  /** Flush files and folders to the disk before a put is done (default). A cache that can be fetched again may say false. */
  readonly durable?: boolean;
  /** Files lie in the folder itself, as `<content id>`: what a web server of files can serve as `/ipfs/<content id>`. */
  readonly isFlat?: boolean;
  /** Every block that is put was verified by the caller a moment ago, as a fetch does: it is not hashed once more before it is written. */
  readonly isVerified?: boolean;
}

/** Where the files lie. */
interface Layout {
  readonly name: string;
  readonly folder: string;
  readonly isFlat: boolean;
  readonly durable: boolean;
  readonly isVerified: boolean;
}

export function directoryStore(folder: string, options: DirectoryStoreOptions = {}): BlockStore {
  const name = options.name ?? folder;
  const layout: Layout = {
    name,
    folder,
    isFlat: options.isFlat ?? false,
    durable: options.durable ?? true,
    isVerified: options.isVerified ?? false,
  };
  return {
    name,
    has: async (cid) => parseContentId(cid).ok && (await sizeOf(pathOf(layout, cid))) !== undefined,
    get: (cid) => getFile(layout, cid),
    put: (block) => putFile(layout, block),
    list: () => listFiles(layout),
    delete: async (cid) => {
      if (parseContentId(cid).ok) await rm(pathOf(layout, cid), { force: true });
    },
  };
}

/** The last but one pair of characters spreads evenly; the first ones are the same in every content id. */
function shardOf({ isFlat }: Layout, cid: ContentId): string {
  return isFlat ? "." : cid.slice(-3, -1);
}

function pathOf(layout: Layout, cid: ContentId): string {
  return join(layout.folder, shardOf(layout, cid), cid);
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch {
    return undefined;
  }
}

async function getFile(layout: Layout, cid: ContentId): Promise<Result<Uint8Array>> {
  if (!parseContentId(cid).ok) return fail("bad-content-id", "client", `${JSON.stringify(String(cid).slice(0, 70))} is no content id`);
  const { name } = layout;
  const path = pathOf(layout, cid);
  const bytes = await readBlockFile(path);
  if (!bytes.ok) return bytes.fault.code === "missing-block" ? fail("missing-block", "peer", `${name} does not hold block ${cid}`) : bytes;
  const block = await verifyBlock(cid, bytes.value);
  if (block.ok) return bytes;
  return await turns.take(path, async () => {
    // Somebody may have healed it since it was read: what is right stays.
    const now = await readBlockFile(path);
    if (now.ok && (await verifyBlock(cid, now.value)).ok) return now;
    await rm(path, { force: true });
    return fail("bad-block", "world", `${name}: ${block.fault.detail}; the file was damaged and is removed`);
  });
}

/** By path, whichever stores of this process it belongs to. */
const turns = new Turns();

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

async function putFile(layout: Layout, block: Block): Promise<Result<void>> {
  const verified = layout.isVerified ? parseContentId(block.cid) : await verifyBlock(block.cid, block.bytes);
  if (!verified.ok) return verified;
  const path = pathOf(layout, block.cid);
  return await turns.take(path, () => writeBlock(layout, block, path));
}

async function writeBlock(layout: Layout, block: Block, path: string): Promise<Result<void>> {
  const { name, durable } = layout;
  // What is there already is only left there when it is right: putting a block is also how a damaged one is healed.
  if ((await sizeOf(path)) === block.bytes.length) {
    const kept = await readBlockFile(path);
    if (kept.ok && sameBytes(kept.value, block.bytes)) return ok(undefined);
  }
  const shard = join(layout.folder, shardOf(layout, block.cid));
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

async function* listFiles(layout: Layout): AsyncIterable<ContentId> {
  for (const shard of layout.isFlat ? ["."] : await namesIn(layout.folder)) {
    for (const cid of await namesIn(join(layout.folder, shard))) {
      if (parseContentId(cid).ok && shardOf(layout, cid) === shard) yield cid;
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
