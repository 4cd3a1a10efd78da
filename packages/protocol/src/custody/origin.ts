// The origin's side of a transfer: HERE → ASKING → DEPARTED → AWAY or HERE again. All its transitions are in this file.
// Law: nobody leaves without the destination's word; whoever left comes back only by the destination's word, never by time.
import { type Fault, fault } from "../fault.ts";
import type { TransferId, TravellerId, WorldId } from "../ids.ts";
import { parseNumbered } from "../ids.ts";
import type { Ruling } from "../items.ts";
import { CUSTODY, TIMES } from "../limits.ts";
import type { WorldMessage } from "../messages.ts";
import {
  also,
  type BorderContext,
  type CustodyEffect,
  type Decision,
  type Heard,
  type Moment,
  NOTHING,
  type OriginInput,
  together,
  turnDown,
  whyShut,
} from "./border.ts";
import { type Close, type Decline, flattenCarried, type Offer, type Receipt, type Refusal } from "./claims.ts";
import type { Custody, Departure, Overridden } from "./custody.ts";
import { prepareDeparture, resolvedBelow, transferMessage, whyNotAsk } from "./departure.ts";
import { type Ask, type Border, borderAt, type Chase, chase, type Desk, dueAt } from "./desk.ts";
import { unlessSaid } from "./keys.ts";
import { carriedBy } from "./luggage.ts";
import { noteSilence, whyNotOverride } from "./override.ts";
import { linksBack } from "./papers-back.ts";
import { whileRemembering } from "./recall.ts";
import { claimReturning } from "./register.ts";
import type { RuleId } from "./rules.ts";

const OVERRIDDEN_MS: readonly number[] = [...CUSTODY.cancelMs, CUSTODY.overrideAskMs];

/** Pure but for `desk`, which it changes in place: reads custody, answers with records and effects. */
export function stepOrigin(custody: Custody, desk: Desk, input: OriginInput, now: Moment, context: BorderContext): Decision {
  const border = borderAt(custody, desk, now, context);
  switch (input.in) {
    case "ask":
      return ask(border, input.traveller, input.to);
    case "left":
      return desk.asks.delete(input.traveller) ? { ...NOTHING, rules: ["X7"] } : NOTHING;
    case "held":
      return custody.out.has(input.transfer) ? { ...NOTHING, rules: ["X16"] } : NOTHING;
    case "stay":
      return stay(border, input.traveller, input.transfer);
    case "resume":
      return resume(border, input.traveller);
    case "unreachable":
      return unreachable(border, input);
    case "override":
      return override(border, input);
    case "heard":
      return hear(border, input);
    case "wake":
      return wake(border);
  }
}

function ask(border: Border, traveller: TravellerId, to: WorldId): Decision {
  const { custody, desk, context, world, nowMs, steadyMs } = border;
  const objection = whyNotAsk(border, traveller, to);
  const resident = custody.residents.get(traveller);
  if (objection !== undefined || resident === undefined) {
    const why = objection ?? fault("away", "client", "You are not in this world.");
    return { ...turnDown("X2", why), effects: [tellStage(border, traveller, to, "refused", [], why)] };
  }
  const body = (context.policy.live(traveller) ?? resident).body;
  const person = { traveller, name: resident.name, home: resident.home, hop: resident.hop + 1, body };
  const claims = { typ: "offer-request", iss: world, aud: to, iat: nowMs, ...person, items: carriedBy(border, traveller, to) } as const;
  const request = context.notary.sign(claims);
  const againMs = steadyMs + CUSTODY.askAgainMs;
  desk.asks.set(traveller, {
    to,
    request,
    hash: context.notary.hash(request),
    askedMs: steadyMs,
    deadlineMs: steadyMs + TIMES.offerMs,
    againMs,
  });
  dueAt(desk, againMs);
  return { records: [], effects: [post(to, request), tellStage(border, traveller, to, "asking", [])], rules: ["X1"] };
}

/** A message between worlds about a crossing from here. The cheap questions come before the signature. */
function hear(border: Border, heard: Heard): Decision {
  const { claims } = heard.opened;
  if (claims.typ === "keys" || claims.aud !== border.world)
    return turnDown("X15", fault("foreign", "peer", "This message is for another world."));
  switch (claims.typ) {
    case "offer":
      return hearOffer(border, heard, claims);
    case "decline":
      return hearDecline(border, heard, claims);
    case "receipt":
    case "refusal":
      return hearVerdict(border, heard, claims);
    default:
      return turnDown("X15", fault("out-of-order", "peer", "An origin is not told this."));
  }
}

function unlessTrue(border: Border, heard: Heard): Decision | undefined {
  return unlessSaid(border, "X15", heard.token, heard.opened);
}

