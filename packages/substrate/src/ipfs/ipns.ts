// Heads as IPNS records of an IPFS node: kept beside the node, put into the DHT that it shares with its peers, and read from both. A network of
// equals has no compare-and-swap: the node's own record is swapped, and of all that are found the highest genuine one counts.
import { fail, ok, type Result, type WorldId } from "@sojourn/protocol";
import { base36 } from "multiformats/bases/base36";
import { sameBytes } from "../blocks/node-codec.ts";
import { headName, worldOfHeadName } from "../heads/head-name.ts";
import { readHead } from "../heads/head-record.ts";
import { type HeadJudge, openHead } from "../heads/open-head.ts";
import { IPFS } from "../limits.ts";
import type { HeadStore } from "../replicas/port.ts";
import type { IpfsNode, IpfsOptions } from "./node.ts";

const PREFIX = new TextEncoder().encode("/ipns/");
/** A libp2p-key CID is version, codec and then the multihash that the DHT's key has. */
const CID_HEAD_BYTES = 2;

function routingKey(world: WorldId): Uint8Array {
  const name = headName(world) as string;
  return Uint8Array.of(...PREFIX, ...base36.decode(name).subarray(CID_HEAD_BYTES));
}

function worldOfRoutingKey(key: Uint8Array): WorldId | undefined {
  const hash = key.subarray(PREFIX.length);
  return worldOfHeadName(base36.encode(Uint8Array.of(0x01, 0x72, ...hash)));
}

/** What a node's DHT takes as a head, and which of several it gives: hand it to `startIpfs`. */
export function ipnsRules(judge: HeadJudge): Required<Pick<IpfsOptions, "validators" | "selectors">> {
  const validate = async (key: Uint8Array, value: Uint8Array): Promise<void> => {
    const world = worldOfRoutingKey(key);
    const genuine = world === undefined ? undefined : openHead(world, value, judge);
    if (genuine?.ok !== true) throw new Error("this is no head of the world that the key names");
  };
  const select = (_key: Uint8Array, records: Uint8Array[]): number => {
    const sequences = records.map((record) => {
      const read = readHead(record);
      return read.ok ? read.value.head.sequence : -1;
    });
    return sequences.indexOf(Math.max(...sequences));
  };
  return { validators: { ipns: validate }, selectors: { ipns: select } };
}

/** The heads that a node keeps (in `kept`) and finds. `judge` says which of those that others give are genuine. */
export function ipfsHeads(node: IpfsNode, kept: HeadStore, judge: HeadJudge, name = `ipfs ${node.peerId}`): HeadStore {
  // The best that peers have given of each world, so that a swap need not ask them again.
  const given = new Map<WorldId, Uint8Array>();
  const read = async (world: WorldId): Promise<Result<Uint8Array | undefined>> => {
    const here = await kept.read(world);
    if (!here.ok) return here;
    const found = newer(given.get(world), await fromPeers(node, world, judge));
    if (found !== undefined) given.set(world, found);
    return ok(newer(here.value, found));
  };
  return {
    name,
    read,
    swap: async (world, next, over) => {
      const here = await kept.read(world);
      if (!here.ok) return here;
      // The node's own record may be older than the one that was found; the swap over it is what one writer of this node wins.
      const found = newer(here.value, given.get(world));
      const isOver = found === undefined || over === undefined ? found === over : sameBytes(found, over);
      if (!isOver) return fail("stale-head", "world", `${name}: another head of ${world} lies there; read it first`);
      const swapped = await kept.swap(world, next, here.value);
      if (swapped.ok) await toPeers(node, world, next);
      return swapped;
    },
    ...(kept.list === undefined ? {} : { list: () => (kept.list as NonNullable<HeadStore["list"]>)() }),
  };
}

function newer(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const [first, second] = [readHead(a), readHead(b)];
  return second.ok && (!first.ok || second.value.head.sequence > first.value.head.sequence) ? b : a;
}

/** The best genuine head that peers give in time; none counts as none. */
async function fromPeers(node: IpfsNode, world: WorldId, judge: HeadJudge): Promise<Uint8Array | undefined> {
  if (node.connections().length === 0) return undefined;
  let best: Uint8Array | undefined;
  try {
    const signal = AbortSignal.timeout(IPFS.headMs);
    for await (const event of node.helia.libp2p.services.dht.get(routingKey(world), { signal })) {
      if (event.name !== "VALUE" || !openHead(world, event.value, judge).ok) continue;
      best = newer(best, new Uint8Array(event.value));
    }
  } catch {
    // Peers that do not answer have said nothing: what the node itself holds still counts.
  }
  return best;
}

/** A head that no peer could be told is kept all the same, and told with the next one. */
async function toPeers(node: IpfsNode, world: WorldId, record: Uint8Array): Promise<void> {
  if (node.connections().length === 0) return;
  try {
    for await (const _ of node.helia.libp2p.services.dht.put(routingKey(world), record, { signal: AbortSignal.timeout(IPFS.headMs) }));
  } catch {
    // As above.
  }
}
