// One simulated traveller: the real visit machine in a client whose links break, that crashes, has a clone, and sometimes would rather stay.
import {
  type ClientMessage,
  type HeldCrossing,
  phaseOf,
  startVisit,
  stepVisit,
  type Target,
  type TravellerId,
  type Visit,
  type VisitEffect,
  type VisitInput,
  wakeAtVisit,
} from "@sojourn/protocol";
import type { Federation } from "./federation.ts";
import { type Down, SimLink } from "./sim-link.ts";
import type { SimWorld } from "./sim-world.ts";

const NONCE = new Uint8Array(32);
const SIGNATURE = new Uint8Array(64);
/** How often a world would let a live traveller hear something. */
const HEARD_EVERY_MS = 2_000;
/** Somebody who has asked to cross waits this long before they ask again; hardly ever less. */
const PATIENCE_MS = 3_500;

export class SimTraveller {
  readonly id: TravellerId;
  readonly name: string;
  readonly #federation: Federation;
  #visit: Visit;
  #link: SimLink | undefined;
  /** What survives a crash of the client: where it last lived, and the passport in hand. */
  #home: Target;
  #kept: HeldCrossing | undefined;
  #life = 0;
  #askedMs = Number.NEGATIVE_INFINITY;

  constructor(id: TravellerId, name: string, home: Target, federation: Federation) {
    this.id = id;
    this.name = name;
    this.#home = home;
    this.#federation = federation;
    this.#visit = this.#start();
  }

  get step(): Visit["step"] {
    return this.#visit.step;
  }

  #start(): Visit {
    const crossing = this.#kept === undefined ? {} : { crossing: this.#kept };
    const config = { target: this.#home, traveller: this.id, name: this.name, ...crossing };
    const { state, effects } = startVisit(config, this.#federation.schedule.nowMs);
    this.#visit = state;
    for (const effect of effects) this.#do(effect);
    return state;
  }

  /** One moment of a player's life, then the next one later. */
  live(): void {
    const { random, schedule, faults, isQuiet } = this.#federation;
    if (!isQuiet && random.chance(0.003) && faults.strikes("reloads")) this.#crash();
    else if (this.#visit.step === "closed") this.#start();
    else this.#act();
    schedule.after(isQuiet ? 1_000 : random.between(40, 700), () => this.live());
  }

  #act(): void {
    const { random, schedule, faults, isQuiet } = this.#federation;
    if (this.#link?.isOpen === true && schedule.nowMs - this.#visit.heardMs > HEARD_EVERY_MS)
      this.#feed({ i: "own", link: this.#visit.link });
    const atMs = wakeAtVisit(this.#visit);
    if (atMs !== undefined && atMs <= schedule.nowMs) this.#feed({ i: "wake" });
    if (isQuiet) return;
    if (random.chance(0.005) && faults.strikes("reloads")) this.#link?.break();
    if (this.#visit.crossing !== undefined && random.chance(0.03) && faults.strikes("stays")) this.#feed({ i: "stay" });
    if (this.#visit.step !== "live" || phaseOf(this.#visit) !== "LIVE") return;
    const world = this.#federation.worldAt(this.#visit.target.url);
    if (world !== undefined) this.#play(world);
  }

  #play(world: SimWorld): void {
    const { random, schedule } = this.#federation;
    if (random.chance(0.3)) this.#federation.tinker(world, this.id);
    else if (schedule.nowMs > this.#askedMs + PATIENCE_MS || random.chance(0.02)) {
      this.#askedMs = schedule.nowMs;
      this.#feed({ i: "intent", intent: { kind: "cross", portal: this.#federation.headingFrom(world, this.id) } });
    }
  }

  /** The client ends; only what it kept is left. */
  #crash(): void {
    this.#federation.trace.note(this.#federation.schedule.nowMs, this.name, "ends");
    this.#life += 1;
    this.#link?.break();
    this.#start();
  }

  /** Somebody else has brought them to another world: the client goes on from there. */
  lead(target: Target): void {
    this.#home = target;
    this.#kept = undefined;
    this.#crash();
  }

  #feed(input: VisitInput): void {
    const { schedule, trace } = this.#federation;
    const { state, effects } = stepVisit(this.#visit, input, schedule.nowMs);
    this.#visit = state;
    trace.note(schedule.nowMs, this.name, `${input.i === "message" ? input.message.t : input.i} ${state.step}`);
    for (const effect of effects) this.#do(effect);
    if (state.step === "live") this.#home = state.target;
    if (state.step !== "live" || (input.i === "message" && input.message.t === "crossing" && input.message.stage !== "asking"))
      this.#askedMs = Number.NEGATIVE_INFINITY;
  }

  /** Feeds later, unless the client has crashed until then. */
  #later(delayMs: number, input: VisitInput): void {
    const life = this.#life;
    this.#federation.schedule.after(delayMs, () => {
      if (life === this.#life) this.#feed(input);
    });
  }

  #do(effect: VisitEffect): void {
    const { random } = this.#federation;
    switch (effect.e) {
      case "open-link":
        this.#open(effect.link, effect.url);
        return;
      case "close-link":
        this.#link?.hangUp();
        this.#link = undefined;
        this.#later(1, { i: "link-closed", link: effect.link, jitter: random.unit() });
        return;
      case "send":
        this.#send(effect.message);
        return;
      case "sign":
        this.#later(1, { i: "proof-ready", link: effect.link, signature: SIGNATURE });
        return;
      case "load-substrate":
        this.#later(random.between(1, 100), { i: "substrate-ready", root: effect.root });
        return;
      case "keep-passport":
        this.#kept = effect.held;
        this.#later(random.between(1, 40), { i: "passport-kept", transfer: effect.held.transfer });
        return;
      case "drop-passport":
        if (this.#kept?.transfer === effect.transfer) this.#kept = undefined;
        return;
      default:
        return;
    }
  }

  #send(message: ClientMessage): void {
    this.#link?.up(message);
  }

  #open(n: number, url: string): void {
    const { schedule, random, faults } = this.#federation;
    const world = this.#federation.worldAt(url);
    const crossing = this.#visit?.crossing;
    if (world !== undefined && crossing?.heading === "going" && random.chance(0.05) && faults.strikes("clones"))
      this.#clone(world, crossing.held);
    if (world === undefined || !this.#federation.canReach(world)) {
      this.#later(random.between(1, 60), { i: "link-closed", link: n, jitter: random.unit() });
      return;
    }
    const link = new SimLink(schedule, random);
    const life = this.#life;
    this.#link = link;
    link.client = {
      hear: (message: Down) => {
        if (life !== this.#life) return;
        if (message.t === "frame") this.#feed({ i: "snapshot", link: n, tick: message.tick });
        else this.#feed({ i: "message", link: n, message });
      },
      closed: () => {
        if (life === this.#life) this.#feed({ i: "link-closed", link: n, jitter: random.unit() });
      },
    };
    world.door.open(link);
    this.#later(random.between(1, 60), { i: "link-open", link: n, nonce: NONCE });
  }

  /** A second device with the same key and the same passport, at about the same time. */
  #clone(world: SimWorld, held: HeldCrossing): void {
    const { schedule, random } = this.#federation;
    schedule.after(random.between(1, 800), () =>
      world.take({ in: "present", session: "clone", traveller: this.id, passport: held.passport }),
    );
  }
}
