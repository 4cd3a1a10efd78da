// How a gid becomes a picture: which part of which image, how turned, how large and where in its cell. Every renderer asks
// here, so that flips, spacing and odd tile sizes come out the same everywhere. Pure.
import type { ImageInfo, LayerInfo, StaticObject, SubstrateVersion, TileInfo, TilesetInfo } from "./types.ts";

export const FLIP_HORIZONTAL = 0x80000000;
export const FLIP_VERTICAL = 0x40000000;
/** Rows and columns change places; done before the other two. */
export const FLIP_DIAGONAL = 0x20000000;

/** A gid without its flip bits. */
export function plainGid(gid: number): number {
  return gid & 0x0fffffff;
}

export interface TileDraw {
  readonly tileset: TilesetInfo;
  /** What the author said of this tile, if anything. */
  readonly tile: TileInfo | undefined;
  readonly image: ImageInfo;
  /** The part of the image, pixels. */
  readonly source: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  /** Drawn so: first rows and columns change places (diagonal), then left and right, then up and down. */
  readonly flipDiagonal: boolean;
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
  /** In a tile layer: the drawn rectangle after flips, pixels from the upper left corner of its cell. */
  readonly place: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

/** Undefined for gid 0 and for a gid that no tileset has. */
export function tileDraw(version: Pick<SubstrateVersion, "tilesets" | "tileSize">, gid: number): TileDraw | undefined {
  const plain = plainGid(gid);
  const tileset = version.tilesets.find((set) => plain >= set.firstGid && plain < set.firstGid + set.tileCount);
  if (tileset === undefined) return undefined;
  const id = plain - tileset.firstGid;
  const { tileSize, margin, spacing, columns, part } = tileset;
  const flipDiagonal = (gid & FLIP_DIAGONAL) !== 0;
  return {
    tileset,
    tile: tileInfo(tileset, id),
    image: tileset.image,
    source: {
      x: (part?.x ?? 0) + margin + (id % columns) * (tileSize.w + spacing),
      y: (part?.y ?? 0) + margin + Math.floor(id / columns) * (tileSize.h + spacing),
      ...tileSize,
    },
    flipDiagonal,
    flipHorizontal: (gid & FLIP_HORIZONTAL) !== 0,
    flipVertical: (gid & FLIP_VERTICAL) !== 0,
    place: tilePlace(tileset, version.tileSize, flipDiagonal),
  };
}

/** A rectangle in pixels. */
export interface PixelBox {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Where in its cell of a tile layer a tile is drawn: lower left corner in lower left corner, turned as a whole when it is. */
export function tilePlace(tileset: TilesetInfo, cell: { readonly w: number; readonly h: number }, isTurned: boolean): PixelBox {
  const { tileSize, tileOffset } = tileset;
  const space = tileset.renderSize === "grid" ? cell : tileSize;
  const drawn = fitted(tileset, space.w, space.h);
  const [scaleX, scaleY] = [drawn.w / tileSize.w, drawn.h / tileSize.h];
  const [spaceW, spaceH] = isTurned ? [space.h, space.w] : [space.w, space.h];
  const [w, h] = isTurned ? [drawn.h, drawn.w] : [drawn.w, drawn.h];
  return {
    x: (spaceW - w) / 2 + tileOffset.x * scaleX,
    y: cell.h - spaceH + (spaceH - h) / 2 + tileOffset.y * scaleY,
    w,
    h,
  };
}

/** Where a tile's picture lies in a space of `w`×`h` pixels: it fills it, or keeps its shape in the middle of it. */
export function fitted({ tileSize, fillMode }: TilesetInfo, w: number, h: number): PixelBox {
  if (fillMode === undefined) return { x: 0, y: 0, w, h };
  const scale = Math.min(w / tileSize.w, h / tileSize.h);
  const size = { w: tileSize.w * scale, h: tileSize.h * scale };
  return { x: (w - size.w) / 2, y: (h - size.h) / 2, ...size };
}

/** The gid to show at a time: the animation's frame, flips kept; the gid itself where nothing moves. */
export function gidAt(tile: TileInfo | undefined, gid: number, timeMs: number): number {
  const frames = tile?.animation;
  if (frames === undefined || frames.length === 0) return gid;
  let left = timeMs % frames.reduce((sum, { durationMs }) => sum + durationMs, 0);
  let at = 0;
  while (left >= (frames[at]?.durationMs ?? Infinity)) left -= frames[at++]?.durationMs ?? 0;
  const frame = frames[at] ?? frames[0]!;
  return (frame.gid | (gid & 0xe0000000)) >>> 0;
}

/** The objects of one object layer, first drawn first. */
export function inDrawOrder(layer: LayerInfo, objects: Iterable<StaticObject>): StaticObject[] {
  const own = [...objects].filter((object) => object.layer === layer.order);
  const rank = (object: StaticObject): number =>
    layer.drawOrder === "index" ? (object.order ?? Number.MAX_SAFE_INTEGER) : object.y + (object.height ?? 1) / 2;
  return own.sort((a, b) => rank(a) - rank(b) || (a.order ?? 0) - (b.order ?? 0) || (a.id < b.id ? -1 : 1));
}

/** Tiles are kept by rising id. */
function tileInfo(tileset: TilesetInfo, id: number): TileInfo | undefined {
  let low = 0;
  let high = tileset.tiles.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tileset.tiles[middle] as TileInfo).id < id) low = middle + 1;
    else high = middle;
  }
  return tileset.tiles[low]?.id === id ? tileset.tiles[low] : undefined;
}
