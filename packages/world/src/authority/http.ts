// What a world says over plain HTTP: its signed card, its blocks by content id (the trustless gateway convention), messages between
// worlds, and whether it is well. Everything else is offered to the operator's own handler, then 404.
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Fault, fault, LIMITS, type Result } from "@sojourn/protocol";
import { type BlockStore, parseContentId } from "@sojourn/substrate";
import { BORDER_LIMITS, GATEWAY_LIMITS } from "../limits.ts";
import type { Arriving } from "./core.ts";

export interface HttpParts {
  readonly store: BlockStore;
  /** The card as text, as it is now. */
  readonly card: () => string;
  readonly health: () => { readonly [name: string]: string | number | boolean };
  /** Takes a token in for the next tick; false when too many wait. */
  readonly arrive: (arriving: Arriving) => boolean;
  readonly web: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
}

const TEXT = "text/plain; charset=utf-8";
const JSON_TYPE = "application/json; charset=utf-8";
/** Everything here is public and grants nothing by cookies, so any page may read it. */
const OPEN = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, HEAD, OPTIONS",
  "access-control-allow-headers": "accept, content-type, range",
  "access-control-max-age": "86400",
  "x-content-type-options": "nosniff",
};
/** What a block's bytes are is nobody's business here; opened in a browser they may do nothing. */
const SANDBOX = { "content-security-policy": "sandbox; default-src 'none'", "cross-origin-resource-policy": "cross-origin" };

export function httpHandler(parts: HttpParts): (request: IncomingMessage, response: ServerResponse) => void {
  let reads = 0;
  return (request, response) => {
    const [path = "/", query = ""] = (request.url ?? "/").slice(0, 2_048).split("?");
    const { method = "GET" } = request;
    if (path === "/border") return border(parts, request, response);
    const isOurs = path.startsWith("/ipfs/") || path === "/.well-known/sojourn" || path === "/healthz";
    if (!isOurs) {
      if (parts.web?.(request, response) === true) return;
      return answer(response, 404, TEXT, "There is nothing here.\n", OPEN);
    }
    if (method === "OPTIONS") return answer(response, 204, TEXT, "", OPEN);
    if (method !== "GET" && method !== "HEAD")
      return answer(response, 405, TEXT, "GET or HEAD.\n", { ...OPEN, allow: "GET, HEAD, OPTIONS" });
    const isHead = method === "HEAD";
    if (path === "/healthz")
      return answer(response, 200, JSON_TYPE, `${JSON.stringify(parts.health())}\n`, { ...OPEN, "cache-control": "no-store" }, isHead);
    if (path === "/.well-known/sojourn")
      return answer(response, 200, JSON_TYPE, parts.card(), { ...OPEN, "cache-control": "no-cache" }, isHead);
    if (reads >= GATEWAY_LIMITS.reads)
      return answer(response, 503, TEXT, "Too many reads at once.\n", { ...OPEN, "retry-after": "1" }, isHead);
    reads += 1;
    void gateway(parts.store, path, query, request.headers.accept ?? "", response, isHead).finally(() => {
      reads -= 1;
    });
  };
}

async function gateway(
  store: BlockStore,
  path: string,
  query: string,
  accept: string,
  response: ServerResponse,
  isHead: boolean,
): Promise<void> {
  const cid = path.slice("/ipfs/".length);
  const wantsRaw = new URLSearchParams(query).get("format") === "raw" || accept.includes("application/vnd.ipld.raw");
  if (path.length > GATEWAY_LIMITS.pathChars || !parseContentId(cid).ok) {
    return answer(
      response,
      400,
      TEXT,
      "Not a content id of ours: CIDv1, sha2-256, raw or dag-cbor, base32, and no path behind it.\n",
      OPEN,
      isHead,
    );
  }
  if (!wantsRaw) return answer(response, 406, TEXT, "This gateway gives single blocks: add ?format=raw.\n", OPEN, isHead);
  const block: Result<Uint8Array> = await store
    .get(cid)
    .catch(() => ({ ok: false, fault: fault("store-failed", "world", "the store failed") }));
  if (!block.ok) {
    const isGone = block.fault.code === "missing-block" || block.fault.code === "bad-block";
    return answer(
      response,
      isGone ? 404 : 500,
      TEXT,
      isGone ? "This world does not hold that block.\n" : "The store could not be read.\n",
      OPEN,
      isHead,
    );
  }
  const headers = {
    ...OPEN,
    ...SANDBOX,
    "cache-control": "public, max-age=29030400, immutable",
    etag: `"${cid}.raw"`,
    "x-ipfs-path": `/ipfs/${cid}`,
    "x-ipfs-roots": cid,
    "content-disposition": `attachment; filename="${cid}.bin"`,
  };
  answer(response, 200, "application/vnd.ipld.raw", block.value, headers, isHead);
}

/** The rest of what is too long is not read: nothing more can be asked on that connection. */
const LAST = { connection: "close" };

function border(parts: HttpParts, request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== "POST") {
    answer(response, 405, TEXT, "POST a signed message.\n", { allow: "POST" });
    return;
  }
  if (Number(request.headers["content-length"] ?? 0) > LIMITS.tokenBytes) {
    refuse(response, 413, fault("oversized", "peer", "This message is too long."), LAST);
    return;
  }
  const pieces: Buffer[] = [];
  let bytes = 0;
  request.on("data", (piece: Buffer) => {
    bytes += piece.length;
    if (bytes <= LIMITS.tokenBytes) pieces.push(piece);
    else if (!response.headersSent) {
      refuse(response, 413, fault("oversized", "peer", "This message is too long."), LAST);
      request.destroy();
    }
  });
  request.on("end", () => {
    if (response.headersSent) return;
    const token = Buffer.concat(pieces).toString("latin1");
    const late = setTimeout(() => refuse(response, 503, fault("busy", "world", "No tick came in time.", 1_000)), BORDER_LIMITS.answerMs);
    const isTaken = parts.arrive({
      token,
      answer(replies, why) {
        clearTimeout(late);
        if (response.headersSent || response.destroyed) return;
        if (why === undefined || replies.length > 0) answer(response, 200, TEXT, replies.join("\n"), { "cache-control": "no-store" });
        else refuse(response, 409, { ...why, blame: "peer" });
      },
    });
    if (!isTaken) {
      clearTimeout(late);
      refuse(response, 503, fault("busy", "world", "Too many messages wait.", 1_000));
    }
  });
  request.on("error", () => {});
}

function refuse(response: ServerResponse, status: number, why: Fault, more: Headers = {}): void {
  if (!response.headersSent) answer(response, status, JSON_TYPE, JSON.stringify(why), { "cache-control": "no-store", ...more });
}

type Headers = { readonly [name: string]: string };

function answer(response: ServerResponse, status: number, type: string, body: string | Uint8Array, headers: Headers, isHead = false): void {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  response.writeHead(status, { "content-type": type, "content-length": bytes.length, "x-content-type-options": "nosniff", ...headers });
  response.end(isHead ? undefined : bytes);
}
