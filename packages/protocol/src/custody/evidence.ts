// Double spends: every world remembers links it has seen, tells the issuer of the newest one, and keeps two that contradict each other as
// a proof that anybody can verify. The later copy is sealed where it is.
import { type Fault, fail, fault, ok, type Result } from "../fault.ts";
import type { ItemRef, WorldId } from "../ids.ts";
import { issuerOf, parseNumbered } from "../ids.ts";
import { CUSTODY } from "../limits.ts";
import { type CustodyEffect, type Decision, type Heard, NOTHING, turnDown } from "./border.ts";
import { type Carried, flattenCarried, type Notary, type Passport, type ProofClaims, type Witness } from "./claims.ts";
import { type Custody, outermostPlace } from "./custody.ts";
import { type Border, mayTombstone } from "./desk.ts";
import { unlessSaid } from "./keys.ts";
import { dayOf, type Followed, type Link, linkOf, listedIn, type PaperLink, signatureIn, walkPapers } from "./papers.ts";
import type { CustodyRecord } from "./records.ts";
import { type DoubleSpend, type SeenLink, seenKey, spendKey } from "./seen-links.ts";

/** What two tokens prove, to anybody: the same world let the same item go twice at the same hop. */
export function verifyDoubleSpend(
  open: Notary["open"],
  { first, second, keys = [] }: Pick<DoubleSpend, "first" | "second" | "keys">,
): Result<DoubleSpend & { readonly links: readonly [Link, Link] }> {
  const opened = [open(first), open(second)];
  const links = opened.flatMap((one) => (one.ok && one.value.claims.typ === "link" ? [one.value.claims] : []));
  const [a, b] = links;
  const broken = opened.find((one) => !one.ok);
  if (broken?.ok === false) return broken;
  if (a === undefined || b === undefined) return fail("malformed", "peer", "A proof is two links, and this is something else.");
  if (a.iss !== b.iss || a.item !== b.item || a.hop !== b.hop)
    return fail("malformed", "peer", "These links are of different signers, items or hops: they prove nothing.");
  if (a.to === b.to && a.transfer === b.transfer) return fail("malformed", "peer", "These links say the same: they prove nothing.");
  const listed = listedIn(open, keys);
  const isTheirs = opened.every((one) => one.ok && (one.value.kid === a.iss || listed.has(`${a.iss} ${one.value.kid}`)));
  if (!isTheirs) return fail("unknown-key", "peer", "No statement is with it that says whose key signed these links.");
  return ok({ item: a.item, hop: a.hop, signer: a.iss, first, second, ...(keys.length === 0 ? {} : { keys }), links: [a, b] });
}

function differs(a: Omit<PaperLink, "refused">, b: Omit<PaperLink, "refused">): boolean {
  return a.to !== b.to || a.n !== b.n;
}

function tokenOf(notary: Notary, { item, from, link }: SeenLink): string {
  return notary.written(linkOf(item, from, link), link.signature, link.key ?? from);
}

function spendOf(notary: Notary, first: SeenLink, second: SeenLink): DoubleSpend {
  const { item, from: signer, link } = first;
  const keys = [...new Set([...(first.keys ?? []), ...(second.keys ?? [])])];
  const spend = { item, hop: link.hop, signer, first: tokenOf(notary, first), second: tokenOf(notary, second) };
  return keys.length === 0 ? spend : { ...spend, keys };
}

/** Statements of this world's keys among some, when the link needs one. */
export function statementsFor(open: Notary["open"], { from, link, ...seen }: SeenLink, statements: readonly string[]): SeenLink {
  if (link.key === undefined || link.key === from) return { from, link, ...seen };
  const keys = statements.filter((token) => listedIn(open, [token]).has(`${from} ${link.key}`));
  return { from, link, ...seen, keys: keys.slice(0, 1) };
}

/** Links of an arriving item that contradict what was seen here before. */
function spendsIn(border: Border, item: Carried, { links }: Followed): DoubleSpend[] {
  const { custody, context } = border;
  return links.flatMap(({ from, link }) => {
    const seen = statementsFor(context.notary.open, { item: item.id, from, link }, item.papers?.keys ?? []);
    const before = custody.links.get(seenKey(seen));
    return before === undefined || !differs(before.link, link) ? [] : [spendOf(context.notary, before, seen)];
  });
}

export interface Evidence {
  readonly spends: readonly DoubleSpend[];
  /** Items whose papers are contradicted. */
  readonly frozen: readonly ItemRef[];
  /** The newest links, to the issuers that are known here. */
  readonly witness: readonly CustodyEffect[];
}

/** What the papers of arriving items mean here. They are in order: that was asked before. */
export function weighEvidence(border: Border, passport: Passport): Evidence {
  const { context, world, nowMs } = border;
  const spends: DoubleSpend[] = [];
  const frozen: ItemRef[] = [];
  const newest = new Map<WorldId, SeenLink[]>();
  for (const item of flattenCarried(passport.items)) {
    const followed = item.papers === undefined ? undefined : walkPapers(item.id, item.papers);
    if (followed === undefined) continue;
    const found = spendsIn(border, item, followed);
    if (found.length > 0) frozen.push(item.id);
    spends.push(...found);
    const last = followed.links.at(-1);
    const issuer = issuerOf(item.id);
    if (last === undefined || issuer === world || !context.peers.has(issuer)) continue;
    const seen = statementsFor(context.notary.open, { item: item.id, ...last }, item.papers?.keys ?? []);
    newest.set(issuer, [...(newest.get(issuer) ?? []), seen]);
  }
  const witness = [...newest].map(([aud, seen]) => {
    const links = seen.map((one) => tokenOf(context.notary, one));
    const keys = [...new Set(seen.flatMap((one) => one.keys ?? []))].slice(0, CUSTODY.paperKeys);
    const told = { typ: "witness", iss: world, aud, iat: nowMs, links } as const;
    return post(aud, context.notary.sign(keys.length === 0 ? told : { ...told, keys }));
  });
  return { spends: spends.slice(0, CUSTODY.proofsPerSigner), frozen, witness };
}

