// Assets as blocks: one raw block, or a list of raw blocks of one size when it is larger than a block. What is read back
// must be the kind of picture, and the size, that the scene says it is.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { makeBlock, nodeBlock } from "../blocks/block.ts";
import { parseContentId } from "../blocks/content-id.ts";
import { decodeNode, Link } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import type { Block, BlockStore, GetOptions } from "../stores/port.ts";
import { badShape, Fields, readShape } from "../versions/fields.ts";
import type { AssetInfo } from "../versions/types.ts";
import { readImageHeader } from "./image.ts";
import { pictureObjection } from "./still-picture.ts";

/** Cuts a picture into blocks. Faults: `bad-map` (no PNG, JPEG or WebP), `oversized`. `what` names it for people. */
export async function assetBlocks(what: string, bytes: Uint8Array): Promise<Result<{ asset: AssetInfo; blocks: Block[] }>> {
  const header = readImageHeader(bytes);
  if (header === undefined) return fail("bad-map", "client", `${what} is no PNG, JPEG or WebP picture; save it as one of these`);
  if (bytes.length > LIMITS.assetBytes) {
    return fail("oversized", "client", `${what} has ${bytes.length} bytes; a picture may have ${LIMITS.assetBytes}`);
  }
  if (header.width > LIMITS.assetPixels || header.height > LIMITS.assetPixels) {
    const size = `${header.width}×${header.height} pixels`;
    return fail("oversized", "client", `${what} has ${size}; a picture may have ${LIMITS.assetPixels} each way: cut it into several`);
  }
  const objection = pictureObjection(bytes, header);
  if (objection !== undefined) return fail("bad-map", "client", `${what} is no picture that can be shown: ${objection}`);
  const blocks: Block[] = [];
  for (let at = 0; at < bytes.length; at += LIMITS.assetPartBytes) {
    blocks.push(await makeBlock("raw", bytes.slice(at, at + LIMITS.assetPartBytes)));
  }
  const asset = (cid: ContentId): AssetInfo => ({ cid, ...header, bytes: bytes.length });
  if (blocks.length === 1) return ok({ asset: asset(blocks[0]!.cid), blocks });
  const list = await nodeBlock({ bytes: bytes.length, parts: blocks.map(({ cid }) => new Link(cid)) }, what);
  return list.ok ? ok({ asset: asset(list.value.cid), blocks: [list.value, ...blocks] }) : list;
}

/** The whole bytes. Faults: the store's, `bad-block` (not the picture that the scene says). */
export async function readAsset(asset: AssetInfo, store: BlockStore, options: GetOptions = {}): Promise<Result<Uint8Array>> {
  const bytes = await readBytes(asset, store, options);
  if (!bytes.ok) return bytes;
  const header = readImageHeader(bytes.value);
  const matches =
    bytes.value.length === asset.bytes && header?.mime === asset.mime && header.width === asset.width && header.height === asset.height;
  if (!matches) return fail("bad-block", "world", `asset ${asset.cid} is not the ${asset.mime} that its world says it is`);
  const objection = pictureObjection(bytes.value, header);
  return objection === undefined ? bytes : fail("bad-block", "world", `asset ${asset.cid} is not shown: ${objection}`);
}

async function readBytes(asset: AssetInfo, store: BlockStore, options: GetOptions): Promise<Result<Uint8Array>> {
  const first = await store.get(asset.cid, options);
  const id = parseContentId(asset.cid);
  if (!first.ok) return first;
  if (!id.ok) return id;
  if (id.value.codec === "raw") return first;
  const parts = readParts(asset, first.value);
  if (!parts.ok) return parts;
  const whole = new Uint8Array(asset.bytes);
  for (const [i, cid] of parts.value.entries()) {
    const part = await store.get(cid, options);
    if (!part.ok) return part;
    const at = i * LIMITS.assetPartBytes;
    if (part.value.length !== Math.min(LIMITS.assetPartBytes, whole.length - at)) {
      return fail("bad-block", "world", `part ${i} of asset ${asset.cid} has the wrong length`);
    }
    whole.set(part.value, at);
  }
  return ok(whole);
}

/** The parts of a picture that is larger than one block. Fault `bad-block`. */
export function readParts(asset: AssetInfo, bytes: Uint8Array): Result<ContentId[]> {
  const node = decodeNode(bytes);
  if (!node.ok) return node;
  return readShape(`asset ${asset.cid}`, () => {
    const fields = new Fields(node.value, "asset");
    fields.int("bytes", asset.bytes, asset.bytes);
    const count = Math.ceil(asset.bytes / LIMITS.assetPartBytes);
    const parts = fields.list("parts", count, (item, path) => (item instanceof Link ? item.cid : badShape(`${path} must be a link`)));
    fields.end();
    return parts.length === count ? parts : badShape("it has too few parts");
  });
}
