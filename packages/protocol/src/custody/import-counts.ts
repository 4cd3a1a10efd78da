// How many things came in lately, by the world that answers for them and by kind: a part of custody, changed by admissions alone.
// Counted in slots of five minutes. Bounded: when there is no room for one more count, it goes into one that weighs on every quota.
import type { ItemKind, WorldId } from "../ids.ts";
import { CUSTODY } from "../limits.ts";

/** So many came in during this slot. */
interface Slot {
  readonly slot: number;
  n: number;
}

export type ImportCounts = Map<WorldId, Map<ItemKind, Slot[]>>;
/** World, kind, slot, count. */
export type CountedImports = readonly [WorldId, ItemKind, number, number];

/** What could not be counted by itself. */
const ANY = "*";

function slotOf(timeMs: number): number {
  return Math.floor(timeMs / CUSTODY.importSlotMs);
}

function isRecent(slot: number, now: number): boolean {
  return slot > now - CUSTODY.importSlots;
}

export function countImport(counts: ImportCounts, world: WorldId, kind: ItemKind, timeMs: number): void {
  const now = slotOf(timeMs);
  if (counts.get(world)?.get(kind) === undefined && sizeOf(counts) >= CUSTODY.importCounts) {
    dropOld(counts, now);
    if (sizeOf(counts) >= CUSTODY.importCounts) [world, kind] = [ANY, ANY];
  }
  const kinds = counts.get(world) ?? new Map<ItemKind, Slot[]>();
  const slots = (kinds.get(kind) ?? []).filter(({ slot }) => isRecent(slot, now));
  const last = slots.at(-1);
  if (last?.slot === now) last.n += 1;
  else slots.push({ slot: now, n: 1 });
  kinds.set(kind, slots);
  counts.set(world, kinds);
}

function sizeOf(counts: ImportCounts): number {
  let size = 0;
  for (const kinds of counts.values()) size += kinds.size;
  return size;
}

function dropOld(counts: ImportCounts, now: number): void {
  for (const [world, kinds] of counts) {
    for (const [kind, slots] of kinds) if (!slots.some(({ slot }) => isRecent(slot, now))) kinds.delete(kind);
    if (kinds.size === 0) counts.delete(world);
  }
}

/** How many of this kind ("*": of any) came in during the last hour, at least. */
export function importsLately(counts: ImportCounts, world: WorldId, kind: ItemKind | "*", timeMs: number): number {
  const now = slotOf(timeMs);
  const sum = (slots: readonly Slot[] | undefined): number =>
    (slots ?? []).reduce((total, { slot, n }) => (isRecent(slot, now) ? total + n : total), 0);
  const uncounted = sum(counts.get(ANY)?.get(ANY));
  const kinds = counts.get(world);
  if (kind !== "*") return uncounted + sum(kinds?.get(kind));
  return [...(kinds?.values() ?? [])].reduce((total, slots) => total + sum(slots), uncounted);
}

export function listImports(counts: ImportCounts): CountedImports[] {
  return [...counts].flatMap(([world, kinds]) =>
    [...kinds].flatMap(([kind, slots]) => slots.map(({ slot, n }): CountedImports => [world, kind, slot, n])),
  );
}

export function restoreImports(counts: ImportCounts, listed: readonly CountedImports[]): void {
  for (const [world, kind, slot, n] of listed) {
    const kinds = counts.get(world) ?? new Map<ItemKind, Slot[]>();
    counts.set(world, kinds.set(kind, [...(kinds.get(kind) ?? []), { slot, n }]));
  }
}
