// One page's part in the swarm of the world it shows: where it meets others, what it holds for them, and what it takes from them. What
// does that is loaded when there is a swarm to join. Law: whoever has switched it off opens no connection and gives nothing, and a world
// that does not let others keep it is not shared.
import { type ContentId, fail, type Manifest, type Result, type WorldId } from "@sojourn/protocol";
import type { Clock, Link } from "@sojourn/runtime";
import { type BlockStore, GIVE_DEFAULTS, type GiveLimits, notedStore, PEERS, type PeersReport, type PeersStore } from "@sojourn/substrate";
import { worldAddress } from "../address.ts";
import { CALLS } from "../limits.ts";
import type { Meeting } from "./meeting.ts";

/** How one takes part in swarms. Others that one is connected to see one's network address. */
export interface SwarmOptions {
  /** Bytes a second and in one visit that are given to others. Default: {@link GIVE_DEFAULTS}. */
  readonly give?: GiveLimits;
  /** Base addresses of worlds that may know where others are when the world itself is gone; portals' destinations are asked anyway. */
  readonly friends?: readonly string[];
}

export interface SwarmReport extends PeersReport {
  /** Places where members are being met: the world itself, or others that know it. */
  readonly meetings: number;
}

/** A swarm, and where its members may be met: at the world itself, and while that is gone at others that know it. */
export interface Whereabouts {
  readonly world: WorldId;
  /** Undefined: nobody answers for the world any more. */
  readonly base: string | undefined;
  readonly friends: readonly string[];
}

type Parts = typeof import("./parts.ts");

interface Here extends Whereabouts {
  /** The other members, once the parts are there; undefined when they could not be had. */
  readonly ready: Promise<PeersStore | undefined>;
  open: { readonly parts: Parts; readonly peers: PeersStore } | undefined;
  /** Versions that were whole before the parts were there. */
  readonly whole: ContentId[];
}

/** As a fetch names the other members, and asks them before whoever else. */
const OTHERS = { name: "other travellers", tier: -1 } as const;

export class Swarm {
  readonly #cache: BlockStore;
  readonly #tools: { readonly connect: (url: string) => Link; readonly clock: Clock };
  #options: SwarmOptions | false;
  #here: Here | undefined;
  /** Blocks that were in hand in this visit, by world; and those of which it is not known yet. */
  readonly #inHand = new Map<WorldId, Set<ContentId>>();
  #early = new Set<ContentId>();
  #world: WorldId | undefined;
  readonly #meetings = new Map<string, Meeting>();
  #failures = 0;
  #cancelAgain: (() => void) | undefined;

  constructor(cache: BlockStore, tools: { readonly connect: (url: string) => Link; readonly clock: Clock }, options: SwarmOptions | false) {
    this.#cache = cache;
    this.#tools = tools;
    this.#options = options;
  }

