// `sojourn dev`: a world that follows its map while it is being drawn, and its module while it is being written: a map takes the old one's
// place between two ticks; code that loads is begun with anew, in this process's place, and travellers come back by themselves.
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { basename, extname, join, relative, resolve } from "node:path";
import type { Log } from "@sojourn/runtime";
import type { MapReport, RunningWorld } from "@sojourn/world";
import { worlds } from "@sojourn/worlds";
import { type Command, Option } from "commander";
import { wholeNumber } from "../options.ts";
import { result, run } from "../output.ts";
import { watchFiles } from "../watch.ts";
import { MAP_ENDING } from "../world-module.ts";
import { chosen, keepOpen, type ServeOptions } from "./serve.ts";

/** Files of an author's own code that are watched, at most. */
const CODE_FILES = 512;
/** How long loading changed code may take. */
const CHECK_MS = 20_000;
const CODE = new Set([".ts", ".mts", ".js", ".mjs"]);

interface DevOptions extends ServeOptions {
  readonly check?: boolean;
}

export function devCommand(program: Command): void {
  program
    .command("dev")
    .argument("<world>", `a Tiled map, a world module (.ts), or one of ours: ${Object.keys(worlds).join(", ")}`)
    .option("--data <folder>", "key, journal, blocks and pins of this world (default: .sojourn/NAME)")
    .option("--host <address>", "address to listen on; 0.0.0.0 for everybody", "127.0.0.1")
    .option("--port <n>", "0 takes any free port", wholeNumber(0, 65_535), 7_801)
    .option("--name <name>", "the world's name")
    .option("--heartbeat <minutes>", "how often what was built becomes a new substrate version; 0: never", wholeNumber(0, 1_440), 2)
    .option("--no-web", "do not serve the browser client")
    .option("--json", "print one JSON line when the world is open; log as JSON")
    .description("run a world that follows its map and its module while you work on them")
    .addHelpText(
      "after",
      `
Save the map, a tileset, a template or a picture: it is packed again and takes the old one's place while everybody stays where they are.
Clients fetch only the blocks that changed. What travellers built is carried over; whoever would stand in a new wall is put beside it.
A map that cannot be shown is told with file, layer and remedy, and the one before it stays.
Save your module: when it loads, the world starts again with it on the same port; travellers are ghosts for a moment and come back by
themselves. One that does not load is told, and the code before it goes on.

  sojourn dev castle.tmx                    open http://127.0.0.1:7801/, draw in Tiled, save
  sojourn dev my-world.ts --port 0`,
    )
    .addOption(new Option("--check", "whether the world can be loaded, and nothing else").hideHelp())
    .action((world: string, options: DevOptions) =>
      run(options.json === true, async () => {
        const isMap = MAP_ENDING.test(world);
        const wanted = await chosen(isMap ? undefined : world, isMap ? world : undefined);
        if (options.check === true) return result(options.json === true, { loads: world }, `${world} can be loaded`);
        let port: number | undefined;
        await keepOpen(wanted, options, (running, log, end) => {
          const startAgain = (): void => {
            port = running.port;
            end();
          };
          return followWorld({ running, world, authorFolder: wanted.authorFolder, log, startAgain });
        });
        if (port !== undefined) becomeAnew(port);
      }),
    );
}

/** The same command in this process's place, on the port that travellers know. */
function becomeAnew(port: number): void {
  process.execve?.(
    process.execPath,
    [process.execPath, ...process.execArgv, ...process.argv.slice(1), "--port", String(port)],
    process.env,
  );
}

interface Followed {
  readonly running: RunningWorld;
  readonly world: string;
  readonly authorFolder: string | undefined;
  readonly log: Log;
  readonly startAgain: () => void;
}

async function followWorld({ running, world, authorFolder, log, startAgain }: Followed): Promise<() => void> {
  const code = new Set(authorFolder === undefined ? [] : await codeFiles(authorFolder));
  const report = (problem: string): void => log.warn("files not looked at", { problem });
  let isWrong = false;
  const take = async (): Promise<MapReport> => {
    const taken = await running.useMap();
    await watch.follow(taken.files);
    if (isWrong && taken.fault === undefined && !taken.isNew) log.info("map is again the one that is served");
    isWrong = taken.fault !== undefined;
    return taken;
  };
  const watch = watchFiles(async (files) => {
    const ofCode = files.filter((file) => code.has(file));
    if (ofCode.length < files.length) await take();
    if (ofCode.length > 0 && (await isTaken(world, ofCode, log))) startAgain();
  }, report);
  await watch.follow(code);
  // Asked once at the beginning, for the names of the files; what changed since the world opened is taken on the way.
  const { files } = await take();
  log.info("following the map", { files: files.map((file) => basename(file)).join(", ") });
  return () => watch.stop();
}

/** Whether to start again with changed code: it must load, in a process of its own, or the code before it goes on. */
async function isTaken(world: string, files: readonly string[], log: Log): Promise<boolean> {
  const names = files.map((file) => relative(process.cwd(), file)).join(", ");
  const why = await whyNotLoaded(world);
  if (why !== undefined) {
    log.warn("code not taken", { files: names, detail: why, remedy: "the code before it goes on" });
    return false;
  }
  if (process.execve === undefined) {
    log.warn("code changed", { files: names, remedy: "stop it (Ctrl-C) and start it again: travellers come back by themselves" });
    return false;
  }
  log.info("code changed", { files: names, what: "starting again; travellers come back by themselves" });
  return true;
}

function whyNotLoaded(world: string): Promise<string | undefined> {
  const args = [...process.execArgv, process.argv[1] as string, "dev", world, "--check", "--json"];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: CHECK_MS }, (problem, stdout) => {
      if (problem === null) return resolve(undefined);
      const last = stdout.trim().split("\n").at(-1) ?? "";
      const told = last.startsWith("{") ? (JSON.parse(last) as { fault?: { detail?: string } }).fault?.detail : undefined;
      resolve(told ?? problem.message);
    });
  });
}

/** The author's own code beside their module. */
async function codeFiles(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true });
  const own = found.filter((name) => CODE.has(extname(name)) && !name.split(/[\\/]/).includes("node_modules"));
  return own.slice(0, CODE_FILES).map((name) => resolve(join(folder, name)));
}
