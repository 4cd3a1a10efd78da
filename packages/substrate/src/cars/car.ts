// Blocks as one stream of bytes, in the format of other IPFS tools: CARv1 (https://ipld.io/specs/transport/car/carv1/).
//
//   car      varint length · header · sections          header   dag-cbor {"roots": [link, …], "version": 1}
//   section  varint length · content id, 36 bytes · the block's bytes
//
// Law: a length is believed only within its bound, and no block is given out that was not verified.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { base32 } from "multiformats/bases/base32";
import { verifyBlock } from "../blocks/block.ts";
import { CONTENT_ID_BYTES, parseContentIdBytes } from "../blocks/content-id.ts";
import { decodeNode, encodeNode, Link, type NodeMap, type NodeValue } from "../blocks/node-codec.ts";
import { CAR, LIMITS } from "../limits.ts";
import type { Block } from "../stores/port.ts";
import { ByteReader, type ByteSource } from "./byte-reader.ts";

/** The header of a CAR with these roots. */
export function carHeader(roots: readonly ContentId[]): Uint8Array {
  const header = encodeNode({ roots: roots.map((root) => new Link(root)), version: 1 });
  if (!header.ok) throw new Error(header.fault.detail);
  return joined(varint(header.value.length), header.value);
}

/** One block as a section. */
export function carSection({ cid, bytes }: Block): Uint8Array {
  const id = base32.decode(cid);
  return joined(varint(id.length + bytes.length), id, bytes);
}

export interface OpenCar {
  readonly roots: readonly ContentId[];
  /** Every block, verified, in the order of the file; the first fault is the last thing given. To be read once. */
  blocks(): AsyncIterable<Result<Block>>;
}

/** Reads the header. Faults: `malformed`, `oversized`, `bad-content-id`. What `source` itself throws goes through. */
export async function openCar(source: ByteSource): Promise<Result<OpenCar>> {
  const reader = new ByteReader(source);
  const length = await readLength(reader, CAR.headerBytes, "header");
  if (!length.ok) return length;
  if (length.value === undefined) return malformed("it is empty");
  const bytes = await reader.take(length.value);
  const node = bytes === undefined ? malformed("it ends within its header") : decodeNode(bytes);
  if (!node.ok) return malformed(`its header cannot be read: ${node.fault.detail}`);
  const roots = rootsOf(node.value);
  return roots.ok ? ok({ roots: roots.value, blocks: () => readSections(reader) }) : roots;
}

function rootsOf(header: NodeValue): Result<ContentId[]> {
  const { version, roots } = isMap(header) ? header : { version: 0, roots: [] };
  if (version !== 1) return malformed(`it is a CAR of version ${JSON.stringify(version)}; version 1 is read here`);
  if (!Array.isArray(roots) || roots.length > CAR.roots || !roots.every((root) => root instanceof Link)) {
    return malformed(`its header must name at most ${CAR.roots} roots`);
  }
  return ok(roots.map((root) => (root as Link).cid));
}

async function* readSections(reader: ByteReader): AsyncGenerator<Result<Block>> {
  for (let count = 0; ; count++) {
    if (count >= LIMITS.versionBlocks) return yield fail("oversized", "peer", `the CAR has more than ${LIMITS.versionBlocks} blocks`);
    const length = await readLength(reader, CONTENT_ID_BYTES + LIMITS.blockBytes, `section ${count + 1}`);
    if (!length.ok) return yield length;
    if (length.value === undefined) return;
    const bytes = await reader.take(length.value);
    if (bytes === undefined) return yield malformed(`it ends within section ${count + 1}`);
    const block = await blockIn(bytes, count + 1);
    yield block;
    if (!block.ok) return;
  }
}

async function blockIn(section: Uint8Array, n: number): Promise<Result<Block>> {
  const id = section.subarray(0, CONTENT_ID_BYTES);
  const parsed = parseContentIdBytes(id);
  if (!parsed.ok) return fail("bad-content-id", "peer", `section ${n} of the CAR: ${parsed.fault.detail}`);
  return await verifyBlock(base32.encode(id), section.slice(CONTENT_ID_BYTES));
}

/** A length within its bound; undefined at the end of the stream. */
async function readLength(reader: ByteReader, most: number, what: string): Promise<Result<number | undefined>> {
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = await reader.byte();
    if (byte === undefined) return shift === 0 ? ok(undefined) : malformed(`it ends within the length of its ${what}`);
    value |= (byte & 0x7f) << shift;
    if (byte >= 0x80) continue;
    if (byte === 0) return malformed(`the length of its ${what} is zero or has a shorter spelling`);
    return value <= most ? ok(value) : fail("oversized", "peer", `the ${what} of the CAR has ${value} bytes; ${most} are allowed`);
  }
  return fail("oversized", "peer", `the ${what} of the CAR is longer than ${most} bytes`);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Uint8Array.from([...bytes, left]);
    bytes.push((left % 128) | 0x80);
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function isMap(value: NodeValue): value is NodeMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Link) && !(value instanceof Uint8Array);
}

function malformed(why: string): Result<never> {
  return fail("malformed", "peer", `this is no CAR that can be read: ${why}`);
}
