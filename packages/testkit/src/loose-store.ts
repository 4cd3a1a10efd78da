// A store that takes and gives out whatever lies in it, as a disk would: what is wrong has to be found above it.
import { type BlockStore, memoryStore } from "@sojourn/substrate";

/** `held`: what lies there, by content id. */
export function looseStore(held: Map<string, Uint8Array>): BlockStore {
  const strict = memoryStore();
  return {
    ...strict,
    has: async (cid) => held.has(cid),
    get: async (cid) => {
      const bytes = held.get(cid);
      return bytes === undefined ? await strict.get(cid) : { ok: true, value: bytes.slice() };
    },
    put: async ({ cid, bytes }) => {
      held.set(cid, new Uint8Array(bytes));
      return { ok: true, value: undefined };
    },
    list: async function* () {
      yield* [...held.keys()];
    },
    delete: async (cid) => void held.delete(cid),
  };
}
