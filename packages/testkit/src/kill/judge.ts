// The second judge: reads the worlds' stores record by record and works out from the records alone, in the simplest way there is, who holds
// what. Law: it shares nothing with what the worlds believe but the form of a record; whatever it finds odd it says, and goes on.
import { type CustodyRecord, flattenItems } from "@sojourn/protocol";
import { readStore } from "./read-store.ts";
import { hashOf, type Told } from "./told.ts";

export interface Verdict {
  readonly travellers: number;
  readonly items: number;
  /** Transfers that the destination admitted and the origin released for it. */
  readonly confirmed: number;
  /** Transfers that the destination refused and the origin took back. */
  readonly returned: number;
  readonly open: number;
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
  readonly violations: readonly string[];
}

/** What one world's records come to. A holder is `by T`, `locker T`, `in ITEM`, `ground`, `fixture F`, or `escrow TRANSFER`. */
interface Tale {
  readonly world: string;
  readonly people: Map<string, { person: string; escrow: string; isHere: boolean }>;
  readonly things: Map<string, string>;
}

interface Transfer {
  depart?: Extract<CustodyRecord, { r: "depart" }> & { readonly from: string };
  admit?: Extract<CustodyRecord, { r: "admit" }> & { readonly at: string };
  refusedAt?: string;
  released?: string;
  refunded?: string;
}

/** Judges the worlds in these data folders together, and what their travellers were told. Throws when a store cannot be read at all. */
export function judge(dataFolders: readonly string[], told: readonly Told[]): Verdict {
  return new Judge().hear(dataFolders.map(readStore), told);
}

class Judge {
  readonly #odd: string[] = [];
  readonly #born = new Set<string>();
  readonly #minted = new Set<string>();
  readonly #ended = new Set<string>();
  readonly #transfers = new Map<string, Transfer>();
  readonly #hops = new Set<string>();

  hear(stores: readonly (readonly CustodyRecord[])[], told: readonly Told[]): Verdict {
    const tales = stores.map((records) => this.#tell(records));
    this.#compareTransfers();
    for (const one of told) this.#compareTold(one);
    const counts = this.#count(tales);
    const transfers = [...this.#transfers.values()];
    return {
      travellers: this.#born.size,
      items: this.#minted.size - this.#ended.size,
      confirmed: transfers.filter(({ admit, released }) => admit !== undefined && released !== undefined).length,
      returned: transfers.filter(({ refusedAt, refunded }) => refusedAt !== undefined && refunded !== undefined).length,
      open: transfers.filter(({ depart, released, refunded }) => depart !== undefined && released === undefined && refunded === undefined)
        .length,
      ...counts,
      violations: this.#odd,
    };
  }

  #insist(isTrue: boolean, what: string): void {
    if (!isTrue) this.#odd.push(what);
  }

  #transfer(id: string): Transfer {
    const known = this.#transfers.get(id) ?? {};
    this.#transfers.set(id, known);
    return known;
  }

