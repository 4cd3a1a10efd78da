// The target "colyseus": the same players in a Colyseus world, the same fields in its state, one patch each tick. "plain" shows
// everything to everybody; "view" gives each client a StateView of what is near. node colyseus.ts <workload> <folder> <trace> plain|view
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { type Client, Room, Server } from "@colyseus/core";
import { type Row, type State, StateView, schema, t } from "@colyseus/schema";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { Measured } from "../../measured.ts";
import { isSampled } from "../load/dialects.ts";
import { TICK_MS, type Workload, workloadNamed } from "../workloads.ts";
import { GRID, PlainStage } from "./plain-stage.ts";

/** Positions are sent in 64ths of a unit, so that they fit into two bytes: coarser than a world's, in the peer's favour. */
const SENT_GRID = 64;
/** What is near is looked up each so many ticks: one has walked a unit in that time. */
const LOOK_EVERY = 4;

const [, , name = "", , , mode = "plain"] = process.argv;
const workload = workloadNamed(name) as Workload;
const isViewed = mode === "view";
const measured = new Measured(TICK_MS);

const Entity = schema<Row>(
  {
    ...{ x: t.uint16(), y: t.uint16(), facing: t.uint8(), look: t.uint16(), name: t.string() },
    ...{ health: t.uint8(), holding: t.uint8(), state: t.uint8(), flags: t.uint8() },
    // The last move done, for the few clients that are looked at for delay; never changes for the others.
    ack: t.uint16(),
  },
  "Entity",
);
const entities = t.map(Entity);
const WorldState = schema<State>({ entities: isViewed ? entities.view() : entities }, "WorldState");

class World extends Room {
  readonly #stage = new PlainStage(workload);
  readonly #rows: Row[] = [];
  readonly #seen = new Map<Client, Set<number>>();
  #tick = 0;

  onCreate(): void {
    this.autoDispose = false;
    this.maxClients = workload.players;
    this.seatReservationTimeout = 120;
    // The tick itself ends with the patch, so that neither waits for the other.
    this.patchRate = null;
    const state = new WorldState();
    this.state = state;
    for (let entity = 0; entity < this.#stage.count; entity++) {
      const row = new Entity();
      const isPlayer = entity < workload.players;
      const look = { look: isPlayer ? 0 : 1, name: isPlayer ? `w${entity}` : `Lamp ${entity - workload.players}` };
      Object.assign(row, { ...look, health: 100, holding: 0, state: 0, flags: isPlayer ? 9 : 0, facing: 0, ack: 0 });
      this.#rows.push(row);
      if (!isPlayer) this.#place(state, entity);
    }
    this.onMessageBytes(0, (client, bytes) => this.#moved(client, bytes));
    this.setSimulationInterval(() => this.#run(), TICK_MS);
  }

  onJoin(client: Client, options: { readonly index: number }): void {
    client.userData = options.index;
    this.#place(this.state as State, options.index);
    if (!isViewed) return;
    client.view = new StateView();
    this.#seen.set(client, new Set());
    this.#look(client, options.index);
  }

  onLeave(client: Client): void {
    this.#seen.delete(client);
  }

  #place(state: State, entity: number): void {
    this.#show(entity);
    state.entities.set(String(entity), this.#rows[entity] as Row);
  }

  #show(entity: number): void {
    const row = this.#rows[entity] as Row;
    row.x = ((this.#stage.xs[entity] as number) * SENT_GRID) / GRID;
    row.y = ((this.#stage.ys[entity] as number) * SENT_GRID) / GRID;
    row.facing = this.#stage.facing[entity] as number;
    if (entity < workload.players && isSampled(entity, workload.players)) row.ack = (this.#stage.lastSeq[entity] as number) & 0xffff;
  }

  #moved(client: Client, bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#stage.move(client.userData as number, view.getUint32(0), view.getInt8(4), view.getInt8(5));
  }

  #run(): void {
    measured.beat();
    this.#stage.walk();
    for (let entity = 0; entity < workload.players; entity++) this.#show(entity);
    if (isViewed) {
      for (const client of this.clients) {
        const index = client.userData as number | undefined;
        if (index !== undefined && (this.#tick + index) % LOOK_EVERY === 0) this.#look(client, index);
      }
    }
    this.#tick += 1;
    this.broadcastPatch();
  }

  #look(client: Client, index: number): void {
    const seen = this.#seen.get(client);
    if (seen === undefined || client.view === undefined) return;
    const { view } = client;
    const near = new Set<number>();
    this.#stage.near(index, workload.viewRadius, (entity) => {
      near.add(entity);
      if (seen.has(entity) || !(this.state as State).entities.has(String(entity))) return;
      seen.add(entity);
      view.add(this.#rows[entity] as Row);
    });
    for (const entity of seen) {
      if (near.has(entity)) continue;
      seen.delete(entity);
      view.remove(this.#rows[entity] as Row);
    }
  }
}

const http = createServer();
const server = new Server({ transport: new WebSocketTransport({ server: http }), greet: false });
server.define("world", World);
await server.listen(0, "127.0.0.1");
measured.open((http.address() as AddressInfo).port);
