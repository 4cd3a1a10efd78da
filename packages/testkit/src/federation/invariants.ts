// What must hold in every reachable state of the federation (I1 one place for a traveller, I2 one place for an item, I3 nothing lost,
// I5 one verdict, I7 no admission without its departure, I8 hops rise, I10 any checkpoint and its suffix give the same custody).
// Judged from records and custody states alone; nothing here asks a machine.
import {
  type Custody,
  type CustodyRecord,
  flattenCarried,
  flattenItems,
  formatNumbered,
  type Item,
  type ItemRef,
  type Notary,
  outermostPlace,
  type Passport,
  type TransferId,
  type TravellerId,
  type WorldId,
} from "@sojourn/protocol";

/** A broken invariant. Ends the run. */
export class Violation extends Error {}

export function mustHold(isTrue: boolean, invariant: string, what: string): void {
  if (!isTrue) throw new Violation(`${invariant}: ${what}`);
}

interface Followed {
  readonly traveller: TravellerId;
  readonly things: readonly ItemRef[];
  readonly hash: string;
  readonly to: WorldId;
  isDurable: boolean;
  destination?: "admitted" | "refused";
  origin?: "released" | "refunded";
}

type Worlds = ReadonlyMap<WorldId, { readonly custody: Custody }>;

export class Invariants {
  readonly #worlds: Worlds;
  readonly #read: Notary["read"];
  /** Departures that are not resolved durably on both sides. */
  readonly #followed = new Map<TransferId, Followed>();
  readonly #hops = new Map<TravellerId | ItemRef, number>();
  readonly #burned = new Set<ItemRef>();
  departures = 0;
  admissions = 0;

  constructor(worlds: Worlds, read: Notary["read"]) {
    this.#worlds = worlds;
    this.#read = read;
  }

  /** After every step: whoever and whatever the records touched is in exactly one place. */
  afterApplied(world: WorldId, records: readonly CustodyRecord[]): void {
    for (const record of records) {
      if (record.r === "depart") this.#follow(world, record, false);
      for (const key of this.#touched(record)) {
        if (key.includes("@")) this.#oneThing(key);
        else this.#onePerson(key);
      }
    }
  }

  /** These are about to be destroyed: from now on they may be nowhere (but never twice). */
  expectBurned(things: readonly Item[]): void {
    for (const { id } of flattenItems(things)) this.#burned.add(id);
  }

  #follow(world: WorldId, record: Extract<CustodyRecord, { r: "depart" }>, isDurable: boolean): Followed {
    const { traveller, hash, to } = record;
    const followed: Followed = { traveller, things: [...record.items, ...record.kept], hash, to, isDurable };
    this.#followed.set(formatNumbered(record.n, world), followed);
    return followed;
  }

  #touched(record: CustodyRecord): readonly string[] {
    switch (record.r) {
      case "born":
        return [record.traveller];
      case "depart":
        return [record.traveller, ...record.items, ...record.kept];
      case "admit":
        return [record.traveller, ...flattenCarried(record.items).map((item) => item.id), ...record.unlocked];
      case "release":
      case "refund": {
        const followed = this.#followed.get(record.transfer);
        return followed === undefined ? [] : [followed.traveller, ...followed.things];
      }
      case "own":
        return [record.item];
      default:
        return [];
    }
  }

  #onePerson(traveller: TravellerId): void {
    let count = 0;
    for (const { custody } of this.#worlds.values()) {
      const resident = custody.residents.get(traveller);
      if (resident?.status === "here" || (resident?.transfer !== undefined && !this.#isAdmitted(custody, resident.transfer))) count += 1;
    }
    mustHold(count === 1, count > 1 ? "I1" : "I3", `${traveller} is in ${count} places`);
  }

  #oneThing(ref: ItemRef): void {
    let count = 0;
    for (const { custody } of this.#worlds.values()) {
      if (!custody.items.has(ref)) continue;
      const place = outermostPlace(custody, ref);
      if (place.in !== "escrow" || !this.#isAdmitted(custody, place.of)) count += 1;
    }
    if (count === 0 && this.#burned.has(ref)) return;
    mustHold(count === 1, count > 1 ? "I2" : "I3", `${ref} is in ${count} places`);
  }

  #isAdmitted(origin: Custody, transfer: TransferId): boolean {
    const to = origin.out.get(transfer)?.to ?? "";
    return this.#worlds.get(to)?.custody.arrivals.get(transfer)?.decision === "admitted";
  }

  /** When a record is durable: verdicts exclude each other, and hops rise along every chain of custody. */
  afterDurable(world: WorldId, record: CustodyRecord): void {
    if (record.r === "depart") this.#departed(world, record);
    if (record.r === "admit") this.#admitted(world, record);
    if (record.r === "refuse") this.#verdict(record.transfer, "destination", "refused");
    if (record.r === "release") this.#verdict(record.transfer, "origin", "released");
    if (record.r === "refund") this.#verdict(record.transfer, "origin", "refunded");
  }

  #departed(world: WorldId, record: Extract<CustodyRecord, { r: "depart" }>): void {
    this.departures += 1;
    this.#follow(world, record, true);
    const passport = this.#passport(record.passport);
    this.#rise(passport.traveller, passport.hop);
    for (const item of flattenCarried(passport.items)) this.#rise(item.id, item.hop);
  }

  #admitted(world: WorldId, record: Extract<CustodyRecord, { r: "admit" }>): void {
    const followed = this.#followed.get(record.transfer);
    mustHold(followed?.isDurable === true, "I7", `${record.transfer} was admitted without a departure`);
    mustHold(followed?.hash === record.hash && followed.to === world, "I7", `${record.transfer} was admitted by another passport`);
    this.admissions += 1;
    this.#verdict(record.transfer, "destination", "admitted");
    const arriving = [{ id: record.traveller, hop: record.hop }, ...flattenCarried(record.items)];
    for (const { id, hop } of arriving) mustHold(hop === this.#hops.get(id), "I8", `${id} arrived with hop ${hop}`);
  }

  #passport(token: string): Passport {
    const read = this.#read(token);
    if (!read.ok || read.value.claims.typ !== "passport") throw new Violation("I7: a departure holds no passport");
    return read.value.claims;
  }

  #verdict(transfer: TransferId, side: "destination" | "origin", word: "admitted" | "refused" | "released" | "refunded"): void {
    const followed = this.#followed.get(transfer);
    if (followed === undefined) throw new Violation(`I5: ${transfer} was ${word} after all was said`);
    mustHold(followed[side] === undefined, "I5", `${transfer} was ${followed[side]} and then ${word}`);
    Object.assign(followed, { [side]: word });
    if (side === "destination") return;
    mustHold(word !== "released" || followed.destination === "admitted", "I5", `${transfer} was released and is not admitted`);
    mustHold(word !== "refunded" || followed.destination === "refused", "I5", `${transfer} was refunded and is not refused`);
    this.#followed.delete(transfer);
  }

  #rise(key: TravellerId | ItemRef, hop: number): void {
    mustHold(hop > (this.#hops.get(key) ?? 0), "I8", `${key} departed with hop ${hop}`);
    this.#hops.set(key, hop);
  }
}
