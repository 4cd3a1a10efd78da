// Brings versions of the static world into the cache, verified block by block, and opens them for looking and walking.
// Law: one version is loaded at a time and the newest asked for wins; what is given out is whole and every block of it was hashed.
import { type ContentId, fail, type Result } from "@sojourn/protocol";
import { type BlockStore, type FetchProgress, fetchVersion, openVersion, type SubstrateView } from "@sojourn/substrate";
import type { LoadProgress } from "./visitor.ts";

export interface LoadRequest {
  readonly root: ContentId;
  readonly sources: readonly BlockStore[];
  readonly onProgress?: (progress: LoadProgress) => void;
}

export class SubstrateLoader {
  private readonly cache: BlockStore;
  private readonly views = new Map<ContentId, SubstrateView>();
  private running: { readonly root: ContentId; readonly stop: AbortController } | undefined;

  constructor(cache: BlockStore) {
    this.cache = cache;
  }

  /** A version opened before in this visit, if it is still the one kept. */
  opened(root: ContentId): SubstrateView | undefined {
    return this.views.get(root);
  }

  /** Fault `cancelled` when another version was asked for meanwhile; otherwise those of fetching and opening a version. */
  async load({ root, sources, onProgress }: LoadRequest): Promise<Result<SubstrateView>> {
    this.stop();
    const stop = new AbortController();
    this.running = { root, stop };
    try {
      const fetched = await fetchVersion(root, {
        cache: this.cache,
        sources,
        signal: stop.signal,
        onProgress: (progress) => onProgress?.(progressOf(root, progress, false)),
      });
      if (!fetched.ok) return fetched;
      const view = await this.open(root, stop.signal);
      if (view.ok) {
        const { bytes, blocks } = view.value.version;
        onProgress?.(
          progressOf(root, { ...fetched.value, bytesDone: bytes, bytesTotal: bytes, blocksDone: blocks, blocksTotal: blocks }, true),
        );
      }
      return view;
    } finally {
      if (this.running?.stop === stop) this.running = undefined;
    }
  }

  stop(): void {
    this.running?.stop.abort();
    this.running = undefined;
  }

  private async open(root: ContentId, signal: AbortSignal): Promise<Result<SubstrateView>> {
    const known = this.views.get(root);
    if (known !== undefined) return { ok: true, value: known };
    const view = await openVersion(root, this.cache, { signal });
    if (!view.ok) return view;
    const whole = await view.value.loadAll();
    if (!whole.ok) return whole;
    if (signal.aborted) return fail("cancelled", "client", `version ${root} is no longer wanted`);
    this.views.clear();
    this.views.set(root, view.value);
    return view;
  }
}

function progressOf(root: ContentId, progress: FetchProgress, done: boolean): LoadProgress {
  const most = progress.sources.reduce<{ readonly name: string; readonly blocks: number }>(
    (best, source) => (source.blocks > best.blocks ? source : best),
    { name: "cache", blocks: 0 },
  );
  return {
    root,
    bytesDone: progress.bytesDone,
    bytesTotal: progress.bytesTotal ?? progress.bytesDone,
    blocksDone: progress.blocksDone,
    blocksTotal: progress.blocksTotal,
    blocksCached: progress.cachedBlocks,
    source: most.name,
    done,
  };
}