function hearOffer(border: Border, heard: Heard, offer: Offer): Decision {
  const { desk, nowMs, steadyMs } = border;
  const { traveller } = offer;
  const open = desk.asks.get(traveller);
  if (open === undefined || open.hash !== offer.request || open.to !== offer.iss)
    return turnDown("X15", fault("out-of-order", "peer", "No such question is open."));
  const not = unlessTrue(border, heard);
  if (not !== undefined) return not;
  const apartMs = Math.abs(offer.iat - nowMs);
  if (apartMs > TIMES.clockSkewMs + (steadyMs - open.askedMs)) {
    return endAsk(border, traveller, open, "X6", fault("clock-skew", "peer", "The clocks of the two worlds are too far apart to travel."));
  }
  if (nowMs > offer.exp + TIMES.clockSkewMs)
    return endAsk(border, traveller, open, "X6", fault("expired", "peer", "The offer is past its time."));
  const remembering = whileRemembering(border.custody);
  if (remembering !== undefined) return endAsk(border, traveller, open, "X6", remembering);
  const shut = whyShut(border.context.policy, "out");
  if (shut !== undefined) return endAsk(border, traveller, open, "X6", shut);
  const leaving = prepareDeparture(border, traveller, offer, heard.token);
  if (!leaving.ok) return endAsk(border, traveller, open, "X6", leaving.fault);
  const { record, sorted } = leaving.value;
  const transfer: TransferId = `${record.n}@${border.world}`;
  desk.asks.delete(traveller);
  chase(border, transfer, CUSTODY.statusMs[0], false);
  const departure: Departure = { ...record, transfer, kept: [], departedMs: record.t };
  const left: Decision = { records: [record], effects: handOver(border, departure, sorted.rulings), rules: ["X8"] };
  return flattenCarried(sorted.items).some(({ papers }) => papers !== undefined) ? also("E3", left) : left;
}

/** What a departed traveller is told: how the crossing stands, and the passport. */
function handOver(border: Border, departure: Departure, rulings: readonly Ruling[]): CustodyEffect[] {
  const { traveller, to, transfer } = departure;
  const message = transferMessage(departure, border.context.peers.get(to));
  const stage = tellStage(border, traveller, to, "in-transit", rulings, undefined, transfer);
  return message === undefined ? [stage] : [stage, tell(traveller, message)];
}

function hearDecline(border: Border, heard: Heard, decline: Decline): Decision {
  for (const [traveller, open] of border.desk.asks) {
    if (open.hash !== decline.request || open.to !== decline.iss) continue;
    const not = unlessTrue(border, heard);
    if (not !== undefined) return not;
    return endAsk(border, traveller, open, "X4", fault(decline.code, "peer", decline.reason, decline.retryAfterMs));
  }
  return turnDown("X15", fault("out-of-order", "peer", "No such question is open."));
}

function endAsk(border: Border, traveller: TravellerId, open: Ask, rule: RuleId, why: Fault): Decision {
  border.desk.asks.delete(traveller);
  return { records: [], effects: [tellStage(border, traveller, open.to, "refused", [], why)], rules: [rule] };
}

function unreachable(border: Border, { world, token, fault: said }: Extract<OriginInput, { in: "unreachable" }>): Decision {
  noteSilence(border, world, token, said);
  const open = [...border.desk.asks].filter(([, asked]) => asked.to === world && (token === undefined || token === asked.request));
  return together(open.map(([traveller, asked]) => endAsk(border, traveller, asked, "X5", said ?? silence())));
}

function silence(): Fault {
  return fault("destination-down", "peer", "The other world does not answer. You are still here, with everything.", 5_000);
}

function hearVerdict(border: Border, heard: Heard, verdict: Receipt | Refusal): Decision {
  const { custody, world } = border;
  const id = parseNumbered(verdict.transfer);
  if (id === undefined || id.world !== world) return turnDown("X15", fault("foreign", "peer", "This transfer is not from here."));
  const overridden = custody.overridden.get(verdict.transfer);
  if (overridden !== undefined && overridden.word === undefined && verdict.iss === overridden.to)
    return hearLate(border, heard, verdict, overridden);
  const departure = custody.out.get(verdict.transfer);
  if (departure === undefined) return hearAgain(border, heard, verdict, id.n);
  if (verdict.iss !== departure.to) return turnDown("X15", fault("forged", "peer", "This is not the destination's word."));
  if (verdict.epoch < (custody.memory.fences.get(verdict.iss) ?? 0))
    return turnDown("X48", fault("expired", "peer", "That world has begun anew since: its old word counts no more."));
  if (verdict.typ === "receipt" && verdict.passport !== departure.hash)
    return turnDown("X15", fault("forged", "peer", "This is about another passport."));
  const not = unlessTrue(border, heard);
  if (not !== undefined) return not;
  border.desk.chases.delete(departure.transfer);
  return verdict.typ === "receipt" ? release(border, departure, heard.token) : refund(border, departure, heard.token, verdict);
}

