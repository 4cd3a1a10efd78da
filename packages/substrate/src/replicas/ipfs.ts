// A replica in an IPFS node of its own: blocks by bitswap, the head as an IPNS record under the world's key.
import { join } from "node:path";
import { ok, type Result } from "@sojourn/protocol";
import type { HeadJudge } from "../heads/judge.ts";
import { ipfsHeads, ipnsRules } from "../ipfs/ipns.ts";
import { type IpfsNode, type IpfsOptions, startIpfs } from "../ipfs/node.ts";
import { type IpfsStoreOptions, ipfsStore } from "../stores/ipfs.ts";
import { folderHeads } from "./folder-heads.ts";
import type { Replica } from "./port.ts";

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
