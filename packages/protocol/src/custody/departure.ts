// What leaves and what stays: sorting a traveller's things by the destination's rulings, and writing the passport. Reads only.
import { type Fault, fail, fault, ok, type Result } from "../fault.ts";
import type { ItemRef, TransferId, TravellerId, WorldId } from "../ids.ts";
import { formatNumbered } from "../ids.ts";
import { flattenItems } from "../items.ts";
import { CUSTODY, LIMITS, TIMES } from "../limits.ts";
import type { WorldMessage } from "../messages.ts";
import { decodeBase64url } from "./base64url.ts";
import { type Peer, whyShut } from "./border.ts";
import type { Offer, Passport } from "./claims.ts";
import type { Custody, Departure } from "./custody.ts";
import { lockerOf } from "./custody.ts";
import type { Border } from "./desk.ts";
import { type Sorted, sortOut } from "./luggage.ts";
import { whileRemembering } from "./recall.ts";
import type { DepartRecord } from "./records.ts";

export interface Leaving {
  readonly record: DepartRecord;
  readonly sorted: Sorted;
}

/** The departure an offer allows, or the fault that keeps everybody here. */
export function prepareDeparture(border: Border, traveller: TravellerId, offer: Offer, offerToken: string): Result<Leaving> {
  const { custody, world, nowMs, context } = border;
  const resident = custody.residents.get(traveller);
  if (resident?.status !== "here") return fail("already-crossing", "client", "You are not here to leave.");
  const live = context.policy.live(traveller) ?? resident;
  const n = custody.nextDeparture;
  const sorted = sortOut(border, traveller, offer, n);
  if (sorted.kept.length > 0 && !hasLockerRoom(custody, traveller, sorted.kept)) {
    return fail("no-room", "client", "Your locker here is too full for what the other world refuses.");
  }
  const exp = nowMs + TIMES.passportLifeMs;
  const claims: Passport = {
    typ: "passport",
    iss: world,
    aud: offer.iss,
    iat: nowMs,
    exp,
    transfer: formatNumbered(n, world),
    epoch: custody.epoch,
    traveller,
    name: resident.name,
    home: resident.home,
    hop: resident.hop + 1,
    body: live.body,
    items: sorted.items,
    offer: offerToken,
  };
  const passport = context.notary.sign(claims);
  if (passport.length > LIMITS.passportBytes)
    return fail("oversized", "client", "You carry more than a passport can hold. Leave something here.");
  const place = live.x !== undefined && live.y !== undefined ? { x: live.x, y: live.y } : {};
  const lists = { items: sorted.travels, kept: sorted.kept };
  const hash = context.notary.hash(passport);
  const record: DepartRecord = {
    r: "depart",
    t: nowMs,
    n,
    to: offer.iss,
    traveller,
    passport,
    hash,
    ...lists,
    body: live.body,
    ...place,
    exp,
  };
  return ok({ record, sorted });
}

function hasLockerRoom(custody: Custody, traveller: TravellerId, kept: readonly ItemRef[]): boolean {
  const count = flattenItems(lockerOf(custody, traveller)).length;
  return count + kept.length * LIMITS.itemDepth <= LIMITS.lockerItems || count + LIMITS.itemsCarried <= LIMITS.lockerItems;
}

/** The passport for the traveller: the seed's Transfer message. Undefined when the destination is no peer any more. */
export function transferMessage(departure: Departure, peer: Peer | undefined): WorldMessage | undefined {
  if (peer === undefined) return undefined;
  const dot = departure.passport.lastIndexOf(".");
  const signature = decodeBase64url(departure.passport.slice(dot + 1));
  if (signature === undefined) throw new Error("a passport of one's own is well formed");
  const destination = { world: peer.world, name: peer.name, url: peer.url };
  return {
    t: "transfer",
    id: departure.transfer,
    destination,
    passport: departure.passport.slice(0, dot),
    signature,
    expiresMs: departure.exp,
  };
}

/** Every departure to this peer numbered below is resolved, once `resolved` is. */
export function resolvedBelow(custody: Custody, to: WorldId, resolved: TransferId): number {
  const open = [...(custody.openTo.get(to) ?? []), ...unconfirmed(custody, to)].filter((transfer) => transfer !== resolved);
  return Math.min(
    custody.nextDeparture,
    ...open.map((transfer) => (custody.out.get(transfer) ?? custody.overridden.get(transfer))?.n ?? custody.nextDeparture),
  );
}

/** What the operator resolved there: the destination is to remember it until it has said what it decided. */
function* unconfirmed(custody: Custody, to: WorldId): Generator<TransferId> {
  for (const one of custody.overridden.values()) if (one.to === to && one.word === undefined) yield one.transfer;
}

/** Why this traveller cannot ask to go there now. */
export function whyNotAsk(border: Border, traveller: TravellerId, to: WorldId): Fault | undefined {
  const { custody, context, desk, world } = border;
  const resident = custody.residents.get(traveller);
  const peer = context.peers.get(to);
  if (resident === undefined || resident.status === "away") return fault("away", "client", "You are not in this world.");
  if (resident.status === "escrow" || desk.asks.has(traveller)) return fault("already-crossing", "client", "You are crossing already.");
  if (peer === undefined || peer.isClosed === true || to === world) return fault("no-such-portal", "world", "This world has no way there.");
  const remembering = whileRemembering(custody);
  if (remembering !== undefined) return remembering;
  const shut = whyShut(context.policy, "out");
  if (shut !== undefined) return shut;
  if (border.isClockBehind) return fault("clock-skew", "world", "This world's clock is wrong; its operator must set it.", 60_000);
  if ((custody.openTo.get(to)?.size ?? 0) >= CUSTODY.openPerPeer)
    return fault("busy", "world", "Too many crossings there are under way.", 10_000);
  return undefined;
}
