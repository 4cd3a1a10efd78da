// I6: nothing signed leaves a world whose record is not durable there, and the same question gets the same answer (R5): the same payload,
// byte for byte, and by the same key the same token.
// I11: what is decided is forgotten only when it is closed and past its time (R6). Judged at every effect that leaves.
import {
  type Custody,
  type CustodyEffect,
  type CustodyRecord,
  canonicalJson,
  encodeBase64url,
  type Notary,
  type Opened,
  parseNumbered,
  TIMES,
  type TransferId,
  type WorldId,
} from "@sojourn/protocol";
import { Violation } from "./violation.ts";

interface Decided {
  readonly origin: WorldId;
  readonly n: number;
  readonly word: "receipt" | "refusal";
  readonly exp: number;
  readonly atMs: number;
  answer: string | undefined;
  /** Read off a custody that may be ahead of its journal. */
  readonly isInferred?: true;
}

interface Departed {
  readonly n: number;
  readonly from: WorldId;
  readonly to: WorldId;
  readonly passport: string;
  readonly isDurable: boolean;
  /** An operator has taken them back; the destination has not spoken. */
  readonly origin?: string;
}

export class OutputCommit {
  /** Departures that are not resolved durably at their origin. */
  readonly #open: ReadonlyMap<TransferId, Departed>;
  readonly #read: Notary["read"];
  /** Durable decisions of each world in their order, until they are durably forgotten. */
  readonly #decided = new Map<WorldId, Map<TransferId, Decided>>();
  /** `<world> <origin>`: durably closed below. */
  readonly #closed = new Map<string, number>();
  /** `<world> <item> <hop> <transfer>`: durably granted. */
  readonly #granted = new Set<string>();
  /** The newest durable departure of each world. */
  readonly #departed = new Map<WorldId, number>();

  constructor(open: ReadonlyMap<TransferId, Departed>, read: Notary["read"]) {
    this.#open = open;
    this.#read = read;
  }

