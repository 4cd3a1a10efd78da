// An item's papers: its issuer's birth certificate and one link for every world that let it go since, each signed by the world the one
// before names. They travel with the item, short: what the chain itself tells (who signs, which item) is not written again.
import type { FaultCode, Result } from "../fault.ts";
import { FAULT_CODES, fail, ok } from "../fault.ts";
import type { ItemKind, ItemRef, TransferId, WorldId } from "../ids.ts";
import { formatNumbered, issuerOf } from "../ids.ts";
import { CUSTODY, LIMITS } from "../limits.ts";
import type { Scalar, Schema } from "../schema.ts";
import { dict, list, optional, scalar, struct, text, uint, word } from "../schema.ts";
import type { Claims, Notary } from "./claims.ts";

type Props = { readonly [name: string]: Scalar };
export type EvidenceTier = "provenance" | "registered";

/** Issuer → everybody: this item is of this kind and tier, and these of its facts stay as they are; said at this hop of its custody. */
export interface Birth {
  readonly typ: "birth";
  readonly iss: WorldId;
  readonly item: ItemRef;
  readonly kind: ItemKind;
  readonly tier: EvidenceTier;
  readonly hop: number;
  readonly fixed: Props;
  /** The beginning of a day, milliseconds: no more than the day is told. */
  readonly iat: number;
}

/** A leaving world → everybody: this item went from here to there, by this transfer, at this hop. Two that differ are a double spend. */
export interface Link {
  readonly typ: "link";
  readonly iss: WorldId;
  readonly item: ItemRef;
  readonly hop: number;
  readonly to: WorldId;
  readonly transfer: TransferId;
  readonly iat: number;
}

/** What is said to everybody, and so names nobody it is for. */
export type Statement = Birth | Link;

/** The destination's refusal of a link's transfer: custody stayed where it was, one hop on. */
export interface Refused {
  readonly iat: number;
  readonly code: FaultCode;
  readonly reason: string;
  readonly epoch: number;
  readonly signature: string;
  readonly key?: string;
}

export interface PaperLink {
  readonly to: WorldId;
  readonly hop: number;
  /** The transfer's number at the world that signs. */
  readonly n: number;
  /** Days since 1970. */
  readonly day: number;
  readonly signature: string;
  /** The key that signed; absent: the identity key. */
  readonly key?: string;
  readonly refused?: Refused;
}

export interface Papers {
  readonly birth: { readonly hop: number; readonly fixed: Props; readonly day: number; readonly signature: string; readonly key?: string };
  readonly links: readonly PaperLink[];
  /** Statements of signers whose key is not their identity key, as they signed them. */
  readonly keys?: readonly string[];
}

const signature: Schema<string> = text(86, /^[A-Za-z0-9_-]{86}$/);
const world: Schema<WorldId> = text(64, /^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/);
const hop: Schema<number> = uint(CUSTODY.hops);
const day: Schema<number> = uint(CUSTODY.days);
export const fixedSchema: Schema<Props> = dict(scalar(LIMITS.propTextBytes), LIMITS.itemProps);

export const paperLinkSchema: Schema<PaperLink> = struct({
  to: world,
  hop,
  n: uint(),
  day,
  signature,
  key: optional(world),
  refused: optional(
    struct({
      iat: uint(),
      code: word(...FAULT_CODES),
      reason: text(LIMITS.detailBytes),
      epoch: uint(0xffff_ffff),
      signature,
      key: optional(world),
    }),
  ),
});

export const statementsSchema: Schema<readonly string[]> = list(text(CUSTODY.statementBytes), CUSTODY.paperKeys);

export const papersSchema: Schema<Papers> = struct({
  birth: struct({ hop, fixed: fixedSchema, day, signature, key: optional(world) }),
  links: list(paperLinkSchema, CUSTODY.paperLinks),
  keys: optional(statementsSchema),
});

/** An item with its papers, as far as papers speak of it. */
export interface Papered {
  readonly id: ItemRef;
  readonly kind: ItemKind;
  readonly props: Props;
  readonly tier?: EvidenceTier;
  readonly papers?: Papers;
}

const DAY_MS = 86_400_000;

export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS);
}

function birthOf(item: Papered, tier: EvidenceTier, { hop: at, fixed, day: on }: Papers["birth"]): Birth {
  return { typ: "birth", iss: issuerOf(item.id), item: item.id, kind: item.kind, tier, hop: at, fixed, iat: on * DAY_MS };
}

export function linkOf(item: ItemRef, from: WorldId, { hop: at, to, n, day: on }: Omit<PaperLink, "signature">): Link {
  return { typ: "link", iss: from, item, hop: at, to, transfer: formatNumbered(n, from), iat: on * DAY_MS };
}

/** The last part of a token. */
export function signatureIn(token: string): string {
  return token.slice(token.lastIndexOf(".") + 1);
}

/** What a signer adds to a paper: the signature, and the key when it is not the identity key. */
function signedBy(notary: Notary, claims: Statement): { readonly signature: string; readonly key?: string } {
  const signed = signatureIn(notary.sign(claims));
  return notary.kid === notary.world ? { signature: signed } : { signature: signed, key: notary.kid };
}

