import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { PROTOCOL_VERSION } from "../limits.ts";
import { describeWire } from "./tables.ts";

/** The wire of each version that was ever released, and of the one being made. */
const PINNED: { readonly [version: number]: string } = {
  1: "0b44aef5cfa079b8c451dd24ce0b0c302bb04a75dfffe0585550c0180b3a0bd2",
};

test("[V2] the wire is what was pinned: raise PROTOCOL_VERSION when it changes, or pin it anew while the version is unreleased", () => {
  expect(createHash("sha256").update(describeWire()).digest("hex")).toBe(PINNED[PROTOCOL_VERSION]);
});

test("[V2] the pin sees types, bounds, words and layouts", () => {
  const wire = describeWire();
  const parts = ["version 1\n", "passport: optional (text ≤ ", "tickHz: int 1 to 60", "zigzag cx", '"move":4', "receipt {"];
  expect(parts.filter((part) => !wire.includes(part))).toEqual([]);
});
