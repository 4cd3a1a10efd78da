import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fault } from "../fault.ts";
import { LIMITS, TIMES } from "../limits.ts";
import type { Manifest, WorldMessage } from "../messages.ts";
import { backoffMs } from "./backoff.ts";
import { startVisit, stepVisit, VISIT_TABLE } from "./visit.ts";
import { phaseOf, wakeAtVisit } from "./visit-clock.ts";
import type { HeldCrossing, Visit, VisitEffect, VisitInput } from "./visit-types.ts";

const did = (letter: string): string => `did:key:z6Mk${letter.repeat(44)}`;
const root = `bafkrei${"a".repeat(52)}`;
const manifest = { t: "manifest", world: did("a"), name: "tavern", substrate: root } as Manifest & { t: "manifest" };
const bytes = (length: number): Uint8Array => new Uint8Array(length);
const challenge = { t: "challenge", version: 1, world: did("a"), nonce: bytes(32), timeMs: 0, signature: bytes(64) } as const;
const welcome = { t: "welcome", session: "s", entity: 1, tick: 1, resumed: false, items: [], locker: [], rulings: [] } as const;
const destination = { world: did("b"), name: "dungeon", url: "ws://dungeon.example" };
const transfer = { t: "transfer", id: `1@${did("a")}`, destination, passport: "head.body", signature: bytes(64), expiresMs: 1 } as const;
const held: HeldCrossing = { transfer: transfer.id, destination, passport: "head.body.sig", origin: { url: "ws://tavern.example" } };

class Hand {
  visit: Visit;
  effects: readonly VisitEffect[];
  nowMs = 0;

  constructor(crossing?: HeldCrossing) {
    const target = { url: "ws://tavern.example" };
    const start = startVisit({ target, traveller: did("t"), name: "Ada", ...(crossing === undefined ? {} : { crossing }) }, 0);
    this.visit = start.state;
    this.effects = start.effects;
  }

  feed(input: VisitInput): this {
    const next = stepVisit(this.visit, input, this.nowMs);
    this.visit = next.state;
    this.effects = next.effects;
    return this;
  }

  hear(message: WorldMessage): this {
    return this.feed({ i: "message", link: this.visit.link, message });
  }

  wait(ms: number): this {
    const until = this.nowMs + ms;
    for (let at = wakeAtVisit(this.visit); at !== undefined && at <= until; at = wakeAtVisit(this.visit)) {
      this.nowMs = Math.max(at, this.nowMs);
      this.feed({ i: "wake" });
      if (wakeAtVisit(this.visit) === at) throw new Error("woken in vain");
    }
    this.nowMs = until;
    return this;
  }

  reject(code: Parameters<typeof fault>[0], retryAfterMs = 0, more = {}): this {
    return this.hear({ t: "reject", final: true, fault: fault(code, "world", "no", retryAfterMs), ...more });
  }

  link(): this {
    return this.feed({ i: "link-open", link: this.visit.link, nonce: bytes(LIMITS.nonceBytes) });
  }

  proving(): this {
    this.link().hear(challenge);
    return this.feed({ i: "proof-ready", link: this.visit.link, signature: bytes(64) });
  }

  live(): this {
    this.proving().hear(manifest).feed({ i: "substrate-ready", root }).hear(welcome);
    return this.feed({ i: "snapshot", link: this.visit.link, tick: 1 });
  }

  sent(): string[] {
    return this.effects.flatMap((effect) => (effect.e === "send" ? [effect.message.t] : []));
  }
}