/** The issuer hears where its items went. */
export function hearWitness(border: Border, heard: Heard, witness: Witness): Decision {
  const { context, nowMs } = border;
  const not = unlessSaid(border, "X24", heard.token, heard.opened);
  if (not !== undefined) return not;
  const listed = listedIn(context.notary.open, witness.keys ?? []);
  const records: CustodyRecord[] = [];
  const effects: CustodyEffect[] = [];
  for (const token of witness.links) {
    const seen = witnessed(border, witness, token, listed);
    if (seen === undefined) continue;
    const before = border.custody.links.get(seenKey(seen));
    if (before === undefined) {
      if (mayTombstone(border, witness.iss)) records.push({ r: "seen", t: nowMs, ...seen });
      continue;
    }
    if (!differs(before.link, seen.link)) continue;
    const spend = spendOf(context.notary, before, seen);
    if (!border.custody.doubleSpends.has(spendKey(spend)) && mayTombstone(border, witness.iss))
      records.push({ r: "proof", t: nowMs, spend });
    const { first, second, keys } = spend;
    for (const aud of new Set([before.link.to, seen.link.to])) {
      if (aud === border.world || !context.peers.has(aud)) continue;
      const said = { typ: "proof", iss: border.world, aud, iat: nowMs, first, second } as const;
      effects.push(post(aud, context.notary.sign(keys === undefined ? said : { ...said, keys })));
    }
  }
  return { records, effects, rules: effects.length > 0 || records.some(({ r }) => r === "proof") ? ["E7", "E8"] : ["E7"] };
}

/** A link to the one who shows it, of an item from here, signed by who let it go. */
function witnessed(border: Border, by: Witness, token: string, listed: ReadonlySet<string>): SeenLink | undefined {
  const { open } = border.context.notary;
  const opened = open(token);
  if (!opened.ok || opened.value.claims.typ !== "link") return undefined;
  const { claims, kid } = opened.value;
  const { iss: from, item, hop, to, transfer, iat } = claims;
  const id = parseNumbered(transfer);
  if (issuerOf(item) !== border.world || to !== by.iss || id?.world !== from) return undefined;
  if ((kid !== from && !listed.has(`${from} ${kid}`)) || isRevokedHere(border, from, kid)) return undefined;
  const key = kid === from ? {} : { key: kid };
  const link = { to, hop, n: id.n, day: dayOf(iat), signature: signatureIn(token), ...key };
  // A date within a day is none that papers can have.
  return linkOf(item, from, link).iat === iat ? statementsFor(open, { item, from, link }, by.keys ?? []) : undefined;
}

export function isRevokedHere({ custody }: Border, world: WorldId, key: string): boolean {
  return custody.keys.get(world)?.keys.some((listed) => listed.key === key && listed.revoked === true) === true;
}

/** Somebody shows a proof. It speaks for itself; but which copy is the later one, only the issuer says. */
export function hearProof(border: Border, heard: Heard, said: ProofClaims): Decision {
  const { custody, context, nowMs } = border;
  const { open } = context.notary;
  const not = unlessSaid(border, "X24", heard.token, heard.opened);
  if (not !== undefined) return not;
  const proven = verifyDoubleSpend(open, said);
  if (!proven.ok) return turnDown("E9", asPeers(proven.fault));
  const { links, ...spend } = proven.value;
  const isLater = said.iss === issuerOf(spend.item) && stands(custody, spend.item, signatureIn(said.second));
  if (!isLater && (custody.doubleSpends.has(spendKey(spend)) || !concerns(border.world, links))) return { ...NOTHING, rules: ["E9"] };
  if (!mayTombstone(border, said.iss)) return turnDown("X24", fault("too-fast", "peer", "Too many proofs at once.", 1_000));
  return { records: [{ r: "proof", t: nowMs, spend, ...(isLater ? { frozen: spend.item } : {}) }], effects: [], rules: ["E9"] };
}

function asPeers(why: Fault): Fault {
  return { ...why, blame: "peer" };
}

/** Only who was told one of the two keeps the proof: nobody is to store what is none of their business. */
function concerns(world: WorldId, links: readonly [Link, Link]): boolean {
  return links.some(({ to, iss, item }) => to === world || iss === world || issuerOf(item) === world);
}

/** Whether the copy here came by this very link, and is not frozen yet. */
function stands(custody: Custody, item: ItemRef, signature: string): boolean {
  const row = custody.items.get(item);
  if (row === undefined || row.seal === "double-spend" || outermostPlace(custody, item).in === "escrow") return false;
  return row.papers?.links.some((link) => link.signature === signature) === true;
}

function post(to: WorldId, token: string): CustodyEffect {
  return { e: "post", to, token, reply: false };
}
