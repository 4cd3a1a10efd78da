// Blocks in the browser's own storage (IndexedDB, which insecure pages have too). Storage is never believed: a block is
// hashed each time it is read, and a wrong one is dropped and named. No room, or no storage at all, is a fault, not a crash.
// It holds so many bytes and no more: what was not used for longest goes first, which is no world that one is in.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { verifyBlock } from "../blocks/block.ts";
import { parseContentId } from "../blocks/content-id.ts";
import { LIMITS } from "../limits.ts";
import { drop, dropDamaged, keep, makeTables, noteUse, type Tables, tablesOf } from "./browser-tables.ts";
import type { BlockStore } from "./port.ts";

export interface BrowserStoreOptions {
  /** The database's name; pages of one origin with the same name share blocks. */
  readonly database?: string;
  readonly indexedDB?: IDBFactory;
  /** What it holds at most, of all worlds together; `LIMITS.browserBytes` when not given. */
  readonly maxBytes?: number;
}

const DATABASE_VERSION = 2;

type Run<T> = (tables: Tables) => IDBRequest<T>;

export function browserStore(options: BrowserStoreOptions = {}): BlockStore {
  const database = new Database(options.database ?? "sojourn-blocks", () => options.indexedDB ?? globalThis.indexedDB);
  const name = "browser storage";
  const maxBytes = options.maxBytes ?? LIMITS.browserBytes;
  /** Used since the page opened, and written down as such. */
  const used = new Set<ContentId>();
  return {
    name,
    has: async (cid) => {
      if (!parseContentId(cid).ok) return false;
      const count = await database.run("readonly", ({ blocks }) => blocks.count(cid));
      return count.ok && count.value > 0;
    },
    get: async (cid) => {
      if (!parseContentId(cid).ok) return fail("bad-content-id", "client", `${JSON.stringify(String(cid).slice(0, 70))} is no content id`);
      const kept = await database.run<unknown>("readonly", ({ blocks }) => blocks.get(cid));
      if (!kept.ok) return kept;
      if (kept.value === undefined) return fail("missing-block", "peer", `${name} does not hold block ${cid}`);
      const bytes = kept.value instanceof Uint8Array ? kept.value : new Uint8Array();
      const block = await verifyBlock(cid, bytes);
      if (block.ok && !used.has(cid)) {
        used.add(cid);
        // Nobody waits for it, and without it the block is only dropped sooner.
        void database.run("readwrite", (tables) => noteUse(tables, cid, Date.now()));
      }
      if (block.ok) return ok(bytes);
      await database.run("readwrite", (tables) => dropDamaged(tables, cid, bytes));
      return fail("bad-block", "client", `${name}: ${block.fault.detail}; it was damaged and is removed`);
    },
    put: async ({ cid, bytes }) => {
      const verified = await verifyBlock(cid, bytes);
      if (!verified.ok) return verified;
      // A copy: a view into a larger buffer would store all of that buffer.
      const put = await database.run("readwrite", (tables) => keep(tables, { cid, bytes: new Uint8Array(bytes) }, Date.now(), maxBytes));
      return put.ok ? ok(undefined) : put;
    },
    list: async function* () {
      const keys = await database.run("readonly", ({ blocks }) => blocks.getAllKeys());
      for (const key of keys.ok ? keys.value : []) if (typeof key === "string" && parseContentId(key).ok) yield key;
    },
    delete: async (cid: ContentId) => {
      await database.run("readwrite", (tables) => drop(tables, cid));
    },
  };
}

/** One connection, opened when first needed and again after the browser has closed it. */
class Database {
  readonly #name: string;
  readonly #factory: () => IDBFactory | undefined;
  #opening: Promise<IDBDatabase> | undefined;

  constructor(name: string, factory: () => IDBFactory | undefined) {
    this.#name = name;
    this.#factory = factory;
  }

  /** Done when the transaction is, not when the request is: what was written is then kept. */
  async run<T>(mode: IDBTransactionMode, start: Run<T>): Promise<Result<T>> {
    for (const isLastTry of [false, true]) {
      try {
        const database = await this.#open();
        return ok(await inTransaction(database, mode, start));
      } catch (error) {
        // The connection may have been closed under us (the storage was cleared, another page upgraded): once more, afresh.
        this.#opening = undefined;
        if (isLastTry || (error as Error)?.name !== "InvalidStateError") return storageFault(error);
      }
    }
    return storageFault(undefined);
  }

  #open(): Promise<IDBDatabase> {
    this.#opening ??= this.#connect();
    return this.#opening;
  }

  async #connect(): Promise<IDBDatabase> {
    const factory = this.#factory();
    if (factory === undefined) throw new Error("this browser has no IndexedDB here");
    const request = factory.open(this.#name, DATABASE_VERSION);
    request.onupgradeneeded = () => makeTables(request);
    const database = await settled(request);
    const forget = (): void => {
      this.#opening = undefined;
    };
    database.onclose = forget;
    database.onversionchange = () => {
      database.close();
      forget();
    };
    return database;
  }
}

function inTransaction<T>(database: IDBDatabase, mode: IDBTransactionMode, start: Run<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const [transaction, tables] = tablesOf(database, mode);
    const request = start(tables);
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? request.error ?? new Error("the transaction was aborted"));
  });
}

function settled<T>(request: IDBOpenDBRequest & IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("another page holds an older form of the storage open"));
  });
}

function storageFault(error: unknown): Result<never> {
  const kind = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (kind === "QuotaExceededError") return fail("store-failed", "client", "browser storage is full; free some space for this site");
  const message = error instanceof Error || error instanceof DOMException ? error.message : "unknown";
  return fail("store-failed", "client", `browser storage cannot be used: ${message}`);
}