/** The issuer's certificate, as things stand. `fixed`: the names of facts that it vouches for. */
export function certify(notary: Notary, item: Papered, tier: EvidenceTier, at: number, fixed: readonly string[], on: number): Papers {
  const kept = Object.fromEntries(fixed.flatMap((name) => (Object.hasOwn(item.props, name) ? [[name, item.props[name] as Scalar]] : [])));
  const birth = { hop: at, fixed: kept, day: on };
  return { birth: { ...birth, ...signedBy(notary, birthOf(item, tier, { ...birth, signature: "" })) }, links: [] };
}

/** Papers with one link more, signed here: it goes to another world. */
export function withLink(notary: Notary, item: ItemRef, papers: Papers, link: Omit<PaperLink, "signature" | "key">): Papers {
  const signed = { ...link, ...signedBy(notary, linkOf(item, notary.world, link)) };
  return { ...papers, links: [...papers.links, signed] };
}

/** Papers with a statement of keys more, unless it is there already or no signer needs one. */
export function withKeys(papers: Papers, statement: string | undefined): Papers {
  if (statement === undefined || papers.keys?.includes(statement) === true) return papers;
  return { ...papers, keys: [...(papers.keys ?? []), statement] };
}

/** Which keys some statements list: those that were good when it was said. */
export function listedIn(open: Notary["open"], statements: readonly string[]): ReadonlySet<string> {
  const listed = new Set<string>();
  for (const token of statements) {
    const opened = open(token);
    if (!opened.ok || opened.value.claims.typ !== "keys") continue;
    const { iss, keys } = opened.value.claims;
    for (const { key, revoked } of keys) if (revoked !== true) listed.add(`${iss} ${key}`);
  }
  return listed;
}

/** What a verifier knows besides the papers: that a key was revoked, and links it saw before. */
export interface PaperDoubts {
  isRevoked(world: WorldId, key: string): boolean;
  hasSeen(item: ItemRef, from: WorldId, link: PaperLink): boolean;
}

const NO_DOUBTS: PaperDoubts = { isRevoked: () => false, hasSeen: () => false };

export interface Followed {
  /** Who has it by these papers, and at which hop. */
  readonly holder: WorldId;
  readonly hop: number;
  /** Every link, with the world that signed it. */
  readonly links: readonly { readonly from: WorldId; readonly link: PaperLink }[];
}

/** Follows papers from the birth on. First their form, then what the item is, then every signature. */
export function followPapers(notary: Notary, item: Papered, doubts: PaperDoubts = NO_DOUBTS): Result<Followed> {
  const { papers, tier } = item;
  if (papers === undefined || tier === undefined) return no("it comes without papers");
  const walked = walkPapers(item.id, papers);
  if (walked === undefined) return no("a link is missing in its papers");
  for (const [name, value] of Object.entries(papers.birth.fixed)) {
    if (item.props[name] !== value) return no(`its ${name} is not what its maker wrote`);
  }
  const listed = listedIn(notary.open, papers.keys ?? []);
  const isSaid = (
    claims: Claims,
    { signature: signed, key = claims.iss }: { readonly signature: string; readonly key?: string },
  ): boolean =>
    (key === claims.iss || listed.has(`${claims.iss} ${key}`)) &&
    !doubts.isRevoked(claims.iss, key) &&
    notary.open(notary.written(claims, signed, key)).ok;
  if (!isSaid(birthOf(item, tier, papers.birth), papers.birth)) return no("its maker did not sign them");
  for (const { from, link } of walked.links) {
    // What was seen here before is believed, whatever has become of the key since.
    if (!doubts.hasSeen(item.id, from, link) && !isSaid(linkOf(item.id, from, link), link))
      return no("a link was not signed by who held it");
    if (link.refused !== undefined && !isSaid(refusalOf(from, link, link.refused), link.refused))
      return no("a refusal in its papers is not genuine");
  }
  return ok(walked);
}

/** Where papers lead, their signatures not looked at; undefined when a link is missing. */
export function walkPapers(item: ItemRef, { birth, links }: Papers): Followed | undefined {
  let holder = issuerOf(item);
  let at = birth.hop;
  const signed: { from: WorldId; link: PaperLink }[] = [];
  for (const link of links) {
    if (link.hop !== at + 1 || link.to === holder) return undefined;
    signed.push({ from: holder, link });
    at = link.refused === undefined ? link.hop : link.hop + 1;
    if (link.refused === undefined) holder = link.to;
  }
  return { holder, hop: at, links: signed };
}

function refusalOf(from: WorldId, { to, n }: PaperLink, { iat, code, reason, epoch }: Refused): Claims {
  return { typ: "refusal", iss: to, aud: from, iat, transfer: formatNumbered(n, from), code, reason, epoch };
}

function no(why: string): Result<never> {
  return fail("forged", "peer", `Its papers are not in order: ${why}.`);
}

/** How many signatures stand in some papers. */
export function signaturesIn({ links, keys = [] }: Papers): number {
  return links.reduce((sum, { refused }) => sum + (refused === undefined ? 1 : 2), 1 + keys.length);
}
