// A world that has lost the end of its journal, and the peers that help it to remember. REMEMBERS → AMNESIAC → REMEMBERS; a peer: FENCED.
// All transitions are in this file. Law: nothing is decided before everybody has told, and nothing of the old time counts afterwards.
import { type Fault, fault } from "../fault.ts";
import type { TransferId, WorldId } from "../ids.ts";
import { parseNumbered } from "../ids.ts";
import { CUSTODY } from "../limits.ts";
import {
  type BorderContext,
  type CustodyEffect,
  type Decision,
  type Heard,
  type MemoryInput,
  type Moment,
  NOTHING,
  turnDown,
} from "./border.ts";
import { flattenCarried, type Passport, type Recall, type Recalled } from "./claims.ts";
import type { Custody } from "./custody.ts";
import { type Border, borderAt, type Desk, mayTombstone } from "./desk.ts";
import { unlessSaid } from "./keys.ts";
import type { Amnesia, Asking, Told } from "./memory.ts";
import type { AmnesiaRecord, CustodyRecord, RecalledRecord } from "./records.ts";

/** Pure but for `desk`, which it changes in place: reads custody, answers with records and effects. */
export function stepMemory(custody: Custody, desk: Desk, input: MemoryInput, now: Moment, context: BorderContext): Decision {
  const border = borderAt(custody, desk, now, context);
  switch (input.in) {
    case "heard":
      return hear(border, input);
    case "give-up":
      return giveUp(border, input.world, input.by);
    case "wake":
      return wake(border);
  }
}

/** The record with which a world opens that has lost the end of its journal. `peers`: everybody it ever knew. */
export function amnesiaRecord(custody: Custody, peers: readonly WorldId[], wallMs: number, epoch = 0): AmnesiaRecord {
  const t = Math.max(wallMs, custody.clockHighWaterMs);
  const seconds = Math.floor(t / 1_000);
  const n = Math.max(custody.epoch + 1, seconds, epoch);
  // No two incarnations have one epoch, so none has another's numbers.
  const number = n * CUSTODY.numbersPerSecond;
  return {
    r: "amnesia",
    t,
    known: custody.memory.amnesia?.knownMs ?? custody.clockHighWaterMs,
    n,
    departure: Math.max(custody.nextDeparture, number),
    serial: Math.max(custody.nextSerial, number),
    peers: peers.filter((peer) => peer !== custody.world).slice(0, CUSTODY.recallPeers),
  };
}

/** Why a world that is remembering does not do this now; undefined when it has its memory. */
export function whileRemembering({ memory }: Pick<Custody, "memory">): Fault | undefined {
  if (memory.amnesia === undefined) return undefined;
  return fault("busy", "world", "This world has lost a part of its memory and is asking its neighbours. Try again soon.", 5_000);
}

/** Whether this passport was over for its origin before this world remembered. */
export function isSettled({ memory }: Pick<Custody, "memory">, { world, n }: { readonly world: WorldId; readonly n: number }): boolean {
  const settled = memory.settled.get(world);
  return settled !== undefined && n < settled.below && !settled.open.has(n);
}

function hear(border: Border, heard: Heard): Decision {
  const { claims } = heard.opened;
  if ((claims.typ !== "recall" && claims.typ !== "recalled") || claims.aud !== border.world)
    return turnDown("X24", fault("foreign", "peer", "This message is for another world."));
  if (!border.context.peers.has(claims.iss)) return turnDown("X24", fault("unknown-origin", "peer", "That world is not known here."));
  return claims.typ === "recall" ? hearRecall(border, heard, claims) : hearRecalled(border, heard, claims);
}

function hearRecall(border: Border, heard: Heard, recall: Recall): Decision {
  const { custody, nowMs } = border;
  const busy = whileRemembering(custody);
  if (busy !== undefined) return turnDown("X46", busy);
  const not = unlessSaid(border, "X24", heard.token, heard.opened);
  if (not !== undefined) return not;
  const fence = custody.memory.fences.get(recall.iss) ?? 0;
  const isNew = recall.epoch > fence;
  if (isNew && !mayTombstone(border, recall.iss)) return turnDown("X24", fault("too-fast", "peer", "Too many questions at once.", 1_000));
  const records: CustodyRecord[] = isNew ? [{ r: "fenced", t: nowMs, world: recall.iss, epoch: recall.epoch }] : [];
  const answer = recall.epoch < fence ? nothing(border, recall, fence) : page(border, recall);
  return { records, effects: [post(recall.iss, border.context.notary.sign(answer), true)], rules: ["X45"] };
}

