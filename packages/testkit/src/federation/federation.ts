// The whole federation under one seed: worlds, travellers, a network that loses, doubles, delays and cuts, faults of every kind, and an
// attacker. After every step the invariants are judged.

import { rule } from "@sojourn/passport";
import {
  CUSTODY,
  type CustodyEffect,
  type CustodyRecord,
  type Decision,
  itemsOf,
  itemsOnGround,
  type Notary,
  nextItemRef,
  type Peer,
  type Place,
  type TravellerId,
  type WorldId,
} from "@sojourn/protocol";
import { Attacker } from "./attacker.ts";
import { type FaultKind, FaultMenu } from "./fault-kinds.ts";
import { Dooms } from "./fault-points.ts";
import { FloodInvariant } from "./flood-invariant.ts";
import { Flooder } from "./flooder.ts";
import { type Difference, Invariants } from "./invariants.ts";
import { KeyRing } from "./key-ring.ts";
import { KeyThief } from "./key-thief.ts";
import { type Machines, REAL_MACHINES } from "./machines.ts";
import { Meddler } from "./meddler.ts";
import { type Random, seededRandom } from "./random.ts";
import { Reaper } from "./reaper.ts";
import { Rogue } from "./rogue.ts";
import { Schedule } from "./schedule.ts";
import { Silences } from "./silences.ts";
import { SimTraveller } from "./sim-traveller.ts";
import { SimWorld, type WorldSurroundings } from "./sim-world.ts";
import { Smuggler } from "./smuggler.ts";
import { Trace } from "./trace.ts";
import { mustHold } from "./violation.ts";
import { KINDS, QUOTAS, Weather } from "./weather.ts";

export interface FederationOptions {
  readonly seed: number;
  readonly worlds: number;
  readonly travellers: number;
  /** The notary of a world by its identity key (`key` 0), or by another of its keys. */
  readonly notaryOf: (world: WorldId, index: number, key: number) => Notary;
  readonly worldIds: readonly WorldId[];
  readonly travellerIds: readonly TravellerId[];
  /** The notary of a malicious world, if one is to take part. */
  readonly rogue?: Notary;
  readonly machines?: Machines;
  readonly without?: readonly FaultKind[];
  /** Which part of a larger run this is: every part dooms other pairs. */
  readonly shard?: number;
  /** The key of a world that gives away again and again what it ever held. */
  readonly smuggler?: Notary;
}

/** Steps after which a healed federation must have resolved everything (I12), simulated milliseconds. */
const QUIET_MS = 3 * 60_000 + 30_000;
/** Between two full counts, which would notice what the judgement of single steps missed. */
const COUNT_STEPS = 2_000;
/** What was never closed is remembered until a later close; after so many later transfers one has surely come. */
const LATER_TRANSFERS = 40;
/** How long a federation in which a world has forgotten goes on under faults. */
const LAPSE_MS = 60_000;
const HURTING_MS = 20_000;
const FORGOTTEN_MS = 10 * 60_000;
const DOOMED = 0.024;
/** Crossings that lead to the malicious world. */
const INTO_THE_DEN = 0.012;
/** Places in a world: more than all travellers and half as many made up ones take. */
const ROOM = 128;
/** Names told when a count is wrong. */
const TOLD = 8;
/** A world with more things in it mints none: enough to be carried, dropped and lost. */
const ITEMS = 40;
/** Travellers whom the smuggler sends about. */
const PUPPETS = 4;

export class Federation {
  readonly random: Random;
  readonly schedule: Schedule = new Schedule();
  readonly trace: Trace = new Trace();
  readonly faults: FaultMenu;
  readonly invariants: Invariants;
  readonly dooms: Dooms;
  readonly weather: Weather;
  readonly worlds: Map<WorldId, SimWorld> = new Map();
  readonly travellers: Map<TravellerId, SimTraveller> = new Map();
  /** Faults have stopped: the network carries, nobody crashes, nobody sets out. */
  isQuiet = false;
  readonly #reaper: Reaper;
  readonly #silences: Silences | undefined;
  readonly #attacker: Attacker;
  readonly #smuggler: Smuggler | undefined;
  readonly #meddler: Meddler;
  readonly #thief: KeyThief;
  readonly #rogue: Rogue | undefined;
  readonly #floods: FloodInvariant;
  readonly #worldList: readonly SimWorld[];
  #countedAt = 0;

