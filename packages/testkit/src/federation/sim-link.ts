// A simulated link: in order, in both directions, with delay; it can break at any moment and then loses what was under way.
import type { ClientMessage, WorldMessage } from "@sojourn/protocol";
import type { Random } from "./random.ts";
import type { Schedule } from "./schedule.ts";

/** What a world sends: messages, and snapshots as far as the machines see them. */
export type Down = WorldMessage | { readonly t: "frame"; readonly tick: number };

export interface LinkEnd<Heard> {
  hear(message: Heard): void;
  closed(): void;
}

export class SimLink {
  client: LinkEnd<Down> | undefined;
  world: LinkEnd<ClientMessage> | undefined;
  #isOpen = true;
  readonly #schedule: Schedule;
  readonly #random: Random;
  #upMs = 0;
  #downMs = 0;

  constructor(schedule: Schedule, random: Random) {
    this.#schedule = schedule;
    this.#random = random;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  up(message: ClientMessage): void {
    this.#upMs = this.#later(this.#upMs, () => this.world?.hear(message));
  }

  down(message: Down): void {
    this.#downMs = this.#later(this.#downMs, () => this.client?.hear(message));
  }

  /** Delivers in order: not before what was sent before. */
  #later(lastMs: number, run: () => void): number {
    const atMs = Math.max(lastMs, this.#schedule.nowMs + this.#random.between(1, 40));
    this.#schedule.after(atMs - this.#schedule.nowMs, () => {
      if (this.#isOpen) run();
    });
    return atMs;
  }

  /** Closes once what was sent down has arrived. */
  closeSoon(): void {
    this.#later(this.#downMs, () => this.break());
  }

  /** The client closes: what it sent arrives first; it hears nothing more. */
  hangUp(): void {
    this.client = undefined;
    this.#later(this.#upMs, () => this.break());
  }

  /** Gone, with everything that was under way. */
  break(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#schedule.after(1, () => this.client?.closed());
    this.#schedule.after(1, () => this.world?.closed());
  }
}
