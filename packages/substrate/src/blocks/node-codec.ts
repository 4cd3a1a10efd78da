// Nodes: values as deterministic DAG-CBOR. One value has one encoding; decoding accepts that encoding and no other
// (it encodes again and compares), so two blocks with different ids never mean the same node.
import * as cbor from "@atcute/cbor";
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { base32 } from "multiformats/bases/base32";
import { LIMITS } from "../limits.ts";
import { parseContentId, parseContentIdBytes } from "./content-id.ts";
import { scanNode } from "./node-scan.ts";

/** A link from one node to another block. */
export class Link {
  readonly cid: ContentId;
  constructor(cid: ContentId) {
    this.cid = cid;
  }
}

export type NodeValue = null | boolean | number | string | Uint8Array | Link | readonly NodeValue[] | NodeMap;
export interface NodeMap {
  readonly [key: string]: NodeValue;
}

/** Keys that would not survive as plain data in some reader of such nodes. */
const RESERVED_KEYS: ReadonlySet<string> = new Set(["__proto__", "$link", "$bytes", "/"]);

/** True for a name that a map in a node cannot have as its key. */
export function isReservedKey(key: string): boolean {
  return RESERVED_KEYS.has(key);
}

/** Faults: `malformed` (a value that a node cannot hold), `oversized` (deeper, larger or more values than allowed). */
export function encodeNode(value: NodeValue): Result<Uint8Array> {
  const bytes = encodeUnchecked(value);
  if (!bytes.ok) return bytes;
  if (bytes.value.length > LIMITS.blockBytes) {
    return fail("oversized", "client", `a node of ${bytes.value.length} bytes; ${LIMITS.blockBytes} are allowed`);
  }
  const wrong = scanNode(bytes.value);
  return wrong === undefined ? bytes : fail("oversized", "client", `a node that cannot be read back: ${wrong}`);
}

/** Strict: canonical bytes only. Faults: `oversized`, `malformed`. */
export function decodeNode(bytes: Uint8Array): Result<NodeValue> {
  if (bytes.length > LIMITS.blockBytes) {
    return fail("oversized", "peer", `a node of ${bytes.length} bytes; ${LIMITS.blockBytes} are allowed`);
  }
  const wrong = scanNode(bytes);
  if (wrong !== undefined) return fail("malformed", "peer", wrong);
  try {
    // Encoded again as the codec has it, before it is copied into ours: a third form of every value would be dear.
    const decoded: unknown = cbor.decode(bytes);
    if (!sameBytes(cbor.encode(decoded), bytes)) return fail("malformed", "peer", "the value has a shorter or more orderly encoding");
    return ok(fromCodec(decoded));
  } catch (error) {
    return fail("malformed", "peer", error instanceof Error ? error.message : String(error));
  }
}

/** The ids of all links in a node, in the order of its bytes. */
export function linksOf(value: NodeValue): ContentId[] {
  if (value instanceof Link) return [value.cid];
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return [];
  const parts = Array.isArray(value) ? (value as readonly NodeValue[]) : Object.values(value as NodeMap);
  return parts.flatMap(linksOf);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function encodeUnchecked(value: NodeValue): Result<Uint8Array> {
  try {
    return ok(cbor.encode(toCodec(value, LIMITS.nodeDepth)));
  } catch (error) {
    return fail("malformed", "client", error instanceof Error ? error.message : String(error));
  }
}

/** Our values → the codec's. Throws a TypeError or RangeError, caught above. */
function toCodec(value: NodeValue, depth: number): unknown {
  switch (typeof value) {
    case "boolean":
      return value;
    case "number":
    case "string":
      return checkedScalar(value);
    case "object":
      break;
    default:
      throw new TypeError(`a ${typeof value} is no node value`);
  }
  if (value === null) return null;
  if (value instanceof Uint8Array) return cbor.toBytes(value);
  if (value instanceof Link) return linkToCodec(value);
  if (depth === 0) throw new RangeError(`deeper than ${LIMITS.nodeDepth}`);
  if (Array.isArray(value)) return (value as readonly NodeValue[]).map((item) => toCodec(item, depth - 1));
  const map: Record<string, unknown> = {};
  // Keys and not entries: a block of empty maps would cost a pair and a list for each of tens of thousands.
  for (const key in value as NodeMap) {
    if (RESERVED_KEYS.has(key)) throw new TypeError(`the key ${JSON.stringify(key)} is reserved`);
    if (!key.isWellFormed()) throw new TypeError("a key with half a surrogate pair");
    map[key] = toCodec((value as NodeMap)[key] as NodeValue, depth - 1);
  }
  return map;
}

/** Throws for numbers and text that no node holds. */
function checkedScalar(value: number | string): number | string {
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new TypeError("text with half a surrogate pair");
  } else if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
    throw new RangeError(`the number ${value}`);
  return value;
}

function linkToCodec(link: Link): unknown {
  if (!parseContentId(link.cid).ok) throw new TypeError(`a link to ${JSON.stringify(link.cid)}, which is no content id`);
  return new cbor.CidLinkWrapper(base32.decode(link.cid));
}

/** The codec's values → ours. Throws a TypeError, caught above. */
function fromCodec(value: unknown): NodeValue {
  if (typeof value === "number" || typeof value === "string") return checkedScalar(value);
  if (value === null || typeof value !== "object") return value as NodeValue;
  if (value instanceof cbor.BytesWrapper) return value.buf.slice();
  if (value instanceof cbor.CidLinkWrapper) {
    const id = parseContentIdBytes(value.bytes);
    if (!id.ok) throw new TypeError(`a link that is not accepted: ${id.fault.detail}`);
    return new Link(base32.encode(value.bytes));
  }
  if (Array.isArray(value)) return value.map(fromCodec);
  const map: Record<string, NodeValue> = {};
  for (const key in value) {
    if (RESERVED_KEYS.has(key)) throw new TypeError(`the key ${JSON.stringify(key)} is reserved`);
    if (!key.isWellFormed()) throw new TypeError("a key with half a surrogate pair");
    map[key] = fromCodec((value as Record<string, unknown>)[key]);
  }
  return map;
}
