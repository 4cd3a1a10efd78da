// The kinds of a world, numbered once when it opens: what the manifest lists and what a row's `look` and `holding` point into.
import type { ComponentDeclaration, EntityKindInfo, ItemKindInfo, PhysicsConfig } from "@sojourn/protocol";
import type { ItemDefinition, Kinds, PlaceDefinition, ThingDefinition } from "../author/definition.ts";
import type { AnyDefinition } from "../options.ts";

export type AnyItem = ItemDefinition<Kinds>;
export type AnyThing = ThingDefinition<Kinds>;

export const TRAVELLER_KIND = "traveller";
/** Lying items of kinds this world has no picture of. */
export const OTHER_ITEM_KIND = "item.other";

export interface KindTable {
  readonly entityKinds: readonly EntityKindInfo[];
  readonly itemKinds: readonly ItemKindInfo[];
  readonly components: readonly ComponentDeclaration[];
  readonly items: ReadonlyMap<string, AnyItem>;
  readonly things: ReadonlyMap<string, AnyThing>;
  /** Index into entityKinds; a kind that is not there is a bug. */
  lookOf(kind: string): number;
  /** What a lying item of this kind looks like. */
  lookOfItem(kind: string): number;
  /** 1 + index into itemKinds, 0 for a kind this world does not know. */
  holdingOf(kind: string | undefined): number;
}

export function kindTable(definition: AnyDefinition, physics: PhysicsConfig): KindTable {
  const items = new Map(Object.entries(definition.items ?? {})) as ReadonlyMap<string, AnyItem>;
  const things = new Map(Object.entries(definition.things ?? {})) as ReadonlyMap<string, AnyThing>;
  const itemKinds = [...items].map(([kind, item]) => itemInfo(kind, item));
  const entityKinds: EntityKindInfo[] = [
    { kind: TRAVELLER_KIND, title: "Traveller", sprite: "traveller", solid: false, width: physics.bodyWidth, height: physics.bodyHeight },
    lyingItem(OTHER_ITEM_KIND, "Something", "item"),
  ];
  for (const [kind, item] of items) {
    entityKinds.push(lyingItem(`item.${kind}`, item.title, item.sprite));
    const place = placeOf(item);
    if (place !== undefined) entityKinds.push(builtKind(kind, item, place));
  }
  for (const [kind, thing] of things) {
    entityKinds.push(thingInfo(kind, thing, thing.sprite));
    // The same thing where the map has drawn it already: it can be acted on, and is not drawn twice.
    entityKinds.push(thingInfo(unseenKind(kind), thing, ""));
  }
  const looks = new Map(entityKinds.map((info, index) => [info.kind, index]));
  const holdings = new Map(itemKinds.map((info, index) => [info.kind, index + 1]));
  const lookOf = (kind: string): number => {
    const look = looks.get(kind);
    if (look === undefined) throw new Error(`no entity kind "${kind}"`);
    return look;
  };
  return {
    entityKinds,
    itemKinds,
    components: Object.entries(definition.components ?? {}).map(([name, type]) => ({ name, type })),
    items,
    things,
    lookOf,
    lookOfItem: (kind) => lookOf(items.has(kind) ? `item.${kind}` : OTHER_ITEM_KIND),
    holdingOf: (kind) => (kind === undefined ? 0 : (holdings.get(kind) ?? 0)),
  };
}

export function unseenKind(kind: string): string {
  return `${kind}.unseen`;
}

export function placeOf(item: AnyItem | undefined): PlaceDefinition | undefined {
  return item?.place === true ? {} : item?.place;
}

function itemInfo(kind: string, item: AnyItem): ItemKindInfo {
  const use = item.onUse === undefined ? {} : { use: item.use ?? "Use" };
  const placeable = placeOf(item);
  const place = placeable === undefined ? {} : { place: placeable.label ?? "Place" };
  return { kind, title: item.title, sprite: item.sprite, about: item.about ?? "", ...use, ...place };
}

function lyingItem(kind: string, title: string, sprite: string): EntityKindInfo {
  return { kind, title, sprite, solid: false, width: 0.5, height: 0.5, interact: "Pick up" };
}

function builtKind(kind: string, item: AnyItem, place: PlaceDefinition): EntityKindInfo {
  return {
    kind: `build.${kind}`,
    title: item.title,
    sprite: place.sprite ?? item.sprite,
    solid: place.solid ?? false,
    width: place.width ?? 1,
    height: place.height ?? 1,
    ...(place.text === true ? { interact: "Read" } : {}),
  };
}

function thingInfo(kind: string, thing: AnyThing, sprite: string): EntityKindInfo {
  const interact = thing.onInteract === undefined ? {} : { interact: thing.interact ?? "Interact" };
  return { kind, title: thing.title, sprite, solid: thing.solid ?? false, width: thing.width ?? 1, height: thing.height ?? 1, ...interact };
}
