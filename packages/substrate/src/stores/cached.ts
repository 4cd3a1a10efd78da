// A cache in front of a store: what is read once from the origin is kept. A cache that cannot write is only a slower one.
import type { BlockStore } from "./port.ts";

/** Reads go to the cache first; writes go to the origin and, once it has them, to the cache. */
export function cachedStore(cache: BlockStore, origin: BlockStore): BlockStore {
  return {
    name: `${origin.name} (cached in ${cache.name})`,
    has: async (cid) => (await cache.has(cid)) || (await origin.has(cid)),
    get: async (cid, options) => {
      const kept = await cache.get(cid, options);
      if (kept.ok) return kept;
      const got = await origin.get(cid, options);
      if (got.ok) await cache.put({ cid, bytes: got.value });
      return got;
    },
    put: async (block) => {
      const put = await origin.put(block);
      if (put.ok) await cache.put(block);
      return put;
    },
    ...(origin.list === undefined ? {} : { list: () => origin.list?.() ?? nothing() }),
    delete: async (cid) => {
      await cache.delete?.(cid);
      await origin.delete?.(cid);
    },
  };
}

async function* nothing(): AsyncIterable<string> {}
