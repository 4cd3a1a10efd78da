// The `sojourn` command in processes of their own, as an operator runs it. Law: whatever was started here is ended by its own process id.
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { firstJson } from "../first-json.ts";

const MAIN = fileURLToPath(new URL("../../../../apps/cli/src/main.ts", import.meta.url));
const READY_MS = 60_000;
const LAST_LINES = 40;

export interface Served {
  readonly url: string;
  readonly id: string;
  readonly lastWords: readonly string[];
  /** kill -9, at once. Gone when it resolves. */
  kill(): Promise<void>;
}

/** Opens a world; rejects with its last words when it does not open. */
export async function serve(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Served> {
  const child = spawn(process.execPath, [MAIN, "serve", ...args, "--no-web", "--json"], {
    env: { ...process.env, ...env },
    // The channel ends the world with the drill, whatever ends that.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const lastWords: string[] = [];
  createInterface({ input: child.stderr as NodeJS.ReadableStream }).on("line", (line) => {
    lastWords.push(line);
    if (lastWords.length > LAST_LINES) lastWords.shift();
  });
  const ready = await firstJson(child, READY_MS);
  if (ready === undefined) throw new Error(`the world did not open: ${lastWords.join(" / ")}`);
  return {
    ...(ready as { url: string; id: string }),
    lastWords,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** Runs a command with `--json`; the object of its last line. Rejects when it ends with anything but 0. */
export async function sojourn(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Record<string, unknown>> {
  const child = spawn(process.execPath, [MAIN, ...args, "--json"], { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let words = "";
  child.stdout.on("data", (data: Buffer) => {
    out += data.toString();
  });
  child.stderr.on("data", (data: Buffer) => {
    words += data.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`sojourn ${args.join(" ")} ended with ${code}: ${out.slice(-400)} ${words.slice(-400)}`);
  return JSON.parse(out.trim().split("\n").at(-1) ?? "{}") as Record<string, unknown>;
}
