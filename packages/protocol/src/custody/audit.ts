// Counting a whole federation from outside: every traveller and item must be in exactly one place of exactly one world,
// or in exactly one escrow that its destination has not admitted. Pure; knows nothing of how the machines work.
import type { ItemRef, TransferId, WorldId } from "../ids.ts";
import { parseNumbered } from "../ids.ts";
import type { Custody } from "./custody.ts";
import { outermostPlace } from "./custody.ts";

export interface FederationAudit {
  readonly travellers: number;
  readonly items: number;
  /** Departures whose destination has not decided, or whose decision the origin has not heard. */
  readonly unresolved: number;
  /** `<traveller> of <home world>`. */
  readonly travellersLost: readonly string[];
  readonly travellersDuplicated: readonly string[];
  /** In two places because an operator took them back from a world that had admitted them, with the record and its receipt as evidence. */
  readonly travellersOverridden: readonly string[];
  readonly itemsOverridden: readonly ItemRef[];
  readonly itemsLost: number;
  readonly itemsDuplicated: readonly ItemRef[];
  /** Items missing by number, at most MISSING_NAMED; they include burned ones when there are any of that world. */
  readonly itemsMissing: readonly ItemRef[];
}

const MISSING_NAMED = 64;

/** Judges the given worlds together. Travellers and items of worlds that are not given are not judged. */
export function auditFederation(custodies: readonly Custody[]): FederationAudit {
  const worlds = new Map(custodies.map((custody) => [custody.world, custody]));
  const people = countPeople(custodies, worlds);
  const things = countThings(custodies, worlds);
  const taken = takenBack(custodies, worlds);
  const twice = [...people].filter(([, count]) => count > 1).map(([person]) => person);
  const isTakenBack = (person: string): boolean => taken.travellers.has(person.slice(0, person.indexOf(" ")));
  const born = custodies.flatMap((custody) =>
    [...custody.residents.values()]
      .filter((resident) => resident.home === custody.world)
      .map((resident) => `${resident.traveller} of ${resident.home}`),
  );
  return {
    travellers: born.length,
    items: [...things.values()].length,
    unresolved: custodies.reduce((sum, custody) => sum + custody.out.size, 0),
    travellersLost: born.filter((person) => (people.get(person) ?? 0) === 0),
    travellersDuplicated: twice.filter((person) => !isTakenBack(person)),
    travellersOverridden: twice.filter(isTakenBack),
    ...countItems(custodies, things, taken.items),
  };
}

/** True when the destination has admitted this departure: then the origin's escrow is only a memory of it. */
function isAdmitted(worlds: ReadonlyMap<WorldId, Custody>, to: WorldId, transfer: TransferId): boolean {
  return worlds.get(to)?.arrivals.get(transfer)?.decision === "admitted";
}

interface TakenBack {
  readonly travellers: ReadonlySet<string>;
  readonly items: ReadonlySet<ItemRef>;
}

/** Whoever and whatever an operator took back although the destination had admitted them: the record and the receipt (here or there) say so. */
function takenBack(custodies: readonly Custody[], worlds: ReadonlyMap<WorldId, Custody>): TakenBack {
  const proven = custodies
    .flatMap((custody) => [...custody.overridden.values()])
    .filter(({ to, transfer, word }) => word?.says === "receipt" || isAdmitted(worlds, to, transfer));
  return { travellers: new Set(proven.map(({ traveller }) => traveller)), items: new Set(proven.flatMap(({ items }) => items)) };
}

function countPeople(custodies: readonly Custody[], worlds: ReadonlyMap<WorldId, Custody>): Map<string, number> {
  const people = new Map<string, number>();
  for (const custody of custodies) {
    for (const resident of custody.residents.values()) {
      const departure = resident.transfer === undefined ? undefined : custody.out.get(resident.transfer);
      const isEscrowed = departure !== undefined && !isAdmitted(worlds, departure.to, departure.transfer);
      if (resident.status !== "here" && !isEscrowed) continue;
      const person = `${resident.traveller} of ${resident.home}`;
      people.set(person, (people.get(person) ?? 0) + 1);
    }
  }
  return people;
}

function countThings(custodies: readonly Custody[], worlds: ReadonlyMap<WorldId, Custody>): Map<ItemRef, number> {
  const things = new Map<ItemRef, number>();
  for (const custody of custodies) {
    for (const row of custody.items.values()) {
      const place = outermostPlace(custody, row.id);
      if (place.in === "escrow") {
        const departure = custody.out.get(place.of);
        if (departure === undefined || isAdmitted(worlds, departure.to, departure.transfer)) continue;
      }
      things.set(row.id, (things.get(row.id) ?? 0) + 1);
    }
  }
  return things;
}

function countItems(
  custodies: readonly Custody[],
  things: ReadonlyMap<ItemRef, number>,
  taken: ReadonlySet<ItemRef>,
): Pick<FederationAudit, "itemsLost" | "itemsDuplicated" | "itemsOverridden" | "itemsMissing"> {
  let lost = 0;
  const missing: ItemRef[] = [];
  for (const custody of custodies) {
    let found = 0;
    for (const ref of things.keys()) if (parseNumbered(ref)?.world === custody.world) found += 1;
    const burned = custodies.reduce((sum, other) => sum + (other.burned.get(custody.world) ?? 0), 0);
    const { minted } = custody;
    lost += Math.max(0, minted - burned - found);
    for (let n = 1; minted - burned > found && n <= minted && missing.length < MISSING_NAMED; n++) {
      const ref = `${n}@${custody.world}`;
      if (!things.has(ref)) missing.push(ref);
    }
  }
  const twice = [...things].filter(([, count]) => count > 1).map(([ref]) => ref);
  const itemsDuplicated = twice.filter((ref) => !taken.has(ref));
  return { itemsLost: lost, itemsDuplicated, itemsOverridden: twice.filter((ref) => taken.has(ref)), itemsMissing: missing };
}
