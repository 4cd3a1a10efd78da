// A world that was never met, from any place that keeps a copy: its head is judged, its version brought here whole and checked, and what a
// traveller would have kept of a visit is kept. Then entering it is what entering a known world without an authority always is: a ghost's.
import { headJudge } from "@sojourn/passport";
import { check, fail, type Manifest, manifestSchema, ok, type PhysicsConfig, type Result } from "@sojourn/protocol";
import {
  type BlockStore,
  type FetchProgress,
  type FoundHead,
  fetchVersion,
  followHead,
  type HeadJudge,
  httpReplica,
  openHead,
  openVersion,
  readFoundHead,
  rememberHead,
  type SeenHead,
  type SubstrateView,
} from "@sojourn/substrate";
import { worldAddress } from "./address.ts";
import { keepHead, knownKeys, pinWorld, rememberWorld, seenHead, settled } from "./kept.ts";
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
  const { world, from, storage, cache, nowMs, onProgress } = visit;
  const address = worldAddress(from);
  if (!address.ok) return address;
  const replica = httpReplica(from);
  const found = await newestAt(visit);
  if (!found.ok) return found;
  const { heartbeat, fork, resumption } = found.value;
  if (fork !== undefined) return fail("forked", "peer", `What lies there is somebody's own copy and not ${world}: ${fork}.`);
  if (heartbeat.version === null)
    return fail("missing-block", "world", "This world lets nobody keep its land: there is nothing to look at.");
  const fetched = await fetchVersion(heartbeat.version, { cache, sources: [replica.blocks], ...(onProgress && { onProgress }) });
  if (!fetched.ok) return fetched;
  const view = await openVersion(heartbeat.version, cache);
  if (!view.ok) return view;
  const manifest = manifestOf(world, view.value);
  if (!manifest.ok) return manifest;
  const url = address.value.base;
  const kept = await settled(
    keepAll(storage, url, world, { manifest: manifest.value, ...timesOf(heartbeat.timeMs, resumption?.fromMs), ...spawnOf(view.value) }),
  );
  if (!kept.ok) return kept;
  const seen = rememberHead(found.value.seen, found.value, found.value.judge);
  const remembered = seen === undefined ? kept : await settled(keepHead(storage, world, seen));
  return remembered.ok ? ok({ url, found: found.value, name: manifest.value.name }) : remembered;

  async function newestAt({ storage: store }: ReplicaVisit): Promise<Result<FoundHead & Judged>> {
    const known = await settled(knownKeys(store, world));
    const seen = await settled(seenHead(store, world));
    if (!known.ok || !seen.ok) return known.ok ? (seen as Result<never>) : known;
    const judge: HeadJudge = headJudge(() => known.value);
    const bytes = await replica.heads.read(world);
    if (!bytes.ok) return bytes;
    if (bytes.value === undefined) return fail("missing-block", "client", `${from} keeps no head of ${world}`);
    const genuine = openHead(world, bytes.value, judge);
    if (!genuine.ok) return genuine;
    const followed = followHead(seen.value, genuine.value);
    if (!followed.ok) return followed;
    const read = await readFoundHead(followed.value, replica.blocks, judge, nowMs, seen.value);
    return read.ok ? ok({ ...read.value, judge, seen: seen.value }) : read;
  }
}

interface Judged {
  readonly judge: HeadJudge;
  /** What was known before. */
  readonly seen: SeenHead | undefined;
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
function manifestOf(world: string, { version }: SubstrateView): Result<Manifest> {
  const lists = { allowedItems: [], assets: [], customs: [], components: [], entityKinds: [], itemKinds: [], portals: [] };
  const name = version.name.slice(0, 16) || "A world";
  return check(
    manifestSchema,
    { world, name, about: "", substrate: version.root, physics: WALK, archive: "all", archiveDelayMs: 0, gateways: ["/"], ...lists },
    "manifest",
  );
}

/** Where newcomers begin; else the middle. */
function spawnOf({ version }: SubstrateView): { readonly x: number; readonly y: number } {
  const { bounds, zones } = version;
  const zone = zones.find((one) => one.class === "spawn");
  return zone === undefined ? { x: (bounds.x0 + bounds.x1) / 2, y: (bounds.y0 + bounds.y1) / 2 } : { x: zone.x, y: zone.y };
}
