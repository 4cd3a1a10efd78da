// The destination's side of a transfer: UNKNOWN → ADMITTED or REFUSED, for ever; closed by its origin, forgotten after its time.
// All its transitions are in this file. Law: the first durable decision stands, and the same question gets the same answer.
import { type Fault, fault } from "../fault.ts";
import type { TransferId, WorldId } from "../ids.ts";
import { parseNumbered } from "../ids.ts";
import { CUSTODY, LIMITS, TIMES } from "../limits.ts";
import { conflictAtOffer, conflictWith, coveredBy, unlockable, withoutConflicts } from "./admission.ts";
import { isForgettable } from "./apply-transfer.ts";
import {
  also,
  type BorderContext,
  type CustodyEffect,
  type Decision,
  type DestinationInput,
  type Heard,
  type Moment,
  NOTHING,
  turnDown,
  whyShut,
} from "./border.ts";
import {
  type Cancel,
  type Close,
  groupRulings,
  type Offer,
  type OfferRequest,
  type Passport,
  plainItems,
  type Status,
  spreadRulings,
} from "./claims.ts";
import { BODY_KIND, clampBody } from "./clamps.ts";
import type { Arrival, Custody, Departure } from "./custody.ts";
import { type Border, borderAt, type Desk, FORGET_EVERY_MS, mayClose, mayTombstone } from "./desk.ts";
import { hearProof, hearWitness, weighEvidence } from "./evidence.ts";
import { whyNotByPapers, withPapersInOrder } from "./inspection.ts";
import { unlessSaid, whyNotSaid } from "./keys.ts";
import { overQuotas, withinQuotas } from "./quota.ts";
import { isSettled, whileRemembering } from "./recall.ts";
import type { RefuseRecord } from "./records.ts";
import { claimArriving } from "./register.ts";
import type { RuleId } from "./rules.ts";

type Presentation = Extract<DestinationInput, { in: "present" }>;

/** Pure but for `desk`, which it changes in place: reads custody, answers with records and effects. */
export function stepDestination(custody: Custody, desk: Desk, input: DestinationInput, now: Moment, context: BorderContext): Decision {
  const border = borderAt(custody, desk, now, context);
  switch (input.in) {
    case "present":
      return present(border, input);
    case "heard":
      return hear(border, input);
    case "wake":
      return wake(border);
  }
}

function hear(border: Border, heard: Heard): Decision {
  const { claims } = heard.opened;
  if (claims.typ === "keys" || claims.aud !== border.world)
    return turnDown("X24", fault("foreign", "peer", "This message is for another world."));
  if (!border.context.peers.has(claims.iss))
    return turnDown("X24", fault("unknown-origin", "peer", "This world admits nobody from there."));
  switch (claims.typ) {
    case "offer-request":
      return hearRequest(border, heard, claims);
    case "status":
    case "cancel":
      return hearQuestion(border, heard, claims);
    case "close":
      return hearClose(border, heard, claims);
    case "witness":
      return hearWitness(border, heard, claims);
    case "proof":
      return hearProof(border, heard, claims);
    default:
      return turnDown("X24", fault("out-of-order", "peer", "A destination is not told this."));
  }
}

function unlessTrue(border: Border, heard: Heard): Decision | undefined {
  return unlessSaid(border, "X24", heard.token, heard.opened);
}

function hearRequest(border: Border, heard: Heard, request: OfferRequest): Decision {
  const { desk, steadyMs } = border;
  const { hash } = heard.opened;
  const kept = desk.offers.get(request.traveller);
  if (kept !== undefined && kept.request === hash && steadyMs < kept.untilMs)
    return { ...NOTHING, effects: [post(request.iss, kept.token)], rules: ["X20"] };
  const not = unlessTrue(border, heard);
  if (not !== undefined) return not;
  const against = whyNotOffer(border, request);
  if (against !== undefined) {
    const declined = decline(border, request, hash, against.why, against.waitsFor);
    return whileRemembering(border.custody) === undefined ? declined : { ...declined, rules: [...declined.rules, "X46"] };
  }
  const answer = border.context.policy.customs(request.iss, plainItems(request.items), request.body);
  const possible = withoutConflicts(border.custody, request, answer.rulings);
  const inOrder = withPapersInOrder(border, request, possible);
  const { rulings, imports, isOver } = withinQuotas(border, request, { rulings: inOrder, clamps: answer.clamps });
  const terms = { request: hash, traveller: request.traveller, rulings: groupRulings(rulings), clamps: answer.clamps };
  const offer: Offer = {
    typ: "offer",
    iss: border.world,
    aud: request.iss,
    iat: border.nowMs,
    exp: border.nowMs + TIMES.offerLifeMs,
    ...terms,
  };
  const token = border.context.notary.sign(offer);
  if (token.length > LIMITS.passportBytes)
    return decline(border, request, hash, fault("oversized", "client", "You carry more than a passport can hold."));
  const overRules: RuleId[] = isOver ? ["E1"] : [];
  const paperRules: RuleId[] = inOrder.some((ruling, i) => ruling !== possible[i]) ? ["E5"] : [];
  const place = { peer: request.iss, request: hash, token, untilMs: steadyMs + TIMES.offerLifeMs, imports };
  desk.offers.set(request.traveller, place);
  return { records: [], effects: [post(request.iss, token)], rules: ["X20", ...overRules, ...paperRules] };
}

