// A link is a path for whole frames between two parties. Nothing acts inside a network callback: what arrives waits in the link's
// bounded inbox until its owner takes it, so an implementation may as well read every socket once a tick and write all frames in one call.
import { type Fault, fault } from "@sojourn/protocol";

export type LinkState = "connecting" | "open" | "closed";

/** How a link ended. `code` is the WebSocket close code (1006: it broke). */
export interface LinkEnd {
  readonly code: number;
  readonly reason: string;
}

export interface Link {
  readonly state: LinkState;
  /** The other side's network address as far as it is known; for limits and logs, never for identity. */
  readonly remote: string;
  /** Bytes written and not yet taken by the network. */
  readonly bufferedBytes: number;
  /** Set when the other side broke a limit of the link. Nothing more is received; the owner answers and closes. */
  readonly fault: Fault | undefined;
  /** Set once the link is closed. */
  readonly end: LinkEnd | undefined;
  /** Frames that arrived since the last call, in order. The arrays are the caller's. */
  receive(): Uint8Array[];
  /** Sends one frame; a server's links write with its flush. On a closed link it is dropped: an ordered link that is gone has nobody to tell. */
  send(frame: Uint8Array): void;
  /** Sends frames in order, as one write where it can be. Nobody writes into a frame that was sent. */
  sendMany(frames: readonly Uint8Array[]): void;
  /** Closes politely: what was sent still goes out. `reason` is cut at 120 bytes. */
  close(code?: number, reason?: string): void;
  /**
   * Says that what comes is waited for at the server's `hear` only (or no longer so): until then it may lie with the network, and wakes nobody.
   * Links that cannot make use of it have no such method.
   */
  hearAtTicks?(isOnly: boolean): void;
  /** Called when there is something to receive or the state changed. Only to wake a shell: it must not act on it in place. */
  onWake: (() => void) | undefined;
}

/** Frames waiting to be taken; bounded in count and bytes. */
export class Inbox {
  #frames: Uint8Array[] = [];
  #bytes = 0;
  readonly #maxFrames: number;
  readonly #maxBytes: number;
  fault: Fault | undefined;

  constructor(maxFrames: number, maxBytes: number) {
    this.#maxFrames = maxFrames;
    this.#maxBytes = maxBytes;
  }

  /** False when the frame did not fit: the link is at fault from then on and takes nothing more. */
  put(frame: Uint8Array): boolean {
    if (this.fault !== undefined) return false;
    if (this.#frames.length >= this.#maxFrames || this.#bytes + frame.length > this.#maxBytes) {
      this.fault = fault("too-fast", "client", "more frames arrived than may wait for one tick", 1_000);
      return false;
    }
    this.#frames.push(frame);
    this.#bytes += frame.length;
    return true;
  }

  take(): Uint8Array[] {
    const frames = this.#frames;
    if (frames.length === 0) return frames;
    this.#frames = [];
    this.#bytes = 0;
    return frames;
  }
}

const utf8 = new TextEncoder();

/** A close reason may hold 123 bytes; cut on a character's edge. */
export function closeReason(reason: string): string {
  let cut = reason.slice(0, 120);
  while (utf8.encode(cut).length > 120) cut = cut.slice(0, -1);
  return cut.toWellFormed();
}
