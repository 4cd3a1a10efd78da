// Words that do not get through: what a destination said of a few transfers is lost for minutes, until the origin's operator loses
// patience and takes those travellers back, whether they had been admitted or not. Now and then an operator tries what may not be.
import type { Notary, TransferId, WorldId } from "@sojourn/protocol";
import type { Invariants } from "./invariants.ts";
import type { Random } from "./random.ts";
import type { Schedule } from "./schedule.ts";
import type { SimWorld } from "./sim-world.ts";

/** Longer than a passport lives by both clocks. */
const SILENT_MS = { least: 186_000, most: 240_000 } as const;
const FIRST_MS = { least: 5_000, most: 120_000 } as const;
const EVERY_MS = 400_000;
/** Receipts and refusals that are lost, each. */
const LOST = 2;

export class Silences {
  readonly #random: Random;
  readonly #schedule: Schedule;
  readonly #invariants: Invariants;
  readonly #read: Notary["read"];
  readonly #worlds: readonly SimWorld[];
  #silent:
    | { readonly from: WorldId; readonly to: WorldId; readonly receipt: Set<TransferId>; readonly refusal: Set<TransferId> }
    | undefined;
  isQuiet = false;

  constructor(random: Random, schedule: Schedule, invariants: Invariants, read: Notary["read"], worlds: readonly SimWorld[]) {
    this.#random = random;
    this.#schedule = schedule;
    this.#invariants = invariants;
    this.#read = read;
    this.#worlds = worlds;
    schedule.after(random.between(FIRST_MS.least, FIRST_MS.most), () => this.#fall());
  }

  calm(): void {
    this.isQuiet = true;
    this.#silent = undefined;
  }

  /** Whether this word does not get through to this world. */
  swallows(world: SimWorld, token: string): boolean {
    if (this.#silent?.to !== world.id) return false;
    const read = this.#read(token);
    if (!read.ok) return false;
    const { claims } = read.value;
    if (claims.typ !== "receipt" && claims.typ !== "refusal") return false;
    const lost = this.#silent[claims.typ];
    // Refusals are rare: those of all worlds count.
    if (claims.typ === "receipt" && claims.iss !== this.#silent.from) return false;
    if (lost.size < LOST && world.custody.out.has(claims.transfer)) lost.add(claims.transfer);
    return lost.has(claims.transfer);
  }

  /** Whether one who just left `from` for `to` should be refused there, so that there is a refusal to lose. */
  wantsRefusal(from: WorldId, to: WorldId): boolean {
    const silent = this.#silent;
    return silent?.to === from && silent.from === to && silent.refusal.size === 0 && this.#random.chance(0.3);
  }

  #fall(): void {
    if (this.isQuiet) return;
    const random = this.#random;
    const at = random.below(this.#worlds.length);
    const origin = this.#worlds[at] as SimWorld;
    const destination = this.#worlds[(at + 1 + random.below(this.#worlds.length - 1)) % this.#worlds.length] as SimWorld;
    this.#silent = { from: destination.id, to: origin.id, receipt: new Set(), refusal: new Set() };
    this.#schedule.after(random.between(1_000, 60_000), () =>
      this.#order(origin, [...origin.custody.out.keys(), `0@${origin.id}`].slice(0, 1)),
    );
    this.#schedule.after(random.between(SILENT_MS.least, SILENT_MS.most), () => {
      if (this.isQuiet) return;
      this.#order(origin, this.#unheard(origin));
      this.#schedule.after(random.between(0, 2_000), () => {
        this.#silent = undefined;
      });
    });
    this.#schedule.after(EVERY_MS, () => this.#fall());
  }

  #unheard(origin: SimWorld): TransferId[] {
    const lost = [...(this.#silent?.receipt ?? []), ...(this.#silent?.refusal ?? [])];
    return lost.filter((transfer) => origin.custody.out.has(transfer));
  }

  #order(origin: SimWorld, transfers: readonly TransferId[]): void {
    for (const transfer of transfers) {
      if (!origin.isUp) return;
      this.#invariants.orders.add(transfer);
      origin.take({ in: "override", transfer, by: "operator", why: "it is silent", isEarly: true });
    }
  }
}