interface Objection {
  readonly why: Fault;
  readonly waitsFor?: Departure;
}

function whyNotOffer(border: Border, request: OfferRequest): Objection | undefined {
  const { custody, desk, context, nowMs } = border;
  const { policy, peers } = context;
  const no = (code: Fault["code"], detail: string, retryAfterMs = 0): Objection => ({ why: fault(code, "world", detail, retryAfterMs) });
  if (peers.get(request.iss)?.isClosed === true) return no("unknown-origin", "This world admits nobody from there any more.");
  const remembering = whileRemembering(custody);
  if (remembering !== undefined) return { why: remembering };
  const shut = whyShut(policy, "in");
  if (shut !== undefined) return { why: shut };
  if (border.isClockBehind || Math.abs(request.iat - nowMs) > TIMES.clockSkewMs)
    return no("clock-skew", "The clocks of the two worlds are too far apart.");
  if ((custody.openFrom.get(request.iss) ?? 0) >= CUSTODY.openPerPeer)
    return no("busy", "Too many arrivals from there are not closed.", 10_000);
  const banned = policy.isBanned(request.traveller, request.home);
  if (banned !== undefined) return no("banned", banned);
  const conflict = conflictAtOffer(custody, request);
  if (conflict !== undefined && "why" in conflict) return conflict;
  if (conflict !== undefined)
    return { ...no("busy", "Your last crossing from here is not settled yet.", 1_000), waitsFor: conflict.waitsFor };
  dropEndedOffers(desk, border.steadyMs);
  const kept = desk.offers.size - (desk.offers.has(request.traveller) ? 1 : 0);
  const room = policy.room();
  if (kept >= CUSTODY.openOffers || room - kept <= 0) return no("busy", "This world is full now.", 10_000);
  if (keptFor(desk, request) >= shareOf(room)) return no("busy", "Too many from your world are expected here.", 10_000);
  return undefined;
}

/** Places kept for others from the same world. */
function keptFor({ offers }: Desk, { iss, traveller }: OfferRequest): number {
  let count = 0;
  for (const [expected, { peer }] of offers) if (peer === iss && expected !== traveller) count += 1;
  return count;
}

/** How many of the free places may be kept for one world: half of them, so that none can keep the others out by asking. */
function shareOf(room: number): number {
  return Math.min(CUSTODY.offersPerPeer, Math.max(1, Math.ceil(room / 2)));
}

function dropEndedOffers(desk: Desk, steadyMs: number): void {
  for (const [traveller, kept] of desk.offers) if (steadyMs >= kept.untilMs) desk.offers.delete(traveller);
}

function decline(border: Border, request: OfferRequest, hash: string, why: Fault, waitsFor?: Departure): Decision {
  const { code, detail: reason, retryAfterMs } = why;
  const token = border.context.notary.sign({
    typ: "decline",
    iss: border.world,
    aud: request.iss,
    iat: border.nowMs,
    request: hash,
    code,
    reason,
    retryAfterMs,
  });
  const asking = waitsFor === undefined ? [] : [askAbout(border, waitsFor)];
  return { records: [], effects: [post(request.iss, token), ...asking], rules: waitsFor === undefined ? ["X21"] : ["X21", "X33"] };
}

