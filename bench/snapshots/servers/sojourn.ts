// The target "sojourn": a real world with everything a world does, on a workload's map. node sojourn-server.ts <workload> <folder>
import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { prettyLog } from "@sojourn/runtime";
import { defineWorld, openWorld } from "@sojourn/world";
import { Measured } from "../../measured.ts";
import { writeMap } from "../map.ts";
import { SPEED, TICK_HZ, TICK_MS, Walker, type Workload, workloadNamed } from "../workloads.ts";

const [, , name = "", folder = ""] = process.argv;
const workload = workloadNamed(name) as Workload;
const measured = new Measured(TICK_MS);
const places = Array.from({ length: workload.players }, (_, index) => new Walker(workload, index));

const definition = defineWorld({
  name: workload.name,
  map: await writeMap(join(folder, "map"), workload),
  capacity: workload.players,
  physics: { tickHz: TICK_HZ, speed: SPEED, viewRadius: workload.viewRadius },
  // Each would like to know who touches it: that must cost nothing while nobody does.
  things: { lamp: { title: "Lamp", sprite: "lamp", onTouch: () => {} } },
  // A traveller's name says which walker they are.
  onEnter: ({ traveller }) => {
    const place = places[Number(traveller.name.slice(1))];
    if (place !== undefined) traveller.moveTo(place);
  },
  onTick: () => measured.beat(),
});

// The world's own sockets, for a look from outside at what waits in them.
const sockets = new Set<Socket>();
subscribe("net.server.socket", (message) => {
  const { socket } = message as { readonly socket: Socket };
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
});

// Loopback is not bounded per address; behind one, these are what a thousand players need.
const world = await openWorld(definition, {
  dataFolder: join(folder, "data"),
  heartbeatMinutes: 0,
  linksPerAddress: workload.players + 8,
  log: prettyLog((line) => process.stderr.write(`${line}\n`), "warn"),
});
measured.open(world.port);

export interface WaitingBytes {
  readonly links: number;
  /** Written to one link and not yet taken by the network, the most of all. */
  readonly most: number;
}

function waiting(): WaitingBytes {
  let most = 0;
  for (const socket of sockets) most = Math.max(most, socket.writableLength);
  return { links: world.stats().links, most };
}

process.on("message", (order: { readonly do: string }) => {
  if (order.do === "waiting") process.send?.({ waiting: waiting() });
  if (order.do === "close") void world.close().then(() => process.send?.({ closed: true }));
});
