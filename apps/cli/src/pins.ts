// Which worlds let travellers come from which, and whom not: pins and bans in the worlds' data folders, where running worlds notice them.
import { lookAgain } from "@sojourn/runtime";
import { type PeerEntry, pinPeer, type RunningWorld, readBans, readPeers } from "@sojourn/world";

/** How often a running world looks whether its operator pinned somebody new. */
const LOOK_MS = 500;

export interface Neighbour {
  readonly dataFolder: string;
  /** What others call it: portals lead to this name, customs are written for it. */
  readonly name: string;
  readonly id: string;
  readonly url: string;
}

/** Every world of the list lets travellers come from every other. */
export async function pinEachOther(neighbours: readonly Neighbour[]): Promise<void> {
  for (const here of neighbours) {
    for (const { id, name, url } of neighbours) if (id !== here.id) await pinPeer(here.dataFolder, { world: id, name, url });
  }
}

/** A peer name from a world's own name: "The Dungeon" → "dungeon". */
export function peerName(worldName: string): string {
  const plain = worldName
    .toLowerCase()
    .replace(/^the\s+/, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return plain === "" ? "world" : plain.slice(0, 64);
}

/** Takes pins made by `sojourn peer` and bans made by `sojourn ban` into a running world. @returns stops looking. */
export function followPins(world: RunningWorld, dataFolder: string, report: (problem: string) => void): () => void {
  let lastBans = "";
  const look = async (): Promise<void> => {
    const peers = await readPeers(dataFolder);
    if (areOthers(world.peers(), peers)) await world.usePeers(peers);
    const bans = await readBans(dataFolder);
    const said = JSON.stringify(bans);
    if (said !== lastBans) await world.useBans(bans);
    lastBans = said;
  };
  return lookAgain(LOOK_MS, look, report);
}

function areOthers(known: readonly PeerEntry[], pinned: readonly PeerEntry[]): boolean {
  const words = (peers: readonly PeerEntry[]): string =>
    peers
      .map(({ world, name, url }) => JSON.stringify([world, name, url]))
      .sort()
      .join();
  return words(known) !== words(pinned);
}
