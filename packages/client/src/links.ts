// The links of a visit by number, as its machine counts them. Nothing acts inside a network callback: a wake only asks for a look,
// which follows in a microtask. Law: every link that was opened ends in exactly one `closed`.
import type { Fault } from "@sojourn/protocol";
import type { Link } from "@sojourn/runtime";

export interface LinkEars {
  opened(link: number): void;
  frame(link: number, frame: Uint8Array): void;
  /** The other side broke a limit of the link. */
  broken(link: number, fault: Fault): void;
  closed(link: number): void;
}

interface Held {
  readonly link: Link;
  isOpen: boolean;
  isBroken: boolean;
}

export class NumberedLinks {
  bytesIn = 0;
  bytesOut = 0;
  framesIn = 0;
  framesOut = 0;
  private readonly held = new Map<number, Held>();
  private readonly connect: (url: string) => Link;
  private readonly ears: LinkEars;
  private onEmpty: (() => void) | undefined;

  constructor(connect: (url: string) => Link, ears: LinkEars) {
    this.connect = connect;
    this.ears = ears;
  }

  open(number: number, url: string): void {
    const held: Held = { link: this.connect(url), isOpen: false, isBroken: false };
    this.held.set(number, held);
    const look = (): void => {
      if (this.held.get(number) === held) this.look(number, held);
    };
    held.link.onWake = () => queueMicrotask(look);
    queueMicrotask(look);
  }

  send(number: number, frame: Uint8Array): void {
    const held = this.held.get(number);
    if (held === undefined) return;
    this.bytesOut += frame.length;
    this.framesOut += 1;
    held.link.send(frame);
  }

  close(number: number): void {
    this.held.get(number)?.link.close(1000, "");
  }

  closeAll(): void {
    for (const { link } of this.held.values()) link.close(1000, "");
  }

  /** Resolves when no link is left. */
  emptied(): Promise<void> {
    if (this.held.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.onEmpty = resolve;
    });
  }

  private look(number: number, held: Held): void {
    const { link } = held;
    if (!held.isOpen && link.state === "open") {
      held.isOpen = true;
      this.ears.opened(number);
    }
    for (const frame of link.receive()) {
      this.bytesIn += frame.length;
      this.framesIn += 1;
      this.ears.frame(number, frame);
    }
    if (link.fault !== undefined && !held.isBroken) {
      held.isBroken = true;
      this.ears.broken(number, link.fault);
    }
    if (link.state !== "closed" || !this.held.delete(number)) return;
    link.onWake = undefined;
    this.ears.closed(number);
    if (this.held.size === 0) this.onEmpty?.();
  }
}