function present(border: Border, given: Presentation): Decision {
  const { custody, context, world, nowMs } = border;
  const read = context.notary.read(given.passport);
  if (!read.ok) return turnAway(given, "X24", read.fault);
  const { claims: passport, hash } = read.value;
  if (passport.typ !== "passport") return turnAway(given, "X24", fault("forged", "client", "This is a signed message, but no passport."));
  if (passport.aud !== world) return turnAway(given, "X24", fault("foreign", "client", "This passport is made out to another world."));
  const id = parseNumbered(passport.transfer);
  if (id === undefined || id.world !== passport.iss)
    return turnAway(given, "X24", fault("forged", "client", "This passport names a transfer that is not its maker's."));
  if (!context.peers.has(passport.iss))
    return turnAway(given, "X24", fault("unknown-origin", "client", "This world admits nobody from there."));
  const decided = custody.arrivals.get(passport.transfer);
  if (decided !== undefined) return presentAgain(border, given, decided, passport, hash);
  if (id.n < (custody.closedBelow.get(id.world) ?? 0) || isSettled(custody, id))
    return turnAway(given, "X32", fault("expired", "client", "This crossing is over."));
  if (nowMs < passport.iat - TIMES.clockSkewMs)
    return turnAway(given, "X24", fault("expired", "client", "This passport is not valid yet.", 5_000));
  const not = whyNotSaid(border, given.passport, read.value);
  if (not !== undefined) return turnAway(given, "X24", { ...not.why, blame: "client" }, undefined, not.rules);
  if (passport.traveller !== given.traveller)
    return turnAway(given, "X24", fault("not-holder", "client", "This passport belongs to another key."));
  const remembering = whileRemembering(custody);
  if (remembering !== undefined) return turnAway(given, "X46", remembering);
  const shut = whyShut(context.policy, "in");
  if (shut !== undefined) return turnAway(given, "X34", shut);
  if (border.isClockBehind)
    return turnAway(given, "X34", fault("clock-skew", "world", "This world's clock is wrong; its operator must set it.", 60_000));
  if ((custody.openFrom.get(passport.iss) ?? 0) >= CUSTODY.openPerPeer)
    return turnAway(given, "X34", fault("busy", "world", "Too many arrivals from there are not closed; try again soon.", 10_000));
  return decide(border, given, passport, hash);
}

/** A genuine passport in the right hands, for a transfer that is not decided: here it is. */
function decide(border: Border, given: Presentation, passport: Passport, hash: string): Decision {
  const { custody, context, nowMs } = border;
  if (passport.epoch < (custody.memory.fences.get(passport.iss) ?? 0)) {
    const why = fault("refused", "peer", "This passport is from before its world lost a part of its memory.");
    const refused = refuseFor(border, given, passport, hash, why);
    return { ...refused, rules: [...refused.rules, "X48"] };
  }
  const conflict = conflictWith(custody, passport);
  if (conflict !== undefined && "waitsFor" in conflict) {
    const turned = turnAway(given, "X33", fault("in-transit", "world", "Your last crossing from here is not settled yet.", 500));
    return { ...turned, effects: [askAbout(border, conflict.waitsFor), ...turned.effects] };
  }
  const offer = coveredBy(border, passport);
  const banned = context.policy.isBanned(passport.traveller, passport.home);
  if (nowMs > passport.exp) return refuseFor(border, given, passport, hash, fault("expired", "client", "This passport is past its time."));
  if (passport.exp - passport.iat > TIMES.passportLifeMs)
    return refuseFor(border, given, passport, hash, fault("refused", "peer", "This passport claims too long a life."));
  if (offer === undefined)
    return refuseFor(border, given, passport, hash, fault("refused", "peer", "This passport goes beyond what this world offered."));
  if (context.peers.get(passport.iss)?.isClosed === true)
    return refuseFor(border, given, passport, hash, fault("unknown-origin", "world", "This world admits nobody from there any more."));
  if (banned !== undefined) return refuseFor(border, given, passport, hash, fault("banned", "world", banned));
  if (conflict !== undefined) return refuseFor(border, given, passport, hash, conflict.why);
  const forged = whyNotByPapers(border, passport);
  if (forged !== undefined) return also("E6", refuseFor(border, given, passport, hash, fault("forged", "peer", forged)));
  const over = overQuotas(border, passport, offer);
  if (over !== undefined) return also("E2", refuseFor(border, given, passport, hash, fault("refused", "world", over)));
  return admit(border, given, passport, hash, offer);
}

