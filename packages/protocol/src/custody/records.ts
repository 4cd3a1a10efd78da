// The journal's records: one union, every record with its time. Only these change custody; apply.ts says how.
import { decodePlain, encodePlain } from "../codec/cbor.ts";
import type { FaultCode, Result } from "../fault.ts";
import { FAULT_CODES } from "../fault.ts";
import type { ContentId, ItemRef, TransferId, TravellerId, WorldId } from "../ids.ts";
import type { Item, Seal, TravellerBody } from "../items.ts";
import {
  bodySchema,
  contentIdSchema,
  itemRefSchema,
  itemSchema,
  sealSchema,
  transferIdSchema,
  travellerIdSchema,
  worldIdSchema,
} from "../items.ts";
import { CUSTODY, LIMITS } from "../limits.ts";
import type { Scalar, Schema } from "../schema.ts";
import { bool, check, choice, dict, int, list, optional, real, scalar, struct, text, uint, word } from "../schema.ts";
import type { Carried, Clamp, ListedKey, Tier } from "./claims.ts";
import { carriedSchema, clampSchema, keysVersion, listedKeys } from "./claims.ts";
import type { Place } from "./custody.ts";
import { placeSchema } from "./custody.ts";
import type { Told } from "./memory.ts";
import { type PaperLink, paperLinkSchema, statementsSchema } from "./papers.ts";
import type { DoubleSpend, SeenLink } from "./seen-links.ts";

