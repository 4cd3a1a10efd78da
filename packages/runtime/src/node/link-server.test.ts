import { connect as connectSocket, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { LIMITS } from "@sojourn/protocol";
import { afterEach, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { LINK_LIMITS } from "../limits.ts";
import type { Link } from "../link.ts";
import { connect } from "../websocket-link.ts";
import { AddressLimits } from "./address-limits.ts";
import { type LinkServer, type ListenOptions, listen } from "./link-server.ts";

const open: LinkServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(options: Partial<ListenOptions> = {}): Promise<LinkServer> {
  const server = await listen({ path: "/play", onRequest: (_request, response) => void response.end("hello"), ...options });
  open.push(server);
  return server;
}
const addressOf = (server: LinkServer): string => `ws://127.0.0.1:${server.port}/play`;

async function until<T>(look: () => T | undefined | false, withinMs = 5_000): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error("it did not happen in time");
    await sleep(5);
  }
}
const accepted = (server: LinkServer): Promise<Link> => until(() => server.accept()[0]);
const opened = (link: Link): Promise<boolean> => until(() => link.state === "open");

describe("links over WebSocket", () => {
  it("carry whole frames both ways, in order, and wait to be taken", async () => {
    const server = await serve();
    const near = connect(addressOf(server));
    const far = await accepted(server);
    await opened(near);
    near.sendMany([Uint8Array.of(1), Uint8Array.of(2, 2)]);
    const got: Uint8Array[] = [];
    await until(() => got.push(...far.receive()) >= 2);
    expect(got).toEqual([Uint8Array.of(1), Uint8Array.of(2, 2)]);
    const long = new Uint8Array(70_000).fill(7);
    const middle = new Uint8Array(300).fill(9);
    far.sendMany([Uint8Array.of(3), middle, long]);
    far.send(long);
    const back: Uint8Array[] = [];
    await until(() => back.push(...near.receive()) >= 4);
    expect(back).toEqual([Uint8Array.of(3), middle, long, long]);
  });

  it("tell both sides how a link ended", async () => {
    const server = await serve();
    const near = connect(addressOf(server));
    const far = await accepted(server);
    await opened(near);
    let woken = 0;
    near.onWake = () => woken++;
    far.send(Uint8Array.of(1));
    far.close(4001, "replaced");
    await until(() => near.end);
    expect(near.end).toEqual({ code: 4001, reason: "replaced" });
    expect(near.receive()).toEqual([Uint8Array.of(1)]);
    expect(woken).toBeGreaterThan(0);
    far.send(Uint8Array.of(2));
    expect(far.state).toBe("closed");
    await until(() => server.openLinks === 0);
  });

  it("close when nobody listens, and when the address is none", async () => {
    const server = await serve();
    const address = addressOf(server);
    await server.close();
    const near = connect(address);
    await until(() => near.end);
    expect(near.end?.code).toBe(1006);
    expect(connect("no address").state).toBe("closed");
  });

  it("name what a client broke: text, a flood, a message past every bound, too many pieces", async () => {
    const server = await serve();
    const cases: [string, (ws: WebSocket) => void, string][] = [
      ["text", (ws) => ws.send("hello"), "malformed"],
      ["flood", (ws) => Array.from({ length: LINK_LIMITS.inboxFrames + 1 }, () => ws.send(Uint8Array.of(4))), "too-fast"],
      ["huge", (ws) => ws.send(new Uint8Array(LINK_LIMITS.inboundMessageBytes + 1)), "oversized"],
      ["pieces", (ws) => Array.from({ length: 40 }, (_, i) => ws.send(Uint8Array.of(1), { fin: i === 39, binary: true })), "oversized"],
    ];
    for (const [name, send, code] of cases) {
      const ws = new WebSocket(addressOf(server));
      ws.on("error", () => {});
      ws.once("open", () => send(ws));
      const far = await accepted(server);
      const why = await until(() => far.fault);
      expect([name, why.code]).toEqual([name, code]);
      expect(far.receive().length).toBeLessThanOrEqual(LINK_LIMITS.inboxFrames);
      ws.terminate();
    }
  });

  it("read one frame over the protocol's limit, so that it can be answered with a fault", async () => {
    const server = await serve();
    expect(LINK_LIMITS.inboundMessageBytes).toBeGreaterThan(LIMITS.clientFrameBytes);
    const near = connect(addressOf(server));
    const far = await accepted(server);
    await opened(near);
    near.send(new Uint8Array(LIMITS.clientFrameBytes + 1));
    expect((await until(() => far.receive()[0])).length).toBe(LIMITS.clientFrameBytes + 1);
  });

  it("show a reader that does not read", async () => {
    const server = await serve();
    const socket = await rawLink(server.port);
    const far = await accepted(server);
    socket.pause();
    const frame = new Uint8Array(500_000);
    for (let i = 0; i < 40; i++) far.send(frame);
    await sleep(50);
    expect(far.bufferedBytes).toBeGreaterThan(1_000_000);
    far.close(1008, "too-slow");
    await until(() => server.openLinks === 0);
    socket.destroy();
  });
});

