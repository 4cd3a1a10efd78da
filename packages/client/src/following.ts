// Following a world that fell silent to whoever goes on with it: when to look, what is believed, where one goes on. Law: a passport in hand is
// never taken anywhere but where it leads, so nobody is followed in the middle of a crossing.
import type { Manifest, Target } from "@sojourn/protocol";
import type { Clock } from "@sojourn/runtime";
import type { FoundHead } from "@sojourn/substrate";
import { HeirSearch, lookForHeads, placesOf, resumedBy, type Silent } from "./heirs.ts";
import type { RefusedCopy, ResumedBy, TravellerStorage } from "./visitor.ts";

export interface FollowingHost {
  readonly worldUrl: string;
  readonly manifest: Manifest | undefined;
  /** When the world shown was last heard itself, ms since 1970. */
  readonly heardMs: number | undefined;
  readonly isCrossing: boolean;
  goOn(target: Target): void;
  resumed(by: ResumedBy): void;
  copy(copy: RefusedCopy): void;
}

export interface FollowingTools {
  readonly storage: TravellerStorage;
  readonly clock: Clock;
  /** Worlds that may know more than the one that is gone. */
  readonly friends: readonly string[];
}

export class Following {
  resumed: ResumedBy | undefined;
  readonly #tools: FollowingTools;
  readonly #host: FollowingHost;
  readonly #search: HeirSearch;
  /** Where the world that fell silent was. */
  #home: Target | undefined;
  #isOver = false;

  constructor(tools: FollowingTools, host: FollowingHost) {
    this.#tools = tools;
    this.#host = host;
    this.#search = new HeirSearch(tools.storage, tools.clock, {
      silent: () => this.#silent(),
      found: (found) => this.#found(found),
      copy: (copy) => host.copy(copy),
    });
  }

  ghost(): void {
    if (!this.#isOver) this.#search.start();
  }

  live(): void {
    this.#search.stop();
  }

  end(): void {
    this.#isOver = true;
    this.#search.stop();
  }

  /** A world says what it is. One that says it is somebody's heir is shown as that when its head holds, and as a copy when it does not. */
  arrived({ world, name, resumes }: Manifest, base: string): void {
    if (this.resumed?.heir === world) return;
    this.resumed = undefined;
    if (resumes !== undefined) void this.#verify(resumes, world, name, base);
  }

  async #verify(world: string, heir: string, name: string, base: string): Promise<void> {
    const { storage, clock } = this.#tools;
    const silent: Silent = { world, places: [base], heardMs: undefined, succession: undefined };
    const { found, copies } = await lookForHeads(silent, storage, clock.now());
    if (this.#isOver || this.#host.manifest?.world !== heir) return;
    const by = found?.resumption?.heir.world === heir ? resumedBy(found, name) : undefined;
    if (by !== undefined) {
      this.resumed = by;
      this.#host.resumed(by);
    } else this.#host.copy({ world, at: base, why: copies[0]?.why ?? "it shows no head of that world which names it" });
  }

  #silent(): readonly Silent[] {
    const { manifest, worldUrl, heardMs, isCrossing } = this.#host;
    if (manifest === undefined || isCrossing) return [];
    const places = placesOf(worldUrl, manifest, this.#tools.friends);
    const shown: Silent = { world: manifest.world, places, heardMs, succession: manifest.succession };
    const { resumed } = this;
    if (resumed === undefined || resumed.world === manifest.world) return [shown];
    return [shown, { world: resumed.world, places: [...places, resumed.at], heardMs: undefined, succession: undefined }];
  }

  #found(found: FoundHead): boolean {
    const { manifest, worldUrl } = this.#host;
    const by = resumedBy(found, manifest?.world === found.world ? manifest.name : (this.resumed?.name ?? ""));
    if (by !== undefined) {
      if (this.resumed?.heir === by.heir && this.resumed.at === by.at) return true;
      if (manifest?.world === found.world) this.#home = { url: worldUrl, world: found.world };
      this.resumed = by;
      this.#host.goOn({ url: by.at, world: by.heir });
      this.#host.resumed(by);
      return true;
    }
    // The world itself has taken itself back: it is where it was.
    if (found.claim !== undefined || this.resumed?.world !== found.world || this.#home === undefined) return false;
    this.resumed = undefined;
    this.#host.goOn(this.#home);
    return true;
  }
}
