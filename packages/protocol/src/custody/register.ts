// Registered things: their issuer keeps a register of who holds them, and a grant by it is what makes one usable away from home. Whatever
// comes in from elsewhere, or comes back, comes sealed and is claimed; a crossing never waits for a third world's answer.
// Law: the register moves only forward in hops, and only by a chain of signatures that passes through whoever it names.
import { fault } from "../fault.ts";
import type { ItemRef, TransferId, WorldId } from "../ids.ts";
import { formatNumbered, issuerOf } from "../ids.ts";
import { CUSTODY } from "../limits.ts";
import { type BorderContext, type CustodyEffect, type Decision, type Heard, type Moment, NOTHING, turnDown } from "./border.ts";
import { type Carried, flattenCarried, type Grant, type RegisterClaim, type RegisterDenial } from "./claims.ts";
import type { Custody, Departure, ItemRow, Registered, WaitingClaim } from "./custody.ts";
import { outermostPlace } from "./custody.ts";
import { type Border, borderAt, type Desk, mayTombstone } from "./desk.ts";
import { doubtsAt } from "./inspection.ts";
import { unlessSaid } from "./keys.ts";
import { insist } from "./ledger.ts";
import { followPapers, type Papers, walkPapers } from "./papers.ts";
import { whileRemembering } from "./recall.ts";
import type { AdmitRecord, DeniedRecord, GrantedRecord, GrantRecord } from "./records.ts";

/** Where the register of this world says that a thing of its own is; before it first moved: at home, as it was made. */
export function registeredAt(custody: Custody, item: ItemRef): Registered {
  return custody.register.get(item) ?? { holder: custody.world, hop: 0, transfer: "", t: 0 };
}

/**
 * Whether papers lead through this holder at this hop, by the transfer that it was registered for: a holder who refuses another transfer
 * gives nothing back. A refused destination held it, too, if it claimed it.
 */
function passes(item: ItemRef, papers: Papers, { holder, hop, transfer }: Registered): boolean {
  const walked = walkPapers(item, papers);
  if (walked === undefined) return false;
  if (holder === issuerOf(item) && hop === papers.birth.hop) return true;
  return walked.links.some(
    ({ from, link }) =>
      formatNumbered(link.n, from) === transfer &&
      ((link.to === holder && link.hop === hop) || (link.refused !== undefined && from === holder && link.hop + 1 === hop)),
  );
}

/** A claim, or what it is about, heard at the border of either side; and the claims that are due. */
export function stepRegister(custody: Custody, desk: Desk, input: Heard | { in: "wake" }, now: Moment, context: BorderContext): Decision {
  if (input.in === "wake" && now.steadyMs < desk.claimsMs) return NOTHING;
  const border = borderAt(custody, desk, now, context);
  if (input.in === "wake") return wake(border);
  const { claims } = input.opened;
  if (claims.typ === "keys" || claims.aud !== border.world)
    return turnDown("E13", fault("foreign", "peer", "This message is for another world."));
  if (!context.peers.has(claims.iss)) return turnDown("E13", fault("unknown-origin", "peer", "That world is not known here."));
  if (claims.typ === "claim") return hearClaim(border, input, claims);
  if (claims.typ === "grant") return hearGrant(border, input, claims);
  if (claims.typ === "denied") return hearDenied(border, input, claims);
  return turnDown("E13", fault("out-of-order", "peer", "A register is not told this."));
}

function hearClaim(border: Border, heard: Heard, claim: RegisterClaim): Decision {
  const { custody, nowMs, context } = border;
  const { item, iss, hop, transfer } = claim;
  const remembering = whileRemembering(custody);
  if (remembering !== undefined) return turnDown("X46", remembering);
  const not = unlessSaid(border, "E13", heard.token, heard.opened);
  if (not !== undefined) return not;
  if (issuerOf(item) !== border.world || custody.evidenced.get(item) !== "registered")
    return deny(border, claim, "This world keeps no register of it.");
  const at = registeredAt(custody, item);
  if (at.holder === iss && at.hop === hop && at.transfer === transfer)
    return { ...NOTHING, effects: [post(iss, context.notary.sign(grantOf(border.world, claim, at.t)))], rules: ["E12"] };
  const against = whyNotGrant(border, claim, at);
  if (against !== undefined) return deny(border, claim, against);
  if (!mayTombstone(border, iss)) return turnDown("E13", fault("too-fast", "peer", "Too many claims at once.", 1_000));
  const grant = context.notary.sign(grantOf(border.world, claim, nowMs));
  return { records: [{ r: "grant", t: nowMs, item, to: iss, hop, transfer }], effects: [post(iss, grant)], rules: ["E11"] };
}

