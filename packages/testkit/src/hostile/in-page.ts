// What runs in the page whose storage is attacked: the same attack as on every other store, and a cache with one byte flipped in each of
// its blocks. It needs nothing of Node.
import type { ContentId } from "@sojourn/protocol";
import { type Block, type BlockStore, browserStore, fetchVersion, memoryStore } from "@sojourn/substrate";
import { attack, isSame, type StoreReport } from "./attack.ts";
import { changingWorld } from "./changing-world.ts";

/** A world in the browser's cache of which every block was damaged, one at a time. */
export interface CacheReport {
  readonly blocks: number;
  /** Damaged blocks that were shown, not fetched anew, or fetched together with others. Must be 0. */
  readonly unhealed: number;
}

const LANES = 8;

export async function attackBrowserStore(blocks: number, seed: number): Promise<StoreReport> {
  const database = `attacked ${seed}`;
  const store = browserStore({ database });
  await store.has("");
  const lay = await layer(database, store);
  return await attack({ share: 1, lanes: LANES, store, isReadOnly: false, lay }, blocks, seed);
}

export async function healBrowserCache(side: number): Promise<CacheReport> {
  const database = "a cache";
  const cache = browserStore({ database });
  const { root, blocks } = await changingWorld(side);
  const asked: ContentId[] = [];
  const held = memoryStore("the world", blocks);
  const world: BlockStore = {
    ...held,
    get: async (cid) => {
      asked.push(cid);
      return await held.get(cid);
    },
  };
  const first = await fetchVersion(root, { cache, sources: [world] });
  if (!first.ok) throw new Error(first.fault.detail);
  const lay = await layer(database, cache);
  let unhealed = 0;
  for (const [i, block] of blocks.entries()) {
    const flipped = block.bytes.slice();
    const at = (i * 7) % flipped.length;
    flipped[at] = (flipped[at] as number) ^ (1 << (i % 8));
    await lay(block, flipped);
    asked.length = 0;
    const again = await fetchVersion(root, { cache, sources: [world] });
    const kept = await cache.get(block.cid);
    if (!again.ok || asked.join() !== block.cid || !kept.ok || !isSame(kept.value, block.bytes)) unhealed++;
  }
  return { blocks: blocks.length, unhealed };
}

/** Writes bytes into the browser's own storage, past the store. */
async function layer(database: string, store: BlockStore): Promise<(block: Block, bytes: Uint8Array) => Promise<void>> {
  // The store makes its tables when it is first used.
  await store.get("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
  const opened = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open(database);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  return ({ cid }, bytes) =>
    new Promise((resolve, reject) => {
      const transaction = opened.transaction("blocks", "readwrite");
      transaction.objectStore("blocks").put(new Uint8Array(bytes), cid);
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
}