function admit(border: Border, given: Presentation, passport: Passport, hash: string, offer: Offer): Decision {
  const { custody, nowMs, desk } = border;
  const { transfer, exp, traveller, name, home, hop, items, iss: origin } = passport;
  const evidence = weighEvidence(border, passport);
  const person = { traveller, name, home, hop, body: clampBody(passport.body, offer.clamps) };
  const arriving = {
    transfer,
    passport: given.passport,
    hash,
    exp,
    ...person,
    items,
    clamps: offer.clamps,
    unlocked: unlockable(custody, passport),
    ...(evidence.frozen.length === 0 ? {} : { sealed: evidence.frozen.map((item) => ({ item, why: "double-spend" as const })) }),
    ...(evidence.spends.length === 0 ? {} : { spends: evidence.spends }),
  };
  if (desk.offers.get(traveller)?.request === offer.request) desk.offers.delete(traveller);
  const arrival = {
    transfer,
    origin,
    decision: "admitted",
    decidedMs: nowMs,
    seq: custody.seq + 1,
    epoch: custody.epoch,
    hash,
    code: "",
    reason: "",
  } as const;
  const receipt = answer(border, arrival);
  const arrives = claimArriving(border, items);
  const registerRules: RuleId[] = arrives === undefined ? [] : [arrives === "home" ? "E18" : "E14"];
  return {
    records: [{ r: "admit", t: nowMs, ...arriving }],
    effects: [post(origin, receipt, false), welcome(given, arrival, receipt, offer, false), ...evidence.witness],
    rules: ["X22", ...(evidence.spends.length === 0 ? [] : (["E10"] as const)), ...registerRules],
  };
}

function welcome(given: Presentation, arrival: Answerable, receipt: string, offer: Offer | undefined, isResumed: boolean): CustodyEffect {
  const rulings =
    offer === undefined
      ? []
      : spreadRulings(offer.rulings).map((ruling) => (ruling.item === BODY_KIND ? { ...ruling, kind: BODY_KIND } : ruling));
  const { session, traveller } = given;
  return { e: "admitted", session, traveller, transfer: arrival.transfer, from: arrival.origin, receipt, rulings, isResumed };
}

function refuseFor(border: Border, given: Presentation, passport: Passport, hash: string, why: Fault): Decision {
  if (!mayTombstone(border, passport.iss))
    return turnAway(given, "X34", fault("too-fast", "world", "Too many crossings from there had to be refused; try again soon.", 1_000));
  const { record, answered } = tombstone(border, passport.transfer, passport.iss, hash, passport.exp, why);
  const turned = turnAway(given, "X23", why, answered);
  return { records: [record], effects: [post(passport.iss, answered, false), ...turned.effects], rules: ["X23"] };
}

function tombstone(
  border: Border,
  transfer: TransferId,
  origin: WorldId,
  hash: string,
  exp: number,
  why: Fault,
): { record: RefuseRecord; answered: string } {
  const { nowMs, custody } = border;
  const record: RefuseRecord = { r: "refuse", t: nowMs, transfer, hash, exp, code: why.code, reason: why.detail };
  const arrival = {
    transfer,
    origin,
    decision: "refused",
    decidedMs: nowMs,
    seq: custody.seq + 1,
    epoch: custody.epoch,
    hash,
    code: why.code,
    reason: why.detail,
  } as const;
  return { record, answered: answer(border, arrival) };
}

/** A transfer decided before, presented again. */
function presentAgain(border: Border, given: Presentation, decided: Arrival, passport: Passport, hash: string): Decision {
  if (decided.decision === "refused") {
    if (passport.traveller !== given.traveller)
      return turnAway(given, "X24", fault("not-holder", "client", "This passport belongs to another key."));
    const why = fault(decided.code === "" ? "refused" : decided.code, "world", decided.reason);
    return turnAway(given, "X26", why, answer(border, decided));
  }
  if (decided.hash !== hash) return turnAway(given, "X24", fault("forged", "client", "This is not the passport that was admitted."));
  if (decided.traveller !== given.traveller)
    return turnAway(given, "X24", fault("not-holder", "client", "This passport belongs to another key."));
  const resident = border.custody.residents.get(given.traveller);
  if (resident?.status === "here" && resident.arrived === decided.transfer) {
    return { records: [], effects: [welcome(given, decided, answer(border, decided), coveredBy(border, passport), true)], rules: ["X25"] };
  }
  const isAway = resident?.status === "away";
  return turnAway(given, "X25", fault(isAway ? "away" : "already-decided", "client", "You came in by this passport and have left again."));
}

