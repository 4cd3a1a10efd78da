// Who comes in: a resident who is back, a traveller who is born here, one with a passport, one who is elsewhere. Every decision is a
// record first; the session hears of it in the same tick and the traveller when the tick is durable.
import {
  CUSTODY,
  entryOf,
  type Fault,
  fault,
  type Hello,
  type LeftBy,
  LIMITS,
  type Resident,
  TIMES,
  type TravellerId,
  type WorldId,
} from "@sojourn/protocol";
import { bear, enter, leave, note, setLingering } from "../kernel/avatars.ts";
import { carriedItems, lockerItems } from "../kernel/belongings.ts";
import { shownWords } from "../kernel/words.ts";
import { banned, banOf } from "./bans.ts";
import type { Core } from "./core.ts";
import { toBorder } from "./crossing.ts";
import { type Guest, say } from "./guest.ts";
import { tooBusy } from "./headroom.ts";
import { feed } from "./sessions.ts";

const NAMELESS = "Traveller";

/** Travellers that may still come in. */
export function freePlaces(core: Core): number {
  let coming = 0;
  for (const guest of core.guests) {
    const isOnTheWay = guest.session.step === "AWAIT_READY" && guest.traveller !== undefined && !core.stage.avatars.has(guest.traveller);
    if (isOnTheWay) coming += 1;
  }
  return Math.max(0, core.capacity - core.stage.avatars.size - coming);
}

/** Decides on a traveller whose key is proven. */
export function admit(core: Core, guest: Guest, hello: Hello): void {
  const { traveller } = hello;
  if (!core.isOpen) {
    feed(core, guest, { i: "refused", fault: fault("shutting-down", "world", "This world is closing.", 5_000) });
    return;
  }
  if (hello.passport !== undefined) {
    toBorder(core, { in: "present", session: guest.id, traveller, passport: hello.passport });
    return;
  }
  const { custody, options } = core.stage;
  const entry = entryOf(custody, traveller, options.definition.entry ?? "open");
  switch (entry.as) {
    case "remembering":
      feed(core, guest, { i: "refused", fault: entry.why });
      return;
    case "in-transit":
      adopt(core, guest, entry.resident);
      toBorder(core, { in: "resume", traveller });
      return;
    case "away":
      feed(core, guest, { i: "refused", ...elsewhere(core, entry.to) });
      return;
    case "stranger":
      feed(core, guest, {
        i: "refused",
        fault: fault("passport-required", "client", `${options.name} is entered through a portal of another world.`),
      });
      return;
    case "newborn": {
      const no =
        bannedOf(core, traveller, core.keys.world) ??
        whyNotIn(core) ??
        (custody.residents.size >= CUSTODY.residents ? full(core) : undefined);
      if (no !== undefined) {
        feed(core, guest, { i: "refused", fault: no });
        return;
      }
      if (!options.ledger.hasRoom()) {
        feed(core, guest, {
          i: "refused",
          fault: fault("busy", "world", `${options.name} has no room on its disk for anybody new.`, 60_000),
        });
        return;
      }
      if (!core.births.mayBear(guest.link.remote, core.stage.steadyMs)) {
        feed(core, guest, { i: "refused", fault: fault("busy", "world", "Too many travellers begin here from your network.", 60_000) });
        return;
      }
      bear(core.stage, traveller, shownWords(hello.name, LIMITS.nameBytes) || NAMELESS);
      guest.arrival = { rulings: [], isBorn: true };
      letIn(core, guest, custody.residents.get(traveller) as Resident);
      return;
    }
    case "resident": {
      const no = whyNotBack(core, entry.resident);
      if (no !== undefined) {
        feed(core, guest, { i: "refused", fault: no });
        return;
      }
      guest.arrival = { rulings: [], isBorn: false };
      letIn(core, guest, entry.resident);
      return;
    }
  }
}

function bannedOf(core: Core, traveller: TravellerId, home: WorldId): Fault | undefined {
  const why = banOf(core.bans, traveller, home);
  return why === undefined ? undefined : banned(why);
}

function whyNotBack(core: Core, resident: Resident): Fault | undefined {
  const no = bannedOf(core, resident.traveller, resident.home);
  if (no !== undefined) return no;
  return core.stage.avatars.has(resident.traveller) || core.byTraveller.has(resident.traveller) ? undefined : whyNotIn(core);
}

/** Why one who is not in the world yet, and was promised nothing, may not come in now. Places that were promised with an offer are taken. */
function whyNotIn(core: Core): Fault | undefined {
  if (!core.headroom.takesNewcomers) return tooBusy(core.stage.options.name);
  return freePlaces(core) - promised(core) > 0 ? undefined : full(core);
}