  /** Undefined while one takes part in none. */
  get report(): SwarmReport | undefined {
    const { report } = this.#here?.open?.peers ?? {};
    return report === undefined
      ? undefined
      : { ...report, meetings: [...this.#meetings.values()].filter(({ state }) => state === "met").length };
  }

  /** The cache; what is read from it and written to it is what this page has for others. */
  noted(): BlockStore {
    return notedStore(this.#cache, (cid) => {
      const set = (this.#world === undefined ? undefined : this.#inHand.get(this.#world)) ?? this.#early;
      if (this.#here?.open !== undefined) this.#here.open.peers.holds(cid);
      else if (set.size < PEERS.given) set.add(cid);
    });
  }

  /** Other members first, then whoever else. A lie among members was dealt with among them: here it is only a block they do not have. */
  sources(others: readonly BlockStore[]): readonly BlockStore[] {
    const here = this.#here;
    if (here === undefined) return others;
    const lacks = (cid: ContentId): Result<never> => fail("missing-block", "peer", `${OTHERS.name} do not hold block ${cid}`);
    const forgiving: BlockStore = {
      ...OTHERS,
      has: async (cid) => (await (await here.ready)?.has(cid)) === true,
      put: async (block) => lacks(block.cid),
      get: async (cid, options) => {
        const got = (await (await here.ready)?.get(cid, options)) ?? lacks(cid);
        return got.ok ? got : { ok: false, fault: { ...got.fault, code: "missing-block" } };
      },
    };
    return [forgiving, ...others];
  }

  /** One is in this world now: another one's swarm is left. */
  enter(base: string, manifest: Manifest): void {
    const isShared = manifest.archive === "builds" || manifest.archive === "all";
    const portals = manifest.portals.flatMap(({ url }) => (url === undefined ? [] : [url]));
    if (isShared) this.join({ world: manifest.world, base, friends: portals });
    else {
      this.#setOf(manifest.world);
      this.leave();
    }
  }

  join({ world, base, friends }: Whereabouts): void {
    const given = this.#setOf(world);
    if (this.#options === false || !canConnect()) {
      this.leave();
      return;
    }
    if (this.#here?.world === world && this.#here.base === base) return;
    this.leave();
    const { promise: ready, resolve } = Promise.withResolvers<PeersStore | undefined>();
    const known = [...new Set([...friends, ...(this.#options.friends ?? [])])].slice(0, CALLS.friends);
    const here: Here = { world, base, friends: known, ready, open: undefined, whole: [] };
    this.#here = here;
    void this.#open(here, given).then(resolve);
  }

  async #open(here: Here, given: Set<ContentId>): Promise<PeersStore | undefined> {
    const parts = await import("./parts.ts").catch(() => undefined);
    const options = this.#options;
    if (this.#here !== here || options === false) return undefined;
    if (parts === undefined) {
      // Whoever they would come from is gone: without them everything comes from elsewhere, and the next world is another try.
      this.#here = undefined;
      return undefined;
    }
    const { clock } = this.#tools;
    const peers = new parts.PeersStore({ ...OTHERS, held: this.#cache, given, give: options.give ?? GIVE_DEFAULTS, now: clock.monotonic });
    here.open = { parts, peers };
    peers.expect(true);
    for (const root of here.whole) peers.holdsWhole(root);
    if (here.base === undefined) this.#meetFriends();
    else this.#meet(here.base);
    return peers;
  }

  /** All of this version is in the cache now. */
  holdsWhole(root: ContentId): void {
    if (this.#here?.open !== undefined) this.#here.open.peers.holdsWhole(root);
    else this.#here?.whole.push(root);
  }

  /** Changes how one takes part, from now on. */
  choose(options: SwarmOptions | false, base: string, manifest: Manifest | undefined, root: ContentId | undefined): void {
    this.#options = options;
    if (options === false || manifest === undefined) {
      this.leave();
      return;
    }
    if (this.#here === undefined) this.enter(base, manifest);
    else if (this.#here.open !== undefined) this.#here.open.peers.give = options.give ?? GIVE_DEFAULTS;
    if (root !== undefined) this.holdsWhole(root);
  }

  /** Leaves the swarm; what was in hand stays known, for when one comes back. */
  leave(): void {
    this.#cancelAgain?.();
    this.#cancelAgain = undefined;
    this.#failures = 0;
    for (const meeting of this.#meetings.values()) meeting.close();
    this.#meetings.clear();
    this.#here?.open?.peers.close();
    this.#here = undefined;
  }

  /** What was in hand of this world, where one is from now on. The world left longest ago is forgotten. */
  #setOf(world: WorldId): Set<ContentId> {
    const set = this.#inHand.get(world) ?? this.#early;
    if (set !== this.#early) for (const cid of this.#early) set.add(cid);
    this.#early = new Set();
    this.#world = world;
    this.#inHand.delete(world);
    this.#inHand.set(world, set);
    for (const old of this.#inHand.keys()) if (this.#inHand.size > CALLS.worlds) this.#inHand.delete(old);
    return set;
  }

  #meet(base: string): void {
    const address = worldAddress(base);
    if (this.#here?.open === undefined || !address.ok) return;
    const known = this.#meetings.get(address.value.base);
    if (known !== undefined && known.state !== "closed") return;
    const url = address.value.link.replace(/\/[^/]*$/, "/swarm");
    const { world } = this.#here;
    const { peers, parts } = this.#here.open;
    this.#meetings.set(address.value.base, new parts.Meeting(url, world, peers, this.#tools, { changed: () => this.#changed() }));
  }

  #changed(): void {
    if (this.#here?.open === undefined) return;
    const { base } = this.#here;
    const { peers } = this.#here.open;
    const home = base === undefined ? undefined : this.#meetings.get(base);
    if (home?.state === "met") {
      this.#failures = 0;
      for (const [at, meeting] of this.#meetings) {
        if (at === base) continue;
        meeting.close();
        this.#meetings.delete(at);
      }
    } else if (home === undefined || home.state === "closed") {
      this.#meetFriends();
      this.#againLater();
    }
    if (![...this.#meetings.values()].some(({ isBusy }) => isBusy)) peers.expect(false);
  }

  /** Each is asked once in a round: one that said no is asked again with the world itself. */
  #meetFriends(): void {
    for (const friend of this.#here?.friends ?? []) {
      const address = worldAddress(friend);
      if (address.ok && !this.#meetings.has(address.value.base)) this.#meet(friend);
    }
  }

  #againLater(): void {
    if (this.#cancelAgain !== undefined) return;
    const isMet = [...this.#meetings.values()].every(({ state }) => state !== "closed");
    if (isMet) return;
    const { clock } = this.#tools;
    const waitMs = Math.min(CALLS.againMs * 2 ** this.#failures, CALLS.againMostMs);
    this.#failures++;
    this.#cancelAgain = clock.schedule(clock.monotonic() + waitMs, () => {
      this.#cancelAgain = undefined;
      for (const [at, { state }] of this.#meetings) if (state === "closed") this.#meetings.delete(at);
      if (this.#here?.base !== undefined) this.#meet(this.#here.base);
      else this.#changed();
    });
  }
}

/** Whether this platform can share blocks at all. */
function canConnect(): boolean {
  return typeof globalThis.RTCPeerConnection === "function";
}
