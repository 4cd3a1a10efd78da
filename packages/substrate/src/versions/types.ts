// What a version of the static world is, decoded: plain frozen-by-type data. 1 unit = 1 map tile, x right, y down.
// Pixels appear only where a picture is described, and say so.
import type { ContentId, Result, TravellerId } from "@sojourn/protocol";

/** An author's custom property: text, number, truth, or a class of further properties. */
export type PropertyValue = string | number | boolean | Properties;
export interface Properties {
  readonly [name: string]: PropertyValue;
}

export type AssetMime = "image/png" | "image/jpeg" | "image/webp";

/** `cid` names one raw block, or (over 1 MiB) the list of its parts; read it with `view.asset(cid)`. */
export interface AssetInfo {
  readonly cid: ContentId;
  readonly mime: AssetMime;
  readonly bytes: number;
  /** Pixels. */
  readonly width?: number;
  readonly height?: number;
}

/** A picture as a tileset or image layer uses it. Pixels equal to `transparent` (`#rrggbb`) are not drawn. */
export interface ImageInfo {
  readonly asset: ContentId;
  readonly mime: AssetMime;
  readonly width: number;
  readonly height: number;
  readonly transparent?: string;
}

export interface AnimationFrame {
  /** The tile shown, as a gid without flip bits. */
  readonly gid: number;
  readonly durationMs: number;
}

/** What an author said of one tile; `id` counts from 0 within its tileset. */
export interface TileInfo {
  readonly id: number;
  readonly class?: string;
  readonly animation?: readonly AnimationFrame[];
  /** The whole cell stops movement. */
  readonly solid?: boolean;
  /** What of it stops movement, as an author drew it: corners in pixels from the tile's upper left corner, kept to 1/256. */
  readonly shapes?: readonly (readonly (readonly [number, number])[])[];
  readonly properties?: Properties;
}

/** Tiles cut from one image, row by row. A gid belongs to the set with `firstGid <= gid < firstGid + tileCount`. */
export interface TilesetInfo {
  readonly name: string;
  readonly firstGid: number;
  readonly tileCount: number;
  readonly columns: number;
  readonly image: ImageInfo;
  /** Pixels, as are margin, spacing and tileOffset. */
  readonly tileSize: { readonly w: number; readonly h: number };
  readonly margin: number;
  readonly spacing: number;
  readonly tileOffset: { readonly x: number; readonly y: number };
  /** `tile`: drawn at its own size, bottom left in the cell. `grid`: scaled into the cell. */
  readonly renderSize: "tile" | "grid";
  /** Where a tile is not drawn at its own size: the whole space is filled, or the tile keeps its shape in the middle of it. */
  readonly fillMode?: "preserve-aspect-fit";
  /** The upper left corner, in the image, of the part that the tiles are cut from; its own corner when not given. */
  readonly part?: { readonly x: number; readonly y: number };
  readonly class?: string;
  /** Only tiles of which something is said, by rising id. */
  readonly tiles: readonly TileInfo[];
  readonly properties?: Properties;
}

export interface LayerInfo {
  /** Drawn from 0 upwards; also the `layer` of tiles and objects. */
  readonly order: number;
  readonly name: string;
  readonly class?: string;
  readonly kind: "tile" | "object" | "image";
  readonly visible: boolean;
  /** 0 to 1, groups multiplied in. */
  readonly opacity: number;
  /** `#rrggbb` or `#rrggbbaa`, multiplied into every pixel. */
  readonly tint?: string;
  /** Pixels, groups added in. Always 0 for object layers, whose objects stand where they say. */
  readonly offset: { readonly x: number; readonly y: number };
  /** 1 moves with the world, 0 stays with the view. */
  readonly parallax: { readonly x: number; readonly y: number };
  /** Object layers: `topdown` draws by rising lower edge, `index` by rising `order` of the object. */
  readonly drawOrder?: "topdown" | "index";
  /** Image layers only; its top left corner is at `offset`. */
  readonly image?: ImageInfo & { readonly repeatX: boolean; readonly repeatY: boolean };
  readonly properties?: Properties;
}

/** A named point or area an author drew: spawn, portal, region. Units; x and y are the upper left corner of its bounding box. */
export interface Zone {
  readonly id: string;
  readonly name: string;
  /** The author's class (Tiled: class or type); empty when none was given. */
  readonly class: string;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly shape: "rectangle" | "ellipse" | "point" | "polygon" | "polyline";
  /** Corners of a polygon or polyline, in units of the world. */
  readonly points?: readonly (readonly [number, number])[];
  readonly properties: Properties;
}