/** A new incarnation of this world. */
export interface EpochRecord {
  readonly r: "epoch";
  readonly t: number;
  readonly n: number;
}
/** A traveller begins here. */
export interface BornRecord {
  readonly r: "born";
  readonly t: number;
  readonly traveller: TravellerId;
  readonly name: string;
  readonly body: TravellerBody;
}
/** An item (with what is in it) begins here; its numbers are the next ones of this world. */
export interface MintRecord {
  readonly r: "mint";
  readonly t: number;
  readonly item: Item;
  readonly place: Place;
  readonly tier?: Tier;
  /** Facts that its maker vouches for wherever it is, by name. */
  readonly fixed?: readonly string[];
}
/** An item (with what is in it) ends here. */
export interface BurnRecord {
  readonly r: "burn";
  readonly t: number;
  readonly item: ItemRef;
  readonly why: string;
}
/** An item goes to another place in this world: picked up, dropped, given, put into a bag. */
export interface OwnRecord {
  readonly r: "own";
  readonly t: number;
  readonly item: ItemRef;
  readonly place: Place;
}
/** An item's own facts change. */
export interface AlterRecord {
  readonly r: "alter";
  readonly t: number;
  readonly item: ItemRef;
  readonly props: { readonly [name: string]: Scalar };
}
/** A traveller who is here is put to rest (or noted) at a place in a condition. */
export interface RestRecord {
  readonly r: "rest";
  readonly t: number;
  readonly traveller: TravellerId;
  readonly name?: string;
  readonly body: TravellerBody;
  readonly x: number;
  readonly y: number;
}
/** A traveller leaves with the listed items, containers before contents; what customs keeps goes to the locker. */
export interface DepartRecord {
  readonly r: "depart";
  readonly t: number;
  readonly n: number;
  readonly to: WorldId;
  readonly traveller: TravellerId;
  readonly passport: string;
  readonly hash: string;
  readonly items: readonly ItemRef[];
  readonly kept: readonly ItemRef[];
  readonly body: TravellerBody;
  readonly x?: number;
  readonly y?: number;
  readonly exp: number;
}
/** The destination has them; `proof` is its receipt. */
export interface ReleaseRecord {
  readonly r: "release";
  readonly t: number;
  readonly transfer: TransferId;
  readonly proof: string;
}
/** The destination will never have them; `proof` is its refusal. Or it is silent and the operator took them back. They are here again. */
export interface RefundRecord {
  readonly r: "refund";
  readonly t: number;
  readonly transfer: TransferId;
  /** "" when there is an override instead. */
  readonly proof: string;
  readonly override?: Override;
  /** For the papers of what came back: the link that was signed and the refusal that undid it. */
  readonly links?: readonly { readonly item: ItemRef; readonly link: PaperLink }[];
  /** Statements of the keys that these are signed by. */
  readonly keys?: readonly string[];
}
/** Who resolved a departure without the destination's word, why, and what was known then. */
export interface Override {
  readonly by: string;
  readonly why: string;
  /** Hash of the passport that may still have been admitted. */
  readonly hash: string;
  /** How often the destination was asked (by the process that wrote this), and the last it heard instead of an answer. */
  readonly asked: number;
  readonly heard: string;
}
/** The destination spoke, after an operator had taken them back: this is what it said. */
export interface EvidenceRecord {
  readonly r: "evidence";
  readonly t: number;
  readonly transfer: TransferId;
  readonly says: "receipt" | "refusal";
  readonly proof: string;
}
/** A traveller arrives. `unlocked` are the locker's items that come back into the inventory. */
export interface AdmitRecord {
  readonly r: "admit";
  readonly t: number;
  readonly transfer: TransferId;
  readonly passport: string;
  readonly hash: string;
  readonly exp: number;
  readonly traveller: TravellerId;
  readonly name: string;
  readonly home: WorldId;
  readonly hop: number;
  readonly body: TravellerBody;
  readonly items: readonly Carried[];
  readonly clamps: readonly Clamp[];
  readonly unlocked: readonly ItemRef[];
  /** Items that come in sealed. */
  readonly sealed?: readonly { readonly item: ItemRef; readonly why: Seal }[];
  /** Double spends that this arrival shows. */
  readonly spends?: readonly DoubleSpend[];
}
/** The register says from now on that another world holds a thing of this one's making. */
export interface GrantRecord {
  readonly r: "grant";
  readonly t: number;
  readonly item: ItemRef;
  readonly to: WorldId;
  readonly hop: number;
  readonly transfer: TransferId;
}
/** The register granted what is here: `proof` is its word. It is unsealed. */
export interface GrantedRecord {
  readonly r: "granted";
  readonly t: number;
  readonly item: ItemRef;
  readonly proof: string;
}
/** The register denied what is here; it stays sealed. */
export interface DeniedRecord {
  readonly r: "denied";
  readonly t: number;
  readonly item: ItemRef;
  readonly reason: string;
}
/** A link that a world showed to the issuer of its item. */
export interface SeenRecord extends SeenLink {
  readonly r: "seen";
  readonly t: number;
}
/** A double spend is proven; `frozen` is the copy here that is the later one. */
export interface ProofRecord {
  readonly r: "proof";
  readonly t: number;
  readonly spend: DoubleSpend;
  readonly frozen?: ItemRef;
}
/** This transfer will never be admitted here. */
export interface RefuseRecord {
  readonly r: "refuse";
  readonly t: number;
  readonly transfer: TransferId;
  readonly hash: string;
  readonly exp: number;
  readonly code: FaultCode;
  readonly reason: string;
}
/** An origin has closed all its transfers numbered below. */
export interface ClosedRecord {
  readonly r: "closed";
  readonly t: number;
  readonly origin: WorldId;
  readonly below: number;
}
/** The newest statement of a world's keys that is known from now on: a peer's, or this world's own. */
export interface KeysRecord {
  readonly r: "keys";
  readonly t: number;
  readonly world: WorldId;
  readonly version: number;
  readonly token: string;
  readonly keys: readonly ListedKey[];
}
/** Closed arrivals whose passports ended before this time are forgotten. */
export interface ForgetRecord {
  readonly r: "forget";
  readonly t: number;
  readonly before: number;
}
/** This world has lost the end of its journal: a new incarnation, whose numbers begin far beyond all that can have been used. */
export interface AmnesiaRecord {
  readonly r: "amnesia";
  readonly t: number;
  readonly n: number;
  /** The newest time that is left in the journal. */
  readonly known: number;
  readonly departure: number;
  readonly serial: number;
  /** Everybody who may know something. */
  readonly peers: readonly WorldId[];
}
/** A peer began anew with this epoch: its older words count no more. */
export interface FencedRecord {
  readonly r: "fenced";
  readonly t: number;
  readonly world: WorldId;
  readonly epoch: number;
}
/** One page of what a peer knows of the time this world has forgotten. `next` 0: the last of its kind. */
export interface RecalledRecord {
  readonly r: "recalled";
  readonly t: number;
  readonly world: WorldId;
  readonly of: "came" | "went";
  readonly from: number;
  readonly next: number;
  /** The peer's next departure: what it sends from now on is known here. */
  readonly upto: number;
  readonly isWhole: boolean;
  readonly told: readonly Told[];
  readonly open: readonly Told[];
}
/** The operator does not wait for this peer any longer. */
export interface GaveUpRecord {
  readonly r: "gaveup";
  readonly t: number;
  readonly world: WorldId;
  readonly by: string;
}
/** This world has remembered what there is to be remembered. */
export interface LiftedRecord {
  readonly r: "lifted";
  readonly t: number;
}
/** A traveller built something; the item it was made of, if any, ends. */
export interface BuildRecord {
  readonly r: "build";
  readonly t: number;
  readonly id: string;
  readonly object: { readonly [key: string]: Scalar };
  readonly item?: ItemRef;
}
/** A new substrate version holds these builds; `without`: those an older version never had, after going back to it. */
export interface VersionRecord {
  readonly r: "version";
  readonly t: number;
  readonly root: ContentId;
  readonly builds: readonly string[];
  readonly without?: readonly string[];
}
/** A fact of the author's durable world state; the empty text forgets it. */
export interface WorldRecord {
  readonly r: "world";
  readonly t: number;
  readonly key: string;
  readonly value: string;
}

