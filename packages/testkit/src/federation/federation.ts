// The whole federation under one seed: worlds, travellers, a network that loses, doubles, delays and cuts, and an attacker who replays
// whatever was ever said to whoever might listen. After every step the invariants are judged.

import { type ImportPolicy, rule } from "@sojourn/passport";
import {
  auditFederation,
  type Clamp,
  type CustodyEffect,
  type Decision,
  type FederationAudit,
  itemsOf,
  itemsOnGround,
  type Notary,
  nextItemRef,
  type Peer,
  type Place,
  type TravellerId,
  type WorldId,
} from "@sojourn/protocol";
import { Invariants, mustHold } from "./invariants.ts";
import { type Random, seededRandom } from "./random.ts";
import { Schedule } from "./schedule.ts";
import { SimTraveller } from "./sim-traveller.ts";
import { type Machines, REAL_MACHINES, SimWorld } from "./sim-world.ts";
import { Trace } from "./trace.ts";

export interface FederationOptions {
  readonly seed: number;
  readonly worlds: number;
  readonly travellers: number;
  readonly notaryOf: (world: WorldId, index: number) => Notary;
  readonly worldIds: readonly WorldId[];
  readonly travellerIds: readonly TravellerId[];
  readonly machines?: Machines;
}

const KINDS = ["torch", "bag", "sword", "coin", "gem"] as const;
/** Tokens and passports an attacker has heard and keeps. */
const OVERHEARD = 3_000;
/** Steps after which a healed federation must have resolved everything (I12), simulated milliseconds. */
const QUIET_MS = 3 * 60_000 + 30_000;

export class Federation {
  readonly random: Random;
  readonly schedule: Schedule = new Schedule();
  readonly trace: Trace = new Trace();
  readonly invariants: Invariants;
  readonly worlds: Map<WorldId, SimWorld> = new Map();
  readonly travellers: Map<TravellerId, SimTraveller> = new Map();
  /** Faults have stopped: the network carries, nobody crashes, nobody sets out. */
  isQuiet = false;
  readonly #names = new Map<WorldId, string>();
  readonly #policies = new Map<WorldId, ImportPolicy>();
  readonly #banned = new Set<string>();
  readonly #closed = new Set<WorldId>();
  readonly #cut = new Set<string>();
  readonly #tokens: string[] = [];
  readonly #passports: string[] = [];
  #heard = 0;

