// The rows of the item ledger and their index by holder. Used by the appliers alone.
import type { ItemRef } from "../ids.ts";
import type { Custody, ItemRow, Place } from "./custody.ts";
import { holderKey, rowOf } from "./custody.ts";

/** An impossible record: the caller has a bug or the journal is damaged. */
export function insist(isTrue: boolean, why: string): asserts isTrue {
  if (!isTrue) throw new Error(`custody: ${why}`);
}

function unlist(custody: Custody, row: ItemRow): void {
  const key = holderKey(row.place);
  const refs = custody.held.get(key);
  refs?.delete(row.id);
  if (refs?.size === 0) custody.held.delete(key);
}

function enlist(custody: Custody, row: ItemRow): void {
  const key = holderKey(row.place);
  const refs = custody.held.get(key);
  if (refs === undefined) custody.held.set(key, new Set([row.id]));
  else refs.add(row.id);
}

export function addRow(custody: Custody, row: ItemRow): void {
  insist(!custody.items.has(row.id), `${row.id} is here already`);
  custody.items.set(row.id, row);
  enlist(custody, row);
}

export function moveRow(custody: Custody, row: ItemRow, place: Place): void {
  unlist(custody, row);
  row.place = place;
  enlist(custody, row);
}

/** The row goes; what lies in it must have gone before. */
export function dropRow(custody: Custody, row: ItemRow): void {
  insist(!custody.held.has(`item ${row.id}`), `${row.id} still holds something`);
  unlist(custody, row);
  custody.items.delete(row.id);
  if (row.seal !== undefined) custody.claims.delete(row.id);
}

/** An item and everything in it, containers before their contents. */
export function itemsWithin(custody: Custody, ref: ItemRef): ItemRow[] {
  const inner = [...(custody.held.get(`item ${ref}`) ?? [])];
  return [rowOf(custody, ref), ...inner.flatMap((id) => itemsWithin(custody, id))];
}
