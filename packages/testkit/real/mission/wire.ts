// What goes over a page's links, frame by frame as Chromium saw it, read with the protocol's own decoders.
import {
  type ClientMessage,
  decodeClientFrame,
  decodeOwn,
  decodeWorldControl,
  FRAME,
  fieldTable,
  type Move,
  type OwnState,
  SnapshotReader,
  type WorldMessage,
} from "@sojourn/protocol";
import type { Page, WebSocket } from "playwright-core";

export type WireFrame =
  | { readonly by: "client"; readonly t: (ClientMessage | Move)["t"]; readonly message: ClientMessage | Move }
  | { readonly by: "world"; readonly t: WorldMessage["t"]; readonly message: WorldMessage }
  | { readonly by: "world"; readonly t: "snapshot"; readonly tick: number }
  | { readonly by: "world"; readonly t: "own"; readonly own: OwnState };

/** One link of the page, from its handshake to its end. */
export class WireLink {
  readonly host: string;
  readonly frames: WireFrame[] = [];
  /** Frames that no decoder takes; there are none. */
  readonly problems: string[] = [];
  reader: SnapshotReader | undefined;
  isClosed = false;
  private me = 0;

  constructor(socket: WebSocket) {
    this.host = new URL(socket.url()).host;
    socket.on("framesent", ({ payload }) => this.sent(bytesOf(payload)));
    socket.on("framereceived", ({ payload }) => this.received(bytesOf(payload)));
    socket.on("close", () => {
      this.isClosed = true;
    });
  }

  /** The names of the frames in order, runs of one kind as one, without those of `unsaid`. */
  order(...unsaid: readonly string[]): string[] {
    const names = this.frames.map(({ t }) => t).filter((t) => !unsaid.includes(t));
    return names.filter((name, i) => name !== names[i - 1]);
  }

  /** The messages of a kind, by whom it can only be. */
  said<T extends WorldMessage["t"]>(t: T): Extract<WorldMessage, { t: T }>[] {
    return this.frames.flatMap((frame) =>
      frame.by === "world" && "message" in frame && frame.t === t ? [frame.message as Extract<WorldMessage, { t: T }>] : [],
    );
  }
  asked<T extends (ClientMessage | Move)["t"]>(t: T): Extract<ClientMessage | Move, { t: T }>[] {
    return this.frames.flatMap((frame) =>
      frame.by === "client" && frame.t === t ? [frame.message as Extract<ClientMessage | Move, { t: T }>] : [],
    );
  }
  get ticks(): number[] {
    return this.frames.flatMap((frame) => (frame.t === "snapshot" ? [frame.tick] : []));
  }
  get lastOwn(): OwnState | undefined {
    const last = this.frames.findLast((frame) => frame.t === "own");
    return last?.t === "own" ? last.own : undefined;
  }
  /** Where the world's last snapshot shows the page's own traveller. */
  get meInSnapshot(): { readonly x: number; readonly y: number } | undefined {
    const entities = this.reader?.entities;
    if (entities === undefined || !entities.has(this.me)) return undefined;
    return { x: Number(entities.get("x", this.me)), y: Number(entities.get("y", this.me)) };
  }

  private sent(bytes: Uint8Array): void {
    const message = decodeClientFrame(bytes);
    if (message.ok) this.frames.push({ by: "client", t: message.value.t, message: message.value });
    else this.problems.push(`client: ${message.fault.detail}`);
  }

  private received(bytes: Uint8Array): void {
    if (bytes[0] === FRAME.snapshot) this.snapshot(bytes);
    else if (bytes[0] === FRAME.own) {
      const own = decodeOwn(bytes);
      if (own.ok) this.frames.push({ by: "world", t: "own", own: own.value });
      else this.problems.push(`own: ${own.fault.detail}`);
    } else {
      const message = decodeWorldControl(bytes);
      if (!message.ok) {
        this.problems.push(`world: ${message.fault.detail}`);
        return;
      }
      if (message.value.t === "manifest") this.reader = new SnapshotReader(fieldTable(message.value.components));
      if (message.value.t === "welcome") this.me = message.value.entity;
      this.frames.push({ by: "world", t: message.value.t, message: message.value });
    }
  }

  private snapshot(bytes: Uint8Array): void {
    const applied = this.reader?.apply(bytes);
    if (applied?.ok === true) this.frames.push({ by: "world", t: "snapshot", tick: applied.value.tick });
    else this.problems.push(`snapshot: ${applied?.fault.detail ?? "before any manifest"}`);
  }
}

/** All links of a page, and how many blocks it asked for. */
export class Wire {
  readonly links: WireLink[] = [];
  /** Blocks the page asked for over HTTP, by whom it asked. */
  readonly #asked = new Map<string, number>();

  constructor(page: Page) {
    // Beside the link of a visit there is one to where a swarm meets; it is not what is watched here.
    page.on("websocket", (socket) => {
      if (new URL(socket.url()).pathname === "/play") this.links.push(new WireLink(socket));
    });
    page.on("request", (request) => {
      const { host, pathname } = new URL(request.url());
      if (pathname.startsWith("/ipfs/")) this.#asked.set(host, (this.#asked.get(host) ?? 0) + 1);
    });
  }

  /** How many blocks the page asked of a world for over HTTP. */
  blocksAskedOf(host: string): number {
    return this.#asked.get(host) ?? 0;
  }

  /** The newest link; to a host, when one is named. */
  last(host?: string): WireLink {
    const link = this.links.findLast((one) => host === undefined || one.host === host);
    if (link === undefined) throw new Error(`the page opened no link${host === undefined ? "" : ` to ${host}`}`);
    return link;
  }
  /** What worlds said of crossings, on all links, in order. */
  get borderWords(): Extract<WorldMessage, { t: "crossing" }>[] {
    return this.links.flatMap((link) => link.said("crossing"));
  }
  get problems(): string[] {
    return this.links.flatMap(({ problems }) => problems);
  }
}

function bytesOf(payload: string | Buffer): Uint8Array {
  return typeof payload === "string" ? new TextEncoder().encode(payload) : new Uint8Array(payload);
}