/** About a transfer that is no longer open. One this world never made is no business of its own. */
function hearAgain(border: Border, heard: Heard, verdict: Receipt | Refusal, n: number): Decision {
  if (n >= border.custody.nextDeparture) return turnDown("X15", fault("out-of-order", "peer", "This world made no such transfer."));
  if (!border.context.peers.has(verdict.iss)) return turnDown("X15", fault("unknown-origin", "peer", "That world is not known here."));
  const not = unlessTrue(border, heard);
  if (not !== undefined) return not;
  const outcome = verdict.typ === "receipt" ? "released" : "refunded";
  return { records: [], effects: [close(border, verdict.iss, verdict.transfer, outcome)], rules: ["X14"] };
}

function release(border: Border, departure: Departure, proof: string): Decision {
  const { transfer, traveller, to } = departure;
  const effects: CustodyEffect[] = [
    close(border, to, transfer, "released"),
    tellStage(border, traveller, to, "arrived", [], undefined, transfer),
    { e: "gone", traveller, transfer, to },
  ];
  return { records: [{ r: "release", t: border.nowMs, transfer, proof }], effects, rules: ["X12"] };
}

function refund(border: Border, departure: Departure, proof: string, refusal: Refusal): Decision {
  const { transfer, traveller, to } = departure;
  const why = fault(refusal.code, refusal.code === "cancelled" ? "client" : "peer", refusal.reason);
  const effects: CustodyEffect[] = [
    close(border, to, transfer, "refunded"),
    tellStage(border, traveller, to, "returned", [], why, transfer),
    { e: "returned", traveller, transfer, fault: why },
  ];
  const evidence = linksBack(border, departure, proof, refusal);
  const registered: RuleId[] = claimReturning(border, departure) ? ["E19"] : [];
  const back: Decision = {
    records: [{ r: "refund", t: border.nowMs, transfer, proof, ...evidence }],
    effects,
    rules: ["X13", ...registered],
  };
  return evidence.links === undefined ? back : also("E4", back);
}

/** The operator's word stands in for the destination's. Nothing else here does. */
function override(border: Border, { transfer, by, why, isEarly }: Extract<OriginInput, { in: "override" }>): Decision {
  const { custody, desk, nowMs, steadyMs } = border;
  const departure = custody.out.get(transfer);
  if (departure === undefined) return turnDown("X41", fault("no-such-target", "client", "No such crossing from here is open."));
  const against = whileRemembering(custody) ?? whyNotOverride(departure, nowMs, isEarly);
  if (against !== undefined) return turnDown("X41", against);
  const { traveller, to, hash } = departure;
  const chased = desk.chases.get(transfer);
  const known = { asked: chased?.asked ?? 0, heard: chased?.heard ?? desk.silent.get(to) ?? "" };
  const fresh: Chase = { nextMs: steadyMs, tries: 0, isCancelling: true, asked: known.asked };
  desk.chases.set(transfer, fresh);
  const told = fault("destination-down", "peer", "The other world stayed silent, and this world's operator took you back.");
  const effects: CustodyEffect[] = [
    tellStage(border, traveller, to, "returned", [], told, transfer),
    { e: "returned", traveller, transfer, fault: told },
  ];
  const registered: RuleId[] = claimReturning(border, departure) ? ["E19"] : [];
  const record = { r: "refund", t: nowMs, transfer, proof: "", override: { by, why, hash, ...known } } as const;
  return together([{ records: [record], effects, rules: ["X40", ...registered] }, nudge(border, departure, fresh)]);
}

/** The destination's word on a departure that the operator had resolved: it is kept, whatever it says. */
function hearLate(border: Border, heard: Heard, verdict: Receipt | Refusal, overridden: Overridden): Decision {
  const { transfer, to, hash } = overridden;
  if (verdict.typ === "receipt" && verdict.passport !== hash)
    return turnDown("X15", fault("forged", "peer", "This is about another passport."));
  const not = unlessTrue(border, heard);
  if (not !== undefined) return not;
  border.desk.chases.delete(transfer);
  const says = verdict.typ;
  const effects = [close(border, to, transfer, says === "receipt" ? "released" : "refunded")];
  const record = { r: "evidence", t: border.nowMs, transfer, says, proof: heard.token } as const;
  return { records: [record], effects, rules: [says === "receipt" ? "X42" : "X43"] };
}

