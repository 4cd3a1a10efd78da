// The traveller's end of a link: the platform's own WebSocket, in the browser and in Node. Binary frames only.
import { type Fault, fault, LIMITS } from "@sojourn/protocol";
import { LINK_LIMITS } from "./limits.ts";
import { closeReason, Inbox, type Link, type LinkEnd, type LinkState } from "./link.ts";

/** Opens a link to `ws://…` or `wss://…`. Never throws: an address that cannot be used is a link that is closed already. */
export function connect(url: string): Link {
  let socket: WebSocket;
  try {
    socket = new WebSocket(url);
  } catch {
    return closedLink(url, { code: 1006, reason: "the address is no WebSocket address" });
  }
  return new WebSocketLink(socket, url);
}

class WebSocketLink implements Link {
  readonly remote: string;
  onWake: (() => void) | undefined;
  #end: LinkEnd | undefined;
  readonly #socket: WebSocket;
  readonly #inbox = new Inbox(LINK_LIMITS.clientInboxFrames, LINK_LIMITS.clientInboxBytes);

  constructor(socket: WebSocket, url: string) {
    this.remote = url;
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.onWake?.();
    socket.onmessage = (event) => this.#arrived(event.data);
    socket.onclose = (event) => {
      this.#end ??= { code: event.code, reason: event.reason };
      this.onWake?.();
    };
    // An error is always followed by a close event, which says all there is to say.
    socket.onerror = () => {};
  }

  get state(): LinkState {
    if (this.#end !== undefined) return "closed";
    return this.#socket.readyState === WebSocket.OPEN ? "open" : this.#socket.readyState === WebSocket.CONNECTING ? "connecting" : "closed";
  }
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
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
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame as Uint8Array<ArrayBuffer>);
  }
  sendMany(frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.send(frame);
  }
  close(code = 1000, reason = ""): void {
    // The platform lets a page close with 1000 or 3000 to 4999 only.
    const allowed = code === 1000 || (code >= 3000 && code <= 4999) ? code : 1000;
    this.#socket.close(allowed, closeReason(reason));
  }

  #arrived(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) this.#inbox.fault ??= fault("malformed", "world", "a text frame where binary frames are spoken");
    else if (data.byteLength > LIMITS.worldFrameBytes)
      this.#inbox.fault ??= fault("oversized", "world", "a frame longer than a world may send");
    else this.#inbox.put(new Uint8Array(data));
    this.onWake?.();
  }
}

function closedLink(remote: string, end: LinkEnd): Link {
  const link: Link = {
    state: "closed",
    remote,
    bufferedBytes: 0,
    fault: undefined,
    end,
    receive: () => [],
    send: () => {},
    sendMany: () => {},
    close: () => {},
    onWake: undefined,
  };
  // The owner sets onWake after this returns; it is woken once, as after any other failed attempt.
  queueMicrotask(() => link.onWake?.());
  return link;
}
