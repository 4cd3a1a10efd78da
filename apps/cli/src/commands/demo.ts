// `sojourn demo` (npm start): the Tavern and the Dungeon, each a process of its own with its own key and data folder, pinned to each other.
// `--headless` lets bots play and then counts, from the worlds' stores, whether anybody or anything was lost or doubled.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { FaultError, fault } from "@sojourn/protocol";
import { audit } from "@sojourn/world";
import type { Command } from "commander";
import { DEFAULT_SCRIPT } from "../bots/script.ts";
import { COMMAND, startWorld, type WorldProcess } from "../fleet.ts";
import { spokenLine } from "../log-line.ts";
import { wholeNumber } from "../options.ts";
import { result, run, say } from "../output.ts";
import { peerName, pinEachOther } from "../pins.ts";

interface DemoOptions {
  readonly data?: string;
  readonly host: string;
  readonly port: number;
  readonly headless?: boolean;
  readonly bots: number;
  readonly seconds: number;
  readonly script: string;
  readonly json?: boolean;
}

const WORLDS = ["tavern", "dungeon"] as const;
/** How long a headless demo waits for open crossings before it counts. */
const RESOLVE_MS = 15_000;
const RESOLVE_LOOK_MS = 250;
/** As shells say it of a command that Ctrl-C ended. */
const STOPPED_EXIT = 130;

export function demoCommand(program: Command): void {
  program
    .command("demo")
    .option(
      "--data <folder>",
      "where the worlds keep their keys and stores (default: .sojourn here; with --headless a new folder that is removed afterwards)",
    )
    .option("--host <address>", "address to listen on; 0.0.0.0 lets friends on your network in", "127.0.0.1")
    .option("--port <n>", "the Tavern's port; the Dungeon takes the next one (0: any free ports)", wholeNumber(0, 65_534), 7_801)
    .option("--headless", "no browser: let bots play, then count from the stores and end")
    .option("--bots <n>", "scripted travellers", wholeNumber(0, 1_000), 0)
    .option("--seconds <n>", "how long the bots play", wholeNumber(1, 86_400), 30)
    .option("--script <steps>", "what the bots do (see sojourn bot --help)", DEFAULT_SCRIPT)
    .option("--json", "print one JSON object at the end")
    .description("run the Tavern and the Dungeon and play in the browser")
    .action((options: DemoOptions) => run(options.json === true, () => demo(options)));
}

async function demo(options: DemoOptions): Promise<void> {
  const temporary = options.headless === true && options.data === undefined;
  const home = temporary ? await mkdtemp(join(tmpdir(), "sojourn-demo-")) : resolve(options.data ?? ".sojourn");
  const worlds: WorldProcess[] = [];
  const stops: (() => Promise<void>)[] = [];
  const stopAsked = untilSignal();
  let isAsked: true | undefined;
  try {
    isAsked = (await Promise.race([stopAsked, play(home, options, worlds, stops, stopAsked)])) ?? undefined;
    // Stopped before it came to its end: nothing was played, or nothing counted.
    if (isAsked && (options.headless === true || worlds.length < WORLDS.length)) process.exitCode = STOPPED_EXIT;
  } finally {
    await Promise.all(stops.map((stop) => stop()));
    if (temporary) await rm(home, { recursive: true, force: true });
  }
  // What was still being waited for ends with this process.
  if (isAsked) process.exit();
}

/** True once somebody pressed Ctrl-C or asked this process to end. */
function untilSignal(): Promise<true> {
  return new Promise((asked) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => asked(true));
  });
}

async function play(
  home: string,
  options: DemoOptions,
  worlds: WorldProcess[],
  stops: (() => Promise<void>)[],
  stopAsked: Promise<true>,
): Promise<void> {
  await openBoth(home, options, worlds, stops);
  if (options.headless === true) await headless(worlds, options);
  else await untilStopped(worlds, options, stopAsked);
}

