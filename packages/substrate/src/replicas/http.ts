// A replica that is read over http: a world's gateway, any IPFS trustless gateway, an open bucket, or a folder behind a web server of files.
// Nothing it says is believed; nothing is written.
import { fail, ok, type Result, type WorldId } from "@sojourn/protocol";
import { headName } from "../heads/head-name.ts";
import { FETCH, HEADS } from "../limits.ts";
import { readBody } from "../stores/body.ts";
import { type HttpStoreOptions, httpStore } from "../stores/http.ts";
import type { HeadStore, Replica } from "./port.ts";

const RECORD = "application/vnd.ipfs.ipns-record";

export function httpReplica(baseUrl: string, options: HttpStoreOptions = {}): Replica {
  const base = baseUrl.replace(/\/+$/, "");
  return {
    name: options.name ?? base,
    kind: "http",
    blocks: httpStore(base, options),
    heads: httpHeads(base, options),
    close: async () => undefined,
  };
}

function httpHeads(base: string, options: HttpStoreOptions): HeadStore {
  const name = options.name ?? base;
  return {
    name,
    read: async (world) => {
      const called = headName(world);
      if (called === undefined) return fail("malformed", "client", `${JSON.stringify(String(world).slice(0, 70))} is no world id`);
      return await readRecord(`${base}/ipns/${called}?format=ipns-record`, name, world, options);
    },
    swap: async (world) => fail("store-failed", "client", `${name} is read over http and takes no heads; that of ${world} was not written`),
  };
}

async function readRecord(url: string, name: string, world: WorldId, options: HttpStoreOptions): Promise<Result<Uint8Array | undefined>> {
  const timeoutMs = options.timeoutMs ?? FETCH.requestMs;
  const doFetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  try {
    const init = { headers: { accept: RECORD }, cache: "no-store", credentials: "omit", redirect: "error" } as const;
    const response = await doFetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) {
      await response.body?.cancel();
      if (response.status === 404 || response.status === 410) return ok(undefined);
      return fail(
        "store-failed",
        "peer",
        `${name} answered ${response.status} for the head of ${world}`,
        response.status >= 500 ? 1_000 : 0,
      );
    }
    const bytes = await readBody(response, HEADS.recordBytes);
    return bytes === undefined ? fail("oversized", "peer", `${name} sent more than a head can have`) : ok(bytes);
  } catch (error) {
    const cause = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
    return fail("store-failed", "link", `${name} could not be asked for the head of ${world}: ${cause}`, 1_000);
  }
}
