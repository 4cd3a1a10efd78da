// Signed messages as compact JWS: base64url(header) "." base64url(payload) "." base64url(signature).
// Law: one spelling. The header is exactly {"alg":"EdDSA","kid":<the key>,"typ":"sojourn-…+jws"}, the payload canonical JSON of the schema of
// its typ, base64url without padding; whatever would not be written like that is refused before any cryptography.
import { sha256 } from "@noble/hashes/sha2.js";
import {
  type Claims,
  type ClaimsType,
  canonicalJson,
  check,
  claimSchemas,
  DID_KEY_PATTERN,
  decodeBase64url,
  encodeBase64url,
  fail,
  type Json,
  LIMITS,
  type Opened,
  ok,
  parseJson,
  type Result,
  type Schema,
  tokenTyp,
} from "@sojourn/protocol";

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const TYPES = Object.keys(claimSchemas) as ClaimsType[];
/** A header is alg, kid and typ and nothing else; the longest is well below this. */
const HEADER_CHARS = 256;

export function hashToken(token: string): string {
  return encodeBase64url(sha256(utf8.encode(token)));
}

function headerOf(typ: ClaimsType, kid: string): string {
  return canonicalJson({ alg: "EdDSA", kid, typ: tokenTyp(typ) });
}

/** The bytes a signature of these claims by the key `kid` is over: header and payload as text. */
export function signingInput(claims: Claims, kid: string = claims.iss): string {
  const { typ, ...payload } = claims;
  const header = encodeBase64url(utf8.encode(headerOf(typ, kid)));
  return `${header}.${encodeBase64url(utf8.encode(canonicalJson(payload as unknown as Json)))}`;
}

/** A token taken apart, its signature not yet looked at. */
export interface ReadToken extends Opened {
  /** What the signature must be over. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** Reads a token's form, typ and schema. Fault `oversized`, `malformed`, or `forged` for a header that is not ours. Never throws. */
export function readToken(token: string): Result<ReadToken> {
  if (token.length > LIMITS.tokenBytes) return fail("oversized", "peer", `a signed message has at most ${LIMITS.tokenBytes} characters`);
  const parts = token.split(".");
  if (parts.length !== 3) return malformed("a signed message has three parts");
  const [headerPart, payloadPart, signaturePart] = parts as [string, string, string];
  const signature = decodeBase64url(signaturePart);
  if (signature?.length !== 64) return malformed("the signature is not 64 bytes of base64url");
  const payload = parsePart(payloadPart);
  if (!payload.ok) return payload;
  const header = headerIn(headerPart);
  if (!header.ok) return header;
  const { typ, kid } = header.value;
  const checked = check(claimSchemas[typ] as Schema<Omit<Claims, "typ">>, payload.value.json, typ);
  if (!checked.ok) return checked;
  if (canonicalJson(payload.value.json as Json) !== payload.value.text) return malformed("the payload is not canonical JSON");
  const claims = { typ, ...checked.value } as Claims;
  if (headerPart !== encodeBase64url(utf8.encode(headerOf(typ, kid)))) return fail("forged", "peer", "the header is not one of ours");
  if (typ === "keys" && kid !== claims.iss) return fail("forged", "peer", "a statement of keys is signed by the identity key alone");
  return ok({ claims, hash: hashToken(token), kid, signed: utf8.encode(`${headerPart}.${payloadPart}`), signature });
}

function headerIn(headerPart: string): Result<{ typ: ClaimsType; kid: string }> {
  if (headerPart.length > HEADER_CHARS) return fail("forged", "peer", "the header is not one of ours");
  const header = parsePart(headerPart);
  if (!header.ok) return header;
  const said = (header.value.json ?? {}) as { readonly typ?: unknown; readonly kid?: unknown };
  const typ = TYPES.find((known) => tokenTyp(known) === said.typ);
  if (typ === undefined) return fail("forged", "peer", "the typ is not one of ours");
  const { kid } = said;
  if (typeof kid !== "string" || !DID_KEY_PATTERN.test(kid)) return fail("forged", "peer", "the kid names no key");
  return ok({ typ, kid });
}

function parsePart(part: string): Result<{ json: unknown; text: string }> {
  const bytes = decodeBase64url(part);
  if (bytes === undefined) return malformed("not base64url without padding");
  try {
    const text = strictUtf8.decode(bytes);
    const json = parseJson(text);
    return json.ok ? ok({ json: json.value, text }) : json;
  } catch {
    return malformed("not UTF-8");
  }
}

function malformed(detail: string): Result<never> {
  return fail("malformed", "peer", detail);
}
