// A poor network on demand: links put through it deliver late, unevenly, in bursts, but whole and in order, as TCP does.
// Law: nothing is lost, doubled or overtaken; clock and seed decide everything; what is under way is bounded.
import { type Fault, fault } from "@sojourn/protocol";
import { type Clock, systemClock } from "./clock.ts";
import { afterStall, boundedConditions, jitterOf, LINK_PRESETS, type LinkConditions } from "./conditions.ts";
import { CONDITION_LIMITS, LINK_LIMITS } from "./limits.ts";
import { Inbox, type Link, type LinkEnd, type LinkState } from "./link.ts";
import { type SeededRandom, seededRandom } from "./random.ts";

export interface ConditionerOptions {
  readonly conditions?: LinkConditions;
  readonly clock?: Clock;
  /** Decides jitter and stalls. */
  readonly seed?: number;
}

/** Puts links under conditions that may change at any time; what is under way keeps the time it was given. */
export class LinkConditioner {
  readonly clock: Clock;
  private readonly seed: number;
  private now: LinkConditions;
  private made = 0;

  constructor({ conditions = LINK_PRESETS.good, clock = systemClock, seed = 1 }: ConditionerOptions = {}) {
    this.clock = clock;
    this.seed = seed;
    this.now = boundedConditions(conditions);
  }

  get conditions(): LinkConditions {
    return this.now;
  }
  set conditions(wanted: LinkConditions) {
    this.now = boundedConditions(wanted);
  }

  /** A link that behaves as the conditions say. The inner link is its own from now on. */
  over(inner: Link): Link {
    this.made += 1;
    return new ConditionedLink(inner, this, this.seed ^ Math.imul(this.made, 0x9e37_79b1));
  }
}

/** What passes along one way: a frame, or the news that the link opened, broke a limit or ended. */
interface Passing {
  readonly dueMs: number;
  readonly what: Uint8Array | "open" | Fault | { readonly end: LinkEnd };
}

/** One way of a link: what is under way, in order, each with the time it arrives. */
class Way {
  readonly waiting: Passing[] = [];
  bytes = 0;
  private lastMs = 0;
  private freeMs = 0;
  private readonly startMs: number;
  private readonly seed: number;
  private readonly chance: SeededRandom;

  constructor(startMs: number, seed: number, which: number) {
    this.startMs = startMs;
    this.seed = seed;
    this.chance = seededRandom(seed ^ Math.imul(which, 0xc2b2_ae35));
  }

  get isFull(): boolean {
    return this.waiting.length >= CONDITION_LIMITS.frames || this.bytes >= CONDITION_LIMITS.bytes;
  }

  put(what: Passing["what"], delayMs: number, nowMs: number, conditions: LinkConditions): void {
    const size = what instanceof Uint8Array ? what.length : 0;
    const { bytesPerSecond } = conditions;
    this.freeMs = Math.max(this.freeMs, nowMs) + (bytesPerSecond === 0 ? 0 : (size * 1_000) / bytesPerSecond);
    const lateMs = this.freeMs + delayMs + jitterOf(this.chance.next(), conditions);
    this.lastMs = Math.max(this.lastMs, this.startMs + afterStall(lateMs - this.startMs, conditions, this.seed));
    this.waiting.push({ dueMs: this.lastMs, what });
    this.bytes += size;
  }

  /** The next that has arrived, taken out. */
  take(nowMs: number): Passing["what"] | undefined {
    const next = this.waiting[0];
    if (next === undefined || next.dueMs > nowMs) return undefined;
    this.waiting.shift();
    if (next.what instanceof Uint8Array) this.bytes -= next.what.length;
    return next.what;
  }
}

class ConditionedLink implements Link {
  readonly remote: string;
  state: LinkState = "connecting";
  end: LinkEnd | undefined;
  onWake: (() => void) | undefined;
  private readonly inner: Link;
  private readonly conditioner: LinkConditioner;
  private readonly outward: Way;
  private readonly inward: Way;
  private readonly inbox = new Inbox(LINK_LIMITS.clientInboxFrames, LINK_LIMITS.clientInboxBytes);
  /** Something arrived that the owner was not told of yet. */
  private isNews = false;
  // What of the inner link was seen already and is under way.
  private sawOpen = false;
  private sawFault = false;
  private sawEnd = false;
  private cancel: (() => void) | undefined;
  private wakeMs: number = Number.POSITIVE_INFINITY;

