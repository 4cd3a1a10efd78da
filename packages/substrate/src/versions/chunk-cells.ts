// The 256 gids of one layer in one chunk, packed: each different gid once, in order of first appearance, and for every cell
// its number in that list in 0, 1, 2, 4 or 8 bits (lowest bits first). One sheet of cells has one packing. Pure.
import type { NodeMap, NodeValue } from "../blocks/node-codec.ts";
import { badShape, Fields, intWithin } from "./fields.ts";

export const CHUNK_CELLS = 256;
const WIDTHS = [0, 1, 2, 4, 8] as const;

/** `gids` has {@link CHUNK_CELLS} entries. */
export function packCells(gids: Uint32Array): NodeMap {
  const numbers = new Map<number, number>();
  for (const gid of gids) if (!numbers.has(gid)) numbers.set(gid, numbers.size);
  const width = widthFor(numbers.size);
  const cells = new Uint8Array((CHUNK_CELLS * width) / 8);
  if (width > 0) {
    gids.forEach((gid, i) => {
      const bit = i * width;
      cells[bit >> 3] = (cells[bit >> 3] as number) | ((numbers.get(gid) as number) << (bit & 7));
    });
  }
  return { gids: [...numbers.keys()], cells };
}

/** Throws BadShape. */
export function unpackCells(value: NodeValue, path: string): Uint32Array {
  const fields = new Fields(value, path);
  const gids = fields.list("gids", CHUNK_CELLS, (item, at) => intWithin(item, 0, 0xffffffff, at));
  const width = widthFor(gids.length);
  const cells = fields.bytes("cells", CHUNK_CELLS);
  fields.end();
  if (gids.length === 0 || cells.length !== (CHUNK_CELLS * width) / 8) return badShape(`${path}.cells has the wrong length`);
  const unpacked = new Uint32Array(CHUNK_CELLS);
  let seen = 0;
  for (let i = 0; i < CHUNK_CELLS; i++) {
    const bit = i * width;
    const number = width === 0 ? 0 : ((cells[bit >> 3] as number) >> (bit & 7)) & ((1 << width) - 1);
    if (number > seen || number >= gids.length) return badShape(`${path}.cells names gids out of order`);
    if (number === seen) seen++;
    unpacked[i] = gids[number] as number;
  }
  if (seen !== gids.length || new Set(gids).size !== gids.length) return badShape(`${path}.gids must be named once each`);
  return unpacked;
}

function widthFor(count: number): number {
  return WIDTHS.find((width) => count <= 1 << width) ?? 8;
}
