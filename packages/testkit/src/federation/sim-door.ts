// The door of a simulated world: the real session machine for every link, on top of the border. Keys are taken as proven;
// the attacker presents what it stole elsewhere. Messages leave when everything before them is durable.
import {
  type ClientMessage,
  type CustodyEffect,
  entryOf,
  fault,
  itemsOf,
  type Manifest,
  type Peer,
  type Session,
  type SessionEffect,
  type SessionInput,
  startSession,
  stepSession,
  type TravellerId,
  wakeAtSession,
} from "@sojourn/protocol";
import type { Schedule } from "./schedule.ts";
import type { Down, SimLink } from "./sim-link.ts";
import type { SimWorld } from "./sim-world.ts";

interface Guest {
  readonly id: string;
  readonly link: SimLink;
  session: Session;
  traveller: TravellerId | undefined;
  receipt: string | undefined;
}

const SIGNATURE = new Uint8Array(64);
const NONCE = new Uint8Array(32);
/** The machines look at nothing else of a manifest. */
const MANIFEST = { substrate: `bafkrei${"a".repeat(52)}` } as unknown as Manifest;

export class SimDoor {
  readonly #world: SimWorld;
  readonly #schedule: Schedule;
  readonly #guests = new Map<string, Guest>();
  readonly #byTraveller = new Map<TravellerId, Guest>();
  #opened = 0;

  constructor(world: SimWorld, schedule: Schedule) {
    this.#world = world;
    this.#schedule = schedule;
  }

  open(link: SimLink): void {
    const nowMs = this.#schedule.nowMs;
    const id = `${this.#world.name} session ${++this.#opened}`;
    const guest: Guest = { id, link, session: startSession({}, nowMs).state, traveller: undefined, receipt: undefined };
    this.#guests.set(id, guest);
    link.world = {
      hear: (message: ClientMessage) => this.#feed(guest, { i: "message", message }),
      closed: () => this.#feed(guest, { i: "link-closed" }),
    };
  }

  /** The process is gone: so are all links. */
  crash(): void {
    for (const guest of this.#guests.values()) guest.link.break();
    this.#guests.clear();
    this.#byTraveller.clear();
  }

  /** Deadlines. */
  wake(): void {
    const nowMs = this.#schedule.nowMs;
    for (const guest of this.#guests.values()) {
      const atMs = wakeAtSession(guest.session);
      if (atMs !== undefined && atMs <= nowMs) this.#feed(guest, { i: "wake" });
    }
  }

  #feed(guest: Guest, input: SessionInput): void {
    if (!this.#guests.has(guest.id)) return;
    const { state, effects } = stepSession(guest.session, input, this.#schedule.nowMs);
    guest.session = state;
    for (const effect of effects) this.#do(guest, effect);
    if (guest.session.step === "CLOSED") this.#guests.delete(guest.id);
  }

  #do(guest: Guest, effect: SessionEffect): void {
    // The process may have ended on the way here.
    if (!this.#guests.has(guest.id)) return;
    switch (effect.e) {
      case "send":
        this.#say(guest, effect.message);
        break;
      case "challenge": {
        const about = { version: effect.version, world: this.#world.custody.world, nonce: NONCE, timeMs: 0, signature: SIGNATURE };
        this.#feed(guest, { i: "challenge-ready", challenge: { t: "challenge", ...about } });
        break;
      }
      case "check-proof":
        this.#feed(guest, { i: "proof-checked" });
        break;
      case "admit":
        this.#admit(guest, effect.hello.traveller, effect.hello.passport);
        break;
      case "enter":
        this.#enter(guest);
        break;
      case "act":
        if (effect.intent.kind === "cross" && guest.traveller !== undefined) {
          this.#world.take({ in: "ask", traveller: guest.traveller, to: effect.intent.portal });
        }
        break;
      case "held":
      case "stay":
        if (guest.traveller !== undefined) this.#world.take({ in: effect.e, traveller: guest.traveller, transfer: effect.transfer });
        break;
      case "relay":
        this.#world.take({ in: "token", token: effect.message });
        break;
      case "pong":
        this.#say(guest, { t: "pong", n: effect.n, timeMs: 0 });
        break;
      case "left":
        this.#left(guest);
        break;
      case "close":
        this.#world.afterSync(() => guest.link.closeSoon());
        break;
      case "move":
      case "ack":
        break;
    }
  }

  #say(guest: Guest, message: Down): void {
    this.#world.afterSync(() => guest.link.down(message));
  }

  #admit(guest: Guest, traveller: TravellerId, passport: string | undefined): void {
    if (passport !== undefined) {
      this.#world.take({ in: "present", session: guest.id, traveller, passport });
      return;
    }
    const entry = entryOf(this.#world.custody, traveller, "portal-only");
    switch (entry.as) {
      case "resident":
        this.#letIn(guest, traveller);
        return;
      case "in-transit":
        this.#adopt(guest, traveller);
        this.#world.take({ in: "resume", traveller });
        return;
      case "away": {
        const peer = this.#world.context.peers.get(entry.to ?? "");
        const destination = peer === undefined ? {} : { destination: addressOf(peer) };
        this.#feed(guest, { i: "refused", fault: fault("away", "client", "You are elsewhere."), ...destination });
        return;
      }
      case "remembering":
        this.#feed(guest, { i: "refused", fault: entry.why });
        return;
      default:
        this.#feed(guest, { i: "refused", fault: fault("passport-required", "client", "Come by a portal.") });
    }
  }

  #letIn(guest: Guest, traveller: TravellerId): void {
    this.#adopt(guest, traveller);
    this.#feed(guest, { i: "admitted", manifest: MANIFEST });
  }

  #adopt(guest: Guest, traveller: TravellerId): void {
    const before = this.#byTraveller.get(traveller);
    guest.traveller = traveller;
    this.#byTraveller.set(traveller, guest);
    if (before !== undefined && before !== guest)
      this.#feed(before, { i: "end", fault: fault("replaced", "client", "You came in by another link.") });
  }

