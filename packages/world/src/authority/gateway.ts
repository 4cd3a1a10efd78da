// The trustless gateway (https://specs.ipfs.tech/http-gateways/trustless-gateway/): blocks by content id, one as its bytes or all that
// hang on it as a CAR stream. What is sent is what was asked for or nothing: a stream that cannot be finished is torn, never rounded off.
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { type ContentId, fault, type Result } from "@sojourn/protocol";
import { type BlockStore, carHeader, carSection, walkDag } from "@sojourn/substrate";
import { GATEWAY_LIMITS } from "../limits.ts";
import { answer, type Headers, OPEN, TEXT } from "./answer.ts";
import { type Asked, askedFor, CAR, type GatewayRequest, RAW, rangeOf } from "./gateway-ask.ts";

export interface Gateway {
  serve(request: GatewayRequest, response: ServerResponse): void;
}

/** The id of no bytes at all, which every gateway can give: readers ask for it to see whether one is there. */
const EMPTY = "bafkqaaa";
/** What a block's bytes are is nobody's business here; opened in a browser they may do nothing. */
const SANDBOX = { "content-security-policy": "sandbox; default-src 'none'", "cross-origin-resource-policy": "cross-origin" };

const FOREVER = { "cache-control": "public, max-age=29030400, immutable" };

export function openGateway(store: BlockStore): Gateway {
  let reads = 0;
  let streams = 0;
  return {
    serve(request, response) {
      if (request.path === EMPTY) return answer(response, 200, RAW, "", { ...OPEN, ...FOREVER }, request.isHead);
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

async function give(store: BlockStore, asked: Asked, isHead: boolean, response: ServerResponse): Promise<void> {
  const { cid, format, scope } = asked;
  const head = headersOf(asked);
  const first: Result<Uint8Array> = await store
    .get(cid)
    .catch(() => ({ ok: false, fault: fault("store-failed", "world", "the store failed") }));
  if (!first.ok) {
    const isGone = first.fault.code === "missing-block" || first.fault.code === "bad-block";
    const words = isGone ? "This world does not hold that block.\n" : "The store could not be read.\n";
    return answer(response, isGone ? (asked.isCachedOnly ? 412 : 404) : 500, TEXT, words, OPEN, isHead);
  }
  if (asked.isKnown) return void response.writeHead(304, { ...head }).end();
  if (format === "raw") return giveRaw(asked, first.value, head, isHead, response);
  const type = `${CAR}; version=1; order=dfs; dups=n`;
  if (scope === "block") {
    const whole = Buffer.concat([carHeader([cid]), carSection({ cid, bytes: first.value })]);
    return answer(response, 200, type, whole, head, isHead);
  }
  response.writeHead(200, { "content-type": type, ...head });
  if (isHead) response.end();
  else await stream(cid, store, response).catch(() => response.destroy());
}

function giveRaw(asked: Asked, block: Uint8Array, head: Headers, isHead: boolean, response: ServerResponse): void {
  const part = rangeOf(asked.range, block.length);
  if (part === undefined) answer(response, 200, RAW, block, head, isHead);
  else if (part === null) {
    const length = { "content-range": `bytes */${block.length}` };
    answer(response, 416, TEXT, "The block has no such bytes.\n", { ...OPEN, ...length }, isHead);
  } else {
    const range = { "content-range": `bytes ${part.first}-${part.last}/${block.length}` };
    answer(response, 206, RAW, block.subarray(part.first, part.last + 1), { ...head, ...range }, isHead);
  }
}

function headersOf({ cid, format, etag, location }: Asked): Headers {
  return {
    ...OPEN,
    ...SANDBOX,
    ...FOREVER,
    etag,
    vary: "accept",
    "accept-ranges": format === "raw" ? "bytes" : "none",
    "x-ipfs-path": `/ipfs/${cid}`,
    "x-ipfs-roots": cid,
    "content-disposition": `attachment; filename="${cid}.${format === "raw" ? "bin" : "car"}"`,
    "access-control-expose-headers": "content-length, content-range, content-location, etag, x-ipfs-path, x-ipfs-roots",
    ...(location === undefined ? {} : { "content-location": location }),
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
