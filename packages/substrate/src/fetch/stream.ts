// Brings a version into a cache in the order in which it is needed: what the cache has right is not asked for, the rest comes from many
// sources at once, each block is verified before it is kept, and nothing is asked for beyond what the root itself states. What is near is
// there first; the rest comes by distance from wherever one stands meanwhile, and gives way to everything else in the process.
import { type ContentId, fail, ok, type Result } from "@sojourn/protocol";
import { verifyBlock } from "../blocks/block.ts";
import { parseContentId } from "../blocks/content-id.ts";
import { FETCH } from "../limits.ts";
import type { BlockStore } from "../stores/port.ts";
import { Asking } from "./asking.ts";
import {
  came,
  type FetchPlan,
  type FetchRequest,
  isOut,
  type LostBlock,
  liarsOf,
  newPlan,
  nextRequests,
  type SourceReport,
  sourceReports,
  unwant,
  want,
  went,
} from "./plan.ts";
import { RankedQueue } from "./ranked-queue.ts";
import { type NamedBlock, type Spot, type Surroundings, VersionWalk } from "./walk.ts";

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
  /** Where the newest block came from: a source's name, or undefined for the cache. */
  readonly from: string | undefined;
  /** Of what is near, and of what is needed anywhere. The total grows while it is being found. */
  readonly near: { readonly blocksDone: number; readonly blocksTotal: number; readonly bytesDone: number };
}

export interface FetchOptions {
  readonly cache: BlockStore;
  readonly sources: readonly BlockStore[];
  readonly onProgress?: (progress: FetchProgress) => void;
  readonly signal?: AbortSignal;
  /** After this long an unanswered request counts as stalled, in any case. */
  readonly requestMs?: number;
  /** Blocks asked for at the same time, of all sources together. */
  readonly parallel?: number;
}

export interface StreamOptions extends FetchOptions {
  readonly around: Surroundings;
  /** When so much of the version is in the cache, only what is near still comes. Default: all of it comes. */
  readonly budgetBytes?: number;
  /** Nothing but what is near is wanted. */
  readonly isNearOnly?: boolean;
  /** What this process knows to be in the cache whole, from loading other versions; see {@link VersionWalk}. */
  readonly wholes?: Set<ContentId>;
  /** A chunk is in the cache now; its length in bytes. */
  readonly onChunk?: (cx: number, cy: number, bytes: number) => void;
}

export interface FetchedVersion {
  readonly root: ContentId;
  readonly fetchedBlocks: number;
  readonly fetchedBytes: number;
  readonly cachedBlocks: number;
  readonly sources: readonly SourceReport[];
  /** Sources that gave wrong bytes: not to be asked again. */
  readonly liars: readonly string[];
}

/** A version on its way. */
export interface VersionStream {
  /** Settles when what is near is in the cache, or with why it will not be. */
  readonly playable: Promise<Result<FetchedVersion>>;
  /** Settles when everything is in the cache, or with why nothing more comes. A stream that rests has not ended. */
  readonly ended: Promise<Result<FetchedVersion>>;
  /** All that the budget allows is there: only what comes near by a move is fetched now. */
  readonly isResting: boolean;
  readonly report: FetchedVersion;
  /** One stands elsewhere: from now on that is what is near. */
  moveTo(spots: readonly Spot[]): void;
  stop(): void;
}

/**
 * Begins to bring the version with this root into the cache. Faults of both promises: `bad-content-id`; `missing-block`, `store-failed`
 * or `bad-block` (no source gave a block; the detail says what each of them did), `cancelled`, and the cache's `store-failed`.
 */
export function streamVersion(root: ContentId, options: StreamOptions): VersionStream {
  const run = new StreamRun(root, options, false);
  run.start();
  return run;
}

/** All of a version; the first block that nobody can give ends it. */
export function fetchWhole(root: ContentId, options: FetchOptions): Promise<Result<FetchedVersion>> {
  const run = new StreamRun(root, { ...options, around: { spots: [], radius: 0 } }, true);
  run.start();
  return run.ended;
}

class StreamRun implements VersionStream {
  readonly playable: Promise<Result<FetchedVersion>>;
  readonly ended: Promise<Result<FetchedVersion>>;
  readonly #root: ContentId;
  readonly #options: StreamOptions;
  readonly #isStrict: boolean;
  readonly #plan: FetchPlan;
  readonly #walk: VersionWalk;
  readonly #asking: Asking;
  readonly #stop: AbortController = new AbortController();
  /** Named, and not yet looked for in the cache. */
  readonly #unlooked: RankedQueue<NamedBlock> = new RankedQueue();
  #settlePlayable: (result: Result<FetchedVersion>) => void = () => {};
  #settleEnded: (result: Result<FetchedVersion>) => void = () => {};
  #isPlayable = false;
  #isOver = false;
  /** Looks into the cache and writes to it that are under way. */
  #looking = 0;
  /** Looked for in the cache before, in vain. */
  readonly #missing: Set<ContentId> = new Set();
  #putting = 0;
  /** Far blocks that nobody has: what is left of the version comes all the same. */
  #lost: LostBlock | undefined;
  #wake: ReturnType<typeof setTimeout> | undefined;
  #isGoing = false;
  #sliceMs = 0;
  #from: string | undefined;
  #blocksDone = 0;
  #bytesDone = 0;
  #pendingBytes = 0;
  #nearDone = 0;
  #nearBytes = 0;
  #nearNamed = 1;
  #fetchedBlocks = 0;
  #fetchedBytes = 0;
  #cachedBlocks = 0;

