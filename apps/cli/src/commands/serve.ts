// `sojourn serve`: one world, one process. What to serve is one of ours by name, a module with a defineWorld, or any Tiled map.
import { existsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { basename, dirname, extname, join, resolve } from "node:path";
import { FaultError, fault } from "@sojourn/protocol";
import { JournalFailure, jsonLog, type Log, prettyLog } from "@sojourn/runtime";
import { followOrders, isResumed, type Openable, openWorld, type RunningWorld } from "@sojourn/world";
import { worlds } from "@sojourn/worlds";
import type { Command } from "commander";
import { followHeirs, followKeys } from "../key-watch.ts";
import { serveMetrics } from "../metrics.ts";
import { offerNeighbours } from "../neighbours.ts";
import { httpUrl, replicaPlace, seconds, wholeNumber } from "../options.ts";
import { run, say } from "../output.ts";
import { followPins } from "../pins.ts";
import { mindStrays } from "../strays.ts";
import { webClient } from "../web.ts";
import { worldIn } from "../world-module.ts";

/** A world that another process started ends with it, also when that one was gone before the world was open. */
const WAS_STARTED_BY_ANOTHER = process.connected === true;

export interface ServeOptions {
  readonly map?: string;
  readonly data?: string;
  readonly host: string;
  readonly port: number;
  readonly publicUrl?: string;
  readonly name?: string;
  readonly heartbeat: number;
  readonly replica?: readonly string[];
  readonly ship: number;
  readonly metrics?: number;
  readonly linksPerAddress?: number;
  readonly ice?: readonly string[];
  readonly mesh?: boolean;
  readonly meshMib?: number;
  readonly web: boolean;
  readonly amnesia?: boolean;
  readonly takeBack?: boolean;
  readonly json?: boolean;
}

export function serveCommand(program: Command): void {
  program
    .command("serve")
    .argument("[world]", `a world module (.ts), or one of ours: ${Object.keys(worlds).join(", ")}`)
    .option("--map <file>", "any Tiled map instead of a world module: one can walk, look and talk in it")
    .option("--data <folder>", "key, journal, blocks and pins of this world (default: .sojourn/NAME)")
    .option("--host <address>", "address to listen on; 0.0.0.0 for everybody", "127.0.0.1")
    .option("--port <n>", "0 takes any free port", wholeNumber(0, 65_535), 7_801)
    .option("--public-url <url>", "how others reach this world, when that is not host and port", httpUrl)
    .option("--name <name>", "the world's name")
    .option("--heartbeat <minutes>", "how often what was built becomes a new substrate version; 0: never", wholeNumber(0, 1_440), 2)
    .option(
      "--replica <place>",
      "keep the world there, too: folder:/backup/tavern, s3:https://s3.example/bucket/prefix (may be given again)",
      replicaPlace,
    )
    .option("--ship <seconds>", "how often the newest changes go to the replicas between heartbeats; 0: never", seconds(3_600), 3)
    .option("--metrics <port>", "figures for a monitor at http://127.0.0.1:PORT/metrics, on this machine alone", wholeNumber(1, 65_535))
    .option("--links-per-address <n>", "connections from one network address", wholeNumber(1, 100_000))
    .option("--mesh", "give neighbours copies of this world, and keep copies of the pinned peers' worlds, readable here when they are gone")
    .option("--mesh-mib <n>", "with --mesh: the most that is kept of neighbours in all, MiB", wholeNumber(1, 1_048_576))
    .option("--amnesia", "the end of its journal is gone: ask every peer what was lost, let nobody in or out until they have told")
    .option("--take-back", "an heir goes on with this world: go on with it yourself again, above the heir's heads (sojourn heirs --help)")
    .option("--ice <servers...>", "STUN servers (stun:host:port) by which pages of different networks find each other to share blocks")
    .option("--no-web", "do not serve the browser client")
    .option("--json", "print one JSON line when the world is open; log as JSON")
    .description("run a world")
    .addHelpText(
      "after",
      `
The data folder is the world: its key is in it. Back it up; whoever has the key is this world, unless you keep the key
apart (sojourn key --help). One process at a time.
Nobody arrives from other worlds until you pin them: sojourn peer --help.

With --replica the world outlives this machine: every heartbeat is kept there whole, every change a few seconds later,
what is private sealed so that the world's identity key alone opens it. Keep that key apart; key and replica together
bring the world back (sojourn restore --help), and sojourn status says when that was last proven. The data folder's
replicas.json may name them as well, a bucket with its keys: [{ "replica": "s3:https://s3.example/bucket/tavern",
"key": "…", "secret": "…" }]; otherwise keys come from SOJOURN_S3_KEY and SOJOURN_S3_SECRET.

  sojourn serve tavern
  sojourn serve --map castle.tmx --port 0
  sojourn serve tavern --replica folder:/media/disk/tavern
  sojourn serve my-world.ts --host 0.0.0.0 --public-url https://world.example`,
    )
    .action((world: string | undefined, options: ServeOptions) =>
      run(options.json === true, async () => keepOpen(await chosen(world, options.map, options.data), options)),
    );
}

/** What goes on while a world is open; `end` asks it to end in good order. Gives back what stops it. */
export type Meanwhile = (running: RunningWorld, log: Log, end: () => void) => Promise<() => void>;

/** Opens the world and keeps it open until it is asked to end. */
export async function keepOpen(
  { openable, label, authorFolder }: Chosen,
  options: ServeOptions,
  meanwhile: Meanwhile = async () => () => {},
): Promise<void> {
  const dataFolder = resolve(options.data ?? join(".sojourn", label));
  const log = options.json === true ? jsonLog(say) : prettyLog(say);
  mindStrays(authorFolder, log);
  let running: RunningWorld | undefined;
  const metrics = options.metrics === undefined ? undefined : await serveMetrics(() => running?.stats(), options.metrics);
  const web = options.web ? await webClient(offerNeighbours(() => running)) : undefined;
  const publicUrl = options.publicUrl ?? lanUrl(options);
  running = await openWorld(openable, {
    dataFolder,
    host: options.host,
    port: options.port,
    heartbeatMinutes: options.heartbeat,
    replicas: (options.replica ?? []).map((replica) => ({ replica })),
    shipSeconds: options.ship,
    log,
    onFatal: (error) => lastWords(log, error),
    ...(options.amnesia === true ? { amnesia: true } : {}),
    ...(options.takeBack === true ? { takeBack: true } : {}),
    ...(options.ice === undefined ? {} : { ice: options.ice }),
    ...(options.mesh === true ? { mesh: options.meshMib === undefined ? {} : { bytesInAll: options.meshMib * 1_048_576 } } : {}),
    ...(options.linksPerAddress === undefined ? {} : { linksPerAddress: options.linksPerAddress }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(web === undefined ? {} : { web }),
  }).catch((problem: unknown) => {
    throw asFault(problem);
  });
  const stopFollowing = followPins(running, dataFolder, (problem) => log.warn("pins not read", { problem }));
  const open = running;
  const stopKeys = followKeys(open, (problem) => log.warn("keys not taken over", { problem }));
  const stopHeirs = followHeirs(open, (problem) => log.warn("heirs not taken over", { problem }));
  const stopOrders = followOrders(
    dataFolder,
    (order) => open.carryOut(order),
    (problem) => log.warn("orders not read", { problem }),
  );
  const ending = Promise.withResolvers<void>();
  const stopMeanwhile = await meanwhile(open, log, ending.resolve);
  announce(running, options);
  await Promise.race([untilAsked(), ending.promise, running.closed]);
  stopMeanwhile();
  stopFollowing();
  stopOrders();
  stopKeys();
  stopHeirs();
  metrics?.close();
  await running.close();
  // The channel to the process that started this one would keep it alive.
  if (process.connected) process.disconnect();
  if (running.superseded !== undefined) throw new FaultError(running.superseded);
}

/** The world stood still before anything more was said. A journal that cannot be written is the operator's to mend; the rest are bugs. */
function lastWords(log: Log, error: Error): never {
  if (!(error instanceof JournalFailure)) {
    log.error("fatal", { error: error.stack ?? error.message });
    process.exit(70);
  }
  const remedy = "make room or mend the disk, then start the world again: all that was told is kept";
  log.error("journal failed", { error: error.message, remedy });
  process.exit(1);
}

function announce(running: RunningWorld, options: ServeOptions): void {
  const { name, id, url, wsUrl, substrate } = running;
  if (options.json === true) process.stdout.write(`${JSON.stringify({ event: "ready", name, id, url, play: wsUrl, substrate })}\n`);
  else say(`\n  ${name} is open${options.web ? `: play at  ${url}/` : ` at ${url}`}\n  Ctrl-C closes it; what was built stays.\n`);
}

export interface Chosen {
  readonly openable: Openable;
  readonly label: string;
  /** Where somebody's own code lies that runs in this process. */
  readonly authorFolder?: string;
}

export async function chosen(world: string | undefined, map: string | undefined, data?: string): Promise<Chosen> {
  if (world === undefined && map === undefined && data !== undefined && isResumed(resolve(data)))
    return { openable: { inherited: basename(resolve(data)) }, label: basename(resolve(data)) };
  if ((world === undefined) === (map === undefined)) {
    throw new FaultError(
      fault("malformed", "client", `say what to serve: ${Object.keys(worlds).join(", ")}, a module with a defineWorld, or --map FILE`),
    );
  }
  if (map !== undefined) {
    if (!existsSync(map)) throw new FaultError(fault("bad-map", "client", `there is no map ${map}`));
    return { openable: { mapFile: resolve(map) }, label: basename(map, extname(map)) };
  }
  const name = world as string;
  const ours = worlds[name];
  if (ours !== undefined) return { openable: ours, label: name };
  if (!existsSync(name))
    throw new FaultError(
      fault("malformed", "client", `"${name}" is neither a world of ours (${Object.keys(worlds).join(", ")}) nor a file`),
    );
  return { openable: await worldIn(name), label: basename(name, extname(name)), authorFolder: dirname(resolve(name)) };
}

/** With 0.0.0.0 friends on the network need an address of this machine; the first outward one is taken. */
function lanUrl(options: ServeOptions): string | undefined {
  if (options.host !== "0.0.0.0" || options.port === 0) return undefined;
  const outward = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find((one) => one.family === "IPv4" && !one.internal);
  return outward === undefined ? undefined : `http://${outward.address}:${options.port}`;
}

/** What a world cannot be opened for is a sentence, not a stack; bugs stay bugs. */
function asFault(problem: unknown): unknown {
  const isKnown = problem instanceof FaultError || problem instanceof JournalFailure || !(problem instanceof Error);
  if (isKnown || problem instanceof TypeError || "code" in problem) return problem;
  return new FaultError(fault("refused", "client", problem.message));
}

/** Until Ctrl-C, a polite signal, or the end of the process that started this one. */
function untilAsked(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => done());
    if (process.connected) process.once("disconnect", () => done());
    else if (WAS_STARTED_BY_ANOTHER) done();
  });
}
