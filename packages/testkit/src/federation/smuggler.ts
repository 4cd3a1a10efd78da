// A world of its own key and no scruples, pinned by all the others. Its puppets carry things there and back; whatever it ever held it
// gives away again and again, with good papers, with spoiled ones, with none; it says yes and no as it likes. It cannot sign for others.
import {
  type Carried,
  type CustodyRecord,
  flattenCarried,
  groupRulings,
  issuerOf,
  type Notary,
  type Offer,
  type OfferRequest,
  type Papers,
  type Passport,
  spreadRulings,
  type TravellerId,
  type WorldId,
  withLink,
} from "@sojourn/protocol";
import type { Random } from "./random.ts";
import type { SimWorld } from "./sim-world.ts";

/** What the smuggler needs of the federation around it. */
export interface SmugglerSurroundings {
  readonly random: Random;
  readonly worlds: readonly SimWorld[];
  nowMs(): number;
  /** Brings a token to a world, as the network does. */
  deliver(to: SimWorld, token: string): void;
  later(delayMs: number, run: () => void): void;
  /** A world makes something for one of its guests. */
  mint(world: SimWorld, traveller: TravellerId): void;
  isQuiet(): boolean;
}

interface Puppet {
  readonly id: TravellerId;
  hop: number;
  /** Where it is; undefined: with the smuggler. */
  at: WorldId | undefined;
}

interface Sent {
  readonly to: WorldId;
  readonly puppet: Puppet;
  readonly atMs: number;
}

/** What it remembers of what it held. */
const HOARD = 24;
const EPOCH_START_MS = 1_700_000_000_000;
const PASSPORT_MS = 100_000;

export class Smuggler {
  readonly id: WorldId;
  readonly #notary: Notary;
  readonly #around: SmugglerSurroundings;
  readonly #puppets: readonly Puppet[];
  readonly #hoard: Carried[] = [];
  readonly #grants: string[] = [];
  readonly #asked = new Map<TravellerId, OfferRequest>();
  /** Its own departures that no destination has decided, by number. */
  readonly #sent = new Map<number, Sent>();
  /** How it decided on others' departures to it. */
  readonly #decided = new Map<string, string>();
  #next = 1;

  constructor(notary: Notary, puppets: readonly TravellerId[], around: SmugglerSurroundings) {
    this.id = notary.world;
    this.#notary = notary;
    this.#around = around;
    this.#puppets = puppets.map((id) => ({ id, hop: 0, at: undefined }));
  }

