// Ends worlds at the boundaries that a doomed crossing names, and sees to it that these boundaries are met: it loses a first answer, so
// that a question is asked, and presents a passport again. Everything it does a network and a process may do by themselves.
import type { BorderInput, CustodyEffect, CustodyRecord, Decision, Notary, TransferId, WorldId } from "@sojourn/protocol";
import type { Doom, Dooms, FaultPoint } from "./fault-points.ts";
import type { SimWorld, Tail } from "./sim-world.ts";

interface Points {
  readonly doom: Doom | undefined;
  readonly before?: FaultPoint;
  readonly after?: FaultPoint;
}

const NOWHERE: Points = { doom: undefined };

export class Reaper {
  readonly #dooms: Dooms;
  readonly #read: Notary["read"];

  constructor(dooms: Dooms, read: Notary["read"]) {
    this.#dooms = dooms;
    this.#read = read;
  }

  endsAtDecision(world: SimWorld, input: BorderInput, { records }: Decision): boolean {
    const dooms = this.#dooms;
    if (dooms.isNone) return false;
    if (input.in === "held") return dooms.strikes(dooms.leaving(input.transfer), world.id, "passport held");
    if (input.in === "token" && this.#isFatalClose(world, input.token)) return true;
    for (const record of records) {
      switch (record.r) {
        case "depart":
          if (dooms.strikes(dooms.asking(record.traveller), world.id, "offer heard, nothing recorded")) return true;
          break;
        case "release":
        case "refund":
          if (dooms.strikes(dooms.leaving(record.transfer), world.id, "verdict heard, nothing recorded")) return true;
          break;
        case "admit":
        case "refuse":
          if (dooms.strikes(dooms.leaving(record.transfer), world.id, "undecided, nothing recorded")) return true;
          break;
        default:
      }
    }
    return false;
  }

  #isFatalClose(world: SimWorld, token: string): boolean {
    const read = this.#read(token);
    if (!read.ok || read.value.claims.typ !== "close" || read.value.claims.aud !== world.id) return false;
    const { iss, below } = read.value.claims;
    return this.#dooms.strikes(this.#closedBy(world, iss, below), world.id, "close heard, nothing recorded");
  }

  endsAtAppend(world: SimWorld, records: readonly CustodyRecord[]): Tail | undefined {
    const dooms = this.#dooms;
    if (dooms.isNone) return undefined;
    for (const record of records) {
      const tail = this.#tailAt(world, record);
      if (tail !== undefined) return tail;
    }
    return undefined;
  }

