// The model's table against its sources, spin's reports, and one search of each kind where spin is there.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { missingPrograms, readReport, search, trace } from "./spin.ts";
import { flagOf, VARIANTS, type Variant } from "./variants.ts";

const SOURCES = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".pml"));
const TEXT = SOURCES.map((name) => readFileSync(join(import.meta.dirname, name), "utf8")).join("\n");
const DONE = "State-vector 208 byte, depth reached 71, errors: 0\n    14173 states, stored\n";

function variant(name: string): Variant {
  return VARIANTS.find((one) => one.name === name)!;
}

describe("the table of variants", () => {
  test("names each variant once, and at least five correct settings and 25 mutants", () => {
    expect(new Set(VARIANTS.map((one) => one.name)).size).toBe(VARIANTS.length);
    expect(VARIANTS.filter((one) => one.breaks === undefined).length).toBeGreaterThanOrEqual(5);
    expect(VARIANTS.filter((one) => one.breaks !== undefined).length).toBeGreaterThanOrEqual(25);
  });

  test("names every mutant that the model has, and no other", () => {
    const inModel = new Set(TEXT.match(/\bM_[A-Z_]+\b/g));
    const inTable = new Set(VARIANTS.flatMap((one) => one.defines.filter((word) => word.startsWith("M_"))));
    expect([...inTable].sort()).toEqual([...inModel].sort());
    expect(flagOf("no-tombstone")).toBe("M_NO_TOMBSTONE");
  });

  test("keeps mutants out of the correct settings, which judge everything", () => {
    for (const { breaks, defines } of VARIANTS.filter((one) => one.breaks === undefined)) {
      expect(breaks).toBeUndefined();
      expect(defines.filter((word) => word.startsWith("M_") || word === "HARM_ALONE")).toEqual([]);
    }
  });
});

describe("a report of spin", () => {
  test("of a full search gives its states, large ones too", () => {
    expect(readReport(DONE)).toEqual({ states: 14_173, violation: undefined });
    expect(readReport(DONE.replace("14173", "1.2887889e+07")).states).toBe(12_887_889);
  });

  test("of an error names the property", () => {
    const broken = (sentence: string): string => `pan:1: ${sentence}\n${DONE.replace("errors: 0", "errors: 1")}`;
    expect(readReport(broken("assertion violated  !(duplicated) (at depth 38)")).violation).toBe("duplicated");
    expect(readReport(broken("non-progress cycle (at depth 62)")).violation).toBe("endless");
    expect(() => readReport(broken("assertion violated  (x==1) (at depth 3)"))).toThrow("does not judge");
    expect(() => readReport(broken("invalid end state (at depth 3)"))).toThrow("does not judge");
  });

  test("of a search that stopped early is a fault", () => {
    expect(() => readReport("")).toThrow("did not finish");
    expect(() => readReport(`Warning: Search not completed\n${DONE}`)).toThrow("incomplete");
    expect(() => readReport(`error: max search depth too small\n${DONE}`)).toThrow("incomplete");
    expect(() => readReport(DONE.replace("errors: 0", "errors: 1"))).toThrow("incomplete");
  });
});

describe.skipIf(missingPrograms().length > 0)("a search", () => {
  test("of the correct rules in a small setting finds nothing and reaches every rule", async () => {
    const small: Variant = { name: "small", says: "", mustEnd: false, defines: ["TRANSFERS=2", "CRASHES=1", "TAIL=2"] };
    const { states, violation, steps, reached } = await search(small);
    expect(violation).toBeUndefined();
    expect(steps.size).toBeGreaterThan(8);
    expect(reached).toEqual(steps);
    expect(states).toBeGreaterThan(100);
  }, 60_000);

  test("names the steps that no run took", async () => {
    const still: Variant = { name: "still", says: "", mustEnd: false, defines: ["TRANSFERS=1", "CRASHES=0", "TAIL=1"] };
    const { steps, reached } = await search(still);
    expect([...steps].filter((step) => !reached.has(step)).sort()).toEqual(["CrashAll", "CrashPart"]);
  }, 60_000);

  test("of a mutant finds the harm, and its trace shows how it comes about", async () => {
    expect((await search(variant("refusal-early"))).violation).toBe("duplicated");
    const steps = await trace(variant("refusal-early"));
    expect(steps).toContain("node 1: REFUSE A1");
    expect(steps.some((step) => step.startsWith("node 1: crash"))).toBe(true);
    expect(steps.at(-1)).toBe("=> I1 in two places at once");
  }, 60_000);

  test("of a mutant that asks for ever shows the circle", async () => {
    expect((await search(variant("cancel-unanswered"))).violation).toBe("endless");
    expect((await trace(variant("cancel-unanswered"))).some((step) => step.includes("START OF CYCLE"))).toBe(true);
  }, 60_000);
});
