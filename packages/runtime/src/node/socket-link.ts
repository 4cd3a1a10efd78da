// A world's end of a link over a socket. Small whole frames, which is nearly all there is, are read and written here: unmasked where they
// lie, and everything of a tick in one write. All else of WebSocket (pieces, pings, the closing handshake) is left to `ws`.
import type { Socket } from "node:net";
import { type Fault, fault } from "@sojourn/protocol";
import type { RawData, WebSocket } from "ws";
import { LINK_LIMITS } from "../limits.ts";
import { closeReason, Inbox, type Link, type LinkEnd, type LinkState } from "../link.ts";
import { framedBytes, type Outgoing } from "./outgoing.ts";
import { FrameBounds, type SlowLane } from "./slow-lane.ts";
import { TakenSocket, type TickRead, type TickReader } from "./tick-reader.ts";

/** RFC 6455 §5.2: FIN and opcode 2, a mask, a length in seven bits: head and mask have six bytes. */
const WHOLE_BINARY = 0x82;
const SMALL_HEAD_BYTES = 6;

/** So many ticks in a row must have brought something before a link is read at ticks, and so many nothing before it no longer is. */
const BUSY_TICKS = 2;
const QUIET_TICKS = 4;

export class SocketLink implements Link, TickRead {
  readonly remote: string;
  onWake: (() => void) | undefined;
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #slow: SlowLane;
  readonly #outgoing: Outgoing;
  readonly #reader: TickReader;
  readonly #bounds = new FrameBounds();
  readonly #inbox = new Inbox(LINK_LIMITS.inboxFrames, LINK_LIMITS.inboxBytes);
  /** Sent since the last flush, and how many bytes. */
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #end: LinkEnd | undefined;
  /** While it is read at ticks. */
  #taken: TakenSocket | undefined;
  #hasHeard = false;
  /** Ticks in a row that brought something; below 0, that brought nothing. */
  #ticksHeard = 0;

