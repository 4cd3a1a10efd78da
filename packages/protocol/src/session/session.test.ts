import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Fault, fault } from "../fault.ts";
import { LIMITS, RATES, TIMES } from "../limits.ts";
import type { ClientMessage, Intent, Manifest, WorldMessage } from "../messages.ts";
import { fullBucket, takeToken } from "./bucket.ts";
import { SESSION_TABLE, startSession, stepSession, wakeAtSession } from "./session.ts";
import type { Session, SessionEffect, SessionInput, SessionStep } from "./session-types.ts";

const did = `did:key:z6Mk${"w".repeat(44)}`;
const root = `bafkrei${"a".repeat(52)}`;
const hello: ClientMessage = { t: "hello", versions: [1], traveller: did, name: "Ada", nonce: new Uint8Array(LIMITS.nonceBytes) };
const challenge = {
  t: "challenge",
  version: 1,
  world: did,
  nonce: new Uint8Array(LIMITS.nonceBytes),
  timeMs: 0,
  signature: new Uint8Array(64),
} as const;
const manifest = { world: did, substrate: root } as Manifest;
const destination = { world: did, name: "dungeon", url: "ws://dungeon.example" };
const transfer = { t: "transfer", id: `1@${did}`, destination, passport: "p", signature: new Uint8Array(64), expiresMs: 1 } as const;

/** A session being driven by hand. */
class Desk {
  session: Session = startSession({}, 0).state;
  effects: readonly SessionEffect[] = [];

  feed(input: SessionInput, nowMs = 0): this {
    const next = stepSession(this.session, input, nowMs);
    this.session = next.state;
    this.effects = next.effects;
    return this;
  }

  say(message: Extract<SessionInput, { i: "message" }>["message"], nowMs = 0): this {
    return this.feed({ i: "message", message }, nowMs);
  }

  get rejection(): { readonly fault: Fault; readonly final: boolean; readonly seq?: number } | undefined {
    const sent = this.effects.find((effect) => effect.e === "send" && effect.message.t === "reject");
    return sent?.e === "send" ? (sent.message as Extract<WorldMessage, { t: "reject" }>) : undefined;
  }
}

function deskAt(step: SessionStep): Desk {
  const desk = new Desk();
  if (step === "AWAIT_HELLO") return desk;
  desk.say(hello).feed({ i: "challenge-ready", challenge });
  if (step === "AWAIT_PROOF") return desk;
  desk.say({ t: "prove", signature: new Uint8Array(64) });
  if (step === "ADMITTING") return desk;
  desk.feed({ i: "proof-checked" }).feed({ i: "admitted", manifest });
  if (step === "AWAIT_READY") return desk;
  desk.say({ t: "ready", substrate: root });
  if (step === "LIVE") return desk;
  desk.feed({ i: "departed", transfer });
  if (step === "DEPARTED") return desk;
  return desk.feed({ i: "link-closed" });
}

const STEPS = Object.keys(SESSION_TABLE) as SessionStep[];
const chat = (seq: number): ClientMessage => ({ t: "intent", seq, intent: { kind: "chat", text: "hi" } as Intent });
const EVERY_MESSAGE: readonly Extract<SessionInput, { i: "message" }>["message"][] = [
  hello,
  { t: "prove", signature: new Uint8Array(64) },
  { t: "ready", substrate: root },
  chat(9),
  { t: "move", seq: 9, dx: 1, dy: 0 },
  { t: "ack", tick: 1 },
  { t: "held", transfer: transfer.id },
  { t: "stay", transfer: transfer.id },
  { t: "relay", message: "x" },
  { t: "ping", n: 1 },
  { t: "bye" },
];