  #tell(records: readonly CustodyRecord[]): Tale {
    const [first] = records;
    const world = first?.r === "world" && first.key === "world.id" ? first.value : "";
    this.#insist(world !== "", "a journal does not begin with whose it is");
    const tale: Tale = { world, people: new Map(), things: new Map() };
    for (const record of records) this.#hearRecord(tale, record);
    return tale;
  }

  #hearRecord(tale: Tale, record: CustodyRecord): void {
    const { world, people, things } = tale;
    switch (record.r) {
      case "born":
        this.#insist(!people.has(record.traveller), `${record.traveller} born again in ${world}`);
        people.set(record.traveller, { person: `${record.traveller} of ${world}`, escrow: "", isHere: true });
        this.#born.add(`${record.traveller} of ${world}`);
        break;
      case "mint":
        for (const { id, holder } of placed([record.item], holderOf(record.place))) {
          this.#insist(!this.#minted.has(id) && id.endsWith(`@${world}`), `${id} minted again, or by another, in ${world}`);
          this.#minted.add(id);
          things.set(id, holder);
        }
        break;
      case "own":
        this.#insist(things.has(record.item) && !root(things, record.item).startsWith("escrow"), `${record.item} moved, not being here`);
        things.set(record.item, holderOf(record.place));
        break;
      case "burn":
        this.#end(tale, record.item);
        break;
      case "build":
        if (record.item !== undefined) this.#end(tale, record.item);
        break;
      case "depart":
        this.#depart(tale, record);
        break;
      case "release":
      case "refund":
        this.#resolve(tale, record);
        break;
      case "admit":
        this.#admit(tale, record);
        break;
      case "refuse": {
        const transfer = this.#transfer(record.transfer);
        this.#insist(transfer.refusedAt === undefined, `${record.transfer} refused twice`);
        transfer.refusedAt = world;
        break;
      }
    }
  }

  #end({ things }: Tale, item: string): void {
    for (const ref of [...things.keys()].filter((ref) => ref === item || isWithin(things, ref, item))) {
      this.#insist(!this.#ended.has(ref), `${ref} ended twice`);
      this.#ended.add(ref);
      things.delete(ref);
    }
    this.#insist(this.#ended.has(item), `${item} ended where it was not`);
  }

  #depart({ world, people, things }: Tale, record: Extract<CustodyRecord, { r: "depart" }>): void {
    const id = `${record.n}@${world}`;
    const one = people.get(record.traveller);
    const transfer = this.#transfer(id);
    this.#insist(one?.isHere === true, `${id}: ${record.traveller} departs, not being there`);
    this.#insist(transfer.depart === undefined, `${id} departs twice`);
    this.#insist(hashOf(record.passport) === record.hash, `${id}: the passport is not the one that is hashed`);
    transfer.depart = { ...record, from: world };
    if (one !== undefined) Object.assign(one, { isHere: false, escrow: id });
    for (const item of record.kept) things.set(item, `locker ${record.traveller}`);
    for (const item of record.items) {
      const holder = things.get(item) ?? "nobody";
      const isInside = holder.startsWith("in ") && record.items.includes(holder.slice(3));
      this.#insist(isInside || holder === `by ${record.traveller}`, `${id}: ${item} leaves from ${holder}`);
      if (!isInside) things.set(item, `escrow ${id}`);
    }
    const behind = [...things].find(([, holder]) => holder === `by ${record.traveller}`);
    this.#insist(behind === undefined, `${id}: ${behind?.[0]} stays in nobody's hands`);
  }

  #resolve({ people, things }: Tale, record: Extract<CustodyRecord, { r: "release" | "refund" }>): void {
    const transfer = this.#transfer(record.transfer);
    const { depart, released, refunded } = transfer;
    this.#insist(depart !== undefined && released === undefined && refunded === undefined, `${record.transfer} resolved, not being open`);
    const one = depart === undefined ? undefined : people.get(depart.traveller);
    if (depart === undefined || one === undefined) return;
    this.#insist(one.escrow === record.transfer, `${record.transfer} resolved for one who is not in it`);
    Object.assign(one, { isHere: record.r === "refund", escrow: "" });
    transfer[record.r === "release" ? "released" : "refunded"] = record.proof;
    for (const item of depart.items) {
      if (record.r === "release") things.delete(item);
      else if (things.get(item) === `escrow ${record.transfer}`) things.set(item, `by ${depart.traveller}`);
    }
    if (record.r === "refund") for (const item of depart.kept) if (things.has(item)) things.set(item, `by ${depart.traveller}`);
  }

  #admit({ world, people, things }: Tale, record: Extract<CustodyRecord, { r: "admit" }>): void {
    const { transfer: id, traveller } = record;
    const one = people.get(traveller);
    const transfer = this.#transfer(id);
    this.#insist(one === undefined || (!one.isHere && one.escrow === ""), `${id}: ${traveller} arrives, being there`);
    this.#insist(transfer.admit === undefined, `${id} admitted twice`);
    transfer.admit = { ...record, at: world };
    people.set(traveller, { person: `${traveller} of ${record.home}`, escrow: "", isHere: true });
    this.#once(`${traveller} of ${record.home}`, record.hop);
    for (const { id: item, holder } of placed(record.items, `by ${traveller}`)) {
      this.#insist(!things.has(item), `${id}: ${item} arrives, being there`);
      things.set(item, holder);
    }
    for (const { id: item, hop } of flattenCarried(record.items)) this.#once(item, hop);
    for (const item of record.unlocked) {
      this.#insist(things.get(item) === `locker ${traveller}`, `${id}: ${item} is in no locker of theirs`);
      things.set(item, `by ${traveller}`);
    }
  }

  /** A hop of a traveller or an item is admitted once in all the worlds. */
  #once(who: string, hop: number): void {
    this.#insist(!this.#hops.has(`${who} ${hop}`), `hop ${hop} of ${who} admitted twice`);
    this.#hops.add(`${who} ${hop}`);
  }

  #compareTransfers(): void {
    for (const [id, { depart, admit, refusedAt, released, refunded }] of this.#transfers) {
      const from = id.slice(id.indexOf("@") + 1);
      this.#insist(depart === undefined || depart.from === from, `${id} departed from elsewhere`);
      this.#insist(admit === undefined || refusedAt === undefined, `${id} both admitted and refused`);
      this.#insist(released === undefined || admit !== undefined, `${id} released, never admitted`);
      this.#insist(refunded === undefined || (refusedAt !== undefined && admit === undefined), `${id} given back, never refused`);
      this.#insist(refusedAt === undefined || depart === undefined || depart.to === refusedAt, `${id} refused by another world`);
      if (admit === undefined) continue;
      this.#insist(depart !== undefined, `${id} admitted, never departed`);
      this.#insist(depart?.to === admit.at && depart.passport === admit.passport, `${id} admitted elsewhere or by another passport`);
      const [left, came] = [depart?.items ?? [], flattenCarried(admit.items).map((item) => item.id)];
      this.#insist([...left].sort().join() === came.sort().join(), `${id}: what came is not what left`);
    }
  }

  #compareTold(one: Told): void {
    if (one.told === "items") {
      for (const item of one.items) this.#insist(this.#minted.has(item), `${item} was shown by ${one.world}, and stands in no journal`);
      return;
    }
    const { depart, admit } = this.#transfers.get(one.transfer) ?? {};
    if (one.told === "arrived")
      this.#insist(admit?.at === one.world, `${one.transfer}: welcomed by ${one.world}, whose journal has no arrival`);
    else this.#insist(depart?.hash === one.hash, `${one.transfer}: a passport went out that stands in no journal`);
  }

  /** Everybody and everything must be held once: by a world, or by an escrow that its destination has not admitted. */
  #count(tales: readonly Tale[]): Pick<Verdict, "lost" | "duplicated"> {
    const held = new Map<string, number>();
    const hold = (who: string): unknown => held.set(who, (held.get(who) ?? 0) + 1);
    const isOver = (id: string): boolean => this.#transfers.get(id)?.admit !== undefined;
    for (const { people, things } of tales) {
      for (const { person, escrow, isHere } of people.values()) if (isHere || (escrow !== "" && !isOver(escrow))) hold(person);
      for (const ref of things.keys()) {
        const holder = root(things, ref);
        if (!holder.startsWith("escrow ") || !isOver(holder.slice(7))) hold(ref);
      }
    }
    const due = [...this.#born, ...[...this.#minted].filter((ref) => !this.#ended.has(ref))];
    for (const ref of this.#ended) this.#insist(!held.has(ref), `${ref} ended, and is still held`);
    return { lost: due.filter((who) => !held.has(who)), duplicated: [...held].filter(([, times]) => times > 1).map(([who]) => who) };
  }
}