/** The cheap questions first: most claims that are too late are told so without a look at their papers. */
function whyNotGrant(border: Border, { item, kind, iss, hop, transfer, papers }: RegisterClaim, at: Registered): string | undefined {
  if (hop <= at.hop) return "It has gone on since.";
  if (hop >= CUSTODY.farthestHop) return "Nothing can have changed hands so often.";
  // Whoever holds it by the register needs nobody's signature to say that it is still there.
  if (papers === undefined) return at.holder === iss ? undefined : "No papers lead there.";
  const followed = followPapers(
    border.context.notary,
    { id: item, kind, props: papers.birth.fixed, tier: "registered", papers },
    doubtsAt(border),
  );
  if (!followed.ok) return followed.fault.detail;
  const last = followed.value.links.at(-1);
  const isByThis = last !== undefined && formatNumbered(last.link.n, last.from) === transfer;
  if (followed.value.holder !== iss || followed.value.hop !== hop || !isByThis) return "Its papers lead somewhere else.";
  return passes(item, papers, at) ? undefined : "Its papers do not lead through who holds it by the register.";
}

function deny(border: Border, claim: RegisterClaim, reason: string): Decision {
  const { item, hop, transfer, iss: aud } = claim;
  const denial: RegisterDenial = { typ: "denied", iss: border.world, aud, iat: border.nowMs, item, hop, transfer, reason };
  return { ...NOTHING, effects: [post(aud, border.context.notary.sign(denial))], rules: ["E13"] };
}

function grantOf(iss: WorldId, { iss: aud, item, hop, transfer }: RegisterClaim, iat: number): Grant {
  return { typ: "grant", iss, aud, iat, item, hop, transfer };
}

/** The claim an answer is about, if it is still open. */
function openClaim({ custody }: Border, { iss, item, hop, transfer }: Grant | RegisterDenial): WaitingClaim | undefined {
  const open = custody.claims.get(item);
  const row = custody.items.get(item);
  if (open?.transfer !== transfer || row?.hop !== hop || iss !== issuerOf(item)) return undefined;
  return outermostPlace(custody, item).in === "escrow" ? undefined : open;
}

function hearGrant(border: Border, heard: Heard, grant: Grant): Decision {
  if (openClaim(border, grant) === undefined) return turnDown("E15", fault("out-of-order", "peer", "No such claim is open."));
  const not = unlessSaid(border, "E15", heard.token, heard.opened);
  if (not !== undefined) return not;
  return { records: [{ r: "granted", t: border.nowMs, item: grant.item, proof: heard.token }], effects: [], rules: ["E15"] };
}

function hearDenied(border: Border, heard: Heard, { item, reason, ...said }: RegisterDenial): Decision {
  const open = openClaim(border, { item, reason, ...said });
  if (open === undefined) return turnDown("E16", fault("out-of-order", "peer", "No such claim is open."));
  const not = unlessSaid(border, "E16", heard.token, heard.opened);
  if (not !== undefined) return not;
  if (open.denied !== undefined) return { ...NOTHING, rules: ["E16"] };
  return { records: [{ r: "denied", t: border.nowMs, item, reason }], effects: [], rules: ["E16"] };
}

/** Something that has to be claimed came in by this decision: the next wake sees it. */
function claimSoon({ desk, steadyMs }: Border): void {
  desk.claimsMs = steadyMs;
}

type Arrives = "claimed" | "home" | undefined;

/** What arriving registered things ask for: a claim, or at home none. */
export function claimArriving(border: Border, items: readonly Carried[]): Arrives {
  const registered = flattenCarried(items).filter(({ tier }) => tier === "registered");
  if (registered.length === 0) return undefined;
  if (registered.every(({ id }) => issuerOf(id) === border.world)) return "home";
  claimSoon(border);
  return "claimed";
}

/** Whether registered things come back by a departure's end; they are claimed, unless they are at home. */
export function claimReturning(border: Border, { items }: Departure): boolean {
  const isSome = items.some((ref) => border.custody.items.get(ref)?.tier === "registered");
  if (isSome) claimSoon(border);
  return isSome;
}

