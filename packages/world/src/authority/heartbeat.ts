// The heartbeat: what was built becomes part of a new substrate version. The blocks are durable before the record that names them, the
// record before anybody is told; the tick goes on meanwhile.
import { type Build, type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import type { Clock, Log } from "@sojourn/runtime";
import { type AmendedVersion, type BlockStore, openVersion, type StaticObject, type SubstrateView } from "@sojourn/substrate";
import { factsOf, hideBuild, staticObjectOf } from "../kernel/builds.ts";
import { BUILD_LIMITS, HEARTBEAT_LIMITS } from "../limits.ts";
import type { HeartbeatReport } from "../options.ts";
import type { Beaten } from "../replication/keeper.ts";
import type { Authority } from "./authority.ts";
import type { Core } from "./core.ts";
import { givingWay, type Rest } from "./giving-way.ts";
import { amendHere, amendInThread, type NextVersion, putBlocks } from "./next-version.ts";

export interface HeartbeatOptions {
  readonly authority: Authority;
  readonly store: BlockStore;
  /** Where that store's files lie: a thread beside the tick writes there, too. */
  readonly blocksFolder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** 0: never by itself. */
  readonly everyMs: number;
  /** Where the world is kept beside this machine. */
  readonly replicas?: { beat(): Promise<readonly Beaten[]> } | undefined;
}

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #running: Promise<HeartbeatReport> | undefined;
  #cancel: (() => void) | undefined;
  #isStopped = false;
  readonly #handOvers = new Set<() => void>();
  /** Versions are made one after the other: each begins with what the one before it served. */
  #line: Promise<unknown> = Promise.resolve();

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#arm(options.everyMs);
  }

  /** Writes a new version now, or joins the one that is being written. Never rejects. */
  now(): Promise<HeartbeatReport> {
    this.#running ??= this.#whole().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Makes another version than a heartbeat's, when no heartbeat is being written; one that is due waits. */
  inLine<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#line.then(work);
    this.#line = turn.catch(() => {});
    return turn;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    // Not for the replicas: they are given the last of the world when it is closed.
    await this.#line;
    for (const cancel of this.#handOvers) cancel();
  }

  #arm(inMs: number): void {
    this.#cancel?.();
    if (this.#isStopped || this.#options.everyMs === 0) return;
    const { clock } = this.#options;
    this.#cancel = clock.schedule(clock.monotonic() + inMs, () => {
      void this.now().then((report) => this.#arm(report.fault === undefined ? this.#options.everyMs : HEARTBEAT_LIMITS.retryMs));
    });
  }

  /** The version first, so that what replicas are given names it. */
  async #whole(): Promise<HeartbeatReport> {
    const report = await this.inLine(() => this.#beat());
    return { ...report, replicas: (await this.#options.replicas?.beat()) ?? [] };
  }

  async #beat(): Promise<Omit<HeartbeatReport, "replicas">> {
    const { authority, log } = this.#options;
    const { stage } = authority.core;
    const view = stage.options.ground.view;
    const waiting = waitingBuilds(authority.core, stage.options.ground.view, log);
    if (waiting.length === 0) return { root: view.version.root, builds: 0 };
    const next = await this.#write(view, waiting).catch((error: unknown) => fail("store-failed", "world", String(error)));
    if (!next.ok) {
      log.error("heartbeat failed", { code: next.fault.code, detail: next.fault.detail });
      return { root: view.version.root, builds: 0, fault: next.fault };
    }
    const ids = waiting.map((build) => build.id);
    await new Promise<void>((resolve) => authority.inTurn(() => resolve(this.#serve(next.value, ids))));
    log.info("heartbeat", { root: next.value.version.root, builds: ids.length });
    return { root: next.value.version.root, builds: ids.length };
  }

  /** A change that touches much is made in a thread of its own; what is read here afterwards is read a little at a time. */
  async #write(view: SubstrateView, builds: readonly Build[]): Promise<Result<SubstrateView>> {
    const { authority, store, blocksFolder } = this.#options;
    const { tick, timeMs } = authority.core.stage;
    const rest = givingWay();
    const add: StaticObject[] = [];
    for (const build of builds) {
      add.push(staticObjectOf(build, view.version));
      await rest();
    }
    const next: NextVersion = { parent: view.version.root, add, tick, timeMs };
    const isLarge = add.length > HEARTBEAT_LIMITS.buildsHere;
    const root = await (isLarge ? amendInThread(blocksFolder, next, rest) : amendHere(view, next, store, rest));
    return root.ok ? await openWhole(root.value, store, view, rest) : root;
  }

  /** In the tick: the version is recorded, served and announced; what it now holds stops being an entity a little later. */
  #serve(view: SubstrateView, builds: readonly string[]): void {
    const { authority, clock } = this.#options;
    const { core } = authority;
    const root: ContentId = view.version.root;
    core.stage.options.ledger.write({ r: "version", root, builds });
    core.stage.options.ground.change(view, true);
    core.manifest = { ...core.manifest, substrate: root };
    authority.tellAll({ t: "substrate", root, tick: core.stage.tick });
    const cancel = clock.schedule(clock.monotonic() + BUILD_LIMITS.handOverMs, () => {
      this.#handOvers.delete(cancel);
      hideSome(authority, builds);
    });
    this.#handOvers.add(cancel);
  }
}

/** A few in each turn: a thousand that go at once would be seen by everybody in one tick. */
function hideSome(authority: Authority, builds: readonly string[]): void {
  authority.inTurn(() => {
    for (const id of builds.slice(0, HEARTBEAT_LIMITS.hiddenPerTurn)) hideBuild(authority.core.stage, id);
    if (builds.length > HEARTBEAT_LIMITS.hiddenPerTurn) hideSome(authority, builds.slice(HEARTBEAT_LIMITS.hiddenPerTurn));
  });
}

/** What was built and is in no version yet. What a smaller map leaves outside waits until there is room for it again. */
export function waitingBuilds({ stage, warned }: Core, { version }: SubstrateView, log: Log): Build[] {
  const { x0, y0, x1, y1 } = version.bounds;
  return [...stage.custody.builds.values()].filter((build) => {
    if (build.version !== undefined || build.isGone === true) return false;
    const { x, y } = factsOf(build);
    const isInside = x >= x0 && y >= y0 && x < x1 && y < y1;
    if (!isInside && !warned.has(build.id)) log.warn("build outside of the map", { build: build.id, x, y });
    if (!isInside) warned.add(build.id);
    return isInside;
  });
}

/** Stores the blocks of an amended version, then opens it whole: what cannot be read back is not served. */
export async function openAmended(amended: AmendedVersion, store: BlockStore): Promise<Result<SubstrateView>> {
  const put = await putBlocks(amended.newBlocks, store);
  return put.ok ? await openWhole(amended.root, store) : put;
}

/** Opens a version with all its chunks; of one that follows another what changed alone is read. `rest`: see `loadAll` of a view. */
export async function openWhole(root: ContentId, store: BlockStore, after?: SubstrateView, rest?: Rest): Promise<Result<SubstrateView>> {
  const view = await openVersion(root, store, { after });
  if (!view.ok) return view;
  const loaded = await view.value.loadAll(rest === undefined ? {} : { rest });
  return loaded.ok ? ok(view.value) : loaded;
}
