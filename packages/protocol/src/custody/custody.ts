// Who holds each traveller and each item now. Custody is a plain state that only applyRecord (apply.ts) changes, from journal records;
// everything else reads it. Every item is in exactly one place.

import type { FaultCode } from "../fault.ts";
import type { ContentId, ItemKind, ItemRef, TransferId, TravellerId, WorldId } from "../ids.ts";
import { formatNumbered } from "../ids.ts";
import type { Item, Seal, TravellerBody } from "../items.ts";
import { itemRefSchema, transferIdSchema, travellerIdSchema } from "../items.ts";
import type { Scalar, Schema } from "../schema.ts";
import { choice, real, struct, text } from "../schema.ts";
import type { Clamp, ListedKey, Tier } from "./claims.ts";
import type { ImportCounts } from "./import-counts.ts";
import { emptyMemory, type Memory } from "./memory.ts";
import type { EvidenceTier, Papers } from "./papers.ts";
import type { DoubleSpend, SeenLink } from "./seen-links.ts";

/** Where an item is. Items in a container go where the container goes. */
export type Place =
  | { readonly in: "inventory"; readonly of: TravellerId }
  | { readonly in: "locker"; readonly of: TravellerId }
  | { readonly in: "escrow"; readonly of: TransferId }
  | { readonly in: "item"; readonly item: ItemRef }
  | { readonly in: "ground"; readonly x: number; readonly y: number }
  | { readonly in: "fixture"; readonly name: string };

const position = real(-1_048_576, 1_048_576);
export const placeSchema: Schema<Place> = choice("in", {
  inventory: struct({ of: travellerIdSchema }),
  locker: struct({ of: travellerIdSchema }),
  escrow: struct({ of: transferIdSchema }),
  item: struct({ item: itemRefSchema }),
  ground: struct({ x: position, y: position }),
  fixture: struct({ name: text(96) }),
});

export interface ItemRow {
  readonly id: ItemRef;
  readonly kind: ItemKind;
  props: { readonly [name: string]: Scalar };
  place: Place;
  /** How often custody has changed hands. */
  hop: number;
  readonly tier: Tier;
  /** What this world's customs lays over its facts while it is here. */
  readonly clamps: readonly Clamp[];
  /** The world that handed it over; absent for what was made here. */
  readonly from?: WorldId;
  /** Evidenced things: the facts their maker vouches for, and, away from it, their papers. */
  fixed?: readonly string[];
  papers?: Papers;
  /** Why it cannot be used now. */
  seal?: Seal;
}

/** here: live or resting in this world · escrow: left, not yet known to have arrived · away: in the custody of another world. */
export type Whereabouts = "here" | "escrow" | "away";

export interface Resident {
  readonly traveller: TravellerId;
  name: string;
  /** The world this traveller was born in. */
  home: WorldId;
  status: Whereabouts;
  hop: number;
  body: TravellerBody;
  /** Where they stood when last put to rest or departed; absent after an arrival that was never put to rest. */
  x?: number;
  y?: number;
  /** The departure that is open (escrow). */
  transfer?: TransferId;
  /** Where they are in transit to, or went. */
  awayTo?: WorldId;
  /** The transfer that last brought them here, and from which world. */
  arrived?: TransferId;
  from?: WorldId;
}

/** A departure that is not resolved: the traveller and the listed things are in escrow. */
export interface Departure {
  readonly transfer: TransferId;
  readonly n: number;
  readonly to: WorldId;
  readonly traveller: TravellerId;
  /** The passport, byte for byte as it was and will be sent. */
  readonly passport: string;
  readonly hash: string;
  readonly items: readonly ItemRef[];
  /** What customs kept from leaving, and where it was before. */
  readonly kept: readonly { readonly item: ItemRef; readonly was: Place }[];
  readonly departedMs: number;
  readonly exp: number;
}

/** A departure that this world's operator resolved without the destination's word: they were taken back. */
export interface Overridden {
  readonly transfer: TransferId;
  readonly n: number;
  readonly to: WorldId;
  readonly traveller: TravellerId;
  readonly hash: string;
  readonly items: readonly ItemRef[];
  readonly departedMs: number;
  readonly atMs: number;
  readonly by: string;
  readonly why: string;
  /** How often the destination had been asked, and the last that was heard instead of an answer. */
  readonly asked: number;
  readonly heard: string;
  /** The destination's signed word, which came after all: a receipt says that they are in two places, a refusal that they are not. */
  word?: { readonly says: "receipt" | "refusal"; readonly proof: string; readonly atMs: number };
}

/** A transfer to this world that is decided. The decision never changes. */
export interface Arrival {
  readonly transfer: TransferId;
  readonly origin: WorldId;
  readonly n: number;
  readonly decision: "admitted" | "refused";
  readonly decidedMs: number;
  readonly seq: number;
  /** After this the passport is past its time in any case. */
  readonly exp: number;
  /** Hash of the passport; "" when the transfer was refused without one. */
  readonly hash: string;
  readonly traveller: TravellerId | "";
  readonly code: FaultCode | "";
  readonly reason: string;
  /** The incarnation of this world that stands behind the decision. */
  readonly epoch: number;
}

/** Something travellers built; from the next substrate version on it is part of the static world. */
export interface Build {
  readonly id: string;
  readonly object: { readonly [key: string]: Scalar };
  /** The substrate version that first holds it. */
  version?: ContentId;
  /** The world went back to a version that it is not in; it comes again when the world goes forward. */
  isGone?: true;
}

/** The newest statement of a world's keys that is known here. */
export interface KnownKeys {
  readonly version: number;
  /** The statement, byte for byte. */
  readonly token: string;
  readonly keys: readonly ListedKey[];
}

