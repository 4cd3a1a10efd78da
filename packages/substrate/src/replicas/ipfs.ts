// A replica in an IPFS node of its own: blocks by bitswap, the head as an IPNS record under the world's key. And the reader of one that lies in
// somebody else's nodes: a node for as long as it reads, that knows nobody but them.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fail, ok, type Result } from "@sojourn/protocol";
import type { HeadJudge } from "../heads/open-head.ts";
import { ipfsHeads, ipnsRules } from "../ipfs/ipns.ts";
import { type IpfsNode, type IpfsOptions, startIpfs } from "../ipfs/node.ts";
import { IPFS } from "../limits.ts";
import { type IpfsStoreOptions, ipfsStore } from "../stores/ipfs.ts";
import { folderHeads } from "./folder-heads.ts";
import type { HeadStore, Replica } from "./port.ts";

export interface IpfsReplicaOptions extends Omit<IpfsOptions, "folder" | "validators" | "selectors">, IpfsStoreOptions {
  /** Where the node keeps its key, blocks and heads. */
  readonly folder: string;
  readonly judge: HeadJudge;
}

export interface IpfsReplica extends Replica {
  readonly node: IpfsNode;
}

/** Starts the node; `close` stops it. Fault `store-failed`: see `startIpfs`. */
export async function ipfsReplica(options: IpfsReplicaOptions): Promise<Result<IpfsReplica>> {
  const { judge, name, timeoutMs, ...rest } = options;
  const node = await startIpfs({ ...rest, ...ipnsRules(judge) });
  if (!node.ok) return node;
  const called = name ?? `ipfs ${node.value.peerId}`;
  const kept = folderHeads(join(options.folder, "heads"), { name: called });
  return ok({
    ...{ name: called, kind: "ipfs", node: node.value, close: () => node.value.stop() },
    blocks: ipfsStore(node.value, { name: called, ...(timeoutMs === undefined ? {} : { timeoutMs }) }),
    heads: ipfsHeads(node.value, kept, judge, called),
  });
}

/** Whom to read from: multiaddresses with their peer ids. */
export type ReadIpfsOptions = Pick<IpfsReplicaOptions, "judge" | "name" | "timeoutMs"> & Required<Pick<IpfsOptions, "peers">>;

/**
 * Reads worlds that other nodes keep, on a machine that has nothing: `close` takes the node and all that it got away. Faults `store-failed`: see
 * `startIpfs`; none of them could be reached.
 */
export async function readIpfs(options: ReadIpfsOptions): Promise<Result<Replica>> {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-ipfs-"));
  // It dials, and nobody dials it.
  const replica = await ipfsReplica({ ...options, folder, listen: [] });
  const close = async (): Promise<void> => {
    if (replica.ok) await replica.value.close();
    await rm(folder, { recursive: true, force: true });
  };
  if (!replica.ok) {
    await close();
    return replica;
  }
  const { node, heads, name } = replica.value;
  if (!(await within(IPFS.dialMs, async () => node.connections().length > 0))) {
    await close();
    return fail("store-failed", "link", `${name}: no IPFS node could be reached at ${options.peers.join(", ")}`, 1_000);
  }
  return ok({ ...replica.value, close, heads: readOnly(heads) });
}

/** A peer that was just reached is asked by the DHT a moment later than it answers: no head yet is no answer until there was time for one. */
function readOnly(heads: HeadStore): HeadStore {
  const read: HeadStore["read"] = async (world) => {
    let found = await heads.read(world);
    await within(IPFS.headMs, async () => {
      if (found.ok && found.value === undefined) found = await heads.read(world);
      return !found.ok || found.value !== undefined;
    });
    return found;
  };
  const swap: HeadStore["swap"] = async (world) =>
    fail("store-failed", "client", `${heads.name} is only read; the head of ${world} was not written`);
  return { ...heads, read, swap };
}

async function within(ms: number, is: () => Promise<boolean>): Promise<boolean> {
  for (const startMs = performance.now(); performance.now() - startMs < ms; await sleep(50)) if (await is()) return true;
  return false;
}
