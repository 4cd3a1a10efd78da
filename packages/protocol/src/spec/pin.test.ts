import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { PROTOCOL_VERSION } from "../limits.ts";
import { describeWire } from "./tables.ts";

/** The wire of each version that was ever released, and of the one being made. */
const PINNED: { readonly [version: number]: string } = {
  1: "074fe0e70f6d3ce464446fbdfc1ed7e9ca2e50bae78156b3c45e31b4ff2be8a4",
};

test("[V2] the wire is what was pinned: raise PROTOCOL_VERSION when it changes, or pin it anew while the version is unreleased", () => {
  expect(createHash("sha256").update(describeWire()).digest("hex")).toBe(PINNED[PROTOCOL_VERSION]);
});

test("[V2] the pin sees types, bounds, words and layouts", () => {
  const wire = describeWire();
  const parts = ["version 1\n", "passport: optional (text ≤ ", "tickHz: int 1 to 60", "zigzag cx", '"move":4', "receipt {"];
  expect(parts.filter((part) => !wire.includes(part))).toEqual([]);
});
