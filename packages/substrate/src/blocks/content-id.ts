// Content ids: CIDv1, sha2-256 of 32 bytes, codec raw or dag-cbor, base32 lower case. One spelling for each block, nothing else:
//
//   text  b | base32(…)                                   59 characters
//   bytes 01 | 55 raw, 71 dag-cbor | 12 | 20 | digest     36 bytes
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { base32 } from "multiformats/bases/base32";

export type Codec = "raw" | "dag-cbor";

export interface ParsedContentId {
  readonly codec: Codec;
  readonly digest: Uint8Array;
}

const CODES = { raw: 0x55, "dag-cbor": 0x71 } as const;
const PATTERN = /^b[a-z2-7]{58}$/;
export const CONTENT_ID_BYTES = 36;

/** The text form of a codec and a sha2-256 digest (32 bytes; anything else is a bug and throws). */
export function formatContentId(codec: Codec, digest: Uint8Array): ContentId {
  if (digest.length !== 32) throw new RangeError(`a sha2-256 digest has 32 bytes, not ${digest.length}`);
  const bytes = new Uint8Array(CONTENT_ID_BYTES);
  bytes.set([0x01, CODES[codec], 0x12, 0x20]);
  bytes.set(digest, 4);
  return base32.encode(bytes);
}

const CONTENT_ID_CHARS = 59;

/** Strict: only the canonical text is accepted. Fault: `bad-content-id`. */
export function parseContentId(text: string): Result<ParsedContentId> {
  if (typeof text !== "string" || text.length !== CONTENT_ID_CHARS || !PATTERN.test(text)) {
    return bad(text, "it must be a CIDv1 in lower-case base32, 59 characters that begin with b");
  }
  let bytes: Uint8Array;
  try {
    bytes = base32.decode(text);
  } catch {
    return bad(text, "its last character carries bits that must be zero");
  }
  return parseContentIdBytes(bytes);
}

/** The binary form, as a link in a node carries it. Fault: `bad-content-id`. */
export function parseContentIdBytes(bytes: Uint8Array): Result<ParsedContentId> {
  if (bytes.length !== CONTENT_ID_BYTES || bytes[0] !== 0x01) return bad(undefined, "it must be a CIDv1 of 36 bytes");
  const codec = bytes[1] === CODES.raw ? "raw" : bytes[1] === CODES["dag-cbor"] ? "dag-cbor" : undefined;
  if (codec === undefined) return bad(undefined, "its codec must be raw or dag-cbor");
  if (bytes[2] !== 0x12 || bytes[3] !== 0x20) return bad(undefined, "its hash must be sha2-256 of 32 bytes");
  return ok({ codec, digest: bytes.slice(4) });
}

/** The binary form of an id that was checked before; a text that is none is a bug and throws. */
export function contentIdBytes(cid: ContentId): Uint8Array {
  const id = parseContentId(cid);
  if (!id.ok) throw new TypeError(id.fault.detail);
  const bytes = new Uint8Array(CONTENT_ID_BYTES);
  bytes.set([0x01, CODES[id.value.codec], 0x12, 0x20]);
  bytes.set(id.value.digest, 4);
  return bytes;
}

/** The text form of an id in its binary form; undefined when it is none that is accepted here. */
export function contentIdOf(bytes: Uint8Array): ContentId | undefined {
  const id = parseContentIdBytes(bytes);
  return id.ok ? formatContentId(id.value.codec, id.value.digest) : undefined;
}

function bad(text: unknown, why: string): Result<never> {
  const shown = typeof text === "string" ? ` ${JSON.stringify(text.slice(0, 70))}` : "";
  return fail("bad-content-id", "peer", `the content id${shown} is not accepted: ${why}`);
}
