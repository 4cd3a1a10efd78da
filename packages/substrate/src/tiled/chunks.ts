// Cuts the plane into chunks: cells, solid tiles, solid boxes and objects, each into the chunk it lies in.
import { LIMITS } from "../limits.ts";
import { CHUNK_CELLS } from "../versions/chunk-cells.ts";
import { SOLID_BYTES } from "../versions/chunk-codec.ts";
import { chunkAt, type Scene } from "../versions/scene.ts";
import type { Box, Chunk, StaticObject } from "../versions/types.ts";
import { badMap } from "./problem.ts";

const SIDE = LIMITS.chunkTiles;

interface Draft {
  readonly cx: number;
  readonly cy: number;
  readonly layers: Map<number, Uint32Array>;
  readonly solid: Uint8Array;
  readonly boxes: Box[];
  readonly objects: StaticObject[];
}

export class ChunkCutter {
  readonly #bounds: Scene["bounds"];
  readonly #drafts: Map<string, Draft> = new Map();

  readonly #file: string;
  #boxes = 0;

  constructor(bounds: Scene["bounds"], file: string) {
    this.#bounds = bounds;
    this.#file = file;
  }

  setCell(layer: number, x: number, y: number, gid: number): void {
    const draft = this.#draft(Math.floor(x / SIDE), Math.floor(y / SIDE));
    const cells = draft.layers.get(layer) ?? new Uint32Array(CHUNK_CELLS);
    draft.layers.set(layer, cells);
    cells[cellOf(draft, x, y)] = gid;
  }

  /** The cells of a layer that show something, row after row over the whole plane. What is added meanwhile is not seen. */
  eachCell(layer: number, see: (x: number, y: number, gid: number) => void): void {
    const rows = new Map<number, Draft[]>();
    for (const draft of this.#sorted()) rows.set(draft.cy, [...(rows.get(draft.cy) ?? []), draft]);
    for (const [cy, drafts] of rows) {
      for (let y = 0; y < SIDE; y++) {
        for (const draft of drafts) {
          const gids = draft.layers.get(layer);
          if (gids === undefined) continue;
          for (let x = 0; x < SIDE; x++) {
            const gid = gids[y * SIDE + x] as number;
            if (gid !== 0) see(draft.cx * SIDE + x, cy * SIDE + y, gid);
          }
        }
      }
    }
  }

  setSolid(x: number, y: number): void {
    const draft = this.#draft(Math.floor(x / SIDE), Math.floor(y / SIDE));
    const bit = cellOf(draft, x, y);
    draft.solid[bit >> 3] = (draft.solid[bit >> 3] as number) | (1 << (bit & 7));
  }

  /** Cut along the chunks it touches; what lies outside of the world is solid anyway. */
  addBox([x0, y0, x1, y1]: Box): void {
    const bounds = this.#bounds;
    const [left, top] = [Math.max(x0, bounds.x0), Math.max(y0, bounds.y0)];
    const [right, lower] = [Math.min(x1, bounds.x1), Math.min(y1, bounds.y1)];
    if (left >= right || top >= lower) return;
    this.#boxes += Math.ceil((right - left) / SIDE + 1) * Math.ceil((lower - top) / SIDE + 1);
    if (this.#boxes > LIMITS.mapBoxes)
      badMap(this.#file, `its solid shapes come to more than ${LIMITS.mapBoxes} boxes; use solid tiles or fewer shapes`);
    for (let cy = Math.floor(top / SIDE); cy < Math.ceil(lower / SIDE); cy++) {
      for (let cx = Math.floor(left / SIDE); cx < Math.ceil(right / SIDE); cx++) {
        const part = [
          Math.max(left, cx * SIDE),
          Math.max(top, cy * SIDE),
          Math.min(right, (cx + 1) * SIDE),
          Math.min(lower, (cy + 1) * SIDE),
        ];
        this.#draft(cx, cy).boxes.push(part as unknown as Box);
      }
    }
  }

  addObject(object: StaticObject): void {
    const { cx, cy } = chunkAt(this.#bounds, object.x, object.y);
    this.#draft(cx, cy).objects.push(object);
  }

  /** Row by row. */
  chunks(): Chunk[] {
    return this.#sorted().map(({ layers, ...draft }) => ({ ...draft, layers: [...layers].map(([layer, gids]) => ({ layer, gids })) }));
  }

  #sorted(): Draft[] {
    return [...this.#drafts.values()].sort((a, b) => a.cy - b.cy || a.cx - b.cx);
  }

  #draft(cx: number, cy: number): Draft {
    const key = `${cx},${cy}`;
    const known = this.#drafts.get(key);
    if (known !== undefined) return known;
    const draft: Draft = { cx, cy, layers: new Map(), solid: new Uint8Array(SOLID_BYTES), boxes: [], objects: [] };
    this.#drafts.set(key, draft);
    return draft;
  }
}

function cellOf({ cx, cy }: Draft, x: number, y: number): number {
  return (y - cy * SIDE) * SIDE + (x - cx * SIDE);
}