function wake(border: Border): Decision {
  const { custody, desk, steadyMs } = border;
  const effects: CustodyEffect[] = [];
  let nextMs = Number.POSITIVE_INFINITY;
  for (const item of desk.claims.keys()) if (!custody.claims.has(item)) desk.claims.delete(item);
  for (const [item, open] of custody.claims) {
    const before = desk.claims.get(item);
    const due = before?.transfer === open.transfer ? before : { transfer: open.transfer, nextMs: steadyMs, tries: 0 };
    desk.claims.set(item, due);
    if (steadyMs >= due.nextMs && effects.length < CUSTODY.claimsAtOnce) {
      effects.push(...claim(border, item, open));
      const last = CUSTODY.claimMs.length - 1;
      due.nextMs = steadyMs + (CUSTODY.claimMs[open.denied === undefined ? Math.min(due.tries, last) : last] ?? 0);
      due.tries += 1;
    }
    nextMs = Math.min(nextMs, due.nextMs);
  }
  // Those beyond what goes out at once follow at the next wake.
  desk.claimsMs = Math.max(nextMs, steadyMs + 1);
  return effects.length === 0 ? NOTHING : { records: [], effects, rules: ["E17"] };
}

function claim({ custody, context, world, nowMs }: Border, item: ItemRef, { transfer }: WaitingClaim): CustodyEffect[] {
  const row = custody.items.get(item);
  const aud = issuerOf(item);
  if (row === undefined || !context.peers.has(aud)) return [];
  const { kind, hop, papers } = row;
  const said = { typ: "claim", iss: world, aud, iat: nowMs, item, kind, hop, transfer } as const;
  return [post(aud, context.notary.sign(papers === undefined ? said : { ...said, papers }), false)];
}

function post(to: WorldId, token: string, reply = true): CustodyEffect {
  return { e: "post", to, token, reply };
}

// How records change the register and what waits for it. Called by the appliers only.

export function applyGrant(custody: Custody, { item, to, hop, transfer, t }: GrantRecord): void {
  insist(hop > registeredAt(custody, item).hop, `the register of ${item} goes forward`);
  custody.register.set(item, { holder: to, hop, transfer, t });
}

export function applyGranted(custody: Custody, { item }: GrantedRecord): void {
  const row = custody.items.get(item);
  insist(row !== undefined && custody.claims.delete(item), `${item} is not claimed`);
  if (row.seal === "unregistered") delete row.seal;
}

export function applyDenied(custody: Custody, { item, reason }: DeniedRecord): void {
  const open = custody.claims.get(item);
  insist(open !== undefined, `${item} is not claimed`);
  custody.claims.set(item, { ...open, denied: reason });
}

/** A registered thing came in. At home the register itself is asked, by this very record; elsewhere it is sealed until granted. */
export function registerArrival(
  custody: Custody,
  row: ItemRow,
  { transfer, t }: Pick<AdmitRecord, "transfer" | "t">,
  papers: Papers | undefined,
): void {
  if (row.tier !== "registered" || row.seal !== undefined) return;
  if (issuerOf(row.id) !== custody.world) {
    wait(custody, row, transfer);
    return;
  }
  const at = registeredAt(custody, row.id);
  const isTheirs = row.hop > at.hop && papers !== undefined && passes(row.id, papers, at);
  if (isTheirs) custody.register.set(row.id, { holder: custody.world, hop: row.hop, transfer, t });
  else row.seal = "unregistered";
}

/** A registered thing came back. `isRefused`: by the destination's signature, and not by an operator's word alone. */
export function registerReturn(
  custody: Custody,
  row: ItemRow,
  { transfer, to }: { transfer: TransferId; to: WorldId },
  isRefused: boolean,
  t: number,
): void {
  if (row.tier !== "registered" || row.seal === "double-spend") return;
  if (issuerOf(row.id) !== custody.world) {
    wait(custody, row, transfer);
    return;
  }
  const at = registeredAt(custody, row.id);
  const isGivenBack = isRefused && at.transfer === transfer && at.holder === to && at.hop === row.hop - 1;
  if (at.holder === custody.world || isGivenBack) {
    custody.register.set(row.id, { holder: custody.world, hop: row.hop, transfer, t });
    delete row.seal;
  } else row.seal = "unregistered";
}

function wait(custody: Custody, row: ItemRow, transfer: TransferId): void {
  row.seal = "unregistered";
  custody.claims.set(row.id, { transfer });
}
