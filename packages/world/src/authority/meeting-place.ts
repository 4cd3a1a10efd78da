// Where pages that share this world's blocks meet, or those of a world it knows: the shell around the protocol's rendezvous. It has
// nothing to do with the tick and touches nothing of the world; a traveller's session and key are never seen here.
import {
  decodeMember,
  encodeRendezvous,
  memberBroke,
  memberCame,
  memberSaid,
  memberWent,
  openRendezvous,
  type Rendezvous,
  type RendezvousConfig,
  type RendezvousEffect,
  SWARM,
  sweepRendezvous,
} from "@sojourn/protocol";
import { type Clock, type Link, randomBytes } from "@sojourn/runtime";
import type { LinkEntrance } from "@sojourn/runtime/node";
import { MEETING_LIMITS } from "../limits.ts";

export const SWARM_PATH = "/swarm";

export class MeetingPlace {
  readonly #entrance: LinkEntrance;
  readonly #clock: Clock;
  readonly #rendezvous: Rendezvous;
  readonly #links = new Map<number, Link>();
  #last = 0;
  #cancelTurn: (() => void) | undefined;
  #cancelSweep: (() => void) | undefined;
  #isOpen = true;

  /** Throws an Error for servers that are not named as `stun:host:port`, or too many of them. */
  constructor(entrance: LinkEntrance, clock: Clock, config: RendezvousConfig) {
    if (config.ice.length > SWARM.iceServers || !config.ice.every((server) => /^stuns?:[^\s@]{1,200}$/.test(server))) {
      throw new Error(
        `servers by which pages learn their address are named stun:host:port, ${SWARM.iceServers} at most; not ${config.ice.join(", ")}`,
      );
    }
    this.#entrance = entrance;
    this.#clock = clock;
    this.#rendezvous = openRendezvous(config);
    entrance.onWake = () => this.#soon();
    this.#sweepLater();
  }

  get members(): number {
    return this.#links.size;
  }

  close(): void {
    this.#isOpen = false;
    this.#entrance.onWake = undefined;
    this.#cancelTurn?.();
    this.#cancelSweep?.();
  }

  #soon(): void {
    if (!this.#isOpen) return;
    this.#cancelTurn ??= this.#clock.schedule(this.#clock.monotonic() + MEETING_LIMITS.turnMs, () => {
      this.#cancelTurn = undefined;
      this.#turn();
    });
  }

  #turn(): void {
    const nowMs = this.#clock.monotonic();
    for (const link of this.#entrance.accept()) {
      const number = ++this.#last;
      this.#links.set(number, link);
      link.onWake = () => this.#soon();
      this.#perform(memberCame(this.#rendezvous, number, randomBytes(SWARM.idBytes), nowMs));
    }
    for (const [number, link] of this.#links) this.#hear(number, link, nowMs);
  }

  #hear(number: number, link: Link, nowMs: number): void {
    for (const frame of link.receive()) {
      const message = decodeMember(frame);
      this.#perform(
        message.ok ? memberSaid(this.#rendezvous, number, message.value, nowMs) : memberBroke(this.#rendezvous, number, message.fault),
      );
    }
    if (link.fault !== undefined) this.#perform(memberBroke(this.#rendezvous, number, link.fault));
    if (link.state !== "closed") return;
    memberWent(this.#rendezvous, number);
    this.#links.delete(number);
  }

  #perform(effects: readonly RendezvousEffect[]): void {
    for (const effect of effects) {
      const link = this.#links.get(effect.link);
      if (link === undefined) continue;
      if (effect.e === "close") link.close(1000, "");
      else if (link.bufferedBytes > MEETING_LIMITS.waitingBytes) link.close(1008, "too-slow");
      else link.send(encodeRendezvous(effect.message));
    }
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#clock.schedule(this.#clock.monotonic() + MEETING_LIMITS.sweepMs, () => {
      this.#perform(sweepRendezvous(this.#rendezvous, this.#clock.monotonic()));
      this.#sweepLater();
    });
  }
}
