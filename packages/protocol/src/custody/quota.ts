// Quotas: how much this world takes of things that one other world answers for. Counted from custody (what is here, and what came in
// lately) and from the offers that are out, so that no two offers together, no restart and no replay can pass one.
import type { ItemKind, ItemRef, WorldId } from "../ids.ts";
import { issuerOf } from "../ids.ts";
import type { Ruling } from "../items.ts";
import type { Scalar } from "../schema.ts";
import type { CustomsAnswer } from "./border.ts";
import { type Carried, type Clamp, flattenCarried, type Offer, type OfferRequest, type Passport, type Tier } from "./claims.ts";
import { effectiveProps } from "./clamps.ts";
import type { Border } from "./desk.ts";
import { importsLately } from "./import-counts.ts";
import { refuseThings } from "./inspection.ts";
import type { Import, Quota } from "./quota-terms.ts";

/**
 * The worlds on whose account a thing comes in. Whoever hands over a declared thing could have named any maker, so it counts for both;
 * a thing with papers counts for its maker alone.
 */
export function answerable(item: ItemRef, tier: Tier, from: WorldId): readonly WorldId[] {
  const issuer = issuerOf(item);
  return tier === "declared" && issuer !== from ? [issuer, from] : [issuer];
}

interface Used {
  lately: number;
  here: number;
  sum: number;
}

class Tally {
  readonly #border: Border;
  readonly #traveller: string;
  readonly #used = new Map<Quota, Map<WorldId, Used>>();
  readonly #quotas = new Map<WorldId, readonly Quota[]>();

  /** Counts everything but what this traveller's own offer holds. */
  constructor(border: Border, traveller: string) {
    this.#border = border;
    this.#traveller = traveller;
  }

  /** Why this thing cannot come in as well; when it can, it is counted. */
  add(thing: Import): string | undefined {
    const bound = thing.accounts.flatMap((world) => this.#quotasFor(world, thing.kind).map((quota) => ({ world, quota })));
    for (const { world, quota } of bound) {
      const why = this.#whyOver(world, quota, thing);
      if (why !== undefined) return why;
    }
    for (const { world, quota } of bound) addTo(this.#usedOf(world, quota), quota, thing.props, true);
    return undefined;
  }

  #quotasFor(world: WorldId, kind: ItemKind): readonly Quota[] {
    let all = this.#quotas.get(world);
    if (all === undefined) {
      all = this.#border.context.policy.quotas?.(world) ?? [];
      this.#quotas.set(world, all);
    }
    return all.filter((quota) => quota.kind === kind || quota.kind === "*");
  }

  #whyOver(world: WorldId, quota: Quota, thing: Import): string | undefined {
    const used = this.#usedOf(world, quota);
    const { perHour, inAll, sum } = quota;
    const maker = this.#border.context.peers.get(world)?.name ?? "that world";
    const things = quota.kind === "*" ? "things" : `of ${spoken(quota.kind)}`;
    if (perHour !== undefined && used.lately + 1 > perHour)
      return `At most ${perHour} ${things} of ${maker} come in within an hour. Come again later, or leave it behind.`;
    if (inAll !== undefined && used.here + 1 > inAll)
      return `At most ${inAll} ${things} of ${maker} may be in this world at once, and they are. Leave it behind.`;
    if (sum !== undefined && used.sum + worth(thing.props[sum.prop]) > sum.max)
      return `All ${things} of ${maker} here may have a ${spoken(sum.prop)} of ${sum.max} together; this one is too much. Leave it behind.`;
    return undefined;
  }