  #wallMs(): number {
    return EPOCH_START_MS + this.#around.nowMs();
  }

  #worldOf(id: WorldId): SimWorld | undefined {
    return this.#around.worlds.find((world) => world.id === id);
  }

  /** One misdeed, or the preparation of one. */
  strike(): void {
    const { random, worlds } = this.#around;
    const puppet = random.pick(this.#puppets);
    if (puppet.at === undefined) this.#askAt(random.pick(worlds), puppet);
    else this.#callBack(puppet);
    this.#claim();
    for (const [n, { to, atMs }] of this.#sent) if (this.#around.nowMs() - atMs > 4_000) this.#cancel(n, to);
  }

  /** A puppet would like to come, with things it may have given away before. */
  #askAt(world: SimWorld, puppet: Puppet): void {
    const { random } = this.#around;
    const some = this.#hoard.filter(({ papers }) => random.chance(papers === undefined ? 0.1 : 0.4)).slice(0, 4);
    const items = some.map((item) => this.#spoiled({ ...item, hop: item.hop + 1 }, 0.15));
    const signed = { iss: this.id, aud: world.id, iat: this.#wallMs() + world.hourMs };
    const person = { traveller: puppet.id, name: "Puppet", home: this.id, hop: puppet.hop + 1, body: { health: 1, props: {} } };
    const request: OfferRequest = { typ: "offer-request", ...signed, ...person, items };
    this.#asked.set(puppet.id, request);
    this.#around.deliver(world, this.#notary.sign(request));
  }

  /** Claims what it holds, what it gave away, and what it never had; and says again what it was granted. */
  #claim(): void {
    const { random, worlds } = this.#around;
    const replayed = random.chance(0.2) && this.#grants.length > 0 ? random.pick(this.#grants) : undefined;
    if (replayed !== undefined) this.#around.deliver(random.pick(worlds), replayed);
    const held = this.#hoard.filter(({ tier }) => tier === "registered");
    if (held.length > 0 && random.chance(0.4)) this.#claimAt(random.pick(held), random.chance(0.8) ? 0 : random.between(1, 3));
    if (random.chance(0.2)) this.#claimOthers(random.pick(worlds));
  }

  #claimAt(item: Carried, ahead: number): void {
    const issuer = this.#worldOf(issuerOf(item.id));
    const { id, kind, hop, papers } = item;
    const last = papers?.links.at(-1);
    if (issuer === undefined || papers === undefined || last === undefined) return;
    const from = papers.links.slice(0, -1).reduce((holder, { to, refused }) => (refused === undefined ? to : holder), issuer.id);
    const said = {
      typ: "claim",
      iss: this.id,
      aud: issuer.id,
      iat: this.#wallMs() + issuer.hourMs,
      item: id,
      kind,
      hop: hop + ahead,
    } as const;
    const shown = ahead > 0 ? {} : { papers };
    this.#around.deliver(issuer, this.#notary.sign({ ...said, ...shown, transfer: `${last.n}@${from}` }));
  }

  /** Something that lies in an honest world, by a link to here that nobody signed. */
  #claimOthers(world: SimWorld): void {
    const row = [...world.custody.items.values()].find(({ tier, papers }) => tier === "registered" && papers !== undefined);
    if (row?.papers === undefined) return;
    const { id, kind, props, papers, hop } = row;
    const forged = { to: this.id, hop: hop + 1, n: 1, day: 1, signature: "z".repeat(86) };
    this.#claimAt({ id, kind, props, hop: hop + 1, contents: [], papers: { ...papers, links: [...papers.links, forged] } }, 0);
  }

  #spoiled(item: Carried, probability: number): Carried {
    const { random } = this.#around;
    const { papers } = item;
    if (papers === undefined || !random.chance(probability)) return item;
    const { tier: _, papers: __, ...bare } = item;
    const { links } = papers;
    const changed = (change: Partial<Papers>): Carried => ({ ...item, papers: { ...papers, ...change } });
    const forged = links.map((link) => ({ ...link, signature: `z${link.signature.slice(1)}` }));
    const spoils = [bare, changed({ links: links.slice(1) }), changed({ links: links.slice(0, -1) }), changed({ links: forged })];
    return random.pick([...spoils, changed({ birth: { ...papers.birth, fixed: {} } }), { ...item, props: { worth: 1_000 } }]);
  }

  /** Has a puppet come home from a world, mostly with something new. */
  #callBack(puppet: Puppet): void {
    const world = this.#worldOf(puppet.at ?? "");
    if (world?.isUp !== true || world.custody.residents.get(puppet.id)?.status !== "here") return;
    if (this.#around.random.chance(0.6)) this.#around.mint(world, puppet.id);
    world.take({ in: "ask", traveller: puppet.id, to: this.id });
  }

  /** Something was posted to the smuggler. */
  hear(from: SimWorld, token: string): void {
    const read = this.#notary.read(token);
    if (!read.ok) return;
    const { claims } = read.value;
    if (claims.typ === "offer-request") this.#welcome(from, claims, read.value.hash);
    else if (claims.typ === "offer") this.#use(from, claims, token);
    else if (claims.typ === "receipt" || claims.typ === "refusal") this.#resolved(from, claims.transfer, claims.typ === "receipt");
    else if (claims.typ === "grant") this.#remember(token);
    else if (claims.typ === "status" || claims.typ === "cancel") this.#answer(from, claims.transfer);
  }

  #remember(grant: string): void {
    this.#grants.unshift(grant);
    this.#grants.length = Math.min(this.#grants.length, HOARD);
  }

  #welcome(from: SimWorld, { traveller, items }: OfferRequest, request: string): void {
    const iat = this.#wallMs() + from.hourMs;
    const rulings = flattenCarried(items).map(({ id, kind }) => ({ item: id, kind, verdict: "admit" as const, reason: "Why not." }));
    const terms = { request, traveller, rulings: groupRulings(rulings), clamps: [] };
    const offer: Offer = { typ: "offer", iss: this.id, aud: from.id, iat, exp: iat + 60_000, ...terms };
    this.#around.deliver(from, this.#notary.sign(offer));
  }

  /** Makes a passport of an offer: mostly of what was offered. */
  #use(world: SimWorld, offer: Offer, token: string): void {
    const { random } = this.#around;
    const request = this.#asked.get(offer.traveller);
    const puppet = this.#puppets.find(({ id }) => id === offer.traveller);
    if (request === undefined || puppet === undefined || puppet.at !== undefined || request.aud !== world.id) return;
    this.#asked.delete(offer.traveller);
    if (random.chance(0.1)) return;
    const n = this.#next++;
    const { iat } = offer;
    const refused = new Set(spreadRulings(offer.rulings).flatMap(({ item, verdict }) => (verdict === "refuse" ? [item] : [])));
    const pack = (items: readonly Carried[]): Carried[] =>
      items
        .filter(({ id }) => !refused.has(id))
        .map((item) => this.#spoiled({ ...this.#linked(item, world.id, n), contents: pack(item.contents) }, 0.06));
    const { traveller, name, home, hop, body } = request;
    const person = { traveller, name, home, hop, body };
    const times = { iat, exp: iat + PASSPORT_MS };
    const passport: Passport = {
      ...{ typ: "passport", iss: this.id, aud: world.id, ...times, transfer: `${n}@${this.id}`, epoch: 0, ...person },
      items: pack(request.items),
      offer: token,
    };
    this.#sent.set(n, { to: world.id, puppet, atMs: this.#around.nowMs() });
    puppet.at = world.id;
    puppet.hop = hop;
    const signed = this.#notary.sign(passport);
    const present = (): void => void world.take({ in: "present", session: "puppet", traveller, passport: signed });
    this.#around.later(random.between(1, 300), present);
    if (random.chance(0.3)) this.#around.later(random.between(300, 3_000), present);
  }

  #linked(item: Carried, to: WorldId, n: number): Carried {
    if (item.papers === undefined) return item;
    return { ...item, papers: withLink(this.#notary, item.id, item.papers, { to, hop: item.hop, n, day: 1 }) };
  }

  #resolved(world: SimWorld, transfer: string, isAdmitted: boolean): void {
    const n = Number.parseInt(transfer, 10);
    const sent = this.#sent.get(n);
    if (sent?.to === world.id) {
      this.#sent.delete(n);
      if (!isAdmitted) sent.puppet.at = undefined;
    }
    const below = Math.min(this.#next, ...[...this.#sent].flatMap(([open, { to }]) => (to === world.id ? [open] : [])));
    const signed = { iss: this.id, aud: world.id, iat: this.#wallMs(), transfer };
    this.#around.deliver(world, this.#notary.sign({ typ: "close", ...signed, outcome: isAdmitted ? "released" : "refunded", below }));
  }

  #cancel(n: number, to: WorldId): void {
    const world = this.#worldOf(to);
    const claims = { typ: "cancel", iss: this.id, aud: to, iat: this.#wallMs(), transfer: `${n}@${this.id}` } as const;
    if (world !== undefined) this.#around.deliver(world, this.#notary.sign(claims));
  }

  /** A puppet has left a world for here. */
  onDeparture(from: SimWorld, record: Extract<CustodyRecord, { r: "depart" }>): void {
    const { random } = this.#around;
    const read = this.#notary.read(record.passport);
    if (!read.ok || read.value.claims.typ !== "passport") return;
    const { transfer, hop, traveller, items } = read.value.claims;
    const puppet = this.#puppets.find(({ id }) => id === traveller);
    if (puppet === undefined || this.#decided.has(transfer)) return;
    const signed = { iss: this.id, aud: from.id, iat: this.#wallMs(), transfer };
    const isRefusing = random.chance(0.2);
    // What it refuses it keeps a copy of all the same.
    for (const item of items) this.#hoard.unshift(item);
    this.#hoard.length = Math.min(this.#hoard.length, HOARD);
    if (!isRefusing) {
      puppet.at = undefined;
      puppet.hop = hop;
    }
    const word = isRefusing
      ? this.#notary.sign({ typ: "refusal", ...signed, code: "refused", reason: "Not today.", epoch: 1 })
      : this.#notary.sign({ typ: "receipt", ...signed, passport: record.hash, seq: 1, epoch: 1 });
    this.#decided.set(transfer, word);
    if (random.chance(0.8)) this.#around.later(random.between(1, 500), () => this.#answer(from, transfer));
  }

  /** The same word again; sometimes none, as long as there is trouble. */
  #answer(from: SimWorld, transfer: string): void {
    const word = this.#decided.get(transfer);
    if (word !== undefined && (this.#around.isQuiet() || !this.#around.random.chance(0.2))) this.#around.deliver(from, word);
  }
}
