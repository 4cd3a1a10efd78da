import * as dagCbor from "@ipld/dag-cbor";
import fc from "fast-check";
import { CID } from "multiformats/cid";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../limits.ts";
import { formatContentId } from "./content-id.ts";
import { decodeNode, encodeNode, Link, linksOf, type NodeValue } from "./node-codec.ts";

const link = fc.tuple(fc.constantFrom("raw" as const, "dag-cbor" as const), fc.uint8Array({ minLength: 32, maxLength: 32 }));
const key = fc.string({ unit: "binary", maxLength: 6 }).filter((text) => !["__proto__", "$link", "$bytes", "/"].includes(text));
const { value } = fc.letrec<{ value: NodeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noDefaultInfinity: true, noNaN: true }).filter((n) => !Number.isInteger(n)),
    fc.string({ unit: "binary" }),
    fc.uint8Array({ maxLength: 40 }),
    link.map(([codec, digest]) => new Link(formatContentId(codec, digest))),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(key, tie("value"), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

/** Our value as the reference implementation takes it. */
function forReference(node: NodeValue): unknown {
  if (node instanceof Link) return CID.parse(node.cid);
  if (node === null || typeof node !== "object" || node instanceof Uint8Array) return node;
  if (Array.isArray(node)) return node.map(forReference);
  return Object.fromEntries(Object.entries(node).map(([name, item]) => [name, forReference(item)]));
}

function encoded(node: NodeValue): Uint8Array {
  const result = encodeNode(node);
  if (!result.ok) throw new Error(result.fault.detail);
  return result.value;
}

describe("nodes", () => {
  test("have the same bytes as @ipld/dag-cbor gives them", () => {
    fc.assert(
      fc.property(value, (node) => {
        expect(encoded(node)).toEqual(new Uint8Array(dagCbor.encode(forReference(node))));
      }),
    );
  });

  test("come back as they went", () => {
    fc.assert(
      fc.property(value, (node) => {
        expect(decodeNode(encoded(node))).toEqual({ ok: true, value: node });
      }),
    );
    expect(decodeNode(encoded("\ufeffmark"))).toEqual({ ok: true, value: "\ufeffmark" });
  });

  test("are refused or mean exactly their bytes, whatever the bytes are", () => {
    const damaged = fc.tuple(value.map(encoded), fc.nat(), fc.nat(255)).map(([bytes, at, byte]) => {
      const wrong = bytes.slice();
      wrong[at % wrong.length] = byte;
      return wrong;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), damaged), (bytes) => {
        const decoded = decodeNode(bytes);
        if (decoded.ok) expect(encoded(decoded.value)).toEqual(bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  test("do not share memory with the bytes they were read from", () => {
    const bytes = encoded(new Uint8Array([1, 2, 3]));
    const decoded = decodeNode(bytes);
    bytes.fill(0xff);
    expect(decoded).toEqual({ ok: true, value: new Uint8Array([1, 2, 3]) });
  });

  test("name their links in the order of their bytes", () => {
    const [a, b] = [formatContentId("raw", new Uint8Array(32)), formatContentId("dag-cbor", new Uint8Array(32))];
    expect(linksOf({ z: new Link(a), list: [1, { deep: new Link(b) }], text: a })).toEqual([a, b]);
  });

  test.each<[string, NodeValue]>([
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["a number beyond 2^53", 2 ** 53],
    ["half a surrogate pair", "\ud800"],
    ["a reserved key", { $link: "x" }],
    ["a link to no content id", new Link("bafk")],
    ["undefined", undefined as unknown as NodeValue],
  ])("cannot hold %s", (_, node) => {
    expect(encodeNode({ inside: [node] })).toMatchObject({ ok: false, fault: { code: "malformed" } });
  });

  test("cannot be too deep, too many or too large", () => {
    let deep: NodeValue = 1;
    for (let i = 0; i <= LIMITS.nodeDepth; i++) deep = [deep];
    expect(encodeNode(deep).ok).toBe(false);
    expect(encodeNode(Array.from({ length: LIMITS.nodeValues }, () => 0))).toMatchObject({ ok: false, fault: { code: "oversized" } });
    expect(encodeNode(new Uint8Array(LIMITS.blockBytes))).toMatchObject({ ok: false, fault: { code: "oversized" } });
    expect(decodeNode(new Uint8Array(LIMITS.blockBytes + 1))).toMatchObject({ ok: false, fault: { code: "oversized" } });
  });
});

describe("a decoder's cost", () => {
  /** 64 KiB in which every list states that the whole rest of the bytes are its entries. */
  function lyingLists(depth: number): Uint8Array {
    const bytes = new Uint8Array(65_536);
    for (let i = 0; i < depth; i++) {
      const at = i * 3;
      bytes.set([0x99, (bytes.length - at - 3) >> 8, (bytes.length - at - 3) & 255], at);
    }
    return bytes;
  }

  test.each([
    ["lists that state too many entries, 15 deep", lyingLists(15)],
    ["lists that state too many entries, 20,000 deep", lyingLists(20_000)],
    ["65,535 empty lists", new Uint8Array(65_536).fill(0x80).fill(0x99, 0, 1).fill(0xff, 1, 2).fill(0xfd, 2, 3)],
    ["65,536 nested lists", new Uint8Array(65_536).fill(0x81)],
  ])("stays below 16 MiB and 50 ms for 64 KiB of %s", (_, bytes) => {
    // The best of several runs, in time of this thread, is what the decoder costs; the rest is the machine's doing.
    const runs = Array.from({ length: 5 }, () => {
      const [heapBefore, before] = [process.memoryUsage().heapUsed, process.threadCpuUsage()];
      decodeNode(bytes);
      const { user, system } = process.threadCpuUsage(before);
      return { ms: (user + system) / 1_000, heap: process.memoryUsage().heapUsed - heapBefore };
    });
    expect(Math.min(...runs.map(({ ms }) => ms))).toBeLessThan(50);
    expect(Math.min(...runs.map(({ heap }) => heap))).toBeLessThan(16 * 1_048_576);
  });
});
