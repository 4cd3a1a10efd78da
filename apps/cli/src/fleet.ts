// World processes of a demo: each `sojourn serve` is a process of its own; this file starts them, hears when they are ready and ends them.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Fault, FaultError, fault } from "@sojourn/protocol";

/** The line that `sojourn serve --json` prints when its world is open. */
export interface Ready {
  readonly event: "ready";
  readonly name: string;
  readonly id: string;
  readonly url: string;
  readonly play: string;
  readonly substrate: string;
}

export interface WorldProcess {
  readonly ready: Ready;
  readonly child: ChildProcess;
  readonly dataFolder: string;
  /** Asks the world to close in good order and waits until the process is gone; kills it after `STOP_MS`. */
  stop(): Promise<void>;
}

/** The file of the command itself. */
export const COMMAND: string = fileURLToPath(new URL("./main.ts", import.meta.url));

const READY_MS = 60_000;
const STOP_MS = 10_000;
const LAST_LINES = 20;

/**
 * Starts one world process and resolves when it is open; a world that ends before that is a fault with its last words.
 * @param started is handed at once the way to stop the process, which may be wanted before it is open.
 */
export async function startWorld(
  args: readonly string[],
  dataFolder: string,
  log: (line: string) => void,
  started: (stop: () => Promise<void>) => void,
): Promise<WorldProcess> {
  const child = spawn(process.execPath, [COMMAND, "serve", ...args, "--data", dataFolder, "--json"], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  started(() => stopProcess(child));
  const lastWords: string[] = [];
  createInterface({ input: child.stderr as NodeJS.ReadableStream }).on("line", (line) => {
    lastWords.push(line);
    if (lastWords.length > LAST_LINES) lastWords.shift();
    log(line);
  });
  const ready = await Promise.race([firstReady(child), gone(child, lastWords), tooLate(args)]).catch((problem: unknown) => {
    child.kill("SIGKILL");
    throw problem;
  });
  return { ready, child, dataFolder, stop: () => stopProcess(child) };
}

/** Until the world says it is open, or what keeps it from opening. */
function firstReady(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      const value: unknown = line.startsWith("{") ? JSON.parse(line) : undefined;
      if (typeof value !== "object" || value === null) return;
      if ("event" in value && value.event === "ready") resolve(value as Ready);
      if ("fault" in value) reject(new FaultError(value.fault as Fault));
    });
  });
}

async function gone(child: ChildProcess, lastWords: readonly string[]): Promise<never> {
  // "close" comes after the last line was heard.
  const [code] = await once(child, "close");
  throw new FaultError(
    fault("internal", "world", `a world ended before it was open (exit ${String(code)}): ${lastWords.join(" / ").slice(-400)}`),
  );
}

async function tooLate(args: readonly string[]): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, READY_MS).unref());
  throw new FaultError(fault("too-slow", "world", `"serve ${args.join(" ")}" was not open after ${READY_MS / 1_000} s`));
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const hard = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(hard);
}
