// Blocks in memory, gone with the process. Its law is the port's: it refuses what does not hash to its id.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { verifyBlock } from "../blocks/block.ts";
import type { Block, BlockStore } from "./port.ts";

/** `blocks` are put in without a check, for blocks that were just made. */
export function memoryStore(name = "memory", blocks: Iterable<Block> = []): BlockStore {
  const held = new Map<ContentId, Uint8Array>();
  for (const block of blocks) held.set(block.cid, new Uint8Array(block.bytes));
  return {
    name,
    has: async (cid) => held.has(cid),
    get: async (cid): Promise<Result<Uint8Array>> => {
      const bytes = held.get(cid);
      return bytes === undefined ? fail("missing-block", "peer", `${name} does not hold block ${cid}`) : ok(bytes.slice());
    },
    put: async (block) => {
      const verified = await verifyBlock(block.cid, block.bytes);
      if (!verified.ok) return verified;
      held.set(block.cid, new Uint8Array(block.bytes));
      return ok(undefined);
    },
    list: async function* () {
      yield* [...held.keys()];
    },
    delete: async (cid) => {
      held.delete(cid);
    },
  };
}
