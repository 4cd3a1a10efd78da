// What hooks are handed: a moment of the world. It is good until the hook returns and not an instant longer; kept for later, it throws.
// Everything done through it happens in this tick, on the tick's own state, before anybody is told of it.
import type { Intent, Item, ItemRef, TravellerId, WorldId } from "@sojourn/protocol";
import type { ComponentValue, ComponentValues, Facts, Kinds, Minting } from "./definition.ts";

/** A point of the world in units: x right, y down. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** A named area the author drew on the map, in units. */
export interface Area {
  readonly name: string;
  readonly class: string;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly properties: { readonly [name: string]: unknown };
  contains(spot: Spot): boolean;
}

export type Tone = "info" | "good" | "warn";

/** Something in the live world. */
export interface Entity<K extends Kinds> extends Spot {
  readonly id: number;
  /** Its kind: a thing kind, `traveller`, `item.<kind>` on the ground, `build.<kind>`. */
  readonly kind: string;
  /** What is written over it; at most 48 bytes, cut at that. */
  name: string;
  /** 256ths of a turn: 0 right, 64 down, 128 left, 192 up. */
  facing: number;
  /** The author's own number, 0 to 255, shown to clients. */
  state: number;
  get<N extends keyof K["components"]>(component: N): ComponentValue<K["components"][N]>;
  set<N extends keyof K["components"]>(component: N, value: ComponentValue<K["components"][N]>): void;
  /** Puts it somewhere else at once, through walls. */
  moveTo(spot: Spot): void;
  /** One tick of walking towards a spot with the world's own collision; true when it stands there. */
  walkTo(spot: Spot, speed?: number): boolean;
  distanceTo(spot: Spot): number;
  /** Words over its head, heard within the chat range. */
  say(words: string): void;
  /** A short visible effect, by a name that clients know (`spark`, `splash`, `cheer`, `hurt`, `heal`, `poof`) or show as nothing. */
  effect(name: string): void;
  /** Takes a thing out of the world. Travellers, items and builds do not go this way. */
  despawn(): void;
}

/** A traveller who is in the world now. */
export interface Traveller<K extends Kinds> extends Entity<K> {
  readonly key: TravellerId;
  /** The world they were born in. */
  readonly home: WorldId;
  /** What they carry, with this world's bounds laid over the facts. */
  readonly items: readonly Item[];
  readonly health: number;
  /** Whether they carry one that can be used. */
  has(kind: string): boolean;
  /** Makes a new item of this world's own and puts it in their hands; undefined when they carry as much as one may. */
  give(kind: K["item"], facts?: Facts, minting?: Minting): Item | undefined;
  /** Hands over an item this world keeps in a fixture or on the ground. False when their hands are full. */
  receive(item: ItemRef): boolean;
  /** Takes one of their items into a named fixture of this world (a chest, a cloakroom). False when they do not carry it, or it is sealed. */
  take(item: ItemRef, fixture: string): boolean;
  /** Shows one of their items in their hand; undefined: nothing. */
  hold(item: ItemRef | undefined): void;
  damage(points: number): void;
  heal(points: number): void;
  /** A private notice. */
  tell(words: string, tone?: Tone): void;
  /** Sends them through a portal, as if they had walked into it. */
  cross(portal: string): void;
}

/** Numbers, texts, truths, lists and maps of them: what a world can remember. */
export type Memory = string | number | boolean | null | readonly Memory[] | { readonly [name: string]: Memory };

/** A moment of the world. */
export interface Moment<K extends Kinds> {
  readonly world: { readonly id: WorldId; readonly name: string };
  readonly tick: number;
  /** Milliseconds since 1970. The same all through a tick. */
  readonly timeMs: number;
  /** [0, 1), from the world's own seed and tick. */
  random(): number;
  spawn(kind: K["thing"], at: Spot & { readonly name?: string; readonly components?: ComponentValues<K["components"]> }): Entity<K>;
  entity(id: number): Entity<K> | undefined;
  /** All entities, or all of a kind, oldest first. */
  entities(kind?: K["thing"] | (string & {})): Entity<K>[];
  travellers(): Traveller<K>[];
  /** Entities whose centre is within `radius` units, nearest first. */
  near(spot: Spot, radius: number): Entity<K>[];
  /** A zone of the map by name; all zones of a class. */
  area(name: string): Area | undefined;
  areas(zoneClass?: string): Area[];
  /** Whether a body could stand there. */
  isFree(spot: Spot): boolean;
  /** A new item of this world's own on the ground. */
  mint(kind: K["item"], at: Spot, facts?: Facts, minting?: Minting): Item;
  /** Ends an item for good. */
  burn(item: ItemRef, why: string): void;
  /** Changes an item's facts; what is not named stays. */
  alter(item: ItemRef, facts: Facts): void;
  /** What lies in a named fixture. */
  fixture(name: string): Item[];
  /** A new item in a named fixture. */
  stock(fixture: string, kind: K["item"], facts?: Facts, minting?: Minting): Item;
  /** What was remembered under this name; survives restarts and crashes. */
  recall(name: string): Memory | undefined;
  /** Remembers for good; null forgets. At most 4,096 bytes as JSON. */
  remember(name: string, value: Memory): void;
  effect(name: string, at: Entity<K>): void;
  /** A notice to everybody here. */
  announce(words: string, tone?: Tone): void;
  /** A line in the operator's log. */
  log(words: string, fields?: { readonly [name: string]: string | number | boolean }): void;
}

interface Doer<K extends Kinds> {
  readonly traveller: Traveller<K>;
}

export interface EnterMoment<K extends Kinds> extends Moment<K>, Doer<K> {
  /** born: new here · arrived: from another world · back: from rest, or given back by a crossing. */
  readonly how: "born" | "arrived" | "back";
  /** The name of the world they came from. */
  readonly from: string | undefined;
}

export interface LeaveMoment<K extends Kinds> extends Moment<K>, Doer<K> {
  readonly how: "crossed" | "rest";
  /** The name of the world they went to. */
  readonly to: string | undefined;
}

export interface IntentMoment<K extends Kinds> extends Moment<K>, Doer<K> {
  readonly intent: Intent;
}

export interface ChatMoment<K extends Kinds> extends Moment<K>, Doer<K> {
  readonly text: string;
}

export interface ItemMoment<K extends Kinds> extends Moment<K>, Doer<K> {
  readonly item: Item;
  /** What it is used on, within reach; undefined: nothing in particular. */
  readonly target: Entity<K> | undefined;
}

export interface ThingMoment<K extends Kinds> extends Moment<K>, Doer<K> {
  readonly target: Entity<K>;
}

export interface TouchMoment<K extends Kinds> extends Moment<K>, Doer<K> {
  readonly target: Entity<K>;
}

export interface ZoneMoment<K extends Kinds> extends Moment<K>, Doer<K> {
  readonly zone: Area;
  readonly entered: boolean;
}