function close(border: Border, to: WorldId, transfer: TransferId, outcome: Close["outcome"]): CustodyEffect {
  const below = resolvedBelow(border.custody, to, transfer);
  const claims: Close = { typ: "close", iss: border.world, aud: to, iat: border.nowMs, transfer, outcome, below };
  return post(to, border.context.notary.sign(claims), true);
}

function stay(border: Border, traveller: TravellerId, transfer: TransferId): Decision {
  const departure = border.custody.out.get(transfer);
  if (departure === undefined || departure.traveller !== traveller)
    return turnDown("X15", fault("out-of-order", "client", "No such crossing is under way."));
  const chased = border.desk.chases.get(transfer);
  if (chased?.isCancelling === true) return { ...NOTHING, rules: ["X11"] };
  const fresh: Chase = { nextMs: border.steadyMs, tries: 0, isCancelling: true, asked: chased?.asked ?? 0 };
  border.desk.chases.set(transfer, fresh);
  return nudge(border, departure, fresh);
}

function resume(border: Border, traveller: TravellerId): Decision {
  const transfer = border.custody.residents.get(traveller)?.transfer;
  const departure = transfer === undefined ? undefined : border.custody.out.get(transfer);
  if (departure === undefined) return turnDown("X15", fault("out-of-order", "client", "No crossing of yours is under way."));
  return { records: [], effects: handOver(border, departure, []), rules: ["X9"] };
}

function wake(border: Border): Decision {
  const { desk, custody, steadyMs } = border;
  if (steadyMs < desk.dueMs) return NOTHING;
  const decisions: Decision[] = [];
  for (const [traveller, open] of [...desk.asks]) {
    if (steadyMs >= open.deadlineMs) decisions.push(endAsk(border, traveller, open, "X5", silence()));
    else if (steadyMs >= open.againMs) {
      open.againMs = Math.min(open.deadlineMs, steadyMs + CUSTODY.askAgainMs);
      decisions.push({ records: [], effects: [post(open.to, open.request)], rules: ["X3"] });
    }
  }
  for (const [transfer, chased] of [...desk.chases]) {
    const asked = custody.out.get(transfer) ?? custody.overridden.get(transfer);
    if (asked === undefined) desk.chases.delete(transfer);
    else if (steadyMs >= chased.nextMs) decisions.push(nudge(border, asked, chased));
  }
  const timers = [...[...desk.asks.values()].map((open) => open.againMs), ...[...desk.chases.values()].map((chased) => chased.nextMs)];
  desk.dueMs = timers.reduce((earliest, at) => Math.min(earliest, at), Number.POSITIVE_INFINITY);
  return together(decisions);
}

/** The next word to a destination that has not answered: "have you decided?", or "decide now". */
function nudge(border: Border, departure: Departure | Overridden, chased: Chase): Decision {
  const { world, nowMs, steadyMs, context, desk, custody } = border;
  if (!chased.isCancelling && "exp" in departure && nowMs > departure.exp + TIMES.clockSkewMs) {
    chased.isCancelling = true;
    chased.tries = 0;
  }
  const isOverridden = custody.overridden.has(departure.transfer);
  const delays: readonly number[] = chased.isCancelling ? (isOverridden ? OVERRIDDEN_MS : CUSTODY.cancelMs) : CUSTODY.statusMs;
  chased.tries += 1;
  chased.asked += 1;
  chased.nextMs = steadyMs + (delays[Math.min(chased.tries, delays.length - 1)] ?? 0);
  dueAt(desk, chased.nextMs);
  const typ = chased.isCancelling ? "cancel" : "status";
  const token = context.notary.sign({ typ, iss: world, aud: departure.to, iat: nowMs, transfer: departure.transfer });
  return { records: [], effects: [post(departure.to, token)], rules: [isOverridden ? "X44" : chased.isCancelling ? "X11" : "X10"] };
}

function post(to: WorldId, token: string, reply = false): CustodyEffect {
  return { e: "post", to, token, reply };
}

function tell(traveller: TravellerId, message: WorldMessage): CustodyEffect {
  return { e: "tell", traveller, message };
}

type Stage = "asking" | "refused" | "in-transit" | "returned" | "arrived";

function tellStage(
  border: Border,
  traveller: TravellerId,
  to: WorldId,
  stage: Stage,
  rulings: readonly Ruling[],
  why?: Fault,
  transfer?: TransferId,
): CustodyEffect {
  const destination = border.context.peers.get(to)?.name ?? "another world";
  const about = { ...(transfer === undefined ? {} : { transfer }), ...(why === undefined ? {} : { fault: why }) };
  return tell(traveller, { t: "crossing", stage, destination, rulings: [...rulings], ...about });
}
