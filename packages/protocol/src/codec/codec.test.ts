import * as dagCbor from "@ipld/dag-cbor";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../limits.ts";
import type { ClientMessage } from "../messages.ts";
import { decodePlain, encodePlain, OWN_PLAIN_LIMITS } from "./cbor.ts";
import { decodeClientFrame, decodeWorldControl, encodeControl } from "./frame.ts";
import { isUtf8, objectionTo } from "./guard.ts";

const STRICT = { maxBytes: 65_536, maxDepth: 16, maxValues: 4_096 };
const key = fc
  .string({ unit: "grapheme", maxLength: 6 })
  .filter((name) => name !== "__proto__" && name !== "constructor" && !name.startsWith("$"));
const plain = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Number.isInteger(number)),
    fc.string({ unit: "grapheme" }),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(key, tie("value"), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

/** Turns a valid encoding into one that is nearly so. */
const tamper = fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom("set", "insert", "delete", "cut", "swap"));
function tampered(bytes: Uint8Array, [where, byte, how]: [number, number, string]): Uint8Array {
  const list = [...bytes];
  const at = list.length === 0 ? 0 : where % list.length;
  if (how === "set") list[at] = byte;
  if (how === "insert") list.splice(at, 0, byte);
  if (how === "delete") list.splice(at, 1);
  if (how === "cut") list.length = at;
  if (how === "swap") [list[at], list[list.length - 1 - at]] = [list[list.length - 1 - at] ?? 0, list[at] ?? 0];
  return Uint8Array.from(list);
}

describe("[F2] plain values", () => {
  test("[F2] come back as they were, and another library writes the same bytes", () => {
    fc.assert(
      fc.property(plain, (value) => {
        const bytes = encodePlain(value);
        const back = decodePlain(bytes);
        expect(back).toEqual({ ok: true, value });
        expect([...bytes]).toEqual([...dagCbor.encode(value)]);
      }),
      { numRuns: 1_000 },
    );
  });

  test("[F2] have one spelling: whatever is accepted would be written just so", () => {
    let accepted = 0;
    fc.assert(
      fc.property(plain, fc.array(tamper, { minLength: 1, maxLength: 3 }), (value, changes) => {
        const bytes = changes.reduce(tampered, encodePlain(value));
        const back = decodePlain(bytes);
        if (!back.ok) return;
        accepted += 1;
        expect([...encodePlain(back.value)]).toEqual([...bytes]);
        expect([...dagCbor.encode(dagCbor.decode(bytes))]).toEqual([...bytes]);
      }),
      { numRuns: 4_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  test("[F2] random bytes never throw, and what the strictest library refuses is refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const back = decodePlain(bytes);
        let isRefused = false;
        try {
          dagCbor.decode(bytes);
        } catch {
          isRefused = true;
        }
        if (isRefused) expect(back.ok).toBe(false);
      }),
      { numRuns: 20_000 },
    );
  });

  test.each<[string, unknown]>([
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["an integer past 2^53", 2 ** 53],
    ["a lone surrogate", "\ud800"],
    ["a bigint", 1n],
    ["a function", () => 1],
    ["undefined", undefined],
    ["an instance of a class", new Map()],
    ["a key that is a trap", JSON.parse('{"__proto__": 1}')],
    ["a key that hides what made the value", { constructor: 1 }],
    ["a key the library reads as something else", { $bytes: "AA" }],
    ["too many levels", Array.from({ length: 40 }).reduce((inner) => [inner], [])],
  ])("[F2] %s cannot be written", (_, value) => {
    expect(() => encodePlain(value)).toThrow();
  });

  test("[F2] -0 is written as 0, and nothing for undefined", () => {
    expect([...encodePlain({ a: -0, b: undefined })]).toEqual([0xa1, 0x61, 0x61, 0x00]);
  });

  test("[F2] a decoded map has no powers", () => {
    const back = decodePlain(encodePlain({ valueOf: 1, toString: 2 }));
    expect(back.ok && Object.getPrototypeOf(back.value)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

test("[F2] UTF-8 is judged as the platform judges it", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const accepts = (bytes: Uint8Array): boolean => {
    try {
      decoder.decode(bytes);
      return true;
    } catch {
      return false;
    }
  };
  for (let a = 0; a < 256; a++) {
    for (let b = 0; b < 256; b++) {
      const two = Uint8Array.of(a, b);
      if (isUtf8(two, 0, 2) !== accepts(two)) throw new Error(`${a} ${b}`);
      const four = Uint8Array.of(a, b, 0x80, 0xbf);
      if (isUtf8(four, 0, 4) !== accepts(four)) throw new Error(`${a} ${b} 80 bf`);
      const three = Uint8Array.of(a, b, 0x9f);
      if (isUtf8(three, 0, 3) !== accepts(three)) throw new Error(`${a} ${b} 9f`);
    }
  }
});

describe("[F3] what bytes may cost", () => {
  const head = (major: number, length: number): number[] => [
    (major << 5) | 26,
    length >>> 24,
    (length >> 16) & 255,
    (length >> 8) & 255,
    length & 255,
  ];
  const bombs: [string, Uint8Array][] = [
    ["nested lists", new Uint8Array(65_536).fill(0x81)],
    ["nested maps", Uint8Array.from({ length: 65_536 }, (_, i) => (i % 2 === 0 ? 0xa1 : 0x60))],
    ["a list that claims four thousand million", Uint8Array.from(head(4, 0xffff_ffff))],
    ["a map that claims as many", Uint8Array.from(head(5, 0xffff_ffff))],
    ["text that claims as much", Uint8Array.from([...head(3, 0xffff_ffff), 0x41])],
    ["a flat list of nulls", Uint8Array.from([...head(4, 65_531), ...new Uint8Array(65_531).fill(0xf6)])],
    ["a flat list of empty maps", Uint8Array.from([...head(4, 65_531), ...new Uint8Array(65_531).fill(0xa0)])],
    ["a map of many keys", encodePlain(Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [`k${i}`, 0])))],
    ["a map of many numbers as keys", encodePlain(Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [i * 7, 0])))],
    ["long text", Uint8Array.from([...head(3, 65_531), ...new Uint8Array(65_531).fill(0x41)])],
  ];

  test.each(bombs)("[F3] %s: under 50 ms and 16 MiB in every decoder", (_, bytes) => {
    const frame = Uint8Array.from([1, ...bytes.subarray(0, 65_535)]);
    for (const decode of [
      () => decodePlain(bytes, STRICT),
      () => decodePlain(bytes, OWN_PLAIN_LIMITS),
      () => decodeClientFrame(frame),
      () => decodeWorldControl(frame),
    ]) {
      // The best of a few, in time of this thread: a busy machine makes anything slow.
      let bestMs = Number.POSITIVE_INFINITY;
      let leastBytes = Number.POSITIVE_INFINITY;
      for (let n = 0; n < 5; n++) {
        const before = process.memoryUsage().heapUsed;
        const start = process.threadCpuUsage();
        decode();
        const { user, system } = process.threadCpuUsage(start);
        bestMs = Math.min(bestMs, (user + system) / 1_000);
        leastBytes = Math.min(leastBytes, Math.abs(process.memoryUsage().heapUsed - before));
      }
      expect(bestMs).toBeLessThan(50);
      expect(leastBytes).toBeLessThan(16 * 1024 * 1024);
    }
  });

  test("[F3] each bound holds at its edge", () => {
    const nested = (levels: number): Uint8Array => Uint8Array.from([...new Uint8Array(levels - 1).fill(0x81), 0x80]);
    expect(objectionTo(nested(16), STRICT)).toBeUndefined();
    expect(objectionTo(nested(17), STRICT)).toMatch("levels");
    const flat = (values: number): Uint8Array => encodePlain(Array.from({ length: values - 1 }, () => 0));
    expect(objectionTo(flat(4_096), STRICT)).toBeUndefined();
    expect(objectionTo(flat(4_097), STRICT)).toMatch("values");
    expect(decodePlain(new Uint8Array(65_537), STRICT)).toMatchObject({ ok: false, fault: { code: "oversized" } });
  });

  test("[F3] frames longer than their limit are oversized, whatever is in them", () => {
    expect(decodeClientFrame(new Uint8Array(LIMITS.clientFrameBytes + 1).fill(1))).toMatchObject({
      fault: { code: "oversized", blame: "client" },
    });
    expect(decodeWorldControl(new Uint8Array(LIMITS.worldFrameBytes + 1).fill(1))).toMatchObject({
      fault: { code: "oversized", blame: "world" },
    });
  });
});

