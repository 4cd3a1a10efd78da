// Worlds as their operators run them: `sojourn serve` in a process of its own, killed and started again on the same port and folder;
// and the other commands, each a process too. Law: whatever was started here is ended by its own process id.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { firstJson } from "../../src/first-json.ts";

const MAIN = fileURLToPath(new URL("../../../../apps/cli/src/main.ts", import.meta.url));
const READY_MS = 60_000;
const LAST_LINES = 30;

interface Ready {
  readonly name: string;
  readonly id: string;
  readonly url: string;
  readonly play: string;
  readonly substrate: string;
}

/** One world: its folder and, from the first start on, its port. Its process comes and goes. */
export class WorldProcess {
  readonly dataFolder: string;
  readonly lastWords: string[] = [];
  private readonly what: readonly string[];
  private child: ChildProcess | undefined;
  private opened: Ready | undefined;

  /** `what` to serve, with options: `["tavern"]`, `["my-world.ts", "--no-web"]`. */
  constructor(what: readonly string[], dataFolder: string) {
    this.what = what;
    this.dataFolder = dataFolder;
  }

  get ready(): Ready {
    if (this.opened === undefined) throw new Error(`${this.what[0]} was not started`);
    return this.opened;
  }
  get url(): string {
    return this.ready.url;
  }
  get host(): string {
    return new URL(this.url).host;
  }
  get pid(): number {
    return this.child?.pid ?? 0;
  }
  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Opens the world: on any free port the first time, on that port ever after. */
  async start(): Promise<this> {
    if (this.isRunning) throw new Error(`${this.what[0]} runs already`);
    const port = this.opened === undefined ? "0" : new URL(this.opened.url).port;
    const args = [MAIN, "serve", ...this.what, "--data", this.dataFolder, "--port", port, "--json"];
    // The channel ends the world with the tests, whatever ends them.
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe", "ipc"] });
    this.child = child;
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on("line", (line) => {
      this.lastWords.push(line);
      if (this.lastWords.length > LAST_LINES) this.lastWords.shift();
    });
    const ready = await firstJson(child, READY_MS);
    if (ready === undefined) throw new Error(`${this.what.join(" ")} did not open: ${this.lastWords.join(" / ")}`);
    this.opened = ready as Ready;
    return this;
  }

  /** kill -9, at once: nothing is written, nobody is told. Gone when it resolves. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || !this.isRunning) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
}

/** Runs a command with `--json`. Gives back its exit code and the JSON object of its last line. */
export async function sojourn(
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly value: Record<string, unknown> }> {
  const child = spawn(process.execPath, [MAIN, ...args, "--json"], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let words = "";
  child.stdout.on("data", (data: Buffer) => {
    out += data.toString();
  });
  child.stderr.on("data", (data: Buffer) => {
    words += data.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  const last = out.trim().split("\n").at(-1) ?? "";
  if (!last.startsWith("{")) throw new Error(`sojourn ${args.join(" ")} said nothing (exit ${code}): ${words.slice(-400)}`);
  return { code, value: JSON.parse(last) as Record<string, unknown> };
}

/** Pins each world in the other by `sojourn peer add`, as two operators would. */
export async function introduce(one: WorldProcess, other: WorldProcess): Promise<void> {
  for (const [here, there] of [
    [one, other],
    [other, one],
  ] as const) {
    const { code } = await sojourn("peer", "add", there.url, "--data", here.dataFolder);
    if (code !== 0) throw new Error(`pinning ${there.url} failed`);
  }
}

/** What `sojourn audit` counts in these worlds' folders, without the numbers that differ from run to run. */
export async function auditOf(...worlds: readonly WorldProcess[]): Promise<Record<string, unknown>> {
  const { code, value } = await sojourn("audit", ...worlds.map(({ dataFolder }) => dataFolder));
  const { unresolved, travellersLost, travellersDuplicated, itemsLost, itemsDuplicated, wrong } = value;
  return { code, unresolved, travellersLost, travellersDuplicated, itemsLost, itemsDuplicated, wrong };
}

/** What an audit says when nobody and nothing is lost, doubled or on the way. */
export const ALL_WELL = {
  code: 0,
  unresolved: 0,
  travellersLost: 0,
  travellersDuplicated: 0,
  itemsLost: 0,
  itemsDuplicated: 0,
  wrong: [],
} as const;

/** A folder for one test's worlds and travellers, and what runs in it: all of it goes with `end`. */
export class Realm {
  private readonly made: WorldProcess[] = [];
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Realm> {
    return new Realm(await mkdtemp(join(tmpdir(), "sojourn-real-")));
  }

  async world(name: string, ...what: readonly string[]): Promise<WorldProcess> {
    const world = new WorldProcess(what.length === 0 ? [name] : what, join(this.folder, name));
    this.made.push(world);
    return await world.start();
  }

  async end(): Promise<void> {
    await Promise.all(this.made.map((world) => world.kill()));
    await rm(this.folder, { recursive: true, force: true });
  }
}
