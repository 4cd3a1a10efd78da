// The gids of a tile layer, from each of Tiled's encodings. How many there must be is known before anything is unpacked, so
// a small file cannot become a large one in memory.
import * as zlib from "node:zlib";
import { LIMITS } from "../limits.ts";
import type { Item } from "./item.ts";
import { badMap, unsupported } from "./problem.ts";

/** Part of a layer: `width`×`height` gids at tile (x, y), row by row. */
export interface CellArea {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly gids: Uint32Array;
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
const HEXAGON_BIT = 0x10000000;
const SAVE_AGAIN = "open the map in Tiled and save it again";

/** Tiles that may still be unpacked of one map's layers. */
export interface TileBudget {
  left: number;
  readonly all: number;
}

/**
 * What the layers of a map may have together: more where the file says more, so that a few bytes that unpack to very many cost no more
 * than a file that names so many.
 */
export function tileBudget(layers: readonly Item[]): TileBudget {
  const charsOf = (data: unknown): number => (typeof data === "string" ? data.length : Array.isArray(data) ? 2 * data.length : 0);
  const parts = layers.flatMap((layer) => {
    const chunks = layer.raw("chunks");
    return Array.isArray(chunks) ? chunks.map((chunk) => (chunk as { data?: unknown } | null)?.data) : [layer.raw("data")];
  });
  const chars = parts.reduce<number>((sum, data) => sum + charsOf(data), 0);
  const all = Math.min(LIMITS.mapTiles, Math.max(LIMITS.smallMapTiles, LIMITS.tilesPerMapChar * chars));
  return { left: all, all };
}

/** `size`: of the whole map, for layers that are not in chunks. */
export function layerCells(layer: Item, size: { width: number; height: number }, isInfinite: boolean, budget: TileBudget): CellArea[] {
  if (layer.has("chunks")) {
    if (!isInfinite) badMap(layer.where, `it is in chunks, but the map is not infinite; ${SAVE_AGAIN}`);
    const chunks = layer.items("chunks", LIMITS.mapTiles, (_, i) => `${layer.where}, chunk ${i}`);
    return chunks.map((chunk) => area(layer, chunk, chunk.int("width", 1, 4_096), chunk.int("height", 1, 4_096), budget));
  }
  if (isInfinite && !layer.has("data")) return [];
  const width = layer.int("width", 1, LIMITS.worldTiles, size.width);
  const height = layer.int("height", 1, LIMITS.worldTiles, size.height);
  if (!isInfinite && (width !== size.width || height !== size.height)) {
    badMap(layer.where, `it has ${width}×${height} tiles, and the map ${size.width}×${size.height}; ${SAVE_AGAIN}`);
  }
  return [area(layer, layer, width, height, budget)];
}

function area(layer: Item, part: Item, width: number, height: number, budget: TileBudget): CellArea {
  const count = width * height;
  budget.left -= count;
  if (budget.left < 0) {
    const remedy =
      budget.all < LIMITS.mapTiles ? " in a file that says so little of them: make the map infinite, or keep its layers as CSV" : "";
    badMap(part.where, `the map's layers have more than ${budget.all} tiles together${remedy}`);
  }
  const x = part === layer ? 0 : part.int("x", -LIMITS.coordinateTiles, LIMITS.coordinateTiles);
  const y = part === layer ? 0 : part.int("y", -LIMITS.coordinateTiles, LIMITS.coordinateTiles);
  const gids = decodeGids(layer, part, count);
  let hexagon = gids.length;
  while (--hexagon >= 0 && ((gids[hexagon] as number) & HEXAGON_BIT) === 0);
  if (hexagon >= 0) unsupported(part.where, `tile ${hexagon}, which is turned by 120 degrees,`, "turn tiles by quarter turns only");
  return { x, y, width, height, gids };
}

function decodeGids(layer: Item, part: Item, count: number): Uint32Array {
  const data = part.raw("data");
  if (Array.isArray(data)) return fromList(data, part.where, count);
  if (typeof data !== "string") return badMap(part.where, `it has no tile data; ${SAVE_AGAIN}`);
  const encoding = layer.text("encoding", "csv");
  if (encoding === "csv") return fromList(data.split(","), part.where, count);
  if (encoding !== "base64") return badMap(part.where, `its encoding "${encoding}" is not known; ${SAVE_AGAIN}`);
  return fromBase64(data, layer.text("compression", ""), part.where, count);
}

function fromList(cells: readonly unknown[], where: string, count: number): Uint32Array {
  if (cells.length !== count) badMap(where, `it has ${cells.length} tiles instead of ${count}; ${SAVE_AGAIN}`);
  const gids = new Uint32Array(count);
  cells.forEach((cell, i) => {
    const gid = typeof cell === "string" && /^\s*\d{1,10}\s*$/.test(cell) ? Number(cell) : cell;
    if (typeof gid !== "number" || !Number.isInteger(gid) || gid < 0 || gid > 0xffffffff) {
      badMap(where, `tile ${i} is ${JSON.stringify(cell)?.slice(0, 40)}, which is no gid; ${SAVE_AGAIN}`);
    }
    gids[i] = gid;
  });
  return gids;
}

function fromBase64(data: string, compression: string, where: string, count: number): Uint32Array {
  const text = data.replace(/\s+/g, "");
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) badMap(where, `its data is no base64; ${SAVE_AGAIN}`);
  const bytes = unpack(Buffer.from(text, "base64"), compression, where, count * 4);
  if (bytes.length !== count * 4) badMap(where, `its data unpacks to ${bytes.length} bytes instead of ${count * 4}; ${SAVE_AGAIN}`);
  // What was unpacked is read where it lies, where it can be: a second copy of a large layer is dear.
  if (bytes.byteOffset % 4 === 0 && IS_LITTLE_ENDIAN) return new Uint32Array(bytes.buffer, bytes.byteOffset, count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const gids = new Uint32Array(count);
  for (let i = 0; i < count; i++) gids[i] = view.getUint32(i * 4, true);
  return gids;
}

function unpack(bytes: Uint8Array, compression: string, where: string, maxOutputLength: number): Uint8Array {
  // In one piece, as its length is known: pieces are joined at the end, which takes the room twice.
  const options = { maxOutputLength, chunkSize: maxOutputLength + 64 };
  try {
    switch (compression) {
      case "":
      case "none":
        return bytes;
      case "zlib":
        return zlib.inflateSync(bytes, options);
      case "gzip":
        return zlib.gunzipSync(bytes, options);
      case "zstd":
        if (typeof zlib.zstdDecompressSync !== "function") break;
        return zlib.zstdDecompressSync(bytes, options);
    }
  } catch (error) {
    const isTooLong = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    const reason = isTooLong ? `unpacks to more than ${maxOutputLength} bytes` : `cannot be unpacked (${(error as Error).message})`;
    return badMap(where, `its ${compression} data ${reason}; ${SAVE_AGAIN}`);
  }
  return unsupported(
    where,
    `the compression "${compression}"`,
    "choose zlib in the map's properties in Tiled (zstd needs Node 22.15 or later)",
  );
}
