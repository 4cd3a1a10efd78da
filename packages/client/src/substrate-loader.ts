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
  view: SubstrateView | undefined;
  feed: ViewFeed | undefined;
  /** Chunks that came before there was a view to show them in. */
  early: { readonly cx: number; readonly cy: number; readonly bytes: number }[];
  failures: number;
  isWhole: boolean;
  /** The cache has forgotten something: it is not filled any further than one looks. */
  isTight: boolean;
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
   * budget is used up. Fault `cancelled` when another version was asked for meanwhile; otherwise those of fetching and opening a version,
   * and the version before goes on coming.
   */
  async load(request: LoadRequest): Promise<Result<SubstrateView>> {
    const before = this.running;
    this.stop();
    this.spot = undefined;
    if (this.wholes.size > LOADING.wholes) this.wholes.clear();
    const running = this.start(request);
    const { signal } = running.stop;
    const playable = await running.stream.playable;
    const view = playable.ok ? await this.open(request, signal) : playable;
    if (signal.aborted) return fail("cancelled", "client", `version ${request.root} is no longer wanted`);
    for (const liar of running.stream.report.liars) this.liars.add(liar);
    if (view.ok) this.play(running, view.value);
    else if (before?.view !== undefined) this.play(this.start(before.request), before.view);
    return view;
  }

  private start(request: LoadRequest): Running {
    this.stop();
    const stop = new AbortController();
    const running: Running = {
      ...{
        request,
        stop,
        view: undefined,
        feed: undefined,
        early: [],
        failures: 0,
        last: undefined,
        isWhole: false,
        isTight: false,
        cancelRetry: undefined,
      },
      stream: this.begin(request, stop.signal, () => running, LOADING.worldBytes),
    };
    this.running = running;
    return running;
  }

  /** From now on what comes is read into the view. */
  private play(running: Running, view: SubstrateView): void {
    running.view = view;
    running.feed = new ViewFeed(view, running.stop.signal, () => {
      // What was here is gone from the cache, which cannot hold so much: from now on only what is near is brought.
      if (!running.isWhole && !running.stream.isResting) return;
      running.isTight = true;
      this.again(running);
    });
    for (const { cx, cy, bytes } of running.early) running.feed.came(cx, cy, bytes);
    running.early = [];
    if (this.spot !== undefined) this.lookAround(running, this.spot);
    this.watch(running);
    if (running.last !== undefined) running.request.onProgress?.(progressOf(running.request.root, running.last, true));
  }

  /** Where one stands now. Called as often as one likes: little happens until one has gone some way. */
  moveTo(x: number, y: number): void {
    const { spot, running } = this;
    if (spot !== undefined && Math.hypot(spot.x - x, spot.y - y) < LOADING.stepUnits) return;
    this.spot = { x, y };
    if (running === undefined) return;
    running.failures = 0;
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

  private begin(
    { root, sources, around, onProgress }: LoadRequest,
    signal: AbortSignal,
    running: () => Running,
    budgetBytes: number,
  ): VersionStream {
    const { spot } = this;
    const honest = sources.filter(({ name }) => !this.liars.has(name));
    return streamVersion(root, {
      cache: this.cache,
      // A liar is asked again when there is nobody else: what lied may have been the way to it, and nothing wrong is ever kept.
      sources: honest.length > 0 ? honest : sources,
      around: spot === undefined ? around : { ...around, spots: [spot] },
      budgetBytes,
      wholes: this.wholes,
      signal,
      onProgress: (progress) => {
        running().last = progress;
        onProgress?.(progressOf(root, progress, running().feed !== undefined));
      },
      onChunk: (cx, cy, bytes) => {
        const { feed, early } = running();
        if (feed !== undefined) feed.came(cx, cy, bytes);
        else if (early.length < LOADING.chunks) early.push({ cx, cy, bytes });
      },
    });
  }

  /** What is not near may come later, and what could not be had may be had again in a while. */
  private watch(running: Running): void {
    const { stream } = running;
    void stream.ended.then((ended) => {
      for (const liar of stream.report.liars) this.liars.add(liar);
      if (running.stream !== stream) return;
      running.isWhole = ended.ok;
      const isHopeless = !ended.ok && (ended.fault.code === "store-failed" || running.request.sources.length === 0);
      if (!running.stop.signal.aborted && !ended.ok && !isHopeless) this.again(running);
    });
  }

  /** Looks for everything again, later each time; perhaps what was thought to be here is not any more. */
  private again(running: Running): void {
    this.wholes = new Set();
    running.isWhole = false;
    running.failures += 1;
    running.cancelRetry?.();
    const waitMs = Math.min(LOADING.retryMostMs, LOADING.retryMs * 2 ** (running.failures - 1));
    running.cancelRetry = this.clock.schedule(this.clock.monotonic() + waitMs, () => {
      const before = running.stream;
      running.stream = this.begin(running.request, running.stop.signal, () => running, running.isTight ? 0 : LOADING.worldBytes);
      before.stop();
      this.watch(running);
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
