// Spin: how it is found or brought, how one variant is searched, and what spin's words mean.
// Law: a search counts only if spin says it was complete; silence, a limit or a crash is a fault, never a success.
import { type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Variant, VIOLATIONS, type Violation } from "./variants.ts";

const MODEL = "custody.pml";
const MAX_DEPTH = 100_000;
const MAX_MEMORY_MB = 3_800;
const VARIANT_TIMEOUT_MS = 240_000;
const INSTALL_TIMEOUT_MS = 300_000;
const NEEDED: readonly (readonly [program: string, packages: readonly string[]])[] = [
  ["spin", ["spin"]],
  ["cc", ["gcc", "libc6-dev"]],
];

export interface Report {
  readonly states: number;
  /** What was broken first; undefined when nothing was. */
  readonly violation: Violation | undefined;
}

export interface Search extends Report {
  /** The steps that this variant has, and those that some run took. */
  readonly steps: ReadonlySet<string>;
  readonly reached: ReadonlySet<string>;
}

/** Spin's report of one search. Throws on a report that does not say that the search was done. */
export function readReport(text: string): Report {
  const states = Number(/^\s*([\d.e+]+) states, stored/m.exec(text)?.[1]);
  const errors = Number(/ errors: (\d+)/.exec(text)?.[1]);
  const broken = /^pan:\d+: (.*)$/m.exec(text)?.[1];
  if (!Number.isFinite(states) || !Number.isFinite(errors)) throw new Error(`the search did not finish:\n${text.slice(-2000)}`);
  if (broken === undefined) {
    if (errors > 0 || /Search not completed|max search depth too small/.test(text)) throw new Error(`the search is incomplete:\n${text}`);
    return { states, violation: undefined };
  }
  return { states, violation: violationIn(broken) };
}

function violationIn(sentence: string): Violation {
  if (sentence.startsWith("non-progress cycle")) return "endless";
  const name = /assertion violated\s+!\((\w+)\)/.exec(sentence)?.[1];
  if (name === undefined || !Object.hasOwn(VIOLATIONS, name)) throw new Error(`spin found what this model does not judge: ${sentence}`);
  return name as Violation;
}

/** Undefined when spin and a C compiler are there (now); else what to do, as words for people. */
export function bringSpin(say: (line: string) => void): string | undefined {
  const missing = missingPrograms();
  if (missing.length === 0) return undefined;
  const packages = NEEDED.flatMap(([program, names]) => (missing.includes(program) ? names : [])).join(" ");
  const advice = `the model needs ${missing.join(" and ")}: install with \`sudo apt-get install ${packages}\` (Debian, Ubuntu) or your system's way`;
  if (process.getuid?.() !== 0 || !runs("apt-get", "--version")) return advice;
  say(`installing ${packages} with apt-get (once)`);
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", ...packages.split(" ")]]) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const done = spawnSync("apt-get", args, { env, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8", timeout: INSTALL_TIMEOUT_MS });
    if (done.status !== 0) return `${advice} (\`apt-get ${args.join(" ")}\` failed: ${lastLine(done.stderr)})`;
  }
  return undefined;
}

/** The programs that the model needs and that are not on PATH. */
export function missingPrograms(): string[] {
  return NEEDED.filter(([program]) => !runs(program, program === "spin" ? "-V" : "--version")).map(([program]) => program);
}

function runs(program: string, argument: string): boolean {
  return spawnSync(program, [argument], { stdio: "ignore" }).status === 0;
}

function lastLine(text: string | null): string {
  return text?.trim().split("\n").at(-1) || "no reason given";
}

/** Searches every reachable state of a variant. */
export function search(variant: Variant): Promise<Search> {
  return inFolder(async (folder) => {
    const isMutant = variant.breaks !== undefined;
    // Mutants end at their first error: what the compiler would win is less than what it costs.
    await build(folder, { ...variant, defines: ["MARKS", ...variant.defines] }, isMutant ? ["-O0"] : ["-O2"]);
    const steps = marksIn(await readFile(join(folder, "pan.m"), "utf8"), /printf\("reached: %s\\n", "(\w+)"\)/g);
    const text = await run(folder, "./pan", [`-m${MAX_DEPTH}`, ...(variant.mustEnd ? ["-l"] : [])]);
    const reached = marksIn(text, /^reached: (\w+)$/gm);
    if (steps.size === 0) throw new Error("the model says of no step whether it was taken");
    return { ...readReport(text), steps, reached };
  });
}

function marksIn(text: string, pattern: RegExp): Set<string> {
  return new Set([...text.matchAll(pattern)].map(([, name]) => name as string));
}

/** The steps of a counterexample, a short one where that can be asked for; empty when there is none. */
export function trace(variant: Variant): Promise<string[]> {
  return inFolder(async (folder) => {
    await build(folder, variant, variant.mustEnd ? ["-O1"] : ["-O1", "-DREACH"]);
    const { violation } = readReport(await run(folder, "./pan", [`-m${MAX_DEPTH}`, variant.mustEnd ? "-l" : "-i"]));
    if (violation === undefined) return [];
    const steps = await run(folder, "spin", ["-t", "-T", ...variant.defines.map((one) => `-D${one}`), MODEL]);
    const shown = steps.split("\n").filter((line) => /^\s*(node|network|<<<<<START OF CYCLE)/.test(line));
    return [...shown.map((line) => line.trim()), `=> ${VIOLATIONS[violation]}`];
  });
}

async function build(folder: string, variant: Variant, options: readonly string[]): Promise<void> {
  await run(folder, "spin", [...variant.defines.map((one) => `-D${one}`), "-a", MODEL]);
  // Collapsed states are exact, unlike hashed ones. Every step touches what all share: partial order reduction would gain nothing.
  const exact = ["-DCOLLAPSE", "-DNOREDUCE", "-DNOFAIR", `-DMEMLIM=${MAX_MEMORY_MB}`, variant.mustEnd ? "-DNP" : "-DSAFETY"];
  await run(folder, "cc", ["-w", ...options, ...exact, "-o", "pan", "pan.c"]);
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-model-"));
  try {
    for (const name of await readdir(import.meta.dirname)) {
      if (name.endsWith(".pml")) await cp(join(import.meta.dirname, name), join(folder, name));
    }
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(cwd: string, program: string, args: readonly string[]): Promise<string> {
  const options: SpawnOptions = { cwd, stdio: ["ignore", "pipe", "pipe"], timeout: VARIANT_TIMEOUT_MS, killSignal: "SIGKILL" };
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, options);
    let text = "";
    const hear = (bytes: Buffer): void => {
      text += bytes.toString("utf8");
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(text);
      else reject(new Error(`${program} ended with ${signal ?? code}${signal === null ? "" : " (too slow?)"}:\n${text.slice(-2000)}`));
    });
  });
}
