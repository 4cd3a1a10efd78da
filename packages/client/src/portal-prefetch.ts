// The far side of a portal is loaded as one nears it, so that a crossing loads nothing: the other world's card says its present version,
// and of that what lies around the arrival is brought into the cache, quietly. Law: one far side at a time, within a budget; a portal
// that leads nowhere costs nothing, one that leads to nobody one question; whoever walks away again pays for nothing more.
import { readCard } from "@sojourn/passport";
import { fail, type Manifest, ok, type PortalInfo, type Result } from "@sojourn/protocol";
import { ask, type Clock } from "@sojourn/runtime";
import { type BlockStore, type Spot, type SubstrateVersion, streamVersion } from "@sojourn/substrate";
import { worldAddress } from "./address.ts";
import { middleOf, spawnSpots } from "./entry-spots.ts";
import { LOADING, PREFETCH } from "./limits.ts";
import type { Prefetched } from "./visitor.ts";

export interface PrefetchTools {
  readonly clock: Clock;
  readonly cache: BlockStore;
  readonly sources: (gateways: readonly string[]) => readonly BlockStore[];
  readonly card: (base: string, signal: AbortSignal) => Promise<string | undefined>;
  /** Where one stood in the world at this address, if one was there. */
  readonly seen: (base: string) => Promise<Spot | undefined>;
  readonly tell: (prefetched: Prefetched) => void;
}

interface Running {
  readonly portal: PortalInfo;
  readonly stop: AbortController;
}

export class PortalPrefetch {
  private readonly tools: PrefetchTools;
  private running: Running | undefined;
  /** Address → until when it is not looked at again. */
  private readonly known = new Map<string, number>();

  constructor(tools: PrefetchTools) {
    this.tools = tools;
  }

  /** Called as one walks. */
  near(at: Spot, manifest: Manifest): void {
    const { running } = this;
    if (running !== undefined) {
      if (distance(at, running.portal) > PREFETCH.leaveUnits) this.stop();
      return;
    }
    const nowMs = this.tools.clock.monotonic();
    let nearest: PortalInfo | undefined;
    let nearestUnits: number = PREFETCH.nearUnits;
    for (const portal of manifest.portals) {
      const units = distance(at, portal);
      if (portal.url === undefined || portal.world === undefined || units > nearestUnits) continue;
      if ((this.known.get(portal.url) ?? 0) > nowMs) continue;
      [nearest, nearestUnits] = [portal, units];
    }
    if (nearest !== undefined) void this.fetch(nearest, manifest);
  }

  stop(): void {
    this.running?.stop.abort();
    this.running = undefined;
  }

  private async fetch(portal: PortalInfo, from: Manifest): Promise<void> {
    const running = { portal, stop: new AbortController() };
    this.running = running;
    const { tell, clock } = this.tools;
    const about = { portal: portal.name, world: portal.worldName };
    tell({ ...about, state: "begun", blocks: 0, bytes: 0 });
    const fetched = await this.fetchFarSide(portal, from, running.stop.signal);
    if (this.running === running) this.running = undefined;
    if (running.stop.signal.aborted) {
      tell({ ...about, state: "stopped", blocks: 0, bytes: 0 });
      return;
    }
    this.known.set(portal.url as string, clock.monotonic() + (fetched.ok ? PREFETCH.freshMs : PREFETCH.restMs));
    if (fetched.ok) tell({ ...about, state: "done", ...fetched.value });
    else tell({ ...about, state: "failed", blocks: 0, bytes: 0, fault: fetched.fault });
  }

  private async fetchFarSide(portal: PortalInfo, from: Manifest, signal: AbortSignal): Promise<Result<{ blocks: number; bytes: number }>> {
    const { tools } = this;
    const address = worldAddress(portal.url ?? "");
    if (!address.ok) return address;
    const { base } = address.value;
    const text = await tools.card(base, signal);
    if (text === undefined) return fail("destination-down", "peer", `${portal.worldName} does not answer`);
    const card = readCard(text);
    if (!card.ok) return card;
    if (card.value.world !== portal.world) return fail("forged", "peer", `at ${base} is another world than ${portal.worldName}`);
    const seen = await tools.seen(base);
    const stop = new AbortController();
    let isTooMuch = false;
    const stream = streamVersion(card.value.substrate, {
      cache: tools.cache,
      sources: tools.sources([base]),
      around: {
        spots: (map) => (seen === undefined ? arrivalSpots(map, from) : [seen]),
        radius: Math.max(PREFETCH.radiusUnits, from.physics.viewRadius + LOADING.marginUnits),
      },
      isNearOnly: true,
      parallel: PREFETCH.parallel,
      signal: AbortSignal.any([signal, stop.signal]),
      onProgress: ({ fetchedBytes }) => {
        isTooMuch = fetchedBytes > PREFETCH.bytes;
        if (isTooMuch) stop.abort();
      },
    });
    const ended = await stream.ended;
    const { fetchedBlocks: blocks, fetchedBytes: bytes } = stream.report;
    // What is here already is of use, and the rest comes when one crosses.
    return ended.ok || isTooMuch ? ok({ blocks, bytes }) : ended;
  }
}

/** Asks over HTTP, in good time, for a few lines. */
export async function cardOverHttp(base: string, signal: AbortSignal): Promise<string | undefined> {
  const answer = await ask(`${base}/.well-known/sojourn`, { maxBytes: PREFETCH.cardBytes, timeoutMs: PREFETCH.cardMs, signal });
  return answer.ok && answer.value.status === 200 ? answer.value.text : undefined;
}

/** One arrives beside the portal that leads back. Its author names the world it leads to; where no name fits, it may be any of them. */
function arrivalSpots(map: Pick<SubstrateVersion, "zones" | "bounds">, from: Pick<Manifest, "world" | "name">): Spot[] {
  const portals = map.zones.filter((zone) => zone.class.toLowerCase() === "portal");
  const names = [from.world, from.name].map((name) => name.toLowerCase());
  const back = portals.filter(({ properties }) =>
    names.includes(
      String(properties.to ?? "")
        .trim()
        .toLowerCase(),
    ),
  );
  return back.length > 0 ? back.map(middleOf) : [...portals.map(middleOf), ...spawnSpots(map)];
}

/** Units from a point to a portal's area. */
function distance(at: Spot, { x, y, w, h }: PortalInfo): number {
  return Math.hypot(Math.max(x - at.x, 0, at.x - x - w), Math.max(y - at.y, 0, at.y - y - h));
}
