// What lies in the browser's storage, and who makes room. All of it in one transaction, so that pages which share it agree on what is held.
//
//   blocks   content id → bytes
//   uses     content id → { at: last use, milliseconds since 1970; bytes }, with an index by `at`
//   sums     "held" → bytes of all blocks
import type { ContentId } from "@sojourn/protocol";
import { sameBytes } from "../blocks/node-codec.ts";
import type { Block } from "./port.ts";

export interface Tables {
  readonly blocks: IDBObjectStore;
  readonly uses: IDBObjectStore;
  readonly sums: IDBObjectStore;
}

interface Use {
  readonly at: number;
  readonly bytes: number;
}

const NAMES = ["blocks", "uses", "sums"] as const;
const HELD = "held";
/** Room is made for more than one block, so that not every block has to make some. */
const KEPT_SHARE = 0.9;

export function tablesOf(database: IDBDatabase, mode: IDBTransactionMode): readonly [IDBTransaction, Tables] {
  const transaction = database.transaction(NAMES, mode);
  return [transaction, tablesIn(transaction)];
}

function tablesIn(transaction: IDBTransaction): Tables {
  const [blocks, uses, sums] = NAMES.map((name) => transaction.objectStore(name)) as [IDBObjectStore, IDBObjectStore, IDBObjectStore];
  return { blocks, uses, sums };
}

/** Makes the tables in a new database; in one that had blocks alone, counts them. */
export function makeTables({ result: database, transaction }: IDBOpenDBRequest): void {
  const isOld = database.objectStoreNames.contains("blocks");
  for (const name of NAMES) if (!database.objectStoreNames.contains(name)) database.createObjectStore(name);
  const tables = tablesIn(transaction as IDBTransaction);
  tables.uses.createIndex("at", "at");
  if (!isOld) return;
  let held = 0;
  each(tables.blocks.openCursor(), (cursor) => {
    const bytes = cursor.value instanceof Uint8Array ? cursor.value.length : 0;
    held += bytes;
    tables.uses.put({ at: 0, bytes } satisfies Use, cursor.primaryKey);
    tables.sums.put(held, HELD);
    return true;
  });
}

/** Writes a block and, where more than `maxBytes` would be held then, drops those that were not used for longest. */
export function keep(tables: Tables, { cid, bytes }: Block, nowMs: number, maxBytes: number): IDBRequest<number> {
  const { blocks, uses, sums } = tables;
  withHeld(tables, cid, (held, before) => {
    const sum = held - before + bytes.length;
    blocks.put(bytes, cid);
    uses.put({ at: nowMs, bytes: bytes.length } satisfies Use, cid);
    if (sum <= maxBytes) sums.put(sum, HELD);
    else makeRoom(tables, cid, sum, maxBytes * KEPT_SHARE);
  });
  return uses.count();
}

function makeRoom({ blocks, uses, sums }: Tables, spared: ContentId, sum: number, toBytes: number): void {
  let held = sum;
  each(uses.index("at").openCursor(), (cursor) => {
    if (cursor.primaryKey !== spared) {
      held -= (cursor.value as Use).bytes;
      blocks.delete(cursor.primaryKey);
      uses.delete(cursor.primaryKey);
      sums.put(held, HELD);
    }
    return held > toBytes;
  });
}

export function drop(tables: Tables, cid: ContentId): IDBRequest<number> {
  const { blocks, uses, sums } = tables;
  withHeld(tables, cid, (held, before) => {
    blocks.delete(cid);
    uses.delete(cid);
    sums.put(Math.max(0, held - before), HELD);
  });
  return uses.count();
}

/** Takes a block out whose bytes are still the wrong ones that were read: another page, or this one, may have healed it since. */
export function dropDamaged(tables: Tables, cid: ContentId, wrong: Uint8Array): IDBRequest<unknown> {
  const kept: IDBRequest<unknown> = tables.blocks.get(cid);
  kept.onsuccess = () => {
    const isHealed = kept.result instanceof Uint8Array && !sameBytes(kept.result, wrong);
    if (!isHealed) drop(tables, cid);
  };
  return kept;
}

export function noteUse({ uses }: Tables, cid: ContentId, nowMs: number): IDBRequest<Use | undefined> {
  const known: IDBRequest<Use | undefined> = uses.get(cid);
  known.onsuccess = () => {
    if (known.result !== undefined) uses.put({ ...known.result, at: nowMs }, cid);
  };
  return known;
}

/** What all blocks take, and what this one takes of it. */
function withHeld({ uses, sums }: Tables, cid: ContentId, then: (held: number, ofThis: number) => void): void {
  const known: IDBRequest<Use | undefined> = uses.get(cid);
  const sum: IDBRequest<number | undefined> = sums.get(HELD);
  sum.onsuccess = () => then(sum.result ?? 0, known.result?.bytes ?? 0);
}

/** Goes along a cursor for as long as `step` says so. */
function each(request: IDBRequest<IDBCursorWithValue | null>, step: (cursor: IDBCursorWithValue) => boolean): void {
  request.onsuccess = () => {
    const cursor = request.result;
    if (cursor !== null && step(cursor)) cursor.continue();
  };
}
