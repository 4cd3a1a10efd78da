import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { PROTOCOL_VERSION } from "../limits.ts";
import { describeWire } from "./tables.ts";

/** The wire of each version that was ever released, and of the one being made. */
const PINNED: { readonly [version: number]: string } = {
  1: "6598fbc7fcf4f61d292ae580583c59d2d3f954b3cd3399db7da3143dc42b4761",
};

test("[V2] the wire is what was pinned: raise PROTOCOL_VERSION when it changes, or pin it anew while the version is unreleased", () => {
  expect(createHash("sha256").update(describeWire()).digest("hex")).toBe(PINNED[PROTOCOL_VERSION]);
});

test("[V2] the pin sees types, bounds, words and layouts", () => {
  const wire = describeWire();
  const parts = ["version 1\n", "passport: optional (text ≤ ", "tickHz: int 1 to 60", "zigzag cx", '"move":4', "receipt {"];
  expect(parts.filter((part) => !wire.includes(part))).toEqual([]);
});
