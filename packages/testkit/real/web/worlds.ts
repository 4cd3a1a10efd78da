// The worlds that ship as an operator runs them: `sojourn serve`, a process each, that can be killed and started again on the same port.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { basename, join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../../../apps/cli/src/main.ts", import.meta.url));

/** How much of a world's last words is kept for a failure. */
const WORDS_CHARS = 2_000;

export interface Served {
  readonly url: string;
  readonly id: string;
  readonly folder: string;
  /** As a power cut ends it: no goodbye. */
  kill(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** `what`: one of ours by name, or a map. The data folder is called as the world is, or as the map's file. */
export async function serveWorld(what: string, home: string, port: number, ...more: readonly string[]): Promise<Served> {
  const name = basename(what, ".tmj");
  const folder = join(home, name);
  const which = what.endsWith(".tmj") ? ["--map", what] : [what];
  const child = spawn(process.execPath, [MAIN, "serve", ...which, "--data", folder, "--port", String(port), "--json", ...more], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-WORDS_CHARS);
  });
  const ready = await new Promise<{ url: string; id: string }>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${name} ended with ${String(code)} before it was open: ${words}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.includes('"event":"ready"')) resolve(JSON.parse(line) as { url: string; id: string });
    });
  });
  return { url: ready.url, id: ready.id, folder, kill: () => killNow(child) };
}

async function killNow(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** Each operator names the other's world. */
export async function pin(world: Served, other: Served, as: string): Promise<void> {
  const child = spawn(process.execPath, [MAIN, "peer", "add", other.url, "--data", world.folder, "--as", as, "--json"], {
    stdio: "ignore",
  });
  const [code] = (await once(child, "exit")) as [number];
  if (code !== 0) throw new Error(`peer add ended with ${code}`);
}

/** The world writes down what it is, for whoever copies it. */
export async function heartbeat(world: Served): Promise<void> {
  const child = spawn(process.execPath, [MAIN, "heartbeat", "--data", world.folder, "--json"], { stdio: "ignore" });
  const [code] = (await once(child, "exit")) as [number];
  if (code !== 0) throw new Error(`heartbeat ended with ${code}`);
}
