// Two ends of a swarm's channel in one process: what is sent at one comes out of the other a moment later, in order. A `wait` makes it slow.
import type { MemberChannel } from "@sojourn/substrate";

export class PairedChannel implements MemberChannel {
  onMessage: ((message: Uint8Array) => void) | undefined;
  onDrain: (() => void) | undefined;
  onClose: (() => void) | undefined;
  other: PairedChannel | undefined;
  isOpen = true;
  bufferedBytes = 0;
  sentBytes = 0;
  private readonly waitMs: number;

  constructor(waitMs: number) {
    this.waitMs = waitMs;
  }

  send(message: Uint8Array): void {
    if (!this.isOpen) return;
    this.bufferedBytes += message.length;
    this.sentBytes += message.length;
    const arrive = (): void => {
      this.bufferedBytes -= message.length;
      if (this.other?.isOpen === true) this.other.onMessage?.(message);
      if (this.bufferedBytes === 0) this.onDrain?.();
    };
    if (this.waitMs > 0) setTimeout(arrive, this.waitMs);
    else setImmediate(arrive);
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const { other } = this;
    setImmediate(() => {
      if (other?.isOpen !== true) return;
      other.isOpen = false;
      other.onClose?.();
    });
  }
}

/** @param waitMs how long a message takes. */
export function channelPair(waitMs = 0): readonly [PairedChannel, PairedChannel] {
  const [near, far] = [new PairedChannel(waitMs), new PairedChannel(waitMs)];
  near.other = far;
  far.other = near;
  return [near, far];
}
