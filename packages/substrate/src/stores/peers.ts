// Blocks from other pages of the same world, and to them. Read-only as a store. Nothing a member says is believed: every block is hashed
// before it is given out, a member that lied is named and left, one that stalls is asked no more, and another is asked instead.
import { type ContentId, type Fault, fail, fault, type LackReason, ok, type Result, SWARM } from "@sojourn/protocol";
import { verifyBlock } from "../blocks/block.ts";
import { contentIdBytes, parseContentId } from "../blocks/content-id.ts";
import { FETCH, PEERS } from "../limits.ts";
import { Allowance, GIVE_DEFAULTS, type GiveLimits } from "../swarm/allowance.ts";
import { askFor, cancel, type ExchangeEffect, giveBlock, mayAsk, mayHold, nextPiece, waitingBytes } from "../swarm/exchange.ts";
import { type MemberChannel, SwarmMember, takesMore } from "../swarm/member.ts";
import type { Block, BlockStore, GetOptions } from "./port.ts";

export interface PeersOptions {
  /** Where this page keeps its blocks: what it gives to others is read from here. */
  readonly held: BlockStore;
  /** Blocks of this world that were in hand before; grows with {@link PeersStore.holds}. */
  readonly given?: Set<ContentId>;
  readonly give?: GiveLimits;
  readonly name?: string;
  /** A member that sends nothing of what was asked for so long has stalled. */
  readonly stallMs?: number;
  /** Milliseconds that never step back. */
  readonly now?: () => number;
}

/** What went to and fro so far; `left` names members that lied, stalled or broke the protocol. */
export interface PeersReport {
  readonly members: number;
  readonly blocksIn: number;
  readonly bytesIn: number;
  readonly blocksOut: number;
  readonly bytesOut: number;
  readonly left: readonly { readonly member: string; readonly why: string }[];
}

interface Ask {
  readonly cid: ContentId;
  readonly result: Promise<Result<Uint8Array>>;
  readonly settle: (result: Result<Uint8Array>) => void;
  readonly tried: Set<SwarmMember>;
  readonly untilMs: number;
  member: SwarmMember | undefined;
  askedMs: number;
  worst: Fault | undefined;
}

const LOOK_MS = 250;

export class PeersStore implements BlockStore {
  readonly name: string;
  /** What a swarm has need not come from elsewhere. */
  readonly tier = -1;
  readonly #held: BlockStore;
  readonly #page: Uint8Array = crypto.getRandomValues(new Uint8Array(8));
  readonly #now: () => number;
  readonly #allowance: Allowance;
  readonly #stallMs: number;
  readonly #members = new Map<string, SwarmMember>();
  readonly #asks = new Map<ContentId, Ask>();
  /** Blocks of this visit: these and no others are given. */
  readonly #given: Set<ContentId>;
  readonly #whole = new Set<ContentId>();
  readonly #left: { member: string; why: string }[] = [];
  #news: ContentId[] = [];
  #meetUntilMs = 0;
  #look: ReturnType<typeof setTimeout> | undefined;
  #lookAtMs = Infinity;
  #blocksIn = 0;
  #bytesIn = 0;
  #blocksOut = 0;
  #isOver = false;

  constructor(options: PeersOptions) {
    this.name = options.name ?? "other travellers";
    this.#held = options.held;
    this.#given = options.given ?? new Set();
    this.#stallMs = options.stallMs ?? PEERS.stallMs;
    this.#now = options.now ?? (() => performance.now());
    this.#allowance = new Allowance(options.give ?? GIVE_DEFAULTS, this.#now());
  }

