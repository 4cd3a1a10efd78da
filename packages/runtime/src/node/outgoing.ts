// What was sent on all links of a server and is not written yet. Links that have something are written one after the other in one go;
// small frames of a link are framed into one piece of memory, so that a tick costs each link one write of one buffer.
import { LINK_LIMITS } from "../limits.ts";

/** A link with something to write. */
interface Writing {
  flush(): void;
}

/** RFC 6455 §5.2: FIN and opcode 2 (binary), the length in its shortest form, no mask from a server. */
function writeHead(into: Uint8Array, at: number, length: number): number {
  into[at] = 0x82;
  if (length < 126) {
    into[at + 1] = length;
    return at + 2;
  }
  const bytes = length < 65_536 ? 2 : 8;
  into[at + 1] = bytes === 2 ? 126 : 127;
  let rest = length;
  for (let i = bytes - 1; i >= 0; i--) {
    into[at + 2 + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return at + 2 + bytes;
}

/** Bytes of a head, at most. */
const HEAD_BYTES = 10;
/** So few bytes are copied faster one by one. */
const LOOPED_BYTES = 64;

/** A large shared frame goes to many links in the same tick; the framed bytes live as long as the frame they were made from. */
const framed = new WeakMap<Uint8Array, Buffer>();

export function framedBytes(frame: Uint8Array): Buffer {
  const known = framed.get(frame);
  if (known !== undefined) return known;
  const made = Buffer.allocUnsafeSlow(HEAD_BYTES + frame.length);
  const at = writeHead(made, 0, frame.length);
  made.set(frame, at);
  const whole = made.subarray(0, at + frame.length);
  framed.set(frame, whole);
  return whole;
}

export class Outgoing {
  #links: Writing[] = [];
  #isDue = false;
  #memory: Buffer = Buffer.alloc(0);
  #at = 0;

  /** Notes a link; it is written with the next flush, which comes by itself at the end of whatever runs now. */
  add(link: Writing): void {
    this.#links.push(link);
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => this.flush());
  }

  flush(): void {
    this.#isDue = false;
    const links = this.#links;
    this.#links = [];
    for (let i = 0; i < links.length; i++) (links[i] as Writing).flush();
  }

  /** Frames with their heads, one behind the other, in memory that nobody writes again. */
  joined(frames: readonly Uint8Array[], bytes: number): Buffer {
    const most = bytes + frames.length * HEAD_BYTES;
    if (this.#at + most > this.#memory.length) {
      this.#memory = Buffer.allocUnsafeSlow(Math.max(LINK_LIMITS.outgoingPieceBytes, most));
      this.#at = 0;
    }
    const memory = this.#memory;
    const start = this.#at;
    let at = start;
    for (let f = 0; f < frames.length; f++) {
      const frame = frames[f] as Uint8Array;
      at = writeHead(memory, at, frame.length);
      if (frame.length > LOOPED_BYTES) memory.set(frame, at);
      else for (let i = 0; i < frame.length; i++) memory[at + i] = frame[i] as number;
      at += frame.length;
    }
    this.#at = at;
    return memory.subarray(start, at);
  }
}
