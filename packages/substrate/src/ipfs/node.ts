// A real IPFS node in this process: bitswap over TCP, pins, a DHT and pubsub of its own peers. Its law: it dials whom it was told to
// dial and nobody else. No public bootstrap node, router or gateway is known to it.

import { join } from "node:path";
import type { KadDHTInit } from "@libp2p/kad-dht";
import { fail, ok, type Result } from "@sojourn/protocol";
import { CID } from "multiformats/cid";
import { IPFS } from "../limits.ts";
import { directoryStore } from "../stores/directory.ts";
import { memoryStore } from "../stores/memory.ts";
import type { BlockStore } from "../stores/port.ts";
import { heliaBlockstore } from "./blockstore.ts";
import { type HeliaNode, type HeliaParts, loadHelia } from "./helia.ts";

export interface IpfsOptions {
  /** Where blocks, pins and the node's own key are kept. Left out: in memory, gone with the process. */
  readonly folder?: string;
  /** Where its blocks lie instead, as a world that has a store already says. */
  readonly blocks?: BlockStore;
  /** Multiaddresses to listen on; default loopback alone, any port. None: it dials and cannot be dialled. */
  readonly listen?: readonly string[];
  /** Multiaddresses with their peer id, dialled at the start and whenever they are lost. */
  readonly peers?: readonly string[];
  /** What the DHT takes as a record and which of two it prefers, by namespace (`ipns`). Others are refused. */
  readonly validators?: NonNullable<KadDHTInit["validators"]>;
  readonly selectors?: NonNullable<KadDHTInit["selectors"]>;
}

export interface IpfsNode {
  readonly peerId: string;
  /** Where others reach it: multiaddresses with its peer id. */
  readonly addresses: readonly string[];
  /** What it holds here, without asking anybody. */
  readonly blocks: BlockStore;
  /** The node itself, for what needs more: `datastore`, `routing`, `libp2p.services.pubsub`, `libp2p.services.dht`. */
  readonly helia: HeliaNode;
  /** Peers that it is connected to now. */
  connections(): readonly string[];
  /** Connects to a peer by its multiaddress; from then on it may be dialled again. Fault `store-failed`. */
  dial(address: string): Promise<Result<void>>;
  /** Keeps this block and all that hang on it from the node's garbage collection; they are fetched where they are missing. */
  pin(cid: string, signal?: AbortSignal): Promise<Result<void>>;
  unpin(cid: string): Promise<Result<void>>;
  stop(): Promise<void>;
}

/** Starts a node. Faults `store-failed`: Helia is not installed, an address is none or cannot be listened on, a folder cannot be written. */
export async function startIpfs(options: IpfsOptions = {}): Promise<Result<IpfsNode>> {
  const parts = await loadHelia();
  if (!parts.ok) return parts;
  const { multiaddr } = parts.value.multiaddr;
  const dialled = new Set<string>();
  for (const address of [...(options.listen ?? []), ...(options.peers ?? [])]) {
    try {
      multiaddr(address);
    } catch {
      return fail("store-failed", "client", `${JSON.stringify(address)} is no multiaddress, as /ip4/127.0.0.1/tcp/4001/p2p/12D3…`);
    }
  }
  const blocks = options.blocks ?? (options.folder === undefined ? memoryStore("ipfs") : directoryStore(join(options.folder, "blocks")));
  const helia = await startHelia(parts.value, blocks, options, dialled).catch((error: Error) => error);
  if (helia instanceof Error) return fail("store-failed", "client", `the IPFS node could not be started: ${helia.message}`);
  const node = nodeOf(parts.value, helia, blocks, dialled);
  const stopDialling = keepDialling(node, options.peers ?? []);
  return ok({
    ...node,
    get addresses() {
      return node.addresses;
    },
    stop: async () => {
      stopDialling();
      await helia.stop();
    },
  });
}

