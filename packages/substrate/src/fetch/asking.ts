// One request to one source, with its time and its length kept: what comes back is a block that hashes to its id, or what was wrong.
import { type ContentId, fail } from "@sojourn/protocol";
import { verifyBlock } from "../blocks/block.ts";
import type { BlockStore } from "../stores/port.ts";
import type { FetchRequest, Trouble } from "./plan.ts";

export type Answer = { readonly bytes: Uint8Array } | { readonly trouble: Trouble; readonly detail: string };

export class Asking {
  readonly #sources: readonly BlockStore[];
  readonly #stop: AbortSignal;
  readonly #out: Map<FetchRequest, AbortController> = new Map();

  constructor(sources: readonly BlockStore[], stop: AbortSignal) {
    this.#sources = sources;
    this.#stop = stop;
  }

  /** Never rejects; a source may be anyone's code, and what it throws is its failure, not ours. */
  async ask(request: FetchRequest): Promise<Answer> {
    const { cid, maxBytes, timeoutMs } = request;
    const source = this.#sources[request.source] as BlockStore;
    const done = new AbortController();
    this.#out.set(request, done);
    const deadline = new Promise<"late">((resolve) => {
      const timer = setTimeout(() => resolve("late"), timeoutMs);
      done.signal.addEventListener("abort", () => clearTimeout(timer));
    });
    const signal = AbortSignal.any([done.signal, this.#stop]);
    const asking = (async () => await source.get(cid, { signal, maxBytes }))();
    const safe = asking.catch((error: unknown) => fail("store-failed", "peer", error instanceof Error ? error.message : String(error)));
    const got = await Promise.race([safe, deadline]);
    done.abort();
    this.#out.delete(request);
    if (got === "late") return { trouble: "stalled", detail: `no answer within ${Math.round(timeoutMs)} ms` };
    if (!got.ok) return { trouble: troubleOf(got.fault.code), detail: got.fault.detail };
    return await checked(cid, got.value, maxBytes);
  }

  /** Somebody else was quicker. */
  drop(request: FetchRequest): void {
    this.#out.get(request)?.abort();
  }
}

async function checked(cid: ContentId, bytes: Uint8Array, maxBytes: number | undefined): Promise<Answer> {
  if (bytes.length > (maxBytes ?? Infinity)) return { trouble: "lied", detail: `${bytes.length} bytes for a block of at most ${maxBytes}` };
  const block = await verifyBlock(cid, bytes);
  return block.ok ? { bytes } : { trouble: "lied", detail: block.fault.detail };
}

function troubleOf(code: string): Trouble {
  if (code === "missing-block") return "missing";
  return code === "bad-block" || code === "oversized" ? "lied" : "failed";
}
