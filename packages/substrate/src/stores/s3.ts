// Blocks in a bucket of an S3-compatible service, one object a block. What comes out of it is hashed before it is given out, as
// from any stranger: a bucket's owner, its service and whoever found its keys can all write there.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { verifyBlock } from "../blocks/block.ts";
import { parseContentId } from "../blocks/content-id.ts";
import { LIMITS } from "../limits.ts";
import type { S3Objects } from "../s3/objects.ts";
import type { Block, BlockStore, GetOptions } from "./port.ts";
import { Turns } from "./turns.ts";

/** Under the bucket's prefix: a bucket that is open to readers is a trustless gateway of raw blocks. */
const FOLDER = "ipfs/";

/** `objects` from {@link openS3}. Lists what it can: a fault ends the list. */
export function s3Store(objects: S3Objects): BlockStore {
  const turns = new Turns();
  return {
    name: objects.name,
    has: async (cid) => {
      if (!parseContentId(cid).ok) return false;
      const found = await objects.head(FOLDER + cid);
      return found.ok && found.value !== undefined;
    },
    get: (cid, options) => getBlock(objects, turns, cid, options),
    put: (block) => putBlock(objects, turns, block),
    list: async function* () {
      for await (const entry of objects.list(FOLDER)) {
        const cid = entry.ok ? entry.value.name.slice(FOLDER.length) : "";
        if (parseContentId(cid).ok) yield cid;
      }
    },
    delete: async (cid) => {
      if (parseContentId(cid).ok) await objects.delete(FOLDER + cid);
    },
  };
}

async function getBlock(objects: S3Objects, turns: Turns, cid: ContentId, { signal }: GetOptions = {}): Promise<Result<Uint8Array>> {
  if (!parseContentId(cid).ok) return fail("bad-content-id", "client", `${JSON.stringify(String(cid).slice(0, 70))} is no content id`);
  const got = await objects.get(FOLDER + cid, LIMITS.blockBytes, signal);
  if (!got.ok && got.fault.code !== "oversized")
    return fail(got.fault.code, got.fault.blame, `block ${cid}: ${got.fault.detail}`, got.fault.retryAfterMs);
  if (got.ok && got.value === undefined) return fail("missing-block", "peer", `${objects.name} does not hold block ${cid}`);
  const bytes = got.ok ? got.value?.bytes : undefined;
  const block = bytes === undefined ? undefined : await verifyBlock(cid, bytes);
  if (block?.ok === true) return ok(block.value.bytes);
  const dropped = await turns.take(cid, () => dropDamaged(objects, cid));
  const detail = block?.fault.detail ?? `block ${cid} has more than ${LIMITS.blockBytes} bytes there`;
  return fail("bad-block", "peer", `${objects.name}: ${detail}; ${dropped}`);
}

/** What is there now may be right again: somebody may have healed it since it was read. */
async function dropDamaged(objects: S3Objects, cid: ContentId): Promise<string> {
  const now = await objects.get(FOLDER + cid, LIMITS.blockBytes);
  if (now.ok && (now.value === undefined || (await verifyBlock(cid, now.value.bytes)).ok)) return "it has been replaced since";
  const gone = await objects.delete(FOLDER + cid);
  return gone.ok ? "it was damaged and is removed" : `it is damaged and could not be removed (${gone.fault.detail})`;
}

/** Once or many times is the same: the same id is always the same bytes. */
async function putBlock(objects: S3Objects, turns: Turns, block: Block): Promise<Result<void>> {
  const verified = await verifyBlock(block.cid, block.bytes);
  if (!verified.ok) return verified;
  const put = await turns.take(block.cid, () => objects.put(FOLDER + block.cid, block.bytes));
  if (put.kind === "written") return ok(undefined);
  if (put.kind === "beaten") return fail("store-failed", "peer", put.detail);
  return fail(put.fault.code, put.fault.blame, `block ${block.cid}: ${put.fault.detail}`, put.fault.retryAfterMs);
}
