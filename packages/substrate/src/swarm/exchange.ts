// The exchange of blocks with one member of a swarm, both ways. Pure: frames, asks and time come in, effects go out. Law: nobody makes us
// send what they did not ask for, nor hold more than one block each way; whoever says what the protocol does not allow is left.
import {
  CHANNEL_VERSION,
  type ChannelFrame,
  type ContentId,
  decodeChannel,
  type Fault,
  fault,
  type LackReason,
  SWARM,
} from "@sojourn/protocol";
import { contentIdBytes, contentIdOf } from "../blocks/content-id.ts";

export type ExchangeEffect =
  | { readonly e: "greeted"; readonly page: string }
  | { readonly e: "send"; readonly frame: ChannelFrame }
  /** Read this block for the member; answer with {@link giveBlock}. */
  | { readonly e: "read"; readonly n: number; readonly cid: ContentId }
  /** Every byte of a block came; whether they are right is for the shell to check. */
  | { readonly e: "came"; readonly cid: ContentId; readonly bytes: Uint8Array }
  | { readonly e: "lacked"; readonly cid: ContentId; readonly why: LackReason }
  | { readonly e: "end"; readonly why: Fault };

interface Wanted {
  readonly cid: ContentId;
  isCancelled: boolean;
}

export interface Exchange {
  /** The member's number of this visit, once it has greeted. */
  page: string | undefined;
  /** It has said what it holds, if only that it is nothing yet. */
  hasTold: boolean;
  isOver: boolean;
  /** Blocks asked of the member and not answered, by number. */
  readonly wanted: Map<number, Wanted>;
  lastWant: number;
  /** When something last came of what is wanted, ms. */
  movedMs: number;
  coming: { readonly n: number; readonly bytes: Uint8Array; got: number } | undefined;
  /** What the member asks of us, oldest first. The first is being read or sent. */
  readonly asked: { readonly n: number; readonly cid: ContentId }[];
  lastAsked: number;
  isReading: boolean;
  going: { readonly n: number; readonly bytes: Uint8Array; at: number } | undefined;
  /** What the member says it holds: versions whole, and short names of blocks. */
  readonly whole: Set<ContentId>;
  readonly names: Set<number>;
}

/** The exchange as it begins, and the greeting to send. `page`: eight bytes drawn for this visit. */
export function openExchange(
  page: Uint8Array,
  nowMs: number,
): { readonly exchange: Exchange; readonly effects: readonly ExchangeEffect[] } {
  const exchange: Exchange = {
    ...{ page: undefined, hasTold: false, isOver: false, wanted: new Map(), lastWant: 0, movedMs: nowMs, coming: undefined },
    ...{ asked: [], lastAsked: 0, isReading: false, going: undefined, whole: new Set(), names: new Set() },
  };
  return { exchange, effects: [{ e: "send", frame: { f: "hello", version: CHANNEL_VERSION, page } }] };
}

/** Whether the member may have this block, by its own word. */
export function mayHold(exchange: Exchange, cid: ContentId): boolean {
  return exchange.page !== undefined && !exchange.isOver && (exchange.whole.size > 0 || exchange.names.has(shortName(cid)));
}

export function mayAsk(exchange: Exchange): boolean {
  return !exchange.isOver && exchange.wanted.size < SWARM.wants;
}

/** Asks for a block. There must be room. */
export function askFor(exchange: Exchange, cid: ContentId, nowMs: number): readonly ExchangeEffect[] {
  if (exchange.wanted.size === 0) exchange.movedMs = nowMs;
  exchange.wanted.set(++exchange.lastWant, { cid, isCancelled: false });
  return [send({ f: "want", n: exchange.lastWant, id: contentIdBytes(cid) })];
}

/** The block is wanted no more. Its number stays taken until the member has answered. */
export function cancel(exchange: Exchange, cid: ContentId): readonly ExchangeEffect[] {
  for (const [n, wanted] of exchange.wanted) {
    if (wanted.cid !== cid || wanted.isCancelled) continue;
    wanted.isCancelled = true;
    return exchange.isOver ? [] : [send({ f: "cancel", n })];
  }
  return [];
}

/** A message of the member. */
export function hearMember(exchange: Exchange, message: Uint8Array, nowMs: number): readonly ExchangeEffect[] {
  if (exchange.isOver) return [];
  const read = decodeChannel(message);
  if (!read.ok) return end(exchange, read.fault);
  const frame = read.value;
  if ((frame.f === "hello") !== (exchange.page === undefined)) return end(exchange, broke("a greeting comes first, and once"));
  switch (frame.f) {
    case "hello":
      if (frame.version !== CHANNEL_VERSION)
        return end(exchange, fault("unsupported-version", "peer", `it speaks version ${frame.version}`));
      exchange.page = frame.page.join();
      return [{ e: "greeted", page: exchange.page }];
    case "names":
      exchange.hasTold = true;
      for (const name of frame.names) exchange.names.add(name);
      return exchange.names.size > SWARM.names ? end(exchange, broke(`it names more than ${SWARM.names} blocks`)) : [];
    case "whole":
      return heardWhole(exchange, frame.id);
    case "want":
      return heardWant(exchange, frame.n, frame.id);
    case "cancel":
      return heardCancel(exchange, frame.n);
    case "lack": {
      const wanted = exchange.wanted.get(frame.n);
      if (wanted === undefined || exchange.coming?.n === frame.n) return end(exchange, broke("it answers what was not asked"));
      exchange.wanted.delete(frame.n);
      exchange.movedMs = nowMs;
      return wanted.isCancelled ? [] : [{ e: "lacked", cid: wanted.cid, why: frame.why }];
    }
    case "piece":
      return heardPiece(exchange, frame, nowMs);
  }
}

