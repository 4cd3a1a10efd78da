// The trustless gateway (https://specs.ipfs.tech/http-gateways/trustless-gateway/): blocks by content id, one as its bytes or all that
// hang on it as a CAR stream. What is sent is what was asked for or nothing: a stream that cannot be finished is torn, never rounded off.
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { type ContentId, fault, type Result } from "@sojourn/protocol";
import { type BlockStore, carHeader, carSection, parseContentId, walkDag } from "@sojourn/substrate";
import { GATEWAY_LIMITS } from "../limits.ts";
import { answer, type Headers, OPEN, TEXT } from "./answer.ts";

export interface GatewayRequest {
  /** Behind `/ipfs/`. */
  readonly path: string;
  readonly query: string;
  readonly accept: string;
  readonly isHead: boolean;
}

export interface Gateway {
  serve(request: GatewayRequest, response: ServerResponse): void;
}

const RAW = "application/vnd.ipld.raw";
const CAR = "application/vnd.ipld.car";
/** The id of no bytes at all, which every gateway can give: readers ask for it to see whether one is there. */
const EMPTY = "bafkqaaa";
/** What a block's bytes are is nobody's business here; opened in a browser they may do nothing. */
const SANDBOX = { "content-security-policy": "sandbox; default-src 'none'", "cross-origin-resource-policy": "cross-origin" };

export function openGateway(store: BlockStore): Gateway {
  let reads = 0;
  let streams = 0;
  return {
    serve(request, response) {
      const asked = askedFor(request);
      if ("status" in asked) return answer(response, asked.status, TEXT, asked.words, OPEN, request.isHead);
      const isStream = asked.format === "car" && asked.scope === "all";
      if (reads >= GATEWAY_LIMITS.reads || (isStream && streams >= GATEWAY_LIMITS.streams))
        return answer(response, 503, TEXT, "Too many reads at once.\n", { ...OPEN, "retry-after": "1" }, request.isHead);
      reads += 1;
      if (isStream) streams += 1;
      void give(store, asked, request.isHead, response).finally(() => {
        reads -= 1;
        if (isStream) streams -= 1;
      });
    },
  };
}

interface Asked {
  readonly cid: ContentId;
  readonly format: "raw" | "car";
  readonly scope: "block" | "all";
}

function askedFor({ path, query, accept }: GatewayRequest): Asked | { readonly status: number; readonly words: string } {
  if (path === EMPTY) return { status: 200, words: "" };
  if (path.length > GATEWAY_LIMITS.pathChars || !parseContentId(path).ok)
    return { status: 400, words: "Not a content id of ours: CIDv1, sha2-256, raw or dag-cbor, base32, and no path behind it.\n" };
  const terms = new URLSearchParams(query);
  const format = terms.get("format") ?? (accept.includes(CAR) ? "car" : accept.includes(RAW) ? "raw" : "");
  if (format !== "raw" && format !== "car")
    return { status: 406, words: "This gateway gives single blocks (add ?format=raw) and what hangs on them (?format=car).\n" };
  const version = terms.get("car-version") ?? /car;\s*version=(\d+)/.exec(accept)?.[1] ?? "1";
  if (format === "car" && version !== "1") return { status: 406, words: "CAR is spoken here in version 1.\n" };
  const scope = terms.get("dag-scope") ?? "all";
  // Nothing here is a UnixFS entity of many blocks: an entity is its block.
  if (scope === "block" || scope === "entity") return { cid: path, format, scope: "block" };
  return scope === "all" ? { cid: path, format, scope } : { status: 400, words: "dag-scope is block, entity or all.\n" };
}

async function give(store: BlockStore, asked: Asked, isHead: boolean, response: ServerResponse): Promise<void> {
  const { cid, format, scope } = asked;
  const first: Result<Uint8Array> = await store
    .get(cid)
    .catch(() => ({ ok: false, fault: fault("store-failed", "world", "the store failed") }));
  if (!first.ok) {
    const isGone = first.fault.code === "missing-block" || first.fault.code === "bad-block";
    const words = isGone ? "This world does not hold that block.\n" : "The store could not be read.\n";
    return answer(response, isGone ? 404 : 500, TEXT, words, OPEN, isHead);
  }
  if (format === "raw") return answer(response, 200, RAW, first.value, blockHeaders(cid, "raw", "bin"), isHead);
  const head = { ...blockHeaders(cid, `car.${scope}`, "car"), "accept-ranges": "none" };
  const type = `${CAR}; version=1; order=dfs; dups=n`;
  if (scope === "block") {
    const whole = Buffer.concat([carHeader([cid]), carSection({ cid, bytes: first.value })]);
    return answer(response, 200, type, whole, head, isHead);
  }
  response.writeHead(200, { "content-type": type, ...head });
  if (isHead) response.end();
  else await stream(cid, store, response).catch(() => response.destroy());
}

function blockHeaders(cid: ContentId, etag: string, ending: string): Headers {
  return {
    ...OPEN,
    ...SANDBOX,
    "cache-control": "public, max-age=29030400, immutable",
    etag: `"${cid}.${etag}"`,
    "x-ipfs-path": `/ipfs/${cid}`,
    "x-ipfs-roots": cid,
    "content-disposition": `attachment; filename="${cid}.${ending}"`,
  };
}

/** A reader who does not read is not read for: one block waits, and after a while the stream is torn. */
async function stream(cid: ContentId, store: BlockStore, response: ServerResponse): Promise<void> {
  response.write(carHeader([cid]));
  let bytes = 0;
  for await (const block of walkDag(cid, store)) {
    if (response.destroyed) return;
    bytes += block.ok ? block.value.bytes.length : 0;
    if (!block.ok || bytes > GATEWAY_LIMITS.streamBytes) {
      response.destroy();
      return;
    }
    if (!response.write(carSection(block.value)))
      await once(response, "drain", { signal: AbortSignal.timeout(GATEWAY_LIMITS.streamStallMs) });
  }
  response.end();
}
