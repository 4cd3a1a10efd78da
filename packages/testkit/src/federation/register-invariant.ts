// I13 for registered things, judged from records and custody states alone: while the issuer is honest, no two honest worlds have one in
// use at once, whatever others sign (who strips a thing of its tier has a declared thing, for which quotas are); nothing is in use away from home but by a grant; a register only goes forward, and only to who had it.
import {
  type Custody,
  type CustodyRecord,
  flattenCarried,
  type ItemRef,
  issuerOf,
  type Notary,
  outermostPlace,
  type WorldId,
} from "@sojourn/protocol";
import { mustHold } from "./violation.ts";

type Worlds = ReadonlyMap<WorldId, { readonly custody: Custody }>;

export class RegisterInvariant {
  readonly #notary: Notary;
  readonly #worlds: Worlds;
  /** The hop of the last durable grant. */
  readonly #hops = new Map<ItemRef, number>();
  /** Registered things that were ever handed to a world that is not judged. */
  readonly #strayed = new Set<ItemRef>();

  constructor(notary: Notary, worlds: Worlds) {
    this.#notary = notary;
    this.#worlds = worlds;
  }

  /** The issuer may have lost what it granted: a grant that it says again is no step back. */
  forgets(): void {
    this.#hops.clear();
  }

  /** Everything that is registered, in all worlds. */
  judgeAll(): void {
    for (const { custody } of this.#worlds.values())
      for (const { id, tier } of custody.items.values()) if (tier === "registered") this.#onlyOne(id);
  }

  afterApplied(world: WorldId, record: CustodyRecord): void {
    if (record.r === "granted") this.#onlyOne(record.item);
    else if (record.r === "admit")
      for (const { id, tier } of flattenCarried(record.items)) if (tier === "registered") this.#cameIn(world, id);
    if (record.r === "refund") for (const ref of this.#worlds.get(world)?.custody.claims.keys() ?? []) this.#onlyOne(ref);
  }

  #cameIn(world: WorldId, item: ItemRef): void {
    const row = this.#worlds.get(world)?.custody.items.get(item);
    const isAtHome = issuerOf(item) === world || !this.#worlds.has(issuerOf(item));
    mustHold(isAtHome || row?.seal !== undefined, "I13", `${item} came into ${world} unsealed, and nobody granted it`);
    this.#onlyOne(item);
  }

  #onlyOne(item: ItemRef): void {
    if (!this.#worlds.has(issuerOf(item))) return;
    let inUse = 0;
    for (const { custody } of this.#worlds.values()) {
      const row = custody.items.get(item);
      if (row?.tier === "registered" && row.seal === undefined && outermostPlace(custody, item).in !== "escrow") inUse += 1;
    }
    mustHold(inUse <= 1, "I13", `${item} is registered and in use in ${inUse} worlds`);
  }

  afterDurable(world: WorldId, record: CustodyRecord): void {
    if (record.r === "granted") this.#proven(world, record);
    else if (record.r === "grant") this.#granted(record);
    else if (record.r === "depart" && !this.#worlds.has(record.to)) for (const ref of record.items) this.#strayed.add(ref);
  }

  #granted({ item, hop, to }: Extract<CustodyRecord, { r: "grant" }>): void {
    mustHold(hop > (this.#hops.get(item) ?? 0), "I13", `the register of ${item} went back to hop ${hop}`);
    mustHold(this.#worlds.has(to) || this.#strayed.has(item), "I13", `${item} was granted to ${to}, which never had it`);
    this.#hops.set(item, hop);
  }

  #proven(world: WorldId, { item, proof }: Extract<CustodyRecord, { r: "granted" }>): void {
    const opened = this.#notary.open(proof);
    const claims = opened.ok ? opened.value.claims : undefined;
    const isGenuine = claims?.typ === "grant" && claims.iss === issuerOf(item) && claims.aud === world && claims.item === item;
    mustHold(isGenuine, "I13", `${item} was unsealed in ${world} by no grant of its maker`);
  }
}
