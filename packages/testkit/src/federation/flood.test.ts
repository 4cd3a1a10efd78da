// A peer that floods a border: what it may make a world remember is bounded by name, and others get through meanwhile.
// Counted, not timed: the clock is the test's own.
import {
  applyRecord,
  type BorderContext,
  CUSTODY,
  type Custody,
  type Decision,
  emptyCustody,
  openDesk,
  type Peer,
  stepBorder,
  TIMES,
} from "@sojourn/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { toyId } from "./federation.ts";
import { toyNotaries } from "./toy-notary.ts";

const [HOST, FLOODER, HONEST] = [toyId("W", 0), toyId("W", 1), toyId("W", 2)];
const notaryOf = toyNotaries();
const BODY = { health: 100, props: {} };
const ROOM = 100;

class Host {
  readonly custody: Custody = emptyCustody(HOST);
  nowMs = 1_700_000_000_000;
  records = 0;
  readonly desk = openDesk(this.custody, this.#now());
  readonly #context: BorderContext = {
    notary: notaryOf(HOST),
    peers: new Map<string, Peer>([FLOODER, HONEST].map((world) => [world, { world, name: world, url: "http://x" }])),
    policy: {
      customs: () => ({ rulings: [], clamps: [] }),
      room: () => ROOM,
      isBanned: () => undefined,
      whyShut: () => undefined,
      live: () => undefined,
    },
  };

  #now(): { wallMs: number; steadyMs: number } {
    return { wallMs: this.nowMs, steadyMs: this.nowMs };
  }

  #take(input: Parameters<typeof stepBorder>[2]): Decision {
    const decision = stepBorder(this.custody, this.desk, input, this.#now(), this.#context);
    for (const record of decision.records) applyRecord(this.custody, record);
    this.records += decision.records.length;
    return decision;
  }

  says(typ: "cancel" | "status", from: string, n: number): Decision {
    return this.#take({
      in: "token",
      token: notaryOf(from).sign({ typ, iss: from, aud: HOST, iat: this.nowMs, transfer: `${n}@${from}` }),
    });
  }

  closes(from: string, below: number): Decision {
    const about = { transfer: `1@${from}`, outcome: "refunded", below } as const;
    return this.#take({ in: "token", token: notaryOf(from).sign({ typ: "close", iss: from, aud: HOST, iat: this.nowMs, ...about }) });
  }

  asks(from: string, traveller: string): Decision {
    const person = { traveller, name: "x", home: from, hop: 1, body: BODY, items: [] };
    return this.#take({
      in: "token",
      token: notaryOf(from).sign({ typ: "offer-request", iss: from, aud: HOST, iat: this.nowMs, ...person }),
    });
  }

  /** A passport that no offer stands behind: it must be refused for ever. */
  presents(from: string, n: number, traveller: string): Decision {
    const times = { iat: this.nowMs, exp: this.nowMs + TIMES.passportLifeMs };
    const person = { traveller, name: "x", home: from, hop: n, body: BODY, items: [], offer: "none" };
    const passport = notaryOf(from).sign({
      typ: "passport",
      iss: from,
      aud: HOST,
      ...times,
      transfer: `${n}@${from}`,
      epoch: 0,
      ...person,
    });
    return this.#take({ in: "present", session: "s", traveller, passport });
  }

  wakes(): void {
    this.#take({ in: "wake" });
  }
}

function saysOf({ effects }: Decision): string[] {
  return effects.flatMap((effect) => {
    const read = effect.e === "post" ? notaryOf(HOST).read(effect.token) : undefined;
    return read?.ok === true ? [read.value.claims.typ] : [];
  });
}