export type CustodyRecord =
  | EpochRecord
  | BornRecord
  | MintRecord
  | BurnRecord
  | OwnRecord
  | AlterRecord
  | RestRecord
  | DepartRecord
  | ReleaseRecord
  | RefundRecord
  | EvidenceRecord
  | AdmitRecord
  | RefuseRecord
  | ClosedRecord
  | KeysRecord
  | ForgetRecord
  | AmnesiaRecord
  | FencedRecord
  | RecalledRecord
  | GaveUpRecord
  | LiftedRecord
  | BuildRecord
  | VersionRecord
  | WorldRecord
  | SeenRecord
  | ProofRecord
  | GrantRecord
  | GrantedRecord
  | DeniedRecord;

const t: Schema<number> = uint();
const token: Schema<string> = text(LIMITS.tokenBytes);
const hash: Schema<string> = text(43, /^([A-Za-z0-9_-]{43})?$/);
const position: Schema<number> = real(-1_048_576, 1_048_576);
const name: Schema<string> = text(LIMITS.nameBytes);
const hop: Schema<number> = uint(CUSTODY.hops);
const props = dict(scalar(LIMITS.propTextBytes), LIMITS.itemProps);
const statement: Schema<string> = text(CUSTODY.statementBytes);
const doubleSpendSchema: Schema<DoubleSpend> = struct({
  ...{ item: itemRefSchema, hop, signer: worldIdSchema },
  first: statement,
  second: statement,
  keys: optional(statementsSchema),
});
const refs = list(itemRefSchema, LIMITS.itemsCarried);

const epochNumber: Schema<number> = uint(0xffff_ffff);
const told: Schema<readonly Told[]> = list(
  struct({
    ...{ transfer: transferIdSchema, hash, exp: t, traveller: travellerIdSchema, name, home: worldIdSchema, hop, body: bodySchema },
    items: list(carriedSchema, LIMITS.itemsCarried),
  }),
  CUSTODY.keptPassports,
);
const overrideSchema: Schema<Override> = struct({
  by: text(64),
  why: text(LIMITS.detailBytes),
  hash,
  asked: uint(),
  heard: text(LIMITS.detailBytes),
});

