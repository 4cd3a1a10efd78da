// One of the two worlds as a process of its own, its journal on disk and fsynced. node world.ts <name> <folder>
import { join } from "node:path";
import process from "node:process";
import { openWorld, type PeerEntry } from "@sojourn/world";
import { Measured } from "../measured.ts";
import { type YardName, yard } from "./yard.ts";

const TICK_MS = 50;
const [, , name = "", folder = ""] = process.argv;
const measured = new Measured(TICK_MS);
const world = await openWorld(await yard(name as YardName, join(folder, "map")), { dataFolder: join(folder, "data"), heartbeatMinutes: 0 });

process.on("message", (order: { readonly do: string; readonly peer?: PeerEntry }) => {
  if (order.do === "pin" && order.peer !== undefined) void world.addPeer(order.peer).then(() => process.send?.({ pinned: true }));
  if (order.do === "stats") process.send?.({ stats: world.stats() });
});
measured.open(world.port, { world: world.id, url: world.url });
