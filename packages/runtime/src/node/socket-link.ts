// A world's end of a link: a WebSocket accepted by `ws`, whose outgoing frames are framed here once for all who get the same bytes
// and written straight to the socket, all frames of a tick in one write. `ws` keeps the reading, the pings and the closing handshake.
import type { Duplex } from "node:stream";
import { type Fault, fault } from "@sojourn/protocol";
import type { RawData, WebSocket } from "ws";
import { LINK_LIMITS } from "../limits.ts";
import { closeReason, Inbox, type Link, type LinkEnd, type LinkState } from "../link.ts";

/** RFC 6455 §5.2: FIN and opcode 2 (binary), the length in its shortest form, no mask from a server. */
function frameHeader(length: number): Buffer {
  if (length < 126) return Buffer.from([0x82, length]);
  const header = Buffer.alloc(length < 65_536 ? 4 : 10);
  header[0] = 0x82;
  if (length < 65_536) {
    header[1] = 126;
    header.writeUInt16BE(length, 2);
  } else {
    header[1] = 127;
    header.writeBigUInt64BE(BigInt(length), 2);
  }
  return header;
}

/** A shared snapshot goes to many links in the same tick; the framed bytes live as long as the frame they were made from. */
const framed = new WeakMap<Uint8Array, Buffer>();

function framedBytes(frame: Uint8Array): Buffer {
  const known = framed.get(frame);
  if (known !== undefined) return known;
  const made = Buffer.concat([frameHeader(frame.length), frame]);
  framed.set(frame, made);
  return made;
}

export class SocketLink implements Link {
  readonly remote: string;
  onWake: (() => void) | undefined;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #inbox = new Inbox(LINK_LIMITS.inboxFrames, LINK_LIMITS.inboxBytes);
  #end: LinkEnd | undefined;

  constructor(ws: WebSocket, socket: Duplex, remote: string) {
    this.remote = remote;
    this.#ws = ws;
    this.#socket = socket;
    ws.binaryType = "nodebuffer";
    ws.on("message", (data: RawData, isBinary: boolean) => this.#arrived(data, isBinary));
    ws.on("error", (error: Error) => this.#failed(error));
    ws.on("close", (code: number, reason: Buffer) => {
      this.#end ??= { code, reason: reason.toString("utf8") };
      this.onWake?.();
    });
  }

  get state(): LinkState {
    return this.#end !== undefined || this.#ws.readyState !== this.#ws.OPEN ? "closed" : "open";
  }
  get bufferedBytes(): number {
    return this.#socket.writableLength;
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
    if (this.state === "open") this.#socket.write(framedBytes(frame));
  }

  sendMany(frames: readonly Uint8Array[]): void {
    if (this.state !== "open" || frames.length === 0) return;
    this.#socket.cork();
    for (const frame of frames) this.#socket.write(framedBytes(frame));
    this.#socket.uncork();
  }

  close(code = 1000, reason = ""): void {
    if (this.#ws.readyState >= this.#ws.CLOSING) return;
    this.#ws.close(code, closeReason(reason));
    this.#end ??= { code, reason };
    // The other side's own goodbye must be read to be heard, also from one that broke a limit.
    this.#socket.resume();
    const torn = setTimeout(() => this.#ws.terminate(), LINK_LIMITS.closeMs);
    torn.unref();
    this.#ws.once("close", () => clearTimeout(torn));
  }

  #arrived(data: RawData, isBinary: boolean): void {
    if (this.#end !== undefined) return;
    if (!isBinary) this.#breaks(fault("malformed", "client", "a text frame where binary frames are spoken"));
    else if (!Buffer.isBuffer(data) || !this.#inbox.put(new Uint8Array(data))) this.#socket.pause();
    this.onWake?.();
  }

  #breaks(why: Fault): void {
    this.#inbox.fault ??= why;
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