describe("[R6] what is out of its order", () => {
  test.each(STEPS.filter((step) => step !== "CLOSED"))("[R6] in %s every message the table does not name ends the link", (step) => {
    for (const message of EVERY_MESSAGE) {
      const desk = deskAt(step);
      expect(desk.session.step).toBe(step);
      desk.say(message);
      if (SESSION_TABLE[step][message.t] !== undefined) continue;
      expect(desk.rejection).toMatchObject({ final: true, fault: { code: "out-of-order", blame: "client" } });
      expect(desk.session.step).toBe("CLOSED");
      expect(desk.effects.some((effect) => effect.e === "close")).toBe(true);
    }
  });

  test("[R6] a proof before its challenge, a number used twice, readiness with another substrate", () => {
    const early = new Desk().say(hello).say({ t: "prove", signature: new Uint8Array(64) });
    expect(early.rejection?.fault.code).toBe("out-of-order");
    expect(deskAt("LIVE").say(chat(3)).say(chat(3)).rejection?.fault.code).toBe("out-of-order");
    const step = { t: "move", seq: 5, dx: 0, dy: 0 } as const;
    expect(deskAt("LIVE").say(step).say(step).rejection?.fault.code).toBe("out-of-order");
    const other = deskAt("AWAIT_READY").say({ t: "ready", substrate: root.replace("aaa", "bbb") });
    expect(other.rejection?.fault.code).toBe("out-of-order");
  });

  test("[R6] [T3] to hand over a refusal and ask to stay in one breath is in order, though the refusal alone brings one back", () => {
    const desk = deskAt("ADMITTING").feed({ i: "departed", transfer });
    desk.say({ t: "relay", message: "signed.refusal" }).feed({ i: "returned", manifest });
    expect(desk.session.step).toBe("AWAIT_READY");
    desk.say({ t: "stay", transfer: transfer.id });
    expect(desk.rejection).toBeUndefined();
    expect(desk.say({ t: "ready", substrate: root }).session.step).toBe("LIVE");
  });

  test("[R1] after the final word nothing is heard and nothing is said", () => {
    for (const message of EVERY_MESSAGE) expect(deskAt("CLOSED").say(message).effects).toEqual([]);
    expect(wakeAtSession(deskAt("CLOSED").session)).toBeUndefined();
  });

  test("[R1] whatever comes in whatever order, a closed session stays closed and says its last word once", () => {
    const message = fc.constantFrom(...EVERY_MESSAGE).map((one): SessionInput => ({ i: "message", message: one }));
    const other = fc.constantFrom<SessionInput>(
      { i: "challenge-ready", challenge },
      { i: "proof-checked" },
      { i: "proof-checked", fault: fault("bad-proof", "client", "no") },
      { i: "admitted", manifest },
      { i: "refused", fault: fault("banned", "client", "no") },
      { i: "departed", transfer },
      { i: "returned", manifest },
      { i: "gone", destination },
      { i: "bad-frame", fault: fault("malformed", "client", "no") },
      { i: "end", fault: fault("replaced", "client", "other") },
      { i: "link-closed" },
      { i: "wake" },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.oneof(message, other), fc.nat(3_000)), { maxLength: 40 }), (inputs) => {
        const desk = new Desk();
        let nowMs = 0;
        let last = 0;
        let left = 0;
        for (const [input, waitMs] of inputs) {
          nowMs += waitMs;
          desk.feed(input, nowMs);
          if (desk.rejection?.final === true) last += 1;
          left += desk.effects.filter((effect) => effect.e === "left").length;
        }
        expect(last).toBeLessThanOrEqual(1);
        expect(left).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });
});

describe("[V1] versions", () => {
  test("[V1] the highest common version is chosen", () => {
    const next = stepSession(
      startSession({ versions: [1, 2, 5] }, 0).state,
      { i: "message", message: { ...hello, versions: [7, 2, 1] } },
      0,
    );
    expect(next.effects).toMatchObject([{ e: "challenge", version: 2 }]);
  });

  test.each([[[]], [[2, 3]]])("[V1] offered %j nothing is common: unsupported-version, final", (versions) => {
    const desk = new Desk().say({ ...hello, versions } as ClientMessage);
    expect(desk.rejection).toMatchObject({ final: true, fault: { code: "unsupported-version", detail: "this world speaks version 1" } });
  });
});

