// Which block is asked of which source next. Pure: it is told what was wanted, what came and when, and answers with requests.
// A source that lied once is left for good; one that stalls or fails twice in a row, or is outrun again and again, is left; each is
// named with its reason. A source is given as much time as its own answers take; a request that takes longer than those is asked of
// another source as well, and the first right answer counts.
import type { ContentId } from "@sojourn/protocol";
import { FETCH } from "../limits.ts";
import { RankedQueue } from "./ranked-queue.ts";

export type Trouble = "missing" | "lied" | "stalled" | "failed";

export interface FetchRequest {
  readonly cid: ContentId;
  readonly source: number;
  readonly askedMs: number;
  /** An answer that takes longer than this is no answer, ms. */
  readonly timeoutMs: number;
  /** The block's length as what names it states it; what is longer is a lie. */
  readonly maxBytes: number | undefined;
}

/** What one source gave so far; `left` says why it is asked no more. */
export interface SourceReport {
  readonly name: string;
  readonly blocks: number;
  readonly bytes: number;
  readonly left?: string;
}

/** What a plan may ask for at the same time, and how long a source may take at most. */
export interface PlanTerms {
  readonly parallel: number;
  readonly parallelPerSource: number;
  readonly requestMs: number;
}

interface PlanSource {
  readonly name: string;
  /** Sources of a lower tier are asked first. */
  readonly tier: number;
  inFlight: number;
  strikes: number;
  /** Requests in a row that another source answered first. */
  outrun: number;
  /** Smoothed time of an answer and its smoothed distance from that, milliseconds; no answer yet: undefined. */
  answerMs: number;
  spreadMs: number | undefined;
  blocks: number;
  bytes: number;
  left?: string;
  didLie: boolean;
}

interface PlanBlock {
  readonly cid: ContentId;
  readonly rank: number;
  readonly maxBytes: number | undefined;
  /** Requests that are out, in the order in which they were sent: one, and more when the last of them is late. */
  readonly out: FetchRequest[];
  /** Source → tries there that failed; Infinity when it is of no use to ask again. */
  readonly tries: Map<number, number>;
  /** What each source said, for the person who reads the fault. */
  readonly said: string[];
  wasLied: boolean;
}

export interface FetchPlan {
  readonly terms: PlanTerms;
  readonly sources: PlanSource[];
  readonly queue: RankedQueue<PlanBlock>;
  readonly asked: Map<ContentId, PlanBlock>;
  /** Requests that are out, of all sources together. */
  inFlight: number;
}

const TERMS: PlanTerms = { parallel: FETCH.parallel, parallelPerSource: FETCH.parallelPerSource, requestMs: FETCH.requestMs };

/** `tiers`: of each source, in the order of the names; 0 where none is given. */
export function newPlan(names: readonly string[], terms: Partial<PlanTerms> = {}, tiers: readonly number[] = []): FetchPlan {
  const blank = {
    inFlight: 0,
    strikes: 0,
    outrun: 0,
    answerMs: FETCH.firstGuessMs,
    spreadMs: undefined,
    blocks: 0,
    bytes: 0,
    didLie: false,
  };
  const sources = names.map((name, i) => ({ name, tier: tiers[i] ?? 0, ...blank }));
  return { terms: { ...TERMS, ...terms }, sources, queue: new RankedQueue(), asked: new Map(), inFlight: 0 };
}

/** `rank`: what is lower is asked for sooner. */
export function want(plan: FetchPlan, cid: ContentId, rank = 0, maxBytes?: number): void {
  plan.queue.push({ cid, rank, maxBytes, out: [], tries: new Map(), said: [], wasLied: false }, rank);
}

/** Takes back what is wanted and not asked for: one who has moved wants other things first. */
export function unwant(plan: FetchPlan): ContentId[] {
  const unwanted: ContentId[] = [];
  for (let block = plan.queue.pop(); block !== undefined; block = plan.queue.pop()) unwanted.push(block.cid);
  return unwanted;
}

/** A wanted block that no source can give; `detail` says what each one answered. */
export interface LostBlock {
  readonly cid: ContentId;
  readonly detail: string;
  readonly wasLied: boolean;
}

export interface NextStep {
  readonly requests: readonly FetchRequest[];
  /** No longer wanted: they can be wanted again, when somebody else may have them. */
  readonly lost: readonly LostBlock[];
  /** When to ask for the next step even if nothing came: then a request will be late enough to ask somebody else, too. */
  readonly wakeMs: number | undefined;
}

