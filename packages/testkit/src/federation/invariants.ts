// What must hold in every reachable state of the federation (I1 one place for a traveller, I2 one place for an item, I3 nothing lost,
// I5 one verdict, I7 no admission without its departure, I8 hops rise, I15 the version that is known of a world's keys never falls,
// R7 recorded time does not step back), judged after every step
// for what the step touched, from records and custody states alone; nothing here asks a machine. A full count now and then, and at the
// end, tells whether this misses anything. Worlds that are not judged may lie about whatever they brought in or were handed: what is owed
// of those is that honest worlds neither lose nor double it any further (book.ts), and what honest worlds themselves say of it.
import {
  type Custody,
  type CustodyRecord,
  flattenCarried,
  formatNumbered,
  type ItemRef,
  type Notary,
  outermostPlace,
  type Passport,
  parseNumbered,
  TIMES,
  type TransferId,
  type TravellerId,
  type WorldId,
} from "@sojourn/protocol";
import { Book } from "./book.ts";
import { Doubled } from "./doubled.ts";
import { EvidenceInvariant } from "./evidence-invariant.ts";
import { Lapse } from "./lapse.ts";
import { OutputCommit } from "./output-commit.ts";
import { QuotaInvariant } from "./quota-invariant.ts";
import { RegisterInvariant } from "./register-invariant.ts";
import { mustHold, Violation } from "./violation.ts";

/** What a full count finds to differ from the book. */
export interface Difference {
  readonly travellers: number;
  readonly items: number;
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
  /** Departures to judged worlds that are not resolved. */
  readonly unresolved: number;
}

import { QUOTAS } from "./weather.ts";

interface Followed {
  readonly n: number;
  readonly from: WorldId;
  readonly traveller: TravellerId;
  readonly things: readonly ItemRef[];
  readonly hash: string;
  readonly to: WorldId;
  readonly passport: string;
  isDurable: boolean;
  destination?: "admitted" | "refused";
  origin?: "released" | "refunded" | "overridden";
}

type Word = "admitted" | "refused" | "released" | "refunded" | "overridden";
type Worlds = ReadonlyMap<WorldId, { readonly custody: Custody }>;

export class Invariants {
  readonly #worlds: Worlds;
  readonly #read: Notary["read"];
  readonly #open: Notary["open"];
  /** Departures that are not resolved durably on both sides. */
  readonly #followed = new Map<TransferId, Followed>();
  readonly #hops = new Map<TravellerId | ItemRef, number>();
  /** What ought to be where. */
  readonly #book: Book;
  readonly #quotas = new QuotaInvariant(QUOTAS);
  readonly registers: RegisterInvariant;
  readonly output: OutputCommit;
  /** What operators told their worlds to take back. */
  readonly orders: Set<TransferId> = new Set();
  readonly doubled: Doubled = new Doubled();
  readonly evidence: EvidenceInvariant;
  readonly lapse: Lapse = new Lapse();
  departures = 0;
  admissions = 0;

