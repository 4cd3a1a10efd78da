// Everything in this room that reads bytes of strangers, by name, as one table: so that all of it can be measured and attacked, and
// nobody has to remember what there is. A decoder gives a value or a fault; for these bytes it never throws.
import { ok, type Result } from "@sojourn/protocol";
import { readImageHeader } from "./assets/image.ts";
import { parseContentId } from "./blocks/content-id.ts";
import { decodeNode, type NodeValue } from "./blocks/node-codec.ts";
import { openCar } from "./cars/car.ts";
import { readHead } from "./heads/head-record.ts";
import { readHeartbeatNode } from "./heads/heartbeat.ts";
import { readSuccession } from "./heads/succession.ts";
import { readListPage } from "./s3/list-page.ts";
import { layerCells, tileBudget } from "./tiled/cells.ts";
import { treeFromBytes } from "./tiled/files.ts";
import { Item } from "./tiled/item.ts";
import { flatLayers } from "./tiled/layers.ts";
import { MapProblem } from "./tiled/problem.ts";
import { readChunk } from "./versions/chunk-codec.ts";
import { readIndexNode } from "./versions/index-tree.ts";
import { readRoot } from "./versions/root-codec.ts";
import { readScene } from "./versions/scene-codec.ts";
import type { LayerInfo } from "./versions/types.ts";

export type Decoder = (bytes: Uint8Array) => unknown;

/** What a chunk's layers are checked against: as many as a version may have. */
const LAYERS = Array.from({ length: 8 }, (_, i) => ({
  name: `layer ${i}`,
  kind: i % 2 === 0 ? "tile" : "object",
})) as unknown as LayerInfo[];

export const DECODERS: Readonly<Record<string, Decoder>> = {
  "content id": (bytes) => parseContentId(textOf(bytes)),
  node: (bytes) => decodeNode(bytes),
  root: (bytes) => ofNode(bytes, readRoot),
  scene: (bytes) => ofNode(bytes, readScene),
  chunk: (bytes) => ofNode(bytes, (value) => readChunk(value, 0, 0, { layers: LAYERS })),
  "index node": (bytes) => readIndexNode({ cid: "", blocks: 2, bytes: Number.MAX_SAFE_INTEGER }, 1, async () => decodeNode(bytes)),
  car: readCar,
  "image header": (bytes) => readImageHeader(bytes),
  "tiled map": readTiled,
  head: (bytes) => readHead(bytes),
  heartbeat: (bytes) => readHeartbeatNode(bytes),
  "statement of heirs": (bytes) => readSuccession(bytes),
  "list of a bucket": (bytes) => readListPage(textOf(bytes), "s3"),
};

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function ofNode(bytes: Uint8Array, read: (value: NodeValue) => unknown): unknown {
  const node = decodeNode(bytes);
  return node.ok ? read(node.value) : node;
}

async function readCar(bytes: Uint8Array): Promise<Result<number>> {
  const car = await openCar([bytes]);
  if (!car.ok) return car;
  let blocks = 0;
  for await (const block of car.value.blocks()) {
    if (!block.ok) return block;
    blocks++;
  }
  return ok(blocks);
}

/** A map's file and the tiles of its layers; its other files are read as maps are. */
function readTiled(bytes: Uint8Array): Result<number> {
  try {
    const map = new Item(treeFromBytes(bytes, "map"), "map");
    const isInfinite = map.truth("infinite", false);
    const size = { width: map.int("width", 0, 1_048_576, 0), height: map.int("height", 0, 1_048_576, 0) };
    let tiles = 0;
    const layers = flatLayers(map, "map").flatMap(({ item, info }) => (info.kind === "tile" ? [item] : []));
    const budget = tileBudget(layers);
    for (const layer of layers) for (const { gids } of layerCells(layer, size, isInfinite, budget)) tiles += gids.length;
    return ok(tiles);
  } catch (error) {
    if (error instanceof MapProblem)
      return { ok: false, fault: { code: error.code, blame: "client", detail: error.message, retryAfterMs: 0 } };
    throw error;
  }
}
