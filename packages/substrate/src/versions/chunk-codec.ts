// A chunk as a node: 16×16 tiles of every layer, what of them is solid, and the static objects whose centre is inside.
// It carries its own place, so that an index cannot show it somewhere else. Pure.
import type { Result } from "@sojourn/protocol";
import { decodeNode, type NodeMap, type NodeValue } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import { packCells, unpackCells } from "./chunk-cells.ts";
import { badShape, Fields, intWithin, readShape } from "./fields.ts";
import { objectNode, readObject, STEPS_PER_UNIT, toSteps } from "./object-codec.ts";
import type { Box, Chunk, StaticObject, SubstrateVersion } from "./types.ts";

export const SOLID_BYTES = 32;
/** Shared by all chunks in which no tile is solid. */
const NOTHING_SOLID: Uint8Array = new Uint8Array(SOLID_BYTES);
const NO_BOXES: readonly Box[] = [];
const NO_OBJECTS: readonly StaticObject[] = [];
const SIDE_STEPS = LIMITS.chunkTiles * STEPS_PER_UNIT;

export function chunkIsEmpty(chunk: Chunk): boolean {
  return chunk.layers.length === 0 && chunk.boxes.length === 0 && chunk.objects.length === 0 && chunk.solid.every((byte) => byte === 0);
}

/** Canonical: layers by number, objects by id; boxes in the order given. */
export function chunkNode(chunk: Chunk): NodeMap {
  const node: Record<string, NodeValue> = {
    at: [chunk.cx, chunk.cy],
    layers: [...chunk.layers].sort((a, b) => a.layer - b.layer).map(({ layer, gids }) => ({ layer, ...packCells(gids) })),
    objects: [...chunk.objects].sort((a, b) => (a.id < b.id ? -1 : 1)).map(objectNode),
  };
  if (chunk.solid.some((byte) => byte !== 0)) node.solid = chunk.solid;
  if (chunk.boxes.length > 0) node.boxes = chunk.boxes.flatMap((box) => boxSteps(chunk, box));
  return node;
}

function boxSteps({ cx, cy }: Chunk, [x0, y0, x1, y1]: Box): number[] {
  const left = cx * LIMITS.chunkTiles;
  const top = cy * LIMITS.chunkTiles;
  return [toSteps(x0 - left), toSteps(y0 - top), toSteps(x1 - left), toSteps(y1 - top)];
}

/** Fault `bad-block`: the node is no chunk of this version, or not the one at `cx`, `cy`. */
export function readChunk(value: NodeValue, cx: number, cy: number, version: Pick<SubstrateVersion, "layers">): Result<Chunk> {
  return readShape(`chunk (${cx}, ${cy})`, () => {
    const fields = new Fields(value, "chunk");
    const at = fields.list("at", 2, (item, path) => intWithin(item, -LIMITS.coordinateTiles, LIMITS.coordinateTiles, path));
    if (at.length !== 2 || at[0] !== cx || at[1] !== cy) badShape(`it says it lies at (${at.join(", ")})`);
    const packed = fields.list("layers", LIMITS.layers, (item) => item);
    const layers = unpackLayers(packed, version);
    if (layers.some(({ layer }, i) => i > 0 && layer <= (layers[i - 1]?.layer ?? -1))) badShape("its layers are out of order");
    const objects = fields.list("objects", LIMITS.objectsPerChunk, readObject);
    if (objects.some(({ id }, i) => i > 0 && id <= (objects[i - 1]?.id ?? ""))) badShape("its objects are out of order");
    if (objects.some(({ layer }) => version.layers[layer]?.kind !== "object")) badShape("an object lies in no object layer");
    const solid = fields.has("solid") ? fields.bytes("solid", SOLID_BYTES) : NOTHING_SOLID;
    if (solid.length !== SOLID_BYTES) badShape("its solid tiles have the wrong length");
    const boxes = fields.has("boxes") ? readBoxes(fields, cx, cy) : [];
    fields.end();
    return { cx, cy, layers, solid, boxes, objects };
  });
}

/** Chunks whose tiles were read again of late: a picture looks at each once for every layer. */
const recent = new Map<Uint8Array, Chunk>();

/**
 * A chunk that was read from these bytes, as it is kept: what is looked at once and rarely again, its tiles, is read from them again when
 * it is asked for. A world has a million chunks; most are never looked at.
 */
export function keptChunk(bytes: Uint8Array, { cx, cy, solid, boxes, objects }: Chunk, version: Pick<SubstrateVersion, "layers">): Chunk {
  const kept = bytes.slice();
  const again = (): Chunk => {
    const known = recent.get(kept);
    if (known !== undefined) return known;
    const node = decodeNode(kept);
    const chunk = node.ok ? readChunk(node.value, cx, cy, version) : node;
    if (!chunk.ok) throw new Error(`chunk (${cx}, ${cy}) was read before: ${chunk.fault.detail}`);
    if (recent.size >= LIMITS.recentChunks) recent.delete(recent.keys().next().value as Uint8Array);
    recent.set(kept, chunk.value);
    return chunk.value;
  };
  const isSolid = solid.some((byte) => byte !== 0);
  return {
    ...{ cx, cy, boxes: boxes.length > 0 ? boxes : NO_BOXES, objects: objects.length > 0 ? objects : NO_OBJECTS },
    get layers() {
      return again().layers;
    },
    get solid() {
      return isSolid ? again().solid : NOTHING_SOLID;
    },
  };
}

function unpackLayers(items: readonly NodeValue[], version: Pick<SubstrateVersion, "layers">): Chunk["layers"] {
  return items.map((item, i) => readLayer(item, `chunk.layers[${i}]`, version));
}

function readLayer(item: NodeValue, path: string, version: Pick<SubstrateVersion, "layers">): Chunk["layers"][number] {
  const fields = new Fields(item, path);
  const layer = fields.int("layer", 0, LIMITS.layers - 1);
  if (version.layers[layer]?.kind !== "tile") badShape(`${path}.layer is no tile layer`);
  return { layer, gids: unpackCells({ gids: fields.raw("gids"), cells: fields.raw("cells") }, path) };
}

function readBoxes(fields: Fields, cx: number, cy: number): Box[] {
  const steps = fields.list("boxes", LIMITS.boxesPerChunk * 4, (item, path) => intWithin(item, 0, SIDE_STEPS, path));
  if (steps.length % 4 !== 0) badShape("its boxes have the wrong length");
  const boxes: Box[] = [];
  for (let i = 0; i < steps.length; i += 4) {
    const [x0, y0, x1, y1] = steps.slice(i, i + 4) as [number, number, number, number];
    if (x0 >= x1 || y0 >= y1) badShape("one of its boxes has no area");
    const left = cx * LIMITS.chunkTiles;
    const top = cy * LIMITS.chunkTiles;
    boxes.push([left + x0 / STEPS_PER_UNIT, top + y0 / STEPS_PER_UNIT, left + x1 / STEPS_PER_UNIT, top + y1 / STEPS_PER_UNIT]);
  }
  return boxes;
}