  #tailAt(world: SimWorld, record: CustodyRecord): Tail | undefined {
    const dooms = this.#dooms;
    const tailOf = (doom: Doom | undefined, what: "departure" | "verdict" | "decision"): Tail | undefined => {
      if (dooms.strikes(doom, world.id, `${what} appended, tail lost`)) return "lost";
      if (dooms.strikes(doom, world.id, `${what} appended, tail torn`)) return "torn";
      return dooms.strikes(doom, world.id, `${what} appended, tail kept`) ? "kept" : undefined;
    };
    switch (record.r) {
      case "depart":
        dooms.departed(record.traveller, world.id, record.to, record.n, record.passport);
        return tailOf(dooms.leaving(`${record.n}@${world.id}`), "departure");
      case "release":
      case "refund":
        return tailOf(dooms.leaving(record.transfer), "verdict");
      case "admit":
      case "refuse":
        return tailOf(dooms.leaving(record.transfer), "decision");
      case "closed": {
        const doom = this.#closedBy(world, record.origin, record.below);
        if (dooms.strikes(doom, world.id, "close appended, tail lost")) return "lost";
        return dooms.strikes(doom, world.id, "close appended, tail kept") ? "kept" : undefined;
      }
      default:
        return undefined;
    }
  }

  /** A doomed crossing that such a close is about, among others. */
  #closedBy(world: SimWorld, origin: WorldId, below: number): Doom | undefined {
    for (const doom of this.#dooms.underWay()) {
      if (doom.to !== world.id || doom.from !== origin || doom.n >= below || doom.isDestinationDead) continue;
      if (doom.destination.startsWith("close ")) return doom;
    }
    return undefined;
  }

  endsAtDurable(world: SimWorld, records: readonly CustodyRecord[]): boolean {
    if (this.#dooms.isNone) return false;
    for (const record of records)
      if (record.r === "closed" && this.#dooms.strikes(this.#closedBy(world, record.origin, record.below), world.id, "close durable"))
        return true;
    return false;
  }

  endsAtEffect(world: SimWorld, effect: CustodyEffect, when: "before" | "after", isFirst: boolean): boolean {
    if (this.#dooms.isNone) return false;
    const points = this.#pointsOf(effect, isFirst);
    const point = points[when];
    return point !== undefined && this.#dooms.strikes(points.doom, world.id, point);
  }

  #pointsOf(effect: CustodyEffect, isFirst: boolean): Points {
    switch (effect.e) {
      case "post":
        return this.#pointsOfPost(effect.token, isFirst);
      case "tell":
        if (effect.message.t !== "transfer") return NOWHERE;
        return {
          doom: this.#dooms.leaving(effect.message.id),
          before: "departure durable, passport unsent",
          after: "passport sent",
        };
      case "admitted":
        return this.#told(effect.transfer, !effect.isResumed);
      case "turned-away": {
        if (effect.refusal === undefined) return NOWHERE;
        const read = this.#read(effect.refusal);
        return read.ok && read.value.claims.typ === "refusal" ? this.#told(read.value.claims.transfer, isFirst) : NOWHERE;
      }
      default:
        return NOWHERE;
    }
  }

  #told(transfer: TransferId, isFirst: boolean): Points {
    const doom = this.#dooms.leaving(transfer);
    return isFirst ? { doom, after: "traveller told" } : { doom, before: "presented again, answer unsent" };
  }

  #pointsOfPost(token: string, isFirst: boolean): Points {
    const read = this.#read(token);
    if (!read.ok) return NOWHERE;
    const { claims } = read.value;
    const dooms = this.#dooms;
    switch (claims.typ) {
      case "offer-request":
        return { doom: dooms.asking(claims.traveller), before: "request signed, unsent", after: "request sent" };
      case "offer":
        return { doom: dooms.asking(claims.traveller), before: "request heard, offer unsent", after: "offer sent" };
      case "status":
      case "cancel":
        return { doom: dooms.leaving(claims.transfer), after: "question sent" };
      case "receipt":
      case "refusal": {
        const doom = dooms.leaving(claims.transfer);
        return isFirst
          ? { doom, before: "decision durable, nothing said", after: "origin told" }
          : { doom, before: "question heard, answer unsent", after: "answer sent again" };
      }
      case "close":
        return { doom: dooms.leaving(claims.transfer), before: "verdict durable, close unsent", after: "close sent" };
      default:
        return NOWHERE;
    }
  }

  /** Whether this word is lost on its way, so that a doomed crossing has to ask for it. */
  loses(world: SimWorld, token: string): boolean {
    if (this.#dooms.isNone) return false;
    const read = this.#read(token);
    if (!read.ok || (read.value.claims.typ !== "receipt" && read.value.claims.typ !== "refusal")) return false;
    const doom = this.#dooms.leaving(read.value.claims.transfer);
    if (doom?.from !== world.id) return false;
    const isAsking = doom.origin === "question sent" && !doom.isOriginDead;
    const isAsked = doom.destination === "question heard, answer unsent" || doom.destination === "answer sent again";
    return isAsking || (isAsked && !doom.isDestinationDead);
  }

  /** A crossing that is decided and must be presented again: its passport. */
  presentsAgain(record: CustodyRecord): Doom | undefined {
    if (record.r !== "admit" && record.r !== "refuse") return undefined;
    const doom = this.#dooms.leaving(record.transfer);
    return doom?.destination === "presented again, answer unsent" && !doom.isDestinationDead ? doom : undefined;
  }

  /** What a world found when it started: departures that did not survive are asked for again. */
  restarted(world: SimWorld): void {
    for (const doom of [...this.#dooms.underWay()]) {
      if (doom.from === world.id && world.custody.nextDeparture <= doom.n) this.#dooms.undone(doom);
    }
  }
}