describe("[R5] deadlines", () => {
  test.each<[SessionStep, number, string]>([
    ["AWAIT_HELLO", TIMES.helloMs, "too-slow"],
    ["AWAIT_PROOF", TIMES.proofMs, "too-slow"],
    ["ADMITTING", TIMES.admitMs, "busy"],
    ["AWAIT_READY", TIMES.idleMs, "too-slow"],
    ["LIVE", TIMES.idleMs, "too-slow"],
    ["DEPARTED", TIMES.departedMs, "too-slow"],
  ])("[R5] %s ends after %i ms with %s, and not before", (step, ms, code) => {
    const desk = deskAt(step);
    expect(wakeAtSession(desk.session)).toBe(ms);
    expect(desk.feed({ i: "wake" }, ms - 1).session.step).toBe(step);
    expect(desk.feed({ i: "wake" }, ms).rejection).toMatchObject({ final: true, fault: { code } });
  });

  test("[R5] pings keep a loading client, but not for ever", () => {
    const desk = deskAt("AWAIT_READY");
    for (let at = 0; at < TIMES.loadingMs; at += TIMES.pingMs) {
      expect(desk.feed({ i: "wake" }, at).session.step).toBe("AWAIT_READY");
      desk.say({ t: "ping", n: 1 }, at);
    }
    expect(desk.feed({ i: "wake" }, TIMES.loadingMs).session.step).toBe("CLOSED");
  });
});

describe("[R3] rates", () => {
  test("[R3] intents past the burst are refused by number and not acted on, and work again after the wait told", () => {
    const desk = deskAt("LIVE");
    for (let seq = 1; seq <= RATES.intents.burst; seq++) {
      desk.say({ t: "intent", seq, intent: { kind: "interact", target: 1 } });
      expect(desk.effects).toMatchObject([{ e: "act", seq }]);
    }
    const over = RATES.intents.burst + 1;
    desk.say({ t: "intent", seq: over, intent: { kind: "interact", target: 1 } });
    expect(desk.rejection).toMatchObject({ seq: over, final: false, fault: { code: "too-fast" } });
    const waitMs = desk.rejection?.fault.retryAfterMs as number;
    desk.say({ t: "intent", seq: over + 1, intent: { kind: "interact", target: 1 } }, waitMs);
    expect(desk.effects).toMatchObject([{ e: "act", seq: over + 1 }]);
  });

  test.each<[string, number, (seq: number) => ClientMessage]>([
    ["chat", RATES.chat.burst, chat],
    ["cross", RATES.transfers.burst, (seq) => ({ t: "intent", seq, intent: { kind: "cross", portal: "gate" } })],
    ["relay", RATES.relays.burst, () => ({ t: "relay", message: "x" })],
    ["ping", RATES.others.burst, () => ({ t: "ping", n: 1 })],
  ])("[R3] %s has a burst of %i", (_, burst, make) => {
    const desk = deskAt("LIVE");
    for (let seq = 1; seq <= burst; seq++) expect(desk.say(make(seq)).rejection).toBeUndefined();
    expect(desk.say(make(burst + 1)).rejection).toMatchObject({ final: false, fault: { code: "too-fast" } });
  });

  test("[R4] a flood is answered a few times, then borne in silence, then ended", () => {
    const desk = deskAt("LIVE");
    let told = 0;
    let seq = 0;
    while (desk.session.step === "LIVE" && seq < 10_000) {
      desk.say({ t: "move", seq: ++seq, dx: 1, dy: 1 });
      if (desk.rejection?.final === false) told += 1;
    }
    expect(told).toBe(RATES.tooFast.burst);
    expect(seq).toBe(RATES.intents.burst + RATES.excess.burst + 1);
    expect(desk.rejection).toMatchObject({ final: true, fault: { code: "too-fast" } });
  });

  test("[R4] walking at 60 moves a second for an hour is never too fast", () => {
    const desk = deskAt("LIVE");
    for (let seq = 1; seq <= 60 * 3_600; seq++) desk.say({ t: "move", seq, dx: 1, dy: 0 }, (seq * 1_000) / 60);
    expect(desk.session.step).toBe("LIVE");
    expect(desk.effects).toMatchObject([{ e: "move" }]);
  });

  test("[R3] a bucket never holds more than its burst and never less than nothing, even when time steps back", () => {
    const rate = { perSecond: 3, burst: 4 };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -500, max: 2_000 }), { maxLength: 200 }), (waits) => {
        let bucket = fullBucket(rate, 0);
        let nowMs = 0;
        let taken = 0;
        let highMs = 0;
        for (const wait of waits) {
          nowMs += wait;
          highMs = Math.max(highMs, nowMs);
          const next = takeToken(bucket, rate, nowMs);
          if (next.waitMs === 0) taken += 1;
          bucket = next.bucket;
          expect(bucket.tokens).toBeGreaterThanOrEqual(0);
          expect(bucket.tokens).toBeLessThanOrEqual(rate.burst);
        }
        const passedMs = waits.reduce((sum, wait) => sum + Math.max(0, wait), 0);
        expect(taken).toBeLessThanOrEqual(rate.burst + (passedMs * rate.perSecond) / 1_000 + 1e-6);
      }),
    );
  });
});

