// Where one will stand in a world before it has said so: what is there is loaded first. A wrong guess costs one view of the world and
// nothing else; the world's own word moves the loading to where one really is. Pure.
import type { Manifest } from "@sojourn/protocol";
import { type Spot, type SubstrateVersion, spawnZones, type Zone } from "@sojourn/substrate";

/** What is known of one's arrival before the world's map is. */
export interface Arrival {
  /** Where one stood in this world when it was last seen. */
  readonly seen: Spot | undefined;
  /** The world one comes from by a crossing. */
  readonly from: string | undefined;
}

/** As the world itself decides: where one was last, else beside the portal that leads back, else where travellers begin. */
export function entrySpots(arrival: Arrival, portals: Manifest["portals"], map: Pick<SubstrateVersion, "zones" | "bounds">): Spot[] {
  if (arrival.seen !== undefined) return [arrival.seen];
  const back = arrival.from === undefined ? undefined : portals.find(({ world }) => world === arrival.from);
  return back === undefined ? spawnSpots(map) : [middleOf(back)];
}

/** Places at which a traveller may begin who has no place yet; the middle of the world where an author marked none. */
export function spawnSpots({ zones, bounds }: Pick<SubstrateVersion, "zones" | "bounds">): Spot[] {
  const { byClass, byName } = spawnZones(zones);
  const found = (byClass.length > 0 ? byClass : byName).map(middleOf);
  return found.length > 0 ? found : [{ x: (bounds.x0 + bounds.x1) / 2, y: (bounds.y0 + bounds.y1) / 2 }];
}

export function middleOf({ x, y, w, h }: Pick<Zone, "x" | "y" | "w" | "h">): Spot {
  return { x: x + w / 2, y: y + h / 2 };
}