/** The requests to send now. Each must come back through {@link came} or {@link went}. */
export function nextRequests(plan: FetchPlan, nowMs: number): NextStep {
  const requests: FetchRequest[] = [];
  const lost: LostBlock[] = [];
  const waiting: PlanBlock[] = [];
  while (plan.queue.size > 0 && hasSpace(plan)) {
    const block = plan.queue.pop() as PlanBlock;
    const useful = usefulSources(plan, block);
    if (useful.length === 0) {
      lost.push({ cid: block.cid, detail: lostDetail(plan, block), wasLied: block.wasLied });
      continue;
    }
    const source = quickest(plan, preferred(plan, useful));
    if (source === undefined) waiting.push(block);
    else requests.push(ask(plan, block, source, nowMs));
  }
  for (const block of waiting) plan.queue.push(block, block.rank);
  const wakeMs = askOthers(plan, nowMs, requests);
  return { requests, lost, wakeMs };
}

/**
 * Late requests are asked of one more source each, while there is space, and of another one when that is late as well: two that never
 * answer must not hold up what a third has. Gives the time at which the next one is late.
 */
function askOthers(plan: FetchPlan, nowMs: number, requests: FetchRequest[]): number | undefined {
  let wakeMs: number | undefined;
  let hedged = [...plan.asked.values()].reduce((sum, { out }) => sum + out.length - 1, 0);
  for (const block of plan.asked.values()) {
    const last = block.out.at(-1) as FetchRequest;
    const others = usefulSources(plan, block).filter((source) => !block.out.some((request) => request.source === source));
    if (others.length === 0) continue;
    const lateMs = last.askedMs + Math.max(patienceMs(plan, last.source), isLastResort(plan, last.source, others) ? FETCH.preferMs : 0);
    if (nowMs < lateMs) {
      wakeMs = Math.min(wakeMs ?? lateMs, lateMs);
      continue;
    }
    if (plan.inFlight >= plan.terms.parallel || hedged >= FETCH.hedges) continue;
    const source = quickest(plan, others);
    if (source === undefined) continue;
    requests.push(ask(plan, block, source, nowMs));
    hedged++;
    const nextMs = nowMs + patienceMs(plan, source);
    if (others.length > 1) wakeMs = Math.min(wakeMs ?? nextMs, nextMs);
  }
  return wakeMs;
}

function ask(plan: FetchPlan, block: PlanBlock, source: number, nowMs: number): FetchRequest {
  const asked = plan.sources[source] as PlanSource;
  const request = { cid: block.cid, source, askedMs: nowMs, timeoutMs: timeoutMs(plan, asked, block.maxBytes), maxBytes: block.maxBytes };
  asked.inFlight++;
  plan.inFlight++;
  block.out.push(request);
  plan.asked.set(block.cid, block);
  return request;
}

/** Whether an answer to this request still counts. */
export function isOut(plan: FetchPlan, request: FetchRequest): boolean {
  return plan.asked.get(request.cid)?.out.includes(request) === true;
}

/** The block came and was verified. Gives the requests for the same block that are not worth waiting for any more. */
export function came(plan: FetchPlan, request: FetchRequest, bytes: number, nowMs: number): readonly FetchRequest[] {
  const block = settle(plan, request);
  const source = plan.sources[request.source] as PlanSource;
  const tookMs = nowMs - request.askedMs;
  source.strikes = 0;
  source.outrun = 0;
  source.blocks++;
  source.bytes += bytes;
  const offMs = source.spreadMs === undefined ? tookMs / 2 : source.spreadMs * 0.75 + Math.abs(tookMs - source.answerMs) * 0.25;
  source.answerMs = source.answerMs * 0.75 + tookMs * 0.25;
  source.spreadMs = offMs;
  const losers = [...block.out];
  for (const loser of losers) {
    settle(plan, loser);
    // One that was asked second had less time: that it is not there yet says nothing about it.
    if (loser.askedMs < request.askedMs) wasOutrun(plan, plan.sources[loser.source] as PlanSource, nowMs - loser.askedMs);
  }
  return losers;
}

function wasOutrun(plan: FetchPlan, source: PlanSource, waitedMs: number): void {
  source.outrun++;
  source.answerMs = Math.min(plan.terms.requestMs, Math.max(source.answerMs, waitedMs));
  if (source.outrun >= FETCH.outrun)
    source.left ??= `stalled: others answered first ${source.outrun} times in a row, after ${Math.round(waitedMs)} ms`;
}

/** The block did not come. It is asked of another source, or later of this one again. */
export function went(plan: FetchPlan, request: FetchRequest, trouble: Trouble, detail: string): void {
  const source = plan.sources[request.source] as PlanSource;
  const block = settle(plan, request);
  const isFinal = trouble === "missing" || trouble === "lied";
  block.tries.set(request.source, isFinal ? Infinity : (block.tries.get(request.source) ?? 0) + 1);
  block.wasLied ||= trouble === "lied";
  block.said.push(`${source.name}: ${detail}`);
  if (block.out.length === 0) plan.queue.push(block, block.rank);
  if (trouble === "missing") return;
  source.strikes++;
  source.answerMs = Math.min(source.answerMs * 2, plan.terms.requestMs);
  source.didLie ||= trouble === "lied";
  if (trouble === "lied") source.left ??= `gave wrong bytes (${detail})`;
  else if (source.strikes >= FETCH.strikes) source.left ??= `${trouble} ${source.strikes} times in a row (${detail})`;
}

