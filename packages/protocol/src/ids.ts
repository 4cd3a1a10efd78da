// The names things have on the wire. All are plain text with one spelling each; none is guessed from another.

/** A world: `did:key:z6Mk…`, the did:key form of its Ed25519 public key. */
export type WorldId = string;
/** A traveller: the did:key form of the traveller's Ed25519 public key. */
export type TravellerId = string;
/** A content id: CIDv1, sha2-256, codec raw or dag-cbor, base32 lower case (`bafk…`, `bafy…`). */
export type ContentId = string;
/** An item's kind, as worlds name it: `torch`. This is the seed's `ItemId`; {@link ItemRef} names one single item. */
export type ItemKind = string;
/** One single item, for as long as it exists: `<serial>@<issuer world id>`. */
export type ItemRef = string;
/** An entity of the live simulation: unsigned 32-bit, unique within one world's process lifetime, never 0. */
export type EntityId = number;
/** A transfer: `<departure number>@<origin world id>`; the number is the origin journal's own and strictly increases. */
export type TransferId = string;

export const DID_KEY_PATTERN: RegExp = /^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/;
export const ITEM_KIND_PATTERN: RegExp = /^[a-z][a-z0-9-]{0,31}$/;
const NUMBERED_PATTERN = /^(0|[1-9][0-9]{0,15})@(did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44})$/;

export interface Numbered {
  readonly n: number;
  readonly world: WorldId;
}

/** `7@did:key:…` → `{ n: 7, world: "did:key:…" }`, for {@link ItemRef} and {@link TransferId}; undefined when it is neither. */
export function parseNumbered(text: string): Numbered | undefined {
  const m = NUMBERED_PATTERN.exec(text);
  if (m === null) return undefined;
  const n = Number(m[1]);
  return Number.isSafeInteger(n) ? { n, world: m[2] as string } : undefined;
}

/** The world in an item's name: the one that made it, or is said to have. */
export function issuerOf(item: ItemRef): WorldId {
  return item.slice(item.indexOf("@") + 1);
}

export function formatNumbered(n: number, world: WorldId): string {
  return `${n}@${world}`;
}