  constructor(options: FederationOptions) {
    this.random = seededRandom(options.seed);
    this.faults = new FaultMenu(options.without ?? []);
    this.dooms = new Dooms(options.shard ?? 0);
    this.weather = new Weather(this.random, this.schedule, this.faults);
    const ids = options.worldIds.slice(0, options.worlds);
    const peers = new Map<WorldId, Peer>(ids.map((world, i) => [world, { world, name: `world ${i}`, url: urlOf(world) }]));
    const rogue = this.faults.has("rogue") ? options.rogue : undefined;
    const smuggler = this.faults.has("rogue") ? options.smuggler : undefined;
    for (const { world } of [rogue, smuggler].filter((one) => one !== undefined))
      peers.set(world, { world, name: "rogue", url: urlOf(world) });
    const rings = new Map(ids.map((world, i) => [world, new KeyRing((key) => options.notaryOf(world, i, key))]));
    const reader = options.notaryOf(ids[0]!, 0, 0);
    const read: Notary["read"] = (token) => reader.read(token);
    this.invariants = new Invariants(this.worlds, reader);
    this.#floods = new FloodInvariant(read, (world) => this.worlds.has(world));
    this.#reaper = new Reaper(this.dooms, read);
    const around = this.#surroundings(options.machines ?? REAL_MACHINES);
    for (const [i, world] of ids.entries()) this.worlds.set(world, this.#makeWorld(`w${i}`, rings.get(world)!, peers, around));
    this.#worldList = [...this.worlds.values()];
    if (this.faults.has("overrides")) this.#silences = new Silences(this.random, this.schedule, this.invariants, read, this.#worldList);
    const travellerIds = options.travellerIds.slice(0, options.travellers);
    if (smuggler !== undefined) this.#smuggler = this.#makeSmuggler(smuggler);
    this.#attacker = new Attacker(this.random, this.#worldList, travellerIds);
    this.#thief = new KeyThief(this.random, this.#worldList, rings);
    this.#meddler = new Meddler(this, this.#attacker);
    for (const [i, id] of travellerIds.entries()) this.#makeTraveller(id, `t${i}`);
    if (rogue !== undefined) this.#rogue = this.#letLoose(rogue);
    this.weather.begin(this.#worldList, travellerIds);
    if (this.faults.has("crashes"))
      for (const world of this.#worldList) this.schedule.after(this.random.between(500, 12_000), () => this.#crashLater(world));
    if (this.faults.has("attack")) this.schedule.after(50, () => this.#attack());
    if (this.faults.has("dooms")) this.schedule.after(10_000, () => this.#sweep());
  }

  #letLoose(notary: Notary): Rogue {
    const { random, schedule, faults } = this;
    const idOf = (n: number): TravellerId => toyId("P", n);
    const isQuiet = (): boolean => this.isQuiet;
    if (faults.has("floods")) new Flooder(notary, this.#worldList, idOf, this);
    return new Rogue(notary, this.#worldList, idOf, {
      ...{ random, schedule, faults },
      get isQuiet() {
        return isQuiet();
      },
      lead: (traveller, world) => this.travellers.get(traveller)?.lead({ url: urlOf(world.id), world: world.id }),
      overhear: (token) => this.#attacker.overhear(token),
      tinker: (world, traveller) => this.tinker(world, traveller),
    });
  }

  #makeWorld(name: string, ring: KeyRing, allPeers: ReadonlyMap<WorldId, Peer>, around: WorldSurroundings): SimWorld {
    const id = ring.notary.world;
    const office = this.weather.office(id, allPeers);
    const isFull = (): boolean => this.worlds.get(id)?.isFull === true && !around.machines.isIgnoringFullDisk;
    const policy = {
      customs: (origin: WorldId, items: Parameters<typeof rule>[2], body: Parameters<typeof rule>[3]) =>
        rule(office.policy, origin, items, body),
      quotas: () => QUOTAS,
      room: () => (office.isCrowded ? 0 : ROOM),
      isBanned: (traveller: TravellerId) => (this.weather.isBanned(id, traveller) ? "You are not welcome here." : undefined),
      whyShut: () => (office.isShut ? "closing" : isFull() ? "disk-full" : undefined),
      live: () => undefined,
    };
    return new SimWorld(name, ring, { peers: office.peers, policy }, around);
  }

  #surroundings(machines: Machines): WorldSurroundings {
    const { schedule, random, faults, invariants } = this;
    return {
      ...{ schedule, random, machines, faults },
      onApply: (world, record) => this.#onApply(world, record),
      onApplied: (world, records) => invariants.afterApplied(world.id, records),
      onDurable: (world, record) => this.#onDurable(world, record),
      onRestart: (world) => this.#onRestart(world),
      onHook: (world, record) => this.#meddler.onRecord(world, record),
      onEffect: (world, effect) => this.#onEffect(world, effect),
      onDecision: (world, what, decision) => this.#note(world, what, decision),
      onEnded: (world, why) => this.#onEnded(world, why),
      isLost: (world, token) => this.#reaper.loses(world, token) || this.#silences?.swallows(world, token) === true,
      endsAtDecision: (world, input, decision) => this.#reaper.endsAtDecision(world, input, decision),
      endsAtAppend: (world, records) => this.#reaper.endsAtAppend(world, records),
      endsAtDurable: (world, records) => this.#reaper.endsAtDurable(world, records),
      endsAtEffect: (world, effect, when, isFirst) => this.#reaper.endsAtEffect(world, effect, when, isFirst),
    };
  }

  #onRestart(world: SimWorld): void {
    this.invariants.restarted(world.id);
    this.#floods.restarted(world.id);
  }

  #makeSmuggler(notary: Notary): Smuggler {
    const { random, schedule } = this;
    const puppets = Array.from({ length: PUPPETS }, (_, i) => toyId("P", i));
    const smuggler = new Smuggler(notary, puppets, {
      random,
      worlds: this.#worldList,
      nowMs: () => schedule.nowMs,
      deliver: (to, token) => this.#deliver(() => to.take({ in: "token", token })),
      later: (delayMs, run) => schedule.after(delayMs, run),
      mint: (world, traveller) => this.#mint(world, traveller, 0.8),
      isQuiet: () => this.isQuiet,
    });
    const strike = (): void => {
      if (this.isQuiet) return;
      smuggler.strike();
      schedule.after(random.between(100, 900), strike);
    };
    schedule.after(100, strike);
    return smuggler;
  }