async function startHelia(parts: HeliaParts, blocks: BlockStore, options: IpfsOptions, dialled: ReadonlySet<string>): Promise<HeliaNode> {
  const { createHeliaLight } = parts.helia;
  const datastore = options.folder === undefined ? undefined : new parts.datastore.FsDatastore(join(options.folder, "data"));
  await datastore?.open();
  const light = createHeliaLight({
    blockstore: heliaBlockstore(blocks, (cid) => CID.parse(cid)),
    ...(datastore === undefined ? {} : { datastore }),
    codecs: [parts.dagCbor],
  });
  const node = parts.libp2p.withLibp2pLight(light, {
    addresses: { listen: [...(options.listen ?? ["/ip4/127.0.0.1/tcp/0"])] },
    transports: [parts.tcp.tcp()],
    connectionEncrypters: [parts.noise.noise()],
    streamMuxers: [parts.yamux.yamux()],
    connectionManager: { maxConnections: IPFS.connections, dialTimeout: IPFS.dialMs },
    connectionGater: { denyDialMultiaddr: (address) => !dialled.has(plainAddress(String(address))) },
    services: {
      identify: parts.identify.identify(),
      ping: parts.ping.ping(),
      dht: parts.dht.kadDHT({
        protocol: "/ipfs/lan/kad/1.0.0",
        peerInfoMapper: (peer) => peer,
        clientMode: false,
        allowQueryWithZeroPeers: true,
        ...(options.validators === undefined ? {} : { validators: options.validators }),
        ...(options.selectors === undefined ? {} : { selectors: options.selectors }),
      }),
      pubsub: parts.pubsub.gossipsub({ allowPublishToZeroTopicPeers: true }),
    },
  });
  return (await parts.bitswap.withBitswap(node).start()) as HeliaNode;
}

/** Without the peer id behind it: a peer is allowed by where it is. */
function plainAddress(address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, "");
}

function nodeOf(parts: HeliaParts, helia: HeliaNode, blocks: BlockStore, dialled: Set<string>): Omit<IpfsNode, "stop"> {
  const failed = (what: string, error: unknown): Result<never> =>
    fail("store-failed", "peer", `${what}: ${(error as Error).message}`, 1_000);
  return {
    peerId: String(helia.libp2p.peerId),
    get addresses() {
      return helia.libp2p.getMultiaddrs().map(String);
    },
    blocks,
    helia,
    connections: () => helia.libp2p.getPeers().map(String),
    dial: async (address) => {
      try {
        const target = parts.multiaddr.multiaddr(address);
        dialled.add(plainAddress(address));
        await helia.libp2p.dial(target, { signal: AbortSignal.timeout(IPFS.dialMs) });
        return ok(undefined);
      } catch (error) {
        return failed(`the IPFS node at ${address} could not be reached`, error);
      }
    },
    pin: async (cid, signal) => {
      try {
        if (await helia.pins.isPinned(CID.parse(cid))) return ok(undefined);
        for await (const _ of helia.pins.add(CID.parse(cid), signal === undefined ? {} : { signal }));
        return ok(undefined);
      } catch (error) {
        return failed(`${cid} could not be pinned`, error);
      }
    },
    unpin: async (cid) => {
      try {
        if (!(await helia.pins.isPinned(CID.parse(cid)))) return ok(undefined);
        for await (const _ of helia.pins.rm(CID.parse(cid)));
        return ok(undefined);
      } catch (error) {
        return failed(`${cid} could not be unpinned`, error);
      }
    },
  };
}

/** Peers that were named are dialled again and again, slowly: a replica that was away is found when it is back. */
function keepDialling(node: Omit<IpfsNode, "stop">, peers: readonly string[]): () => void {
  const dialMissing = (): void => {
    const connected = node.connections();
    for (const address of peers) if (!connected.some((peer) => address.endsWith(`/${peer}`))) void node.dial(address);
  };
  dialMissing();
  const timer = setInterval(dialMissing, IPFS.redialMs);
  timer.unref();
  return () => clearInterval(timer);
}
