// Blocks of an IPFS node: what it holds, and over bitswap what its peers hold. Nobody is believed, its own disk included: a block is
// hashed before it is given out. What was asked of peers and did not come in time counts as not there.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { CID } from "multiformats/cid";
import { verifyBlock } from "../blocks/block.ts";
import { parseContentId } from "../blocks/content-id.ts";
import { sameBytes } from "../blocks/node-codec.ts";
import type { IpfsNode } from "../ipfs/node.ts";
import { IPFS } from "../limits.ts";
import type { Block, BlockStore, GetOptions } from "./port.ts";

export interface IpfsStoreOptions {
  /** How long peers are asked for one block. */
  readonly timeoutMs?: number;
  readonly name?: string;
}

/** `has`, `list` and `delete` look at the node alone; `get` asks its peers as well, and the node keeps what it got. */
export function ipfsStore(node: IpfsNode, options: IpfsStoreOptions = {}): BlockStore {
  const name = options.name ?? `ipfs ${node.peerId}`;
  const timeoutMs = options.timeoutMs ?? IPFS.wantMs;
  const given = givenUpBy(node);
  return {
    name,
    has: async (cid) => parseContentId(cid).ok && (await node.blocks.has(cid)),
    get: (cid, { signal }: GetOptions = {}) => getBlock(node, name, cid, timeoutMs, given, signal),
    put: (block) => putBlock(node, name, block),
    ...(node.blocks.list === undefined ? {} : { list: () => (node.blocks.list as NonNullable<BlockStore["list"]>)() }),
    delete: async (cid) => {
      if (parseContentId(cid).ok) await node.blocks.delete?.(cid);
    },
  };
}

async function getBlock(
  node: IpfsNode,
  name: string,
  cid: ContentId,
  timeoutMs: number,
  given: GivenUp,
  signal?: AbortSignal,
): Promise<Result<Uint8Array>> {
  if (!parseContentId(cid).ok) return fail("bad-content-id", "client", `${JSON.stringify(String(cid).slice(0, 70))} is no content id`);
  const here = await node.blocks.get(cid);
  if (!here.ok && here.fault.code !== "missing-block") return fail(here.fault.code, here.fault.blame, `${name}: ${here.fault.detail}`);
  if (here.ok) return await checked(node, name, cid, here.value);
  if (node.connections().length === 0) return fail("missing-block", "peer", `${name} does not hold block ${cid}, and has no peer to ask`);
  await given.forgotten(cid);
  const untilMs = performance.now() + timeoutMs;
  for (let leftMs = timeoutMs; leftMs > 0; leftMs = untilMs - performance.now()) {
    const asked = await askPeers(node, cid, Math.min(IPFS.askAgainMs, Math.ceil(leftMs)), signal);
    if (asked instanceof Uint8Array) return await checked(node, name, cid, asked);
    given.add(cid);
    if (signal?.aborted === true) return fail("store-failed", "client", `the request for block ${cid} was cancelled`);
    if (asked !== undefined) return fail("store-failed", "peer", `${name} could not get block ${cid}: ${asked.message}`, 1_000);
    if (performance.now() < untilMs) await given.forgotten(cid);
  }
  return fail("missing-block", "peer", `${name}: no peer gave block ${cid} within ${timeoutMs} ms`);
}

/** Once, and undefined when nothing came. A peer that is asked too much forgets some of it: what is wanted for longer is wanted again. */
async function askPeers(node: IpfsNode, cid: ContentId, waitMs: number, signal?: AbortSignal): Promise<Uint8Array | Error | undefined> {
  const deadline = AbortSignal.timeout(waitMs);
  const stop = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  try {
    const parts: Uint8Array[] = [];
    for await (const part of node.helia.blockstore.get(CID.parse(cid), { signal: stop })) parts.push(part);
    return parts.length === 1 ? (parts[0] as Uint8Array) : new Uint8Array(Buffer.concat(parts));
  } catch (error) {
    return deadline.aborted ? undefined : (error as Error);
  }
}

/**
 * Blocks that were wanted in vain a moment ago. Bitswap takes a want back only with its next message; one for the same block that comes
 * before that is taken back with it, and would never be asked.
 */
class GivenUp {
  readonly #waits = new Map<ContentId, Promise<void>>();

  add(cid: ContentId): void {
    const wait = new Promise<void>((resolve) => setTimeout(resolve, IPFS.takeBackMs));
    this.#waits.set(cid, wait);
    void wait.then(() => this.#waits.get(cid) === wait && this.#waits.delete(cid));
  }

  async forgotten(cid: ContentId): Promise<void> {
    await this.#waits.get(cid);
  }
}

const ofNodes = new WeakMap<object, GivenUp>();

/** A node has one list of wants, however many stores look at it. */
function givenUpBy({ helia }: IpfsNode): GivenUp {
  const given = ofNodes.get(helia) ?? new GivenUp();
  ofNodes.set(helia, given);
  return given;
}

async function checked(node: IpfsNode, name: string, cid: ContentId, bytes: Uint8Array): Promise<Result<Uint8Array>> {
  const block = await verifyBlock(cid, bytes);
  if (block.ok) return ok(block.value.bytes);
  // Somebody may have healed it since it was read.
  const now = await node.blocks.get(cid);
  if (now.ok && sameBytes(now.value, bytes)) await node.blocks.delete?.(cid);
  return fail("bad-block", "world", `${name}: ${block.fault.detail}; it was damaged and is removed`);
}

async function putBlock(node: IpfsNode, name: string, block: Block): Promise<Result<void>> {
  const verified = await verifyBlock(block.cid, block.bytes);
  if (!verified.ok) return verified;
  // Helia passes over what it has; our own store looks whether that is right, and heals it.
  if (await node.blocks.has(block.cid)) return await node.blocks.put(block);
  try {
    await node.helia.blockstore.put(CID.parse(block.cid), new Uint8Array(block.bytes));
    return ok(undefined);
  } catch (error) {
    return fail("store-failed", "world", `${name} could not keep block ${block.cid}: ${(error as Error).message}`);
  }
}
