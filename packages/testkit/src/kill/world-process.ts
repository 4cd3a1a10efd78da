// One world as a process of its own, with failpoints around it. node world-process.ts <name> <folder> <port> <late ms>; orders come by IPC, what
// happened goes out as JSON lines.
import { mkdirSync, watch } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { fileJournal } from "@sojourn/runtime/node";
import { openWorld, type PeerEntry } from "@sojourn/world";
import { Failpoints, lateJournal, tell } from "./failpoints.ts";
import { fieldWorld, type WorldName } from "./field.ts";

export type WorldOrder =
  | { readonly do: "pin"; readonly peers: readonly PeerEntry[] }
  | { readonly do: "arm"; readonly point: string; readonly skip: number }
  /** Kills itself so many turns of the event loop after it began to write a version of what was built, or to close. */
  | { readonly do: "heartbeat" | "closing"; readonly turns: number };

const HEARTBEAT_MINUTES = 0.03;
/** Small enough that segments fill and checkpoints are made many times between two kills. */
const SIZES = { segmentBytes: 32_768, pieceBytes: 16_384, reserveBytes: 32_768 };
const CHECKPOINT_RECORDS = 60;

const [, , name, folder, port, lateMs, dieAt] = process.argv;
const failpoints = new Failpoints();
// Where it is to die while it opens, when that is asked.
failpoints.arm(dieAt ?? "", 0);
let onBuilt: (() => void) | undefined;
globalThis.fetch = failpoints.fetch(globalThis.fetch);

const world = await openWorld(await fieldWorld(name as WorldName, join(folder as string, "map")), {
  dataFolder: join(folder as string, "data"),
  port: Number(port),
  heartbeatMinutes: HEARTBEAT_MINUTES,
  linksPerAddress: 256,
  checkpointRecords: CHECKPOINT_RECORDS,
  openJournal: (folder, options) => {
    // A checkpoint that is being made shows itself by its file.
    mkdirSync(folder, { recursive: true });
    watch(folder, (_event, file) => {
      if (file?.endsWith(".checkpoint.new") === true) failpoints.reach("checkpoint");
    });
    const journal = fileJournal(folder, { ...options, sizes: SIZES, reached: (moment) => failpoints.reach(moment) });
    return failpoints.journal(Number(lateMs) > 0 ? lateJournal(journal, Number(lateMs)) : journal, (kinds) => {
      if (!kinds.has("build")) return;
      onBuilt?.();
      onBuilt = undefined;
    });
  },
});

process.on("message", (order: WorldOrder) => {
  switch (order.do) {
    case "pin":
      void Promise.all(order.peers.map((peer) => world.addPeer(peer))).then(() => tell({ pinned: order.peers.length }));
      break;
    case "arm":
      failpoints.arm(order.point, order.skip);
      break;
    case "heartbeat":
      // There must be something to write.
      onBuilt = () => {
        setImmediate(() => void world.heartbeat());
        afterTurns(order.turns + 1, "heartbeat");
      };
      break;
    case "closing":
      void world.close();
      afterTurns(order.turns, "closing");
      break;
  }
});
// The harness is gone: nobody would ever kill this one.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
tell({ open: { id: world.id, url: world.url } });
flushCompileCache();

function afterTurns(turns: number, point: string): void {
  if (turns <= 0) failpoints.strike(point);
  else setImmediate(() => afterTurns(turns - 1, point));
}
