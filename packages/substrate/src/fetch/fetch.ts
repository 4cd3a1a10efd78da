// Brings a whole version into a cache: what the cache has right is not asked for, the rest comes from many sources at once,
// each block is verified before it is kept, and the walk never goes beyond the blocks that the root itself states.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { verifyBlock } from "../blocks/block.ts";
import { parseContentId } from "../blocks/content-id.ts";
import { decodeNode, linksOf } from "../blocks/node-codec.ts";
import { FETCH, LIMITS } from "../limits.ts";
import type { BlockStore } from "../stores/port.ts";
import { readRoot } from "../versions/root-codec.ts";
import {
  came,
  type FetchPlan,
  type FetchRequest,
  type LostBlock,
  newPlan,
  nextRequests,
  type SourceReport,
  sourceReports,
  type Trouble,
  want,
  went,
} from "./plan.ts";

export interface FetchProgress {
  readonly blocksDone: number;
  /** From the root, as soon as it is there; before that what is known so far. */
  readonly blocksTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal?: number;
  readonly fetchedBlocks: number;
  readonly fetchedBytes: number;
  readonly cachedBlocks: number;
  readonly sources: readonly SourceReport[];
}

export interface FetchOptions {
  readonly cache: BlockStore;
  readonly sources: readonly BlockStore[];
  readonly onProgress?: (progress: FetchProgress) => void;
  readonly signal?: AbortSignal;
  /** After this long an unanswered request counts as stalled. */
  readonly requestMs?: number;
}

export interface FetchedVersion {
  readonly root: ContentId;
  readonly fetchedBlocks: number;
  readonly fetchedBytes: number;
  readonly cachedBlocks: number;
  readonly sources: readonly SourceReport[];
}

/**
 * Afterwards the cache holds every block of the version. Faults: `bad-content-id`; `missing-block`, `store-failed` or
 * `bad-block` (no source gave a block; the detail says what each of them did), `cancelled`, and the cache's `store-failed`.
 */
export async function fetchVersion(root: ContentId, options: FetchOptions): Promise<Result<FetchedVersion>> {
  const id = parseContentId(root);
  if (!id.ok) return id;
  if (id.value.codec !== "dag-cbor") return fail("bad-content-id", "client", `${root} names raw bytes, not the root of a version`);
  return await new Promise((resolve) => new FetchRun(root, options, resolve).start());
}

class FetchRun {
  readonly #root: ContentId;
  readonly #options: FetchOptions;
  readonly #resolve: (result: Result<FetchedVersion>) => void;
  readonly #plan: FetchPlan;
  readonly #stop: AbortController = new AbortController();
  /** Every block named so far → its depth below the root. */
  readonly #known: Map<ContentId, number> = new Map();
  /** Named, and not yet looked for in the cache. */
  readonly #unlooked: ContentId[] = [];
  #looking = 0;
  #isOver = false;
  #blocksTotal = 1;
  #bytesTotal: number | undefined;
  #blocksDone = 0;
  #bytesDone = 0;
  #fetchedBlocks = 0;
  #fetchedBytes = 0;
  #cachedBlocks = 0;

  constructor(root: ContentId, options: FetchOptions, resolve: (result: Result<FetchedVersion>) => void) {
    this.#root = root;
    this.#options = options;
    this.#resolve = resolve;
    this.#plan = newPlan(options.sources.map(({ name }) => name));
  }

