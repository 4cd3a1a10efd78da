import type { WorldMessage } from "@sojourn/protocol";
import { describe, expect, test } from "vitest";
import { BorderView } from "./border-view.ts";
import { BORDER } from "./limits.ts";

const said = (stage: "asking" | "in-transit" | "refused"): Extract<WorldMessage, { t: "crossing" }> => ({
  t: "crossing",
  stage,
  destination: "far",
  rulings: [],
});

describe("a question whose link breaks", () => {
  test("ends when one is live again, with a reason, and is forgotten like any other end", () => {
    const border = new BorderView();
    border.heard(said("asking"), 0);
    border.linkOpens();
    expect(border.isUnderWay).toBe(true);
    expect(border.live(1_000)).toMatchObject({ stage: "refused", destination: "far", canStay: false, fault: { blame: "link" } });
    expect(border.isUnderWay).toBe(false);
    expect(border.live(1_001)).toBeUndefined();
    expect(border.at(1_001 + BORDER.shownMs)).toBeUndefined();
  });

  test("is no end when the traveller had left before the link broke", () => {
    const border = new BorderView();
    border.heard(said("asking"), 0);
    border.linkOpens();
    border.heard(said("in-transit"), 10);
    expect(border.live(20)).toBeUndefined();
    expect(border.at(20)?.stage).toBe("in-transit");
  });

  test("goes on when the world was only silent for a while: the link is the same", () => {
    const border = new BorderView();
    border.linkOpens();
    border.heard(said("asking"), 0);
    expect(border.live(10)).toBeUndefined();
    expect(border.at(10)?.stage).toBe("asking");
  });
});
