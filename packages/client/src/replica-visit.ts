// A world that was never met, from any place that keeps a copy: its head is judged, its version brought here whole and checked, and what a
// traveller would have kept of a visit is kept. Then entering it is what entering a known world without an authority always is: a ghost's.
import { headJudge } from "@sojourn/passport";
import { type ContentId, check, type Manifest, manifestSchema, ok, type PhysicsConfig, type Result } from "@sojourn/protocol";
import { connect, systemClock } from "@sojourn/runtime";
import {
  type BlockStore,
  type FetchProgress,
  type FoundHead,
  fetchVersion,
  type Heartbeat,
  httpReplica,
  openVersion,
  type Replica,
  rememberHead,
  type SubstrateView,
} from "@sojourn/substrate";
import { worldAddress } from "./address.ts";
import { keepHead, knownKeys, pinWorld, rememberWorld, seenHead, settled } from "./kept.ts";
import { CALLS } from "./limits.ts";
import { friendReplica, isShared, newestAmong, publicVersion } from "./newest-head.ts";
import { Swarm, type SwarmOptions } from "./swarm/swarm.ts";
import type { TravellerStorage } from "./visitor.ts";

export interface ReplicaVisit {
  readonly world: string;
  /** http(s) address that has `ipfs/` and `ipns/` below it: a static folder, an open bucket, a neighbour's world, any trustless gateway. */
  readonly from: string;
  /** A storage of its own: what is kept of the address is what this world's copy says. */
  readonly storage: TravellerStorage;
  readonly cache: BlockStore;
  readonly nowMs: number;
  /** How much of the version is here; the whole is unknown before its root came. Bytes. */
  readonly onProgress?: (progress: Pick<FetchProgress, "bytesDone" | "bytesTotal">) => void;
  /** Worlds that may keep a copy as well, or know others who show it: asked for their heads and blocks, and for members of its swarm. */
  readonly friends?: readonly string[];
  /** How one takes part in its swarm while it is brought here; false, or without WebRTC: not at all. */
  readonly swarm?: SwarmOptions | false;
}

export interface KeptReplica {
  /** What to enter now. */
  readonly url: string;
  readonly found: FoundHead;
  readonly name: string;
}

/** How one walks where nobody says how: the pace of most worlds. */
const WALK: PhysicsConfig = { tickHz: 20, speed: 5, bodyWidth: 0.6, bodyHeight: 0.5, reach: 1.75, chatRange: 12, viewRadius: 24 };

/**
 * Faults: `missing-block` (no head or no public version there), `forged` and `malformed` (not the world's), `stale-head` and `forked`
 * (a newer or another one was seen), those of fetching, and of the storage.
 */
export async function keepFromReplica(visit: ReplicaVisit): Promise<Result<KeptReplica>> {
  const { world, from, storage, cache, nowMs } = visit;
  const address = worldAddress(from);
  if (!address.ok) return address;
  const replicas = [httpReplica(from), ...friendsOf(visit).map(friendReplica)];
  const known = await settled(knownKeys(storage, world));
  const seen = await settled(seenHead(storage, world));
  if (!known.ok || !seen.ok) return known.ok ? (seen as Result<never>) : known;
  const judge = headJudge(() => known.value);
  const found = await newestAmong(world, replicas, judge, seen.value, nowMs);
  if (!found.ok) return found;
  const { heartbeat, resumption } = found.value;
  const version = publicVersion(world, found.value);
  if (!version.ok) return version;
  const fetched = await bringHere(visit, version.value, replicas, isShared(heartbeat));
  if (!fetched.ok) return fetched;
  const view = await openVersion(version.value, cache);
  if (!view.ok) return view;
  const manifest = manifestOf(world, view.value, heartbeat.archive);
  if (!manifest.ok) return manifest;
  const url = address.value.base;
  const kept = await settled(
    keepAll(storage, url, world, { manifest: manifest.value, ...timesOf(heartbeat.timeMs, resumption?.fromMs), ...spawnOf(view.value) }),
  );
  if (!kept.ok) return kept;
  const shown = rememberHead(seen.value, found.value, judge);
  const remembered = shown === undefined ? kept : await settled(keepHead(storage, world, shown));
  return remembered.ok ? ok({ url, found: found.value, name: manifest.value.name }) : remembered;
}

function friendsOf({ from, friends = [] }: ReplicaVisit): string[] {
  const home = worldAddress(from);
  const bases = friends.flatMap((friend) => {
    const address = worldAddress(friend);
    return address.ok && !(home.ok && home.value.base === address.value.base) ? [address.value.base] : [];
  });
  return [...new Set(bases)].slice(0, CALLS.friends);
}

/** The version whole: from those who show it now, and from the copies. */
async function bringHere(visit: ReplicaVisit, root: ContentId, replicas: readonly Replica[], isShared: boolean): Promise<Result<unknown>> {
  const { world, from, cache, onProgress } = visit;
  const swarm = new Swarm(cache, { connect, clock: systemClock }, isShared && (visit.swarm ?? {}));
  const kept = swarm.noted();
  swarm.join({ world, base: undefined, friends: [from, ...friendsOf(visit)] });
  try {
    const sources = swarm.sources(replicas.map(({ blocks }) => blocks));
    return await fetchVersion(root, { cache: kept, sources, ...(onProgress && { onProgress }) });
  } finally {
    swarm.leave();
  }
}

function timesOf(seenMs: number, heardMs: number | undefined): { readonly seenMs: number; readonly heardMs?: number } {
  return heardMs === undefined ? { seenMs } : { seenMs, heardMs };
}

async function keepAll(
  storage: TravellerStorage,
  url: string,
  world: string,
  seen: { readonly manifest: Manifest; readonly seenMs: number; readonly heardMs?: number; readonly x: number; readonly y: number },
): Promise<void> {
  await pinWorld(storage, url, world);
  await rememberWorld(storage, { url, ...seen });
}

/** What can be said of a world by its static part alone. */
function manifestOf(world: string, { version }: SubstrateView, { policy, delayMs }: Heartbeat["archive"]): Result<Manifest> {
  const lists = { allowedItems: [], assets: [], customs: [], components: [], entityKinds: [], itemKinds: [], portals: [] };
  const name = version.name.slice(0, 16) || "A world";
  return check(
    manifestSchema,
    { world, name, about: "", substrate: version.root, physics: WALK, archive: policy, archiveDelayMs: delayMs, gateways: ["/"], ...lists },
    "manifest",
  );
}

/** Where newcomers begin; else the middle. */
function spawnOf({ version }: SubstrateView): { readonly x: number; readonly y: number } {
  const { bounds, zones } = version;
  const zone = zones.find((one) => one.class === "spawn");
  return zone === undefined ? { x: (bounds.x0 + bounds.x1) / 2, y: (bounds.y0 + bounds.y1) / 2 } : { x: zone.x, y: zone.y };
}