describe("[G1] silence", () => {
  test("[G1] silence turns live into ghost, a frame on the same link turns it back", () => {
    const hand = new Hand().live();
    expect(hand.wait(TIMES.silenceMs - 1).visit.step).toBe("live");
    hand.wait(1);
    expect([hand.visit.step, phaseOf(hand.visit)]).toEqual(["hushed", "GHOST"]);
    expect(hand.effects).toMatchObject([{ e: "phase", phase: "GHOST", ghost: { sinceMs: 0, reason: { code: "too-slow" } } }]);
    hand.feed({ i: "snapshot", link: hand.visit.link, tick: 90 });
    expect(phaseOf(hand.visit)).toBe("LIVE");
    expect(hand.effects.at(-1)).toMatchObject({ e: "phase", phase: "LIVE" });
  });

  test("[G1] when the silence lasts the link is given up and another one tried, still as a ghost", () => {
    const hand = new Hand().live().wait(2 * TIMES.silenceMs);
    expect(hand.visit.step).toBe("closing");
    hand.wait(TIMES.closeMs + TIMES.retryMinMs);
    expect([hand.visit.step, hand.visit.link, phaseOf(hand.visit)]).toEqual(["opening", 2, "GHOST"]);
  });

  test("[G2] a ghost's intents are refused here and never sent; its moves are its own business", () => {
    const hand = new Hand().live().wait(TIMES.silenceMs);
    hand.feed({ i: "intent", intent: { kind: "chat", text: "anybody?" } });
    expect(hand.effects).toMatchObject([{ e: "refused", fault: { code: "out-of-order" } }]);
    expect(hand.feed({ i: "move", move: { t: "move", seq: 1, dx: 1, dy: 0 } }).effects).toEqual([]);
  });

  test("[M3] a frame each beat is never silence, even if one is late", () => {
    const hand = new Hand().live();
    for (let n = 0; n < 50; n++) {
      hand.wait(n % 3 === 0 ? 2 * TIMES.beatMs : TIMES.beatMs);
      expect(phaseOf(hand.visit)).toBe("LIVE");
      hand.feed({ i: "own", link: 1 });
    }
  });

  test("[G1] without a substrate nobody is a ghost", () => {
    const hand = new Hand().proving();
    hand.feed({ i: "link-closed", link: hand.visit.link, jitter: 0 });
    expect(phaseOf(hand.visit)).toBe("CONNECTING");
  });

  test("[G3] the waits double from a quarter of a second to eight, spread over their upper half", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 60].map((failures) => backoffMs(failures, 1))).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.double(), (failures, jitter) => {
        const wait = backoffMs(failures, Number.isNaN(jitter) ? 0 : jitter);
        expect(wait).toBeGreaterThanOrEqual(TIMES.retryMinMs / 2);
        expect(wait).toBeLessThanOrEqual(TIMES.retryMaxMs);
      }),
    );
  });

  test("[G3] a busy world is asked again after the time it named", () => {
    const hand = new Hand().proving().reject("busy", 3_000);
    hand.feed({ i: "link-closed", link: hand.visit.link, jitter: 0 });
    expect(hand.visit.retryMs).toBe(3_000);
  });
});

describe("[C3] who answers", () => {
  test("[C3] another world at a known address is not signed for", () => {
    const start = startVisit({ target: { url: "ws://x.example", world: did("b") }, traveller: did("t"), name: "Ada" }, 0);
    const greeted = stepVisit(start.state, { i: "link-open", link: 1, nonce: bytes(32) }, 0);
    const next = stepVisit(greeted.state, { i: "message", link: 1, message: challenge }, 0);
    expect(next.effects).toMatchObject([
      { e: "close-link" },
      { e: "ended", fault: { code: "bad-proof" } },
      { e: "phase", phase: "CLOSED" },
    ]);
  });

  test("[C3] while a passport is in hand an impostor at the destination is only tried again", () => {
    const hand = new Hand(held).link().hear(challenge);
    expect(hand.visit.step).toBe("closing");
    expect(hand.visit.crossing?.held).toEqual(held);
  });

  test("[C1] a version that was not offered is not accepted", () => {
    expect(new Hand().link().hear({ ...challenge, version: 2 }).visit.step).toBe("closing");
  });

  test("[C1] the challenge goes to the shell with the nonce of this very link", () => {
    const hand = new Hand().feed({ i: "link-open", link: 1, nonce: bytes(32).fill(9) }).hear(challenge);
    expect(hand.effects).toMatchObject([{ e: "sign", link: 1, challenge, nonce: bytes(32).fill(9) }]);
  });
});

describe("[R6] a world that speaks out of order", () => {
  test("[R6] is left and tried again later", () => {
    const hand = new Hand().link().hear(manifest);
    expect(hand.effects).toMatchObject([{ e: "close-link" }]);
    expect(hand.visit.failures).toBe(1);
  });

  test("[R6] what an older link says is not heard", () => {
    const hand = new Hand().live();
    hand.feed({ i: "link-closed", link: 1, jitter: 0 }).wait(TIMES.retryMinMs);
    expect(hand.visit.link).toBe(2);
    const before = hand.visit;
    expect(hand.feed({ i: "message", link: 1, message: manifest }).visit).toBe(before);
    expect(hand.feed({ i: "link-closed", link: 1, jitter: 0 }).visit).toBe(before);
  });
});