function answerTo(
  border: Border,
  { iss, epoch, of, from }: Recall,
  fence: number,
): Omit<Recalled, "passports" | "open" | "next" | "whole"> {
  const { world, nowMs, custody } = border;
  return { typ: "recalled", iss: world, aud: iss, iat: nowMs, epoch, fence, of, from, upto: custody.nextDeparture };
}

/** To an incarnation that is over: only that it is. */
function nothing(border: Border, recall: Recall, fence: number): Recalled {
  return { ...answerTo(border, recall, fence), passports: [], open: [], next: 0, whole: false };
}

function page(border: Border, recall: Recall): Recalled {
  const { custody } = border;
  const { iss, of, since, from } = recall;
  const shelf = custody.memory[of];
  const all: [number, string, boolean][] = (shelf.kept.get(iss) ?? []).map(([n, { passport }]) => [n, passport, false]);
  if (of === "went")
    for (const transfer of custody.openTo.get(iss) ?? []) {
      const departure = custody.out.get(transfer);
      if (departure !== undefined) all.push([departure.n, departure.passport, true]);
    }
  const asked = all.filter(([n]) => n >= Math.max(since, from)).sort((a, b) => a[0] - b[0]);
  let room: number = CUSTODY.recallBytes;
  let fits = 0;
  while (fits < asked.length && (fits === 0 || asked[fits]![1].length <= room)) room -= asked[fits++]![1].length;
  const shown = asked.slice(0, fits);
  return {
    ...answerTo(border, recall, recall.epoch),
    passports: shown.filter(([, , isOpen]) => !isOpen).map(([, passport]) => passport),
    open: shown.filter(([, , isOpen]) => isOpen).map(([, passport]) => passport),
    next: asked[fits]?.[0] ?? 0,
    whole: (shelf.below.get(iss) ?? 0) <= since,
  };
}

function hearRecalled(border: Border, heard: Heard, answer: Recalled): Decision {
  const { custody, nowMs, desk, steadyMs } = border;
  const { amnesia } = custody.memory;
  const asked = amnesia?.peers.get(answer.iss);
  if (
    amnesia === undefined ||
    asked?.state !== "asking" ||
    answer.epoch !== amnesia.epoch ||
    answer.of !== asked.of ||
    answer.from !== asked.from
  )
    return turnDown("X15", fault("out-of-order", "peer", "Nothing of that was asked."));
  const not = unlessSaid(border, "X15", heard.token, heard.opened);
  if (not !== undefined) return not;
  if (answer.fence > amnesia.epoch) {
    if (answer.fence > nowMs / 1_000 + CUSTODY.epochAhead)
      return turnDown("X15", fault("forged", "peer", "This world was never so far ahead of its time."));
    const again = amnesiaRecord(custody, [...amnesia.peers.keys()], nowMs, answer.fence + 1);
    desk.recalls.clear();
    desk.recallMs = steadyMs;
    return { records: [again], effects: [], rules: ["X47"] };
  }
  const told = answer.passports.map((passport) => toldBy(border, passport, answer, amnesia));
  const open = answer.open.map((passport) => toldBy(border, passport, answer, amnesia));
  const isSound = [...told, ...open].every((one) => one !== undefined);
  const record: RecalledRecord = {
    ...{ r: "recalled", t: nowMs, world: answer.iss, of: answer.of, from: answer.from, next: answer.next, upto: answer.upto },
    isWhole: answer.whole && isSound,
    told: told.filter((one) => one !== undefined),
    open: open.filter((one) => one !== undefined),
  };
  desk.recalls.set(answer.iss, { nextMs: steadyMs, tries: 0 });
  desk.recallMs = steadyMs;
  return { records: [record, ...notAdmitted(border, record, asked, heard.token)], effects: [], rules: ["X47"] };
}

/** What a passport in an answer says, when it is what it must be. */
function toldBy(border: Border, passport: string, { iss, of }: Recalled, amnesia: Amnesia): Told | undefined {
  const { notary } = border.context;
  const read = notary.read(passport);
  if (!read.ok || read.value.claims.typ !== "passport") return undefined;
  const { claims, hash, kid } = read.value;
  const [from, to] = of === "came" ? [border.world, iss] : [iss, border.world];
  const id = parseNumbered(claims.transfer);
  if (claims.iss !== from || claims.aud !== to || id?.world !== from) return undefined;
  // This world's own word must be its own; the peer's is vouched for by the answer that it signed.
  if (of === "came" && (id.n < amnesia.since || !isOwn(border, kid) || !notary.open(passport).ok)) return undefined;
  const all = [claims, ...flattenCarried(claims.items)];
  return all.every(({ hop }) => hop < CUSTODY.farthestHop) ? tellOf(claims, hash) : undefined;
}

