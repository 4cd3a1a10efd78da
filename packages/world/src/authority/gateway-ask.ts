// What a reader asks of the gateway, read from the request as the public specification has it. Pure: nothing is looked up here.
import type { ContentId } from "@sojourn/protocol";
import { parseContentId } from "@sojourn/substrate";
import { GATEWAY_LIMITS } from "../limits.ts";

export interface GatewayRequest {
  /** Behind `/ipfs/`. */
  readonly path: string;
  readonly query: string;
  readonly isHead: boolean;
  /** The request's headers of these names; empty where it has none. */
  readonly accept: string;
  readonly ifNoneMatch: string;
  readonly cacheControl: string;
  readonly range: string;
}

export interface Asked {
  readonly cid: ContentId;
  readonly format: "raw" | "car";
  readonly scope: "block" | "all";
  /** Names these bytes in this form, quotes included. */
  readonly etag: string;
  /** The answer's own address, where the request left the form to `Accept`. */
  readonly location: string | undefined;
  readonly isKnown: boolean;
  readonly isCachedOnly: boolean;
  /** The header, for a block of known length to be cut by. */
  readonly range: string;
}

export interface Refused {
  readonly status: number;
  readonly words: string;
}

export const RAW = "application/vnd.ipld.raw";
export const CAR = "application/vnd.ipld.car";
const ENTITY_BYTES = /^-?\d{1,15}:(\*|-?\d{1,15})$/;

export function askedFor(request: GatewayRequest): Asked | Refused {
  const { path, query, accept } = request;
  if (path.length > GATEWAY_LIMITS.pathChars || !parseContentId(path).ok)
    return { status: 400, words: "Not a content id of ours: CIDv1, sha2-256, raw or dag-cbor, base32, and no path behind it.\n" };
  const terms = new URLSearchParams(query);
  const stated = terms.get("format");
  const format = stated ?? (accept.includes(CAR) ? "car" : accept.includes(RAW) ? "raw" : "");
  if (format !== "raw" && format !== "car") {
    const isSilent = stated === null && accept === "";
    return {
      status: isSilent ? 400 : 406,
      words: "This gateway gives single blocks (add ?format=raw) and what hangs on them (?format=car).\n",
    };
  }
  const version = terms.get("car-version") ?? /car;\s*version=(\d+)/.exec(accept)?.[1] ?? "1";
  if (format === "car" && version !== "1") return { status: 406, words: "CAR is spoken here in version 1.\n" };
  const bytes = terms.get("entity-bytes");
  if (bytes !== null && !ENTITY_BYTES.test(bytes)) return { status: 400, words: "entity-bytes is from:to, as 0:1023 or -1024:*.\n" };
  const scope = terms.get("dag-scope") ?? (bytes === null ? "all" : "entity");
  if (!["block", "entity", "all"].includes(scope)) return { status: 400, words: "dag-scope is block, entity or all.\n" };
  // Nothing here is a UnixFS entity of many blocks: an entity is its block, and any part of its bytes is proven by all of it.
  const given = scope === "all" && bytes === null ? "all" : "block";
  const form = format === "raw" ? "raw" : `car.${given}${bytes === null ? "" : `.${bytes}`}`;
  const etag = `"${path}.${form}"`;
  return {
    cid: path,
    format,
    scope: given,
    etag,
    location:
      stated === null ? `/ipfs/${path}?${new URLSearchParams({ format, ...(format === "car" ? { "dag-scope": given } : {}) })}` : undefined,
    isKnown: request.ifNoneMatch.split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === etag),
    isCachedOnly: /\bonly-if-cached\b/.test(request.cacheControl),
    range: format === "raw" ? request.range : "",
  };
}

/** The part of `length` bytes that a range header asks for, both ends included; undefined: all of it; null: there is none such. */
export function rangeOf(header: string, length: number): { readonly first: number; readonly last: number } | undefined | null {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim());
  // Several ranges at once are not given in parts: all of it is a right answer too.
  if (found === null || (found[1] === "" && found[2] === "")) return undefined;
  const [from, to] = [found[1] as string, found[2] as string];
  const first = from === "" ? Math.max(0, length - Number(to)) : Number(from);
  const last = from === "" || to === "" ? length - 1 : Math.min(Number(to), length - 1);
  return first > last || first >= length ? null : { first, last };
}
