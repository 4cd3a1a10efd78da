// New versions of the world one plays in: fetched in the background (only what changed is missing), shown when what is near is there.
// Law: one at a time, the newest announced; a failure is tried again a few times and then waits for the next announcement.
import type { ContentId } from "@sojourn/protocol";
import type { Clock } from "@sojourn/runtime";
import type { BlockStore, SubstrateView, Surroundings } from "@sojourn/substrate";
import { UPDATES } from "./limits.ts";
import type { SubstrateLoader } from "./substrate-loader.ts";
import type { LoadProgress } from "./visitor.ts";

export interface UpdateEars {
  /** Where blocks come from now. */
  sources(): readonly BlockStore[];
  /** Where one stands, and how far one looks. */
  around(): Surroundings;
  progress(progress: LoadProgress): void;
  ready(view: SubstrateView): void;
}

export class SubstrateUpdates {
  private readonly loader: SubstrateLoader;
  private readonly clock: Clock;
  private readonly ears: UpdateEars;
  private wanted: ContentId | undefined;
  private isLoading = false;
  private failures = 0;
  private cancelRetry: (() => void) | undefined;

  constructor(loader: SubstrateLoader, clock: Clock, ears: UpdateEars) {
    this.loader = loader;
    this.clock = clock;
    this.ears = ears;
  }

  announced(root: ContentId): void {
    this.failures = 0;
    this.wanted = root;
    if (!this.isLoading) void this.run();
  }

  /** Another world, or another link: what was announced before no longer counts. */
  stop(): void {
    this.wanted = undefined;
    this.cancelRetry?.();
    this.cancelRetry = undefined;
  }

  private async run(): Promise<void> {
    this.cancelRetry?.();
    this.cancelRetry = undefined;
    this.isLoading = true;
    while (this.wanted !== undefined) {
      const root = this.wanted;
      const onProgress = (progress: LoadProgress): void => this.ears.progress(progress);
      const view = await this.loader.load({ root, sources: this.ears.sources(), around: this.ears.around(), onProgress });
      if (this.wanted !== root) continue;
      if (!view.ok) {
        this.failed();
        break;
      }
      this.wanted = undefined;
      this.ears.ready(view.value);
    }
    this.isLoading = false;
  }

  private failed(): void {
    this.failures += 1;
    if (this.failures > UPDATES.retries) return;
    this.cancelRetry = this.clock.schedule(this.clock.monotonic() + UPDATES.retryMs * this.failures, () => void this.run());
  }
}