function turnAway(given: Presentation, rule: RuleId, why: Fault, refusal?: string, more: readonly RuleId[] = []): Decision {
  const { session, traveller } = given;
  const signed = refusal === undefined ? {} : { refusal };
  return { records: [], effects: [{ e: "turned-away", session, traveller, fault: why, ...signed }], rules: [rule, ...more], fault: why };
}

type Answerable = Pick<Arrival, "transfer" | "origin" | "decision" | "decidedMs" | "seq" | "hash" | "code" | "reason" | "epoch">;

/** The word on a decided transfer: always the same payload, byte for byte, signed by the key in use now. */
function answer(border: Border, decided: Answerable): string {
  const { transfer, origin, decidedMs: iat, seq, hash, code, reason, epoch } = decided;
  const signed = { iss: border.world, aud: origin, iat, transfer };
  if (decided.decision === "admitted") return border.context.notary.sign({ typ: "receipt", ...signed, passport: hash, seq, epoch });
  return border.context.notary.sign({ typ: "refusal", ...signed, code: code === "" ? "refused" : code, reason, epoch });
}

function hearQuestion(border: Border, heard: Heard, question: Status | Cancel): Decision {
  const { custody, nowMs } = border;
  const id = parseNumbered(question.transfer);
  if (id === undefined || id.world !== question.iss)
    return turnDown("X24", fault("foreign", "peer", "A world asks about its own transfers only."));
  const not = unlessTrue(border, heard);
  if (not !== undefined) return not;
  const decided = custody.arrivals.get(question.transfer);
  if (decided !== undefined) return { ...NOTHING, effects: [post(question.iss, answer(border, decided))], rules: ["X29"] };
  if (id.n < (custody.closedBelow.get(id.world) ?? 0)) return turnDown("X32", fault("expired", "peer", "This transfer was closed."));
  if (question.typ === "status") return { ...NOTHING, rules: ["X28"] };
  if (whileRemembering(custody) !== undefined) return { ...NOTHING, rules: ["X46"] };
  if ((custody.openFrom.get(id.world) ?? 0) >= CUSTODY.openPerPeer || !mayTombstone(border, id.world)) {
    return turnDown("X24", fault("too-fast", "peer", "Too many transfers are undecided; close some first.", 1_000));
  }
  const why = fault("cancelled", "client", "The crossing was called off before the other world decided.");
  const exp = nowMs + TIMES.clockSkewMs + TIMES.passportLifeMs;
  const { record, answered } = tombstone(border, question.transfer, question.iss, "", exp, why);
  return { records: [record], effects: [post(question.iss, answered)], rules: ["X27"] };
}

function hearClose(border: Border, heard: Heard, claims: Close): Decision {
  const { custody, nowMs } = border;
  if (whileRemembering(custody) !== undefined) return { ...NOTHING, rules: ["X46"] };
  if (claims.below <= (custody.closedBelow.get(claims.iss) ?? 0)) return { ...NOTHING, rules: ["X30"] };
  const not = unlessTrue(border, heard);
  if (not !== undefined) return not;
  // The next one that gets through closes all of it.
  if (!mayClose(border, claims.iss)) return turnDown("X30", fault("too-fast", "peer", "Too many closes.", 1_000));
  return { records: [{ r: "closed", t: nowMs, origin: claims.iss, below: claims.below }], effects: [], rules: ["X30"] };
}

function wake(border: Border): Decision {
  const { desk, custody, nowMs, steadyMs } = border;
  if (steadyMs < desk.forgetMs) return NOTHING;
  desk.forgetMs = steadyMs + FORGET_EVERY_MS;
  dropEndedOffers(desk, steadyMs);
  const isSome = [...custody.arrivals.values()].some((arrival) => isForgettable(custody, arrival, nowMs));
  return isSome ? { records: [{ r: "forget", t: nowMs, before: nowMs }], effects: [], rules: ["X31"] } : NOTHING;
}

/** Asks the destination of a departure from here for its receipt, now. */
function askAbout(border: Border, departure: Departure): CustodyEffect {
  const claims = { typ: "status", iss: border.world, aud: departure.to, iat: border.nowMs, transfer: departure.transfer } as const;
  return post(departure.to, border.context.notary.sign(claims), false);
}

function post(to: WorldId, token: string, reply = true): CustodyEffect {
  return { e: "post", to, token, reply };
}
