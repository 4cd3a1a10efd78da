// One run of one target under one workload: server and load started, everybody let in, warmed up, measured, ended.
import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Child, withChildren } from "../child.ts";
import type { MemoryFigures, ServerFigures } from "../measured.ts";
import type { LoadFigures, LoadOptions } from "./load/generator.ts";
import { SOJOURN, type Target } from "./targets.ts";
import { TURN_EVERY, type Workload } from "./workloads.ts";

const OPEN_MS = 240_000;
const ENTER_MS = 180_000;
const ANSWER_MS = 60_000;
const WARM_UP_MS = 4_000;

export interface RunOptions {
  readonly target: Target;
  readonly workload: Workload;
  readonly seconds: number;
  /** A player turns in one of so many ticks. */
  readonly turnEvery?: number;
  /** A folder for everything that is kept during the benchmark. */
  readonly folder: string;
  readonly profile?: string;
  readonly say: (line: string) => void;
}

export interface TargetFigures {
  /** Server CPU, microseconds, user and system, for one client and one tick. */
  readonly cpuUsPerClientTick: number;
  readonly userUsPerClientTick: number;
  readonly hz: number;
  readonly p99TickMs: number;
  readonly lateTickShare: number;
  readonly bytesPerClientSec: number;
  /** Bytes of a sojourn world by what they were for, per client and second; 0 for others. */
  readonly ownBytes: number;
  readonly quietBytes: number;
  readonly toldBytes: number;
  readonly controlBytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMB: number;
  readonly loadCpu: number;
  readonly loadLateP99Ms: number;
  readonly lost: number;
}

/** A target under load. What is measured in between is the caller's. */
export class Running {
  readonly server: Child;
  readonly load: Child;
  readonly #clients: number;

  constructor(server: Child, load: Child, clients: number) {
    this.server = server;
    this.load = load;
    this.#clients = clients;
  }

  async measure(seconds: number, profile?: string): Promise<TargetFigures> {
    await this.server.said("begun", ANSWER_MS, { do: "begin", profile });
    this.load.order({ do: "begin" });
    await sleep(seconds * 1_000);
    const [server, load] = await Promise.all([
      this.server.said<ServerFigures>("figures", ANSWER_MS, { do: "end" }),
      this.load.said<LoadFigures>("load", ANSWER_MS, { do: "end" }),
    ]);
    return {
      cpuUsPerClientTick: server.cpuUs / this.#clients / server.ticks,
      userUsPerClientTick: server.userUs / this.#clients / server.ticks,
      hz: server.ticks / server.seconds,
      p99TickMs: server.p99TickMs,
      lateTickShare: server.lateShare,
      bytesPerClientSec: load.bytesPerClientSec,
      ownBytes: load.kinds.own ?? 0,
      quietBytes: load.kinds.quiet ?? 0,
      toldBytes: load.kinds.told ?? 0,
      controlBytes: load.kinds.control ?? 0,
      p50Ms: load.p50Ms,
      p99Ms: load.p99Ms,
      rssMB: server.rssMB,
      loadCpu: load.loadCpu,
      loadLateP99Ms: load.loadLateP99Ms,
      lost: load.lost,
    };
  }

  /** Memory after everything was freed that can be. */
  memory(): Promise<MemoryFigures> {
    return this.server.said("memory", ANSWER_MS, { do: "memory" });
  }
}

export function traceFile(folder: string, workload: Workload): string {
  return join(folder, `${workload.name}.trace`);
}

/** Starts a target and its load, hands both to `work`, ends them. */
export async function underLoad<T>(options: RunOptions, work: (running: Running) => Promise<T>): Promise<T> {
  const { target, workload, folder, say } = options;
  const data = join(folder, `${target.name}-data`);
  await rm(data, { recursive: true, force: true });
  if (target === SOJOURN) await cp(await preparedWorld(options), data, { recursive: true });
  else await mkdir(data, { recursive: true });
  return await withChildren(async (children) => {
    const trace = traceFile(folder, workload);
    say(`${workload.name} ${target.name}: opening`);
    const server = new Child(target.name, import.meta.url, target.script, [workload.name, data, trace, ...target.arguments]);
    children.push(server);
    const { port } = await server.said<{ readonly port: number }>("open", OPEN_MS);
    const orders: LoadOptions = {
      workload: workload.name,
      dialect: target.dialect,
      port,
      turnEvery: options.turnEvery ?? TURN_EVERY,
      ...(target === SOJOURN ? { trace } : {}),
    };
    const load = new Child("load", import.meta.url, "./load/generator.ts", [JSON.stringify(orders)]);
    children.push(load);
    load.on((said) => {
      if ("entered" in said) say(`${workload.name} ${target.name}: ${said.entered} of ${workload.players} players in`);
    });
    await load.said("walking", ENTER_MS);
    say(`${workload.name} ${target.name}: warming up`);
    await sleep(WARM_UP_MS);
    return await work(new Running(server, load, workload.players));
  });
}

/** One run with its figures. */
export async function runTarget(options: RunOptions): Promise<TargetFigures> {
  return await underLoad(options, async (running) => {
    options.say(`${options.workload.name} ${options.target.name}: measuring for ${options.seconds} s`);
    return await running.measure(options.seconds, options.profile);
  });
}

/** A world that was opened once and lived in by nobody, its map read and its blocks written: every run begins on a copy of it. */
async function preparedWorld({ workload, folder, say }: RunOptions): Promise<string> {
  const prepared = join(folder, `${workload.name}-prepared`);
  try {
    await mkdir(prepared);
  } catch {
    return prepared;
  }
  say(`${workload.name} sojourn: making its world`);
  await withChildren(async (children) => {
    const server = new Child("sojourn", import.meta.url, SOJOURN.script, [workload.name, prepared]);
    children.push(server);
    await server.said("open", OPEN_MS);
    await server.said("closed", ANSWER_MS, { do: "close" });
  });
  return prepared;
}