function isOwn({ custody, world }: Border, kid: string): boolean {
  // Also by one that was withdrawn since: the peer took it when it was good, and vouches for that.
  return kid === world || custody.keys.get(world)?.keys.some(({ key }) => key === kid) === true;
}

function tellOf({ transfer, exp, traveller, name, home, hop, body, items }: Passport, hash: string): Told {
  return { transfer, hash, exp, traveller, name, home, hop, body, items };
}

/** With the last page of a whole answer: what left for there and is open, and was not admitted, never will be. */
function notAdmitted(border: Border, record: RecalledRecord, asked: Asking, proof: string): CustodyRecord[] {
  const { custody, nowMs } = border;
  const isLast = record.of === "came" && record.next === 0 && record.isWhole && asked.isWhole;
  if (!isLast) return [];
  const hops = new Map(record.told.map(({ traveller, hop }) => [traveller, hop]));
  const isNamed = (transfer: TransferId): boolean => {
    const traveller = custody.out.get(transfer)?.traveller ?? "";
    return (hops.get(traveller) ?? -1) >= (custody.residents.get(traveller)?.hop ?? 0);
  };
  return [...(custody.openTo.get(record.world) ?? [])]
    .filter((transfer) => !isNamed(transfer))
    .map((transfer) => ({ r: "refund", t: nowMs, transfer, proof }));
}

function giveUp(border: Border, world: WorldId, by: string): Decision {
  const { amnesia } = border.custody.memory;
  const asked = amnesia?.peers.get(world);
  if (amnesia === undefined || asked === undefined || asked.state === "whole" || asked.state === "given-up")
    return turnDown("X46", fault("no-such-target", "client", "That world is not waited for."));
  const freeMs = amnesia.sinceMs + CUSTODY.giveUpMs;
  if (border.nowMs < freeMs && asked.state === "asking")
    return turnDown(
      "X46",
      fault("not-allowed", "client", "It may still answer; it can be given up a day after it was first asked.", freeMs - border.nowMs),
    );
  border.desk.recallMs = border.steadyMs;
  return { records: [{ r: "gaveup", t: border.nowMs, world, by }], effects: [], rules: ["X47"] };
}

function wake(border: Border): Decision {
  const { custody, desk, steadyMs, nowMs } = border;
  const { amnesia } = custody.memory;
  if (amnesia === undefined) {
    desk.recallMs = Number.POSITIVE_INFINITY;
    return NOTHING;
  }
  if (steadyMs < desk.recallMs) return NOTHING;
  const isOver = [...amnesia.peers.values()].every(({ state }) => state === "whole" || state === "given-up");
  if (isOver) return { records: [{ r: "lifted", t: nowMs }], effects: [], rules: ["X49"] };
  const effects: CustodyEffect[] = [];
  desk.recallMs = Number.POSITIVE_INFINITY;
  for (const [world, asked] of amnesia.peers) {
    if (asked.state !== "asking") continue;
    const timer = desk.recalls.get(world) ?? { nextMs: steadyMs, tries: 0 };
    if (steadyMs >= timer.nextMs) {
      effects.push(post(world, border.context.notary.sign(recallOf(border, world, asked, amnesia)), false));
      timer.nextMs = steadyMs + (CUSTODY.recallMs[Math.min(timer.tries, CUSTODY.recallMs.length - 1)] ?? 0);
      timer.tries += 1;
    }
    desk.recalls.set(world, timer);
    desk.recallMs = Math.min(desk.recallMs, timer.nextMs);
  }
  return { records: [], effects, rules: effects.length === 0 ? [] : ["X47"] };
}

function recallOf(border: Border, to: WorldId, { of, from }: Asking, amnesia: Amnesia): Recall {
  const { custody, world, nowMs } = border;
  const since = of === "came" ? amnesia.since : (custody.closedBelow.get(to) ?? 0);
  return { typ: "recall", iss: world, aud: to, iat: nowMs, epoch: amnesia.epoch, of, since, from };
}

function post(to: WorldId, token: string, reply: boolean): CustodyEffect {
  return { e: "post", to, token, reply };
}