  constructor(ws: WebSocket, slow: SlowLane, socket: Socket, remote: string, parts: { outgoing: Outgoing; reader: TickReader }) {
    this.remote = remote;
    this.#ws = ws;
    this.#slow = slow;
    this.#socket = socket;
    this.#outgoing = parts.outgoing;
    this.#reader = parts.reader;
    ws.binaryType = "nodebuffer";
    ws.on("message", (data: RawData, isBinary: boolean) => this.#arrived(data, isBinary));
    ws.on("error", (error: Error) => this.#failed(error));
    ws.on("close", (code: number, reason: Buffer) => {
      this.#end ??= { code, reason: reason.toString("utf8") };
      this.#reader.delete(this);
      this.onWake?.();
    });
    socket.on("data", (bytes: Buffer) => this.#read(bytes));
  }

  get state(): LinkState {
    return this.#end !== undefined || this.#ws.readyState !== this.#ws.OPEN ? "closed" : "open";
  }
  get bufferedBytes(): number {
    return this.#socket.writableLength + this.#waitingBytes;
  }
  get fault(): Fault | undefined {
    return this.#inbox.fault;
  }
  get end(): LinkEnd | undefined {
    return this.#end;
  }

  receive(): Uint8Array[] {
    return this.#inbox.take();
  }

  send(frame: Uint8Array): void {
    if (this.state !== "open") return;
    if (this.#waiting.length === 0) this.#outgoing.add(this);
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
  }

  sendMany(frames: readonly Uint8Array[]): void {
    for (let i = 0; i < frames.length; i++) this.send(frames[i] as Uint8Array);
  }

  hearAtTicks(isOnly: boolean): void {
    if (isOnly && this.#end === undefined) this.#reader.add(this);
    else this.#leaveTicks();
  }

  /** Called by {@link TickReader} alone. */
  hear(reader: TickReader): void {
    if (this.#taken === undefined) this.#mayTake();
    if (this.#taken !== undefined) this.#readTaken(reader);
    const hasHeard = this.#hasHeard;
    this.#hasHeard = false;
    this.#ticksHeard = hasHeard ? Math.max(1, this.#ticksHeard + 1) : Math.min(-1, this.#ticksHeard - 1);
    if (this.#ticksHeard <= -QUIET_TICKS) this.#giveBack();
  }

  #readTaken(reader: TickReader): void {
    // One who sends more than this in a tick waits for the next: the network holds no more for them than it does for anybody.
    for (let reads = 0; this.#taken !== undefined && reads < LINK_LIMITS.readsPerTick; reads++) {
      const bytes = this.#taken.isOpen ? reader.read(this.#taken.fd) : false;
      if (bytes === false) this.#giveBack();
      if (bytes === false || bytes === undefined) return;
      this.#read(bytes);
      if (bytes.length < LINK_LIMITS.tickReadBytes) return;
    }
  }

  #mayTake(): void {
    if (this.#ticksHeard < BUSY_TICKS || !this.#isSimple || this.#inbox.fault !== undefined || this.#end !== undefined) return;
    this.#taken = TakenSocket.take(this.#socket);
  }

  #giveBack(): void {
    this.#ticksHeard = Math.min(0, this.#ticksHeard);
    this.#taken?.giveBack();
    this.#taken = undefined;
  }

  #leaveTicks(): void {
    this.#reader.delete(this);
    this.#giveBack();
  }

  /** Whether all that came so far was whole small frames: none is open, and `ws` has nothing left to read. */
  get #isSimple(): boolean {
    return this.#bounds.isBetween && !this.#bounds.isForGood && this.#slow.readableLength === 0;
  }

  /** Writes what waits. Called by {@link Outgoing} alone. */
  flush(): void {
    const frames = this.#waiting;
    const bytes = this.#waitingBytes;
    if (frames.length === 0) return;
    this.#waitingBytes = 0;
    if (this.#socket.writable) {
      if (bytes <= LINK_LIMITS.joinedBytes) this.#socket.write(this.#outgoing.joined(frames, bytes));
      else {
        this.#socket.cork();
        for (const frame of frames) this.#socket.write(framedBytes(frame));
        this.#socket.uncork();
      }
    }
    frames.length = 0;
  }

  close(code = 1000, reason = ""): void {
    if (this.#ws.readyState >= this.#ws.CLOSING) return;
    this.flush();
    this.#leaveTicks();
    this.#ws.close(code, closeReason(reason));
    this.#end ??= { code, reason };
    // The other side's own goodbye must be read to be heard, also from one that broke a limit.
    this.#slow.isHeld = false;
    this.#socket.resume();
    const torn = setTimeout(() => this.#ws.terminate(), LINK_LIMITS.closeMs);
    torn.unref();
    this.#ws.once("close", () => clearTimeout(torn));
  }

  /** Takes small whole binary frames where they lie; hands everything else on, frame by frame, in order. */
  #read(bytes: Buffer): void {
    this.#hasHeard = true;
    let at = 0;
    while (at < bytes.length) {
      const isSmall =
        bytes[at] === WHOLE_BINARY &&
        (bytes[at + 1] as number) >= 0x80 &&
        (bytes[at + 1] as number) < 0x80 + 126 &&
        at + SMALL_HEAD_BYTES + ((bytes[at + 1] as number) & 0x7f) <= bytes.length;
      if (isSmall && this.#isSimple) at = this.#take(bytes, at);
      else {
        this.#giveBack();
        const end = this.#bounds.isForGood ? bytes.length : this.#bounds.follow(bytes, at);
        this.#slow.hand(bytes.subarray(at, end));
        at = end;
      }
    }
  }

  #take(bytes: Buffer, at: number): number {
    const start = at + SMALL_HEAD_BYTES;
    const end = start + ((bytes[at + 1] as number) & 0x7f);
    for (let i = start; i < end; i++) bytes[i] = (bytes[i] as number) ^ (bytes[at + 2 + ((i - start) & 3)] as number);
    if (this.#end !== undefined) return end;
    if (!this.#inbox.put(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start))) this.#hold();
    this.onWake?.();
    return end;
  }

  #arrived(data: RawData, isBinary: boolean): void {
    if (this.#end !== undefined) return;
    if (!isBinary) this.#breaks(fault("malformed", "client", "a text frame where binary frames are spoken"));
    else if (!Buffer.isBuffer(data) || !this.#inbox.put(new Uint8Array(data))) this.#hold();
    this.onWake?.();
  }

  #breaks(why: Fault): void {
    this.#inbox.fault ??= why;
    this.#hold();
  }

  #hold(): void {
    this.#giveBack();
    this.#slow.isHeld = true;
    this.#socket.pause();
  }

  /** `ws` found a broken rule of the WebSocket protocol itself and is closing with the code that says which. */
  #failed(error: Error): void {
    const tooLong =
      "code" in error && (error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" || error.code === "WS_ERR_TOO_MANY_BUFFERED_PARTS");
    this.#inbox.fault ??= tooLong
      ? fault("oversized", "client", `a message longer than ${LINK_LIMITS.inboundMessageBytes} bytes or in too many pieces`)
      : fault("malformed", "client", "not a WebSocket message of this protocol");
    this.onWake?.();
  }
}