type Place = Extract<CustodyRecord, { r: "own" }>["place"];

function holderOf(place: Place): string {
  switch (place.in) {
    case "inventory":
      return `by ${place.of}`;
    case "item":
      return `in ${place.item}`;
    case "ground":
      return "ground";
    case "fixture":
      return `fixture ${place.name}`;
    default:
      return `${place.in} ${place.of}`;
  }
}

interface Nested<T> {
  readonly id: string;
  readonly contents: readonly T[];
}

function placed<T extends Nested<T>>(items: readonly T[], holder: string): { id: string; holder: string }[] {
  return items.flatMap((item) => [{ id: item.id, holder }, ...placed(item.contents, `in ${item.id}`)]);
}

type Carried = Extract<CustodyRecord, { r: "admit" }>["items"][number];

function flattenCarried(items: readonly Carried[]): Carried[] {
  return flattenItems(items) as unknown as Carried[];
}

function root(things: ReadonlyMap<string, string>, ref: string): string {
  const holder = things.get(ref) ?? "nobody";
  return holder.startsWith("in ") ? root(things, holder.slice(3)) : holder;
}

function isWithin(things: ReadonlyMap<string, string>, ref: string, outer: string): boolean {
  const holder = things.get(ref) ?? "nobody";
  if (!holder.startsWith("in ")) return false;
  return holder.slice(3) === outer || isWithin(things, holder.slice(3), outer);
}
