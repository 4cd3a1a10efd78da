// Finds the picture of a tile: gid or class → texels on a page, and which frame of an animation shows now. Pure.
import { gidAt, plainGid, type SubstrateVersion, type TileInfo, type TilesetInfo, tileDraw, tilePlace } from "@sojourn/substrate";
import type { Region } from "./quads.ts";

/** One tile as it is drawn. */
export interface TilePicture {
  readonly gid: number;
  /** On the pages, and in the tileset's own image. */
  readonly region: Region;
  readonly source: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly set: TilesetInfo;
  readonly info: TileInfo | undefined;
  /** Length of one round of the animation, ms; 0 for a still tile. */
  readonly roundMs: number;
}

/** Where a tileset's image lies on the pages; undefined when it could not be shown. */
export type ImagePlaces = (asset: string, transparent: string | undefined) => Region | undefined;

type Tiles = Pick<SubstrateVersion, "tilesets" | "tileSize">;

export class TileBook {
  private readonly version: Tiles;
  private readonly places: ImagePlaces;
  private readonly pictures = new Map<number, TilePicture | null>();
  private readonly classes = new Map<string, number>();

  constructor(version: Tiles, places: ImagePlaces) {
    this.version = version;
    this.places = places;
    for (const set of [...version.tilesets].sort((a, b) => a.firstGid - b.firstGid)) {
      for (const tile of set.tiles) {
        if (tile.class !== undefined && !this.classes.has(tile.class)) this.classes.set(tile.class, set.firstGid + tile.id);
      }
    }
  }

  /** The first tile of this class, over all tilesets in their order. */
  byClass(name: string): number | undefined {
    return this.classes.get(name);
  }

  /** The tile's own picture, whatever frame of it shows now. Flip bits are ignored. */
  picture(gid: number): TilePicture | undefined {
    const id = plainGid(gid);
    const known = this.pictures.get(id);
    if (known !== undefined) return known ?? undefined;
    const made = this.find(id);
    this.pictures.set(id, made ?? null);
    return made;
  }

  /** The picture that shows at a time: the tile's own, or the frame its animation is at. */
  pictureAt(gid: number, timeMs: number): TilePicture | undefined {
    const own = this.picture(gid);
    if (own === undefined || own.roundMs === 0) return own;
    return this.picture(gidAt(own.info, gid, timeMs)) ?? own;
  }

  /** The largest overhang of any tile beyond its cell, pixels: how far outside the view one must look. */
  overhang(cellW: number, cellH: number): number {
    let most = 0;
    for (const set of this.version.tilesets) {
      for (const isTurned of [false, true]) {
        const { x, y, w, h } = tilePlace(set, { w: cellW, h: cellH }, isTurned);
        most = Math.max(most, -x, -y, x + w - cellW, y + h - cellH);
      }
    }
    return most;
  }

  private find(id: number): TilePicture | undefined {
    const draw = tileDraw(this.version, id);
    const image = draw === undefined ? undefined : this.places(draw.image.asset, draw.image.transparent);
    if (draw === undefined || image === undefined) return undefined;
    const { x, y, w, h } = draw.source;
    if (x + w > image.w || y + h > image.h) return undefined;
    const info = draw.tile;
    const roundMs = (info?.animation ?? []).reduce((sum, frame) => sum + frame.durationMs, 0);
    const region = { page: image.page, x: image.x + x, y: image.y + y, w, h };
    return { gid: id, region, source: draw.source, set: draw.tileset, info, roundMs };
  }
}