  constructor(worlds: Worlds, notary: Notary) {
    const { read, open } = notary;
    this.#worlds = worlds;
    this.evidence = new EvidenceInvariant(notary, (world) => worlds.has(world));
    this.registers = new RegisterInvariant(notary, worlds);
    this.#read = read;
    this.#open = open;
    this.#book = new Book((world) => worlds.has(world));
    this.output = new OutputCommit(this.#followed, read);
  }

  /** Before a record changes custody. */
  beforeApplied(custody: Custody, record: CustodyRecord): void {
    mustHold(record.t >= custody.clockHighWaterMs, "R7", `a ${record.r} is dated before the journal's newest record`);
    if (record.r === "refund" && record.override !== undefined) {
      const freeMs = (custody.out.get(record.transfer)?.exp ?? 0) + 2 * TIMES.clockSkewMs;
      mustHold(this.orders.has(record.transfer), "R4", `${record.transfer} was taken back and nobody had said so`);
      mustHold(record.t > freeMs, "R4", `${record.transfer} was taken back while its passport was in its time`);
    }
    if (record.r === "keys")
      mustHold(
        record.version > (custody.keys.get(record.world)?.version ?? 0),
        "I15",
        `the keys of ${record.world} fell to ${record.version}`,
      );
    const isDeciding = record.r === "depart" || record.r === "admit" || record.r === "refuse" || record.r === "closed";
    mustHold(!isDeciding || custody.memory.amnesia === undefined, "R11", `a ${record.r} before the world has remembered`);
    if (this.lapse.hasBegun) this.lapse.judgeEpoch(custody, record, this.#read);
    if (record.r === "admit") mustHold(record.t <= record.exp, "I7", `${record.transfer} was admitted past its passport's time`);
    this.#book.beforeApplied(custody, record);
  }

  /** After every step: whoever and whatever the records touched is in exactly one place. */
  afterApplied(world: WorldId, records: readonly CustodyRecord[]): void {
    for (const record of records) {
      if (record.r === "depart") this.#follow(world, record, false);
      if (record.r === "refund" && record.override !== undefined) this.#overridden(record.transfer);
      this.#judge(record);
      if (!this.lapse.isAsking) this.registers.afterApplied(world, record);
      if (record.r === "admit" && !this.lapse.hasBegun) this.#quotas.afterApplied(this.#custodyOf(world), record);
    }
  }

  #custodyOf(world: WorldId): Custody {
    return this.#worlds.get(world)!.custody;
  }

  /** A world has started again: what was not durable there never happened. */
  restarted(world: WorldId): void {
    this.#book.restarted(world);
  }

  /** A world has lost the end of its journal; this is left. Until it has remembered nobody can say where everything is. */
  forgets(before: Custody, left: Custody): void {
    this.lapse.begin(before, left);
    for (const [transfer, { from, to }] of this.#followed) {
      if (from !== left.world && to !== left.world) continue;
      this.lapse.exempt.add(transfer);
      this.#followed.delete(transfer);
    }
    this.#hops.clear();
    this.registers.forgets();
    this.output.remembers(left, true);
  }

  /** From here on everything is in one place again. */
  remembered(): void {
    this.lapse.isAsking = false;
    this.registers.judgeAll();
  }

  #isJudged(world: WorldId): boolean {
    return this.#worlds.has(world);
  }

