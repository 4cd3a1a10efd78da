import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { PAGE, PICTURE } from "./command.ts";
import { drawing } from "./drawing.ts";
import { picture, withFigures } from "./figures-page.ts";

describe("what the docs say of the figures", () => {
  test.skipIf(picture() === undefined)("the picture is drawn from the newest results", () => {
    expect(readFileSync(PICTURE, "utf8")).toBe(picture());
  });

  test("the table is made from the newest results", () => {
    const page = readFileSync(PAGE, "utf8");
    expect(withFigures(page)).toBe(page);
  });

  test("a bar that is far longer than ours is cut, and its figure still said", () => {
    const bars = [
      { target: "sojourn", value: 10 },
      { target: "other", value: 4_321 },
    ];
    const drawn = drawing("t", "s", [{ title: "W", about: "a", rows: [{ label: "l", unit: "u", bars }] }], "f");
    expect(drawn).toContain("4,321");
    expect(drawn).toContain('class="cut"');
  });
});