describe("[T1] crossings", () => {
  test("[T1] held is said only when the passport is stored, as one compact token", () => {
    const hand = new Hand().live().hear(transfer);
    expect(hand.effects[0]).toMatchObject({ e: "keep-passport", held: { passport: `head.body.${"A".repeat(86)}` } });
    expect(hand.sent()).toEqual([]);
    hand.feed({ i: "passport-kept", transfer: transfer.id });
    expect(hand.sent()).toEqual(["held"]);
    expect(hand.effects.at(-1)).toMatchObject({ e: "close-link" });
  });

  test("[T2] a stored crossing is presented first, with the same bytes, as often as it takes", () => {
    const hand = new Hand(held);
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(hand.effects).toMatchObject([
        { e: "open-link", url: destination.url },
        { e: "crossing", attempts: attempt },
      ]);
      hand.link();
      expect(hand.effects).toMatchObject([{ e: "send", message: { t: "hello", passport: held.passport } }]);
      hand.feed({ i: "link-closed", link: hand.visit.link, jitter: 0 });
      hand.nowMs = hand.visit.retryMs;
      hand.feed({ i: "wake" });
    }
  });

  test("[T3] at home again the refusal is handed over before asking to stay", () => {
    const hand = new Hand(held).link().hear({ ...challenge, world: did("b") });
    hand.feed({ i: "proof-ready", link: hand.visit.link, signature: bytes(64) }).reject("refused", 0, { refusal: "signed" });
    hand.feed({ i: "link-closed", link: hand.visit.link, jitter: 0 });
    expect(hand.effects[0]).toMatchObject({ e: "open-link", url: held.origin.url });
    hand.proving().hear(transfer);
    expect(hand.sent()).toEqual(["relay", "stay"]);
    hand.hear(manifest).feed({ i: "substrate-ready", root }).hear(welcome);
    hand.feed({ i: "snapshot", link: hand.visit.link, tick: 4 });
    expect(hand.effects).toMatchObject([
      { e: "crossing", stage: "returned", fault: { code: "refused" } },
      { e: "drop-passport" },
      { e: "send" },
      { e: "phase", phase: "LIVE" },
    ]);
  });

  test("[T4] sent on to where one is, but not in circles", () => {
    const hand = new Hand();
    for (let i = 0; i < LIMITS.follows; i++) {
      hand.proving().reject("away", 0, { destination: { ...destination, world: did("a") } });
      expect(hand.visit.step).toBe("closing");
      hand.feed({ i: "link-closed", link: hand.visit.link, jitter: 0 });
      expect(hand.effects).toMatchObject([{ e: "open-link", url: destination.url }]);
    }
    hand.proving().reject("away", 0, { destination });
    expect(hand.visit.step).toBe("closed");
  });
});

describe("[A2] acknowledgements and farewell", () => {
  test("[A2] snapshots are acknowledged twice a second, not each", () => {
    const hand = new Hand().live();
    let acks = 0;
    for (let tick = 2; tick <= 201; tick++) {
      hand.nowMs += 50;
      acks += hand
        .feed({ i: "snapshot", link: 1, tick })
        .sent()
        .filter((t) => t === "ack").length;
    }
    expect(acks).toBe(20);
  });

  test("[A2] the last snapshot of a burst is acknowledged in the end, though no other follows it", () => {
    const hand = new Hand().live();
    hand.nowMs += 3_000;
    const burst = Array.from({ length: 40 }, (_, index) => hand.feed({ i: "snapshot", link: 1, tick: 2 + index }).sent()).flat();
    expect(burst).toEqual(["ack"]);
    expect(hand.feed({ i: "own", link: 1 }).sent()).toEqual([]);
    hand.nowMs += TIMES.beatMs;
    expect(hand.feed({ i: "own", link: 1 }).effects).toEqual([{ e: "send", link: 1, message: { t: "ack", tick: 41 } }]);
    hand.nowMs += TIMES.beatMs;
    expect(hand.feed({ i: "own", link: 1 }).sent()).toEqual([]);
  });

  test("[I1] intents are numbered from 1 on each link", () => {
    const hand = new Hand().live();
    for (const seq of [1, 2, 3]) {
      expect(hand.feed({ i: "intent", intent: { kind: "interact", target: 4 } }).effects).toMatchObject([
        { message: { t: "intent", seq } },
      ]);
    }
  });

  test.each(Object.keys(VISIT_TABLE).filter((step) => step !== "closed"))("[R1] from %s one can leave", (step) => {
    const hand = new Hand();
    hand.visit = { ...hand.visit, step: step as Visit["step"], isLinkOpen: !["opening", "waiting", "closing"].includes(step) };
    hand.feed({ i: "leave" });
    expect(hand.visit.step).toBe("closed");
    expect(hand.effects.at(-2)).toEqual({ e: "ended" });
    expect(hand.sent()).toEqual(hand.effects.some((effect) => effect.e === "send") ? ["bye"] : []);
    expect(wakeAtVisit(hand.visit)).toBeUndefined();
  });

  test.each(["unsupported-version", "banned", "passport-required", "bad-proof", "replaced", "malformed"] as const)(
    "[R1] %s ends the visit",
    (code) => {
      const hand = new Hand().proving().reject(code);
      expect(hand.effects).toMatchObject([{ e: "close-link" }, { e: "ended", fault: { code } }, { e: "phase", phase: "CLOSED" }]);
    },
  );
});
