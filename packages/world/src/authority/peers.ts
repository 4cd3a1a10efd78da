// The worlds this operator named and pinned, kept in the data folder as text that a person can read and edit while the world is closed.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { check, list, type Peer, type Schema, struct, text, type WorldId, worldIdSchema } from "@sojourn/protocol";
import { fileStore } from "@sojourn/runtime/node";
import { BORDER_LIMITS } from "../limits.ts";
import type { PeerEntry } from "../options.ts";

const FILE = "peers.json";
const peersSchema: Schema<readonly PeerEntry[]> = list(
  struct({ world: worldIdSchema, name: text(64, /^.+$/), url: text(256, /^https?:\/\/[^\s@]+$/) }),
  BORDER_LIMITS.peers,
);

/** Reads the peers of a data folder; an empty list when there are none yet. Throws an Error that names the mistake. */
export async function readPeers(dataFolder: string): Promise<PeerEntry[]> {
  const path = join(dataFolder, FILE);
  let source: string;
  try {
    source = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(source);
  } catch {
    throw new Error(`${path} is not JSON; it holds a list of { "world", "name", "url" }`);
  }
  const checked = check(peersSchema, parsed, FILE);
  if (!checked.ok) throw new Error(`${path}: ${checked.fault.detail}`);
  return [...checked.value];
}

/** Keeps the peers; a world named again takes the new name and address. */
export async function keepPeers(dataFolder: string, peers: readonly PeerEntry[]): Promise<void> {
  const checked = check(peersSchema, peers, FILE);
  if (!checked.ok) throw new Error(`this is no peer: ${checked.fault.detail}`);
  await fileStore(dataFolder).set(FILE, new TextEncoder().encode(`${JSON.stringify(peers, undefined, 2)}\n`));
}

export function withPeer(peers: readonly PeerEntry[], peer: PeerEntry): PeerEntry[] {
  const { world, name, url } = peer;
  return [...peers.filter((one) => one.world !== world), { world, name, url }];
}

/** Pins a peer in the data folder of a world that is closed, or open: an open one reads the file again. */
export async function pinPeer(dataFolder: string, peer: PeerEntry): Promise<void> {
  await keepPeers(dataFolder, withPeer(await readPeers(dataFolder), peer));
}

export function peerMap(peers: readonly PeerEntry[], self: WorldId): Map<WorldId, Peer> {
  return new Map(peers.filter((peer) => peer.world !== self).map((peer) => [peer.world, peer]));
}
