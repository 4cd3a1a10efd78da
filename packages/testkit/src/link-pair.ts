// Two ends of a link in one process: what is sent at one can be received at the other at once.
import type { Fault } from "@sojourn/protocol";
import type { Link, LinkEnd, LinkState } from "@sojourn/runtime";

export class PairedLink implements Link {
  readonly remote = "beside";
  readonly bufferedBytes = 0;
  state: LinkState = "open";
  fault: Fault | undefined;
  end: LinkEnd | undefined;
  onWake: (() => void) | undefined;
  other: PairedLink | undefined;
  private frames: Uint8Array[] = [];

  receive(): Uint8Array[] {
    return this.frames.splice(0);
  }
  send(frame: Uint8Array): void {
    if (this.state !== "open" || this.other === undefined) return;
    this.other.frames.push(frame);
    this.other.onWake?.();
  }
  sendMany(frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.send(frame);
  }
  close(code = 1000, reason = ""): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.end = { code, reason };
    this.other?.close(code, reason);
    this.onWake?.();
  }
}

export function linkPair(): { readonly near: PairedLink; readonly far: PairedLink } {
  const near = new PairedLink();
  const far = new PairedLink();
  near.other = far;
  far.other = near;
  return { near, far };
}