/** The block that was to be read: its bytes, or why they are not given. */
export function giveBlock(exchange: Exchange, n: number, given: Uint8Array | LackReason): readonly ExchangeEffect[] {
  if (exchange.isOver || !exchange.isReading || exchange.asked[0]?.n !== n) return [];
  exchange.isReading = false;
  if (typeof given !== "string") {
    exchange.going = { n, bytes: given, at: 0 };
    return [];
  }
  exchange.asked.shift();
  return [send({ f: "lack", n, why: given }), ...readNext(exchange)];
}

/** Bytes of a block that wait to be sent. */
export function waitingBytes(exchange: Exchange): number {
  return exchange.going === undefined ? 0 : Math.max(1, exchange.going.bytes.length - exchange.going.at);
}

/** The next piece of the block that is being given, to be sent now. */
export function nextPiece(exchange: Exchange): readonly ExchangeEffect[] {
  const { going } = exchange;
  if (going === undefined || exchange.isOver) return [];
  const bytes = going.bytes.subarray(going.at, going.at + SWARM.pieceBytes);
  const piece = send({ f: "piece", n: going.n, total: going.bytes.length, from: going.at, bytes });
  going.at += bytes.length;
  if (going.at < going.bytes.length) return [piece];
  exchange.going = undefined;
  exchange.asked.shift();
  return [piece, ...readNext(exchange)];
}

function heardWhole(exchange: Exchange, id: Uint8Array): readonly ExchangeEffect[] {
  const cid = contentIdOf(id);
  if (cid === undefined) return end(exchange, broke("it names no content id"));
  exchange.hasTold = true;
  // The newest are kept; a whole version covers the names told on the way to it.
  exchange.whole.delete(cid);
  exchange.whole.add(cid);
  for (const old of exchange.whole) if (exchange.whole.size > SWARM.versions) exchange.whole.delete(old);
  exchange.names.clear();
  return [];
}

function heardWant(exchange: Exchange, n: number, id: Uint8Array): readonly ExchangeEffect[] {
  const cid = contentIdOf(id);
  if (cid === undefined) return end(exchange, broke("it asks for no content id"));
  if (n <= exchange.lastAsked) return end(exchange, broke("its asks do not rise"));
  if (exchange.asked.length >= SWARM.wants) return end(exchange, broke(`it asks for more than ${SWARM.wants} blocks at once`));
  exchange.lastAsked = n;
  exchange.asked.push({ n, cid });
  return exchange.asked.length === 1 ? readNext(exchange) : [];
}

/** What is being read or sent is finished all the same; the rest is answered at once. An ask that has been answered may be cancelled too late. */
function heardCancel(exchange: Exchange, n: number): readonly ExchangeEffect[] {
  if (n > exchange.lastAsked) return end(exchange, broke("it cancels what it has not asked"));
  const at = exchange.asked.findIndex((ask) => ask.n === n);
  if (at < 1) return [];
  exchange.asked.splice(at, 1);
  return [send({ f: "lack", n, why: "cancelled" })];
}

function heardPiece(exchange: Exchange, frame: ChannelFrame & { readonly f: "piece" }, nowMs: number): readonly ExchangeEffect[] {
  const wanted = exchange.wanted.get(frame.n);
  if (wanted === undefined) return end(exchange, broke("it sends what was not asked"));
  if (exchange.coming === undefined) exchange.coming = { n: frame.n, bytes: new Uint8Array(frame.total), got: 0 };
  const { coming } = exchange;
  if (coming.n !== frame.n || coming.bytes.length !== frame.total || coming.got !== frame.from) {
    return end(exchange, broke("the parts of a block do not follow each other"));
  }
  coming.bytes.set(frame.bytes, frame.from);
  coming.got += frame.bytes.length;
  exchange.movedMs = nowMs;
  if (coming.got < coming.bytes.length) return [];
  exchange.coming = undefined;
  exchange.wanted.delete(frame.n);
  return wanted.isCancelled ? [] : [{ e: "came", cid: wanted.cid, bytes: coming.bytes }];
}

function readNext(exchange: Exchange): readonly ExchangeEffect[] {
  const next = exchange.asked[0];
  if (next === undefined) return [];
  exchange.isReading = true;
  return [{ e: "read", n: next.n, cid: next.cid }];
}

/** No more of this member. */
export function end(exchange: Exchange, why: Fault): readonly ExchangeEffect[] {
  if (exchange.isOver) return [];
  exchange.isOver = true;
  exchange.coming = undefined;
  exchange.going = undefined;
  exchange.asked.length = 0;
  return [{ e: "end", why }];
}

function broke(what: string): Fault {
  return fault("malformed", "peer", what);
}

function send(frame: ChannelFrame): ExchangeEffect {
  return { e: "send", frame };
}

/** The first four bytes of a block's hash, by which members tell each other what they hold. */
export function shortName(cid: ContentId): number {
  const bytes = contentIdBytes(cid);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(4);
}
