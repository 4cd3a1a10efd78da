// The browser's own WebRTC behind two small doors: a connection that is offered or answered in one description each way, and the data
// channel it ends in. Law: a connection that is not open in time is closed, and nothing here outlives its channel.
import { descriptionObjection } from "@sojourn/protocol";
import type { MemberChannel } from "@sojourn/substrate";
import { CALLS } from "../limits.ts";

const LABEL = "sojourn-swarm/1";

export interface Connection {
  /** Settles with an open channel, or with undefined when there will be none. */
  readonly channel: Promise<MemberChannel | undefined>;
  /** The other side's answer to an offer. */
  answered(sdp: string): Promise<void>;
  close(): void;
}

/** Offers a connection; `send` is handed the description for the other side. */
export function offerConnection(ice: readonly string[], send: (sdp: string) => void): Connection {
  const call = new Call(ice);
  call.listen(call.peer.createDataChannel(LABEL));
  void call.describe(async () => {
    await call.peer.setLocalDescription(await call.peer.createOffer());
    send(await call.gathered());
  });
  return call;
}

/** Answers an offered connection. */
export function answerConnection(ice: readonly string[], sdp: string, send: (sdp: string) => void): Connection {
  const call = new Call(ice);
  call.peer.ondatachannel = ({ channel }) => {
    if (channel.label === LABEL && channel.ordered) call.listen(channel);
    else call.close();
  };
  void call.describe(async () => {
    await call.hear("offer", sdp);
    await call.peer.setLocalDescription(await call.peer.createAnswer());
    send(await call.gathered());
  });
  return call;
}

class Call implements Connection {
  readonly peer: RTCPeerConnection;
  readonly channel: Promise<MemberChannel | undefined>;
  #settle: (channel: MemberChannel | undefined) => void = () => {};
  #isListening = false;

  constructor(ice: readonly string[]) {
    this.peer = new RTCPeerConnection({ iceServers: ice.length === 0 ? [] : [{ urls: [...ice] }] });
    this.channel = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const late = setTimeout(() => this.close(), CALLS.openMs);
    void this.channel.then(() => clearTimeout(late));
    this.peer.addEventListener("connectionstatechange", () => {
      if (this.peer.connectionState === "failed") this.close();
    });
  }

  async answered(sdp: string): Promise<void> {
    await this.describe(() => this.hear("answer", sdp));
  }

  async hear(type: "offer" | "answer", sdp: string): Promise<void> {
    const objection = descriptionObjection(sdp);
    if (objection !== undefined) throw new Error(objection);
    await this.peer.setRemoteDescription({ type, sdp });
  }

  /** What a stranger describes may be refused by the browser: then there is no connection, and that is all. */
  async describe(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch {
      this.close();
    }
  }

  /** The own description, once all own addresses are in it, or the time for finding them is over. */
  async gathered(): Promise<string> {
    if (this.peer.iceGatheringState !== "complete") {
      await new Promise<void>((resolve) => {
        setTimeout(resolve, CALLS.gatherMs);
        this.peer.addEventListener("icegatheringstatechange", () => {
          if (this.peer.iceGatheringState === "complete") resolve();
        });
      });
    }
    return this.peer.localDescription?.sdp ?? "";
  }

  listen(channel: RTCDataChannel): void {
    if (this.#isListening) {
      channel.close();
      return;
    }
    this.#isListening = true;
    channel.binaryType = "arraybuffer";
    const open = (): void => this.#settle(new RtcChannel(this.peer, channel));
    if (channel.readyState === "open") open();
    else channel.onopen = open;
  }

  close(): void {
    this.peer.close();
    this.#settle(undefined);
  }
}

class RtcChannel implements MemberChannel {
  onDrain: (() => void) | undefined;
  onClose: (() => void) | undefined;
  readonly #peer: RTCPeerConnection;
  readonly #channel: RTCDataChannel;
  #listener: ((message: Uint8Array) => void) | undefined;
  /** What came before somebody listened. */
  #early: Uint8Array[] = [];

  constructor(peer: RTCPeerConnection, channel: RTCDataChannel) {
    this.#peer = peer;
    this.#channel = channel;
    channel.bufferedAmountLowThreshold = CALLS.drainedBytes;
    channel.onbufferedamountlow = () => this.onDrain?.();
    channel.onmessage = ({ data }) => this.#arrived(data);
    channel.onclose = () => this.onClose?.();
    peer.addEventListener("connectionstatechange", () => {
      if (peer.connectionState === "failed" || peer.connectionState === "closed") this.onClose?.();
    });
  }

  get onMessage(): ((message: Uint8Array) => void) | undefined {
    return this.#listener;
  }
  set onMessage(listener) {
    this.#listener = listener;
    for (const message of this.#early.splice(0)) listener?.(message);
  }
  get bufferedBytes(): number {
    return this.#channel.bufferedAmount;
  }

  send(message: Uint8Array): void {
    if (this.#channel.readyState !== "open") return;
    try {
      this.#channel.send(message as Uint8Array<ArrayBuffer>);
    } catch {
      // A channel whose buffer is full is closed by the platform; what it meant to carry is asked of another.
      this.close();
    }
  }

  close(): void {
    this.#channel.close();
    this.#peer.close();
  }

  #arrived(data: unknown): void {
    // A text message is none of ours: it is handed on as an empty one, which nobody may send.
    const message = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array();
    if (this.#listener !== undefined) this.#listener(message);
    else if (this.#early.length < CALLS.earlyMessages) this.#early.push(message);
  }
}