/** A WebSocket handshake by hand. */
async function rawLink(port: number, headers = ""): Promise<Socket> {
  const socket = connectSocket(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(
    `GET /play HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${"A".repeat(22)}==\r\n${headers}\r\n`,
  );
  return socket;
}

function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (data) => {
      text += data.toString();
      if (text.includes("\r\n")) resolve(text.slice(0, text.indexOf("\r\n")));
    });
    socket.on("close", () => resolve(text === "" ? "closed" : text));
  });
}

describe("the server", () => {
  it("answers plain HTTP beside the links, and refuses other paths and pages it was told to refuse", async () => {
    const server = await serve({ allowOrigin: (origin) => origin !== "https://evil.example" });
    expect(await (await fetch(`http://127.0.0.1:${server.port}/`)).text()).toBe("hello");
    expect(await firstLine(await rawLink(server.port, "origin: https://evil.example\r\n"))).toBe("HTTP/1.1 403 Forbidden");
    expect(await firstLine(await rawLink(server.port, "origin: https://good.example\r\n"))).toBe("HTTP/1.1 101 Switching Protocols");
    const elsewhere = new WebSocket(`ws://127.0.0.1:${server.port}/other`);
    elsewhere.on("error", () => {});
    const status = new Promise((resolve) => elsewhere.on("unexpected-response", (_request, response) => resolve(response.statusCode)));
    expect(await status).toBe(404);
  });

  it("turns links away when it is full", async () => {
    const server = await serve({ limits: { links: 1 } });
    expect(await firstLine(await rawLink(server.port))).toContain("101");
    expect(await firstLine(await rawLink(server.port))).toBe("HTTP/1.1 503 Service Unavailable");
  });

  it("hangs up on a request that never ends its headers", async () => {
    const server = await serve({ limits: { headersMs: 200, requestMs: 300, deadlineCheckMs: 50 } });
    const socket = connectSocket(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nhost: x\r\nx-slow: ");
    const started = performance.now();
    expect(await firstLine(socket)).toBe("HTTP/1.1 408 Request Timeout");
    await until(() => socket.destroyed || socket.readableEnded);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it("tells a connection that was opened ahead and said nothing in time that it may ask again", async () => {
    const server = await serve({ limits: { headersMs: 200, requestMs: 300, deadlineCheckMs: 50 } });
    const socket = connectSocket(server.port, "127.0.0.1");
    socket.on("error", () => {});
    expect(await firstLine(socket)).toBe("HTTP/1.1 408 Request Timeout");
  });

  it("outlives bytes that are no HTTP at all", async () => {
    const server = await serve();
    const socket = connectSocket(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff, 0x00]));
    expect(await firstLine(socket)).toContain("400");
    expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(200);
  });
});

describe("limits per address", () => {
  const bounds = { socketsPerAddress: 2, linksPerAddress: 2, handshakesPerSecond: 1, handshakeBurst: 3 };

  it("bound sockets and links of one stranger and leave others alone", () => {
    const limits = new AddressLimits(bounds);
    expect([1, 2, 3].map(() => limits.takeSocket("192.0.2.1", 0))).toEqual([true, true, false]);
    expect(limits.takeSocket("192.0.2.2", 0)).toBe(true);
    limits.dropSocket("192.0.2.1");
    expect(limits.takeSocket("192.0.2.1", 0)).toBe(true);
    expect([1, 2, 3].map(() => limits.takeLink("192.0.2.1", 0))).toEqual([true, true, false]);
  });

  it("bound the rate of handshakes and give it back with time", () => {
    const limits = new AddressLimits({ ...bounds, linksPerAddress: 100 });
    expect([1, 2, 3, 4].map(() => limits.takeLink("192.0.2.1", 0))).toEqual([true, true, true, false]);
    expect(limits.takeLink("192.0.2.1", 900)).toBe(false);
    expect(limits.takeLink("192.0.2.1", 2_000)).toBe(true);
  });

  it("take loopback for the operator's own machine", () => {
    const limits = new AddressLimits(bounds);
    for (let i = 0; i < 100; i++) expect(limits.takeLink("127.0.0.1", 0)).toBe(true);
    expect(limits.addresses).toBe(0);
  });
});
