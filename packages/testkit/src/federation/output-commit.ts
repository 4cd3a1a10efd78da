// I6: nothing signed leaves a world whose record is not durable there, and the same question gets the same answer, byte for byte (R5).
// I11: what is decided is forgotten only when it is closed and past its time (R6). Judged at every effect that leaves.
import {
  type CustodyEffect,
  type CustodyRecord,
  encodeBase64url,
  type Notary,
  parseNumbered,
  TIMES,
  type TransferId,
  type WorldId,
} from "@sojourn/protocol";
import { Violation } from "./violation.ts";

interface Decided {
  readonly world: WorldId;
  readonly origin: WorldId;
  readonly n: number;
  readonly word: "receipt" | "refusal";
  readonly exp: number;
  readonly atMs: number;
  answer: string | undefined;
}

interface Departed {
  readonly n: number;
  readonly from: WorldId;
  readonly to: WorldId;
  readonly passport: string;
  readonly isDurable: boolean;
}

export class OutputCommit {
  /** Departures that are not resolved durably at their origin. */
  readonly #open: ReadonlyMap<TransferId, Departed>;
  readonly #read: Notary["read"];
  /** Durable decisions, until they are durably forgotten. */
  readonly #decided = new Map<TransferId, Decided>();
  /** `<world> <origin>`: durably closed below. */
  readonly #closed = new Map<string, number>();
  /** The newest durable departure of each world. */
  readonly #departed = new Map<WorldId, number>();

  constructor(open: ReadonlyMap<TransferId, Departed>, read: Notary["read"]) {
    this.#open = open;
    this.#read = read;
  }

  afterDurable(world: WorldId, record: CustodyRecord, atMs: number): void {
    if (record.r === "admit" || record.r === "refuse") {
      const id = parseNumbered(record.transfer);
      const word = record.r === "admit" ? "receipt" : "refusal";
      if (id !== undefined)
        this.#decided.set(record.transfer, { world, origin: id.world, n: id.n, word, exp: record.exp, atMs, answer: undefined });
    } else if (record.r === "depart") this.#departed.set(world, record.n);
    else if (record.r === "closed") this.#closed.set(`${world} ${record.origin}`, record.below);
    else if (record.r === "forget") {
      for (const [transfer, decided] of this.#decided) if (this.#isForgotten(decided, world, record.before)) this.#decided.delete(transfer);
    }
  }

  #isForgotten({ world, origin, n, exp }: Decided, where: WorldId, before: number): boolean {
    return world === where && exp + 2 * TIMES.clockSkewMs < before && n < (this.#closed.get(`${world} ${origin}`) ?? 0);
  }

  /** What a world has decided and its custody must still know. */
  *mustRemember(world: WorldId): Iterable<TransferId> {
    for (const [transfer, decided] of this.#decided) if (decided.world === world) yield transfer;
  }

  /** A decision older than this that nobody has forgotten, although so many later ones have been made there since. */
  overdue(world: WorldId, beforeMs: number, later: number): TransferId | undefined {
    let oldest: TransferId | undefined;
    let since = 0;
    for (const [transfer, decided] of this.#decided) {
      if (decided.world !== world) continue;
      if (oldest !== undefined) since += 1;
      else if (decided.atMs < beforeMs) oldest = transfer;
      else return undefined;
    }
    return since > later ? oldest : undefined;
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
        if (this.#open.has(effect.transfer)) throw new Violation(`I6: ${effect.transfer} was ${effect.e} before it was durable`);
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

  #said(world: WorldId, token: string): void {
    const read = this.#read(token);
    if (!read.ok) throw new Violation("I6: a world said what nobody can read");
    const { claims } = read.value;
    switch (claims.typ) {
      case "receipt":
      case "refusal": {
        const decided = this.#decided.get(claims.transfer);
        if (decided === undefined || decided.world !== world || decided.word !== claims.typ)
          throw new Violation(`I6: a ${claims.typ} for ${claims.transfer} left, and no durable record stands behind it`);
        decided.answer ??= token;
        if (decided.answer !== token) throw new Violation(`R5: two different answers about ${claims.transfer}`);
        return;
      }
      case "close":
        for (const [transfer, { n, from, to, isDurable }] of this.#open) {
          // One that is not durable may be a lost tail, whose number is used again.
          if (isDurable && from === world && to === claims.aud && (n < claims.below || transfer === claims.transfer))
            throw new Violation(`I6: ${transfer} was closed before its end was durable`);
        }
        return;
      default:
        return;
    }
  }
}