async function openBoth(home: string, options: DemoOptions, worlds: WorldProcess[], stops: (() => Promise<void>)[]): Promise<void> {
  const headlessPort = options.headless === true && options.port === 7_801 ? 0 : options.port;
  for (const [i, name] of WORLDS.entries()) {
    const port = headlessPort === 0 ? 0 : headlessPort + i;
    const args = [name, "--host", options.host, "--port", String(port), ...(options.headless === true ? ["--no-web"] : [])];
    const speak = (line: string): void => {
      const spoken = options.json === true ? undefined : spokenLine(line);
      if (spoken !== undefined) say(`  ${name.padEnd(8)}${spoken}`);
    };
    worlds.push(await startWorld(args, join(home, name), speak, (stop) => stops.push(stop)));
  }
  await pinEachOther(worlds.map(({ dataFolder, ready: { id, name, url } }) => ({ dataFolder, id, url, name: peerName(name) })));
}

async function untilStopped(worlds: readonly WorldProcess[], options: DemoOptions, stopAsked: Promise<true>): Promise<void> {
  const [tavern] = worlds as [WorldProcess];
  say(
    `\n  Both worlds are open. Play at  ${tavern.ready.url}/\n  Walk into the glowing circle to leave the Tavern. Ctrl-C ends both worlds; what you built stays.\n`,
  );
  const bots = options.bots === 0 ? undefined : playBots(tavern.ready.url, options);
  await new Promise<unknown>((done, failed) => {
    void stopAsked.then(done);
    for (const world of worlds) {
      world.child.once("exit", () =>
        failed(new FaultError(fault("internal", "world", `${world.ready.name} ended by itself; its last lines are above`))),
      );
    }
  });
  say("\n  Closing both worlds in good order …");
  bots?.catch(() => undefined);
}

interface BotResult {
  readonly bots: number;
  readonly crossings: number;
  readonly faults: number;
}

/** Bots run in a process of their own, as players do. */
async function playBots(url: string, options: DemoOptions): Promise<BotResult> {
  const args = ["bot", url, "--count", String(options.bots), "--seconds", String(options.seconds), "--script", options.script, "--json"];
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  let last = "";
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
    last = line;
  });
  const code = await new Promise<number | null>((done) => child.once("close", done));
  const value: unknown = last.startsWith("{") ? JSON.parse(last) : undefined;
  if (typeof value !== "object" || value === null || !("bots" in value)) {
    throw new FaultError(fault("internal", "client", `the bots ended with exit ${String(code)}: ${last.slice(0, 300)}`));
  }
  return value as BotResult;
}

async function headless(worlds: readonly WorldProcess[], options: DemoOptions): Promise<void> {
  const bots = options.bots === 0 ? { bots: 0, crossings: 0, faults: 0 } : await playBots(worlds[0]!.ready.url, options);
  const folders = worlds.map((world) => world.dataFolder);
  await untilResolved(folders);
  await Promise.all(worlds.map((world) => world.stop()));
  const counts = await audit(folders);
  const value = {
    ...counts,
    worlds: worlds.map(({ ready: { name, id, url, substrate } }) => ({ name, id, url, substrate })),
    bots: bots.bots,
    seconds: options.seconds,
    faults: bots.faults,
  };
  result(options.json === true, value, JSON.stringify(value, undefined, 2));
  const wrong = counts.travellersLost + counts.travellersDuplicated + counts.itemsLost + counts.itemsDuplicated + bots.faults;
  if (wrong > 0) process.exitCode = 1;
}

/** The last crossings' receipts are still on their way when the bots have left; nothing is wrong if they never come, only undecided. */
async function untilResolved(folders: readonly string[]): Promise<void> {
  const deadline = Date.now() + RESOLVE_MS;
  while (Date.now() < deadline && (await audit(folders)).unresolved > 0) await new Promise((done) => setTimeout(done, RESOLVE_LOOK_MS));
}
