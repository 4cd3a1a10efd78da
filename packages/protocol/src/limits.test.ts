import { describe, expect, test } from "vitest";
import { encodeControl } from "./codec/frame.ts";
import { LIMITS, RATES, TIMES } from "./limits.ts";
import { physicsSchema } from "./messages.ts";
import { check } from "./schema.ts";
import { cellAt, cellsInView } from "./snapshot/cells.ts";

const did = `did:key:z6Mk${"t".repeat(44)}`;

describe("[L1] the limits fit each other", () => {
  test("[L1] the longest of what a client says fits into a frame", () => {
    const passport = "x".repeat(LIMITS.passportBytes);
    const name = "n".repeat(LIMITS.nameBytes);
    const versions = Array.from({ length: LIMITS.versionsOffered }, () => 65_535);
    const hello = encodeControl({ t: "hello", versions, traveller: did, name, nonce: new Uint8Array(LIMITS.nonceBytes), passport });
    expect(hello.length).toBeLessThanOrEqual(LIMITS.clientFrameBytes);
    const relay = encodeControl({ t: "relay", message: passport });
    expect(relay.length).toBeLessThanOrEqual(LIMITS.clientFrameBytes);
    const item = `${"9".repeat(16)}@${did}`;
    const place = { kind: "place", item, x: 0.5, y: 0.5, text: "t".repeat(LIMITS.placedTextBytes) } as const;
    expect(encodeControl({ t: "intent", seq: 1, intent: place }).length).toBeLessThan(1_024);
  });

  test("[L1] one past a bound is refused", () => {
    const message = "x".repeat(LIMITS.passportBytes + 1);
    expect(() => encodeControl({ t: "relay", message })).toThrow("malformed");
    const text = "x".repeat(LIMITS.chatBytes + 1);
    expect(() => encodeControl({ t: "intent", seq: 1, intent: { kind: "chat", text } })).toThrow("malformed");
  });

  test("[L1] the widest view fits into one snapshot's cells", () => {
    const widest = 160;
    const physics = { tickHz: 20, speed: 4, bodyWidth: 1, bodyHeight: 1, reach: 2, chatRange: 16, viewRadius: widest };
    expect(check(physicsSchema, physics).ok).toBe(true);
    expect(check(physicsSchema, { ...physics, viewRadius: widest + 1 }).ok).toBe(false);
    expect(cellsInView(cellAt(0, 0), widest).length).toBeLessThanOrEqual(LIMITS.cellsPerSnapshot);
  });

  test("[L1] deadlines and rates leave room for what they watch", () => {
    expect(3 * TIMES.beatMs).toBeLessThan(TIMES.silenceMs);
    expect(3 * TIMES.pingMs).toBeLessThan(TIMES.idleMs);
    expect(TIMES.silenceMs).toBeLessThan(5_000);
    expect(2 * TIMES.retryMaxMs).toBeLessThan(TIMES.idleMs);
    expect(RATES.others.perSecond).toBeGreaterThan(1_000 / TIMES.ackMs + 1_000 / TIMES.pingMs);
  });
});