  start(): void {
    const { signal } = this.#options;
    const cancel = (): void => this.#end(fail("cancelled", "client", `fetching version ${this.#root} was cancelled`));
    if (signal?.aborted === true) cancel();
    signal?.addEventListener("abort", cancel, { once: true, signal: this.#stop.signal });
    this.#name(this.#root, 0);
    this.#go();
  }

  #go(): void {
    if (this.#isOver) return;
    while (this.#looking < FETCH.parallel && this.#unlooked.length > 0) this.#look(this.#unlooked.pop() as ContentId);
    const next = nextRequests(this.#plan, performance.now());
    if (next.lost !== undefined) this.#end(lostFault(next.lost));
    for (const request of next.requests) this.#ask(request);
    if (this.#blocksDone === this.#known.size) this.#end(ok(this.#result()));
  }

  #name(cid: ContentId, depth: number): void {
    if (this.#known.has(cid)) return;
    this.#known.set(cid, depth);
    this.#unlooked.push(cid);
  }

  /** Looks into the cache; a block that is not there, or is wrong there, is wanted. */
  #look(cid: ContentId): void {
    this.#looking++;
    const looked = async (): Promise<Uint8Array | undefined> => {
      const kept = await this.#options.cache.get(cid, { signal: this.#stop.signal });
      return kept.ok && (await verifyBlock(cid, kept.value)).ok ? kept.value : undefined;
    };
    void looked().then((bytes) => {
      this.#looking--;
      if (this.#isOver) return;
      if (bytes === undefined) want(this.#plan, cid);
      else {
        this.#cachedBlocks++;
        this.#take(cid, bytes);
      }
      this.#go();
    });
  }

  #ask(request: FetchRequest): void {
    const source = this.#options.sources[request.source] as BlockStore;
    void this.#answerOf(source, request.cid).then(async (answer) => {
      if (this.#isOver) return;
      if ("trouble" in answer) went(this.#plan, request, answer.trouble, answer.detail);
      else {
        came(this.#plan, request, answer.bytes.length, performance.now());
        const put = await this.#options.cache.put({ cid: request.cid, bytes: answer.bytes });
        if (this.#isOver) return;
        if (!put.ok) this.#end(put);
        else {
          this.#fetchedBlocks++;
          this.#fetchedBytes += answer.bytes.length;
          this.#take(request.cid, answer.bytes);
        }
      }
      this.#go();
    });
  }

  async #answerOf(source: BlockStore, cid: ContentId): Promise<{ bytes: Uint8Array } | { trouble: Trouble; detail: string }> {
    const requestMs = this.#options.requestMs ?? FETCH.requestMs;
    const done = new AbortController();
    const deadline = new Promise<"late">((resolve) => {
      const timer = setTimeout(() => resolve("late"), requestMs);
      done.signal.addEventListener("abort", () => clearTimeout(timer));
    });
    const asking = source.get(cid, { signal: AbortSignal.any([done.signal, this.#stop.signal]) });
    // A source may be anyone's code: what it throws is its failure, not ours.
    const safe = asking.catch((error: unknown) => fail("store-failed", "peer", error instanceof Error ? error.message : String(error)));
    const got = await Promise.race([safe, deadline]);
    done.abort();
    if (got === "late") return { trouble: "stalled", detail: `no answer within ${requestMs} ms` };
    if (!got.ok) return { trouble: troubleOf(got.fault.code), detail: got.fault.detail };
    const block = await verifyBlock(cid, got.value);
    return block.ok ? { bytes: got.value } : { trouble: "lied", detail: block.fault.detail };
  }

  /** A verified block is in the cache: count it and name what it links to. */
  #take(cid: ContentId, bytes: Uint8Array): void {
    this.#blocksDone++;
    this.#bytesDone += bytes.length;
    const depth = this.#known.get(cid) as number;
    const links = cid === this.#root ? this.#rootLinks(bytes) : nodeLinks(cid, bytes);
    for (const link of links.ok ? links.value : []) this.#name(link, depth + 1);
    const wrong = links.ok ? this.#wrongShape(links.value.length === 0 ? depth : depth + 1) : links;
    if (wrong !== undefined) this.#end(wrong);
    if (this.#isOver) return;
    this.#options.onProgress?.({
      ...this.#result(),
      blocksDone: this.#blocksDone,
      blocksTotal: this.#blocksTotal,
      bytesDone: this.#bytesDone,
      ...(this.#bytesTotal === undefined ? {} : { bytesTotal: this.#bytesTotal }),
    });
  }

  #wrongShape(depth: number): Result<never> | undefined {
    const text = `version ${this.#root}`;
    if (depth > LIMITS.versionDepth) return fail("bad-block", "world", `${text} is deeper than ${LIMITS.versionDepth} blocks`);
    if (this.#known.size <= this.#blocksTotal) return undefined;
    return fail("bad-block", "world", `${text} names more than the ${this.#blocksTotal} blocks that it states`);
  }

  /** The root's parent is history, not part of the version. */
  #rootLinks(bytes: Uint8Array): Result<ContentId[]> {
    const node = decodeNode(bytes);
    if (!node.ok) return node;
    const root = readRoot(node.value);
    if (!root.ok) return root;
    const { below, index, scene } = root.value;
    this.#blocksTotal = below.blocks + 1;
    this.#bytesTotal = below.bytes + bytes.length;
    return ok(index === null ? [scene] : [scene, index.cid]);
  }

  #result(): FetchedVersion {
    return {
      root: this.#root,
      fetchedBlocks: this.#fetchedBlocks,
      fetchedBytes: this.#fetchedBytes,
      cachedBlocks: this.#cachedBlocks,
      sources: sourceReports(this.#plan),
    };
  }

  #end(result: Result<FetchedVersion>): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stop.abort();
    this.#resolve(result);
  }
}

function nodeLinks(cid: ContentId, bytes: Uint8Array): Result<ContentId[]> {
  const id = parseContentId(cid);
  if (!id.ok) return id;
  if (id.value.codec === "raw") return ok([]);
  const node = decodeNode(bytes);
  return node.ok ? ok(linksOf(node.value)) : node;
}

function troubleOf(code: string): Trouble {
  if (code === "missing-block") return "missing";
  return code === "bad-block" || code === "oversized" ? "lied" : "failed";
}

function lostFault({ cid, detail, wasLied }: LostBlock): Result<never> {
  return fail(wasLied ? "bad-block" : "missing-block", "peer", `no source gave block ${cid}: ${detail}`, 1_000);
}
