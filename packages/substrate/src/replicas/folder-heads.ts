// Heads as files, `<folder>/ipns/<name>`, swapped without a lock. Each head has one file for the one that came after it, made by a hard
// link, which fails when it exists: of two writers one wins. The file with the plain name is for whoever reads, a web server included; it
// may be one crash behind, and the links lead from there to the newest.
//
//   ipns/k51…                      the newest head, or one just before it
//   ipns/.k51…/<sha256 of a head>  the head that came after that one ("none": the first)
import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, link, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, type Result, type WorldId } from "@sojourn/protocol";
import { sameBytes } from "../blocks/node-codec.ts";
import { headName, worldOfHeadName } from "../heads/head-name.ts";
import { HEADS } from "../limits.ts";
import type { HeadStore } from "./port.ts";

/** How many of a world's links are there before the old ones are looked over, and the age in milliseconds that makes one old. */
const LINKS_BETWEEN_CLEANINGS = 64;
const OLD_LINK_MS = 3_600_000;
/** A chain longer than this cannot come about: the plain file is moved along with every swap. */
const CHAIN = 100_000;

export interface FolderHeadsOptions {
  readonly name?: string;
  /** Called between any two steps that change the folder, with the step's name: for tests that end a process there. */
  readonly step?: (name: string) => void;
}

interface Place {
  readonly name: string;
  readonly folder: string;
  readonly step: (name: string) => void;
}

export function folderHeads(folder: string, options: FolderHeadsOptions = {}): HeadStore {
  const name = options.name ?? folder;
  const place: Place = { name, folder: join(folder, "ipns"), step: options.step ?? (() => undefined) };
  const swapped = new Map<WorldId, number>();
  return {
    name,
    read: (world) => attempt(place, world, () => newest(place, nameOf(world))),
    swap: async (world, next, over) => {
      const done = await attempt(place, world, () => swap(place, nameOf(world), next, over));
      if (!done.ok) return done;
      if (!done.value) return fail("stale-head", "world", `${name}: another head of ${world} lies there; read it first`);
      const count = (swapped.get(world) ?? 0) + 1;
      swapped.set(world, count);
      if (count % LINKS_BETWEEN_CLEANINGS === 0) await cleanLinks(join(place.folder, `.${nameOf(world)}`));
      return ok(undefined);
    },
    list: async () => {
      try {
        const names = await readdir(place.folder);
        return ok(names.flatMap((one) => worldOfHeadName(one) ?? []));
      } catch (error) {
        return codeOf(error) === "ENOENT" ? ok([]) : fail("store-failed", "world", `${name} could not be listed: ${codeOf(error)}`);
      }
    },
  };
}

function nameOf(world: WorldId): string {
  const name = headName(world);
  if (name === undefined) throw new TypeError(`${JSON.stringify(world.slice(0, 70))} is no world id`);
  return name;
}

async function attempt<T>(place: Place, world: WorldId, act: () => Promise<T>): Promise<Result<T>> {
  if (headName(world) === undefined) return fail("malformed", "client", `${JSON.stringify(String(world).slice(0, 70))} is no world id`);
  try {
    return ok(await act());
  } catch (error) {
    if (error instanceof RangeError) return fail("oversized", "world", `${place.name}: ${error.message}`);
    if (codeOf(error) === undefined) throw error;
    return fail("store-failed", "world", `${place.name} could not read or write a head: ${(error as Error).message}`, 1_000);
  }
}

/** The head that no other came after. */
async function newest(place: Place, name: string): Promise<Uint8Array | undefined> {
  let head = await readHeadFile(join(place.folder, name));
  for (let i = 0; i < CHAIN; i++) {
    const after = await readHeadFile(linkAfter(place, name, head));
    if (after === undefined) return head;
    head = after;
  }
  throw new RangeError("more heads follow on each other than can");
}

/** False when another head than `over` lies there. */
async function swap(place: Place, name: string, next: Uint8Array, over: Uint8Array | undefined): Promise<boolean> {
  const links = join(place.folder, `.${name}`);
  await mkdir(links, { recursive: true });
  const found = await newest(place, name);
  if (!same(found, over)) return same(found, next);
  const aside = join(links, `.${randomUUID()}`);
  try {
    await writeWhole(aside, next);
    place.step("head written aside");
    if (!(await linkOnce(aside, linkAfter(place, name, over)))) return same(await newest(place, name), next);
  } finally {
    await rm(aside, { force: true });
  }
  await flush(links);
  place.step("head linked");
  // A writer that slept since it looked may have linked after a head that is long replaced, and whose own link is gone.
  const first = await readHeadFile(join(place.folder, name));
  if (!same(first, over) && !same(await newest(place, name), next)) {
    await rm(linkAfter(place, name, over), { force: true });
    return false;
  }
  await moveAlong(place, name);
  return true;
}

/** Brings the plain file to the newest head; another writer may be doing the same. */
async function moveAlong(place: Place, name: string): Promise<void> {
  for (let tip = await newest(place, name); tip !== undefined; tip = await newest(place, name)) {
    const aside = join(place.folder, `.${name}`, `.${randomUUID()}`);
    try {
      await writeWhole(aside, tip);
      place.step("plain head written aside");
      await rename(aside, join(place.folder, name));
    } finally {
      await rm(aside, { force: true });
    }
    await flush(place.folder);
    place.step("plain head in place");
    if (same(await newest(place, name), tip)) return;
  }
}

function linkAfter(place: Place, name: string, head: Uint8Array | undefined): string {
  return join(place.folder, `.${name}`, head === undefined ? "none" : createHash("sha256").update(head).digest("hex"));
}

async function linkOnce(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Old links serve nobody: whoever could still need one has slept for an hour between two lines. */
async function cleanLinks(links: string): Promise<void> {
  try {
    for (const one of await readdir(links)) {
      const path = join(links, one);
      if (Date.now() - (await stat(path)).mtimeMs > OLD_LINK_MS) await rm(path, { force: true });
    }
  } catch {
    // They are looked over again after the next heads.
  }
}

async function readHeadFile(path: string): Promise<Uint8Array | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { size } = await file.stat();
    if (size > HEADS.recordBytes) throw new RangeError(`${path} has ${size} bytes; a head has ${HEADS.recordBytes} at most`);
    return new Uint8Array(await file.readFile());
  } finally {
    await file.close();
  }
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function flush(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameBytes(a, b);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
