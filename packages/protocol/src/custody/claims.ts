// What worlds say to each other about a transfer, signed. Each message has a typ of its own; none can pass for another.
// This file holds the shapes; who may say what when is in origin.ts and destination.ts; how it is signed is the passport room's.
import type { FaultCode, Result } from "../fault.ts";
import { FAULT_CODES } from "../fault.ts";
import type { ItemKind, ItemRef, TransferId, TravellerId, WorldId } from "../ids.ts";
import type { Item, Ruling, TravellerBody } from "../items.ts";
import { bodySchema, itemKindSchema, itemRefSchema, transferIdSchema, travellerIdSchema, worldIdSchema } from "../items.ts";
import { CUSTODY, LIMITS } from "../limits.ts";
import type { Scalar, Schema } from "../schema.ts";
import { bool, dict, int, list, optional, real, recursive, scalar, struct, text, uint, word } from "../schema.ts";
import { type EvidenceTier, fixedSchema, type Papers, papersSchema, type Statement, statementsSchema } from "./papers.ts";

/** How much evidence an item travels with. Local items never leave; the absence of a tier in a passport means declared. */
export type Tier = "local" | "declared" | "provenance" | "registered";

/** An item on its way: its own facts, and how often custody of it has changed hands (`hop`). */
export interface Carried {
  readonly id: ItemRef;
  readonly kind: ItemKind;
  readonly props: { readonly [name: string]: Scalar };
  readonly hop: number;
  readonly tier?: EvidenceTier;
  readonly papers?: Papers;
  readonly contents: readonly Carried[];
}

/** A bound that a world lays over a fact of the items (or the body: kind "body") it admits. The fact itself does not change. */
export interface Clamp {
  /** An item kind, "*" for every kind, or "body". */
  readonly kind: string;
  readonly prop: string;
  readonly min?: number;
  readonly max?: number;
}

/** Customs' word on several items at once: same kind, same verdict, same sentence. */
export interface RulingGroup {
  readonly kind: string;
  readonly verdict: Ruling["verdict"];
  readonly reason: string;
  readonly items: readonly string[];
}

/** What every message carries: who says it, to which one world, when (milliseconds, the speaker's clock). */
interface Signed {
  readonly iss: WorldId;
  readonly aud: WorldId;
  readonly iat: number;
}

/** Origin → destination, before anything leaves: this traveller with these things would like to come. */
export interface OfferRequest extends Signed {
  readonly typ: "offer-request";
  readonly traveller: TravellerId;
  readonly name: string;
  readonly home: WorldId;
  readonly hop: number;
  readonly body: TravellerBody;
  readonly items: readonly Carried[];
}

/** Destination → origin: yes, and this is what comes in. Binding until `exp`, whatever the policy becomes; it travels in the passport. */
export interface Offer extends Signed {
  readonly typ: "offer";
  readonly exp: number;
  /** Hash of the request this answers. */
  readonly request: string;
  readonly traveller: TravellerId;
  readonly rulings: readonly RulingGroup[];
  readonly clamps: readonly Clamp[];
}

/** Destination → origin: no, and why. Nothing leaves. */
export interface Decline extends Signed {
  readonly typ: "decline";
  readonly request: string;
  readonly code: FaultCode;
  readonly reason: string;
  readonly retryAfterMs: number;
}

/** Origin → traveller → destination: this traveller has left us with these things, for you alone. */
export interface Passport extends Signed {
  readonly typ: "passport";
  readonly exp: number;
  readonly transfer: TransferId;
  /** Incarnation of the origin; rises when it had to start anew from less than its whole journal. */
  readonly epoch: number;
  /** The holder: only this key may present the passport. */
  readonly traveller: TravellerId;
  readonly name: string;
  readonly home: WorldId;
  readonly hop: number;
  readonly body: TravellerBody;
  readonly items: readonly Carried[];
  /** The destination's own offer, as it signed it. */
  readonly offer: string;
}

/** Destination → origin: admitted; the traveller and the things are ours now. True for ever. */
export interface Receipt extends Signed {
  readonly typ: "receipt";
  readonly transfer: TransferId;
  /** Hash of the passport that was admitted. */
  readonly passport: string;
  /** The destination journal's number of the admission. */
  readonly seq: number;
  /** The destination's incarnation that stands behind this. */
  readonly epoch: number;
}

