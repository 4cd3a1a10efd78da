import type { Item } from "@sojourn/protocol";
import { describe, expect, it } from "vitest";
import { bytesText } from "../page/strings.ts";
import { factsOf, kindOf, stackItems } from "./inventory.ts";

const WORLD = "did:key:z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd";

function item(n: number, kind: string, props: Item["props"] = {}, contents: Item[] = []): Item {
  return { id: `${n}@${WORLD}`, kind, props, contents };
}

describe("what one carries", () => {
  it("lays like with like, in order of appearance", () => {
    const stacks = stackItems([item(1, "ale"), item(2, "torch", { lit: true }), item(3, "ale"), item(4, "torch", { lit: false })]);
    expect(stacks.map(({ kind, items }) => [kind, items.length])).toEqual([
      ["ale", 2],
      ["torch", 1],
      ["torch", 1],
    ]);
  });

  it("holds a bag apart from a bag with other things in it", () => {
    expect(stackItems([item(1, "bag"), item(2, "bag", {}, [item(3, "gem")])]).length).toBe(2);
  });

  it("tells facts in words", () => {
    expect(factsOf(item(1, "torch", { lit: true, wet: false, length: 3 }))).toBe("lit · length 3");
    expect(factsOf(item(1, "bag", {}, [item(2, "gem")]))).toBe("holds 1");
  });

  it("calls a kind nobody told of by its own name", () => {
    expect(kindOf(undefined, "orb")).toEqual({ kind: "orb", title: "orb", sprite: "orb", about: "" });
  });

  it("writes bytes for people", () => {
    expect([0, 999, 1_500, 2_345_678].map(bytesText)).toEqual(["0 B", "999 B", "2 kB", "2.3 MB"]);
  });
});
