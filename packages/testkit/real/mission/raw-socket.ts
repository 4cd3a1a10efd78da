// A WebSocket client by hand, over a bare TCP socket, for all that a platform's own client would never send: text, pieces, wrong
// masks, half a handshake. It speaks RFC 6455 as far as a hostile client needs to.
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { decodeWorldControl, FRAME, type WorldMessage } from "@sojourn/protocol";
import { until } from "./until.ts";

export const OPCODE = { more: 0, text: 1, binary: 2, close: 8, ping: 9 } as const;

export interface SendOptions {
  readonly opcode?: number;
  /** False for a piece that is not the last of its message. */
  readonly isLast?: boolean;
  readonly isMasked?: boolean;
}

/** One frame from a client, RFC 6455 §5.2. */
export function clientFrame(payload: Uint8Array, { opcode = OPCODE.binary, isLast = true, isMasked = true }: SendOptions = {}): Buffer {
  const first = (isLast ? 0x80 : 0) | opcode;
  const mask = isMasked ? randomBytes(4) : Buffer.alloc(0);
  const flag = isMasked ? 0x80 : 0;
  const { length } = payload;
  const head = length < 126 ? Buffer.alloc(2) : Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = flag | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  const body = Buffer.from(payload);
  if (isMasked) for (let i = 0; i < body.length; i++) body[i] = (body[i] as number) ^ (mask[i & 3] as number);
  return Buffer.concat([head, mask, body]);
}

export class RawSocket {
  readonly socket: Socket;
  /** What the world said, control messages alone. */
  readonly heard: WorldMessage[] = [];
  /** Code and words of the closing frame. */
  closing: { readonly code: number; readonly reason: string } | undefined;
  isGone = false;
  /** The first line of the answer to the handshake. */
  status = "";
  private waiting: Buffer = Buffer.alloc(0);
  private isOpen = false;

  constructor(host: string, path = "/play", headers = "") {
    const { hostname, port } = new URL(`http://${host}`);
    this.socket = connect(Number(port), hostname);
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.isGone = true;
    });
    this.socket.on("data", (data: Buffer) => this.arrived(data));
    const key = randomBytes(16).toString("base64");
    this.socket.write(
      `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n${headers}\r\n`,
    );
  }

  /** A link whose handshake is done. */
  static async open(host: string): Promise<RawSocket> {
    const raw = new RawSocket(host);
    await until("a handshake", () => raw.isOpen || raw.isGone);
    if (!raw.isOpen) throw new Error(`no handshake: ${raw.status}`);
    return raw;
  }

  send(payload: Uint8Array | string, options: SendOptions = {}): void {
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
    this.socket.write(clientFrame(bytes, options));
  }

  /** The code of the fault this link ended with, or that of its closing frame where none was said. */
  async ended(what: string): Promise<string> {
    return await until(`the end of ${what}`, () => {
      const last = this.heard.find((message) => message.t === "reject" && message.final);
      if (last?.t === "reject") return last.fault.code;
      if (this.closing !== undefined && this.closing.reason !== "") return this.closing.reason;
      if (this.closing !== undefined) return `closed ${this.closing.code}`;
      return this.isGone && "gone without a word";
    });
  }

  private arrived(data: Buffer): void {
    this.waiting = Buffer.concat([this.waiting, data]);
    if (!this.isOpen) {
      const end = this.waiting.indexOf("\r\n\r\n");
      this.status ||= this.waiting.subarray(0, this.waiting.indexOf("\r\n")).toString("latin1");
      if (end < 0 || !this.status.includes(" 101 ")) return;
      this.isOpen = true;
      this.waiting = this.waiting.subarray(end + 4);
    }
    while (this.next());
  }

  private next(): boolean {
    const { waiting } = this;
    if (waiting.length < 2) return false;
    const short = (waiting[1] as number) & 0x7f;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (waiting.length < head) return false;
    const length = short < 126 ? short : short === 126 ? waiting.readUInt16BE(2) : Number(waiting.readBigUInt64BE(2));
    if (waiting.length < head + length) return false;
    const payload = waiting.subarray(head, head + length);
    this.waiting = waiting.subarray(head + length);
    const opcode = (waiting[0] as number) & 0x0f;
    if (opcode === OPCODE.close && length >= 2) {
      this.closing = { code: payload.readUInt16BE(0), reason: payload.subarray(2).toString() };
    } else if (payload[0] === FRAME.control) {
      const message = decodeWorldControl(new Uint8Array(payload));
      if (message.ok) this.heard.push(message.value);
    }
    return true;
  }
}