  #note(world: SimWorld, what: string, decision: Decision): void {
    const { rules, records, fault } = decision;
    this.#floods.afterDecision(world.id, decision, this.schedule.nowMs, world.isFull || this.weather.isCrowded(world));
    this.trace.note(this.schedule.nowMs, world.name, what, records, fault?.code ?? "", rules);
  }

  #makeTraveller(id: TravellerId, name: string): void {
    const home = this.random.pick(this.#worldList);
    const t = home.now().wallMs;
    home.append([{ r: "born", t, traveller: id, name, body: { health: 100, props: {} } }]);
    for (let i = this.random.between(1, 4); i > 0; i--) this.#mint(home, id);
    const traveller = new SimTraveller(id, name, { url: urlOf(home.id), world: home.id }, this);
    this.travellers.set(id, traveller);
    this.schedule.after(this.random.between(20, 2_000), () => traveller.live());
  }

  #mint(world: SimWorld, traveller: TravellerId, evidenced = 0.2): void {
    const kind = this.random.pick(KINDS);
    const contents =
      kind !== "bag" ? [] : [{ id: nextItemRef(world.custody, 1), kind: this.random.pick(["coin", "gem"]), props: {}, contents: [] }];
    const item = { id: nextItemRef(world.custody), kind, props: { worth: this.random.below(50) }, contents };
    const chance = this.random.unit();
    const evidence = this.random.chance(0.5) ? ("registered" as const) : ("provenance" as const);
    const papers = chance < 0.1 + evidenced ? { tier: evidence, fixed: ["worth"] } : {};
    const tier = chance < 0.1 ? { tier: "local" as const } : papers;
    const t = Math.max(world.now().wallMs, world.custody.clockHighWaterMs);
    world.append([{ r: "mint", t, item, place: { in: "inventory", of: traveller }, ...tier }]);
  }

  /** Where a traveller goes next; a doomed crossing is tried until it is over. */
  headingFrom(from: SimWorld, traveller: TravellerId): WorldId {
    const planned = this.dooms.asking(traveller);
    if (planned?.from === from.id) return planned.to;
    if (this.#rogue !== undefined && this.random.chance(INTO_THE_DEN)) return this.#rogue.id;
    const others = this.#worldList.length - 1;
    const at = this.random.below(others);
    const to = (this.#worldList[at] === from ? this.#worldList[others] : this.#worldList[at]) as SimWorld;
    if (this.faults.has("dooms") && this.random.chance(DOOMED)) this.#doom(traveller, from, to);
    return to.id;
  }

  #doom(traveller: TravellerId, from: SimWorld, to: SimWorld): void {
    this.faults.strikes("dooms");
    this.dooms.plan(traveller, from.id, to.id, this.schedule.nowMs);
  }

  /** Something a traveller does with things in the world they are in. */
  tinker(world: SimWorld, traveller: TravellerId): void {
    if (!world.isUp || world.custody.residents.get(traveller)?.status !== "here") return;
    if (world.custody.memory.amnesia !== undefined) return;
    const mine = itemsOf(world.custody, traveller);
    const t = Math.max(world.now().wallMs, world.custody.clockHighWaterMs);
    const item = mine.length > 0 ? this.random.pick(mine) : undefined;
    const inventory: Place = { in: "inventory", of: traveller };
    const chance = this.random.unit();
    if (chance < 0.3) {
      if (item !== undefined) world.append([{ r: "own", t, item: item.id, place: { in: "ground", x: 1, y: 2 } }]);
    } else if (chance < 0.7) {
      const ground = itemsOnGround(world.custody);
      if (ground.length > 0 && mine.length < 8) world.append([{ r: "own", t, item: this.random.pick(ground).id, place: inventory }]);
    } else if (chance < 0.75) {
      if (item === undefined) return;
      world.append([{ r: "burn", t, item: item.id, why: "used up" }]);
    } else if (chance < 0.85 && world.custody.items.size < ITEMS) this.#mint(world, traveller);
  }

  worldAt(url: string): SimWorld | undefined {
    return this.worlds.get(url.slice(URL_PREFIX.length));
  }

  /** Whether a client gets a link to a world now. */
  canReach(world: SimWorld): boolean {
    return world.isUp && (this.isQuiet || !this.random.chance(0.03));
  }

  /** Carries something between worlds: later, or never, or twice. */
  #deliver(run: () => void): void {
    const { random, faults } = this;
    if (!this.isQuiet && random.chance(0.05) && faults.strikes("loss")) return;
    this.schedule.after(random.between(1, 80), run);
    if (!this.isQuiet && random.chance(0.03) && faults.strikes("repeats")) this.schedule.after(random.between(1, 4_000), run);
  }

  #onApply(world: SimWorld, record: CustodyRecord): void {
    this.invariants.beforeApplied(world.custody, record);
    if (record.r !== "depart" && record.r !== "admit") return;
    mustHold(!world.isFull, "R12", `a ${record.r} while the journal of ${world.name} has no space`);
    if (record.r === "admit")
      mustHold(!this.weather.isBanned(world.id, record.traveller), "R3", `${record.traveller} is banned and came in`);
  }

  #onDurable(world: SimWorld, record: CustodyRecord): void {
    if (record.r === "fenced") this.schedule.after(5, () => this.#sayOldWords(world, record.world));
    if (record.r === "lifted") this.schedule.after(0, () => this.#remembered(world));
    this.invariants.afterDurable(world.id, record, this.schedule.nowMs);
    if (record.r === "keys" && record.world === world.id) this.#thief.overhear(record.token);
    if (record.r === "refund" && record.override !== undefined) this.faults.strikes("overrides");
    if (record.r === "depart") {
      if (record.to === this.#rogue?.id) this.#rogue.arrives(world, record);
      this.#attacker.overhearPassport(record.passport);
      if (record.to === this.#smuggler?.id) this.#smuggler.onDeparture(world, record);
      const doom = this.dooms.leaving(`${record.n}@${world.id}`);
      if (this.#silences?.wantsRefusal(world.id, record.to) === true) this.weather.ban(record.to, record.traveller, 3_000);
      if (doom !== undefined && this.random.chance(0.2) && this.faults.has("bans")) this.weather.ban(record.to, record.traveller, 3_000);
    }
    const doom = this.#reaper.presentsAgain(record);
    if (doom === undefined) return;
    const { traveller, passport } = doom;
    for (const afterMs of [50, 400, 2_000])
      this.schedule.after(afterMs, () => world.take({ in: "present", session: "clone", traveller, passport }));
  }

  #onEffect(world: SimWorld, effect: CustodyEffect): void {
    this.invariants.output.beforeEffect(world.id, effect);
    if (effect.e === "post") this.#post(world, effect.to, effect.token);
    else world.door.onEffect(effect);
  }

  #post(from: SimWorld, to: WorldId, token: string): void {
    this.#attacker.overhear(token);
    if (to === this.#rogue?.id) this.#deliver(() => this.#rogue?.hear(from, token));
    if (to === this.#smuggler?.id) this.#deliver(() => this.#smuggler?.hear(from, token));
    const world = this.worlds.get(to);
    if (world === undefined) return;
    if (!world.isUp || this.weather.isCut(from, world)) {
      if (this.random.chance(0.3)) this.schedule.after(100, () => from.take({ in: "unreachable", world: to }));
      return;
    }
    this.#deliver(() => this.#hand(from, world, token));
  }

  /** Who posted a message hears of it when its key was not known. */
  #hand(from: SimWorld, to: SimWorld, token: string): void {
    const fault = to.take({ in: "token", token })?.fault;
    if (fault?.code === "unknown-key") this.#deliver(() => from.take({ in: "unreachable", world: to.id, token, fault }));
  }

  #attack(): void {
    if (this.isQuiet || !this.faults.strikes("attack")) return;
    this.#attacker.strike();
    if (this.faults.has("thefts") && this.random.chance(0.5)) this.#thief.strike();
    this.schedule.after(this.random.between(100, 1_100), () => this.#attack());
  }

  /** One world loses the end of its journal; the others go on, under faults, until it has remembered and a while longer. */
  lapse(steps: number = Number.POSITIVE_INFINITY): void {
    if (this.trace.steps >= steps || this.faults.has("rogue") || !this.faults.strikes("amnesia")) return;
    const world = this.#whereItHurts(steps);
    const before = world.custody;
    const left = world.forget([...this.worlds.keys()]);
    this.invariants.forgets(before, left);
    const untilMs = this.schedule.nowMs + LAPSE_MS;
    while (this.schedule.nowMs < untilMs && this.trace.steps < steps && this.schedule.step());
  }

  /** A world that has just admitted somebody of whom their origin has not heard, or, half of the time, any. */
  #whereItHurts(steps: number): SimWorld {
    const any = this.random.pick(this.#worldList);
    if (this.random.chance(0.5)) return any;
    const untilMs = this.schedule.nowMs + HURTING_MS;
    while (this.schedule.nowMs < untilMs && this.trace.steps < steps && this.schedule.step()) {
      if (any.isUp && any.isWorseOff(this.#worldList)) return any;
    }
    return any;
  }

  /** What the one that forgot had said before reaches a peer that knows better by now. */
  #sayOldWords(world: SimWorld, from: WorldId): void {
    const notary = this.worlds.get(from)?.context.notary;
    if (notary !== undefined) for (const word of this.invariants.lapse.oldWords(world.custody, notary)) world.take(word);
  }

  #remembered(world: SimWorld): void {
    this.invariants.remembered();
    this.auditNow();
    this.schedule.after(0, () => this.#attacker.presentAllAt(world));
    mustHold(world.custody.memory.report !== undefined, "R11", `${world.name} does not say what it has lost`);
  }

  #sweep(): void {
    this.dooms.sweep(this.schedule.nowMs);
    this.schedule.after(10_000, () => this.#sweep());
  }

  #crashLater(world: SimWorld): void {
    if (this.isQuiet || !this.faults.strikes("crashes")) return;
    world.end("any");
    this.schedule.after(this.random.between(1_000, 60_000), () => this.#crashLater(world));
  }

  #onEnded(world: SimWorld, why: string): void {
    this.trace.note(this.schedule.nowMs, world.name, why);
    const downMs = this.random.chance(0.005) ? this.random.between(10_000, 160_000) : this.random.between(30, 500);
    this.schedule.after(downMs, () => this.#restart(world));
  }

  #restart(world: SimWorld): void {
    if (world.isUp) return;
    world.restart();
    this.#reaper.restarted(world);
    this.trace.note(this.schedule.nowMs, world.name, "restarts");
  }

  /** The whole federation, counted, and nothing may be amiss. */
  auditNow(): Difference {
    const found = this.invariants.count();
    if (this.invariants.lapse.isAsking) return found;
    mustHold(found.duplicated.length === 0, "I2", `too often: ${found.duplicated.slice(0, TOLD)}`);
    mustHold(found.lost.length === 0, "I3", `nowhere: ${found.lost.slice(0, TOLD)}`);
    for (const world of this.#worldList) this.#auditMemory(world);
    return found;
  }

  /** What is decided is remembered; what is closed and over is forgotten (I11). */
  #auditMemory({ id, name, custody, desk, isSynced }: SimWorld): void {
    const open = Math.max(0, ...custody.openFrom.values());
    mustHold(desk.offers.size <= CUSTODY.openOffers, "I11", `${name} keeps ${desk.offers.size} offers`);
    mustHold(open <= 10_000, "I11", `${name} remembers ${open} arrivals of one peer`);
    if (!isSynced) return;
    for (const transfer of this.invariants.output.mustRemember(id))
      mustHold(custody.arrivals.has(transfer), "R6", `${name} forgot ${transfer} before its time`);
    if (this.invariants.lapse.hasBegun) return;
    const overdue = this.invariants.output.overdue(id, this.schedule.nowMs - FORGOTTEN_MS, LATER_TRANSFERS * this.worlds.size, (origin) =>
      this.worlds.has(origin),
    );
    mustHold(overdue === undefined, "I11", `${name} still remembers ${overdue}`);
  }

  /** Runs until so many departures are durable, or so many steps are done. */
  run(departures: number, steps: number = Number.POSITIVE_INFINITY): void {
    const { invariants, schedule, trace } = this;
    while (invariants.departures < departures && trace.steps < steps && schedule.step()) this.#countSometimes();
  }

  #countSometimes(): void {
    if (this.trace.steps - this.#countedAt < COUNT_STEPS) return;
    this.#countedAt = this.trace.steps;
    mustHold(this.schedule.size < 100_000, "I11", "events pile up");
    this.auditNow();
  }

  /** Faults stop; everything must be resolved within the time a healed federation has (I12). False when the steps ran out before. */
  settle(steps: number = Number.POSITIVE_INFINITY): boolean {
    if (this.trace.steps >= steps) return false;
    this.isQuiet = true;
    this.faults.end();
    this.weather.calm();
    this.#silences?.calm();
    this.dooms.clear();
    for (const world of this.#worldList) {
      world.end("any");
      this.#restart(world);
    }
    const untilMs = this.schedule.nowMs + QUIET_MS;
    while (this.schedule.nowMs < untilMs && this.trace.steps < steps && this.schedule.step());
    if (this.trace.steps >= steps) return false;
    const { unresolved } = this.auditNow();
    const { lapse } = this.invariants;
    mustHold(!lapse.isAsking, "I12", "a world has not remembered");
    mustHold(unresolved === 0, "I12", `${unresolved} crossings are not resolved`);
    for (const { custody, name } of this.#worldList)
      for (const { transfer, to, word } of custody.overridden.values())
        mustHold(
          word !== undefined || !this.worlds.has(to) || lapse.hasBegun,
          "I12",
          `nobody ever told ${name} what became of ${transfer}`,
        );
    return true;
  }
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
