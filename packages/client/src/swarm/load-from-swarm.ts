// The static world of a world that is gone, out of the pages that still show it: met at worlds that know it, verified block by block.
import { headJudge } from "@sojourn/passport";
import { type ContentId, fail, type Result, type WorldId } from "@sojourn/protocol";
import { connect, systemClock } from "@sojourn/runtime";
import {
  type BlockStore,
  type FetchProgress,
  type FoundHead,
  fetchVersion,
  memoryStore,
  openVersion,
  type SubstrateView,
} from "@sojourn/substrate";
import { worldAddress } from "../address.ts";
import { CALLS } from "../limits.ts";
import { friendReplica, isShared, newestAmong, publicVersion } from "../newest-head.ts";
import { Swarm, type SwarmReport } from "./swarm.ts";

export interface SwarmLoad {
  /** Whose version it is: the swarm's name. Members are met under it; what they give is checked against the root alone. */
  readonly world: WorldId;
  /** Left out: the version that the world's newest head names, as a friend of it keeps that; the head is the world's own, or nothing is loaded. */
  readonly root?: ContentId;
  /** Base addresses of worlds that know the one that is gone: members are met there, and their gateways are asked, too. */
  readonly friends: readonly string[];
  /** Default: memory. */
  readonly cache?: BlockStore;
  readonly onProgress?: (progress: FetchProgress) => void;
}

export interface SwarmLoaded {
  /** The head by which the version was found; undefined when the root was given. */
  readonly found: FoundHead | undefined;
  readonly view: SubstrateView;
  readonly swarm: SwarmReport | undefined;
}

/**
 * Afterwards all of the version is in the cache. Faults: `missing-block` when those who were met do not have all of it, with what each said, or
 * nobody keeps a head; `forged`, `forked`, `malformed` for heads that are not the world's; `bad-block` for a root that is none; `malformed` when
 * no friend has an address.
 */
export async function loadFromSwarm(load: SwarmLoad): Promise<Result<SwarmLoaded>> {
  const { world, friends, cache = memoryStore(), onProgress } = load;
  const bases = friends.flatMap((friend) => {
    const address = worldAddress(friend);
    return address.ok ? [address.value.base] : [];
  });
  if (bases.length === 0) return fail("malformed", "client", "no world is named where others could be met");
  const judge = headJudge(() => undefined);
  const replicas = bases.map(friendReplica);
  const found = load.root === undefined ? await newestAmong(world, replicas, judge, undefined, Date.now()) : undefined;
  if (found?.ok === false) return found;
  const named = found === undefined ? undefined : publicVersion(world, found.value);
  if (named?.ok === false) return named;
  const root = load.root ?? (named?.value as ContentId);
  const swarm = new Swarm(cache, { connect, clock: systemClock }, (found === undefined || isShared(found.value.heartbeat)) && {});
  const kept = swarm.noted();
  swarm.join({ world, base: undefined, friends: bases });
  try {
    for (let tries = 1; ; tries++) {
      const sources = swarm.sources(replicas.map(({ blocks }) => blocks));
      const fetched = await fetchVersion(root, { cache: kept, sources, ...(onProgress === undefined ? {} : { onProgress }) });
      if (fetched.ok) {
        const view = await openVersion(root, kept);
        return view.ok ? { ok: true, value: { view: view.value, swarm: swarm.report, found: found?.value } } : view;
      }
      if (fetched.fault.code !== "missing-block" || tries >= CALLS.loads) return fetched;
      await new Promise((resolve) => setTimeout(resolve, CALLS.loadAgainMs));
    }
  } finally {
    swarm.leave();
  }
}
