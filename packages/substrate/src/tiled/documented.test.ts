// The table of what is shown and what is refused (docs/tiled.md) is kept by tests: each row names at least one that exists.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));
const sources = readdirSync(here)
  .filter((name) => name.endsWith(".test.ts") && !name.startsWith("documented"))
  .map((name) => readFileSync(`${here}${name}`, "utf8"))
  .join("\n");
const rows = readFileSync(new URL("../../../../docs/tiled.md", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| **"))
  .slice(1)
  .map((line) => line.split("|").map((cell) => cell.trim()));

test("every row says shown, kept, solid, refused or passed over, and names its tests", () => {
  expect(rows.length).toBeGreaterThan(45);
  const unknown = rows.flatMap(([, what, verdict = "", , tests = ""]) => {
    const isSaid = verdict.split(", ").every((word) => ["shown", "kept", "solid", "refused", "passed over"].includes(word));
    const named = [...tests.matchAll(/`([^`]+)`/g)].map(([, title]) => title as string);
    const missing = named.filter((title) => !sources.includes(`"${title}"`) && !sources.includes(`'${title}'`));
    return isSaid && named.length > 0 && missing.length === 0 ? [] : [`${what}: ${verdict}: ${missing.join(", ") || "no test"}`];
  });
  expect(unknown).toEqual([]);
});
