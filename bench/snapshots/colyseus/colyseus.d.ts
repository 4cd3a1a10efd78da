// What of Colyseus is used here, as types of our own: the repository is checked without Colyseus being installed.
declare module "@colyseus/core" {
  import type { StateView } from "@colyseus/schema";
  export interface Client {
    view?: StateView;
    /** Ours: which walker this is. */
    userData?: unknown;
  }
  export class Room {
    state: unknown;
    clients: Iterable<Client>;
    autoDispose: boolean;
    maxClients: number;
    patchRate: number | null;
    seatReservationTimeout: number;
    setSimulationInterval(onTick: (deltaMs: number) => void, delayMs?: number): void;
    broadcastPatch(): boolean;
    onMessageBytes(type: string | number, heard: (client: Client, bytes: Uint8Array) => void): void;
  }
  export class Server {
    constructor(options: { readonly transport: object; readonly greet?: boolean });
    define(name: string, world: typeof Room): unknown;
    listen(port: number, hostname?: string): Promise<unknown>;
  }
}

declare module "@colyseus/ws-transport" {
  import type { Server } from "node:http";
  export class WebSocketTransport {
    constructor(options: { readonly server: Server; readonly pingInterval?: number });
  }
}

declare module "@colyseus/schema" {
  type Row = { [field: string]: number | string };
  type State = { entities: Map<string, Row> };
  export const MapSchema: unknown;
  export class StateView {
    add(row: Row): unknown;
    remove(row: Row): unknown;
  }
  interface Chain {
    view(): Chain;
  }
  export const t: { uint8(): Chain; uint16(): Chain; string(): Chain; map(of: unknown): Chain };
  export function schema<T>(fields: { readonly [field: string]: Chain }, name: string): new () => T;
  export type { Row, State };
}

declare module "@colyseus/sdk" {
  export interface Joined {
    readonly state: { readonly entities: { get(key: string): { readonly ack: number } | undefined } };
    onStateChange(heard: () => void): void;
    sendBytes(type: number, bytes: Uint8Array): void;
    leave(): Promise<number>;
    onLeave(heard: () => void): void;
  }
  export class Client {
    constructor(url: string);
    joinOrCreate(name: string, options: object): Promise<Joined>;
  }
}
