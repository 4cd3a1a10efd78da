// A malicious world, within its own key: everybody has pinned it, and it signs whatever it likes at any time. It offers and denies, takes
// travellers in and refuses them in the same breath, hands them on to several worlds at once with things it never held, brings travellers
// of its own, judges transfers that are none of its business, closes what was never opened, and floods.
//
// What is owed to whom, and judged:
//   the honest worlds   everything, among themselves: I1 to I12 as if it did not exist. No verdict of its on a transfer between others
//                       counts, and whatever it makes them remember or write stays within the named limits (flood-invariant.ts).
//   who never went to   one place, no loss: nobody comes in by its passport without holding the key that the passport names, so it
//   it, and their       cannot double them. It can name their things (declared things have no other proof than its word): a thing it
//   things              brought in may be found once more, and by each of its passports once; no honest world adds to that.
//   who went to it      may be lost or doubled by it. Every copy that honest worlds took in is kept by them like any other: what is found
//                       differs from what came in and went out by nothing (book.ts).
//   things with papers  more, where their issuer is honest: whoever judges that asks the book for what this world vouched for.
import {
  type Carried,
  type Claims,
  type CustodyRecord,
  flattenCarried,
  groupRulings,
  type Notary,
  type Offer,
  type OfferRequest,
  type Passport,
  TIMES,
  type TransferId,
  type TravellerId,
  type WorldId,
} from "@sojourn/protocol";
import type { FaultMenu } from "./fault-kinds.ts";
import type { Random } from "./random.ts";
import type { Schedule } from "./schedule.ts";
import type { SimWorld } from "./sim-world.ts";
import { mustHold } from "./violation.ts";

/** Travellers and things of its own making. */
const PHANTOMS = 6;
const INVENTED = 12;
/** What it keeps in mind of each kind. */
const KEPT = 64;
const LEADS = 6;

type Plan = "keeps" | "sends back" | "says both" | "is silent";
type Depart = Extract<CustodyRecord, { r: "depart" }>;

interface Held {
  readonly passport: Passport;
  readonly hash: string;
  readonly plan: Plan;
}

interface Addressed {
  readonly iss: WorldId;
  readonly aud: WorldId;
  readonly iat: number;
}

/** Somebody who shall come into an honest world by its passport. */
interface Led {
  readonly traveller: TravellerId;
  readonly name: string;
  readonly home: WorldId;
  hop: number;
  items: readonly Carried[];
  tries: number;
}

interface Surroundings {
  readonly random: Random;
  readonly schedule: Schedule;
  readonly faults: FaultMenu;
  readonly isQuiet: boolean;
  /** Shows a traveller's own client where it is now. */
  lead(traveller: TravellerId, world: SimWorld): void;
  /** Somebody hears what it says. */
  overhear(token: string): void;
  tinker(world: SimWorld, traveller: TravellerId): void;
}

export class Rogue {
  readonly id: WorldId;
  readonly #notary: Notary;
  readonly #around: Surroundings;
  readonly #worlds: readonly SimWorld[];
  readonly #phantoms: readonly TravellerId[];
  readonly #held = new Map<TransferId, Held>();
  readonly #asked = new Map<string, { readonly request: OfferRequest; readonly led: Led }>();
  /** Things of others that it has seen, and may claim to hold. */
  readonly #seen: Carried[] = [];
  #n = 1;