  #usedOf(world: WorldId, quota: Quota): Used {
    const counted = this.#used.get(quota) ?? new Map<WorldId, Used>();
    this.#used.set(quota, counted);
    let used = counted.get(world);
    if (used === undefined) {
      used = this.#count(world, quota);
      counted.set(world, used);
    }
    return used;
  }

  #count(world: WorldId, quota: Quota): Used {
    const { custody, desk, nowMs } = this.#border;
    const used: Used = { lately: importsLately(custody.imports, world, quota.kind, nowMs), here: 0, sum: 0 };
    const isMeant = (kind: ItemKind, accounts: readonly WorldId[]): boolean =>
      (quota.kind === "*" || quota.kind === kind) && accounts.includes(world);
    for (const [holder, { imports }] of desk.offers) {
      if (holder === this.#traveller) continue;
      for (const { kind, props, accounts } of imports) if (isMeant(kind, accounts)) addTo(used, quota, props, true);
    }
    if (quota.inAll === undefined && quota.sum === undefined) return used;
    for (const row of custody.items.values()) {
      if (row.from === undefined || issuerOf(row.id) === custody.world || !isMeant(row.kind, answerable(row.id, row.tier, row.from)))
        continue;
      addTo(used, quota, effectiveProps(row, row.clamps), false);
    }
    return used;
  }
}

function addTo(used: Used, quota: Quota, props: Import["props"], isComing: boolean): void {
  used.here += 1;
  if (isComing) used.lately += 1;
  if (quota.sum !== undefined) used.sum += worth(props[quota.sum.prop]);
}

/** A debt makes no room for riches. */
function worth(value: Scalar | undefined): number {
  return typeof value === "number" ? Math.max(0, value) : 0;
}

function spoken(name: string): string {
  return name.replaceAll("-", " ");
}

function importOf(item: Carried, from: WorldId, clamps: readonly Clamp[]): Import {
  return {
    id: item.id,
    accounts: answerable(item.id, item.tier ?? "declared", from),
    kind: item.kind,
    props: effectiveProps(item, clamps),
  };
}

export interface WithinQuotas {
  readonly rulings: readonly Ruling[];
  /** What the offer lets in that quotas count: its place is held as long as the offer is. */
  readonly imports: readonly Import[];
  readonly isOver: boolean;
}

/** The rulings of customs, with what would pass a quota refused, and everything in it. This world's own things come home uncounted. */
export function withinQuotas(border: Border, request: OfferRequest, answer: CustomsAnswer): WithinQuotas {
  const tally = new Tally(border, request.traveller);
  const imports: Import[] = [];
  const weigh = (item: Carried): string | undefined => {
    if (issuerOf(item.id) === border.world) return undefined;
    const thing = importOf(item, request.iss, answer.clamps);
    const why = tally.add(thing);
    if (why === undefined) imports.push(thing);
    return why;
  };
  const rulings = refuseThings(answer.rulings, request.items, weigh, (kind) => `It stays in the ${kind}, of which too many are here.`);
  return { rulings, imports, isOver: rulings.some((ruling, i) => ruling !== answer.rulings[i]) };
}

/** Why what a passport brings would pass a quota now, unless its offer still holds its place. */
export function overQuotas(border: Border, passport: Passport, offer: Offer): string | undefined {
  if (isHeld(border, passport, offer)) return undefined;
  const tally = new Tally(border, passport.traveller);
  const weigh = (items: readonly Carried[]): string | undefined => {
    for (const item of items) {
      const why = issuerOf(item.id) === border.world ? undefined : tally.add(importOf(item, passport.iss, offer.clamps));
      const found = why ?? weigh(item.contents);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return weigh(passport.items);
}

/** Whether the offer still holds a place for all of this, as it was shown: the same things, on the same accounts, worth as much. */
function isHeld(border: Border, passport: Passport, offer: Offer): boolean {
  // One request may have had two offers, before and after a restart: only the last one's place is held.
  const held = border.desk.offers.get(passport.traveller);
  if (held?.token !== passport.offer) return false;
  const shown = new Map(held.imports.map((thing) => [thing.id, JSON.stringify(thing)]));
  return flattenCarried(passport.items).every(
    (item) => issuerOf(item.id) === border.world || shown.get(item.id) === JSON.stringify(importOf(item, passport.iss, offer.clamps)),
  );
}
