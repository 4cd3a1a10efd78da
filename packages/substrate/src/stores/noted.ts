// A store that tells which blocks were read from it, or written to it, right: what a swarm may give to others is what one has had in hand.
import type { ContentId } from "@sojourn/protocol";
import type { BlockStore } from "./port.ts";

/** The same store; `note` hears of every block that came out of it or went into it. */
export function notedStore(store: BlockStore, note: (cid: ContentId) => void): BlockStore {
  return {
    name: store.name,
    has: (cid) => store.has(cid),
    get: async (cid, options) => {
      const got = await store.get(cid, options);
      if (got.ok) note(cid);
      return got;
    },
    put: async (block) => {
      const put = await store.put(block);
      if (put.ok) note(block.cid);
      return put;
    },
    ...(store.list === undefined ? {} : { list: () => store.list?.() ?? nothing() }),
    ...(store.delete === undefined ? {} : { delete: async (cid: ContentId) => await store.delete?.(cid) }),
  };
}

async function* nothing(): AsyncIterable<ContentId> {}
