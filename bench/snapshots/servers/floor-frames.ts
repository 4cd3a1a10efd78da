// Frames for the floors: as many bytes as the world wrote, made before anything is measured. Only the few clients that are looked at
// for delay get frames of their own, with the last move read in their first four bytes.
import { FRAME } from "@sojourn/protocol";
import { isSampled } from "../load/dialects.ts";
import { TRACE_TICKS, type Trace } from "../load/trace.ts";

/** RFC 6455 §5.2: a binary frame from a server. */
export function frameHead(length: number): Buffer {
  if (length < 126) return Buffer.from([0x82, length]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = 0x82;
  if (length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return head;
}

/** The number of a move; undefined for any other frame. */
export function seqOfMove(frame: Buffer): number | undefined {
  return frame[0] === FRAME.move ? frame.readUInt32BE(1) : undefined;
}

/** A move, read no further than it must be; undefined for any other frame. */
export function readMove(frame: Buffer): { readonly seq: number; readonly dx: number; readonly dy: number } | undefined {
  return frame[0] === FRAME.move ? { seq: frame.readUInt32BE(1), dx: frame.readInt8(5), dy: frame.readInt8(6) } : undefined;
}

/** The payload whose frame has so many bytes on the wire. */
function payloadOf(wireBytes: number): number {
  const head = wireBytes < 128 ? 2 : wireBytes < 65_540 ? 4 : 10;
  return Math.max(4, wireBytes - head);
}

export class FloorFrames {
  readonly #trace: Trace;
  readonly #made = new Map<number, Buffer>();
  readonly #isFramed: boolean;

  /** `isFramed`: with the WebSocket frame's head in front. */
  constructor(trace: Trace, isFramed: boolean) {
    this.#trace = trace;
    this.#isFramed = isFramed;
    for (let index = 0; index < trace.players; index++) {
      for (let tick = 0; tick < TRACE_TICKS; tick++) this.frame(index, tick, 0);
    }
  }

  /** What to write to a client in a tick; undefined when the world wrote nothing. */
  frame(index: number, tick: number, lastSeq: number): Buffer | undefined {
    const wireBytes = this.#trace.at(index, tick);
    if (wireBytes === 0) return undefined;
    const length = payloadOf(wireBytes);
    let frame = this.#made.get(length);
    if (frame === undefined) {
      frame = this.#isFramed ? Buffer.concat([frameHead(length), Buffer.alloc(length)]) : Buffer.alloc(length);
      this.#made.set(length, frame);
    }
    if (!isSampled(index, this.#trace.players)) return frame;
    const own = Buffer.from(frame);
    own.writeUInt32BE(lastSeq, this.#isFramed ? frameHead(length).length : 0);
    return own;
  }
}
