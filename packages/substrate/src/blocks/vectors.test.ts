// The vectors are for any language: what a reader of this substrate must accept, and what it must refuse.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { verifyBlock } from "./block.ts";
import { formatContentId, parseContentId } from "./content-id.ts";
import { decodeNode, encodeNode, Link, type NodeValue } from "./node-codec.ts";

interface Vectors<V, I> {
  readonly valid: readonly V[];
  readonly invalid: readonly I[];
}
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

function vectors<V, I>(name: string): Vectors<V, I> {
  return JSON.parse(readFileSync(new URL(`../../../../vectors/substrate/${name}.json`, import.meta.url), "utf8"));
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}

function valueOf(json: Json): NodeValue {
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map(valueOf);
  const map = json as { readonly [key: string]: Json };
  if (typeof map.$bytes === "string") return bytesOf(map.$bytes);
  if (typeof map.$link === "string") return new Link(map.$link);
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, valueOf(value)]));
}

describe("content id vectors", () => {
  const { valid, invalid } = vectors<{ text: string; codec: "raw" | "dag-cbor"; digest: string }, { text: string; why: string }>(
    "content-ids",
  );

  test.each(valid)("$text is read and written", ({ text, codec, digest }) => {
    expect(parseContentId(text)).toEqual({ ok: true, value: { codec, digest: bytesOf(digest) } });
    expect(formatContentId(codec, bytesOf(digest))).toBe(text);
  });

  test.each(invalid)("refused: $why", ({ text }) => {
    expect(parseContentId(text)).toMatchObject({ ok: false, fault: { code: "bad-content-id" } });
  });
});

describe("node vectors", () => {
  const { valid, invalid } = vectors<{ name: string; hex: string; value: Json }, { hex: string; why: string }>("nodes");

  test.each(valid)("$name", ({ hex, value }) => {
    expect(decodeNode(bytesOf(hex))).toEqual({ ok: true, value: valueOf(value) });
    expect(encodeNode(valueOf(value))).toEqual({ ok: true, value: bytesOf(hex) });
  });

  test.each(invalid)("refused: $why", ({ hex }) => {
    expect(decodeNode(bytesOf(hex))).toMatchObject({ ok: false, fault: { code: "malformed" } });
  });
});

describe("block vectors", () => {
  const { valid, invalid } = vectors<{ cid: string; hex: string }, { cid: string; hex: string; code: string; why: string }>("blocks");

  test.each(valid)("$cid", async ({ cid, hex }) => {
    expect(await verifyBlock(cid, bytesOf(hex))).toEqual({ ok: true, value: { cid, bytes: bytesOf(hex) } });
  });

  test.each(invalid)("refused: $why", async ({ cid, hex, code }) => {
    expect(await verifyBlock(cid, bytesOf(hex))).toMatchObject({ ok: false, fault: { code } });
  });
});