/** Places that an offer holds for somebody who is on the way. */
function promised({ desk, stage }: Core): number {
  let open = 0;
  for (const { untilMs } of desk.offers.values()) if (untilMs > stage.steadyMs) open += 1;
  return open;
}

function full(core: Core): Fault {
  return fault("busy", "world", `${core.stage.options.name} is full.`, 5_000);
}

function elsewhere(core: Core, to: WorldId | undefined): { fault: Fault; destination?: { world: string; name: string; url: string } } {
  const peer = to === undefined ? undefined : core.peers.get(to);
  if (peer === undefined) return { fault: fault("away", "client", "You are in another world.") };
  return { fault: fault("away", "client", `You are in ${peer.name}.`), destination: { world: peer.world, name: peer.name, url: peer.url } };
}

/** This guest speaks for the traveller from now on; an earlier link of theirs is told and closed. */
export function adopt(core: Core, guest: Guest, resident: Resident): void {
  const before = core.byTraveller.get(resident.traveller);
  guest.traveller = resident.traveller;
  core.byTraveller.set(resident.traveller, guest);
  if (before !== undefined && before !== guest) {
    guest.isResumed = true;
    feed(core, before, { i: "end", fault: fault("replaced", "client", "You came in by another link.") });
  }
}

/** The traveller is of this world, durably with this tick: shows them what the world is made of. */
export function letIn(core: Core, guest: Guest, resident: Resident): void {
  adopt(core, guest, resident);
  feed(core, guest, { i: "admitted", manifest: core.manifest });
}

/** The traveller can see: the body stands in the world, and they are told where and with what. */
export function enterLive(core: Core, guest: Guest): void {
  const { stage } = core;
  const resident = guest.traveller === undefined ? undefined : stage.custody.residents.get(guest.traveller);
  if (resident?.status !== "here") {
    feed(core, guest, { i: "end", fault: fault("away", "client", "You are not in this world.") });
    return;
  }
  const standing = stage.avatars.get(resident.traveller);
  const arrival = guest.arrival ?? { rulings: [], isBorn: false };
  const how = arrival.isBorn ? "born" : arrival.from === undefined ? "back" : "arrived";
  const avatar = standing ?? enter(stage, resident, how, how === "arrived" ? arrival.from : undefined, portalFrom(core, resident));
  if (avatar === undefined) {
    feed(core, guest, { i: "end", fault: full(core) });
    return;
  }
  setLingering(stage, avatar, undefined);
  guest.held = undefined;
  guest.ownSaid = undefined;
  say(guest, {
    t: "welcome",
    session: guest.id,
    entity: avatar.entity.id,
    tick: stage.tick,
    resumed: standing !== undefined || guest.isResumed,
    items: carriedItems(stage, resident.traveller).slice(0, LIMITS.itemsCarried),
    locker: lockerItems(stage, resident.traveller),
    rulings: arrival.rulings.slice(0, LIMITS.rulings),
    ...(arrival.from === undefined ? {} : { from: arrival.from }),
    ...(arrival.receipt === undefined ? {} : { receipt: arrival.receipt }),
  });
  stage.changedThings.delete(resident.traveller);
  if (guest.session.root !== core.manifest.substrate) say(guest, { t: "substrate", root: core.manifest.substrate, tick: stage.tick });
}

/** The portal that leads to where an arrival came from: that is where they step out. */
function portalFrom(core: Core, resident: Resident): string | undefined {
  const peer = resident.from === undefined ? undefined : core.peers.get(resident.from);
  if (peer === undefined) return undefined;
  return core.stage.options.portals.find(({ to }) => to === peer.world || to.toLowerCase() === peer.name.toLowerCase())?.name;
}

/** An admitted traveller's link is over. */
export function leftBy(core: Core, guest: Guest, by: LeftBy): void {
  const { traveller } = guest;
  if (traveller === undefined || core.byTraveller.get(traveller) !== guest) return;
  core.byTraveller.delete(traveller);
  if (by === "replaced") return;
  toBorder(core, { in: "left", traveller });
  const avatar = core.stage.avatars.get(traveller);
  if (avatar === undefined || by === "departed") return;
  if (by === "lost") {
    setLingering(core.stage, avatar, core.stage.steadyMs + TIMES.lingerMs);
    return;
  }
  note(core.stage, avatar);
  leave(core.stage, avatar, "rest", undefined);
}
