// Where a substrate may be looked at from: a map file, a world's address, a world's data folder, a folder of blocks, or a CAR file.
import { createReadStream, existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { type BlockStore, cachedStore, httpStore, memoryStore, openCar, openVersion, type SubstrateView } from "@sojourn/substrate";
import { directoryStore, packTiled } from "@sojourn/substrate/node";
import { BLOCKS_FOLDER, readServedVersion } from "@sojourn/world";
import { askCard, type CardFacts } from "./card.ts";

/** What is read of a world that is looked at whole, in memory. */
const INSPECT_BYTES = 268_435_456;

export interface Source {
  readonly store: BlockStore;
  /** The version that is meant when none is named: the one a world serves, a CAR's first root. */
  readonly head: ContentId | undefined;
  /** What the world says about itself, when a world was asked. */
  readonly card: CardFacts | undefined;
  /** For people: where this came from. */
  readonly from: string;
}

export interface Looked extends Source {
  readonly view: SubstrateView;
}

/** For the help of commands that take one. */
export const SOURCES = "a world's address or data folder, a folder of blocks, a .car file, or a Tiled map";

/** Finds out what a command was pointed at. Nothing is read yet of an address or a folder but what says which version is meant. */
export async function sourceAt(where: string): Promise<Result<Source>> {
  if (/^(https?|wss?):\/\//.test(where)) return worldAt(where);
  if ((await stat(where)).isDirectory()) return await folderAt(where);
  return extname(where).toLowerCase() === ".car" ? await carAt(where) : await mapAt(where);
}

/** Opens what `inspect` was pointed at. */
export async function lookAt(where: string, root: ContentId | undefined): Promise<Result<Looked>> {
  const source = await sourceAt(where);
  if (!source.ok) return source;
  const meant = versionMeant(source.value, root);
  if (!meant.ok) return meant;
  const view = await openVersion(meant.value, source.value.store);
  return view.ok ? ok({ ...source.value, view: view.value }) : view;
}

/** The version that was named, or the one that goes without saying. */
export function versionMeant(source: Source, named: ContentId | undefined): Result<ContentId> {
  const root = named ?? source.head;
  if (root !== undefined) return ok(root);
  return fail("bad-content-id", "client", `${source.from} does not say which version is meant: name its content id with --root`);
}

async function worldAt(url: string): Promise<Result<Source>> {
  const card = await askCard(url);
  if (!card.ok) return card;
  const store = cachedStore(memoryStore(), metered(httpStore(card.value.url)));
  return ok({ store, head: card.value.substrate, card: card.value, from: card.value.url });
}

async function folderAt(folder: string): Promise<Result<Source>> {
  const isWorld = existsSync(join(folder, "world.key"));
  if (!isWorld) return ok({ store: directoryStore(folder), head: undefined, card: undefined, from: folder });
  return ok({ store: directoryStore(join(folder, BLOCKS_FOLDER)), head: readServedVersion(folder), card: undefined, from: folder });
}

async function carAt(file: string): Promise<Result<Source>> {
  const car = await openCar(createReadStream(file));
  if (!car.ok) return fail(car.fault.code, "client", `${file}: ${car.fault.detail}`);
  const store = memoryStore(file);
  let bytes = 0;
  for await (const block of car.value.blocks()) {
    if (!block.ok) return fail(block.fault.code, "client", `${file}: ${block.fault.detail}`);
    bytes += block.value.bytes.length;
    if (bytes > INSPECT_BYTES)
      return fail("oversized", "client", `${file} has more than ${INSPECT_BYTES} bytes: import it into a folder first`);
    await store.put(block.value);
  }
  return ok({ store, head: car.value.roots[0], card: undefined, from: file });
}

async function mapAt(file: string): Promise<Result<Source>> {
  const packed = await packTiled(file);
  if (!packed.ok) return packed;
  return ok({ store: memoryStore(file, packed.value.blocks), head: packed.value.root, card: undefined, from: file });
}

/** Gives no more than `maxBytes` in all: what a stranger's root says of its size is a claim. */
export function metered(store: BlockStore, maxBytes: number = INSPECT_BYTES): BlockStore {
  let bytes = 0;
  return {
    ...store,
    async get(cid, options) {
      if (bytes >= maxBytes)
        return fail("oversized", "peer", `${store.name} has more than ${maxBytes} bytes to look at, which is the most`);
      const block = await store.get(cid, options);
      if (block.ok) bytes += block.value.length;
      return block;
    },
  };
}
