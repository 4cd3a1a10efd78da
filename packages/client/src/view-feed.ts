// Reads chunks into a view as they come into the cache, a few at a time between everything else, and lets go of those far away when there
// are more than memory should hold. Law: what is near is read first and never let go.
import type { Spot, SubstrateView } from "@sojourn/substrate";
import { LOADING } from "./limits.ts";

const TILES = 16;

export class ViewFeed {
  private readonly view: SubstrateView;
  private readonly signal: AbortSignal;
  private readonly missed: () => void;
  private readonly waiting: { readonly cx: number; readonly cy: number }[] = [];
  private spot: Spot | undefined;
  private radius = 0;
  private held: number;
  /** Chunks that came so far, and their bytes: what one has on average. */
  private chunks = 0;
  private bytes = 0;
  private isReading = false;

  /** `missed`: a chunk that was looked for is not in the cache, or not any more. */
  constructor(view: SubstrateView, signal: AbortSignal, missed: () => void) {
    this.view = view;
    this.signal = signal;
    this.missed = missed;
    this.held = count(view);
  }

  /** A chunk is in the cache. */
  came(cx: number, cy: number, bytes: number): void {
    this.chunks += 1;
    this.bytes += bytes;
    if (this.held + this.waiting.length >= this.most && !this.isNear(cx, cy)) return;
    this.waiting.push({ cx, cy });
    if (!this.isReading) void this.read();
  }

  /** One stands here now: what lies around was perhaps let go before, and is read again. */
  moveTo(spot: Spot, radius: number): void {
    this.spot = spot;
    this.radius = radius;
    const far = radius + TILES;
    for (let cy = Math.floor((spot.y - far) / TILES); cy <= Math.floor((spot.y + far) / TILES); cy++) {
      for (let cx = Math.floor((spot.x - far) / TILES); cx <= Math.floor((spot.x + far) / TILES); cx++) {
        if (this.view.loaded(cx, cy) === undefined) this.waiting.unshift({ cx, cy });
      }
    }
    if (!this.isReading) void this.read();
  }

  /** As many as memory should hold; a world of large chunks has fewer of them here. */
  private get most(): number {
    const fitting = Math.floor(LOADING.chunkBytes / Math.max(1, this.bytes / Math.max(1, this.chunks)));
    return Math.max(this.near, Math.min(LOADING.chunks, fitting));
  }

  /** Chunks that are near at most. */
  private get near(): number {
    return Math.ceil((2 * this.radius) / TILES + 4) ** 2;
  }

  private isNear(cx: number, cy: number): boolean {
    if (this.spot === undefined) return false;
    const reach = this.radius + 2 * TILES;
    return Math.abs((cx + 0.5) * TILES - this.spot.x) <= reach && Math.abs((cy + 0.5) * TILES - this.spot.y) <= reach;
  }

  private async read(): Promise<void> {
    this.isReading = true;
    let sliceMs = performance.now();
    for (let next = this.waiting.shift(); next !== undefined && !this.signal.aborted; next = this.waiting.shift()) {
      if (this.view.loaded(next.cx, next.cy) !== undefined) continue;
      // One that is not in the cache yet is said to have come when it has.
      const chunk = await this.view.chunk(next.cx, next.cy);
      if (!chunk.ok) this.missed();
      else if (chunk.value !== undefined) this.held += 1;
      if (this.held > this.most && this.spot !== undefined) this.letGo(this.spot);
      if (performance.now() - sliceMs < LOADING.sliceMs) continue;
      await new Promise((resolve) => setTimeout(resolve));
      sliceMs = performance.now();
    }
    this.isReading = false;
  }

  private letGo({ x, y }: Spot): void {
    this.view.keepNearest(x, y, Math.max(this.near, Math.ceil(this.most * LOADING.keptShare)));
    this.held = count(this.view);
  }
}

function count(view: SubstrateView): number {
  let chunks = 0;
  for (const _ of view.loadedChunks()) chunks += 1;
  return chunks;
}
