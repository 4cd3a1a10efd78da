// Runs one command of a check. Its output is kept to be shown if it fails, or goes straight to the screen if someone watches.
import { spawn } from "node:child_process";
import process from "node:process";

const KEPT_OUTPUT_CHARS = 200_000;
const KILL_GRACE_MS = 10_000;

export interface Ran {
  /** The exit code; 1 when it was ended by a signal or never started. */
  readonly code: number;
  /** What it wrote to stdout and stderr, in order; at most the last 200,000 characters. Empty when it was shown live. */
  readonly output: string;
  readonly isTimedOut: boolean;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly isLive: boolean;
}

export function runCommand(command: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  return new Promise((resolve) => {
    // Live output goes to stderr (2), so that the lines of the check itself are all that is on stdout.
    const stdio = options.isLive ? (["ignore", 2, 2] as const) : (["ignore", "pipe", "pipe"] as const);
    const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: [...stdio] });
    let output = "";
    let isTimedOut = false;
    const keep = (chunk: string): void => {
      output = (output + chunk).slice(-KEPT_OUTPUT_CHARS);
    };
    child.stdout?.setEncoding("utf8").on("data", keep);
    child.stderr?.setEncoding("utf8").on("data", keep);
    const timer = setTimeout(() => {
      isTimedOut = true;
      keep(`\nended after ${options.timeoutMs / 1000} s: it took too long\n`);
      child.kill("SIGTERM");
      setTimeout(() => child.kill("SIGKILL"), KILL_GRACE_MS).unref();
    }, options.timeoutMs);
    child.on("error", (error) => keep(`${error.message}\n`));
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 1, output, isTimedOut });
    });
  });
}

/** The environment of every command: the Node that runs this check comes first on PATH, whatever else is installed. */
export function commandEnvironment(root: string, chromium: string | undefined): NodeJS.ProcessEnv {
  const path = [`${root}/node_modules/.bin`, process.env.PATH ?? ""].join(process.platform === "win32" ? ";" : ":");
  return { ...process.env, PATH: path, ...(chromium === undefined ? {} : { CHROMIUM: chromium }) };
}
