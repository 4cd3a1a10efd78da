// The way of everything that is not a small whole binary frame: pieces, long messages, pings, closing. `ws` speaks it over this stream
// as if it were the socket; what it writes goes to the socket in order.
import type { Socket } from "node:net";
import { Duplex } from "node:stream";

export class SlowLane extends Duplex {
  readonly #socket: Socket;
  /** Set while the link's owner wants no more bytes: only the owner lifts it. */
  isHeld = false;

  constructor(socket: Socket) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    socket.on("end", () => this.push(null));
    socket.on("close", () => this.destroy());
    socket.on("error", (error) => this.destroy(error));
  }

  /** Bytes for `ws`. */
  hand(bytes: Buffer): void {
    if (!this.destroyed && !this.push(bytes)) this.#socket.pause();
  }

  override _read(): void {
    if (!this.isHeld) this.#socket.resume();
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }
  override _final(done: () => void): void {
    this.#socket.end(done);
  }
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}

/** Follows frames through pieces of a stream, to know where one ends and the next begins (RFC 6455 §5.2). */
export class FrameBounds {
  readonly #head = new Uint8Array(14);
  #gathered = 0;
  #left = -1;
  /** A message in pieces or a goodbye has begun: from then on nothing is as simple as it looks. */
  isForGood = false;

  /** Whether the next byte is the first of a frame. */
  get isBetween(): boolean {
    return this.#gathered === 0 && this.#left < 0;
  }

  /** Goes on to the end of the frame or of the bytes, whichever comes first. */
  follow(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length && this.#left !== 0) {
      if (this.#left < 0) this.#gather(bytes[at++] as number);
      else {
        const taken = Math.min(this.#left, bytes.length - at);
        this.#left -= taken;
        at += taken;
      }
    }
    if (this.#left === 0) {
      this.#left = -1;
      this.#gathered = 0;
    }
    return at;
  }

  #gather(byte: number): void {
    const head = this.#head;
    head[this.#gathered++] = byte;
    if (this.#gathered < 2) return;
    const short = (head[1] as number) & 0x7f;
    const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
    if (this.#gathered < 2 + lengthBytes + (((head[1] as number) & 0x80) === 0 ? 0 : 4)) return;
    let length = lengthBytes === 0 ? short : 0;
    for (let i = 2; i < 2 + lengthBytes; i++) length = length * 256 + (head[i] as number);
    this.#left = length;
    const opcode = (head[0] as number) & 0x0f;
    if (opcode === 8 || opcode === 0 || ((head[0] as number) & 0x80) === 0) this.isForGood = true;
  }
}