/** Something that stands in the world and outlives its authority. x and y are its centre, in units (kept to 1/256). */
export interface StaticObject {
  /** Unique in the version: `m<number>` for what the map brought, the world's own choice for what travellers placed. */
  readonly id: string;
  /** The author's class, or an item kind; `tile` where none was given. */
  readonly kind: string;
  readonly x: number;
  readonly y: number;
  readonly layer: number;
  /** The tile it shows, flip bits included. */
  readonly gid?: number;
  /** Units; 1 when not given. */
  readonly width?: number;
  readonly height?: number;
  /** Degrees clockwise about the centre, in pixel space. */
  readonly rotation?: number;
  /** It stops movement with its bounding box. */
  readonly solid?: boolean;
  /** Parts of it that stop movement, in units from its centre. */
  readonly boxes?: readonly Box[];
  readonly hidden?: boolean;
  /** 0 to 1, kept to 1/1000; 1 when not given. */
  readonly opacity?: number;
  readonly name?: string;
  readonly text?: string;
  readonly by?: TravellerId;
  /** Place in the drawing order of a layer with `drawOrder: "index"`. */
  readonly order?: number;
  readonly properties?: Properties;
}

/** x0, y0, x1, y1 in units. */
export type Box = readonly [number, number, number, number];

export interface ChunkCoord {
  readonly cx: number;
  readonly cy: number;
}

/** Tiles `cx*16 … cx*16+15`, `cy*16 … cy*16+15`. */
export interface Chunk extends ChunkCoord {
  /** One entry for each tile layer that has a tile here: 256 gids, row by row, 0 = empty, Tiled's flip bits kept. */
  readonly layers: readonly { readonly layer: number; readonly gids: Uint32Array }[];
  /** 256 bits, row by row, lowest bit first: the whole tile stops movement. */
  readonly solid: Uint8Array;
  /** Further solid boxes, clipped to this chunk. */
  readonly boxes: readonly Box[];
  readonly objects: readonly StaticObject[];
}

export interface SubstrateVersion {
  readonly root: ContentId;
  readonly name: string;
  readonly parent: ContentId | null;
  readonly tick: number;
  readonly timeMs: number;
  /** Tiles. */
  readonly width: number;
  readonly height: number;
  /** Units, x1 and y1 exclusive; (0, 0) at the upper left unless the map is an infinite one. */
  readonly bounds: { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number };
  /** Pixels of one tile of the grid. */
  readonly tileSize: { readonly w: number; readonly h: number };
  readonly backgroundColor?: string;
  /** Pixels: the point of the view at which layers with parallax lie where they say. */
  readonly parallaxOrigin: { readonly x: number; readonly y: number };
  readonly layers: readonly LayerInfo[];
  /** The object layer that objects placed by travellers go to. */
  readonly placedLayer: number;
  readonly tilesets: readonly TilesetInfo[];
  readonly assets: readonly AssetInfo[];
  readonly zones: readonly Zone[];
  readonly class?: string;
  readonly properties: Properties;
  /** All blocks of the version, the root included. */
  readonly blocks: number;
  readonly bytes: number;
}

/** A version being looked at. Chunks are read from the store when asked for, and then kept. */
export interface SubstrateView {
  readonly version: SubstrateVersion;
  /** The chunk, or undefined where the world is empty. */
  chunk(cx: number, cy: number): Promise<Result<Chunk | undefined>>;
  /** Every chunk that is not empty, row by row. */
  chunks(): Promise<Result<ChunkCoord[]>>;
  /** With `rest` one chunk after the other, and it is waited for after each: who has other work lets it be done there. */
  loadAll(options?: { readonly rest?: () => Promise<void> }): Promise<Result<void>>;
  /** All chunks that touch the area (units). */
  loadArea(x0: number, y0: number, x1: number, y1: number): Promise<Result<void>>;
  /** A chunk already read: undefined = not read yet, null = known to be empty. */
  loaded(cx: number, cy: number): Chunk | null | undefined;
  loadedChunks(): IterableIterator<Chunk>;
  /** Grows whenever a chunk is read or let go: what was made from loaded chunks is still right while it stays the same. */
  readonly reads: number;
  /** Lets go of all loaded chunks but the `most` nearest to the point (units). They can be read again. */
  keepNearest(x: number, y: number, most: number): void;
  /** Objects of loaded chunks whose centre is within `reach` units of the point along both axes. */
  objectsNear(x: number, y: number, reach: number): StaticObject[];
  /** The whole bytes of an asset that this version names. */
  asset(cid: ContentId): Promise<Result<Uint8Array>>;
}

/** What stops movement. The same shape as the protocol's motion uses. */
export interface Solids {
  /** Calls `see` for every solid box (units) that touches the query box; a box may be seen twice. */
  visit(x0: number, y0: number, x1: number, y1: number, see: (x0: number, y0: number, x1: number, y1: number) => void): void;
}
