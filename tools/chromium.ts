// The browser that tests drive: the system's own Chromium or Chrome. It is looked for, and where that is allowed it is
// installed; it is never downloaded by a test tool.
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const FIXED_PLACES = [
  "/usr/bin/chromium",
  "/snap/bin/chromium",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const INSTALL_TIMEOUT_MS = 600_000;

export const CHROMIUM_ADVICE =
  "install it with `sudo apt-get install chromium` (Debian), `sudo apt-get install chromium-browser` (Ubuntu) or your system's way, " +
  "or name one: CHROMIUM=/path/to/chrome npm test";

/** Where to look, in order: the environment's CHROMIUM, then PATH, then the usual places of Linux and macOS. */
export function chromiumCandidates(env: NodeJS.ProcessEnv): string[] {
  if (env.CHROMIUM) return [env.CHROMIUM];
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...FIXED_PLACES];
}

/** The path of a Chromium that can be started, or undefined. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return chromiumCandidates(env).find(isExecutable);
}

/** Installs Debian's Chromium if this is root on a machine with apt-get. Returns what happened, as words for people. */
export function installChromium(say: (line: string) => void, env: NodeJS.ProcessEnv = process.env, userId = process.getuid?.()): string {
  if (env.CHROMIUM) return `CHROMIUM names ${env.CHROMIUM}, which cannot be started`;
  if (userId !== 0) return "not installed for you: that needs root";
  if (!isOnPath("apt-get", env)) return "not installed for you: there is no apt-get";
  say("installing Chromium with apt-get (once, about 20 seconds)");
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", "chromium"]]) {
    const done = spawnSync("apt-get", args, {
      env: { ...env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", "pipe", "pipe"],
      encoding: "utf8",
      timeout: INSTALL_TIMEOUT_MS,
    });
    if (done.status !== 0) {
      return `\`apt-get ${args.join(" ")}\` failed: ${lastLine(done.stderr) || done.error?.message || "no reason given"}`;
    }
  }
  return "installed";
}

function isOnPath(name: string, env: NodeJS.ProcessEnv): boolean {
  return (env.PATH ?? "").split(delimiter).some((folder) => isExecutable(join(folder, name)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function lastLine(text: string | null): string {
  return (text ?? "").trim().split("\n").at(-1) ?? "";
}