  #decidedBy(world: WorldId): Map<TransferId, Decided> {
    const known = this.#decided.get(world);
    if (known !== undefined) return known;
    const decided = new Map<TransferId, Decided>();
    this.#decided.set(world, decided);
    return decided;
  }

  /** A world is what is left of it: what it decided then, and nothing that it said. */
  remembers({ world, arrivals, closedBelow, nextDeparture }: Custody, hasForgotten: boolean): void {
    const decided = this.#decidedBy(world);
    if (hasForgotten) decided.clear();
    for (const { transfer, origin, n, decision, exp, decidedMs: atMs } of arrivals.values()) {
      const word = decision === "admitted" ? "receipt" : "refusal";
      if (!decided.has(transfer)) decided.set(transfer, { origin, n, word, exp, atMs, answer: undefined, isInferred: true });
    }
    if (!hasForgotten) return;
    for (const key of this.#closed.keys()) if (key.startsWith(world)) this.#closed.delete(key);
    for (const [origin, below] of closedBelow) this.#closed.set(`${world} ${origin}`, below);
    this.#departed.set(world, nextDeparture - 1);
  }

  afterDurable(world: WorldId, record: CustodyRecord, atMs: number): void {
    if (record.r === "admit" || record.r === "refuse") {
      const id = parseNumbered(record.transfer);
      const before = this.#decidedBy(world).get(record.transfer);
      if (before !== undefined && before.isInferred !== true) throw new Violation(`I5: ${world} decided ${record.transfer} twice`);
      const word = record.r === "admit" ? "receipt" : "refusal";
      if (id !== undefined)
        this.#decidedBy(world).set(record.transfer, { origin: id.world, n: id.n, word, exp: record.exp, atMs, answer: undefined });
    } else if (record.r === "grant") this.#granted.add(`${world} ${record.item} ${record.hop} ${record.transfer} ${record.to}`);
    else if (record.r === "depart") this.#departed.set(world, record.n);
    else if (record.r === "closed") this.#closed.set(`${world} ${record.origin}`, record.below);
    else if (record.r === "forget") this.#forget(world, record.before);
  }

  #forget(world: WorldId, before: number): void {
    const decided = this.#decidedBy(world);
    for (const [transfer, { origin, n, exp }] of decided) {
      if (exp + 2 * TIMES.clockSkewMs < before && n < (this.#closed.get(`${world} ${origin}`) ?? 0)) decided.delete(transfer);
    }
  }

  /** What a world has decided and its custody must still know. */
  mustRemember(world: WorldId): Iterable<TransferId> {
    return this.#decidedBy(world).keys();
  }

  /** A decision on a judged world's transfer older than this, that nobody has forgotten, although so many later ones have been made. */
  overdue(world: WorldId, beforeMs: number, later: number, isJudged: (origin: WorldId) => boolean): TransferId | undefined {
    const decided = this.#decidedBy(world);
    for (const [transfer, { atMs, origin }] of decided) {
      if (isJudged(origin)) return atMs < beforeMs && decided.size > later ? transfer : undefined;
    }
    return undefined;
  }

  /** A callback's word on a departure or an arrival reaches people outside of the world. */
  announced(world: WorldId, record: CustodyRecord): void {
    const isKnown =
      record.r === "depart"
        ? record.n <= (this.#departed.get(world) ?? 0)
        : record.r !== "admit" || this.#decidedBy(world).has(record.transfer) || this.#isForgotten(world, record.transfer);
    if (!isKnown) throw new Violation(`I6: people were told of a ${record.r} that is not durable`);
  }

  #isForgotten(world: WorldId, transfer: TransferId): boolean {
    const id = parseNumbered(transfer);
    return id !== undefined && id.n < (this.#closed.get(`${world} ${id.world}`) ?? 0);
  }

  /** Before an effect is let out of `world`. */
  beforeEffect(world: WorldId, effect: CustodyEffect): void {
    switch (effect.e) {
      case "post":
        this.#said(world, effect.token);
        return;
      case "admitted":
        this.#said(world, effect.receipt);
        return;
      case "turned-away":
        if (effect.refusal !== undefined) this.#said(world, effect.refusal);
        return;
      case "tell": {
        const { message } = effect;
        if (message.t !== "transfer") return;
        this.#handedOver(world, message.id, `${message.passport}.${encodeBase64url(message.signature)}`);
        return;
      }
      case "returned":
      case "gone":
        if (this.#open.get(effect.transfer)?.origin === undefined && this.#open.has(effect.transfer))
          throw new Violation(`I6: ${effect.transfer} was ${effect.e} before it was durable`);
        return;
    }
  }

  /** A passport leaves. Of a transfer that has ended meanwhile it opens nothing any more. */
  #handedOver(world: WorldId, transfer: TransferId, passport: string): void {
    const departed = this.#open.get(transfer);
    const isOver = departed === undefined && (parseNumbered(transfer)?.n ?? 0) <= (this.#departed.get(world) ?? 0);
    if (isOver) return;
    if (departed?.isDurable !== true) throw new Violation(`I6: the passport of ${transfer} left before its departure was durable`);
    if (departed.passport !== passport) throw new Violation(`I6: ${transfer} has two passports`);
  }

  /** Another token about the same transfer: only another key may make it another. */
  #sayAgain(decided: Decided, before: string, token: string, { claims, kid }: Opened): void {
    const first = this.#read(before);
    const isSame = first.ok && first.value.kid !== kid && canonicalJson(first.value.claims as never) === canonicalJson(claims as never);
    if (!isSame) throw new Violation("R5: two different answers about one transfer");
    decided.answer = token;
  }

  #said(world: WorldId, token: string): void {
    const read = this.#read(token);
    if (!read.ok) throw new Violation("I6: a world said what nobody can read");
    const { claims } = read.value;
    switch (claims.typ) {
      case "receipt":
      case "refusal": {
        const decided = this.#decidedBy(world).get(claims.transfer);
        if (decided?.word !== claims.typ)
          throw new Violation(`I6: a ${claims.typ} for ${claims.transfer} left, and no durable record stands behind it`);
        decided.answer ??= token;
        if (decided.answer !== token) this.#sayAgain(decided, decided.answer, token, read.value);
        return;
      }
      case "close":
        for (const [transfer, { n, from, to, isDurable }] of this.#open) {
          // One that is not durable may be a lost tail, whose number is used again.
          if (isDurable && from === world && to === claims.aud && (n < claims.below || transfer === claims.transfer))
            throw new Violation(`I6: ${transfer} was closed before its end was durable`);
        }
        return;
      case "grant":
        if (!this.#granted.has(`${world} ${claims.item} ${claims.hop} ${claims.transfer} ${claims.aud}`))
          throw new Violation(`I6: a grant of ${claims.item} left, and no durable record stands behind it`);
        return;
      default:
        return;
    }
  }
}