/** Who holds a registered thing, by the register of its maker. */
export interface Registered {
  readonly holder: WorldId;
  readonly hop: number;
  /** The transfer that the holder claimed it by. */
  readonly transfer: TransferId | "";
  readonly t: number;
}

/** A registered thing here that its maker's register has not granted. */
export interface WaitingClaim {
  /** The transfer by which it came, or came back. */
  readonly transfer: TransferId;
  /** Why the register said no. */
  readonly denied?: string;
}

export interface Custody {
  readonly world: WorldId;
  /** Journal records applied. */
  seq: number;
  /** The latest time any record names: the clock is never taken to be earlier. */
  clockHighWaterMs: number;
  epoch: number;
  nextDeparture: number;
  nextSerial: number;
  /** Items that began here, as far as this world knows. */
  minted: number;
  /** Items destroyed here, by the world that made them. */
  readonly burned: Map<WorldId, number>;
  readonly residents: Map<TravellerId, Resident>;
  readonly items: Map<ItemRef, ItemRow>;
  /** Last known hop of items that left for good. */
  readonly seenHops: Map<ItemRef, number>;
  readonly out: Map<TransferId, Departure>;
  readonly overridden: Map<TransferId, Overridden>;
  readonly arrivals: Map<TransferId, Arrival>;
  readonly memory: Memory;
  /** By origin: its transfers numbered below this are closed and will never be decided anew. */
  readonly closedBelow: Map<WorldId, number>;
  /** This world's own key statement and its peers'; a world that is not in it signs with its identity key. */
  readonly keys: Map<WorldId, KnownKeys>;
  readonly builds: Map<string, Build>;
  /** The author's durable world state, values as text. */
  readonly facts: Map<string, string>;
  substrate: ContentId | undefined;
  /** By the world that answers for them, then by kind: how many things came in lately. */
  readonly imports: ImportCounts;
  /** Items made here that have papers wherever they are. */
  readonly evidenced: Map<ItemRef, EvidenceTier>;
  /** Where registered things of this world's making are; those that never moved have no row. */
  readonly register: Map<ItemRef, Registered>;
  readonly claims: Map<ItemRef, WaitingClaim>;
  readonly links: Map<string, SeenLink>;
  readonly doubleSpends: Map<string, DoubleSpend>;
  /** Derived: items by holder, transfers by peer. */
  readonly held: Map<string, Set<ItemRef>>;
  readonly openTo: Map<WorldId, Set<TransferId>>;
  readonly openFrom: Map<WorldId, number>;
}

export function emptyCustody(world: WorldId): Custody {
  return {
    world,
    seq: 0,
    clockHighWaterMs: 0,
    epoch: 0,
    nextDeparture: 1,
    nextSerial: 1,
    minted: 0,
    memory: emptyMemory(),
    burned: new Map(),
    residents: new Map(),
    items: new Map(),
    seenHops: new Map(),
    out: new Map(),
    overridden: new Map(),
    arrivals: new Map(),
    closedBelow: new Map(),
    keys: new Map(),
    builds: new Map(),
    facts: new Map(),
    substrate: undefined,
    imports: new Map(),
    evidenced: new Map(),
    register: new Map(),
    claims: new Map(),
    links: new Map(),
    doubleSpends: new Map(),
    held: new Map(),
    openTo: new Map(),
    openFrom: new Map(),
  };
}

/** The name of the next item to be minted here. */
export function nextItemRef(custody: Custody, ahead = 0): ItemRef {
  return formatNumbered(custody.nextSerial + ahead, custody.world);
}

/** The index key of a place: all items of one place are found under it, in the order they came there. */
export function holderKey(place: Place): string {
  switch (place.in) {
    case "item":
      return `item ${place.item}`;
    case "ground":
      return "ground";
    case "fixture":
      return `fixture ${place.name}`;
    default:
      return `${place.in} ${place.of}`;
  }
}

function heldBy(custody: Custody, place: Place): readonly ItemRow[] {
  const refs = custody.held.get(holderKey(place));
  return refs === undefined ? [] : [...refs].map((ref) => rowOf(custody, ref));
}

/** What lies on the ground of this world. */
export function itemsOnGround(custody: Custody): readonly ItemRow[] {
  return heldBy(custody, { in: "ground", x: 0, y: 0 });
}

/** The row of an item that must be there; a missing one is a bug. */
export function rowOf(custody: Custody, ref: ItemRef): ItemRow {
  const row = custody.items.get(ref);
  if (row === undefined) throw new Error(`custody holds no item ${ref}`);
  return row;
}

/** An item with everything in it. */
export function itemTree(custody: Custody, ref: ItemRef): Item {
  const row = rowOf(custody, ref);
  const contents = heldBy(custody, { in: "item", item: ref }).map((inner) => itemTree(custody, inner.id));
  const sealed = row.seal === undefined ? {} : { sealed: row.seal };
  return { id: row.id, kind: row.kind, props: row.props, contents, ...sealed };
}

/** What a traveller carries. */
export function itemsOf(custody: Custody, traveller: TravellerId): Item[] {
  return heldBy(custody, { in: "inventory", of: traveller }).map((row) => itemTree(custody, row.id));
}

/** What this world keeps for a traveller. */
export function lockerOf(custody: Custody, traveller: TravellerId): Item[] {
  return heldBy(custody, { in: "locker", of: traveller }).map((row) => itemTree(custody, row.id));
}

/** The traveller or transfer that answers for an item in the end, through all containers. */
export function outermostPlace(custody: Custody, ref: ItemRef): Place {
  let place = rowOf(custody, ref).place;
  while (place.in === "item") place = rowOf(custody, place.item).place;
  return place;
}