  constructor(root: ContentId, options: StreamOptions, isStrict: boolean) {
    this.#root = root;
    this.#options = options;
    this.#isStrict = isStrict;
    const { sources, requestMs, parallel, around } = options;
    const terms = { ...(requestMs === undefined ? {} : { requestMs }), ...(parallel === undefined ? {} : { parallel }) };
    this.#plan = newPlan(
      sources.map(({ name }) => name),
      terms,
      sources.map(({ tier = 0 }) => tier),
    );
    this.#walk = new VersionWalk(root, around, options.wholes ?? new Set());
    this.#asking = new Asking(sources, this.#stop.signal);
    this.playable = new Promise((resolve) => {
      this.#settlePlayable = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
  }

  get isResting(): boolean {
    return !this.#isOver && this.#isIdle && !this.#canLook;
  }

  get report(): FetchedVersion {
    return {
      root: this.#root,
      fetchedBlocks: this.#fetchedBlocks,
      fetchedBytes: this.#fetchedBytes,
      cachedBlocks: this.#cachedBlocks,
      sources: sourceReports(this.#plan),
      liars: liarsOf(this.#plan),
    };
  }

  start(): void {
    const { signal } = this.#options;
    const wrong = wrongRoot(this.#root);
    if (wrong !== undefined) this.#end(wrong);
    if (signal?.aborted === true) this.stop();
    if (this.#isOver) return;
    signal?.addEventListener("abort", () => this.stop(), { once: true, signal: this.#stop.signal });
    this.#wait(this.#walk.begin());
    this.#go();
  }

  moveTo(spots: readonly Spot[]): void {
    if (this.#isOver) return;
    this.#walk.move(spots);
    this.#unlooked.rerank((block) => this.#walk.rankOf(block));
    for (const cid of unwant(this.#plan)) {
      const block = this.#walk.find(cid);
      if (block === undefined) continue;
      this.#pendingBytes -= block.bytes ?? 0;
      this.#missing.add(cid);
      this.#unlooked.push(block, this.#walk.rankOf(block));
    }
    this.#go();
  }

  stop(): void {
    this.#end(fail("cancelled", "client", `fetching version ${this.#root} was cancelled`));
  }

  get #isIdle(): boolean {
    return this.#looking === 0 && this.#putting === 0 && this.#plan.queue.size === 0 && this.#plan.asked.size === 0;
  }

  get #canLook(): boolean {
    const first = this.#unlooked.first();
    return first !== undefined && this.#mayLook(first);
  }

  #wait(block: NamedBlock): void {
    if (block.isNear) this.#nearNamed += block.kind === "root" ? 0 : 1;
    this.#unlooked.push(block, this.#walk.rankOf(block));
  }

  /** Does what can be done now. Once one can play it gives way to everything else again and again. */
  #go(): void {
    if (this.#isOver || this.#isGoing) return;
    if (this.#isPlayable && performance.now() - this.#sliceMs > FETCH.sliceMs) {
      this.#isGoing = true;
      setTimeout(() => {
        this.#isGoing = false;
        this.#sliceMs = performance.now();
        this.#go();
      });
      return;
    }
    this.#lookOn();
    const next = nextRequests(this.#plan, performance.now());
    for (const lost of next.lost) this.#lose(lost);
    if (this.#isOver) return;
    for (const request of next.requests) this.#ask(request);
    this.#arm(next.wakeMs);
    this.#conclude();
    // Lost blocks made room, and nothing else may ever come that would lead back here.
    if (next.lost.length > 0) queueMicrotask(() => this.#go());
  }

  #lookOn(): void {
    const { parallel } = this.#plan.terms;
    for (let block = this.#unlooked.first(); block !== undefined && this.#looking < parallel; block = this.#unlooked.first()) {
      if (!this.#mayLook(block) || (!block.isNear && this.#plan.queue.size >= FETCH.wanted)) return;
      this.#unlooked.pop();
      this.#look(block);
    }
  }

  #mayLook(block: NamedBlock): boolean {
    if (block.isNear) return true;
    const { budgetBytes = Number.POSITIVE_INFINITY, isNearOnly = false } = this.#options;
    return !isNearOnly && this.#bytesDone + this.#walk.skippedBytes + this.#pendingBytes < budgetBytes;
  }

  #conclude(): void {
    const isNearDone = this.#walk.isPlayable;
    if (isNearDone && !this.#isPlayable) {
      this.#isPlayable = true;
      this.#sliceMs = performance.now();
      this.#settlePlayable(ok(this.report));
    }
    if (this.#walk.isWhole || (isNearDone && this.#options.isNearOnly === true)) this.#end(ok(this.report));
    else if (this.#lost !== undefined && this.#isIdle && !this.#canLook) this.#end(lostFault(this.#lost));
  }

  #arm(wakeMs: number | undefined): void {
    clearTimeout(this.#wake);
    this.#wake = wakeMs === undefined ? undefined : setTimeout(() => this.#go(), Math.max(1, wakeMs - performance.now()));
  }

  #lose(lost: LostBlock): void {
    const block = this.#walk.find(lost.cid);
    this.#pendingBytes -= block?.bytes ?? 0;
    this.#lost ??= lost;
    if (this.#isStrict || (block?.isNear === true && !this.#isPlayable)) this.#end(lostFault(lost));
  }

  /** Looks into the cache; a block that is not there, or is wrong there, is wanted. */
  #look(block: NamedBlock): void {
    this.#pendingBytes += block.bytes ?? 0;
    if (this.#missing.delete(block.cid)) {
      want(this.#plan, block.cid, this.#walk.rankOf(block), block.bytes);
      return;
    }
    this.#looking++;
    const looked = async (): Promise<Uint8Array | undefined> => {
      const kept = await this.#options.cache.get(block.cid, { signal: this.#stop.signal });
      return kept.ok && (await verifyBlock(block.cid, kept.value)).ok ? kept.value : undefined;
    };
    void looked().then((bytes) => {
      this.#looking--;
      if (this.#isOver) return;
      if (bytes === undefined) want(this.#plan, block.cid, this.#walk.rankOf(block), block.bytes);
      else {
        this.#cachedBlocks++;
        this.#from = undefined;
        this.#take(block, bytes);
      }
      this.#go();
    });
  }

  #ask(request: FetchRequest): void {
    void this.#asking.ask(request).then(async (answer) => {
      if (this.#isOver || !isOut(this.#plan, request)) return;
      if ("trouble" in answer) went(this.#plan, request, answer.trouble, answer.detail);
      else {
        for (const loser of came(this.#plan, request, answer.bytes.length, performance.now())) this.#asking.drop(loser);
        await this.#keep(request, answer.bytes);
      }
      this.#go();
    });
  }

  async #keep(request: FetchRequest, bytes: Uint8Array): Promise<void> {
    this.#putting++;
    const put = await this.#options.cache.put({ cid: request.cid, bytes });
    this.#putting--;
    const block = this.#walk.find(request.cid);
    if (this.#isOver || block === undefined) return;
    if (!put.ok) {
      this.#end(put);
      return;
    }
    this.#fetchedBlocks++;
    this.#fetchedBytes += bytes.length;
    this.#from = this.#options.sources[request.source]?.name;
    this.#take(block, bytes);
  }

  /** A verified block is in the cache: count it and see what it names. */
  #take(block: NamedBlock, bytes: Uint8Array): void {
    this.#blocksDone++;
    this.#bytesDone += bytes.length;
    this.#pendingBytes -= block.bytes ?? 0;
    if (block.isNear) {
      this.#nearDone++;
      this.#nearBytes += bytes.length;
    }
    const named = this.#walk.take(block, bytes);
    if (!named.ok) {
      this.#end(named);
      return;
    }
    for (const one of named.value) this.#wait(one);
    if (block.kind === "chunk") {
      const { cx, cy } = this.#walk.placeOf(block);
      this.#options.onChunk?.(cx, cy, bytes.length);
    }
    this.#options.onProgress?.(this.#progress());
  }

  #progress(): FetchProgress {
    const { blocksTotal, bytesTotal, skippedBlocks, skippedBytes } = this.#walk;
    const { fetchedBlocks, fetchedBytes, cachedBlocks, sources } = this.report;
    return {
      ...{ fetchedBlocks, fetchedBytes, cachedBlocks: cachedBlocks + skippedBlocks, sources },
      blocksDone: this.#blocksDone + skippedBlocks,
      blocksTotal,
      bytesDone: this.#bytesDone + skippedBytes,
      ...(bytesTotal === undefined ? {} : { bytesTotal }),
      from: this.#from,
      near: { blocksDone: this.#nearDone, blocksTotal: Math.max(this.#nearNamed, this.#nearDone), bytesDone: this.#nearBytes },
    };
  }

  #end(result: Result<FetchedVersion>): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#wake);
    this.#stop.abort();
    this.#settlePlayable(result);
    this.#settleEnded(result);
  }
}

function wrongRoot(root: ContentId): Result<never> | undefined {
  const id = parseContentId(root);
  if (!id.ok) return id;
  if (id.value.codec === "dag-cbor") return undefined;
  return fail("bad-content-id", "client", `${root} names raw bytes, not the root of a version`);
}

function lostFault({ cid, detail, wasLied }: LostBlock): Result<never> {
  return fail(wasLied ? "bad-block" : "missing-block", "peer", `no source gave block ${cid}: ${detail}`, 1_000);
}
