// Brings versions of the static world into the cache, verified block by block, and opens them for looking and walking: what is near
// first, then the rest by distance from where one stands, for as long as one stays.
// Law: one version is loaded at a time and the newest asked for wins; what is given out was hashed, block by block.
import { type ContentId, fail, type Result } from "@sojourn/protocol";
import type { Clock } from "@sojourn/runtime";
import {
  type BlockStore,
  type FetchProgress,
  openVersion,
  type Spot,
  type SubstrateView,
  type Surroundings,
  streamVersion,
  type VersionStream,
} from "@sojourn/substrate";
import { LOADING } from "./limits.ts";
import { ViewFeed } from "./view-feed.ts";
import type { LoadProgress } from "./visitor.ts";

export interface LoadRequest {
  readonly root: ContentId;
  readonly sources: readonly BlockStore[];
  readonly around: Surroundings;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** A version that is being brought here. */
interface Running {
  readonly request: LoadRequest;
  readonly stop: AbortController;
  stream: VersionStream;
  feed: ViewFeed | undefined;
  /** Chunks that came before there was a view to show them in. */
  early: { readonly cx: number; readonly cy: number }[];
  failures: number;
  last: FetchProgress | undefined;
  cancelRetry: (() => void) | undefined;
}

export class SubstrateLoader {
  private readonly cache: BlockStore;
  private readonly clock: Clock;
  private readonly views = new Map<ContentId, SubstrateView>();
  /** Parts of worlds that are in the cache whole, as far as this visit knows. */
  private wholes = new Set<ContentId>();
  /** Sources that gave wrong bytes are not asked again in this visit. */
  private readonly liars = new Set<string>();
  private running: Running | undefined;
  private spot: Spot | undefined;

  constructor(cache: BlockStore, clock: Clock) {
    this.cache = cache;
    this.clock = clock;
  }

  /**
   * Resolves when one can walk and look around: everything near is there and read. The rest follows until {@link stop}, or until the
   * budget is used up. Fault `cancelled` when another version was asked for meanwhile; otherwise those of fetching and opening a version.
   */
  async load(request: LoadRequest): Promise<Result<SubstrateView>> {
    this.stop();
    const stop = new AbortController();
    this.spot = undefined;
    if (this.wholes.size > LOADING.wholes) this.wholes.clear();
    const running: Running = {
      ...{ request, stop, feed: undefined, early: [], failures: 0, last: undefined, cancelRetry: undefined },
      stream: this.begin(request, stop.signal, () => running),
    };
    this.running = running;
    const playable = await running.stream.playable;
    if (!playable.ok) return playable;
    const view = await this.open(request, stop.signal);
    if (!view.ok) return view;
    if (stop.signal.aborted) return fail("cancelled", "client", `version ${request.root} is no longer wanted`);
    running.feed = new ViewFeed(view.value, stop.signal);
    for (const { cx, cy } of running.early) running.feed.came(cx, cy);
    running.early = [];
    if (this.spot !== undefined) this.lookAround(running, this.spot);
    this.watch(running);
    if (running.last !== undefined) request.onProgress?.(progressOf(request.root, running.last, true));
    return view;
  }

  /** Where one stands now. Called as often as one likes: little happens until one has gone some way. */
  moveTo(x: number, y: number): void {
    const { spot, running } = this;
    if (spot !== undefined && Math.hypot(spot.x - x, spot.y - y) < LOADING.stepUnits) return;
    this.spot = { x, y };
    if (running === undefined) return;
    running.stream.moveTo([this.spot]);
    this.lookAround(running, this.spot);
  }

  stop(): void {
    this.running?.cancelRetry?.();
    this.running?.stop.abort();
    this.running = undefined;
  }

  private lookAround({ feed, request }: Running, spot: Spot): void {
    feed?.moveTo(spot, request.around.radius);
  }

  private begin({ root, sources, around, onProgress }: LoadRequest, signal: AbortSignal, running: () => Running): VersionStream {
    const { spot } = this;
    const honest = sources.filter(({ name }) => !this.liars.has(name));
    return streamVersion(root, {
      cache: this.cache,
      // A liar is asked again when there is nobody else: what lied may have been the way to it, and nothing wrong is ever kept.
      sources: honest.length > 0 ? honest : sources,
      around: spot === undefined ? around : { ...around, spots: [spot] },
      budgetBytes: LOADING.worldBytes,
      wholes: this.wholes,
      signal,
      onProgress: (progress) => {
        running().last = progress;
        onProgress?.(progressOf(root, progress, running().feed !== undefined));
      },
      onChunk: (cx, cy) => {
        const { feed, early } = running();
        if (feed !== undefined) feed.came(cx, cy);
        else if (early.length < LOADING.chunks) early.push({ cx, cy });
      },
    });
  }

  /** What is not near may come later, and what could not be had may be had again in a while. */
  private watch(running: Running): void {
    const { request, stop } = running;
    void running.stream.ended.then((ended) => {
      for (const liar of running.stream.report.liars) this.liars.add(liar);
      if (stop.signal.aborted || ended.ok) return;
      if (ended.fault.code === "store-failed") return;
      // Perhaps what was thought to be here is not any more.
      this.wholes = new Set();
      running.failures += 1;
      const waitMs = Math.min(LOADING.retryMostMs, LOADING.retryMs * 2 ** (running.failures - 1));
      running.cancelRetry = this.clock.schedule(this.clock.monotonic() + waitMs, () => {
        running.stream = this.begin(request, stop.signal, () => running);
        this.watch(running);
      });
    });
  }

  private async open({ root, around }: LoadRequest, signal: AbortSignal): Promise<Result<SubstrateView>> {
    const known = this.views.get(root);
    if (known !== undefined) return { ok: true, value: known };
    const [before] = this.views.values();
    const view = await openVersion(root, this.cache, { signal, after: before });
    if (!view.ok) return view;
    const { radius } = around;
    const spots = typeof around.spots === "function" ? around.spots(view.value.version) : around.spots;
    for (const { x, y } of this.spot === undefined ? spots.slice(0, LOADING.spots) : [this.spot]) {
      const near = await view.value.loadArea(x - radius, y - radius, x + radius, y + radius);
      // The corners of the square lie further away than what was waited for.
      if (!near.ok && near.fault.code !== "missing-block") return near;
    }
    if (signal.aborted) return fail("cancelled", "client", `version ${root} is no longer wanted`);
    this.views.clear();
    this.views.set(root, view.value);
    return view;
  }
}

function progressOf(root: ContentId, progress: FetchProgress, isPlayable: boolean): LoadProgress {
  const { bytesDone, bytesTotal = bytesDone, blocksDone, blocksTotal, near } = progress;
  return {
    ...{ root, bytesDone, bytesTotal, blocksDone, blocksTotal, near },
    blocksCached: progress.cachedBlocks,
    fetchedBlocks: progress.fetchedBlocks,
    fetchedBytes: progress.fetchedBytes,
    source: progress.from ?? "cache",
    sources: progress.sources.map(({ name, bytes, left }) => ({ name, bytes, ...(left === undefined ? {} : { left }) })),
    isPlayable,
    done: isPlayable && blocksDone >= blocksTotal,
  };
}
