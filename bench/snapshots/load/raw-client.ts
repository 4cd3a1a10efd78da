// One cheap client on a bare socket: the WebSocket handshake by hand, every byte counted, of each frame only the beginning looked at.
// A thousand of these must not be what a benchmark waits for.
import { createConnection, type Socket } from "node:net";

/** Bytes of a frame that are looked at once the client is live. */
const HEAD_BYTES = 64;
const OPCODE = { close: 8, ping: 9, pong: 10 } as const;

/** All sockets read into the same memory: what is in it is worked off before the next read. */
const reading = Buffer.alloc(262_144);

/** A frame as a client sends it, masked with a key of zeros: allowed, and nothing to compute. */
export function maskedFrame(payload: Uint8Array, opcode = 2): Buffer {
  const isShort = payload.length < 126;
  const head = isShort ? 6 : 8;
  const frame = Buffer.alloc(head + payload.length);
  frame[0] = 0x80 | opcode;
  if (isShort) frame[1] = 0x80 | payload.length;
  else {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(payload.length, 2);
  }
  frame.set(payload, head);
  return frame;
}

/** `bytes` holds at least the first HEAD_BYTES of the frame from `at` on, or all of it as long as the client is not live. */
export type OnFrame = (bytes: Buffer, at: number, length: number, wireBytes: number) => void;

export class RawClient {
  readonly index: number;
  bytesIn = 0;
  isLive = false;
  isEnded = false;
  onFrame: OnFrame = () => {};
  onEnd: () => void = () => {};
  readonly #socket: Socket;
  #carry: Buffer | undefined;
  #skip = 0;
  #isUpgraded = false;
  #settleUpgrade: (error?: Error) => void = () => {};

  private constructor(index: number, port: number) {
    this.index = index;
    this.#socket = createConnection({
      ...{ host: "127.0.0.1", port, noDelay: true },
      onread: {
        buffer: reading,
        callback: (count: number) => {
          this.#arrived(reading.subarray(0, count));
          return true;
        },
      },
    });
    const ended = (): void => {
      if (this.isEnded) return;
      this.isEnded = true;
      this.#settleUpgrade(new Error("the connection was closed"));
      this.onEnd();
    };
    this.#socket.on("error", ended);
    this.#socket.on("close", ended);
  }

  /** A client whose WebSocket is open; rejects when the server does not take it. `onFrame` hears what may come with the first bytes. */
  static open(index: number, port: number, path: string, onFrame: (client: RawClient) => OnFrame = () => () => {}): Promise<RawClient> {
    const client = new RawClient(index, port);
    client.onFrame = onFrame(client);
    return new Promise((resolve, reject) => {
      client.#settleUpgrade = (error) => (error === undefined ? resolve(client) : reject(error));
      client.#socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
      );
    });
  }

  send(frame: Uint8Array): void {
    if (!this.isEnded) this.#socket.write(frame);
  }

  /** Reads nothing any more, as a program that hangs. */
  stall(): void {
    this.#socket.pause();
  }

  end(): void {
    this.#socket.destroy();
  }

  #arrived(chunk: Buffer): void {
    this.bytesIn += chunk.length;
    let data = chunk;
    if (this.#carry !== undefined) {
      data = Buffer.concat([this.#carry, chunk]);
      this.#carry = undefined;
    }
    let at = this.#isUpgraded ? this.#skipped(data) : this.#upgraded(data);
    for (let next = at; at < data.length; at = next) {
      next = this.#frame(data, at);
      if (next === at) break;
    }
    if (at < data.length) this.#carry = Buffer.from(data.subarray(at));
  }

  #skipped(data: Buffer): number {
    const skipped = Math.min(this.#skip, data.length);
    this.#skip -= skipped;
    return skipped;
  }

  #upgraded(data: Buffer): number {
    const end = data.indexOf("\r\n\r\n");
    if (end < 0) return 0;
    const status = data.toString("latin1", 0, data.indexOf("\r\n"));
    this.#isUpgraded = true;
    if (status.includes(" 101 ")) this.#settleUpgrade();
    else this.#settleUpgrade(new Error(status));
    return end + 4;
  }

  /** Works off the frame that begins at `at`; gives back where the next begins, or `at` when too little of it is here. */
  #frame(data: Buffer, at: number): number {
    if (data.length - at < 2) return at;
    const short = (data[at + 1] as number) & 0x7f;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (data.length - at < head) return at;
    const length = short < 126 ? short : short === 126 ? data.readUInt16BE(at + 2) : Number(data.readBigUInt64BE(at + 2));
    const wanted = this.isLive ? Math.min(length, HEAD_BYTES) : length;
    if (data.length - at - head < wanted) return at;
    const opcode = (data[at] as number) & 0x0f;
    if (opcode === OPCODE.ping) this.send(maskedFrame(data.subarray(at + head, at + head + length), OPCODE.pong));
    else if (opcode === OPCODE.close) this.end();
    else this.onFrame(data, at + head, length, head + length);
    const end = at + head + length;
    if (end > data.length) this.#skip = end - data.length;
    return Math.min(end, data.length);
  }
}
