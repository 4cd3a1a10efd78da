// Finds the picture of a tile: gid or class → texels on a page, and which frame of an animation shows now. Pure.
import type { SubstrateVersion, TileInfo, TilesetInfo } from "@sojourn/substrate";
import { tileIdOf } from "./flips.ts";
import type { Region } from "./quads.ts";

/** One tile as it is drawn. */
export interface TilePicture {
  readonly gid: number;
  readonly region: Region;
  readonly set: TilesetInfo;
  readonly info: TileInfo | undefined;
  /** Length of one round of the animation, ms; 0 for a still tile. */
  readonly roundMs: number;
}

/** Where a tileset's image lies on the pages; undefined when it could not be shown. */
export type ImagePlaces = (asset: string, transparent: string | undefined) => Region | undefined;

export class TileBook {
  private readonly sets: readonly TilesetInfo[];
  private readonly places: ImagePlaces;
  private readonly pictures = new Map<number, TilePicture | null>();
  private readonly infos = new Map<number, TileInfo>();
  private readonly classes = new Map<string, number>();

  constructor(version: Pick<SubstrateVersion, "tilesets">, places: ImagePlaces) {
    this.sets = [...version.tilesets].sort((a, b) => a.firstGid - b.firstGid);
    this.places = places;
    for (const set of this.sets) {
      for (const tile of set.tiles) {
        const gid = set.firstGid + tile.id;
        this.infos.set(gid, tile);
        if (tile.class !== undefined && !this.classes.has(tile.class)) this.classes.set(tile.class, gid);
      }
    }
  }

  /** The first tile of this class, over all tilesets in their order. */
  byClass(name: string): number | undefined {
    return this.classes.get(name);
  }

  /** What the author said of a tile. Flip bits are ignored. */
  info(gid: number): TileInfo | undefined {
    return this.infos.get(tileIdOf(gid));
  }

  /** The tile's own picture, whatever frame of it shows now. Flip bits are ignored. */
  picture(gid: number): TilePicture | undefined {
    const id = tileIdOf(gid);
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
    let left = timeMs % own.roundMs;
    for (const frame of own.info?.animation ?? []) {
      left -= frame.durationMs;
      if (left < 0) return this.picture(frame.gid) ?? own;
    }
    return own;
  }

  /** The largest overhang of any tile beyond its cell, pixels: how far outside the view one must look. */
  overhang(cellW: number, cellH: number): number {
    let most = 0;
    for (const set of this.sets) {
      const side = Math.max(set.tileSize.w, set.tileSize.h);
      most = Math.max(most, side - Math.min(cellW, cellH) + Math.max(Math.abs(set.tileOffset.x), Math.abs(set.tileOffset.y)));
    }
    return most;
  }

  private find(id: number): TilePicture | undefined {
    const set = this.sets.findLast((s) => s.firstGid <= id);
    if (set === undefined || id >= set.firstGid + set.tileCount || set.columns < 1) return undefined;
    const image = this.places(set.image.asset, set.image.transparent);
    if (image === undefined) return undefined;
    const { w, h } = set.tileSize;
    const local = id - set.firstGid;
    const x = set.margin + (local % set.columns) * (w + set.spacing);
    const y = set.margin + Math.floor(local / set.columns) * (h + set.spacing);
    if (x + w > image.w || y + h > image.h) return undefined;
    const info = this.infos.get(id);
    const roundMs = (info?.animation ?? []).reduce((sum, frame) => sum + frame.durationMs, 0);
    return { gid: id, region: { page: image.page, x: image.x + x, y: image.y + y, w, h }, set, info, roundMs };
  }
}