/** Destination → origin: refused, and this transfer will never be admitted. True for ever (a tombstone). */
export interface Refusal extends Signed {
  readonly typ: "refusal";
  readonly transfer: TransferId;
  readonly code: FaultCode;
  readonly reason: string;
  readonly epoch: number;
}

/** Origin → destination: have you decided? An undecided destination says nothing. */
export interface Status extends Signed {
  readonly typ: "status";
  readonly transfer: TransferId;
}

/** Origin → destination: decide now. The answer is a receipt or a refusal, never "unknown". */
export interface Cancel extends Signed {
  readonly typ: "cancel";
  readonly transfer: TransferId;
}

/** Origin → destination: resolved durably here, and so is every transfer of mine to you numbered below `below`; I shall not ask again. */
export interface Close extends Signed {
  readonly typ: "close";
  readonly transfer: TransferId;
  readonly outcome: "released" | "refunded";
  readonly below: number;
}

/** An amnesiac world → a peer: from now on only my words of this epoch count; what do you know of the time before, from number `from` on? */
export interface Recall extends Signed {
  readonly typ: "recall";
  readonly epoch: number;
  /** `came`: my passports that you admitted, numbered `since` or higher. `went`: yours to me, numbered `since` or higher. */
  readonly of: "came" | "went";
  readonly since: number;
  readonly from: number;
}

/** Peer → amnesiac world: a page of what I know. */
export interface Recalled extends Signed {
  readonly typ: "recalled";
  /** The epoch that asked; and the one below which nothing counts here. */
  readonly epoch: number;
  readonly fence: number;
  readonly of: "came" | "went";
  readonly from: number;
  /** Where the next page begins; 0 when there is none. */
  readonly next: number;
  /** My next departure number. */
  readonly upto: number;
  /** Nothing from `since` on has been forgotten here. */
  readonly whole: boolean;
  readonly passports: readonly string[];
  /** Of those that went to you: I have not heard what became of them. */
  readonly open: readonly string[];
}

/** A key that signs for a world. Retired: nothing by it counts after `until`. Revoked: nothing by it counts that was not heard before. */
export interface ListedKey {
  readonly key: string;
  readonly until?: number;
  readonly revoked?: boolean;
}

/** A world → everybody: these keys, and no others, sign for me. Signed by the identity key itself, which is the world's id. */
export interface KeyStatement {
  readonly typ: "keys";
  readonly iss: WorldId;
  readonly iat: number;
  /** Rises with every statement; none at all is version 0, at which the identity key signs. */
  readonly version: number;
  readonly keys: readonly ListedKey[];
}

/** A world → one whose key statement of this version it knows durably: it need not be told again. */
export interface Noted extends Signed {
  readonly typ: "noted";
  readonly version: number;
}
/** Destination → issuer: these items of yours came here by these links. */
export interface Witness extends Signed {
  readonly typ: "witness";
  readonly links: readonly string[];
  /** Statements of those whose links are not signed by their identity key. */
  readonly keys?: readonly string[];
}

/** Issuer → holder: two links of one signer for one item and hop, in the order in which they were seen. */
export interface ProofClaims extends Signed {
  readonly typ: "proof";
  readonly first: string;
  readonly second: string;
  readonly keys?: readonly string[];
}

/** Holder → issuer: this registered item of yours is here, at this hop, by this transfer; `papers` lead here from whoever held it. */
export interface RegisterClaim extends Signed {
  readonly typ: "claim";
  readonly item: ItemRef;
  readonly kind: ItemKind;
  readonly hop: number;
  readonly transfer: TransferId;
  /** None when the register names the claimant already, which says only that it is there still. */
  readonly papers?: Papers;
}

/** Issuer → holder: by my register you hold it now. */
export interface Grant extends Signed {
  readonly typ: "grant";
  readonly item: ItemRef;
  readonly hop: number;
  readonly transfer: TransferId;
}