export function sourceReports(plan: FetchPlan): SourceReport[] {
  return plan.sources.map(({ name, blocks, bytes, left }) => ({ name, blocks, bytes, ...(left === undefined ? {} : { left }) }));
}

/** Names of the sources that gave wrong bytes. */
export function liarsOf(plan: FetchPlan): string[] {
  return plan.sources.filter(({ didLie }) => didLie).map(({ name }) => name);
}

/** Whether anyone can be asked anything now. With nobody left to ask, each block must still be looked at, and found lost. */
function hasSpace(plan: FetchPlan): boolean {
  if (plan.inFlight >= plan.terms.parallel) return false;
  const open = plan.sources.filter((source) => source.left === undefined);
  return open.length === 0 || open.some((source) => source.inFlight < plan.terms.parallelPerSource);
}

function usefulSources(plan: FetchPlan, block: PlanBlock): number[] {
  const useful: number[] = [];
  plan.sources.forEach(({ left }, i) => {
    if (left === undefined && (block.tries.get(i) ?? 0) < FETCH.attempts) useful.push(i);
  });
  return useful;
}

/** Those of the lowest tier that can be expected to answer soon, full ones among them; when none can, the others. */
function preferred(plan: FetchPlan, useful: readonly number[]): readonly number[] {
  const tierOf = (i: number): number => plan.sources[i]?.tier ?? 0;
  const lowest = Math.min(...useful.map(tierOf));
  const first = useful.filter((i) => tierOf(i) === lowest);
  if (first.length === useful.length) return useful;
  const isSoon = first.some((i) => (plan.sources[i]?.answerMs ?? 0) <= FETCH.preferMs);
  return isSoon ? first : useful.filter((i) => !first.includes(i));
}

/** Whether all of these are of a higher tier than the source that was asked. */
function isLastResort(plan: FetchPlan, asked: number, others: readonly number[]): boolean {
  const tier = plan.sources[asked]?.tier ?? 0;
  return others.every((i) => (plan.sources[i]?.tier ?? 0) > tier);
}

/** The source that is expected to be done first, counting what it is already asked for. */
function quickest(plan: FetchPlan, useful: readonly number[]): number | undefined {
  let best: number | undefined;
  let bestMs = Infinity;
  for (const i of useful) {
    const { inFlight, answerMs } = plan.sources[i] as PlanSource;
    const doneMs = (inFlight + 1) * answerMs;
    if (inFlight < plan.terms.parallelPerSource && doneMs < bestMs) [best, bestMs] = [i, doneMs];
  }
  return best;
}

/** After this long an answer is later than this source's answers are. */
function patienceMs(plan: FetchPlan, source: number): number {
  const { answerMs, spreadMs } = plan.sources[source] as PlanSource;
  const usualMs = spreadMs === undefined ? FETCH.firstPatienceMs : answerMs + 4 * spreadMs;
  return Math.min(Math.max(usualMs, FETCH.leastPatienceMs), plan.terms.requestMs / 2);
}

/** What is long takes longer: its time grows with the length that is stated. */
function timeoutMs(plan: FetchPlan, { answerMs, spreadMs }: PlanSource, maxBytes = 0): number {
  const mostMs = plan.terms.requestMs;
  if (spreadMs === undefined) return mostMs;
  return Math.min(mostMs, Math.max(FETCH.leastRequestMs, 2 * answerMs + 8 * spreadMs) * (1 + maxBytes / FETCH.smallBytes));
}

function settle(plan: FetchPlan, request: FetchRequest): PlanBlock {
  const block = plan.asked.get(request.cid);
  const at = block?.out.indexOf(request) ?? -1;
  if (block === undefined || at < 0) throw new Error(`block ${request.cid} was not asked for`);
  block.out.splice(at, 1);
  (plan.sources[request.source] as PlanSource).inFlight--;
  plan.inFlight--;
  if (block.out.length === 0) plan.asked.delete(request.cid);
  return block;
}

function lostDetail(plan: FetchPlan, block: PlanBlock): string {
  const left = plan.sources.filter((source) => source.left !== undefined).map((source) => `${source.name} was left: it ${source.left}`);
  const said = [...new Set([...block.said, ...left])];
  return said.length > 0 ? said.join("; ") : "there is no source to ask";
}
