// One member of the swarm one is connected to: its channel, the exchange over it, and what is waiting. Nothing acts inside a channel's
// callback: messages queue, and one turn takes them. Law: a member never makes this side hold more than its inbox and one block each way.
import { type ChannelFrame, type ContentId, encodeChannel, type Fault, fault, SWARM } from "@sojourn/protocol";
import { PEERS } from "../limits.ts";
import { type Exchange, type ExchangeEffect, end, hearMember, openExchange, shortName } from "./exchange.ts";

/** A path for whole messages to one other page, reliable and in order: a data channel, or two ends of one in a test. */
export interface MemberChannel {
  /** Sent and not yet gone. */
  readonly bufferedBytes: number;
  send(message: Uint8Array): void;
  close(): void;
  onMessage: ((message: Uint8Array) => void) | undefined;
  /** What was sent has gone, nearly all of it. */
  onDrain: (() => void) | undefined;
  onClose: (() => void) | undefined;
}

export interface MemberEars {
  effects(member: SwarmMember, effects: readonly ExchangeEffect[]): void;
  drained(): void;
}

/** Messages that may wait for one turn; control messages a second that are borne. */
const INBOX_MESSAGES = 2_048;
const CONTROL_PER_SECOND = 1_000;
const PIECE = 7;

export class SwarmMember {
  readonly name: string;
  readonly exchange: Exchange;
  strikes = 0;
  /** Smoothed time of an answer, ms. */
  answerMs = 100;
  readonly #channel: MemberChannel;
  readonly #ears: MemberEars;
  readonly #now: () => number;
  #inbox: Uint8Array[] = [];
  #namesTold = 0;
  #controlSinceMs = 0;
  #control = 0;

  constructor(name: string, page: Uint8Array, channel: MemberChannel, ears: MemberEars, now: () => number) {
    this.name = name;
    this.#channel = channel;
    this.#ears = ears;
    this.#now = now;
    const opened = openExchange(page, now());
    this.exchange = opened.exchange;
    channel.onMessage = (message) => this.#arrived(message);
    channel.onDrain = () => queueMicrotask(() => ears.drained());
    channel.onClose = () => queueMicrotask(() => this.leave(fault("store-failed", "link", "its channel closed")));
    queueMicrotask(() => ears.effects(this, opened.effects));
  }

  get bufferedBytes(): number {
    return this.#channel.bufferedBytes;
  }

  send(frame: ChannelFrame): void {
    this.#channel.send(encodeChannel(frame));
  }

  close(): void {
    this.#channel.onMessage = undefined;
    this.#channel.onDrain = undefined;
    this.#channel.onClose = undefined;
    this.#channel.close();
  }

  leave(why: Fault): void {
    this.#ears.effects(this, end(this.exchange, why));
  }

  /** Tells what one holds, if only that it is nothing yet: as many short names as the member will remember of us. */
  tellNames(cids: readonly ContentId[]): void {
    const names = [...new Set(cids.map(shortName))].sort((a, b) => a - b).slice(0, SWARM.names - this.#namesTold);
    this.#namesTold += names.length;
    let at = 0;
    do {
      this.send({ f: "names", names: names.slice(at, at + SWARM.namesAtOnce) });
      at += SWARM.namesAtOnce;
    } while (at < names.length);
  }

  #arrived(message: Uint8Array): void {
    this.#inbox.push(message);
    if (this.#inbox.length === 1) queueMicrotask(() => this.#hear());
  }

  #hear(): void {
    const messages = this.#inbox;
    this.#inbox = [];
    if (messages.length > INBOX_MESSAGES) this.leave(fault("too-fast", "peer", "it sends faster than can be read"));
    for (const message of messages) {
      if (this.exchange.isOver) return;
      if (message[0] !== PIECE && this.#isTooFast()) this.leave(fault("too-fast", "peer", "it says too much"));
      this.#ears.effects(this, hearMember(this.exchange, message, this.#now()));
    }
  }

  #isTooFast(): boolean {
    const nowMs = this.#now();
    if (nowMs - this.#controlSinceMs > 1_000) {
      this.#controlSinceMs = nowMs;
      this.#control = 0;
    }
    this.#control++;
    return this.#control > CONTROL_PER_SECOND;
  }
}

/** Whether more of a block may be put into the channel now. */
export function takesMore(member: SwarmMember): boolean {
  return member.bufferedBytes < PEERS.bufferedBytes;
}