export const recordSchema: Schema<CustodyRecord> = choice("r", {
  epoch: struct({ t, n: uint(0xffff_ffff) }),
  born: struct({ t, traveller: travellerIdSchema, name, body: bodySchema }),
  mint: struct({
    t,
    item: itemSchema,
    place: placeSchema,
    tier: optional(word("local", "declared", "provenance", "registered")),
    fixed: optional(list(text(64), LIMITS.itemProps)),
  }),
  burn: struct({ t, item: itemRefSchema, why: text(64) }),
  own: struct({ t, item: itemRefSchema, place: placeSchema }),
  alter: struct({ t, item: itemRefSchema, props }),
  rest: struct({ t, traveller: travellerIdSchema, name: optional(name), body: bodySchema, x: position, y: position }),
  depart: struct({
    t,
    n: int(1, Number.MAX_SAFE_INTEGER),
    to: worldIdSchema,
    traveller: travellerIdSchema,
    passport: token,
    hash,
    items: refs,
    kept: refs,
    body: bodySchema,
    x: optional(position),
    y: optional(position),
    exp: t,
  }),
  release: struct({ t, transfer: transferIdSchema, proof: token }),
  refund: struct({
    t,
    transfer: transferIdSchema,
    proof: token,
    override: optional(overrideSchema),
    links: optional(list(struct({ item: itemRefSchema, link: paperLinkSchema }), LIMITS.itemsCarried)),
    keys: optional(statementsSchema),
  }),
  evidence: struct({ t, transfer: transferIdSchema, says: word("receipt", "refusal"), proof: token }),
  seen: struct({ t, item: itemRefSchema, from: worldIdSchema, link: paperLinkSchema, keys: optional(statementsSchema) }),
  proof: struct({ t, spend: doubleSpendSchema, frozen: optional(itemRefSchema) }),
  grant: struct({ t, item: itemRefSchema, to: worldIdSchema, hop, transfer: transferIdSchema }),
  granted: struct({ t, item: itemRefSchema, proof: token }),
  denied: struct({ t, item: itemRefSchema, reason: text(LIMITS.detailBytes) }),
  admit: struct({
    t,
    transfer: transferIdSchema,
    passport: token,
    hash,
    exp: t,
    traveller: travellerIdSchema,
    name,
    home: worldIdSchema,
    hop,
    body: bodySchema,
    items: list(carriedSchema, LIMITS.itemsCarried),
    clamps: list(clampSchema, CUSTODY.clamps),
    unlocked: list(itemRefSchema, LIMITS.lockerItems),
    sealed: optional(list(struct({ item: itemRefSchema, why: sealSchema }), LIMITS.itemsCarried)),
    spends: optional(list(doubleSpendSchema, CUSTODY.proofsPerSigner)),
  }),
  refuse: struct({ t, transfer: transferIdSchema, hash, exp: t, code: word(...FAULT_CODES), reason: text(LIMITS.detailBytes) }),
  closed: struct({ t, origin: worldIdSchema, below: uint() }),
  keys: struct({ t, world: worldIdSchema, version: keysVersion, token, keys: listedKeys }),
  forget: struct({ t, before: t }),
  amnesia: struct({ t, n: epochNumber, known: t, departure: uint(), serial: uint(), peers: list(worldIdSchema, CUSTODY.recallPeers) }),
  fenced: struct({ t, world: worldIdSchema, epoch: epochNumber }),
  recalled: struct({
    t,
    world: worldIdSchema,
    of: word("came", "went"),
    from: uint(),
    next: uint(),
    upto: uint(),
    isWhole: bool,
    told,
    open: told,
  }),
  gaveup: struct({ t, world: worldIdSchema, by: text(64) }),
  lifted: struct({ t }),
  build: struct({ t, id: text(128), object: dict(scalar(512), 32), item: optional(itemRefSchema) }),
  version: struct({
    t,
    root: contentIdSchema,
    builds: list(text(128), CUSTODY.builds),
    without: optional(list(text(128), CUSTODY.builds)),
  }),
  world: struct({ t, key: text(128), value: text(CUSTODY.factBytes) }),
});

/** A record as the journal stores it: canonical CBOR. */
export function encodeRecord(record: CustodyRecord): Uint8Array {
  return encodePlain(record);
}

/** Never throws: bytes that are no record of this journal are a fault (and for a journal that is being read, an end). */
export function decodeRecord(bytes: Uint8Array): Result<CustodyRecord> {
  const plain = decodePlain(bytes);
  return plain.ok ? check(recordSchema, plain.value, "record") : plain;
}
