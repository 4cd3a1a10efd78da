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

const NO_BYTES: Buffer = Buffer.alloc(0);

export interface ListenOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0: any free port. */
  readonly port?: number;
  /** Path of the WebSocket handshake. */
  readonly path: string;
  /** Answers every plain HTTP request. */
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  /** Whether a page of this origin may open a link; `host` is the Host header. Default: every origin (no cookie gives any right here). */
  readonly allowOrigin?: (origin: string | undefined, host: string | undefined) => boolean;
  readonly limits?: Partial<{ [name in keyof typeof SERVER_LIMITS]: number }>;
}

export interface LinkServer {
  readonly host: string;
  readonly port: number;
  /** Links whose handshake finished since the last call. */
  accept(): Link[];
  readonly openLinks: number;
  /**
   * Brings in what has arrived on every link, for {@link Link.receive}. Called at the beginning of a tick: one that reads all sockets in one
   * call does it here; one whose sockets speak up by themselves has nothing left to do.
   */
  hear(): void;
  /**
   * Writes what was sent on all links since the last call. Called at the end of a tick: one that writes all frames in one call does it
   * here. What is sent outside of a tick goes out by itself soon.
   */
  flush(): void;
  /** Called when there is a link to accept; only to wake a shell. */
  onWake: (() => void) | undefined;
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
  const links = acceptLinks(server, options, addresses, limits.links);

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
    accept: links.accept,
    hear: () => {},
    flush: () => links.outgoing.flush(),
    get openLinks() {
      return links.open.size;
    },
    onWake: undefined,
    close: () => closeAll(server, links.open),
  };
  links.onLink = () => linkServer.onWake?.();
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

interface Accepting {
  readonly open: Set<SocketLink>;
  readonly outgoing: Outgoing;
  accept(): Link[];
  onLink: () => void;
}

function acceptLinks(server: Server, options: ListenOptions, addresses: AddressLimits, maxLinks: number): Accepting {
  const upgrader = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: LINK_LIMITS.inboundMessageBytes,
    maxFragments: LINK_LIMITS.fragments,
    maxBufferedChunks: LINK_LIMITS.bufferedChunks,
    perMessageDeflate: false,
    skipUTF8Validation: false,
  });
  const open = new Set<SocketLink>();
  let fresh: SocketLink[] = [];
  const accepting: Accepting = {
    open,
    outgoing: new Outgoing(),
    accept() {
      const taken = fresh;
      fresh = [];
      return taken;
    },
    onLink: () => {},
  };
  const refuse = (socket: Duplex, status: string): void => {
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  };
  server.on("upgrade", (request: IncomingMessage, _: Duplex, head: Buffer) => {
    const { socket } = request;
    const address = socket.remoteAddress ?? "";
    if ((request.url ?? "").split("?")[0] !== options.path) return refuse(socket, "404 Not Found");
    if (options.allowOrigin?.(request.headers.origin, request.headers.host) === false) return refuse(socket, "403 Forbidden");
    if (open.size >= maxLinks) return refuse(socket, "503 Service Unavailable");
    if (!addresses.takeLink(address, performance.now())) return refuse(socket, "429 Too Many Requests");
    socket.once("close", () => addresses.dropLink(address));
    // What came behind the handshake is read like everything after it.
    if (head.length > 0) socket.unshift(head);
    const slow = new SlowLane(socket);
    upgrader.handleUpgrade(request, slow, NO_BYTES, (ws) => {
      socket.setNoDelay(true);
      const link = new SocketLink(ws, slow, socket, address, accepting.outgoing);
      open.add(link);
      ws.once("close", () => open.delete(link));
      fresh.push(link);
      accepting.onLink();
    });
  });
  return accepting;
}

async function closeAll(server: Server, open: ReadonlySet<SocketLink>): Promise<void> {
  const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const link of open) link.close(1001, "shutting-down");
  const torn = setTimeout(() => server.closeAllConnections(), LINK_LIMITS.closeMs);
  server.closeIdleConnections();
  await stopped;
  clearTimeout(torn);
}
