// What an author writes: one description of a world over a Tiled map. Plain data and small functions; the kinds and components named
// here are known to the type checker in every hook. A hook that returns a sentence refuses what was asked, with that sentence.
import type { ImportRules } from "@sojourn/passport";
import type { Manifest, PhysicsConfig, Quota, Scalar, Tier } from "@sojourn/protocol";
import type {
  ChatMoment,
  EnterMoment,
  IntentMoment,
  ItemMoment,
  LeaveMoment,
  Moment,
  ThingMoment,
  TouchMoment,
  ZoneMoment,
} from "./moments.ts";

export type ComponentType = Manifest["components"][number]["type"];
/** Component name → its type: `{ lit: "bool", servings: "u8" }`. */
export interface ComponentTypes {
  readonly [name: string]: ComponentType;
}
export type ComponentValue<T extends ComponentType> = T extends "bool" ? boolean : T extends "text" ? string : number;
export type ComponentValues<C extends ComponentTypes> = { readonly [N in keyof C]?: ComponentValue<C[N]> };

/** The names a world's own definition introduces. */
export interface Kinds {
  readonly components: ComponentTypes;
  readonly item: string;
  readonly thing: string;
}

/** A sentence refuses, nothing lets it happen. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that says nothing has no return at all.
export type Answer = string | void | undefined;

/** Facts of an item: numbers, texts, truths. */
export interface Facts {
  readonly [name: string]: Scalar;
}

/** How a new item travels. */
export interface Minting {
  /**
   * local: never leaves this world. declared (when not given): on the word of whoever hands it over. provenance: with papers that follow it
   * from hand to hand, so that giving it away twice is proven. registered: with papers, and this world keeps a register of who holds it: no two
   * honest worlds have it in use at once. While this world is closed, it is carried sealed wherever it newly arrives.
   */
  readonly tier?: Tier;
  /** With papers: facts that other worlds may change. This world vouches for all the others. */
  readonly changing?: readonly string[];
}

/** What an item becomes when a traveller places it: a static object of the world, for good. */
export interface PlaceDefinition {
  /** The word on the button; "Place" when not given. */
  readonly label?: string;
  /** A tile class of the map's tilesets; the item's own sprite when not given. */
  readonly sprite?: string;
  /** Nobody walks through it. */
  readonly solid?: boolean;
  /** The one who places it may write on it. */
  readonly text?: boolean;
  /** Units; 1 when not given. */
  readonly width?: number;
  readonly height?: number;
}

export interface ItemDefinition<K extends Kinds> {
  readonly title: string;
  /** A tile class of the map's tilesets. */
  readonly sprite: string;
  readonly about?: string;
  /** Facts every new one begins with. */
  readonly facts?: Facts;
  /** The word on the button; "Use" when there is an onUse and no word. */
  readonly use?: string;
  onUse?(ctx: ItemMoment<K>): Answer;
  readonly place?: PlaceDefinition | true;
}

export interface ThingDefinition<K extends Kinds> {
  readonly title: string;
  /** A tile class of the map's tilesets; or a figure that clients have and let walk: traveller, innkeeper, guard, skeleton, cat, rat; "" for none. */
  readonly sprite: string;
  readonly solid?: boolean;
  /** Units; 1 when not given. */
  readonly width?: number;
  readonly height?: number;
  /** What its components begin with. */
  readonly components?: ComponentValues<K["components"]>;
  /** The word on the button; "Interact" when there is an onInteract and no word. */
  readonly interact?: string;
  /** A traveller within reach interacts with it. */
  onInteract?(ctx: ThingMoment<K>): Answer;
  /** A traveller begins to touch it. */
  onTouch?(ctx: TouchMoment<K>): void;
  /** Every tick, for each one; keep it small. */
  onTick?(ctx: Moment<K> & { readonly target: ThingMoment<K>["target"] }): void;
}

/** A thing a born traveller begins with. */
export type KitItem<I extends string> = I | { readonly kind: I; readonly facts?: Facts };

/** How a zone of class `portal` on the map leads on. What is not said here comes from the zone's own properties `to` and `label`. */
export interface PortalDefinition {
  readonly label?: string;
  /** A peer's name or world id, as the operator pinned it. */
  readonly to?: string;
}

export interface WorldDefinition<
  C extends ComponentTypes = ComponentTypes,
  I extends string = string,
  T extends string = string,
  K extends Kinds = { readonly components: C; readonly item: I; readonly thing: T },
> {
  readonly name: string;
  readonly about?: string;
  /** A Tiled map, `.tmj` or `.tmx`: `new URL("./tavern.tmj", import.meta.url)`, or a path, which `sojourn serve` reads beside the module. */
  readonly map: URL | string;
  /** Whether a traveller without a passport may be born here. "open" when not given. */
  readonly entry?: "open" | "portal-only";
  /** Travellers at once. */
  readonly capacity?: number;
  /** A traveller's full health, at most 255. 100 when not given. */
  readonly health?: number;
  /** How one moves, sees and reaches; what is not given has a good default. */
  readonly physics?: Partial<PhysicsConfig>;
  /**
   * What of this world others may keep and serve. "builds" when not given. Whoever plays in it is given every block they see, also with
   * "none": that lets nobody else pass them on, and hides nothing.
   */
  readonly archive?: Manifest["archive"];
  /** What was built is kept by others no sooner than so many minutes later, at most a year. 0 when not given. */
  readonly archiveDelayMinutes?: number;
  readonly components?: C;
  readonly items?: { readonly [N in I]: ItemDefinition<K> };
  /** Kinds of things in the live world. A zone of the map whose class is such a kind brings one. */
  readonly things?: { readonly [N in T]: ThingDefinition<K> };
  /** What a traveller who is born here carries. */
  readonly kit?: readonly KitItem<NoInfer<I>>[];
  /** By the name of the map's portal zone. */
  readonly portals?: { readonly [zone: string]: PortalDefinition };
  /** What is let in, by the origin's name (as the operator pinned it) or world id; "*" for every other origin. Nothing given: nothing is let in. */
  readonly customs?: { readonly [origin: string]: ImportRules };
  /** How much is taken of one world's things, whoever carries them: by that world's name or id; "*" for every other world. */
  readonly quotas?: { readonly [world: string]: readonly Quota[] };

  /** Once, when the world opens. Things the map brings stand already. */
  onStart?(ctx: Moment<K>): void;
  /** A traveller comes into the world: born, arrived, or back from rest. */
  onEnter?(ctx: EnterMoment<K>): void;
  /** A traveller leaves: to another world, or to rest. */
  onLeave?(ctx: LeaveMoment<K>): void;
  /** Before any intent but moving is carried out. */
  onIntent?(ctx: IntentMoment<K>): Answer;
  /** Before words are heard. */
  onChat?(ctx: ChatMoment<K>): Answer;
  /** A traveller walks into or out of a named zone of the map. */
  onZone?(ctx: ZoneMoment<K>): void;
  /** Every tick; keep it small. */
  onTick?(ctx: Moment<K>): void;
}

/**
 * Describes a world. Checks what the type checker cannot (names, numbers, sizes) and throws an Error that says what to change.
 * The result is handed to `openWorld`, or exported from a module that `sojourn serve` is pointed at.
 */
export type DefineWorld = <
  const C extends ComponentTypes = Record<never, never>,
  const I extends string = never,
  const T extends string = never,
>(
  definition: WorldDefinition<C, I, T>,
) => WorldDefinition<C, I, T>;