/** Issuer → claimant: by my register somebody else holds it, or your papers do not lead from there. */
export interface RegisterDenial extends Signed {
  readonly typ: "denied";
  readonly item: ItemRef;
  readonly hop: number;
  readonly transfer: TransferId;
  readonly reason: string;
}

/** What is said to one world. */
export type Addressed =
  | OfferRequest
  | Offer
  | Decline
  | Passport
  | Receipt
  | Refusal
  | Status
  | Cancel
  | Close
  | Noted
  | Recall
  | Recalled
  | Witness
  | ProofClaims
  | RegisterClaim
  | Grant
  | RegisterDenial;
export type Claims = Addressed | KeyStatement | Statement;
export type ClaimsType = Claims["typ"];

/** The protected header's `typ` of a message. */
export function tokenTyp(typ: ClaimsType): string {
  return `sojourn-${typ}+jws`;
}

/** A token that was read: what it says, and the SHA-256 of its bytes (base64url). */
export interface Opened {
  readonly claims: Claims;
  readonly hash: string;
  /** The did:key of the key that signed, or says so. Whether it speaks for the issuer is for keys.ts to say. */
  readonly kid: string;
}

/**
 * Signs and opens the messages of one world. Deterministic and pure (Ed25519 signing draws no random numbers), so a core may be handed one.
 * Whether a message is for this world, and in time, is the machines' business.
 */
export interface Notary {
  readonly world: WorldId;
  /** The did:key of the key it signs with. */
  readonly kid: string;
  /** The same claims give the same token, byte for byte, as long as the world signs with the same key. `claims.iss` must be this world. */
  sign(claims: Claims): string;
  /** The token of these claims with this signature, whoever made it; {@link open} says whether it is genuine. */
  written(claims: Claims, signature: string, kid: string): string;
  /** Form, typ and schema only; the signature is not looked at. */
  read(token: string): Result<Opened>;
  /** Form, typ, schema and the signature of the key that the header names. */
  open(token: string): Result<Opened>;
  /** SHA-256 of a token's bytes, base64url. */
  hash(token: string): string;
}

/** A signed statement inside a message. */
const statement: Schema<string> = text(CUSTODY.statementBytes);
const hash: Schema<string> = text(43, /^[A-Za-z0-9_-]{43}$/);
const timeMs: Schema<number> = uint();
const epoch: Schema<number> = uint(0xffff_ffff);
const which: Schema<"came" | "went"> = word("came", "went");
const page: Schema<readonly string[]> = list(text(LIMITS.passportBytes), CUSTODY.keptPassports);
const signed = { iss: worldIdSchema, aud: worldIdSchema, iat: timeMs };
const faultCode: Schema<FaultCode> = word(...FAULT_CODES);
const reason: Schema<string> = text(LIMITS.detailBytes);
const hop: Schema<number> = uint(CUSTODY.hops);
const bound = optional(real(-CUSTODY.boundMagnitude, CUSTODY.boundMagnitude));

export const carriedSchema: Schema<Carried> = recursive<Carried>("carried", LIMITS.itemDepth, () =>
  struct({
    id: itemRefSchema,
    kind: itemKindSchema,
    props: dict(scalar(LIMITS.propTextBytes), LIMITS.itemProps),
    hop,
    tier: optional(word("provenance", "registered")),
    papers: optional(papersSchema),
    contents: list(carriedSchema, LIMITS.itemsCarried),
  }),
);

export const clampSchema: Schema<Clamp> = struct({
  kind: text(32, /^(\*|[a-z][a-z0-9-]{0,31})$/),
  prop: text(64),
  min: bound,
  max: bound,
});

export const rulingGroupSchema: Schema<RulingGroup> = struct({
  kind: text(32),
  verdict: word("admit", "clamp", "refuse", "seal"),
  reason,
  items: list(text(96), LIMITS.itemsCarried + 1),
});

const person = { traveller: travellerIdSchema, name: text(LIMITS.nameBytes), home: worldIdSchema, hop, body: bodySchema };
const carriedList = list(carriedSchema, LIMITS.itemsCarried);

export const keysVersion: Schema<number> = int(1, 0xffff_ffff);
export const listedKeys: Schema<readonly ListedKey[]> = list(
  struct({ key: worldIdSchema, until: optional(timeMs), revoked: optional(bool) }),
  CUSTODY.listedKeys,
);

