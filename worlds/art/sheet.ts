// A tileset in the making: pictures go in by name, one PNG and one Tiled tileset (.tsj) come out. Pictures larger than a
// tile are cut into tiles that stay side by side, moving pictures become Tiled animations.
import { Bitmap } from "./bitmap.ts";

export const TILE = 16;
const COLUMNS = 16;

export interface TileMeta {
  /** What it is to the world: an entity or item kind. */
  readonly type?: string;
  /** true: the whole tile blocks; a box in pixels: only that part does. For pictures of several tiles, of the whole picture. */
  readonly solid?: boolean | Box;
  /** How far it shines, in tiles, and in which colour. */
  readonly light?: { readonly radius: number; readonly colour: string };
  readonly frameMs?: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Tile {
  readonly id: number;
  readonly frames: readonly number[];
  readonly meta: TileMeta;
  readonly solidBox: Box | undefined;
  readonly solid: boolean;
}

/** A named picture's tiles, row by row; undefined where the picture is empty. */
export interface Piece {
  readonly across: number;
  readonly down: number;
  readonly ids: readonly (number | undefined)[];
}

const DEFAULT_FRAME_MS = 140;

export class Sheet {
  readonly name: string;
  private readonly cells: Bitmap[] = [];
  private readonly taken: boolean[] = [];
  private readonly tiles: Tile[] = [];
  private readonly pieces: Map<string, Piece> = new Map();

  constructor(name: string) {
    this.name = name;
  }

  /** Adds a picture (or its frames, all of one size). The name is how maps ask for it. */
  add(name: string, art: Bitmap | readonly Bitmap[], meta: TileMeta = {}): void {
    const frames = art instanceof Bitmap ? [art] : art;
    const first = frames[0] as Bitmap;
    const across = Math.ceil(first.width / TILE);
    const down = Math.ceil(first.height / TILE);
    if (this.pieces.has(name)) throw new Error(`${this.name}: two pictures are called "${name}"`);
    const moving = frames.length > 1;
    const homes =
      moving && across * frames.length > COLUMNS ? frames.map(() => this.claim(across, down)) : this.strip(across, down, frames.length);
    const ids: (number | undefined)[] = [];
    for (let ty = 0; ty < down; ty++)
      for (let tx = 0; tx < across; tx++) {
        const cuts = frames.map((frame) => frame.cut(tx * TILE, ty * TILE, TILE, TILE));
        ids.push(
          this.addTile(
            cuts,
            homes.map((home) => home + ty * COLUMNS + tx),
            { tx, ty },
            meta,
          ),
        );
      }
    this.pieces.set(name, { across, down, ids });
  }

  private strip(across: number, down: number, count: number): number[] {
    const home = this.claim(across * count, down);
    return Array.from({ length: count }, (_, i) => home + i * across);
  }

  private addTile(cuts: readonly Bitmap[], homes: readonly number[], at: { tx: number; ty: number }, meta: TileMeta): number | undefined {
    cuts.forEach((cut, i) => {
      this.cells[homes[i] as number] = cut;
    });
    if (cuts.every((cut) => cut.isEmpty())) return undefined;
    const still = cuts.every((cut) => cut.equals(cuts[0] as Bitmap));
    const id = homes[0] as number;
    const solidBox = typeof meta.solid === "object" ? clip(meta.solid, at.tx * TILE, at.ty * TILE) : undefined;
    const whole = solidBox !== undefined && solidBox.width === TILE && solidBox.height === TILE;
    this.tiles.push({ id, frames: still ? [] : homes, meta, solidBox: whole ? undefined : solidBox, solid: whole || meta.solid === true });
    return id;
  }

  /** First free place that is wide and tall enough, top to bottom. */
  private claim(across: number, down: number): number {
    for (let y = 0; ; y++)
      for (let x = 0; x + across <= COLUMNS; x++) {
        const spots = Array.from({ length: across * down }, (_, i) => (y + Math.floor(i / across)) * COLUMNS + x + (i % across));
        if (spots.some((spot) => this.taken[spot])) continue;
        for (const spot of spots) this.taken[spot] = true;
        return y * COLUMNS + x;
      }
  }

  piece(name: string): Piece {
    const piece = this.pieces.get(name);
    if (piece === undefined) throw new Error(`${this.name}: no picture is called "${name}"`);
    return piece;
  }

  get rows(): number {
    return Math.ceil(this.taken.length / COLUMNS);
  }

  image(): Bitmap {
    const out = new Bitmap(COLUMNS * TILE, this.rows * TILE);
    this.cells.forEach((cell, id) => {
      out.blit(cell, (id % COLUMNS) * TILE, Math.floor(id / COLUMNS) * TILE);
    });
    return out;
  }

  /** The Tiled tileset, as text. */
  tsj(): string {
    const image = this.image();
    const tiles = [...this.tiles]
      .sort((a, b) => a.id - b.id)
      .map(tileJson)
      .filter((tile) => Object.keys(tile).length > 1);
    const head = {
      columns: COLUMNS,
      image: `${this.name}.png`,
      imageheight: image.height,
      imagewidth: image.width,
      margin: 0,
      name: this.name,
      spacing: 0,
      tilecount: COLUMNS * this.rows,
      tiledversion: "1.11.0",
      tileheight: TILE,
    };
    const lines = tiles.map((tile) => `  ${JSON.stringify(tile)}`).join(",\n");
    const open = JSON.stringify(head, null, 1).slice(0, -2);
    return `${open},\n "tiles": [\n${lines}\n ],\n "tilewidth": ${TILE},\n "type": "tileset",\n "version": "1.10"\n}\n`;
  }
}

function clip(box: Box, left: number, top: number): Box | undefined {
  const x0 = Math.max(box.x - left, 0);
  const y0 = Math.max(box.y - top, 0);
  const x1 = Math.min(box.x + box.width - left, TILE);
  const y1 = Math.min(box.y + box.height - top, TILE);
  return x0 < x1 && y0 < y1 ? { x: x0, y: y0, width: x1 - x0, height: y1 - y0 } : undefined;
}

function tileJson(tile: Tile): Record<string, unknown> {
  const { meta } = tile;
  const properties = [
    ...(meta.light === undefined
      ? []
      : [
          { name: "glow", type: "color", value: meta.light.colour },
          { name: "light", type: "float", value: meta.light.radius },
        ]),
    ...(tile.solid ? [{ name: "solid", type: "bool", value: true }] : []),
  ];
  return {
    ...(tile.frames.length > 0 ? { animation: tile.frames.map((tileid) => ({ duration: meta.frameMs ?? DEFAULT_FRAME_MS, tileid })) } : {}),
    id: tile.id,
    ...(tile.solidBox === undefined ? {} : { objectgroup: collisionGroup(tile.solidBox) }),
    ...(properties.length > 0 ? { properties } : {}),
    ...(meta.type === undefined ? {} : { type: meta.type }),
  };
}

function collisionGroup(box: Box): Record<string, unknown> {
  const object = { height: box.height, id: 1, name: "", rotation: 0, type: "solid", visible: true, width: box.width, x: box.x, y: box.y };
  return { draworder: "index", name: "", objects: [object], opacity: 1, type: "objectgroup", visible: true, x: 0, y: 0 };
}
