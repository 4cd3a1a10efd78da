// Where members of swarms meet: who is there, whom one was introduced to, and descriptions passed on between those two. Pure: it is told
// of links and messages and answers with what to send. Law: nothing of a member is told but a number drawn for this link, and nobody
// reaches anybody they were not introduced to.
import { type Fault, fault } from "../fault.ts";
import type { WorldId } from "../ids.ts";
import { PROTOCOL_VERSION, RATES, SWARM, TIMES } from "../limits.ts";
import { type Bucket, fullBucket, takeToken } from "../session/bucket.ts";
import type { MemberMessage, RendezvousMessage } from "./signals.ts";

export type RendezvousEffect =
  | { readonly e: "send"; readonly link: number; readonly message: RendezvousMessage }
  | { readonly e: "close"; readonly link: number };

interface Member {
  readonly link: number;
  readonly id: Uint8Array;
  readonly name: string;
  world: WorldId | undefined;
  /** Members this one may call, by name. */
  readonly known: Set<string>;
  /** How often somebody was introduced to this one. */
  calls: number;
  heardMs: number;
  readonly openedMs: number;
  signals: Bucket;
  others: Bucket;
}

export interface RendezvousConfig {
  /** Worlds whose swarms may meet here. */
  readonly isKnown: (world: WorldId) => boolean;
  readonly ice: readonly string[];
}

export interface Rendezvous {
  readonly config: RendezvousConfig;
  readonly byLink: Map<number, Member>;
  readonly byName: Map<string, Member>;
  readonly swarms: Map<WorldId, Set<Member>>;
}

export function openRendezvous(config: RendezvousConfig): Rendezvous {
  return { config, byLink: new Map(), byName: new Map(), swarms: new Map() };
}

/** A link opened. `id` is `SWARM.idBytes` unpredictable bytes: the only name its member will have. */
export function memberCame(rendezvous: Rendezvous, link: number, id: Uint8Array, nowMs: number): readonly RendezvousEffect[] {
  const member: Member = {
    ...{ link, id, name: nameOf(id), world: undefined, known: new Set(), calls: 0, heardMs: nowMs, openedMs: nowMs },
    signals: fullBucket(RATES.signals, nowMs),
    others: fullBucket(RATES.meetings, nowMs),
  };
  rendezvous.byLink.set(link, member);
  if (rendezvous.byLink.size <= SWARM.membersInAll) return [];
  return refuse(rendezvous, member, fault("busy", "world", "Too many are meeting here; blocks come from the world itself.", 60_000));
}

/** A member's link is gone. */
export function memberWent(rendezvous: Rendezvous, link: number): void {
  const member = rendezvous.byLink.get(link);
  if (member !== undefined) forget(rendezvous, member);
}

/** What came on a link could not be read. */
export function memberBroke(rendezvous: Rendezvous, link: number, why: Fault): readonly RendezvousEffect[] {
  const member = rendezvous.byLink.get(link);
  return member === undefined ? [] : refuse(rendezvous, member, why);
}

export function memberSaid(rendezvous: Rendezvous, link: number, message: MemberMessage, nowMs: number): readonly RendezvousEffect[] {
  const member = rendezvous.byLink.get(link);
  if (member === undefined) return [];
  member.heardMs = nowMs;
  if (!isPaid(member, message, nowMs)) return refuse(rendezvous, member, fault("too-fast", "client", "Too many messages.", 10_000));
  if ((message.t === "join") !== (member.world === undefined)) {
    return refuse(rendezvous, member, fault("out-of-order", "client", "A member joins first, and once."));
  }
  switch (message.t) {
    case "join":
      return join(rendezvous, member, message.versions, message.world);
    case "more":
      return [send(member, { t: "met", members: introduce(rendezvous, member), ice: rendezvous.config.ice })];
    case "ping":
      return [send(member, { t: "pong" })];
    case "signal": {
      const { to, kind, sdp } = message;
      const other = rendezvous.byName.get(nameOf(to));
      if (other === undefined || other.world !== member.world || !member.known.has(other.name)) {
        return [send(member, { t: "gone", member: to })];
      }
      // Whoever is called may answer.
      if (other.known.size < SWARM.known) other.known.add(member.name);
      return [send(other, { t: "signal", from: member.id, kind, sdp })];
    }
  }
}

