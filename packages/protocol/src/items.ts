// What travellers carry and what customs says of it. Shared by messages between client and world and between worlds.
import { DID_KEY_PATTERN, ITEM_KIND_PATTERN, type ItemKind, type ItemRef } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { dict, list, optional, recursive, type Scalar, type Schema, scalar, struct, type TypeOf, text, word } from "./schema.ts";

export const worldIdSchema: Schema<string> = text(64, DID_KEY_PATTERN);
export const travellerIdSchema: Schema<string> = text(64, DID_KEY_PATTERN);
/** `<number>@<world id>`, the form of item refs and transfer ids alike. */
const numbered = (): Schema<string> => text(96, /^(0|[1-9][0-9]{0,15})@did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/);
export const itemRefSchema: Schema<string> = numbered();
export const transferIdSchema: Schema<string> = numbered();
export const itemKindSchema: Schema<string> = text(32, ITEM_KIND_PATTERN);
export const contentIdSchema: Schema<string> = text(59, /^baf[ky]rei[a-z2-7]{52}$/);

/**
 * Why a thing is sealed. double-spend: it was given away twice, and this is the later copy. unregistered: its maker's register has not
 * said yet that it is here.
 */
const SEALS = ["double-spend", "unregistered"] as const;
export type Seal = (typeof SEALS)[number];
export const sealSchema: Schema<Seal> = word(...SEALS);

/** One single item. `props` are its own facts (damage, charge, text); `contents` what lies in it (a bag). */
export interface Item {
  readonly id: ItemRef;
  readonly kind: ItemKind;
  readonly props: { readonly [name: string]: Scalar };
  readonly contents: readonly Item[];
  /** Carried, and nothing more: it cannot be used while it is sealed. */
  readonly sealed?: Seal;
}

export const itemSchema: Schema<Item> = recursive<Item>("item", LIMITS.itemDepth, () =>
  struct({
    id: itemRefSchema,
    kind: itemKindSchema,
    props: dict(scalar(LIMITS.propTextBytes), LIMITS.itemProps),
    contents: list(itemSchema, LIMITS.itemsCarried),
    sealed: optional(sealSchema),
  }),
);

/**
 * What a traveller's body brings along or leaves behind besides items: numbers a world may read and clamp.
 * Position never travels; the destination places arrivals.
 */
export const bodySchema = struct({
  health: { kind: "int", min: 0, max: 255 } as Schema<number>,
  props: dict(scalar(LIMITS.propTextBytes), LIMITS.itemProps),
});
export type TravellerBody = TypeOf<typeof bodySchema>;

/**
 * Customs' word on one item (or on the traveller's body, `item` "body").
 * admit: comes in as it is · clamp: comes in with some facts bounded here (its own facts travel on unchanged)
 * refuse: stays in the locker of the world it would have left · seal: carried, unusable, can be taken out again.
 */
export const rulingSchema = struct({
  item: text(96),
  kind: text(32),
  verdict: word("admit", "clamp", "refuse", "seal"),
  reason: text(LIMITS.detailBytes),
});
export type Ruling = TypeOf<typeof rulingSchema>;

/** Every single item in a list of items, containers before their contents. */
export function flattenItems(items: readonly Item[]): Item[] {
  return items.flatMap((item) => [item, ...flattenItems(item.contents)]);
}
