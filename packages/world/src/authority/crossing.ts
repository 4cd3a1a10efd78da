// The shell around the border's machines: what they decide is written at once, what it means for the live world follows, and what is to
// be said waits for the end of the tick.
import {
  type BorderInput,
  type CustodyEffect,
  type CustodyRecord,
  type Decision,
  outermostPlace,
  type Peer,
  stepBorder,
  type TravellerId,
} from "@sojourn/protocol";
import { bodyOf, leave } from "../kernel/avatars.ts";
import { peerNamed } from "../kernel/portals.ts";
import { letIn } from "./admission.ts";
import type { Arriving, Core } from "./core.ts";
import { feed } from "./sessions.ts";

/** Gives the machines an input and carries out their decision, down to the effects that stay inside this tick. */
export function toBorder(core: Core, input: BorderInput): Decision {
  const { stage } = core;
  const decision = stepBorder(
    stage.custody,
    core.desk,
    input,
    { wallMs: stage.options.ledger.wallMs, steadyMs: stage.steadyMs },
    core.border,
  );
  for (const record of decision.records) {
    stage.options.ledger.take(record);
    if (record.r === "depart") departed(core, record.traveller, core.peers.get(record.to));
    if (record.r === "admit") core.counts.arrivals += 1;
    followEvidence(core, record);
    followMemory(core, record);
  }
  for (const effect of decision.effects) perform(core, effect);
  if (decision.fault?.code === "stale-keys") warn(core, decision.fault.detail);
  return decision;
}

/** How far this world has come with asking what it has lost, and how it ends. */
function followMemory({ log, peers, stage }: Core, record: CustodyRecord): void {
  const { amnesia, report } = stage.custody.memory;
  if (record.r === "recalled" || record.r === "gaveup")
    log.info("remembering", {
      told: peers.get(record.world)?.name ?? record.world,
      waitsFor: [...(amnesia?.peers ?? [])].filter(([, { state }]) => state === "asking" || state === "partial").length,
    });
  if (record.r === "fenced")
    log.warn("a peer began anew, and was told what is known", { peer: peers.get(record.world)?.name ?? record.world });
  if (record.r === "lifted" && report !== undefined) log.warn("this world remembers", { lost: JSON.stringify(report) });
}

/** Somebody may hold an old folder, or one key in two hands: the operator should know, and once is enough. */
function warn(core: Core, detail: string): void {
  if (core.warned.has(detail)) return;
  core.warned.add(detail);
  core.log.warn("keys of a world", { detail });
}

/** Double spends are told to the operator; what was sealed or opened is shown to who carries it. */
function followEvidence(core: Core, record: CustodyRecord): void {
  const spends = record.r === "admit" ? (record.spends ?? []) : record.r === "proof" ? [record.spend] : [];
  for (const { item, signer } of spends)
    core.log.warn("double spend", { item, by: core.peers.get(signer)?.name ?? signer, proof: "sojourn proofs --data <folder>" });
  if (record.r === "denied") core.log.warn("registered item stays sealed", { item: record.item, why: record.reason });
  const changed = record.r === "proof" ? record.frozen : record.r === "granted" ? record.item : undefined;
  if (changed === undefined) return;
  const place = outermostPlace(core.stage.custody, changed);
  if (place.in === "inventory" || place.in === "locker") core.stage.changedThings.add(place.of);
}

/** A token a traveller carried. Its answers go to the peers they are for. */
export function heardToken(core: Core, token: string): void {
  toBorder(core, { in: "token", token });
}

/** A token a peer posted: what answers it goes back on the same request, once durable. */
export function hearPosted(core: Core, arriving: Arriving): void {
  const before = core.postings;
  core.postings = [];
  const decision = toBorder(core, { in: "token", token: arriving.token });
  const replyTokens = new Set(decision.effects.flatMap((effect) => (effect.e === "post" && effect.reply ? [effect.token] : [])));
  const others = core.postings.filter((posting) => arriving.answer === undefined || !replyTokens.has(posting.token));
  core.postings = [...before, ...others];
  const { answer } = arriving;
  if (answer !== undefined) core.answers.push(() => answer([...replyTokens], decision.fault));
}

function perform(core: Core, effect: CustodyEffect): void {
  switch (effect.e) {
    case "post":
      core.postings.push({ to: effect.to, token: effect.token });
      return;
    case "tell":
      tell(core, effect);
      return;
    case "gone":
      gone(core, effect.traveller, core.peers.get(effect.to));
      return;
    case "returned":
      returned(core, effect.traveller);
      return;
    case "admitted":
      admitted(core, effect);
      return;
    case "turned-away": {
      const guest = core.bySession.get(effect.session);
      const refusal = effect.refusal === undefined ? {} : { refusal: effect.refusal };
      if (guest !== undefined) feed(core, guest, { i: "refused", fault: effect.fault, ...refusal });
      return;
    }
  }
}

function tell(core: Core, { traveller, message }: Extract<CustodyEffect, { e: "tell" }>): void {
  const guest = core.byTraveller.get(traveller);
  if (guest === undefined) return;
  feed(core, guest, message.t === "transfer" ? { i: "departed", transfer: message } : { i: "tell", message });
}

/** The body leaves the live world with the record, before anybody can hear of it: nothing touches it afterwards. */
function departed(core: Core, traveller: TravellerId, to: Peer | undefined): void {
  core.counts.departures += 1;
  const avatar = core.stage.avatars.get(traveller);
  if (avatar !== undefined) leave(core.stage, avatar, "crossed", to?.name);
}

function gone(core: Core, traveller: TravellerId, to: Peer | undefined): void {
  const guest = core.byTraveller.get(traveller);
  if (guest === undefined || to === undefined) return;
  feed(core, guest, { i: "gone", destination: { world: to.world, name: to.name, url: to.url } });
}

function returned(core: Core, traveller: TravellerId): void {
  core.counts.returned += 1;
  const guest = core.byTraveller.get(traveller);
  if (guest === undefined) return;
  guest.arrival = undefined;
  feed(core, guest, { i: "returned", manifest: core.manifest });
}

function admitted(core: Core, effect: Extract<CustodyEffect, { e: "admitted" }>): void {
  const guest = core.bySession.get(effect.session);
  const resident = core.stage.custody.residents.get(effect.traveller);
  if (guest === undefined || resident === undefined) return;
  const from = core.peers.get(effect.from)?.name ?? "elsewhere";
  guest.arrival = { rulings: effect.rulings, from, receipt: effect.receipt, isBorn: false };
  guest.isResumed = effect.isResumed;
  letIn(core, guest, resident);
}

/** Carries out what hooks and portals asked for in this tick. */
export function grantWishes(core: Core): void {
  const { stage } = core;
  const wishes = stage.wishes;
  stage.wishes = [];
  for (const { traveller, portal: name } of wishes) {
    const portal = stage.options.portals.find((one) => one.name === name);
    const to = portal === undefined ? undefined : peerNamed(core.peers, portal.to);
    if (to !== undefined) toBorder(core, { in: "ask", traveller, to: to.world });
    else
      stage.options.voice.tell(traveller, { t: "notice", text: `${portal?.label ?? name}: this portal leads nowhere yet.`, tone: "warn" });
  }
}

/** The body of a traveller as the live world has it, for a departure. */
export function liveBody(core: Core, traveller: TravellerId): ReturnType<Core["border"]["policy"]["live"]> {
  const avatar = core.stage.avatars.get(traveller);
  return avatar === undefined ? undefined : { body: bodyOf(core.stage, avatar), ...core.stage.entities.at(avatar.entity) };
}
