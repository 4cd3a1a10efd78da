// One port for everything a world says: HTTP requests go to a handler, WebSocket handshakes on one path become links.
// Every limit is set by hand here; new links wait in a bounded list until the tick takes them.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { LINK_LIMITS, SERVER_LIMITS } from "../limits.ts";
import type { Link } from "../link.ts";
import { AddressLimits } from "./address-limits.ts";
import { Outgoing } from "./outgoing.ts";
import { SlowLane } from "./slow-lane.ts";
import { SocketLink } from "./socket-link.ts";
import { TickReader } from "./tick-reader.ts";

const NO_BYTES: Buffer = Buffer.alloc(0);

export interface ListenOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0: any free port. */
  readonly port?: number;
  /** Path of the WebSocket handshake. */
  readonly path: string;
  /** Further paths, each with links of its own: what comes in there takes nothing from the others but sockets. */
  readonly sidePaths?: readonly string[];
  /** Answers every plain HTTP request. */
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  /** Whether a page of this origin may open a link; `host` is the Host header. Default: every origin (no cookie gives any right here). */
  readonly allowOrigin?: (origin: string | undefined, host: string | undefined) => boolean;
  readonly limits?: Partial<{ [name in keyof typeof SERVER_LIMITS]: number }>;
}

/** Where links come in: one path. */
export interface LinkEntrance {
  /** Links whose handshake finished since the last call. */
  accept(): Link[];
  /** Called when there is a link to accept; only to wake a shell. */
  onWake: (() => void) | undefined;
}

export interface LinkServer extends LinkEntrance {
  readonly host: string;
  readonly port: number;
  /** The entrance of one of the side paths; another path is a bug and throws. */
  entrance(sidePath: string): LinkEntrance;
  readonly openLinks: number;
  /**
   * Brings in what has arrived on links that are heard at ticks only, for {@link Link.receive}. Called at the beginning of a tick: one that
   * reads all sockets in one call does it here. What comes on other links is brought in as it comes.
   */
  hear(): void;
  /**
   * Writes what was sent on all links since the last call. Called at the end of a tick: one that writes all frames in one call does it
   * here. What is sent outside of a tick goes out by itself soon.
   */
  flush(): void;
  /** Stops listening, gives links their closing time, then tears down what is left. */
  close(): Promise<void>;
}

/** Listens; rejects when the address is taken or not ours. */
export async function listen(options: ListenOptions): Promise<LinkServer> {
  const limits: { readonly [name in keyof typeof SERVER_LIMITS]: number } = { ...SERVER_LIMITS, ...options.limits };
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: limits.deadlineCheckMs,
    },
    options.onRequest,
  );
  server.maxConnections = limits.sockets;
  const addresses = new AddressLimits(limits);
  guardSockets(server, addresses);
  const links = new Accepting(addresses, limits.links);
  const outgoing = new Outgoing();
  const reader = new TickReader();
  const sides = new Map((options.sidePaths ?? []).map((path) => [path, new Accepting(new AddressLimits(limits), limits.sideLinks)]));
  acceptLinks(server, options, new Map([[options.path, links], ...sides]), { outgoing, reader });

  const host = options.host ?? "127.0.0.1";
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const linkServer: LinkServer = {
    host,
    port: (server.address() as AddressInfo).port,
    accept: () => links.accept(),
    entrance(sidePath) {
      const side = sides.get(sidePath);
      if (side === undefined) throw new Error(`nothing comes in at ${sidePath}`);
      return side;
    },
    hear: () => reader.hear(),
    flush: () => outgoing.flush(),
    get openLinks() {
      return links.open.size;
    },
    onWake: undefined,
    close: () =>
      closeAll(
        server,
        [links, ...sides.values()].flatMap(({ open }) => [...open]),
      ),
  };
  links.onWake = () => linkServer.onWake?.();
  return linkServer;
}

function guardSockets(server: Server, addresses: AddressLimits): void {
  server.on("connection", (socket: Socket) => {
    // A socket that dies in a handshake must not take the process with it.
    socket.on("error", () => socket.destroy());
    const address = socket.remoteAddress ?? "";
    if (!addresses.takeSocket(address, performance.now())) {
      socket.destroy();
      return;
    }
    socket.once("close", () => addresses.dropSocket(address));
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    // Browsers open connections ahead. One that said nothing in time and is used just then asks again after a 408, and after nothing else.
    const status = error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "408 Request Timeout" : "400 Bad Request";
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    else socket.destroy();
  });
}

class Accepting implements LinkEntrance {
  readonly open = new Set<SocketLink>();
  readonly addresses: AddressLimits;
  readonly most: number;
  onWake: (() => void) | undefined;
  #fresh: SocketLink[] = [];

  constructor(addresses: AddressLimits, most: number) {
    this.addresses = addresses;
    this.most = most;
  }

  accept(): Link[] {
    const taken = this.#fresh;
    this.#fresh = [];
    return taken;
  }

  take(link: SocketLink): void {
    this.open.add(link);
    this.#fresh.push(link);
    this.onWake?.();
  }
}

function acceptLinks(
  server: Server,
  options: ListenOptions,
  byPath: ReadonlyMap<string, Accepting>,
  parts: { outgoing: Outgoing; reader: TickReader },
): void {
  const upgrader = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: LINK_LIMITS.inboundMessageBytes,
    maxFragments: LINK_LIMITS.fragments,
    maxBufferedChunks: LINK_LIMITS.bufferedChunks,
    perMessageDeflate: false,
    skipUTF8Validation: false,
  });
  const refuse = (socket: Duplex, status: string): void => {
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  };
  server.on("upgrade", (request: IncomingMessage, _: Duplex, head: Buffer) => {
    const { socket } = request;
    const address = socket.remoteAddress ?? "";
    const accepting = byPath.get((request.url ?? "").split("?")[0] as string);
    if (accepting === undefined) return refuse(socket, "404 Not Found");
    if (options.allowOrigin?.(request.headers.origin, request.headers.host) === false) return refuse(socket, "403 Forbidden");
    if (accepting.open.size >= accepting.most) return refuse(socket, "503 Service Unavailable");
    if (!accepting.addresses.takeLink(address, performance.now())) return refuse(socket, "429 Too Many Requests");
    socket.once("close", () => accepting.addresses.dropLink(address));
    // What came behind the handshake is read like everything after it.
    if (head.length > 0) socket.unshift(head);
    const slow = new SlowLane(socket);
    upgrader.handleUpgrade(request, slow, NO_BYTES, (ws) => {
      socket.setNoDelay(true);
      const link = new SocketLink(ws, slow, socket, address, parts);
      ws.once("close", () => accepting.open.delete(link));
      accepting.take(link);
    });
  });
}

async function closeAll(server: Server, open: readonly SocketLink[]): Promise<void> {
  const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const link of open) link.close(1001, "shutting-down");
  const torn = setTimeout(() => server.closeAllConnections(), LINK_LIMITS.closeMs);
  server.closeIdleConnections();
  await stopped;
  clearTimeout(torn);
}
