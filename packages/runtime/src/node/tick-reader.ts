// Reads links at their world's tick and at no other time: one system call for what came since the last, where Node's own way wakes the
// process, makes a buffer of 64 KB and tells three streams of every few bytes. Links that are seldom written to are left to Node.
// Law: what a read gives lies in memory that nobody writes again; what goes wrong here is found anew, and dealt with, by the socket.
import { readSync } from "node:fs";
import type { Socket } from "node:net";
import { LINK_LIMITS } from "../limits.ts";

/**
 * What is used of the handle below a TCP socket. No type of Node's names it; where it is not as it is here (Windows, TLS, another
 * Node) sockets are read as ever.
 */
interface Handle {
  readonly fd: number;
  reading: boolean;
  readStop(): number;
  readStart(): number;
}

/** A link that may be read at ticks. */
export interface TickRead {
  /** Called at each tick. */
  hear(reader: TickReader): void;
}

/** The socket's bytes are read by {@link TickReader.read} alone until they are given back. */
export class TakenSocket {
  readonly #socket: Socket;
  readonly #handle: Handle;
  readonly fd: number;

  private constructor(socket: Socket, handle: Handle) {
    this.#socket = socket;
    this.#handle = handle;
    this.fd = handle.fd;
  }

  /** Undefined where it cannot be: then the socket goes on as before. */
  static take(socket: Socket): TakenSocket | undefined {
    const handle = handleOf(socket);
    if (handle === undefined || "encrypted" in socket || socket.readableLength > 0 || handle.readStop() !== 0) return undefined;
    handle.reading = false;
    return new TakenSocket(socket, handle);
  }

  /** A destroyed socket's number may be another's already. */
  get isOpen(): boolean {
    return rawHandle(this.#socket) === this.#handle;
  }

  /** Node reads it again, and hears of an end or an error that a read here came across. */
  giveBack(): void {
    if (!this.isOpen) return;
    this.#handle.reading = true;
    if (this.#handle.readStart() !== 0) this.#socket.destroy();
  }
}

function rawHandle(socket: Socket): unknown {
  return (socket as Socket & { readonly _handle?: unknown })._handle;
}

function handleOf(socket: Socket): Handle | undefined {
  const handle = rawHandle(socket);
  if (typeof handle !== "object" || handle === null) return undefined;
  const { fd, reading, readStop, readStart } = handle as Partial<Handle>;
  const isKnown =
    typeof fd === "number" && fd >= 0 && reading === true && typeof readStop === "function" && typeof readStart === "function";
  return isKnown ? (handle as Handle) : undefined;
}

const NOTHING: Buffer = Buffer.alloc(0);

export class TickReader {
  readonly #links = new Set<TickRead>();
  #memory: Buffer = NOTHING;
  #at = 0;

  add(link: TickRead): void {
    this.#links.add(link);
  }

  delete(link: TickRead): void {
    this.#links.delete(link);
  }

  hear(): void {
    // A read that finds nothing throws, which is cheap only without a stack.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      for (const link of this.#links) link.hear(this);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }

  /** What came on a socket, at most `LINK_LIMITS.tickReadBytes`; undefined when nothing did; false when Node must see what it is. */
  read(fd: number): Buffer | undefined | false {
    if (this.#at + LINK_LIMITS.tickReadBytes > this.#memory.length) {
      this.#memory = Buffer.allocUnsafeSlow(LINK_LIMITS.incomingPieceBytes);
      this.#at = 0;
    }
    try {
      const count = readSync(fd, this.#memory, this.#at, LINK_LIMITS.tickReadBytes, null);
      if (count === 0) return false;
      const start = this.#at;
      this.#at += count;
      return this.#memory.subarray(start, this.#at);
    } catch (error) {
      return error instanceof Error && "code" in error && error.code === "EAGAIN" ? undefined : false;
    }
  }
}