  constructor(notary: Notary, worlds: readonly SimWorld[], idOf: (n: number) => TravellerId, around: Surroundings) {
    this.id = notary.world;
    this.#notary = notary;
    this.#worlds = worlds;
    this.#around = around;
    this.#phantoms = Array.from({ length: PHANTOMS }, (_, n) => idOf(n));
    around.schedule.after(1_000, () => this.#live());
  }

  /** A message reaches it. */
  hear(from: SimWorld, token: string): void {
    const read = this.#notary.read(token);
    if (!read.ok) return;
    const { claims, hash } = read.value;
    if (claims.typ === "offer-request") this.#answer(from, claims, hash);
    else if (claims.typ === "offer") this.#use(from, claims, token);
    else if (claims.typ === "status" || claims.typ === "cancel") this.#word(from, claims.transfer);
  }

  /** Somebody has left an honest world for it, and stands at its door. */
  arrives(from: SimWorld, record: Depart): void {
    const { random, schedule } = this.#around;
    const read = this.#notary.read(record.passport);
    if (!read.ok || read.value.claims.typ !== "passport") return;
    const passport = read.value.claims;
    const lot = random.unit();
    const plan: Plan = lot < 0.4 ? "keeps" : lot < 0.65 ? "sends back" : lot < 0.9 ? "says both" : "is silent";
    remember(this.#held, passport.transfer, { passport, hash: record.hash, plan });
    schedule.after(random.between(50, 3_000), () => this.#word(from, passport.transfer));
    if (plan === "sends back" && random.chance(0.7)) return;
    const { traveller, name, home, hop, items } = passport;
    const led: Led = { traveller, name, home, hop, items, tries: 0 };
    schedule.after(random.between(1_000, 20_000), () => this.#lead(led));
  }

  #say(world: SimWorld, claims: Claims): void {
    const token = this.#notary.sign(claims);
    this.#around.overhear(token);
    this.#around.schedule.after(this.#around.random.between(1, 80), () => world.take({ in: "token", token }));
  }

  #signed(world: SimWorld): Addressed {
    return { iss: this.id, aud: world.id, iat: world.now().wallMs };
  }

  #answer(to: SimWorld, request: OfferRequest, hash: string): void {
    const { random } = this.#around;
    for (const item of flattenCarried(request.items)) {
      if (this.#seen.length < KEPT) this.#seen.push({ ...item, contents: [] });
      else this.#seen[random.below(KEPT)] = { ...item, contents: [] };
    }
    const lot = random.unit();
    if (lot < 0.1) return;
    const about = { ...this.#signed(to), request: hash };
    if (lot < 0.2) this.#say(to, { typ: "decline", ...about, code: "busy", reason: "not today", retryAfterMs: 0 });
    for (let i = random.between(1, 2); i > 0 && lot > 0.15; i--) this.#offer(to, request, about);
  }

  #offer(to: SimWorld, { traveller, items }: OfferRequest, about: Addressed & { readonly request: string }): void {
    const { random } = this.#around;
    const verdict = random.pick(["admit", "admit", "refuse", "seal"] as const);
    const rulings = groupRulings(flattenCarried(items).map(({ id, kind }) => ({ item: id, kind, verdict, reason: "" })));
    const iat = about.iat + random.pick([0, 0, 0, 0, 20_000, -20_000, 100_000]);
    const exp = random.pick([iat + TIMES.offerLifeMs, iat + TIMES.offerLifeMs, 1, Number.MAX_SAFE_INTEGER]);
    this.#say(to, { typ: "offer", ...about, iat, exp, traveller, rulings, clamps: [] });
  }

  /** Its verdict on somebody who went to it; it may be another one the next time. */
  #word(to: SimWorld, transfer: TransferId): void {
    const { random } = this.#around;
    const held = this.#held.get(transfer);
    const plan = held?.plan ?? "says both";
    if (plan === "is silent" && random.chance(0.8)) return;
    const isYes = plan === "keeps" || (plan !== "sends back" && random.chance(0.5));
    const about = { ...this.#signed(to), transfer };
    if (isYes) this.#say(to, { typ: "receipt", ...about, passport: held?.hash ?? "A".repeat(43), seq: random.below(1_000), epoch: 1 });
    else this.#say(to, { typ: "refusal", ...about, code: "refused", reason: "not here", epoch: 1 });
  }

  /** Asks some world for an offer for them, so that they can come in there. */
  #lead(led: Led): void {
    const { random, schedule } = this.#around;
    if (led.tries >= LEADS) return;
    led.tries += 1;
    const world = random.pick(this.#worlds);
    const { traveller, name, home } = led;
    const hop = led.hop + random.pick([1, 1, 1, 2, 1_000]);
    const items = led.tries > 2 ? [] : this.#baggage(led);
    const request = { typ: "offer-request", ...this.#signed(world), traveller, name, home, hop, body: BODY, items } as const;
    const token = this.#notary.sign(request);
    remember(this.#asked, this.#notary.hash(token), { request, led });
    world.take({ in: "token", token });
    schedule.after(random.between(3_000, 9_000), () => this.#lead(led));
  }

  /** What they came with, something it never held, something that never was. */
  #baggage({ items }: Led): Carried[] {
    const { random } = this.#around;
    const baggage = items.map((item) => raised(item));
    if (this.#seen.length > 0 && random.chance(0.1)) baggage.push(raised(random.pick(this.#seen)));
    if (random.chance(0.4)) {
      const id = `${1 + random.below(INVENTED)}@${this.id}`;
      baggage.push({ id, kind: random.pick(["sword", "coin", "gem"]), props: { worth: 9 }, hop: random.pick([1, 7, 1_000]), contents: [] });
    }
    return baggage;
  }

  /** An honest world's offer: passports are made out of it, one or several. */
  #use(world: SimWorld, offer: Offer, token: string): void {
    const { random } = this.#around;
    const asked = this.#asked.get(offer.request);
    if (asked === undefined || asked.led.tries >= LEADS) return;
    const { led, request } = asked;
    const admitted = new Set(offer.rulings.flatMap(({ verdict, items }) => (verdict === "refuse" ? [] : items)));
    const items = random.chance(0.85)
      ? request.items.filter((item) => flattenCarried([item]).every(({ id }) => admitted.has(id)))
      : request.items;
    const iat = world.now().wallMs;
    const exp = iat + random.pick([TIMES.passportLifeMs, TIMES.passportLifeMs, TIMES.passportLifeMs, TIMES.passportLifeMs + 1, 10]);
    const { traveller, name, home, hop } = request;
    const person = { traveller, name, home, hop, body: BODY, items, offer: token };
    const n = random.chance(0.9) ? this.#next() : Math.max(1, this.#n - 1);
    const passport: Passport = { typ: "passport", ...this.#signed(world), iat, exp, transfer: `${n}@${this.id}`, epoch: 0, ...person };
    this.#present(world, passport, led);
    if (random.chance(0.3)) this.#present(world, { ...passport, transfer: `${this.#next()}@${this.id}`, hop: hop + 1 }, led);
    if (random.chance(0.3)) this.#present(random.pick(this.#worlds), passport, led);
    if (random.chance(0.2)) this.#present(world, { ...passport, items: [], hop: hop + 5 }, led);
  }

  /** A number that nobody has been told is closed. */
  #next(): number {
    this.#n = Math.max(this.#n, ...this.#worlds.map(({ custody }) => custody.closedBelow.get(this.id) ?? 0)) + 1;
    return this.#n;
  }

  #present(world: SimWorld, claims: Passport, led: Led): void {
    const { random, schedule } = this.#around;
    const passport = this.#notary.sign(claims);
    const traveller = random.chance(0.1) ? random.pick(this.#phantoms) : claims.traveller;
    const decision = world.take({ in: "present", session: "rogue", traveller, passport });
    const admit = decision?.records.find((record) => record.r === "admit");
    if (admit === undefined) return;
    mustHold(traveller === claims.traveller, "I7", `${traveller} came in by a malicious world's passport for another`);
    led.hop = Math.max(led.hop, claims.hop);
    if (random.chance(0.8)) led.tries = LEADS;
    schedule.after(random.between(20, 500), () => this.#around.lead(traveller, world));
  }

  /** One deed, then the next one later. Nothing that stops faults stops it; only what it sends is carried better then. */
  #live(): void {
    const { random, schedule, faults } = this.#around;
    if (faults.strikes("rogue")) this.#strike(random.pick(this.#worlds));
    schedule.after(random.between(400, 2_500), () => this.#live());
  }

  #strike(world: SimWorld): void {
    const { random, tinker } = this.#around;
    const about = this.#signed(world);
    const n = 1 + random.below(this.#n + 20);
    const lot = random.below(10);
    if (lot < 2) {
      const traveller = random.pick(this.#phantoms);
      const hop = Math.max(0, ...this.#worlds.map(({ custody }) => custody.residents.get(traveller)?.hop ?? 0));
      this.#lead({ traveller, name: "nobody", home: this.id, hop, items: [], tries: LEADS - 2 });
    } else if (lot < 5) this.#say(world, { typ: random.pick(["status", "cancel"]), ...about, transfer: `${n}@${this.id}` });
    else if (lot < 6) {
      const below = random.pick([n, this.#n, this.#n + 100]);
      this.#say(world, { typ: "close", ...about, transfer: `${n}@${this.id}`, outcome: "released", below });
    } else if (lot < 8) this.#judge(world);
    // Whoever sets out when all shall be settled is settled later.
    else if (!this.#around.isQuiet)
      for (const traveller of this.#phantoms) {
        if (!random.chance(0.3) || world.custody.residents.get(traveller)?.status !== "here") continue;
        tinker(world, traveller);
        world.take({ in: "ask", traveller, to: random.pick(this.#worlds).id });
      }
  }

  /** Its word on what is between two others. */
  #judge(world: SimWorld): void {
    const { random } = this.#around;
    const open = [...world.custody.out.values()].filter(({ to }) => to !== this.id);
    if (open.length === 0) return;
    const { transfer, hash } = random.pick(open);
    const about = { ...this.#signed(world), transfer };
    if (random.chance(0.5)) this.#say(world, { typ: "receipt", ...about, passport: hash, seq: 1, epoch: 1 });
    else this.#say(world, { typ: "refusal", ...about, code: "refused", reason: "none of my business", epoch: 1 });
  }
}

const BODY = { health: 90, props: {} };

function raised(item: Carried): Carried {
  return { ...item, hop: item.hop + 1, contents: item.contents.map((inner) => raised(inner)) };
}

function remember<K, V>(map: Map<K, V>, key: K, value: V): void {
  if (map.size >= KEPT) map.delete(map.keys().next().value as K);
  map.set(key, value);
}