describe("[X54] a peer that floods", () => {
  let host: Host;
  beforeEach(() => {
    host = new Host();
  });

  it("with a million cancels costs a hundred records a second and ten thousand rows, and others are answered", { timeout: 240_000 }, () => {
    let honestN = 0;
    for (let n = 1; n <= 1_000_000; n++) {
      // A thousand a second, for a thousand seconds.
      if (n % 1_000 === 0) host.nowMs += 1_000;
      host.says("cancel", FLOODER, n);
      if (n % 10_000 !== 0) continue;
      honestN += 1;
      expect(host.says("cancel", HONEST, honestN).rules).toEqual(["X27"]);
    }
    expect(host.custody.openFrom.get(FLOODER)).toBe(CUSTODY.openPerPeer);
    expect(host.custody.arrivals.size).toBe(CUSTODY.openPerPeer + honestN);
    expect(host.desk.tombstones.size).toBe(2);
  });

  it("with cancels costs no more than the rate within any second", () => {
    const { burst, perSecond } = CUSTODY.tombstones;
    for (let n = 1; n <= 1_000; n++) host.says("cancel", FLOODER, n);
    expect(host.records).toBe(burst);
    host.nowMs += 1_000;
    for (let n = 1_001; n <= 2_000; n++) host.says("cancel", FLOODER, n);
    expect(host.records).toBe(burst + perSecond);
  });

  it("[X34] with passports that must be refused costs no more than with cancels, and those that wait are not decided", () => {
    const decisions = Array.from({ length: 1_000 }, (_, i) => host.presents(FLOODER, i + 1, toyId("T", i)));
    expect(host.records).toBe(CUSTODY.tombstones.burst);
    const last = decisions.at(-1);
    expect(last).toMatchObject({ rules: ["X34"], records: [], fault: { code: "too-fast" } });
    expect(last?.effects).toMatchObject([{ e: "turned-away" }]);
    expect(last?.effects[0]).not.toHaveProperty("refusal");
    expect(host.presents(HONEST, 1, toyId("T", 1)).rules).toEqual(["X23"]);
    host.nowMs += 1_000;
    expect(host.presents(FLOODER, 1_000, toyId("T", 999)).rules).toEqual(["X23"]);
  });

  it("[X34] with passports for ever is remembered for ten thousand of them", () => {
    for (let n = 1; n <= 11_000; n++) {
      if (n % 100 === 0) host.nowMs += 1_000;
      host.presents(FLOODER, n, toyId("T", 1));
    }
    expect(host.custody.openFrom.get(FLOODER)).toBe(CUSTODY.openPerPeer);
    expect(host.presents(FLOODER, 11_001, toyId("T", 1))).toMatchObject({ rules: ["X34"], fault: { code: "busy" } });
  });

  it("[X30] with closes costs no more than the rate, and what it closed last holds when it is quiet again", () => {
    for (let below = 1; below <= 5_000; below++) host.closes(FLOODER, below);
    expect(host.records).toBe(CUSTODY.closes.burst);
    expect(host.custody.closedBelow.get(FLOODER)).toBe(CUSTODY.closes.burst);
    host.nowMs += 1_000;
    host.closes(FLOODER, 5_001);
    expect(host.custody.closedBelow.get(FLOODER)).toBe(5_001);
  });

  it("[X21] with offer requests keeps half of the places, and an honest peer gets one of the others", () => {
    for (let i = 0; i < 5_000; i++) host.asks(FLOODER, toyId("T", i));
    expect(host.desk.offers.size).toBe(ROOM / 2);
    expect(host.records).toBe(0);
    expect(saysOf(host.asks(FLOODER, toyId("T", 9_999)))).toEqual(["decline"]);
    expect(saysOf(host.asks(HONEST, toyId("T", 10_000)))).toEqual(["offer"]);
    host.nowMs += TIMES.offerLifeMs + 1;
    host.wakes();
    expect(host.desk.offers.size).toBe(0);
  });

  it("[X28] with questions about nothing costs nothing", () => {
    for (let n = 1; n <= 5_000; n++) host.says("status", FLOODER, n);
    expect(host.records).toBe(0);
    expect(host.custody.openFrom.size).toBe(0);
  });
});