  #follow(from: WorldId, record: Extract<CustodyRecord, { r: "depart" }>, isDurable: boolean): void {
    const { n, traveller, hash, to, passport } = record;
    const things = [...record.items, ...record.kept];
    this.#followed.set(formatNumbered(n, from), { n, from, traveller, things, hash, to, passport, isDurable });
  }

  #overridden(transfer: TransferId): void {
    const followed = this.#followed.get(transfer);
    if (followed === undefined) throw new Violation(`I5: ${transfer} was taken back after all was said`);
    const decided = this.#worlds.get(followed.to)?.custody.arrivals.get(transfer)?.decision;
    if (decided === "admitted") this.doubled.add(transfer, [followed.traveller, ...followed.things]);
  }

  #judge(record: CustodyRecord): void {
    if (this.lapse.isAsking) return;
    switch (record.r) {
      case "born":
        this.#onePerson(record.traveller);
        return;
      case "depart":
        this.#onePerson(record.traveller);
        for (const ref of record.items) this.#oneThing(ref);
        for (const ref of record.kept) this.#oneThing(ref);
        return;
      case "admit":
        this.#onePerson(record.traveller);
        for (const { id } of flattenCarried(record.items)) this.#oneThing(id);
        for (const ref of record.unlocked) this.#oneThing(ref);
        return;
      case "release":
      case "refund": {
        const followed = this.#followed.get(record.transfer);
        if (followed === undefined) return;
        this.#onePerson(followed.traveller);
        for (const ref of followed.things) this.#oneThing(ref);
        return;
      }
      case "own":
      case "burn":
        this.#oneThing(record.item);
        return;
      default:
        return;
    }
  }

  #onePerson(traveller: TravellerId): void {
    let count = 0;
    for (const { custody } of this.#worlds.values()) {
      const resident = custody.residents.get(traveller);
      if (resident?.status === "here" || (resident?.transfer !== undefined && !this.#isAdmitted(custody, resident.transfer))) count += 1;
    }
    this.#asOwed(traveller, count, "I1");
  }

  #oneThing(ref: ItemRef): void {
    let count = 0;
    for (const { custody } of this.#worlds.values()) {
      if (!custody.items.has(ref)) continue;
      const place = outermostPlace(custody, ref);
      if (place.in !== "escrow" || !this.#isAdmitted(custody, place.of)) count += 1;
    }
    this.#asOwed(ref, count, "I2");
  }

  /** Found as often as it ought to be; more often only by an operator's doing. */
  #asOwed(name: TravellerId | ItemRef, count: number, twice: "I1" | "I2"): void {
    const { least, most } = this.#range(name);
    if (count < least) throw new Violation(`I3: ${name} is in ${count} places and ought to be in ${least}`);
    if (count > most) throw new Violation(`${twice}: ${name} is in ${count} places and ought to be in ${most}`);
  }

  /** How often it ought to be found. What began in a world that forgot may be gone; what ended there may be back. */
  #range(name: TravellerId | ItemRef): { least: number; most: number } {
    const owed = this.#book.owed(name);
    const more = this.doubled.moreOf(name);
    if (!this.lapse.hasBegun) return { least: owed, most: owed + more };
    return { least: this.lapse.mayBeLost(name) ? 0 : Math.min(owed, 1), most: 1 + more };
  }

  /** Everybody and everything, counted anew and compared with the book. */
  count(): Difference {
    const found = new Map<string, number>();
    const find = (name: string): void => {
      found.set(name, (found.get(name) ?? 0) + 1);
    };
    let unresolved = 0;
    for (const { custody } of this.#worlds.values()) {
      for (const { to } of custody.out.values()) if (this.#isJudged(to)) unresolved += 1;
      for (const { traveller, status, transfer } of custody.residents.values())
        if (status === "here" || (transfer !== undefined && !this.#isAdmitted(custody, transfer))) find(traveller);
      for (const ref of custody.items.keys()) {
        const place = outermostPlace(custody, ref);
        if (place.in !== "escrow" || !this.#isAdmitted(custody, place.of)) find(ref);
      }
    }
    const names = [...new Set([...found.keys(), ...this.#book.all().keys()])];
    const items = [...found].reduce((sum, [name, count]) => (parseNumbered(name) === undefined ? sum : sum + count), 0);
    return {
      travellers: [...found.values()].reduce((sum, count) => sum + count, 0) - items,
      items,
      lost: names.filter((name) => (found.get(name) ?? 0) < this.#range(name).least),
      duplicated: names.filter((name) => (found.get(name) ?? 0) > this.#range(name).most),
      unresolved,
    };
  }

  #isAdmitted(origin: Custody, transfer: TransferId): boolean {
    const to = origin.out.get(transfer)?.to ?? "";
    return this.#worlds.get(to)?.custody.arrivals.get(transfer)?.decision === "admitted";
  }

  /** When a record is durable: verdicts exclude each other, and hops rise along every chain of custody. */
  afterDurable(world: WorldId, record: CustodyRecord, nowMs: number): void {
    this.output.afterDurable(world, record, nowMs);
    this.#book.afterDurable(world, record);
    const custody = this.#worlds.get(world)?.custody;
    if (custody !== undefined && (record.r === "amnesia" || record.r === "recalled" || record.r === "lifted"))
      this.output.remembers(custody, record.r === "amnesia");
    this.registers.afterDurable(world, record);
    if (this.lapse.excuses(world, record, this.#followed)) return;
    if (!this.lapse.hasBegun) this.evidence.afterDurable(world, record);
    if (record.r === "depart") this.#departed(world, record);
    else if (record.r === "admit") this.#admitted(world, record);
    else if (record.r === "refuse") this.#verdict(record.transfer, "destination", "refused");
    else if (record.r === "release") this.#verdict(record.transfer, "origin", "released");
    else if (record.r === "refund") this.#verdict(record.transfer, "origin", record.override === undefined ? "refunded" : "overridden");
    else if (record.r === "evidence") this.#heardLate(record);
  }

  #departed(world: WorldId, record: Extract<CustodyRecord, { r: "depart" }>): void {
    this.departures += 1;
    this.#follow(world, record, true);
    const passport = this.#passport(record.passport);
    this.#rise(passport.traveller, passport.hop);
    for (const item of flattenCarried(passport.items)) this.#rise(item.id, item.hop);
  }

  #admitted(world: WorldId, record: Extract<CustodyRecord, { r: "admit" }>): void {
    this.admissions += 1;
    // What had come in is among what a world forgets.
    if (!this.lapse.hasBegun) this.#quotas.afterDurable(world, record);
    if (!this.#isJudged(parseNumbered(record.transfer)?.world ?? "")) {
      this.#admittedFromOutside(world, record);
      return;
    }
    const followed = this.#followed.get(record.transfer);
    mustHold(followed?.isDurable === true, "I7", `${record.transfer} was admitted without a departure`);
    mustHold(followed?.hash === record.hash && followed.to === world, "I7", `${record.transfer} was admitted by another passport`);
    mustHold(followed?.traveller === record.traveller, "I7", `${record.traveller} came in by the passport of another`);
    this.#verdict(record.transfer, "destination", "admitted");
    this.#arrived(record.traveller, record.hop);
    for (const { id, hop } of flattenCarried(record.items)) this.#arrived(id, hop);
  }

  /** Of a world that is not judged a passport is asked for all the same, made out to this world, and of its own making. */
  #admittedFromOutside(world: WorldId, record: Extract<CustodyRecord, { r: "admit" }>): void {
    const passport = this.#passport(record.passport);
    const isTheirs = passport.iss === parseNumbered(record.transfer)?.world && passport.transfer === record.transfer;
    mustHold(isTheirs && passport.aud === world, "I7", `${record.transfer} was admitted by another passport`);
    mustHold(passport.traveller === record.traveller, "I7", `${record.traveller} came in by the passport of another`);
    mustHold(this.#open(record.passport).ok, "I7", `${record.transfer} was admitted by a forged passport`);
  }

  #arrived(key: TravellerId | ItemRef, hop: number): void {
    if (this.#book.isVouched(key)) return;
    const expected = this.#hops.get(key);
    if (expected === undefined && this.lapse.hasBegun) return;
    if (hop !== expected && !this.doubled.has(key)) throw new Violation(`I8: ${key} arrived with hop ${hop}`);
  }

  #passport(token: string): Passport {
    const read = this.#read(token);
    if (!read.ok || read.value.claims.typ !== "passport") throw new Violation("I7: a departure holds no passport");
    return read.value.claims;
  }

  #verdict(transfer: TransferId, side: "destination" | "origin", word: Word): void {
    if (side === "destination" && !this.#isJudged(parseNumbered(transfer)?.world ?? "")) return;
    const followed = this.#followed.get(transfer);
    if (followed === undefined) throw new Violation(`I5: ${transfer} was ${word} after all was said`);
    mustHold(followed[side] === undefined, "I5", `${transfer} was ${followed[side]} and then ${word}`);
    if (side === "destination") {
      followed.destination = word as "admitted" | "refused";
      return;
    }
    followed.origin = word as "released" | "refunded" | "overridden";
    if (word === "overridden") return;
    if (!this.#isJudged(followed.to)) {
      this.#followed.delete(transfer);
      return;
    }
    mustHold(word !== "released" || followed.destination === "admitted", "I5", `${transfer} was released and is not admitted`);
    mustHold(word !== "refunded" || followed.destination === "refused", "I5", `${transfer} was refunded and is not refused`);
    this.#followed.delete(transfer);
  }

  /** The destination's word on an override is what it decided, and then all is said. */
  #heardLate({ transfer, says }: Extract<CustodyRecord, { r: "evidence" }>): void {
    const followed = this.#followed.get(transfer);
    mustHold(followed?.origin === "overridden", "I5", `${transfer} has a late word and was not taken back`);
    const isJudged = this.#isJudged(followed?.to ?? "");
    mustHold(
      !isJudged || followed?.destination === (says === "receipt" ? "admitted" : "refused"),
      "I5",
      `the word on ${transfer} is another`,
    );
    this.#followed.delete(transfer);
  }

  #rise(key: TravellerId | ItemRef, hop: number): void {
    if (this.#book.isVouched(key)) return;
    if (hop <= (this.#hops.get(key) ?? 0) && !this.doubled.has(key)) throw new Violation(`I8: ${key} departed with hop ${hop}`);
    this.#hops.set(key, hop);
  }
}
