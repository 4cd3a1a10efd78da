import { describe, expect, test } from "vitest";
import { checkArrows } from "./arrows.ts";
import { checkLeftovers } from "./leftovers.ts";
import { AVOIDED_WORDS, checkExportedNames, checkFileNames, checkGlossary, wordsIn } from "./names.ts";
import { checkOpenings } from "./opening.ts";
import { checkPurity } from "./purity.ts";
import { type Problem, type Repository, repositoryOf } from "./repository.ts";
import { checkSizes } from "./sizes.ts";
import { checkSpec } from "./spec.ts";

/** A repository of a few files, path → text. */
function holding(files: Record<string, string>): Repository {
  return repositoryOf(Object.keys(files), Object.entries(files));
}

function brokenBy(check: (repository: Repository) => Problem[], files: Record<string, string>): string[] {
  return check(holding(files))
    .filter((problem) => problem.isWarning !== true)
    .map(({ path, line, message }) => `${path}:${line}: ${message}`);
}

describe("arrows", () => {
  const from = (path: string, specifier: string): string[] => brokenBy(checkArrows, { [path]: `\nimport { a } from "${specifier}";` });

  test("a room may import what stands below it", () => {
    expect(from("packages/world/src/tick.ts", "@sojourn/protocol")).toEqual([]);
    expect(from("apps/cli/src/main.ts", "@sojourn/worlds")).toEqual([]);
    expect(from("worlds/tavern/tavern.ts", "@sojourn/world")).toEqual([]);
  });

  test("world and client never import each other", () => {
    expect(from("packages/world/src/tick.ts", "@sojourn/client")).toEqual([
      "packages/world/src/tick.ts:2: packages/world may not import client (it may: protocol, passport, substrate, runtime)",
    ]);
    expect(from("packages/client/src/enter.ts", "@sojourn/world")).toHaveLength(1);
  });

  test("types, re-exports and dynamic imports are arrows too", () => {
    const text = 'import type { A } from "@sojourn/world";\nexport { b } from "@sojourn/client";\nawait import("@sojourn/runtime");';
    const broken = brokenBy(checkArrows, { "packages/passport/src/keys.ts": text });
    expect(broken.map((line) => line.split(": ")[0])).toEqual([1, 2, 3].map((line) => `packages/passport/src/keys.ts:${line}`));
  });

  test("the protocol imports one codec and nothing else, not even Node", () => {
    expect(from("packages/protocol/src/codec.ts", "@atcute/cbor")).toEqual([]);
    expect(from("packages/protocol/src/codec.ts", "node:crypto")).toHaveLength(1);
    expect(from("packages/protocol/src/codec.test.ts", "node:fs")).toEqual([]);
  });

  test("only tests, examples and bench import testkit", () => {
    expect(from("packages/world/src/tick.ts", "@sojourn/testkit")).toEqual([
      "packages/world/src/tick.ts:2: only tests, examples and bench import testkit",
    ]);
    expect(from("tools/check.ts", "@sojourn/testkit")).toHaveLength(1);
    expect(from("packages/world/src/tick.test.ts", "@sojourn/testkit")).toEqual([]);
    expect(from("examples/two-worlds/run.ts", "@sojourn/testkit")).toEqual([]);
  });

  test("rooms are entered by their doors", () => {
    expect(from("packages/world/src/tick.ts", "../../protocol/src/ids.ts")).toHaveLength(1);
    expect(from("packages/world/src/tick.ts", "./limits.ts")).toEqual([]);
    const door = { "packages/substrate/package.json": '{"exports": {".": "./src/index.ts", "./node": "./src/node.ts"}}' };
    const file = "apps/cli/src/pack.ts";
    expect(brokenBy(checkArrows, { ...door, [file]: 'import { a } from "@sojourn/substrate/node";' })).toEqual([]);
    expect(brokenBy(checkArrows, { ...door, [file]: 'import { a } from "@sojourn/substrate/src/blocks.ts";' })).toHaveLength(1);
  });

  test("a folder that is no room of the plan is said", () => {
    expect(brokenBy(checkArrows, { "packages/misc/src/index.ts": "export {};" })).toHaveLength(1);
  });
});

