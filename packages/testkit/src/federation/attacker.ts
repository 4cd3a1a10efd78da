// Somebody who hears everything: anything ever said is said again to anybody, passports are presented by anybody, forgeries are tried,
// and worlds speak about transfers that are none of theirs. It cannot write another's signature.
import type { Claims, Passport, TravellerId, WorldId } from "@sojourn/protocol";
import type { Random } from "./random.ts";
import type { SimWorld } from "./sim-world.ts";
import { forgedToy } from "./toy-notary.ts";
import { mustHold } from "./violation.ts";

/** Tokens and passports an attacker has heard and keeps. */
const OVERHEARD = 3_000;

export class Attacker {
  readonly #random: Random;
  readonly #worlds: readonly SimWorld[];
  readonly #travellers: readonly TravellerId[];
  readonly #tokens: string[] = [];
  readonly #passports: string[] = [];
  #heard = 0;

  constructor(random: Random, worlds: readonly SimWorld[], travellers: readonly TravellerId[]) {
    this.#random = random;
    this.#worlds = worlds;
    this.#travellers = travellers;
  }

  overhear(token: string): void {
    this.#keep(this.#tokens, token);
  }

  overhearPassport(passport: string): void {
    this.#keep(this.#passports, passport);
  }

  #keep(kept: string[], token: string): void {
    this.#heard += 1;
    if (kept.length < OVERHEARD) kept.push(token);
    else if (this.#random.chance(OVERHEARD / this.#heard)) kept[this.#random.below(OVERHEARD)] = token;
  }

  strike(): void {
    this.strikeAt(this.#random.pick(this.#worlds));
  }

  strikeAt(world: SimWorld): void {
    const random = this.#random;
    if (this.#tokens.length > 0) world.take({ in: "token", token: random.pick(this.#tokens) });
    if (this.#passports.length > 0) this.#presentStolen(world, random.pick(this.#passports));
    if (random.chance(0.3)) this.#meddle(world);
  }

  /** Whatever was ever made out to a world is shown there once more, by whose it is. */
  presentAllAt(world: SimWorld): void {
    for (const passport of this.#passports) {
      const claims = this.#passportOf(world, passport);
      if (claims?.aud === world.id) world.take({ in: "present", session: "clone", traveller: claims.traveller, passport });
    }
  }

  #passportOf(world: SimWorld, token: string): Passport | undefined {
    const read = world.context.notary.read(token);
    return read.ok && read.value.claims.typ === "passport" ? read.value.claims : undefined;
  }

  #presentStolen(anyWorld: SimWorld, stolen: string): void {
    const random = this.#random;
    const claims = this.#passportOf(anyWorld, stolen);
    if (claims === undefined) return;
    const world = random.chance(0.5) ? anyWorld : (this.#worlds.find(({ id }) => id === claims.aud) ?? anyWorld);
    const thief = random.chance(0.3) ? claims.traveller : random.pick(this.#travellers);
    const isForging = random.chance(0.3);
    const changed: Passport = random.chance(0.5) ? { ...claims, traveller: thief } : { ...claims, hop: claims.hop + 1, items: [] };
    const passport = isForging ? forgedToy(changed, changed.iss) : stolen;
    const decision = world.take({ in: "present", session: "thief", traveller: thief, passport });
    for (const record of decision?.records ?? []) {
      if (record.r === "admit")
        mustHold(!isForging && record.traveller === thief, "I7", `${thief} came in by a passport that is not theirs`);
    }
  }

  /** A world gives its word about a transfer between two others, or claims to speak for the destination. */
  #meddle(world: SimWorld): void {
    const random = this.#random;
    const open = [...world.custody.out.values()];
    if (open.length === 0) return;
    const { transfer, to, hash } = random.pick(open);
    const liar = random.pick(this.#worlds);
    const isForging = liar.id === to || random.chance(0.5);
    const iss: WorldId = isForging ? to : liar.id;
    const signed = { iss, aud: world.id, iat: world.now().wallMs, transfer };
    if (random.chance(0.1)) {
      const below = world.custody.nextDeparture + 1_000_000;
      world.take({ in: "token", token: forgedToy({ typ: "close", ...signed, iss: liar.id, outcome: "released", below }, liar.id) });
    }
    const claims: Claims = random.chance(0.5)
      ? { typ: "receipt", ...signed, passport: hash, seq: 1, epoch: 1 }
      : { typ: "refusal", ...signed, code: "refused", reason: "none of my business", epoch: 1 };
    world.take({ in: "token", token: isForging ? forgedToy(claims, claims.iss) : liar.context.notary.sign(claims) });
  }
}
