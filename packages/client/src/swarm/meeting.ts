// One place where members of a swarm meet: a link to a world that passes descriptions on, and the calls made and taken by it. Nothing acts
// inside a network callback. Law: no description goes anywhere but to the member it is for.
import {
  decodeRendezvous,
  encodeMember,
  type MemberMessage,
  PROTOCOL_VERSION,
  type RendezvousMessage,
  SWARM,
  type WorldId,
} from "@sojourn/protocol";
import type { Clock, Link } from "@sojourn/runtime";
import type { PeersStore } from "@sojourn/substrate";
import { CALLS } from "../limits.ts";
import { answerConnection, type Connection, offerConnection } from "./rtc.ts";

type Message<T extends RendezvousMessage["t"]> = Extract<RendezvousMessage, { t: T }>;

export interface MeetingTools {
  readonly connect: (url: string) => Link;
  readonly clock: Clock;
}

export interface MeetingEars {
  /** Something began or ended: see {@link Meeting.isBusy} and {@link Meeting.state}. */
  changed(): void;
}

export class Meeting {
  readonly url: string;
  state: "connecting" | "met" | "closed" = "connecting";
  readonly #world: WorldId;
  readonly #peers: PeersStore;
  readonly #tools: MeetingTools;
  readonly #ears: MeetingEars;
  readonly #link: Link;
  /** Calls that are not open yet, by the member's name. */
  readonly #calls = new Map<string, Connection>();
  #me = "";
  #ice: readonly string[] = [];
  #hasJoined = false;
  #cancelPing: (() => void) | undefined;

  constructor(url: string, world: WorldId, peers: PeersStore, tools: MeetingTools, ears: MeetingEars) {
    this.url = url;
    this.#world = world;
    this.#peers = peers;
    this.#tools = tools;
    this.#ears = ears;
    this.#link = tools.connect(url);
    const look = (): void => this.#look();
    this.#link.onWake = () => queueMicrotask(look);
    queueMicrotask(look);
  }

  /** Whether somebody may be met by this in a moment. */
  get isBusy(): boolean {
    return this.state === "connecting" || this.#calls.size > 0;
  }

  close(): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.#cancelPing?.();
    this.#link.onWake = undefined;
    this.#link.close(1000, "");
    for (const call of this.#calls.values()) call.close();
    this.#calls.clear();
  }

  #look(): void {
    if (this.state === "closed") return;
    if (!this.#hasJoined && this.#link.state === "open") {
      this.#hasJoined = true;
      this.#say({ t: "join", versions: [PROTOCOL_VERSION], world: this.#world });
    }
    for (const frame of this.#link.receive()) {
      const message = decodeRendezvous(frame);
      if (message.ok) this.#hear(message.value);
      else this.#end();
    }
    if (this.#link.fault !== undefined || this.#link.state === "closed") this.#end();
  }

  #end(): void {
    this.close();
    this.#ears.changed();
  }

  #hear(message: RendezvousMessage): void {
    switch (message.t) {
      case "met":
        this.#met(message);
        break;
      case "signal":
        this.#signalled(message);
        break;
      case "gone":
        this.#calls.get(hexOf(message.member))?.close();
        break;
      case "pong":
        break;
      case "reject":
        this.#end();
        break;
    }
  }

  #met({ you, members, ice }: Message<"met">): void {
    if (you !== undefined) this.#me = hexOf(you);
    this.state = "met";
    this.#ice = ice;
    this.#cancelPing ??= this.#pingLater();
    for (const member of members) this.#call(member);
    this.#ears.changed();
  }

  #call(member: Uint8Array): void {
    const name = hexOf(member);
    if (this.#calls.has(name) || this.#calls.size >= CALLS.atOnce || !this.#peers.hasRoom) return;
    this.#keep(
      name,
      offerConnection(this.#ice, (sdp) => this.#describe(member, "offer", sdp)),
    );
  }

  #signalled({ from, kind, sdp }: Message<"signal">): void {
    const name = hexOf(from);
    const own = this.#calls.get(name);
    if (kind === "answer") {
      void own?.answered(sdp);
      return;
    }
    // Both called at once: the one with the lower number is the one who calls.
    if (own !== undefined) {
      if (this.#me < name) return;
      own.close();
      this.#calls.delete(name);
    }
    // Whoever calls, and however many: some places stay for those whom one calls oneself.
    const isTaken = this.#calls.size + this.#peers.report.members >= CALLS.answered;
    if (isTaken || !this.#peers.hasRoom) return;
    this.#keep(
      name,
      answerConnection(this.#ice, sdp, (answer) => this.#describe(from, "answer", answer)),
    );
  }

  #keep(name: string, call: Connection): void {
    this.#calls.set(name, call);
    void call.channel.then((channel) => {
      if (this.#calls.get(name) === call) this.#calls.delete(name);
      if (channel !== undefined) this.#peers.join(name.slice(0, CALLS.nameChars), channel);
      this.#ears.changed();
    });
  }

  #describe(to: Uint8Array, kind: "offer" | "answer", sdp: string): void {
    if (sdp !== "" && sdp.length <= SWARM.sdpBytes) this.#say({ t: "signal", to, kind, sdp });
  }

  #say(message: MemberMessage): void {
    if (this.state !== "closed") this.#link.send(encodeMember(message));
  }

  #pingLater(): () => void {
    const { clock } = this.#tools;
    return clock.schedule(clock.monotonic() + SWARM.pingMs, () => {
      this.#say(this.#peers.report.members < CALLS.enough ? { t: "more" } : { t: "ping" });
      this.#cancelPing = this.#pingLater();
    });
  }
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