  constructor(options: FederationOptions) {
    this.random = seededRandom(options.seed);
    const ids = options.worldIds.slice(0, options.worlds);
    const peers = new Map<WorldId, Peer>(ids.map((world, i) => [world, { world, name: `world ${i}`, url: urlOf(world) }]));
    const notaries = ids.map((world, i) => options.notaryOf(world, i));
    this.invariants = new Invariants(this.worlds, (token) => notaries[0]!.read(token));
    for (const [i, world] of ids.entries()) {
      this.#names.set(world, `world ${i}`);
      this.#policies.set(world, this.#anyPolicy());
      this.worlds.set(world, this.#makeWorld(world, `w${i}`, notaries[i]!, peers, options.machines ?? REAL_MACHINES));
    }
    for (const [i, id] of options.travellerIds.slice(0, options.travellers).entries()) this.#makeTraveller(id, `t${i}`);
    for (const world of this.worlds.values()) this.schedule.after(this.random.between(500, 8_000), () => this.#crashLater(world));
    this.schedule.after(1_000, () => this.#weather());
    this.schedule.after(50, () => this.#attack());
  }

  #makeWorld(id: WorldId, name: string, notary: Notary, peers: ReadonlyMap<WorldId, Peer>, machines: Machines): SimWorld {
    const policy = {
      customs: (origin: WorldId, items: Parameters<typeof rule>[2], body: Parameters<typeof rule>[3]) =>
        rule(this.#policies.get(id)!, origin, items, body),
      room: () => (this.#closed.has(id) ? 0 : 1_000),
      isBanned: (traveller: TravellerId) => (this.#banned.has(`${id} ${traveller}`) ? "You are not welcome here." : undefined),
      isOpen: () => !this.#closed.has(`shut ${id}`),
      live: () => undefined,
    };
    return new SimWorld(
      name,
      { notary, peers, policy },
      {
        schedule: this.schedule,
        random: this.random,
        machines,
        onApplied: (world, records) => this.invariants.afterApplied(world.custody.world, records),
        onDurable: (world, record) => {
          this.invariants.afterDurable(world.custody.world, record);
          if (record.r === "depart") this.#overhear(this.#passports, record.passport);
        },
        onEffect: (world, effect) => this.#onEffect(world, effect),
        onDecision: (world, what, decision) => this.#note(world, what, decision),
      },
    );
  }

  #note(world: SimWorld, what: string, { rules, records, fault }: Decision): void {
    const wrote = records.map((record) => record.r).join("+");
    this.trace.note(this.schedule.nowMs, world.name, `${what} ${wrote}${fault === undefined ? "" : ` !${fault.code}`}`, rules);
  }

  #makeTraveller(id: TravellerId, name: string): void {
    const home = this.random.pick([...this.worlds.values()]);
    const t = home.now().wallMs;
    home.append([{ r: "born", t, traveller: id, name, body: { health: 100, props: {} } }]);
    for (let i = this.random.between(1, 4); i > 0; i--) this.#mint(home, id);
    const traveller = new SimTraveller(id, name, { url: urlOf(home.custody.world), world: home.custody.world }, this);
    this.travellers.set(id, traveller);
    this.schedule.after(this.random.between(20, 2_000), () => traveller.live());
  }

  #mint(world: SimWorld, traveller: TravellerId): void {
    const kind = this.random.pick(KINDS);
    const contents =
      kind !== "bag" ? [] : [{ id: nextItemRef(world.custody, 1), kind: this.random.pick(["coin", "gem"]), props: {}, contents: [] }];
    const item = { id: nextItemRef(world.custody), kind, props: { worth: this.random.below(50) }, contents };
    const tier = this.random.chance(0.1) ? { tier: "local" as const } : {};
    world.append([{ r: "mint", t: world.now().wallMs, item, place: { in: "inventory", of: traveller }, ...tier }]);
  }

  #anyPolicy(): ImportPolicy {
    const clamp: Clamp[] = this.random.chance(0.3) ? [{ kind: "*", prop: "worth", max: 20 }] : [];
    const deny = this.random.chance(0.4) ? [this.random.pick(KINDS)] : [];
    const limit: { [kind: string]: number } = this.random.chance(0.3) ? { "*": 3 } : {};
    return { origins: { "*": { allow: ["*"], deny, clamp, limit } } };
  }

  elsewhere(from: SimWorld): WorldId {
    return this.random.pick([...this.worlds.keys()].filter((id) => id !== from.custody.world));
  }

  /** Something a traveller does with things in the world they are in. */
  tinker(world: SimWorld, traveller: TravellerId): void {
    if (!world.isUp || world.custody.residents.get(traveller)?.status !== "here") return;
    const mine = itemsOf(world.custody, traveller);
    const t = Math.max(world.now().wallMs, world.custody.clockHighWaterMs);
    const ground = itemsOnGround(world.custody);
    const item = mine.length > 0 ? this.random.pick(mine) : undefined;
    const inventory: Place = { in: "inventory", of: traveller };
    const chance = this.random.unit();
    if (chance < 0.3 && item !== undefined) world.append([{ r: "own", t, item: item.id, place: { in: "ground", x: 1, y: 2 } }]);
    else if (chance < 0.7 && ground.length > 0 && mine.length < 8)
      world.append([{ r: "own", t, item: this.random.pick(ground).id, place: inventory }]);
    else if (chance < 0.75 && item !== undefined) {
      this.invariants.expectBurned([item]);
      world.append([{ r: "burn", t, item: item.id, why: "used up" }]);
    } else if (chance < 0.85 && world.custody.items.size < 120) this.#mint(world, traveller);
  }

  worldAt(url: string): SimWorld | undefined {
    return this.worlds.get(url.slice(URL_PREFIX.length));
  }

  /** Whether a client gets a link to a world now. */
  canReach(world: SimWorld): boolean {
    return world.isUp && (this.isQuiet || !this.random.chance(0.05));
  }

  /** Carries something between worlds: later, or never, or twice. */
  deliver(run: () => void): void {
    if (!this.isQuiet && this.random.chance(0.06)) return;
    this.schedule.after(this.random.between(1, 80), run);
    if (!this.isQuiet && this.random.chance(0.03)) this.schedule.after(this.random.between(1, 4_000), run);
  }

  #onEffect(world: SimWorld, effect: CustodyEffect): void {
    if (effect.e === "post") this.#post(world, effect.to, effect.token);
    else world.door.onEffect(effect);
  }

  #post(from: SimWorld, to: WorldId, token: string): void {
    this.#overhear(this.#tokens, token);
    const world = this.worlds.get(to);
    if (world === undefined) return;
    const isCut = this.#cut.has(`${from.name} ${world.name}`);
    if (isCut || !world.isUp) {
      if (this.random.chance(0.3)) this.schedule.after(100, () => from.take({ in: "unreachable", world: to }));
      return;
    }
    this.deliver(() => world.take({ in: "token", token }));
  }