describe("[F4] messages", () => {
  const ping: ClientMessage = { t: "ping", n: 7 };

  test("[F4] a message that is none cannot be sent", () => {
    expect(() => encodeControl({ ...ping, n: -1 })).toThrow("malformed");
    expect(() => encodeControl({ ...ping, more: 1 } as never)).toThrow("no field");
    expect(() => encodeControl({ t: "nonsense" } as never)).toThrow("malformed");
  });

  test("[F4] each side refuses what only the other may say", () => {
    expect(decodeWorldControl(encodeControl(ping))).toMatchObject({ ok: false, fault: { code: "malformed", blame: "world" } });
    expect(decodeClientFrame(encodeControl({ t: "pong", n: 1, timeMs: 1 }))).toMatchObject({ ok: false, fault: { blame: "client" } });
  });

  test("[F7] no change of any byte of any frame makes a decoder throw", () => {
    const hello: ClientMessage = {
      t: "hello",
      versions: [1],
      traveller: `did:key:z6Mk${"t".repeat(44)}`,
      name: "Ada",
      nonce: new Uint8Array(32),
      passport: "a.b.c",
    };
    const frames = [
      ping,
      hello,
      { t: "intent", seq: 1, intent: { kind: "place", item: `1@${hello.traveller}`, x: 0.5, y: 1, text: "hi" } } as const,
    ].map(encodeControl);
    fc.assert(
      fc.property(fc.constantFrom(...frames), fc.array(tamper, { minLength: 1, maxLength: 4 }), (frame, changes) => {
        const bytes = changes.reduce(tampered, frame);
        for (const back of [decodeClientFrame(bytes), decodeWorldControl(bytes)]) {
          if (!back.ok) expect(["malformed", "oversized"]).toContain(back.fault.code);
        }
      }),
      { numRuns: 20_000 },
    );
  });
});
