// Several stores as one, the nearest first. A block is taken from the first that has it right and written to the first that
// takes it; where browser storage is full or forbidden, the memory behind it still works.
import { type ContentId, fail, type Result } from "@sojourn/protocol";
import type { BlockStore, GetOptions } from "./port.ts";

/** At least one store. Its fault names what each of them said. */
export function tieredStore(stores: readonly BlockStore[], name: string = stores.map((store) => store.name).join(" > ")): BlockStore {
  return {
    name,
    has: async (cid) => {
      for (const store of stores) if (await store.has(cid)) return true;
      return false;
    },
    get: (cid, options) => getFromFirst(stores, cid, options),
    put: async (block) => {
      const faults: string[] = [];
      for (const store of stores) {
        const put = await store.put(block);
        if (put.ok) return put;
        if (put.fault.code !== "store-failed") return put;
        faults.push(put.fault.detail);
      }
      return fail("store-failed", "world", faults.join("; ") || "there is no store to write to");
    },
    list: () => listEach(stores),
    delete: async (cid) => {
      for (const store of stores) await store.delete?.(cid);
    },
  };
}

async function getFromFirst(stores: readonly BlockStore[], cid: ContentId, options?: GetOptions): Promise<Result<Uint8Array>> {
  let worst: Result<never> = fail("missing-block", "peer", `no store holds block ${cid}`);
  for (const store of stores) {
    const got = await store.get(cid, options);
    if (got.ok) return got;
    if (got.fault.code !== "missing-block" || worst.ok) worst = got;
  }
  return worst;
}

async function* listEach(stores: readonly BlockStore[]): AsyncIterable<ContentId> {
  const seen = new Set<ContentId>();
  for (const store of stores) {
    for await (const cid of store.list?.() ?? []) {
      if (!seen.has(cid)) yield cid;
      seen.add(cid);
    }
  }
}
