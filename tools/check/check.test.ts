import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chromiumCandidates, findChromium, installChromium } from "../chromium.ts";
import { missingDependencies } from "../with-node.mjs";
import { closingLine, failed, passed, row, skipped, stateOf } from "./outcome.ts";
import { runCommand } from "./run.ts";
import { outcomeOf, readVitestReport } from "./vitest-report.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sojourn-check-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, text: string, mode = 0o644): string {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, text, { mode });
  return whole;
}

describe("the closing line", () => {
  test("sums what was executed", () => {
    expect(closingLine([passed(), { ...passed(), passed: 40 }])).toBe("41 passed, 0 failed");
    expect(closingLine([passed(), failed("no"), skipped("not here")])).toBe("1 passed, 1 failed, 1 skipped");
  });

  test("a row tells the state, the time and the note", () => {
    expect(row({ ...failed("exit code 2"), name: "types", seconds: 1.25 }, 8)).toBe("FAILED  types       1.3 s  exit code 2");
    expect(stateOf({ passed: 9, failed: 1, skipped: 0, note: "", output: "" })).toBe("failed");
    expect(stateOf(skipped(""))).toBe("skipped");
  });
});

describe("a Vitest report", () => {
  const empty = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, success: true, testResults: [] };
  const file = { status: "passed", assertionResults: [{}] };

  test("tests are counted one by one", () => {
    const outcome = outcomeOf(
      { ...empty, numPassedTests: 5, numFailedTests: 2, numPendingTests: 1, success: false, testResults: [file] },
      1,
      "out",
    );
    expect(outcome).toEqual({ passed: 5, failed: 2, skipped: 1, note: "5 of 7 tests passed in 1 files, 1 skipped", output: "out" });
  });

  test("a file that does not load, an error outside a test, and no test at all are failures", () => {
    const broken = { status: "failed", assertionResults: [] };
    expect(outcomeOf({ ...empty, numPassedTests: 3, success: false, testResults: [file, broken] }, 1, "").failed).toBe(1);
    expect(outcomeOf({ ...empty, numPassedTests: 3, testResults: [file] }, 1, "").failed).toBe(1);
    expect(outcomeOf(empty, 0, "").failed).toBe(1);
    expect(readVitestReport(join(folder, "none.json"), 0, "crash").failed).toBe(1);
  });

  test("a file whose tests are all passed over is no failure", () => {
    expect(outcomeOf({ ...empty, numPendingTests: 4, testResults: [file] }, 0, "")).toMatchObject({ passed: 0, failed: 0, skipped: 4 });
  });
});

describe("a command", () => {
  const options = { cwd: ".", env: process.env, timeoutMs: 10_000, isLive: false };

  test("its code and its output are kept", async () => {
    const script = 'console.log("one"); console.error("two"); process.exit(3)';
    const ran = await runCommand(process.execPath, ["-e", script], options);
    expect(ran.code).toBe(3);
    expect(ran.output).toContain("one");
    expect(ran.output).toContain("two");
  });

  test("one that hangs is ended, one that is not there fails", async () => {
    const hung = await runCommand(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { ...options, timeoutMs: 200 });
    expect(hung).toMatchObject({ code: 1, isTimedOut: true });
    expect(await runCommand(join(folder, "nothing"), [], options)).toMatchObject({ code: expect.any(Number), isTimedOut: false });
    expect((await runCommand(join(folder, "nothing"), [], options)).code).not.toBe(0);
  });
});

describe("Chromium", () => {
  test("CHROMIUM names it, else PATH is searched", () => {
    const mine = put("bin/chromium", "#!/bin/sh\n", 0o755);
    expect(findChromium({ PATH: join(folder, "bin") })).toBe(mine);
    expect(chromiumCandidates({ CHROMIUM: mine, PATH: "" })).toEqual([mine]);
    expect(findChromium({ CHROMIUM: put("not-a-program", "x") })).toBeUndefined();
  });

  test("root with apt-get installs it, others are told how", () => {
    put("bin/apt-get", `#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >> ${folder}/asked\n`, 0o755);
    const env = { PATH: `${join(folder, "bin")}:/bin` };
    const said: string[] = [];
    expect(installChromium((line) => said.push(line), env, 0)).toBe("installed");
    const asked = readFileSync(join(folder, "asked"), "utf8").trim().split("\n");
    expect(asked).toEqual(["noninteractive update", "noninteractive install -y --no-install-recommends chromium"]);
    expect(said).toHaveLength(1);
    expect(installChromium(() => {}, env, 1000)).toBe("not installed for you: that needs root");
    expect(installChromium(() => {}, { PATH: folder }, 0)).toBe("not installed for you: there is no apt-get");
    expect(installChromium(() => {}, { ...env, CHROMIUM: "/nothing" }, 0)).toBe("CHROMIUM names /nothing, which cannot be started");
  });

  test("an apt-get that fails is quoted", () => {
    put("bin/apt-get", '#!/bin/sh\necho "E: no network" >&2\nexit 100\n', 0o755);
    expect(installChromium(() => {}, { PATH: `${join(folder, "bin")}:/bin` }, 0)).toBe("`apt-get update` failed: E: no network");
  });
});

describe("the dependencies", () => {
  test("one that is missing or of another version is named", () => {
    put("package.json", '{"dependencies": {"a": "1.0.0"}, "devDependencies": {"b": "2.0.0"}}');
    put("packages/world/package.json", '{"dependencies": {"c": "3.0.0", "a": "1.0.1"}}');
    expect(missingDependencies(folder)).toEqual(["a@1.0.0", "b@2.0.0", "c@3.0.0", "a@1.0.1"]);
    put("node_modules/a/package.json", '{"version": "1.0.0"}');
    put("node_modules/b/package.json", '{"version": "1.9.0"}');
    put("node_modules/c/package.json", '{"version": "3.0.0"}');
    put("packages/world/node_modules/a/package.json", '{"version": "1.0.1"}');
    expect(missingDependencies(folder)).toEqual(["b@2.0.0"]);
  });
});

describe("npm test itself", () => {
  const check = (...args: string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, [resolve(import.meta.dirname, "../check.ts"), ...args], { encoding: "utf8" });

  test("the last line on stdout is the count", () => {
    const ran = check("--only", "node");
    expect(ran.status).toBe(0);
    expect(String(ran.stdout).endsWith("\n1 passed, 0 failed\n")).toBe(true);
  });

  test("with --json stdout is one object", () => {
    const ran = check("--only", "node", "--json");
    expect(JSON.parse(String(ran.stdout))).toMatchObject({ passed: 1, failed: 0, skipped: 0, steps: [{ name: "node", state: "passed" }] });
  });

  test("a step that does not exist is a mistake of the caller", () => {
    const ran = check("--only", "everything");
    expect(ran.status).toBe(2);
    expect(String(ran.stderr)).toContain('There is no step "everything". Steps: node, chromium, types');
  });
});
