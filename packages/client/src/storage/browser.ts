// What a traveller keeps, in the browser: IndexedDB with strict durability, which works on pages that are no secure context;
// where it is barred, localStorage. A page with neither keeps nothing: the traveller is a new one after a reload.
import { FaultError, fault } from "@sojourn/protocol";
import { checkKey, checkValue, type KeyValue, memoryKeyValue } from "@sojourn/runtime";

const VALUES = "values";

/** Keeps values under this profile; two profiles are two travellers, also on one page. */
export function browserStorage(profile: string): KeyValue {
  let chosen: Promise<KeyValue> | undefined;
  const store = (): Promise<KeyValue> => {
    chosen ??= choose(profile);
    return chosen;
  };
  return {
    get: async (key) => (await store()).get(key),
    set: async (key, value) => (await store()).set(key, value),
    delete: async (key) => (await store()).delete(key),
  };
}

async function choose(profile: string): Promise<KeyValue> {
  const database = await openDatabase(profile);
  if (database !== undefined) return databaseStorage(database);
  const shelf = localShelf();
  return shelf === undefined ? memoryKeyValue() : shelfStorage(shelf, profile);
}

function openDatabase(profile: string): Promise<IDBDatabase | undefined> {
  return new Promise((resolve) => {
    try {
      const opening = indexedDB.open(`sojourn-traveller-${profile}`, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(VALUES);
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => resolve(undefined);
      opening.onblocked = () => resolve(undefined);
    } catch {
      resolve(undefined);
    }
  });
}

/** A transaction is over when it completed, not when its request succeeded: only then is it durable. */
function run<T>(database: IDBDatabase, mode: IDBTransactionMode, act: (values: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    try {
      const transaction = database.transaction(VALUES, mode, { durability: "strict" });
      const request = act(transaction.objectStore(VALUES));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(failed("the browser's storage gave up", transaction.error));
    } catch (error) {
      reject(failed("the browser's storage cannot be used", error));
    }
  });
}

function databaseStorage(database: IDBDatabase): KeyValue {
  return {
    async get(key) {
      checkKey(key);
      const value: unknown = await run<unknown>(database, "readonly", (values) => values.get(key));
      return value instanceof Uint8Array ? value : undefined;
    },
    async set(key, value) {
      checkKey(key);
      checkValue(value);
      await run(database, "readwrite", (values) => values.put(value.slice(), key));
    },
    async delete(key) {
      checkKey(key);
      await run(database, "readwrite", (values) => values.delete(key));
    },
  };
}

function localShelf(): Storage | undefined {
  try {
    return globalThis.localStorage ?? undefined;
  } catch {
    return undefined; // reading the property itself is refused where storage is barred
  }
}

function shelfStorage(shelf: Storage, profile: string): KeyValue {
  const nameOf = (key: string): string => `sojourn-traveller-${profile}/${key}`;
  return {
    async get(key) {
      checkKey(key);
      const text = shelf.getItem(nameOf(key));
      return text === null ? undefined : fromText(text);
    },
    async set(key, value) {
      checkKey(key);
      checkValue(value);
      try {
        shelf.setItem(nameOf(key), toText(value));
      } catch (error) {
        throw failed("the browser's storage is full or barred", error);
      }
    },
    async delete(key) {
      checkKey(key);
      shelf.removeItem(nameOf(key));
    },
  };
}

/** One character a byte: the shelf holds text alone. */
function toText(value: Uint8Array): string {
  let text = "";
  for (const byte of value) text += String.fromCharCode(byte);
  return text;
}

function fromText(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function failed(detail: string, cause: unknown): FaultError {
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  return new FaultError(fault("store-failed", "client", `${detail}${why}`.slice(0, 500)));
}
