// One entry into a world, by a process that has just begun: from nothing, or from a cache in a folder, until one can walk and look around.
// node visit.ts <root> <url> <cache folder>
import process from "node:process";
import { valueOf } from "@sojourn/protocol";
import { httpStore, openVersion, solidsOf, streamVersion } from "@sojourn/substrate";
import { directoryStore } from "@sojourn/substrate/node";
import { rounded } from "../figures.ts";

/** As far as one is told of others by default, and a chunk more. */
export const RADIUS = 24 + 16;

export interface EntryFigures {
  readonly ms: number;
  readonly blocks: number;
  /** Content bytes that came over the network. */
  readonly bytes: number;
  readonly cachedBlocks: number;
  readonly heapMB: number;
}

const [, , root = "", url = "", folder = ""] = process.argv;
process.on("disconnect", () => process.exit(0));
const cache = directoryStore(folder, { durable: false });
const startMs = performance.now();
let spot = { x: 0, y: 0 };
const run = streamVersion(root, {
  cache,
  sources: [httpStore(url, { name: "world" })],
  isNearOnly: true,
  around: {
    spots: ({ zones }) => zones.map(({ x, y, w, h }) => ({ x: x + w / 2, y: y + h / 2 })),
    radius: RADIUS,
  },
});
const playable = valueOf(await run.playable);
const view = valueOf(await openVersion(root, cache));
const [start] = view.version.zones;
if (start !== undefined) spot = { x: start.x + start.w / 2, y: start.y + start.h / 2 };
await view.loadArea(spot.x - RADIUS, spot.y - RADIUS, spot.x + RADIUS, spot.y + RADIUS);
let seen = 0;
solidsOf(view).visit(spot.x - 8, spot.y - 8, spot.x + 8, spot.y + 8, () => {
  seen += 1;
});
if (seen === 0) throw new Error("nothing stands in the way around the start");
const ms = rounded(performance.now() - startMs);
const { fetchedBlocks: blocks, fetchedBytes: bytes, cachedBlocks } = playable;
const entered: EntryFigures = { ms, blocks, bytes, cachedBlocks, heapMB: rounded(process.memoryUsage().heapUsed / 1_048_576) };
process.send?.({ entered });
process.disconnect?.();
