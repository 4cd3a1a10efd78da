// One of our stores as the place where a Helia node keeps its blocks: what bitswap gives away is hashed when it is read, and what it
// brings is hashed before it is kept. Ids that are none of ours are not held.
import { parseContentId } from "../blocks/content-id.ts";
import type { BlockStore } from "../stores/port.ts";
import type { HeliaBlockstore, HeliaCid } from "./helia.ts";

export function heliaBlockstore(blocks: BlockStore, parse: (cid: string) => HeliaCid): HeliaBlockstore {
  const put: HeliaBlockstore["put"] = async (cid, bytes) => {
    const kept = await blocks.put({ cid: String(cid), bytes: await whole(bytes) });
    if (!kept.ok) throw new Error(kept.fault.detail);
    return cid;
  };
  const get = async function* (cid: HeliaCid): AsyncGenerator<Uint8Array> {
    const got = await blocks.get(String(cid));
    if (!got.ok) throw notFound(got.fault.detail);
    yield got.value;
  };
  const remove = async (cid: HeliaCid): Promise<void> => blocks.delete?.(String(cid));
  return {
    has: (cid) => (parseContentId(String(cid)).ok ? blocks.has(String(cid)) : false),
    put,
    get,
    delete: remove,
    putMany: async function* (pairs) {
      for await (const { cid, bytes } of pairs) yield await put(cid, bytes);
    },
    getMany: async function* (cids) {
      for await (const cid of cids) yield { cid, bytes: get(cid) };
    },
    deleteMany: async function* (cids) {
      for await (const cid of cids) {
        await remove(cid);
        yield cid;
      }
    },
    getAll: async function* () {
      for await (const cid of blocks.list?.() ?? []) yield { cid: parse(cid), bytes: get(parse(cid)) };
    },
  };
}

/** Helia tells by this name that a block is not there from a store that failed. */
function notFound(detail: string): Error {
  const error = new Error(detail);
  error.name = "NotFoundError";
  return error;
}

async function whole(bytes: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  if (bytes instanceof Uint8Array) return bytes;
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
