// What ought to be there: how often every traveller and every thing must be found in the worlds that are judged, counted from what began,
// ended, came in from a world that is not judged, or went out to one. What is found may differ from it by nothing (I1, I2, I3).
import {
  type Custody,
  type CustodyRecord,
  flattenCarried,
  flattenItems,
  type ItemRef,
  itemTree,
  parseNumbered,
  type TravellerId,
  type WorldId,
} from "@sojourn/protocol";

type Name = TravellerId | ItemRef;

interface Entry {
  readonly record: CustodyRecord;
  readonly names: readonly Name[];
  readonly by: 1 | -1;
}

export class Book {
  readonly #isJudged: (world: WorldId) => boolean;
  readonly #owed = new Map<Name, number>();
  /** Applied and not yet durable, by world, oldest first: a crash undoes it. */
  readonly #waiting = new Map<WorldId, Entry[]>();
  /** Whatever a world that is not judged has ever brought in: only it knows how often that exists, and how far it has travelled. */
  readonly #vouched = new Set<Name>();

  constructor(isJudged: (world: WorldId) => boolean) {
    this.#isJudged = isJudged;
  }

  owed(name: Name): number {
    return this.#owed.get(name) ?? 0;
  }

  /** Every name that ever was, how often it ought to be there. */
  all(): ReadonlyMap<Name, number> {
    return this.#owed;
  }

  isVouched(name: Name): boolean {
    return this.#vouched.has(name);
  }

  /** Before a record changes this custody. */
  beforeApplied(custody: Custody, record: CustodyRecord): void {
    const { names, by } = this.#changes(custody, record);
    if (names.length === 0) return;
    const waiting = this.#waiting.get(custody.world);
    const entry = { record, names, by };
    if (waiting === undefined) this.#waiting.set(custody.world, [entry]);
    else waiting.push(entry);
    this.#count(names, by);
  }

  #changes(custody: Custody, record: CustodyRecord): Pick<Entry, "names" | "by"> {
    switch (record.r) {
      case "born":
        return { names: [record.traveller], by: 1 };
      case "mint":
        return { names: flattenItems([record.item]).map(({ id }) => id), by: 1 };
      case "burn":
        return { names: custody.items.has(record.item) ? flattenItems([itemTree(custody, record.item)]).map(({ id }) => id) : [], by: -1 };
      case "admit": {
        if (this.#isJudged(parseNumbered(record.transfer)?.world ?? "")) return NO_CHANGE;
        const names = [record.traveller, ...flattenCarried(record.items).map(({ id }) => id)];
        for (const name of names) this.#vouched.add(name);
        return { names, by: 1 };
      }
      case "release": {
        const departure = custody.out.get(record.transfer);
        if (departure === undefined || this.#isJudged(departure.to)) return NO_CHANGE;
        return { names: [departure.traveller, ...departure.items], by: -1 };
      }
      default:
        return NO_CHANGE;
    }
  }

  #count(names: readonly Name[], by: number): void {
    for (const name of names) this.#owed.set(name, (this.#owed.get(name) ?? 0) + by);
  }

  afterDurable(world: WorldId, record: CustodyRecord): void {
    const waiting = this.#waiting.get(world);
    if (waiting?.[0]?.record === record) waiting.shift();
  }

  /** What was not durable never happened. */
  restarted(world: WorldId): void {
    for (const { names, by } of this.#waiting.get(world) ?? []) this.#count(names, -by);
    this.#waiting.delete(world);
  }
}

const NO_CHANGE: Pick<Entry, "names" | "by"> = { names: [], by: 1 };
