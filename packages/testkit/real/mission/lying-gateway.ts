// A gateway between a traveller and a world that serves blocks: it passes on what it is asked for, counts it, and lies when told to.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export type Lie = (bytes: Uint8Array) => Uint8Array;

export const LIES: { readonly [name: string]: Lie } = {
  "one byte flipped": (bytes) => Uint8Array.from(bytes, (byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte)),
  "cut short": (bytes) => bytes.slice(0, -1),
  "a byte too many": (bytes) => Uint8Array.of(...bytes, 0),
  "nothing at all": () => new Uint8Array(),
  "far too much": () => new Uint8Array(8 * 1_048_576),
};

export class LyingGateway {
  readonly asked: string[] = [];
  /** By content id. */
  readonly lies = new Map<string, Lie>();
  private readonly server: Server;
  private readonly world: () => string;

  private constructor(server: Server, world: () => string) {
    this.server = server;
    this.world = world;
  }

  static async before(world: () => string): Promise<LyingGateway> {
    const server = createServer((request, response) => {
      void gateway.answer(request.url ?? "/").then(({ status, bytes }) => response.writeHead(status).end(bytes));
    });
    const gateway = new LyingGateway(server, world);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(path: string): Promise<{ status: number; bytes: Uint8Array }> {
    const cid = /^\/ipfs\/([a-z0-9]+)/.exec(path)?.[1] ?? "";
    this.asked.push(cid);
    const response = await fetch(`${this.world()}${path}`).catch(() => undefined);
    if (response === undefined) return { status: 502, bytes: new Uint8Array() };
    const bytes = new Uint8Array(await response.arrayBuffer());
    const lie = this.lies.get(cid);
    return { status: response.status, bytes: lie === undefined ? bytes : lie(bytes) };
  }
}
