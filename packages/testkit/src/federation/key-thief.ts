// Somebody who has keys that worlds revoked, and keys of their own: signs passports, receipts and refusals in those worlds' names, and
// brings old statements back. Law that is judged here: to whom knows the revocation, none of it counts.
import type { Claims, Notary, Passport } from "@sojourn/protocol";
import type { KeyRing } from "./key-ring.ts";
import type { Random } from "./random.ts";
import type { SimWorld } from "./sim-world.ts";
import { mustHold } from "./violation.ts";

/** Statements kept to be brought back. */
const STATEMENTS = 64;

export class KeyThief {
  readonly #random: Random;
  readonly #worlds: readonly SimWorld[];
  readonly #rings: ReadonlyMap<string, KeyRing>;
  readonly #statements: string[] = [];

  constructor(random: Random, worlds: readonly SimWorld[], rings: ReadonlyMap<string, KeyRing>) {
    this.#random = random;
    this.#worlds = worlds;
    this.#rings = rings;
  }

  overhear(statement: string): void {
    if (this.#statements.length < STATEMENTS) this.#statements.push(statement);
    else this.#statements[this.#random.below(STATEMENTS)] = statement;
  }

  strike(): void {
    const random = this.#random;
    if (this.#statements.length === 0) return;
    random.pick(this.#worlds).take({ in: "token", token: random.pick(this.#statements) });
    const [victim, robbed] = [random.pick(this.#worlds), random.pick(this.#worlds)];
    const ring = this.#rings.get(robbed.id);
    if (ring === undefined || victim === robbed || !victim.isUp) return;
    const knows = victim.custody.keys.get(robbed.id)?.version ?? 0;
    const useful = ring.stolen.filter(({ version }) => version <= knows).map(({ notary }) => notary);
    const notary = useful.length > 0 && random.chance(0.7) ? random.pick(useful) : ring.stranger();
    if (random.chance(0.5)) this.#present(victim, robbed, notary);
    else this.#judge(victim, robbed, notary);
  }

  /** A passport of one who is on the way, with a change that the origin never made. */
  #present(victim: SimWorld, robbed: SimWorld, notary: Notary): void {
    const open = [...robbed.custody.out.values()].filter(({ to }) => to === victim.id);
    if (open.length === 0) return;
    const read = notary.read(this.#random.pick(open).passport);
    if (!read.ok || read.value.claims.typ !== "passport") return;
    const passport: Passport = { ...read.value.claims, body: { health: 255, props: { thief: true } } };
    const { traveller } = passport;
    const decision = victim.take({ in: "present", session: "key thief", traveller, passport: notary.sign(passport) });
    mustHold(
      (decision?.records.length ?? 0) === 0,
      "I7",
      `${victim.name} believed a passport by a key that ${robbed.name} does not sign with`,
    );
  }

  /** The destination's word on who is on the way to it. */
  #judge(victim: SimWorld, robbed: SimWorld, notary: Notary): void {
    const open = [...victim.custody.out.values()].filter(({ to }) => to === robbed.id);
    if (open.length === 0) return;
    const { transfer, hash } = this.#random.pick(open);
    const signed = { iss: robbed.id, aud: victim.id, iat: victim.now().wallMs, transfer };
    const claims: Claims = this.#random.chance(0.5)
      ? { typ: "receipt", ...signed, passport: hash, seq: 1, epoch: 1 }
      : { typ: "refusal", ...signed, code: "refused", reason: "says a thief", epoch: 1 };
    const decision = victim.take({ in: "token", token: notary.sign(claims) });
    mustHold(
      (decision?.records.length ?? 0) === 0,
      "I5",
      `${victim.name} believed the word of a key that ${robbed.name} does not sign with`,
    );
  }
}
