// The steps of `npm test`, in order. Each says what it looks at, runs it, and tells what it came to.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { CHROMIUM_ADVICE, findChromium, installChromium } from "../chromium.ts";
import { failed, type Outcome, passed, skipped } from "./outcome.ts";
import { commandEnvironment, type Ran, runCommand } from "./run.ts";
import { readVitestReport } from "./vitest-report.ts";

const NODE_MAJOR = 24;
const QUICK_TIMEOUT_MS = 5 * 60_000;
const UNIT_TIMEOUT_MS = 20 * 60_000;
const REAL_TIMEOUT_MS = 40 * 60_000;

export interface Context {
  readonly root: string;
  /** In continuous integration nothing may be passed over for want of a tool. */
  readonly isCi: boolean;
  readonly isLive: boolean;
  readonly say: (line: string) => void;
}

export interface Step {
  readonly name: string;
  readonly what: string;
  readonly run: (context: Context) => Outcome | Promise<Outcome>;
}

export const STEPS: readonly Step[] = [
  { name: "node", what: `this is Node ${NODE_MAJOR} or newer`, run: checkNode },
  { name: "chromium", what: "a Chromium is here, or can be installed", run: checkChromium },
  { name: "types", what: "every room type-checks and sees only its neighbours (tsc -b)", run: checkTypes },
  { name: "lint", what: "format and lint rules (biome)", run: checkLint },
  { name: "dead", what: "no dead file, export or dependency (knip)", run: checkDead },
  { name: "tidy", what: "the laws of the house (tools/tidy)", run: checkTidy },
  { name: "unit", what: "unit, contract, vector and property tests (vitest)", run: checkUnit },
  { name: "sim", what: "a short run of the federation simulator", run: checkSim },
  { name: "real", what: "real processes and a real Chromium (vitest)", run: checkReal },
];

function checkNode(): Outcome {
  const isNewEnough = Number(process.versions.node.split(".")[0]) >= NODE_MAJOR;
  if (isNewEnough) return passed(process.version);
  return failed(`this is Node ${process.version}; use \`npm test\`, which runs on the Node ${NODE_MAJOR} that \`npm install\` brings`);
}

function checkChromium(context: Context): Outcome {
  const found = findChromium();
  if (found !== undefined) return passed(found);
  const happened = installChromium(context.say);
  const installed = findChromium();
  if (installed !== undefined) return passed(`${installed} (just installed)`);
  const note = `no Chromium (${happened}), so the tests in a real browser are not run; ${CHROMIUM_ADVICE}`;
  return context.isCi ? failed(note) : skipped(note);
}

async function checkTypes(context: Context): Promise<Outcome> {
  return verdict(await runTool(context, "typescript/bin/tsc", ["-b"]));
}

async function checkLint(context: Context): Promise<Outcome> {
  const biome = "@biomejs/biome/bin/biome";
  return (
    (await missingTool(context, "Biome", biome)) ??
    verdict(await runTool(context, biome, ["check", "--error-on-warnings", "--max-diagnostics=200"]))
  );
}

async function checkDead(context: Context): Promise<Outcome> {
  const knip = "knip/bin/knip.js";
  return (await missingTool(context, "Knip", knip)) ?? verdict(await runTool(context, knip, ["--no-progress"]));
}

async function checkTidy(context: Context): Promise<Outcome> {
  const ran = await runNode(context, [join(context.root, "tools", "tidy.ts")], QUICK_TIMEOUT_MS);
  return verdict(ran, ran.output.trim().split("\n").at(-1) ?? "");
}

function checkUnit(context: Context): Promise<Outcome> {
  return runVitest(context, "unit", UNIT_TIMEOUT_MS);
}

async function checkSim(context: Context): Promise<Outcome> {
  const own = JSON.parse(readFileSync(join(context.root, "package.json"), "utf8")) as { scripts: Record<string, string> };
  if (own.scripts.sim === undefined) return skipped("package.json has no script `sim`");
  const ran = await runCommand("npm", ["run", "-s", "sim", "--", "--smoke"], runOptions(context, UNIT_TIMEOUT_MS));
  return verdict(ran, ran.output.trim().split("\n").at(-1) ?? "");
}

function checkReal(context: Context): Outcome | Promise<Outcome> {
  const folder = join(context.root, "packages", "testkit", "real");
  const hasTests = existsSync(folder) && readdirSync(folder).some((name) => name.endsWith(".test.ts"));
  return hasTests ? runVitest(context, "real", REAL_TIMEOUT_MS) : skipped("packages/testkit/real holds no test");
}

async function runVitest(context: Context, project: string, timeoutMs: number): Promise<Outcome> {
  const folder = join(context.root, "dist", "check");
  mkdirSync(folder, { recursive: true });
  const report = join(folder, `${project}.json`);
  rmSync(report, { force: true });
  const args = ["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const ran = await runTool(context, "vitest/vitest.mjs", args, timeoutMs);
  const outcome = readVitestReport(report, ran.code, ran.output);
  return ran.isTimedOut ? { ...outcome, failed: Math.max(1, outcome.failed), note: `ended: over ${timeoutMs / 60_000} min` } : outcome;
}

/** Undefined when the tool starts. Some tools ship a program per platform; where theirs is not to be had, that is said. */
async function missingTool(context: Context, title: string, script: string): Promise<Outcome | undefined> {
  const ran = await runTool({ ...context, isLive: false }, script, ["--version"]);
  if (ran.code === 0) return undefined;
  const note = `${title} does not start on ${process.platform}-${process.arch} (no program for it in node_modules)`;
  return context.isCi ? failed(note, ran.output) : skipped(note);
}

function verdict(ran: Ran, note = ""): Outcome {
  if (ran.isTimedOut) return failed("took too long", ran.output);
  return ran.code === 0 ? passed(note) : failed(`exit code ${ran.code}`, ran.output);
}

function runTool(context: Context, script: string, args: readonly string[], timeoutMs = QUICK_TIMEOUT_MS): Promise<Ran> {
  return runNode(context, [join(context.root, "node_modules", script), ...args], timeoutMs);
}

function runNode(context: Context, args: readonly string[], timeoutMs: number): Promise<Ran> {
  return runCommand(process.execPath, args, runOptions(context, timeoutMs));
}

function runOptions(context: Context, timeoutMs: number): Parameters<typeof runCommand>[2] {
  return { cwd: context.root, env: commandEnvironment(context.root, findChromium()), timeoutMs, isLive: context.isLive };
}