/** Members past a deadline are sent away. Call now and then. */
export function sweepRendezvous(rendezvous: Rendezvous, nowMs: number): readonly RendezvousEffect[] {
  const effects: RendezvousEffect[] = [];
  for (const member of [...rendezvous.byLink.values()]) {
    const isLate = member.world === undefined ? nowMs - member.openedMs > TIMES.helloMs : nowMs - member.heardMs > SWARM.idleMs;
    if (isLate) effects.push(...refuse(rendezvous, member, fault("too-slow", "client", "Nothing was heard in time.", 1_000)));
  }
  return effects;
}

function join(rendezvous: Rendezvous, member: Member, versions: readonly number[], world: WorldId): readonly RendezvousEffect[] {
  if (!versions.includes(PROTOCOL_VERSION)) {
    return refuse(rendezvous, member, fault("unsupported-version", "client", `Here version ${PROTOCOL_VERSION} is spoken.`));
  }
  if (!rendezvous.config.isKnown(world)) {
    return refuse(rendezvous, member, fault("unknown-origin", "client", "This world does not know the world whose swarm was asked for."));
  }
  const swarm = rendezvous.swarms.get(world) ?? new Set();
  if (swarm.size >= SWARM.members) {
    return refuse(rendezvous, member, fault("busy", "world", "This swarm is full; blocks come from the world itself.", 60_000));
  }
  member.world = world;
  rendezvous.byName.set(member.name, member);
  rendezvous.swarms.set(world, swarm);
  const members = introduce(rendezvous, member);
  swarm.add(member);
  return [send(member, { t: "met", you: member.id, members, ice: rendezvous.config.ice })];
}

/** Those who were called least, so that no one carries the swarm alone; nobody twice. */
function introduce(rendezvous: Rendezvous, member: Member): readonly Uint8Array[] {
  const swarm = rendezvous.swarms.get(member.world as WorldId) ?? new Set();
  const room = Math.min(SWARM.introduced, SWARM.known - member.known.size);
  const others = [...swarm].filter((other) => other !== member && !member.known.has(other.name));
  const chosen = others.sort((a, b) => a.calls - b.calls).slice(0, Math.max(0, room));
  for (const other of chosen) {
    other.calls++;
    member.known.add(other.name);
  }
  return chosen.map(({ id }) => id);
}

function isPaid(member: Member, message: MemberMessage, nowMs: number): boolean {
  const isSignal = message.t === "signal";
  const taken = takeToken(isSignal ? member.signals : member.others, isSignal ? RATES.signals : RATES.meetings, nowMs);
  if (isSignal) member.signals = taken.bucket;
  else member.others = taken.bucket;
  return taken.waitMs === 0;
}

function refuse(rendezvous: Rendezvous, member: Member, why: Fault): readonly RendezvousEffect[] {
  forget(rendezvous, member);
  return [send(member, { t: "reject", fault: why }), { e: "close", link: member.link }];
}

function forget(rendezvous: Rendezvous, member: Member): void {
  rendezvous.byLink.delete(member.link);
  if (member.world === undefined) return;
  rendezvous.byName.delete(member.name);
  const swarm = rendezvous.swarms.get(member.world);
  swarm?.delete(member);
  if (swarm?.size === 0) rendezvous.swarms.delete(member.world);
  // A name that is gone frees its place among those others know.
  for (const other of swarm ?? []) other.known.delete(member.name);
}

function send(member: Member, message: RendezvousMessage): RendezvousEffect {
  return { e: "send", link: member.link, message };
}

function nameOf(id: Uint8Array): string {
  return String.fromCharCode(...id);
}