  #enter(guest: Guest): void {
    const { custody } = this.#world;
    const traveller = guest.traveller ?? "";
    if (custody.residents.get(traveller)?.status !== "here") {
      this.#feed(guest, { i: "end", fault: fault("away", "client", "You are not here.") });
      return;
    }
    const receipt = guest.receipt === undefined ? {} : { receipt: guest.receipt };
    const standing = { session: guest.id, entity: 1, tick: 1, resumed: false, items: itemsOf(custody, traveller), locker: [], rulings: [] };
    this.#say(guest, { t: "welcome", ...standing, ...receipt });
    this.#say(guest, { t: "frame", tick: 1 });
  }

  #left(guest: Guest): void {
    const { traveller } = guest;
    if (traveller === undefined || this.#byTraveller.get(traveller) !== guest) return;
    this.#byTraveller.delete(traveller);
    this.#world.take({ in: "left", traveller });
  }

  /** What the border has to say, now that it is durable. */
  onEffect(effect: CustodyEffect): void {
    switch (effect.e) {
      case "tell": {
        const guest = this.#byTraveller.get(effect.traveller);
        const { message } = effect;
        if (guest !== undefined)
          this.#feed(guest, message.t === "transfer" ? { i: "departed", transfer: message } : { i: "tell", message });
        return;
      }
      case "gone": {
        const guest = this.#byTraveller.get(effect.traveller);
        const peer = this.#world.context.peers.get(effect.to);
        if (guest !== undefined && peer !== undefined) this.#feed(guest, { i: "gone", destination: addressOf(peer) });
        return;
      }
      case "returned": {
        const guest = this.#byTraveller.get(effect.traveller);
        if (guest !== undefined) this.#feed(guest, { i: "returned", manifest: MANIFEST });
        return;
      }
      case "admitted": {
        const guest = this.#guests.get(effect.session);
        if (guest === undefined) return;
        guest.receipt = effect.receipt;
        this.#letIn(guest, effect.traveller);
        return;
      }
      case "turned-away": {
        const guest = this.#guests.get(effect.session);
        const refusal = effect.refusal === undefined ? {} : { refusal: effect.refusal };
        if (guest !== undefined) this.#feed(guest, { i: "refused", fault: effect.fault, ...refusal });
        return;
      }
      case "post":
        return;
    }
  }
}

function addressOf({ world, name, url }: Peer): { world: string; name: string; url: string } {
  return { world, name, url };
}
