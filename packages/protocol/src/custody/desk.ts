// What a border keeps in mind between two inputs and may forget in a crash: open questions, timers, offers that wait to be used.
// The machines change it in place; nothing in it is needed for safety.
import type { ItemRef, TransferId, TravellerId, WorldId } from "../ids.ts";
import { CUSTODY, TIMES } from "../limits.ts";
import type { BorderContext, Moment } from "./border.ts";
import type { Custody } from "./custody.ts";
import type { Import } from "./quota-terms.ts";

/** A question to a destination that is not answered. */
export interface Ask {
  readonly to: WorldId;
  readonly request: string;
  readonly hash: string;
  readonly askedMs: number;
  readonly deadlineMs: number;
  againMs: number;
}

/** An open departure's next word to its destination. */
export interface Chase {
  nextMs: number;
  tries: number;
  isCancelling: boolean;
  /** How often the destination was asked since this world opened. */
  asked: number;
  /** What it answered instead of deciding. */
  heard?: string;
}

/** A place kept for a traveller until their offer ends. */
export interface Reservation {
  /** The world they are expected from. */
  readonly peer: WorldId;
  readonly request: string;
  readonly token: string;
  readonly untilMs: number;
  /** What it lets in that quotas count. */
  readonly imports: readonly Import[];
}

/** A peer's next telling of this world's key statement. */
export interface Telling {
  nextMs: number;
  tries: number;
}

/** A claim's next time. */
export interface DueClaim {
  readonly transfer: TransferId;
  nextMs: number;
  tries: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

export interface Desk {
  readonly asks: Map<TravellerId, Ask>;
  readonly chases: Map<TransferId, Chase>;
  readonly offers: Map<TravellerId, Reservation>;
  readonly tombstones: Map<WorldId, Bucket>;
  /** The last that was heard of a peer that could not be reached. */
  readonly silent: Map<WorldId, string>;
  readonly statements: Map<WorldId, Bucket>;
  /** The version of this world's key statement that a peer says it knows, and when one that has not is told again. */
  readonly noted: Map<WorldId, number>;
  readonly tellings: Map<WorldId, Telling>;
  readonly closes: Map<WorldId, Bucket>;
  readonly claims: Map<ItemRef, DueClaim>;
  /** An amnesiac world's next question to each peer, and the earliest of them. */
  readonly recalls: Map<WorldId, { nextMs: number; tries: number }>;
  recallMs: number;
  /** No timer is due before this (steady time). */
  dueMs: number;
  forgetMs: number;
  tellMs: number;
  claimsMs: number;
}

/** One step's surroundings. */
export interface Border {
  readonly custody: Custody;
  readonly desk: Desk;
  readonly context: BorderContext;
  readonly world: WorldId;
  /** The time that is signed and recorded: never before the latest time in the journal. */
  readonly nowMs: number;
  readonly steadyMs: number;
  /** The wall's clock is so far behind the journal that something is wrong with it. */
  readonly isClockBehind: boolean;
}

/** A desk for a world that just opened: every open departure is asked about at once. */
export function openDesk(custody: Custody, now: Moment): Desk {
  const desk: Desk = {
    asks: new Map(),
    chases: new Map(),
    offers: new Map(),
    tombstones: new Map(),
    silent: new Map(),
    statements: new Map(),
    noted: new Map(),
    tellings: new Map(),
    closes: new Map(),
    claims: new Map(),
    recalls: new Map(),
    recallMs: custody.memory.amnesia === undefined ? Number.POSITIVE_INFINITY : now.steadyMs,
    dueMs: now.steadyMs,
    forgetMs: now.steadyMs,
    tellMs: now.steadyMs,
    // With nothing to claim it is never due.
    claimsMs: custody.claims.size === 0 ? Number.POSITIVE_INFINITY : now.steadyMs,
  };
  const nextMs = now.steadyMs;
  for (const transfer of custody.out.keys()) desk.chases.set(transfer, { nextMs, tries: 0, isCancelling: false, asked: 0 });
  for (const { transfer, word } of custody.overridden.values())
    if (word === undefined) desk.chases.set(transfer, { nextMs, tries: 0, isCancelling: true, asked: 0 });
  return desk;
}

/** How often closed transfers are looked over for what can be forgotten. */
export const FORGET_EVERY_MS = 30_000;

export function borderAt(custody: Custody, desk: Desk, now: Moment, context: BorderContext): Border {
  return {
    custody,
    desk,
    context,
    world: custody.world,
    nowMs: Math.max(now.wallMs, custody.clockHighWaterMs),
    steadyMs: now.steadyMs,
    isClockBehind: now.wallMs < custody.clockHighWaterMs - TIMES.clockSkewMs,
  };
}

export function dueAt(desk: Desk, atMs: number): void {
  desk.dueMs = Math.min(desk.dueMs, atMs);
}

export function chase(border: Border, transfer: TransferId, inMs: number, isCancelling: boolean): void {
  const nextMs = border.steadyMs + inMs;
  border.desk.chases.set(transfer, { nextMs, tries: 0, isCancelling, asked: 0 });
  dueAt(border.desk, nextMs);
}

/** True when this origin may cost one more record for a transfer that is not admitted here. */
export function mayTombstone(border: Border, origin: WorldId): boolean {
  return draw(border.desk.tombstones, origin, CUSTODY.tombstones, border.steadyMs);
}

/** True when this peer may cost one more record for a statement of its keys. */
export function mayState(border: Border, peer: WorldId): boolean {
  return draw(border.desk.statements, peer, CUSTODY.statements, border.steadyMs);
}

/** True when this origin may cost one more record for a close. */
export function mayClose(border: Border, origin: WorldId): boolean {
  return draw(border.desk.closes, origin, CUSTODY.closes, border.steadyMs);
}

interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

function draw(buckets: Map<WorldId, Bucket>, origin: WorldId, { perSecond, burst }: Rate, steadyMs: number): boolean {
  const bucket = buckets.get(origin) ?? { tokens: burst, atMs: steadyMs };
  bucket.tokens = Math.min(burst, bucket.tokens + ((steadyMs - bucket.atMs) * perSecond) / 1_000);
  bucket.atMs = steadyMs;
  buckets.set(origin, bucket);
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}