  constructor(inner: Link, conditioner: LinkConditioner, seed: number) {
    const startMs = conditioner.clock.monotonic();
    this.inner = inner;
    this.remote = inner.remote;
    this.conditioner = conditioner;
    this.outward = new Way(startMs, seed, 1);
    this.inward = new Way(startMs, seed, 2);
    inner.onWake = () => this.look();
    // The owner sets onWake after this returns.
    queueMicrotask(() => this.look());
  }

  get fault(): Fault | undefined {
    return this.inbox.fault;
  }

  get bufferedBytes(): number {
    return this.inner.bufferedBytes + this.outward.bytes;
  }

  receive(): Uint8Array[] {
    this.look();
    return this.inbox.take();
  }

  send(frame: Uint8Array): void {
    if (this.state !== "open") return;
    if (this.outward.isFull) {
      this.inbox.fault ??= fault("too-fast", "client", "more was sent than a conditioned link keeps under way");
      this.inner.close(1000, "");
      this.onWake?.();
      return;
    }
    // The sender may use its buffer again.
    this.leave(frame.slice());
  }

  sendMany(frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.send(frame);
  }

  close(code = 1000, reason = ""): void {
    if (this.state === "connecting") this.inner.close(code, reason);
    else this.leave({ end: { code, reason } });
  }

  private leave(what: Passing["what"]): void {
    const { clock, conditions } = this.conditioner;
    this.outward.put(what, conditions.outMs, clock.monotonic(), conditions);
    this.pass();
  }

  /** Takes in what the inner link has, gives on what is due, and asks to be woken for the next. */
  private look(): void {
    const { clock, conditions } = this.conditioner;
    const { inner, inward } = this;
    const nowMs = clock.monotonic();
    const { inMs, outMs } = conditions;
    if (!this.sawOpen && inner.state === "open") {
      this.sawOpen = true;
      inward.put("open", inMs + outMs, nowMs, conditions);
    }
    // What does not fit waits in the inner link's own inbox, which is bounded as well.
    if (!inward.isFull) for (const frame of inner.receive()) inward.put(frame, inMs, nowMs, conditions);
    if (!this.sawFault && inner.fault !== undefined && !inward.isFull) {
      this.sawFault = true;
      inward.put(inner.fault, inMs, nowMs, conditions);
    }
    if (!this.sawEnd && inner.state === "closed" && !inward.isFull) {
      this.sawEnd = true;
      inward.put({ end: inner.end ?? { code: 1006, reason: "" } }, inMs, nowMs, conditions);
    }
    this.pass();
  }

  private pass(): void {
    const { clock } = this.conditioner;
    const nowMs = clock.monotonic();
    for (let what = this.outward.take(nowMs); what !== undefined; what = this.outward.take(nowMs)) {
      if (what instanceof Uint8Array) this.inner.send(what);
      else if (typeof what === "object" && "end" in what) this.inner.close(what.end.code, what.end.reason);
    }
    const wasFull = this.inward.isFull;
    for (let what = this.inward.take(nowMs); what !== undefined; what = this.inward.take(nowMs)) {
      this.isNews = true;
      this.arrive(what);
    }
    this.arm();
    if (this.isNews && this.onWake !== undefined) {
      this.isNews = false;
      this.onWake();
    }
    if (wasFull && !this.inward.isFull) this.look();
  }

  private arrive(what: Passing["what"]): void {
    if (what instanceof Uint8Array) this.inbox.put(what);
    else if (what === "open") this.state = "open";
    else if ("end" in what) {
      this.end = what.end;
      this.state = "closed";
    } else this.inbox.fault ??= what;
  }

  private arm(): void {
    const nextMs = Math.min(
      this.outward.waiting[0]?.dueMs ?? Number.POSITIVE_INFINITY,
      this.inward.waiting[0]?.dueMs ?? Number.POSITIVE_INFINITY,
    );
    if (this.cancel !== undefined && nextMs === this.wakeMs) return;
    this.cancel?.();
    this.cancel = undefined;
    this.wakeMs = nextMs;
    if (nextMs === Number.POSITIVE_INFINITY) return;
    this.cancel = this.conditioner.clock.schedule(nextMs, () => {
      this.cancel = undefined;
      this.look();
    });
  }
}
