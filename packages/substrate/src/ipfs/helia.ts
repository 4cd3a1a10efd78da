// Helia and its parts, loaded when a node is started and not before: who runs none loads and installs none of it.

import type { HeliaWithLibp2p } from "@helia/libp2p";
import type { GossipSub } from "@libp2p/gossipsub";
import type { Identify } from "@libp2p/identify";
import type { KadDHT } from "@libp2p/kad-dht";
import type { Ping } from "@libp2p/ping";
import { fail, ok, type Result } from "@sojourn/protocol";
import type { Helia, HeliaInit } from "helia";

export type HeliaServices = { readonly identify: Identify; readonly ping: Ping; readonly dht: KadDHT; readonly pubsub: GossipSub };
export type HeliaNode = HeliaWithLibp2p<HeliaServices>;
export type HeliaBlockstore = NonNullable<HeliaInit["blockstore"]>;
export type HeliaCid = Parameters<Helia["blockstore"]["get"]>[0];

export interface HeliaParts {
  readonly helia: typeof import("helia");
  readonly libp2p: typeof import("@helia/libp2p");
  readonly bitswap: typeof import("@helia/bitswap");
  readonly dagCbor: typeof import("@ipld/dag-cbor");
  readonly datastore: typeof import("datastore-fs");
  readonly multiaddr: typeof import("@multiformats/multiaddr");
  readonly tcp: typeof import("@libp2p/tcp");
  readonly noise: typeof import("@libp2p/noise");
  readonly yamux: typeof import("@libp2p/yamux");
  readonly identify: typeof import("@libp2p/identify");
  readonly ping: typeof import("@libp2p/ping");
  readonly dht: typeof import("@libp2p/kad-dht");
  readonly pubsub: typeof import("@libp2p/gossipsub");
}

/** Fault `store-failed` that names the part which is not installed. */
export async function loadHelia(): Promise<Result<HeliaParts>> {
  try {
    const [helia, libp2p, bitswap, dagCbor, datastore, multiaddr] = await Promise.all([
      import("helia"),
      import("@helia/libp2p"),
      import("@helia/bitswap"),
      import("@ipld/dag-cbor"),
      import("datastore-fs"),
      import("@multiformats/multiaddr"),
    ]);
    const [tcp, noise, yamux, identify, ping, dht, pubsub] = await Promise.all([
      import("@libp2p/tcp"),
      import("@libp2p/noise"),
      import("@libp2p/yamux"),
      import("@libp2p/identify"),
      import("@libp2p/ping"),
      import("@libp2p/kad-dht"),
      import("@libp2p/gossipsub"),
    ]);
    return ok({ helia, libp2p, bitswap, dagCbor, datastore, multiaddr, tcp, noise, yamux, identify, ping, dht, pubsub });
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    if (code !== "ERR_MODULE_NOT_FOUND") throw error;
    const advice = "the IPFS node is installed separately: install the peer dependencies of @sojourn/substrate";
    return fail("store-failed", "client", `Helia is not installed (${message.split("\n")[0]}); ${advice}`);
  }
}