  #overhear(kept: string[], token: string): void {
    this.#heard += 1;
    if (kept.length < OVERHEARD) kept.push(token);
    else if (this.random.chance(OVERHEARD / this.#heard)) kept[this.random.below(OVERHEARD)] = token;
  }

  /** Anything ever said, said again to anybody; any passport, in any hands. */
  #attack(): void {
    if (this.isQuiet) return;
    const world = this.random.pick([...this.worlds.values()]);
    if (this.#tokens.length > 0) world.take({ in: "token", token: this.random.pick(this.#tokens) });
    if (this.#passports.length > 0) this.#presentStolen(world, this.random.pick(this.#passports));
    this.schedule.after(this.random.between(50, 600), () => this.#attack());
  }

  #presentStolen(world: SimWorld, passport: string): void {
    const read = world.context.notary.read(passport);
    const holder = read.ok && read.value.claims.typ === "passport" ? read.value.claims.traveller : "";
    const thief = this.random.chance(0.3) ? holder : this.random.pick([...this.travellers.keys()]);
    const decision = world.take({ in: "present", session: "thief", traveller: thief, passport });
    for (const record of decision?.records ?? []) {
      if (record.r === "admit") mustHold(record.traveller === thief, "I7", `${thief} came in by the passport of ${record.traveller}`);
    }
  }

  #crashLater(world: SimWorld): void {
    if (this.isQuiet) return;
    this.trace.note(this.schedule.nowMs, world.name, "crashes");
    world.crash();
    this.schedule.after(this.random.chance(0.03) ? this.random.between(10_000, 160_000) : this.random.between(50, 2_500), () =>
      this.#restart(world),
    );
  }

  #restart(world: SimWorld): void {
    if (!world.isUp) {
      world.restart();
      this.trace.note(this.schedule.nowMs, world.name, "restarts");
      this.auditNow();
    }
    this.schedule.after(this.random.between(500, 16_000), () => this.#crashLater(world));
  }

  /** What changes around the worlds: cuts, policies, bans, closing hours, clocks. */
  #weather(): void {
    if (this.isQuiet) return;
    const { random } = this;
    const [a, b] = [random.pick([...this.worlds.values()]), random.pick([...this.worlds.values()])];
    const id = a.custody.world;
    if (random.chance(0.15)) toggle(this.#cut, `${a.name} ${b.name}`, random.chance(0.06));
    if (random.chance(0.05)) this.#policies.set(id, this.#anyPolicy());
    if (random.chance(0.1)) toggle(this.#banned, `${id} ${random.pick([...this.travellers.keys()])}`, random.chance(0.05));
    if (random.chance(0.1)) this.#banMidway(a);
    if (random.chance(0.02) && a.desk.asks.size > 0) this.#jumpClock(a);
    if (random.chance(0.1)) toggle(this.#closed, id, random.chance(0.05));
    if (random.chance(0.1)) toggle(this.#closed, `shut ${id}`, random.chance(0.05));
    if (random.chance(0.04)) a.clockOffsetMs = random.pick([0, 0, 0, 2_000, -2_000, 40_000, -40_000]);
    this.schedule.after(random.between(100, 1_500), () => this.#weather());
  }

  /** A wall clock jumps ahead while answers are on their way, and back. */
  #jumpClock(world: SimWorld): void {
    world.clockOffsetMs += 70_000;
    this.schedule.after(500, () => {
      world.clockOffsetMs = 0;
    });
  }

  /** Somebody is banned while they are on their way, and pardoned later. */
  #banMidway(world: SimWorld): void {
    const id = world.custody.world;
    const coming = [...this.worlds.values()].flatMap(({ custody }) => [...custody.out.values()].filter(({ to }) => to === id));
    if (coming.length === 0) return;
    const key = `${id} ${this.random.pick(coming).traveller}`;
    this.#banned.add(key);
    this.schedule.after(5_000, () => this.#banned.delete(key));
  }

  /** The whole federation, counted. */
  countUp(): FederationAudit {
    return auditFederation([...this.worlds.values()].map((world) => world.custody));
  }

  /** The whole federation, counted, and nothing may be amiss. */
  auditNow(): FederationAudit {
    const audit = this.countUp();
    mustHold(audit.travellersDuplicated.length === 0, "I1", `twice: ${audit.travellersDuplicated}`);
    mustHold(audit.itemsDuplicated.length === 0, "I2", `twice: ${audit.itemsDuplicated}`);
    mustHold(audit.travellersLost.length === 0, "I3", `nowhere: ${audit.travellersLost}`);
    mustHold(audit.itemsLost === 0, "I3", `nowhere: ${audit.itemsMissing}`);
    for (const { custody } of this.worlds.values()) {
      const open = Math.max(0, ...custody.openFrom.values());
      mustHold(open <= 10_000, "I11", `${open} arrivals are remembered`);
    }
    return audit;
  }

  /** Runs until so many departures are durable. */
  run(departures: number): void {
    while (this.invariants.departures < departures && this.schedule.step()) mustHold(this.schedule.size < 100_000, "I11", "events pile up");
  }

  /** Faults stop; everything must be resolved within the time a healed federation has (I12). */
  settle(): FederationAudit {
    this.isQuiet = true;
    this.#cut.clear();
    this.#closed.clear();
    for (const world of this.worlds.values()) {
      world.clockOffsetMs = 0;
      if (!world.isUp) world.restart();
    }
    const untilMs = this.schedule.nowMs + QUIET_MS;
    while (this.schedule.nowMs < untilMs && this.schedule.step());
    const audit = this.auditNow();
    mustHold(audit.unresolved === 0, "I12", `${audit.unresolved} crossings are not resolved`);
    return audit;
  }
}

function toggle<T>(set: Set<T>, value: T, isOn: boolean): void {
  if (isOn) set.add(value);
  else set.delete(value);
}

const URL_PREFIX = "http://";

function urlOf(world: WorldId): string {
  return URL_PREFIX + world;
}

/** A made-up id of the right form, for worlds and travellers that need no key. */
export function toyId(prefix: string, n: number): string {
  return `did:key:z6Mk${`${prefix}${n + 1}`
    .replaceAll("0", "o")
    .replace(/[^1-9A-HJ-NP-Za-km-z]/g, "z")
    .padEnd(44, "x")}`;
}
