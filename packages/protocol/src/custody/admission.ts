// Whether a traveller with these things can come into this world's custody. Reads only; nothing here decides for ever.
import { type Fault, fault } from "../fault.ts";
import { parseNumbered } from "../ids.ts";
import { flattenItems, type Ruling } from "../items.ts";
import { CUSTODY, LIMITS, TIMES } from "../limits.ts";
import type { Carried, Offer, OfferRequest, Passport } from "./claims.ts";
import { flattenCarried, spreadRulings } from "./claims.ts";
import type { Custody, Departure } from "./custody.ts";
import { lockerOf, outermostPlace } from "./custody.ts";
import type { Border } from "./desk.ts";
import { refuseThings } from "./inspection.ts";
import { whyNotSaid } from "./keys.ts";

/** What stands against an arrival: a reason for ever, or a departure from here whose receipt must come first. */
export type Conflict = { readonly why: Fault } | { readonly waitsFor: Departure };

/** Whether custody itself speaks against this traveller and these items arriving, all of them or none. */
export function conflictWith(custody: Custody, arriving: Passport): Conflict | undefined {
  const conflict = conflictOf(custody, arriving);
  if (conflict !== undefined) return conflict;
  for (const item of flattenCarried(arriving.items)) {
    const against = itemConflict(custody, item);
    if (against !== undefined) return against;
  }
  return undefined;
}

/** Before anything has left, one thing that cannot come does not keep the rest out: what is left against the traveller, or is under way. */
export function conflictAtOffer(custody: Custody, request: OfferRequest): Conflict | undefined {
  const conflict = conflictOf(custody, request);
  if (conflict !== undefined) return conflict;
  for (const item of flattenCarried(request.items)) {
    const against = itemConflict(custody, item);
    if (against !== undefined && "waitsFor" in against) return against;
  }
  return undefined;
}

/** The rulings of customs, with things refused that are here already, or were here later, or cannot be. A forged name so costs its bearer alone. */
export function withoutConflicts(custody: Custody, request: OfferRequest, rulings: readonly Ruling[]): Ruling[] {
  const whyNot = (item: Carried): string | undefined => {
    const against = itemConflict(custody, item);
    return against !== undefined && "why" in against ? against.why.detail : undefined;
  };
  return refuseThings(rulings, request.items, whyNot, (kind) => `It stays in the ${kind}, which cannot come.`);
}

function conflictOf(custody: Custody, arriving: OfferRequest | Passport): Conflict | undefined {
  const { traveller, hop, home, items } = arriving;
  const resident = custody.residents.get(traveller);
  if (resident?.status === "escrow") return waiting(custody, resident.transfer);
  if (resident !== undefined && hop <= resident.hop) return no("stale-hop", "This is an older crossing than one already seen here.");
  if (hop >= CUSTODY.farthestHop) return no("refused", "This passport counts more crossings than anybody can have made.");
  if (resident?.status === "here") return no("refused", "You live in this world already; come in by its own door.");
  if (resident !== undefined && resident.home !== home) return no("refused", "Somebody of your key, but from another home, is known here.");
  if (home === custody.world && resident?.home !== custody.world) return no("forged", "This world is not where that traveller was born.");
  if (resident === undefined && custody.residents.size >= CUSTODY.residents)
    return no("busy", "This world can remember no more travellers.");
  const all = flattenCarried(items);
  if (all.length > LIMITS.itemsCarried) return no("oversized", `A traveller carries at most ${LIMITS.itemsCarried} things.`);
  if (new Set(all.map((item) => item.id)).size !== all.length) return no("forged", "The same thing is listed twice.");
  return undefined;
}

function itemConflict(custody: Custody, item: Carried): Conflict | undefined {
  const id = parseNumbered(item.id);
  if (id?.world === custody.world && id.n >= custody.nextSerial) return no("forged", `This world never made ${item.kind} ${id.n}.`);
  if (item.hop >= CUSTODY.farthestHop) return no("refused", `That ${item.kind} is said to have changed hands more often than can be.`);
  if (custody.items.has(item.id)) {
    const place = outermostPlace(custody, item.id);
    return place.in === "escrow" ? waiting(custody, place.of) : no("refused", `That very ${item.kind} is here already.`);
  }
  const seen = custody.seenHops.get(item.id);
  return seen !== undefined && item.hop <= seen ? no("stale-hop", `That ${item.kind} was here later than this crossing.`) : undefined;
}

function waiting(custody: Custody, transfer: string | undefined): Conflict {
  const waitsFor = custody.out.get(transfer ?? "");
  if (waitsFor === undefined) throw new Error("what is in escrow has an open departure");
  return { waitsFor };
}

function no(code: Fault["code"], detail: string): Conflict {
  return { why: fault(code, "peer", detail) };
}

/** Whether this world said, in this very offer, that this passport's traveller and items may come. */
export function coveredBy(border: Border, passport: Passport): Offer | undefined {
  const opened = border.context.notary.read(passport.offer);
  if (!opened.ok || opened.value.claims.typ !== "offer" || whyNotSaid(border, passport.offer, opened.value) !== undefined) return undefined;
  const offer = opened.value.claims;
  if (offer.iss !== border.world || offer.aud !== passport.iss || offer.traveller !== passport.traveller) return undefined;
  if (passport.iat > offer.exp + TIMES.clockSkewMs) return undefined;
  const admitted = new Map(spreadRulings(offer.rulings).flatMap(({ item, kind, verdict }) => (verdict === "refuse" ? [] : [[item, kind]])));
  return flattenCarried(passport.items).every((item) => admitted.get(item.id) === item.kind) ? offer : undefined;
}

/** The locker's outermost things that fit beside what arrives. */
export function unlockable(custody: Custody, passport: Passport): string[] {
  let room = LIMITS.itemsCarried - flattenCarried(passport.items).length;
  const unlocked: string[] = [];
  for (const item of lockerOf(custody, passport.traveller)) {
    const size = flattenItems([item]).length;
    if (size > room) continue;
    room -= size;
    unlocked.push(item.id);
  }
  return unlocked;
}
