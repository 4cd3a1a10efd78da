// Blocks from a world or any IPFS trustless gateway: GET {base}/ipfs/{cid}?format=raw. Nothing the other side says is believed:
// the body is cut off one byte after the largest block, and every block is hashed before it is given out. Read-only.
import { type ContentId, fail, type Result } from "@sojourn/protocol";
import { verifyBlock } from "../blocks/block.ts";
import { parseContentId } from "../blocks/content-id.ts";
import { FETCH, LIMITS } from "../limits.ts";
import { readBody } from "./body.ts";
import type { BlockStore, GetOptions } from "./port.ts";

export interface HttpStoreOptions {
  readonly fetch?: typeof globalThis.fetch;
  /** For one block, its body included. */
  readonly timeoutMs?: number;
  readonly name?: string;
}

const RAW = "application/vnd.ipld.raw";

export function httpStore(baseUrl: string, options: HttpStoreOptions = {}): BlockStore {
  const base = baseUrl.replace(/\/+$/, "");
  const name = options.name ?? base;
  const timeoutMs = options.timeoutMs ?? FETCH.requestMs;
  const doFetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const request = async (cid: ContentId, method: "GET" | "HEAD", signal?: AbortSignal): Promise<Response> => {
    const deadline = AbortSignal.timeout(timeoutMs);
    return await doFetch(`${base}/ipfs/${cid}?format=raw`, {
      method,
      headers: { accept: RAW },
      // Blocks are kept, verified, in a store of ours; a second copy in the browser's own cache could only be stale or wrong.
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
    });
  };
  const get = async (cid: ContentId, { signal, maxBytes = LIMITS.blockBytes }: GetOptions = {}): Promise<Result<Uint8Array>> => {
    if (!parseContentId(cid).ok) return fail("bad-content-id", "client", `${JSON.stringify(String(cid).slice(0, 70))} is no content id`);
    try {
      const response = await request(cid, "GET", signal);
      if (!response.ok) {
        await response.body?.cancel();
        return refused(name, cid, response.status);
      }
      const limit = Math.min(maxBytes, LIMITS.blockBytes);
      const bytes = await readBody(response, limit);
      if (bytes === undefined) return fail("oversized", "peer", `${name} sent more than ${limit} bytes as block ${cid}`);
      const block = await verifyBlock(cid, bytes);
      return block.ok ? { ok: true, value: block.value.bytes } : fail(block.fault.code, "peer", `${name}: ${block.fault.detail}`);
    } catch (error) {
      return failed(name, cid, error, timeoutMs);
    }
  };
  return {
    name,
    get,
    has: async (cid) => {
      if (!parseContentId(cid).ok) return false;
      try {
        return (await request(cid, "HEAD")).ok;
      } catch {
        return false;
      }
    },
    put: async ({ cid }) => fail("store-failed", "client", `${name} is read over http and takes no blocks; ${cid} was not written`),
  };
}

function refused(name: string, cid: ContentId, status: number): Result<never> {
  if (status === 404 || status === 410) return fail("missing-block", "peer", `${name} does not hold block ${cid}`);
  const isLater = status === 429 || status >= 500;
  return fail("store-failed", "peer", `${name} answered ${status} for block ${cid}`, isLater ? 1_000 : 0);
}

function failed(name: string, cid: ContentId, error: unknown, timeoutMs: number): Result<never> {
  const kind = error instanceof Error ? error.name : "";
  if (kind === "TimeoutError") return fail("store-failed", "link", `${name} did not give block ${cid} within ${timeoutMs} ms`, 1_000);
  if (kind === "AbortError") return fail("store-failed", "client", `the request for block ${cid} was cancelled`);
  const cause = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
  return fail("store-failed", "link", `${name} could not be asked for block ${cid}: ${cause}`, 1_000);
}
