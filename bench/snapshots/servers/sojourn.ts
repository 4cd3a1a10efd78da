// The target "sojourn": a real world with everything a world does, on a workload's map. node sojourn-server.ts <workload> <folder>
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
  things: { lamp: { title: "Lamp", sprite: "lamp" } },
  // A traveller's name says which walker they are.
  onEnter: ({ traveller }) => {
    const place = places[Number(traveller.name.slice(1))];
    if (place !== undefined) traveller.moveTo(place);
  },
  onTick: () => measured.beat(),
});

// Loopback is not bounded per address; behind one, these are what a thousand players need.
const world = await openWorld(definition, {
  dataFolder: join(folder, "data"),
  heartbeatMinutes: 0,
  linksPerAddress: workload.players + 8,
  log: prettyLog((line) => process.stderr.write(`${line}\n`), "warn"),
});
measured.open(world.port);
process.on("message", (order: { readonly do: string }) => {
  if (order.do === "stats") process.send?.({ stats: world.stats() });
  if (order.do === "close") void world.close().then(() => process.send?.({ closed: true }));
});