  get report(): PeersReport {
    const bytesOut = this.#allowance.spent;
    const [blocksIn, bytesIn, blocksOut] = [this.#blocksIn, this.#bytesIn, this.#blocksOut];
    return { members: this.#members.size, blocksIn, bytesIn, blocksOut, bytesOut, left: [...this.#left] };
  }
  get hasRoom(): boolean {
    return !this.#isOver && this.#members.size < PEERS.members;
  }
  set give(limits: GiveLimits) {
    this.#allowance.limits = limits;
    this.#pump();
  }

  /** Takes a channel to a member in. One too many, or one of that name already, is closed. */
  join(name: string, channel: MemberChannel): void {
    if (!this.hasRoom || this.#members.has(name)) {
      channel.close();
      return;
    }
    const ears = {
      effects: (member: SwarmMember, effects: readonly ExchangeEffect[]) => this.#perform(member, effects),
      drained: () => this.#pump(),
    };
    const member = new SwarmMember(name, this.#page, channel, ears, this.#now);
    this.#members.set(name, member);
    queueMicrotask(() => this.#introduce(member));
  }

  /** Members may be about to be met: the first asks wait a little for them. False: nobody is to be expected. */
  expect(isMeeting: boolean): void {
    if (isMeeting && this.#meetUntilMs === 0) this.#meetUntilMs = this.#now() + PEERS.meetMs;
    if (!isMeeting) this.#meetUntilMs = Math.min(this.#meetUntilMs, this.#now());
    this.#pump();
  }

  /** A block was read here, or came, and is right: it is given to members that ask for it. */
  holds(cid: ContentId): void {
    if (this.#given.has(cid) || this.#given.size >= PEERS.given) return;
    this.#given.add(cid);
    if (this.#whole.size === 0 && this.#members.size > 0) this.#news.push(cid);
    if (this.#news.length > 0) this.#lookIn(PEERS.tellMs);
  }

  /** All of this version is held here now. */
  holdsWhole(root: ContentId): void {
    if (this.#whole.has(root)) return;
    this.#whole.add(root);
    for (const old of this.#whole) if (this.#whole.size > 2) this.#whole.delete(old);
    this.#news = [];
    for (const member of this.#members.values()) this.#tellWhole(member, root);
  }

  async has(cid: ContentId): Promise<boolean> {
    return (await this.get(cid)).ok;
  }

  async get(cid: ContentId, { signal, maxBytes }: GetOptions = {}): Promise<Result<Uint8Array>> {
    if (!parseContentId(cid).ok) return fail("bad-content-id", "client", `${JSON.stringify(String(cid).slice(0, 70))} is no content id`);
    if (this.#isOver || signal?.aborted === true) return this.#missing(cid);
    const known = this.#asks.get(cid);
    if (known !== undefined) return copied(await known.result);
    if (this.#asks.size >= PEERS.waiting) return this.#missing(cid);
    const { promise: result, resolve: settle } = Promise.withResolvers<Result<Uint8Array>>();
    const ask: Ask = {
      ...{ cid, result, settle, tried: new Set<SwarmMember>(), untilMs: this.#now() + this.#patienceMs(maxBytes) },
      ...{ member: undefined, askedMs: 0, worst: undefined },
    };
    this.#asks.set(cid, ask);
    signal?.addEventListener("abort", () => this.#giveUp(ask, "it is wanted no more"), { once: true });
    this.#pump();
    return await result;
  }

  async put({ cid }: Block): Promise<Result<void>> {
    return fail("store-failed", "client", `${this.name} take no blocks; ${cid} was not written`);
  }

  /** Says goodbye to everybody; asks that are open end as missing. */
  close(): void {
    this.#isOver = true;
    clearTimeout(this.#look);
    for (const member of [...this.#members.values()]) this.#drop(member);
    for (const ask of [...this.#asks.values()]) this.#giveUp(ask, "the swarm was left");
  }

  #patienceMs(maxBytes: number | undefined): number {
    if (this.#blocksIn === 0 || maxBytes === undefined) return PEERS.blockMs;
    return Math.min(PEERS.blockMs, PEERS.smallMs * (1 + maxBytes / FETCH.smallBytes));
  }

  #introduce(member: SwarmMember): void {
    if (member.exchange.isOver) return;
    if (this.#whole.size === 0) member.tellNames([...this.#given]);
    for (const root of this.#whole) this.#tellWhole(member, root);
  }

  #tellWhole(member: SwarmMember, root: ContentId): void {
    if (!member.exchange.isOver) member.send({ f: "whole", id: contentIdBytes(root) });
  }

  #perform(member: SwarmMember, effects: readonly ExchangeEffect[]): void {
    for (const effect of effects) {
      switch (effect.e) {
        case "greeted":
          this.#greeted(member, effect.page);
          break;
        case "send":
          member.send(effect.frame);
          break;
        case "read":
          void this.#read(member, effect.n, effect.cid);
          break;
        case "came":
          void this.#came(member, effect.cid, effect.bytes);
          break;
        case "lacked":
          this.#lacked(member, effect.cid, effect.why);
          break;
        case "end":
          this.#ended(member, effect.why);
          break;
      }
    }
    if (effects.length === 0 || effects.some(({ e }) => e === "came" || e === "lacked" || e === "greeted")) this.#pump();
  }

  /** Two who meet by two ways need one channel; and nobody needs one to themselves. */
  #greeted(member: SwarmMember, page: string): void {
    const isKnown = [...this.#members.values()].some((other) => other !== member && other.exchange.page === page);
    if (isKnown || page === this.#page.join()) this.#drop(member);
  }

  async #read(member: SwarmMember, n: number, cid: ContentId): Promise<void> {
    this.#perform(member, giveBlock(member.exchange, n, await this.#mayGive(cid)));
  }

  async #mayGive(cid: ContentId): Promise<Uint8Array | LackReason> {
    if (!this.#given.has(cid)) return "missing";
    let waiting = 0;
    for (const member of this.#members.values()) waiting += waitingBytes(member.exchange);
    if (!this.#allowance.mayPromise(waiting, this.#now())) return "enough";
    const got = await this.#held.get(cid);
    return got.ok && got.value.length <= SWARM.blockBytes ? got.value : "missing";
  }

  async #came(member: SwarmMember, cid: ContentId, bytes: Uint8Array): Promise<void> {
    const ask = this.#asks.get(cid);
    if (ask === undefined || ask.member !== member) return;
    const block = await verifyBlock(cid, bytes);
    if (!block.ok) {
      ask.worst = fault(block.fault.code, "peer", `member ${member.name}: ${block.fault.detail}`);
      member.leave(ask.worst);
      return;
    }
    member.strikes = 0;
    member.answerMs = member.answerMs * 0.75 + (this.#now() - ask.askedMs) * 0.25;
    this.#blocksIn++;
    this.#bytesIn += bytes.length;
    this.#settle(ask, ok(bytes));
  }

  #lacked(member: SwarmMember, cid: ContentId, why: LackReason): void {
    const ask = this.#asks.get(cid);
    if (ask === undefined || ask.member !== member) return;
    ask.member = undefined;
    if (why === "enough") member.answerMs *= 2;
  }

  #ended(member: SwarmMember, why: Fault): void {
    if (why.blame !== "link" && !this.#isOver) {
      this.#left.push({ member: member.name, why: why.detail });
      if (this.#left.length > PEERS.leftNamed) this.#left.shift();
      for (const ask of this.#asks.values()) {
        if (ask.member === member)
          ask.worst ??= fault("bad-block", "peer", `member ${member.name}, asked for block ${ask.cid}: ${why.detail}`);
      }
    }
    this.#drop(member);
    this.#pump();
  }

  #drop(member: SwarmMember): void {
    this.#members.delete(member.name);
    member.exchange.isOver = true;
    member.close();
    for (const ask of this.#asks.values()) if (ask.member === member) ask.member = undefined;
  }

  /** Gives every ask that waits a member, and every channel with room its next piece. */
  #pump(): void {
    if (this.#isOver) return;
    const nowMs = this.#now();
    for (const ask of [...this.#asks.values()]) if (ask.member === undefined) this.#assign(ask, nowMs);
    this.#giveSome(nowMs);
    const isOwed = [...this.#members.values()].some(({ exchange }) => exchange.wanted.size > 0);
    if (isOwed || this.#asks.size > 0) this.#lookIn(LOOK_MS);
  }

  #assign(ask: Ask, nowMs: number): void {
    const holders = [...this.#members.values()].filter((member) => !ask.tried.has(member) && mayHold(member.exchange, ask.cid));
    const isHopeless = holders.length === 0 && !this.#isMeeting(nowMs);
    if (isHopeless || ask.tried.size >= PEERS.attempts || nowMs >= ask.untilMs) {
      this.#settle(ask, this.#missing(ask.cid, ask.worst));
      return;
    }
    let best: SwarmMember | undefined;
    let bestMs = Infinity;
    for (const member of holders) {
      const doneMs = (member.exchange.wanted.size + 1) * member.answerMs;
      if (mayAsk(member.exchange) && doneMs < bestMs) [best, bestMs] = [member, doneMs];
    }
    if (best === undefined) return;
    ask.member = best;
    ask.askedMs = nowMs;
    ask.tried.add(best);
    this.#perform(best, askFor(best.exchange, ask.cid, nowMs));
  }

  /** Somebody may still say that they have it: a greeting is on its way, or the first members are just being met. */
  #isMeeting(nowMs: number): boolean {
    return nowMs < this.#meetUntilMs && [...this.#members.values()].every(({ exchange }) => !exchange.hasTold);
  }

  #giveSome(nowMs: number): void {
    for (let hasSent = true; hasSent; ) {
      hasSent = false;
      for (const member of [...this.#members.values()]) {
        const waiting = waitingBytes(member.exchange);
        if (waiting === 0 || !takesMore(member)) continue;
        const waitMs = this.#allowance.take(Math.min(waiting, SWARM.pieceBytes), nowMs);
        if (waitMs > 0) {
          if (Number.isFinite(waitMs)) this.#lookIn(waitMs);
          return;
        }
        this.#perform(member, nextPiece(member.exchange));
        if (waitingBytes(member.exchange) === 0) this.#blocksOut++;
        hasSent = true;
      }
    }
  }

  /** What time brings: news to tell, members that stall, asks that took too long. */
  #looked(): void {
    if (this.#isOver) return;
    const nowMs = this.#now();
    if (this.#news.length > 0) {
      for (const member of this.#members.values()) if (!member.exchange.isOver) member.tellNames(this.#news);
      this.#news = [];
    }
    for (const member of [...this.#members.values()]) {
      const { exchange } = member;
      if (exchange.wanted.size > 0 && nowMs - exchange.movedMs > this.#stallMs) this.#stalled(member, nowMs);
    }
    for (const ask of [...this.#asks.values()]) if (nowMs >= ask.untilMs) this.#giveUp(ask, "no member gave it in time");
    this.#pump();
  }

  #stalled(member: SwarmMember, nowMs: number): void {
    member.strikes++;
    member.exchange.movedMs = nowMs;
    if (member.strikes >= PEERS.strikes) {
      member.leave(fault("too-slow", "peer", `it stalled ${member.strikes} times in a row`));
      return;
    }
    for (const ask of this.#asks.values()) {
      if (ask.member !== member) continue;
      ask.member = undefined;
      this.#perform(member, cancel(member.exchange, ask.cid));
    }
  }

  #giveUp(ask: Ask, why: string): void {
    if (this.#asks.get(ask.cid) !== ask) return;
    if (ask.member !== undefined) this.#perform(ask.member, cancel(ask.member.exchange, ask.cid));
    this.#settle(ask, fail("missing-block", "peer", `${this.name} did not give block ${ask.cid}: ${why}`));
  }

  #settle(ask: Ask, result: Result<Uint8Array>): void {
    if (this.#asks.get(ask.cid) !== ask) return;
    this.#asks.delete(ask.cid);
    ask.settle(result);
  }

  #missing(cid: ContentId, worst?: Fault): Result<never> {
    return worst === undefined ? fail("missing-block", "peer", `${this.name} do not hold block ${cid}`) : { ok: false, fault: worst };
  }

  #lookIn(waitMs: number): void {
    const atMs = this.#now() + waitMs;
    if (this.#isOver || atMs >= this.#lookAtMs) return;
    clearTimeout(this.#look);
    this.#lookAtMs = atMs;
    this.#look = setTimeout(() => {
      this.#lookAtMs = Infinity;
      this.#looked();
    }, waitMs);
    // In Node a swarm that waits keeps no process alive.
    (this.#look as { unref?: () => void }).unref?.();
  }
}

function copied(result: Result<Uint8Array>): Result<Uint8Array> {
  return result.ok ? ok(result.value.slice()) : result;
}
