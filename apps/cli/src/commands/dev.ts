// `sojourn dev`: a world that follows its map while it is being drawn. Code is read once: what of it changed asks for a new start.
import { readdir } from "node:fs/promises";
import { basename, extname, join, relative, resolve } from "node:path";
import type { Log } from "@sojourn/runtime";
import type { MapReport, RunningWorld } from "@sojourn/world";
import { worlds } from "@sojourn/worlds";
import type { Command } from "commander";
import { wholeNumber } from "../options.ts";
import { run } from "../output.ts";
import { watchFiles } from "../watch.ts";
import { MAP_ENDING } from "../world-module.ts";
import { type Chosen, chosen, keepOpen, type ServeOptions } from "./serve.ts";

/** Files of an author's own code that are watched, at most. */
const CODE_FILES = 512;
const CODE = new Set([".ts", ".mts", ".js", ".mjs"]);

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
    .description("run a world that follows its map while you draw it")
    .addHelpText(
      "after",
      `
Save the map, a tileset, a template or a picture: it is packed again and takes the old one's place while everybody stays where they are.
Clients fetch only the blocks that changed. What travellers built is carried over; whoever would stand in a new wall is put beside it.
A map that cannot be shown is told with file, layer and remedy, and the one before it stays.
Code is read once: when your module changes you are told to start again; travellers come back by themselves.

  sojourn dev castle.tmx                    open http://127.0.0.1:7801/, draw in Tiled, save
  sojourn dev my-world.ts --port 0`,
    )
    .action((world: string, options: ServeOptions) =>
      run(options.json === true, async () => {
        const isMap = MAP_ENDING.test(world);
        const wanted = await chosen(isMap ? undefined : world, isMap ? world : undefined);
        await keepOpen(wanted, options, (running, log) => followMap(running, wanted, log));
      }),
    );
}

async function followMap(running: RunningWorld, { authorFolder }: Chosen, log: Log): Promise<() => void> {
  const code = new Set(authorFolder === undefined ? [] : await codeFiles(authorFolder));
  const report = (problem: string): void => log.warn("files not looked at", { problem });
  const watch = watchFiles(async (files) => {
    const ofCode = files.filter((file) => code.has(file));
    if (ofCode.length > 0) {
      const remedy = "stop it (Ctrl-C) and start it again: travellers come back by themselves";
      log.warn("code changed", { files: ofCode.map((file) => relative(process.cwd(), file)).join(", "), remedy });
    }
    if (ofCode.length < files.length) await take();
  }, report);
  const take = async (): Promise<MapReport> => {
    const taken = await running.useMap();
    await watch.follow(taken.files);
    return taken;
  };
  await watch.follow(code);
  // Asked once at the beginning, for the names of the files; what changed since the world opened is taken on the way.
  const { files } = await take();
  log.info("following the map", { files: files.map((file) => basename(file)).join(", ") });
  return () => watch.stop();
}

/** The author's own code beside their module. */
async function codeFiles(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true });
  const own = found.filter((name) => CODE.has(extname(name)) && !name.split(/[\\/]/).includes("node_modules"));
  return own.slice(0, CODE_FILES).map((name) => resolve(join(folder, name)));
}
