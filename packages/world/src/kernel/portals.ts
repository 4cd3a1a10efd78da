// Where the world leads on: zones of class `portal` on the map, and the peers the operator pinned under the names they lead to.
import type { Peer, PortalInfo, WorldId } from "@sojourn/protocol";
import type { Zone } from "@sojourn/substrate";
import type { PortalDefinition } from "../author/definition.ts";
import { WORLD_LIMITS } from "../limits.ts";
import { cutBytes } from "./words.ts";

export interface Portal {
  readonly name: string;
  readonly label: string;
  /** A peer's name or world id; "" leads nowhere yet. */
  readonly to: string;
  readonly zone: Zone;
}

export function portalsOf(zones: readonly Zone[], defined: { readonly [zone: string]: PortalDefinition }): Portal[] {
  const portals = zones
    .filter((zone) => zone.class.toLowerCase() === "portal")
    .map((zone) => {
      const name = cutBytes(zone.name === "" ? `portal-${zone.id}` : zone.name, 64);
      const said = Object.hasOwn(defined, zone.name) ? (defined[zone.name] as PortalDefinition) : {};
      const to = said.to ?? textOf(zone.properties.to);
      return { name, label: cutBytes(said.label ?? (textOf(zone.properties.label) || name), 64), to, zone };
    });
  const names = new Set(portals.map((portal) => portal.name));
  if (names.size !== portals.length) throw new Error("two portals of the map have the same name");
  if (portals.length > WORLD_LIMITS.portals) throw new Error(`at most ${WORLD_LIMITS.portals} portals`);
  for (const name of Object.keys(defined))
    if (!names.has(name)) throw new Error(`portals.${name}: the map has no zone of class "portal" with this name`);
  return portals;
}

/** The peer a name stands for: its world id, or the operator's name for it in any case of letters. */
export function peerNamed(peers: ReadonlyMap<WorldId, Peer>, name: string): Peer | undefined {
  const byId = peers.get(name);
  if (byId !== undefined) return byId;
  const wanted = name.toLowerCase();
  const called = wanted === "" ? [] : [...peers.values()].filter((peer) => peer.name.toLowerCase() === wanted);
  // One that was unpinned stays known for the crossings under way; its name may be another's by now.
  return called.find((peer) => peer.isClosed !== true) ?? called[0];
}

/** What the manifest says of a portal; x and y are the upper left corner. */
export function portalInfo(portal: Portal, peers: ReadonlyMap<WorldId, Peer>): PortalInfo {
  const { name, label, zone } = portal;
  const peer = peerNamed(peers, portal.to);
  const area = { x: zone.x, y: zone.y, w: Math.min(zone.w, 1_024), h: Math.min(zone.h, 1_024) };
  if (peer === undefined) return { name, label, worldName: cutBytes(portal.to, 64), ...area };
  return { name, label, world: peer.world, worldName: cutBytes(peer.name, 64), url: peer.url, ...area };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value.trim() : "";
}
