import { expect, test } from "vitest";
import { DEFAULT_SCRIPT, parseScript } from "./script.ts";

test("the default script is one that bots understand", () => {
  const script = parseScript(DEFAULT_SCRIPT);
  expect(script.ok && script.value.map((step) => step.do)).toEqual([
    "wander",
    "chat",
    "use",
    "drop",
    "wait",
    "pick-up",
    "cross",
    "wander",
    "cross",
    "repeat",
  ]);
});

test("steps carry their numbers and words", () => {
  const script = parseScript("walk east 3\nchat Good evening, all;go 4 7.5; cross to the dungeon; wait");
  expect(script).toEqual({
    ok: true,
    value: [
      { do: "walk", dx: 1, dy: 0, units: 3 },
      { do: "chat", text: "Good evening, all" },
      { do: "go", x: 4, y: 7.5 },
      { do: "cross", portal: "to the dungeon" },
      { do: "wait", seconds: 1 },
    ],
  });
});

test.each([
  "",
  ";;",
  "dance",
  "walk up 3",
  "walk east far",
  "wait -1",
  "wait 1e9",
  "use",
  "use a b",
  "go 1",
  "chat",
  "repeat",
  "repeat now",
  "x".repeat(5_000),
])("a script of %j is a fault that says what is wrong", (text) => {
  const script = parseScript(text);
  expect(script.ok).toBe(false);
  if (!script.ok) expect(["malformed", "oversized"]).toContain(script.fault.code);
});
