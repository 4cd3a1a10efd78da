// A peer that floods: now and then it sends one world hundreds of messages at once, all genuine, none of any use.
import type { Claims, Notary, TravellerId } from "@sojourn/protocol";
import type { FaultMenu } from "./fault-kinds.ts";
import type { Random } from "./random.ts";
import type { Schedule } from "./schedule.ts";
import type { SimWorld } from "./sim-world.ts";

/** More than any burst that is borne. */
const AT_ONCE = 340;
const EVERY_MS = { least: 20_000, most: 90_000 } as const;
/** Transfers that it calls off lie far beyond those it makes. */
const FIRST_N = 1_000_000;

export class Flooder {
  readonly #notary: Notary;
  readonly #worlds: readonly SimWorld[];
  readonly #idOf: (n: number) => TravellerId;
  readonly #random: Random;
  readonly #schedule: Schedule;
  readonly #faults: FaultMenu;
  #n = FIRST_N;

  constructor(
    notary: Notary,
    worlds: readonly SimWorld[],
    idOf: (n: number) => TravellerId,
    { random, schedule, faults }: { readonly random: Random; readonly schedule: Schedule; readonly faults: FaultMenu },
  ) {
    this.#notary = notary;
    this.#worlds = worlds;
    this.#idOf = idOf;
    this.#random = random;
    this.#schedule = schedule;
    this.#faults = faults;
    this.#later();
  }

  #later(): void {
    this.#schedule.after(this.#random.between(EVERY_MS.least, EVERY_MS.most), () => {
      if (this.#faults.strikes("floods")) this.#flood(this.#random.pick(this.#worlds));
      this.#later();
    });
  }

  #flood(world: SimWorld): void {
    const kind = this.#random.pick(["cancel", "offer-request", "status", "close", "junk"] as const);
    for (let i = 0; i < AT_ONCE && world.isUp; i++) {
      const token = kind === "junk" ? `junk ${i}` : this.#notary.sign(this.#claims(world, kind));
      world.take({ in: "token", token });
    }
  }

  #claims(world: SimWorld, typ: "cancel" | "offer-request" | "status" | "close"): Claims {
    const signed = { iss: this.#notary.world, aud: world.id, iat: world.now().wallMs };
    const n = this.#n++;
    const transfer = `${n}@${signed.iss}`;
    if (typ === "close")
      return { typ, ...signed, transfer, outcome: "refunded", below: (world.custody.closedBelow.get(signed.iss) ?? 0) + 1 };
    if (typ !== "offer-request") return { typ, ...signed, transfer };
    return { typ, ...signed, traveller: this.#idOf(n), name: "x", home: signed.iss, hop: 1, body: { health: 1, props: {} }, items: [] };
  }
}
