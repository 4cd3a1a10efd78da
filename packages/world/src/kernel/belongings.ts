// Items in the live world: made, handed over, picked up, dropped, ended. Every change is a record of the ledger first, and what is
// seen of it follows. Callers ask first whether it may be; a record that cannot happen is a bug.
import {
  effectiveProps,
  FIELD,
  flattenItems,
  type Item,
  type ItemRef,
  itemsOf,
  itemTree,
  LIMITS,
  lockerOf,
  nextItemRef,
  outermostPlace,
  type Place,
  type Point,
  snap,
  type TravellerId,
} from "@sojourn/protocol";
import type { Facts, Minting } from "../author/definition.ts";
import { WORLD_LIMITS } from "../limits.ts";
import type { Stage } from "./stage.ts";

/** What a traveller carries, as this world reads it: bounds of customs laid over the facts. */
export function carriedItems(stage: Stage, traveller: TravellerId): Item[] {
  return itemsOf(stage.custody, traveller).map((item) => readHere(stage, item));
}

export function lockerItems(stage: Stage, traveller: TravellerId): Item[] {
  return lockerOf(stage.custody, traveller).slice(0, LIMITS.lockerItems);
}

export function fixtureItems(stage: Stage, name: string): Item[] {
  const found: Item[] = [];
  for (const row of stage.custody.items.values()) {
    if (row.place.in === "fixture" && row.place.name === name) found.push(readHere(stage, itemTree(stage.custody, row.id)));
  }
  return found;
}

function readHere(stage: Stage, item: Item): Item {
  const clamps = stage.custody.items.get(item.id)?.clamps ?? [];
  const contents = item.contents.map((inner) => readHere(stage, inner));
  return { ...item, props: effectiveProps(item, clamps), contents };
}

/** An item as this world reads it; undefined when it is not in this world's custody or on its way out. */
export function itemHere(stage: Stage, ref: ItemRef): Item | undefined {
  const row = stage.custody.items.get(ref);
  if (row === undefined || outermostPlace(stage.custody, ref).in === "escrow") return undefined;
  return readHere(stage, itemTree(stage.custody, ref));
}

/** Whether a traveller carries an item, in the hand or in something they carry. */
export function carries(stage: Stage, traveller: TravellerId, ref: ItemRef): boolean {
  if (!stage.custody.items.has(ref)) return false;
  const place = outermostPlace(stage.custody, ref);
  return place.in === "inventory" && place.of === traveller;
}

/** Whether they can carry so many more, contents counted. */
export function canCarry(stage: Stage, traveller: TravellerId, more: number): boolean {
  return flattenItems(itemsOf(stage.custody, traveller)).length + more <= LIMITS.itemsCarried;
}

/** Whether something more may be put down there. */
export function canLie(stage: Stage, at: Point): boolean {
  return stage.lying.size < WORLD_LIMITS.lying && stage.entities.countAt({ x: snap(at.x), y: snap(at.y) }) < WORLD_LIMITS.lyingPerCell;
}

/** A new item of this world's own. The kind is one of its kinds. */
export function mintItem(stage: Stage, kind: string, place: Place, facts: Facts = {}, { tier, changing = [] }: Minting = {}): Item {
  const first = stage.options.kinds.items.get(kind)?.facts ?? {};
  const item: Item = { id: nextItemRef(stage.custody), kind, props: { ...first, ...facts }, contents: [] };
  const fixed = tier === "provenance" || tier === "registered" ? Object.keys(item.props).filter((name) => !changing.includes(name)) : [];
  stage.options.ledger.write({ r: "mint", item, place, ...(tier === undefined ? {} : { tier }), ...(fixed.length === 0 ? {} : { fixed }) });
  seen(stage, item.id, undefined);
  return item;
}

/** Puts an item somewhere else in this world. */
export function putItem(stage: Stage, ref: ItemRef, place: Place): void {
  const before = outermostPlace(stage.custody, ref);
  stage.options.ledger.write({ r: "own", item: ref, place });
  seen(stage, ref, before);
}

export function burnItem(stage: Stage, ref: ItemRef, why: string): void {
  const before = outermostPlace(stage.custody, ref);
  stage.options.ledger.write({ r: "burn", item: ref, why });
  unseen(stage, ref, before);
}

export function alterItem(stage: Stage, ref: ItemRef, facts: Facts): void {
  const row = stage.custody.items.get(ref);
  if (row === undefined) return;
  const fixed = Object.keys(facts).find(
    (name) => row.fixed?.includes(name) === true && row.from !== undefined && facts[name] !== row.props[name],
  );
  if (fixed !== undefined) throw new Error(`${fixed} of ${ref} is what its maker vouches for; only its maker can change it`);
  stage.options.ledger.write({ r: "alter", item: ref, props: { ...row.props, ...facts } });
  const place = outermostPlace(stage.custody, ref);
  if (place.in === "inventory") stage.changedThings.add(place.of);
}

/** After an item changed place: shows it where it lies, takes it from where it lay, and tells who had and has it. */
function seen(stage: Stage, ref: ItemRef, before: Place | undefined): void {
  if (before !== undefined) unseen(stage, ref, before);
  const place = outermostPlace(stage.custody, ref);
  if (place.in === "inventory") stage.changedThings.add(place.of);
  const row = stage.custody.items.get(ref);
  if (row?.place.in === "ground") showLying(stage, ref, row.kind, row.place);
}

/** After an item left a place: it is not seen there any more. */
export function unseen(stage: Stage, ref: ItemRef, before: Place): void {
  const entity = stage.lying.get(ref);
  if (entity !== undefined) {
    stage.entities.remove(entity);
    stage.lying.delete(ref);
  }
  if (before.in !== "inventory") return;
  stage.changedThings.add(before.of);
  const avatar = stage.avatars.get(before.of);
  if (avatar?.held === ref) {
    avatar.held = undefined;
    stage.entities.write(avatar.entity, FIELD.holding, 0);
  }
}

/** The entity of an item that lies on the ground. */
export function showLying(stage: Stage, ref: ItemRef, kind: string, at: Point): void {
  const look = stage.options.kinds.lookOfItem(kind);
  const entityKind = stage.options.kinds.entityKinds[look]?.kind ?? "";
  const name = stage.options.kinds.items.has(kind) ? "" : kind;
  const info = stage.entities.spawn({ is: "item", item: ref, kind }, entityKind, { x: snap(at.x), y: snap(at.y) }, name);
  if (info === undefined) stage.options.log.warn("too many entities", { item: ref });
  else stage.lying.set(ref, info.id);
}

/** Shows an item in its carrier's hand, or nothing. */
export function holdItem(stage: Stage, traveller: TravellerId, ref: ItemRef | undefined): void {
  const avatar = stage.avatars.get(traveller);
  if (avatar === undefined) return;
  const kind =
    ref === undefined || !carries(stage, traveller, ref) || stage.custody.items.get(ref)?.seal !== undefined
      ? undefined
      : stage.custody.items.get(ref)?.kind;
  avatar.held = kind === undefined ? undefined : ref;
  stage.entities.write(avatar.entity, FIELD.holding, stage.options.kinds.holdingOf(kind));
}