describe("sizes", () => {
  const lines = (n: number, line = "  x();"): string => `${line}\n`.repeat(n);

  test("a file of 501 lines is too long, one of 301 is a warning", () => {
    expect(brokenBy(checkSizes, { "a.ts": lines(501) })).toEqual(["a.ts:1: 501 lines (500 at most, 50 to 200 is good)"]);
    const warned = checkSizes(holding({ "a.ts": lines(301) }));
    expect(warned).toMatchObject([{ rule: "file-size", isWarning: true }]);
    expect(checkSizes(holding({ "a.ts": lines(300) }))).toEqual([]);
  });

  test("a function of 71 lines is too long", () => {
    expect(brokenBy(checkSizes, { "a.ts": `function f() {\n${lines(69)}}` })).toEqual([
      "a.ts:1: a function of 71 lines, 71 of them its own (70 at most)",
    ]);
    expect(brokenBy(checkSizes, { "a.ts": `function f() {\n${lines(68)}}` })).toEqual([]);
    expect(brokenBy(checkSizes, { "a.ts": `\nclass A {\n  m() {\n${lines(69)}}\n}` })).toHaveLength(1);
  });

  test("functions inside do not count for the one around them, which is only warned of", () => {
    const factory = `function f() {\n${"  function g() {\n    x();\n    x();\n  }\n".repeat(30)}}`;
    expect(brokenBy(checkSizes, { "a.ts": factory })).toEqual([]);
    expect(checkSizes(holding({ "a.ts": factory }))).toMatchObject([{ rule: "function-size", isWarning: true }]);
    expect(checkSizes(holding({ "a.test.ts": factory }))).toEqual([]);
    expect(checkSizes(holding({ "contract.ts": `import { test } from "vitest";\n${factory}` }))).toEqual([]);
  });
});

describe("purity", () => {
  const inProtocol = (text: string): string[] => brokenBy(checkPurity, { "packages/protocol/src/a.ts": text });

  test.each([
    ["const now = Date.now();", "Date"],
    ["const d = new Date();", "Date"],
    ["const r = Math.random();", "Math.random"],
    ["setTimeout(f, 1);", "setTimeout"],
    ["setInterval(f, 1);", "setInterval"],
    ["performance.now();", "performance"],
    ["console.log(1);", "console"],
    ["fetch(url);", "fetch"],
    ["crypto.getRandomValues(b);", "crypto"],
    ["process.exit();", "process"],
    ["const p = Promise.resolve();", "Promise"],
    ["async function f() {}", "async function"],
    ["const f = async () => 1;", "async function"],
    ["await f();", "await"],
    ['import { readFileSync } from "node:fs";', "node:fs"],
  ])("%s", (text, what) => {
    expect(inProtocol(`\n${text}`)).toContain(`packages/protocol/src/a.ts:2: a pure core has no ${what}`);
  });

  test("names of one's own and names of properties are no globals", () => {
    expect(
      inProtocol(
        "function f(process: number) { return process; }\nconst a = { crypto: 1 };\nb.fetch(a.crypto);\ninterface I { Date: number }",
      ),
    ).toEqual([]);
  });

  test("a file that calls itself pure is held to it, others and tests are not", () => {
    const text = "const now = Date.now();";
    expect(brokenBy(checkPurity, { "packages/world/src/a.ts": `// Collision. Pure: no clock.\n${text}` })).toHaveLength(1);
    expect(brokenBy(checkPurity, { "packages/world/src/a.ts": `// The clock.\n${text}` })).toEqual([]);
    expect(brokenBy(checkPurity, { "packages/protocol/src/a.test.ts": text })).toEqual([]);
  });
});

describe("openings and names", () => {
  test("a file opens with a comment", () => {
    expect(brokenBy(checkOpenings, { "a.ts": "export const a = 1;" })).toHaveLength(1);
    expect(brokenBy(checkOpenings, { "a.ts": "// What this room is, and its law.\nexport const a = 1;" })).toEqual([]);
    expect(brokenBy(checkOpenings, { "a.mjs": "#!/usr/bin/env node\n/* What this room is, and its law. */\nf();" })).toEqual([]);
  });

  test.each([
    "src/utils.ts",
    "src/helpers.test.ts",
    "common/a.ts",
    "src/session-manager.ts",
    "src/base-store.ts",
    "src/blockStore.ts",
    "src/My_File.md",
  ])("%s is no name for a file", (path) => {
    expect(brokenBy(checkFileNames, { [path]: "" }).length).toBeGreaterThan(0);
  });

  test("good names pass", () => {
    const good = [
      "README.md",
      ".ci/run",
      "packages/protocol/SPEC.md",
      "src/block-store.test.ts",
      "docs/adr/0001-rooms-and-arrows.md",
      "tsconfig.base.json",
    ];
    expect(brokenBy(checkFileNames, Object.fromEntries(good.map((path) => [path, ""])))).toEqual([]);
  });

  test("exports use the words of the glossary", () => {
    const broken = (text: string): string[] => brokenBy(checkExportedNames, { "packages/world/src/a.ts": text });
    expect(broken("export interface RoomState {}")).toEqual(['packages/world/src/a.ts:1: RoomState: not "room", say world (GLOSSARY.md)']);
    expect(broken("export function teleport(): void {}")).toHaveLength(1);
    expect(broken("export class BaseStore {}")).toHaveLength(1);
    expect(broken("export class SessionManager {}")).toHaveLength(1);
    expect(broken("export const bedroomTiles = 1; const room = 1; export type Baseline = 1;")).toEqual([]);
  });

  test("identifiers fall into words", () => {
    expect(wordsIn("openURLStore2")).toEqual(["open", "url", "store2"]);
    expect(wordsIn("MAX_USERS_PER_WORLD")).toEqual(["max", "users", "per", "world"]);
  });

  test("every avoided word stands in the glossary", () => {
    expect(brokenBy(checkGlossary, { "GLOSSARY.md": "world: not room" })).toHaveLength(Object.keys(AVOIDED_WORDS).length - 1);
  });
});