describe("[T6] departures", () => {
  test("[T6] what was sent before the transfer was heard of is late, not wrong, and has no effect", () => {
    const desk = deskAt("DEPARTED");
    for (const message of [chat(1), { t: "move", seq: 1, dx: 1, dy: 0 } as const, { t: "ack", tick: 3 } as const]) {
      expect(desk.say(message).effects).toEqual([]);
    }
    expect(desk.session.step).toBe("DEPARTED");
  });

  test("[T6] returned on the same link one is live at once; gone, the last word names the destination", () => {
    expect(deskAt("DEPARTED").feed({ i: "returned", manifest }).effects).toEqual([{ e: "enter" }]);
    const gone = deskAt("DEPARTED").feed({ i: "gone", destination });
    expect(gone.rejection).toMatchObject({ final: true, destination, fault: { code: "away" } });
    expect(gone.effects.at(-1)).toEqual({ e: "left", by: "departed" });
  });

  test("[T5] in transit at the handshake: the same transfer again, and the manifest only when returned", () => {
    const desk = deskAt("ADMITTING").feed({ i: "proof-checked" }).feed({ i: "departed", transfer });
    expect(desk.effects).toEqual([{ e: "send", message: transfer }]);
    expect(desk.say({ t: "stay", transfer: transfer.id }).effects).toEqual([{ e: "stay", transfer: transfer.id }]);
    expect(desk.feed({ i: "returned", manifest }).effects).toMatchObject([{ e: "send", message: { t: "manifest" } }]);
  });
});

describe("[M2] entering and playing", () => {
  test("[M2] the body enters on ready, not before, and welcome can be told from then on", () => {
    const desk = deskAt("AWAIT_READY");
    expect(desk.effects).toMatchObject([{ e: "send", message: { t: "manifest", substrate: root } }]);
    expect(desk.say({ t: "ready", substrate: root }).effects).toEqual([{ e: "enter" }]);
  });

  test("[I2] moves and intents are numbered apart, each rising, gaps allowed", () => {
    const desk = deskAt("LIVE");
    for (const seq of [1, 2, 40]) {
      expect(desk.say({ t: "move", seq, dx: 0, dy: 127 }).effects).toEqual([{ e: "move", move: { t: "move", seq, dx: 0, dy: 127 } }]);
      expect(desk.say({ t: "intent", seq, intent: { kind: "interact", target: 1 } }).effects).toMatchObject([{ e: "act", seq }]);
    }
  });
});

describe("[C2] proof and the world's word", () => {
  test("[C2] a wrong proof ends the link before anything is decided", () => {
    const desk = deskAt("ADMITTING").feed({ i: "proof-checked", fault: fault("bad-proof", "client", "no") });
    expect(desk.rejection).toMatchObject({ final: true, fault: { code: "bad-proof" } });
    expect(desk.effects.some((effect) => effect.e === "left" || effect.e === "admit")).toBe(false);
  });

  test("[H2] replaced: the body goes on under the new link", () => {
    const desk = deskAt("LIVE").feed({ i: "end", fault: fault("replaced", "client", "other link") });
    expect(desk.effects.at(-1)).toEqual({ e: "left", by: "replaced" });
  });

  test("[R2] what is told too early or too late is not sent", () => {
    const welcome = { t: "welcome", session: "s", entity: 1, tick: 1, resumed: false, items: [], locker: [], rulings: [] } as const;
    expect(deskAt("AWAIT_READY").feed({ i: "tell", message: welcome }).effects).toEqual([]);
    expect(deskAt("LIVE").feed({ i: "tell", message: welcome }).effects).toHaveLength(1);
    expect(deskAt("DEPARTED").feed({ i: "tell", message: welcome }).effects).toEqual([]);
  });

  test("[F7] a frame that cannot be read ends the link with its fault", () => {
    const desk = deskAt("LIVE").feed({ i: "bad-frame", fault: fault("malformed", "client", "bytes") });
    expect(desk.rejection).toMatchObject({ final: true, fault: { code: "malformed" } });
  });
});
