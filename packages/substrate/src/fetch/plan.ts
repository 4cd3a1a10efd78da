// Which block is asked of which source next. Pure: it is told what was wanted, what came and when, and answers with requests.
// A source that lied once is left for good; one that stalls or fails twice in a row is left; each is named with its reason.
import type { ContentId } from "@sojourn/protocol";
import { FETCH } from "../limits.ts";

export type Trouble = "missing" | "lied" | "stalled" | "failed";

export interface FetchRequest {
  readonly cid: ContentId;
  readonly source: number;
  readonly askedMs: number;
}

/** What one source gave so far; `left` says why it is asked no more. */
export interface SourceReport {
  readonly name: string;
  readonly blocks: number;
  readonly bytes: number;
  readonly left?: string;
}

interface PlanSource {
  readonly name: string;
  inFlight: number;
  strikes: number;
  /** Smoothed time of an answer, milliseconds. */
  answerMs: number;
  blocks: number;
  bytes: number;
  left?: string;
}

interface PlanBlock {
  readonly cid: ContentId;
  /** Source → tries there that failed; Infinity when it is of no use to ask again. */
  readonly tries: Map<number, number>;
  /** What each source said, for the person who reads the fault. */
  readonly said: string[];
  wasLied: boolean;
}

export interface FetchPlan {
  readonly sources: PlanSource[];
  readonly queue: PlanBlock[];
  readonly asked: Map<ContentId, PlanBlock>;
}

export function newPlan(names: readonly string[]): FetchPlan {
  const sources = names.map((name) => ({ name, inFlight: 0, strikes: 0, answerMs: FETCH.firstGuessMs, blocks: 0, bytes: 0 }));
  return { sources, queue: [], asked: new Map() };
}

export function want(plan: FetchPlan, cid: ContentId): void {
  plan.queue.push({ cid, tries: new Map(), said: [], wasLied: false });
}

/** A wanted block that no source can give; `detail` says what each one answered. */
export interface LostBlock {
  readonly cid: ContentId;
  readonly detail: string;
  readonly wasLied: boolean;
}

export interface NextStep {
  readonly requests: readonly FetchRequest[];
  readonly lost?: LostBlock;
}

/** The requests to send now. Each must come back through {@link came} or {@link went}. */
export function nextRequests(plan: FetchPlan, nowMs: number): NextStep {
  const requests: FetchRequest[] = [];
  const waiting: PlanBlock[] = [];
  let looked = 0;
  for (const block of plan.queue) {
    if (!hasSpace(plan)) break;
    looked++;
    const useful = plan.sources.map((_, i) => i).filter((i) => isUseful(plan, block, i));
    if (useful.length === 0) {
      for (const request of requests) settle(plan, request);
      return { requests: [], lost: { cid: block.cid, detail: lostDetail(plan, block), wasLied: block.wasLied } };
    }
    const source = quickest(plan, useful);
    if (source === undefined) {
      waiting.push(block);
      continue;
    }
    (plan.sources[source] as PlanSource).inFlight++;
    plan.asked.set(block.cid, block);
    requests.push({ cid: block.cid, source, askedMs: nowMs });
  }
  plan.queue.splice(0, looked, ...waiting);
  return { requests };
}

/** The block came and was verified. */
export function came(plan: FetchPlan, request: FetchRequest, bytes: number, nowMs: number): void {
  const source = plan.sources[request.source] as PlanSource;
  settle(plan, request);
  source.strikes = 0;
  source.blocks++;
  source.bytes += bytes;
  source.answerMs = source.answerMs * 0.75 + (nowMs - request.askedMs) * 0.25;
}

/** The block did not come. It is asked of another source, or later of this one again. */
export function went(plan: FetchPlan, request: FetchRequest, trouble: Trouble, detail: string): void {
  const source = plan.sources[request.source] as PlanSource;
  const block = settle(plan, request);
  const isFinal = trouble === "missing" || trouble === "lied";
  block.tries.set(request.source, isFinal ? Infinity : (block.tries.get(request.source) ?? 0) + 1);
  block.wasLied ||= trouble === "lied";
  block.said.push(`${source.name}: ${detail}`);
  plan.queue.unshift(block);
  if (trouble === "missing") return;
  source.strikes++;
  source.answerMs *= 2;
  if (trouble === "lied") source.left ??= `gave wrong bytes (${detail})`;
  else if (source.strikes >= FETCH.strikes) source.left ??= `${trouble} ${source.strikes} times in a row (${detail})`;
}

export function sourceReports(plan: FetchPlan): SourceReport[] {
  return plan.sources.map(({ name, blocks, bytes, left }) => ({ name, blocks, bytes, ...(left === undefined ? {} : { left }) }));
}

/** Whether anyone can be asked anything now. With nobody left to ask, each block must still be looked at, and found lost. */
function hasSpace(plan: FetchPlan): boolean {
  if (plan.asked.size >= FETCH.parallel) return false;
  const open = plan.sources.filter((source) => source.left === undefined);
  return open.length === 0 || open.some((source) => source.inFlight < FETCH.parallelPerSource);
}

function isUseful(plan: FetchPlan, block: PlanBlock, source: number): boolean {
  return plan.sources[source]?.left === undefined && (block.tries.get(source) ?? 0) < FETCH.attempts;
}

/** The source that is expected to be done first, counting what it is already asked for. */
function quickest(plan: FetchPlan, useful: readonly number[]): number | undefined {
  let best: number | undefined;
  let bestMs = Infinity;
  for (const i of useful) {
    const { inFlight, answerMs } = plan.sources[i] as PlanSource;
    const doneMs = (inFlight + 1) * answerMs;
    if (inFlight < FETCH.parallelPerSource && doneMs < bestMs) [best, bestMs] = [i, doneMs];
  }
  return best;
}

function settle(plan: FetchPlan, request: FetchRequest): PlanBlock {
  const block = plan.asked.get(request.cid);
  if (block === undefined) throw new Error(`block ${request.cid} was not asked for`);
  (plan.sources[request.source] as PlanSource).inFlight--;
  plan.asked.delete(request.cid);
  return block;
}

function lostDetail(plan: FetchPlan, block: PlanBlock): string {
  const left = plan.sources.filter((source) => source.left !== undefined).map((source) => `${source.name} was left: it ${source.left}`);
  const said = [...new Set([...block.said, ...left])];
  return said.length > 0 ? said.join("; ") : "there is no source to ask";
}