describe("leftovers", () => {
  // Put together from halves, so that these examples are not found in this file itself.
  const half = (a: string, b: string): string => a + b;

  test.each([
    [`// ${half("TO", "DO")}: later`, "a promise of later work: do it, or file it as an issue"],
    [`${half("FIX", "ME")} soon`, "a promise of later work: do it, or file it as an issue"],
    [`cd ${half("/ho", "me")}/someone`, "a path of one machine"],
    [`"${half("/wo", "rk")}/main"`, "a path of one machine"],
    [`https://${half("registry.npm", "js.org")}/ws`, "the address of a package registry"],
    [`"resolved": ${half('"htt', 'ps://x/y.tgz"')}`, "the address of a package registry"],
  ])("%s", (text, message) => {
    expect(brokenBy(checkLeftovers, { "README.md": `fine\n${text}\n` })).toEqual([`README.md:2: ${message}`]);
  });

  test("paths that only look alike pass", () => {
    expect(brokenBy(checkLeftovers, { "a.md": "docs/work/a https://example.org/home ./work/b /workers /homes" })).toEqual([]);
  });

  test.each(["test.only(a);", 'describe.skip("a", f);', "it.todo(a);", "test.concurrent.only(a);", "xit(a);"])(
    "%s leaves tests out",
    (text) => {
      expect(brokenBy(checkLeftovers, { "a.test.ts": text })).toHaveLength(1);
    },
  );

  test("a stated condition may stay", () => {
    expect(brokenBy(checkLeftovers, { "a.test.ts": "describe.skipIf(noChromium)('a', f); list.skip(1);" })).toEqual([]);
  });
});

describe("spec", () => {
  const spec = "packages/protocol/SPEC.md";
  const testFile = "packages/protocol/src/session.test.ts";

  test("every rule has a test and every id in a title is a rule", () => {
    const files = { [spec]: "- **[S1]** A.\n- **[S2]** B, see [S1].\n", [testFile]: 'test("[S1] a", f);\ntest("[S9] x", f);' };
    expect(brokenBy(checkSpec, files)).toEqual([
      `${testFile}:2: a test carries [S9], which SPEC.md does not state`,
      `${spec}:2: [S2] has no test that carries its id`,
    ]);
  });

  test("ids count in it.each, describe and templates, and in the contract suites of testkit", () => {
    const files = {
      [spec]: "| [T1] | a |\n| [T2] | b |\n[T3] c\n### [T4] d\n",
      [testFile]: "it.each(table)(`[T1] a`, f);\ndescribe('[T2] all', () => { test.skipIf(y)('[T3]', f); });",
      "packages/testkit/src/link-contract.ts": "test('[T4] d', f);",
    };
    expect(brokenBy(checkSpec, files)).toEqual([]);
  });

  test("a rule is stated once, and what is referred to is stated", () => {
    const files = { [spec]: "- [S1] A, unlike [S7].\n- [S1] again\n", [testFile]: 'test("[S1]", f);' };
    expect(brokenBy(checkSpec, files)).toEqual([`${spec}:2: [S1] is stated twice (also in line 1)`, `${spec}:1: [S7] is not stated`]);
  });

  test("an id outside a title proves nothing", () => {
    const files = { [spec]: "- [S1] A.\n", [testFile]: "// [S1]\nconst a = '[S1]';\nf('[S1]');" };
    expect(brokenBy(checkSpec, files)).toHaveLength(1);
  });
});
