// Making blocks and verifying them. Every byte that comes from outside passes verifyBlock before it is used or kept.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { LIMITS } from "../limits.ts";
import type { Block } from "../stores/port.ts";
import { type Codec, formatContentId, parseContentId } from "./content-id.ts";
import { sha256Of } from "./hash.ts";
import { decodeNode, encodeNode, type NodeValue } from "./node-codec.ts";

/**
 * Names the bytes. They must be what the codec says and fit a block: our own code makes them, so anything else is a bug
 * and throws. For bytes from outside use {@link verifyBlock}.
 */
export async function makeBlock(codec: Codec, bytes: Uint8Array): Promise<Block> {
  if (bytes.length > LIMITS.blockBytes) throw new RangeError(`a block of ${bytes.length} bytes: ${LIMITS.blockBytes} are allowed`);
  if (codec === "dag-cbor") {
    const decoded = decodeNode(bytes);
    if (!decoded.ok) throw new TypeError(`not canonical dag-cbor: ${decoded.fault.detail}`);
  }
  return { cid: formatContentId(codec, await sha256Of(bytes)), bytes };
}

/** Encodes a value as a dag-cbor block. Fault `oversized` when it does not fit one block. */
export async function nodeBlock(value: NodeValue, what: string): Promise<Result<Block>> {
  const encoded = encodeNode(value);
  if (!encoded.ok) return fail(encoded.fault.code, encoded.fault.blame, `${what}: ${encoded.fault.detail}`);
  return ok({ cid: formatContentId("dag-cbor", await sha256Of(encoded.value)), bytes: encoded.value });
}

/** The block, when the bytes hash to the id and are canonical. Faults: `bad-content-id`, `oversized`, `bad-block`. */
export async function verifyBlock(cid: ContentId, bytes: Uint8Array): Promise<Result<Block>> {
  const id = parseContentId(cid);
  if (!id.ok) return id;
  if (bytes.length > LIMITS.blockBytes) {
    return fail("oversized", "peer", `block ${cid} has ${bytes.length} bytes; ${LIMITS.blockBytes} are allowed`);
  }
  const digest = await sha256Of(bytes);
  if (!digest.every((byte, i) => byte === id.value.digest[i])) {
    return fail("bad-block", "peer", `the ${bytes.length} bytes given for block ${cid} do not hash to it`);
  }
  if (id.value.codec === "dag-cbor") {
    const decoded = decodeNode(bytes);
    if (!decoded.ok) return fail("bad-block", "peer", `block ${cid} is not canonical dag-cbor: ${decoded.fault.detail}`);
  }
  return ok({ cid, bytes });
}