/** The payload of each message (its typ stands in the header and nowhere else). */
export const claimSchemas: { readonly [T in ClaimsType]: Schema<Omit<Extract<Claims, { typ: T }>, "typ">> } = {
  "offer-request": struct({ ...signed, ...person, items: carriedList }),
  offer: struct({
    ...signed,
    exp: timeMs,
    request: hash,
    traveller: travellerIdSchema,
    rulings: list(rulingGroupSchema, LIMITS.itemsCarried + 1),
    clamps: list(clampSchema, CUSTODY.clamps),
  }),
  decline: struct({ ...signed, request: hash, code: faultCode, reason, retryAfterMs: int(0, 86_400_000) }),
  passport: struct({
    ...signed,
    exp: timeMs,
    transfer: transferIdSchema,
    epoch,
    ...person,
    items: carriedList,
    offer: text(LIMITS.passportBytes),
  }),
  receipt: struct({ ...signed, transfer: transferIdSchema, passport: hash, seq: uint(), epoch }),
  refusal: struct({ ...signed, transfer: transferIdSchema, code: faultCode, reason, epoch }),
  status: struct({ ...signed, transfer: transferIdSchema }),
  cancel: struct({ ...signed, transfer: transferIdSchema }),
  close: struct({ ...signed, transfer: transferIdSchema, outcome: word("released", "refunded"), below: uint() }),
  recall: struct({ ...signed, epoch, of: which, since: uint(), from: uint() }),
  recalled: struct({
    ...{ ...signed, epoch, fence: epoch, of: which, from: uint(), next: uint(), upto: uint(), whole: bool },
    passports: page,
    open: page,
  }),
  keys: struct({ iss: worldIdSchema, iat: timeMs, version: keysVersion, keys: listedKeys }),
  noted: struct({ ...signed, version: keysVersion }),
  birth: struct({
    ...{ iss: worldIdSchema, item: itemRefSchema, kind: itemKindSchema, tier: word("provenance", "registered"), hop },
    fixed: fixedSchema,
    iat: timeMs,
  }),
  link: struct({ iss: worldIdSchema, item: itemRefSchema, hop, to: worldIdSchema, transfer: transferIdSchema, iat: timeMs }),
  witness: struct({ ...signed, links: list(statement, LIMITS.itemsCarried), keys: optional(statementsSchema) }),
  proof: struct({ ...signed, first: statement, second: statement, keys: optional(statementsSchema) }),
  claim: struct({
    ...{ ...signed, item: itemRefSchema, kind: itemKindSchema, hop, transfer: transferIdSchema },
    papers: optional(papersSchema),
  }),
  grant: struct({ ...signed, item: itemRefSchema, hop, transfer: transferIdSchema }),
  denied: struct({ ...signed, item: itemRefSchema, hop, transfer: transferIdSchema, reason }),
};

/** Every carried item, containers before their contents. */
export function flattenCarried(items: readonly Carried[]): Carried[] {
  return items.flatMap((item) => [item, ...flattenCarried(item.contents)]);
}

/** Carried things as plain items, for customs and for showing. */
export function plainItems(items: readonly Carried[]): Item[] {
  return items.map((item) => ({ id: item.id, kind: item.kind, props: item.props, contents: plainItems(item.contents) }));
}

/** Rulings gathered by kind, verdict and sentence, in order of first appearance. */
export function groupRulings(rulings: readonly Ruling[]): RulingGroup[] {
  const groups = new Map<string, { kind: string; verdict: Ruling["verdict"]; reason: string; items: string[] }>();
  for (const { item, kind, verdict, reason: why } of rulings) {
    const key = `${kind}\n${verdict}\n${why}`;
    const group = groups.get(key) ?? { kind, verdict, reason: why, items: [] };
    group.items.push(item);
    groups.set(key, group);
  }
  return [...groups.values()];
}

export function spreadRulings(groups: readonly RulingGroup[]): Ruling[] {
  return groups.flatMap(({ kind, verdict, reason: why, items }) => items.map((item) => ({ item, kind, verdict, reason: why })));
}
