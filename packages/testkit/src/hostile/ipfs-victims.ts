// Real IPFS nodes on loopback as victims: what lies on a node's own disk, and what a lying peer sends it over bitswap while another one is
// honest. They know of nobody else. Helia is loaded here alone, when the victims are opened.
import type { BlockStore } from "@sojourn/substrate";
import type { IpfsNode } from "@sojourn/substrate/ipfs";
import { looseStore } from "../loose-store.ts";
import { isSame, type Victim } from "./attack.ts";
import { PATIENT_MS } from "./victims.ts";

/** A peer's lie looks like a block that it does not have: it is waited for, many side by side. */
const LIE_MS = 400;
const LANES = 4;
const BITSWAP_LANES = 12;

/** The victims by name; a sentence where no node can be started. */
export async function openIpfsVictims(): Promise<Record<string, Victim> | string> {
  const { ipfsStore, startIpfs } = await import("@sojourn/substrate/ipfs");
  const disks = [new Map<string, Uint8Array>(), new Map<string, Uint8Array>(), new Map<string, Uint8Array>()] as const;
  const [nearDisk, liarsDisk, honestDisk] = disks;
  const nodes: IpfsNode[] = [];
  for (const held of disks) {
    const node = await startIpfs({ blocks: looseStore(held) });
    if (!node.ok) return node.fault.detail;
    nodes.push(node.value);
  }
  const [near, ...peers] = nodes as [IpfsNode, IpfsNode, IpfsNode];
  for (const peer of peers) {
    const dialled = await near.dial(peer.addresses[0] as string);
    if (!dialled.ok) throw new Error(dialled.fault.detail);
  }
  return {
    ipfs: {
      ...{ share: 8, lanes: LANES, store: ipfsStore(near, { timeoutMs: PATIENT_MS }), isReadOnly: false },
      lay: ({ cid }, bytes) => void nearDisk.set(cid, bytes),
    },
    bitswap: {
      ...{ share: 0.4, lanes: BITSWAP_LANES, isReadOnly: true, isLieSlow: true, isOnce: true },
      store: readOnly(ipfsStore(near, { timeoutMs: PATIENT_MS })),
      impatient: ipfsStore(near, { timeoutMs: LIE_MS }),
      lay: ({ cid, bytes: right }, bytes) => void (isSame(bytes, right) ? honestDisk : liarsDisk).set(cid, bytes),
      // Nobody has it, and bitswap has no way to say so.
      stall: () => undefined,
      close: async () => {
        for (const node of nodes) await node.stop();
      },
    },
  };
}

/** What is put here would be found here, and never be asked of the other node. */
function readOnly(store: BlockStore): BlockStore {
  return {
    ...store,
    put: async ({ cid }) => ({ ok: false, fault: { code: "store-failed", blame: "client", detail: cid, retryAfterMs: 0 } }),
  };
}
