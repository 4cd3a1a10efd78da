// The tilesets of a map, embedded or in files of their own. A collection of images becomes one tileset per image, so that
// whoever draws knows one kind of tileset only. Pictures are read once, however many tilesets show them.
import { assetBlocks } from "../assets/asset.ts";
import { LIMITS } from "../limits.ts";
import type { Block } from "../stores/port.ts";
import { colourFromTiled } from "../versions/colour.ts";
import { MAX_GID, tilesFitImage } from "../versions/tileset-codec.ts";
import type { AssetInfo, ImageInfo, TileInfo, TilesetInfo } from "../versions/types.ts";
import { type MapFiles, pathBeside } from "./files.ts";
import { Item } from "./item.ts";
import { badMap, MapProblem, unsupported } from "./problem.ts";
import { drawnShapes } from "./tile-shapes.ts";

/** What a map needs to know of a tile beyond its picture. */
export interface TileRule {
  readonly tileset: TilesetInfo;
  readonly info: TileInfo | undefined;
  /** Where in a tile object its position lies. */
  readonly alignment: string;
}

/** The highest number of a tile in a collection. */
export const MAX_COLLECTED: number = LIMITS.tilesPerTileset - 1;
const ASPECT = "preserve-aspect-fit";
const ALIGNMENTS = ["unspecified", "topleft", "top", "topright", "left", "center", "right", "bottomleft", "bottom", "bottomright"];

export class MapAssets {
  readonly assets: AssetInfo[] = [];
  readonly blocks: Block[] = [];
  readonly #files: MapFiles;
  readonly #known: Map<string, AssetInfo> = new Map();

  constructor(files: MapFiles) {
    this.#files = files;
  }

  /** The picture that `item` names by its `image`, `from` being the path of the file that holds `item`. */
  async image(item: Item, from: string): Promise<ImageInfo> {
    const reference = item.text("image");
    const path = pathBeside(from, reference, item.where);
    const asset = this.#known.get(path) ?? (await this.#read(path, `${item.where}: picture "${reference}"`));
    this.#known.set(path, asset);
    const { cid, mime, width, height } = asset;
    if (width === undefined || height === undefined) return badMap(item.where, "its picture has no size");
    const colour = item.has("transparentcolor") ? colourFromTiled(item.text("transparentcolor")) : undefined;
    if (item.has("transparentcolor") && colour === undefined) badMap(item.where, "its transparent colour is no colour");
    return { asset: cid, mime, width, height, ...(colour === undefined ? {} : { transparent: colour.slice(0, 7) }) };
  }

  async #read(path: string, where: string): Promise<AssetInfo> {
    const made = await assetBlocks(where, await this.#files.bytes(path, where, LIMITS.assetBytes));
    if (!made.ok) throw new MapProblem("bad-map", made.fault.detail);
    const { asset, blocks } = made.value;
    if (!this.assets.some(({ cid }) => cid === asset.cid)) {
      this.assets.push(asset);
      this.blocks.push(...blocks);
    }
    return asset;
  }
}

export class MapTilesets {
  readonly sets: TilesetInfo[] = [];
  readonly #alignments: Map<TilesetInfo, string> = new Map();
  /** First gids of the tilesets that have a file of their own, by its path. */
  readonly #files: Map<string, number> = new Map();
  readonly #rules: Map<number, TileRule | undefined> = new Map();

  /** Undefined: no tileset has this gid (without flip bits). Asked once all tilesets are there. */
  rule(gid: number): TileRule | undefined {
    if (!this.#rules.has(gid)) this.#rules.set(gid, this.#findRule(gid));
    return this.#rules.get(gid);
  }

  #findRule(gid: number): TileRule | undefined {
    const tileset = this.sets.findLast(({ firstGid }) => firstGid <= gid);
    if (tileset === undefined || gid >= tileset.firstGid + tileset.tileCount) return undefined;
    const id = gid - tileset.firstGid;
    const info = tileset.tiles.find((tile) => tile.id === id);
    return { tileset, info, alignment: this.#alignments.get(tileset) ?? "unspecified" };
  }

  /** The first gid of a tileset that another file names: the map's own, when it has it, or after all others. */
  async join(source: string, from: string, where: string, files: MapFiles, assets: MapAssets): Promise<number> {
    const known = this.#files.get(pathBeside(from, source, where));
    if (known !== undefined) return known;
    const last = this.sets.at(-1);
    const firstgid = last === undefined ? 1 : last.firstGid + last.tileCount;
    await this.add(new Item({ firstgid, source }, where), from, where, files, assets);
    return firstgid;
  }

  /** `entry` is the map's own item: a whole tileset, or the name of a file with one. Tilesets come by rising gid. */
  async add(entry: Item, mapPath: string, mapFile: string, files: MapFiles, assets: MapAssets): Promise<void> {
    const firstGid = entry.int("firstgid", 1, MAX_GID);
    const last = this.sets.at(-1);
    if (last !== undefined && firstGid < last.firstGid + last.tileCount) {
      badMap(entry.where, `its gids begin at ${firstGid}, inside those of tileset "${last.name}"; open the map in Tiled and save it again`);
    }
    let item = entry;
    let path = mapPath;
    if (entry.has("source")) {
      const source = entry.text("source");
      path = pathBeside(mapPath, source, entry.where);
      if (!this.#files.has(path)) this.#files.set(path, firstGid);
      const tree = await files.tree(path, `${mapFile}: tileset "${source}"`);
      if (tree.type !== "tileset") badMap(`${mapFile}: tileset "${source}"`, "the file holds no tileset");
      item = new Item(tree, `${mapFile}: tileset "${source}"`);
    }
    const named = new Item(item.tree, entry.has("source") ? item.where : `${mapFile}: tileset "${item.label("name", "")}"`);
    this.sets.push(...(await this.#read(named, path, firstGid, assets)));
    if (this.sets.length > LIMITS.tilesets) badMap(named.where, `the map has more than ${LIMITS.tilesets} tilesets or collected images`);
  }

  async #read(item: Item, path: string, firstGid: number, assets: MapAssets): Promise<TilesetInfo[]> {
    checkFeatures(item);
    const tiles = item.items("tiles", LIMITS.tilesPerTileset, (tree) => `${item.where}, tile ${String((tree as { id?: unknown })?.id)}`);
    tiles.sort((a, b) => a.int("id", 0, MAX_GID) - b.int("id", 0, MAX_GID));
    for (const [i, tile] of tiles.entries()) {
      if (i > 0 && tile.int("id", 0, MAX_GID) === tiles[i - 1]?.int("id", 0, MAX_GID)) badMap(tile.where, "it is there twice");
    }
    const sets = item.has("image")
      ? [await imageSet(item, path, firstGid, tiles, assets)]
      : await collectionSets(item, path, firstGid, tiles, assets);
    const alignment = item.text("objectalignment", "unspecified");
    if (!ALIGNMENTS.includes(alignment)) badMap(item.where, `its object alignment "${alignment}" is not known`);
    for (const set of sets) this.#alignments.set(set, alignment);
    return sets;
  }
}

function checkFeatures(item: Item): void {
  const fill = item.text("fillmode", "stretch");
  if (fill !== "stretch" && fill !== ASPECT) badMap(item.where, `its fill mode "${fill}" is not known`);
  const size = item.text("tilerendersize", "tile");
  if (size !== "tile" && size !== "grid") badMap(item.where, `its tile render size "${size}" is not known`);
}

async function imageSet(item: Item, path: string, firstGid: number, tiles: readonly Item[], assets: MapAssets): Promise<TilesetInfo> {
  const image = await assets.image(item, path);
  for (const tile of tiles)
    if (tile.has("image")) unsupported(tile.where, "a picture of its own in a tileset that has one picture", "use two tilesets");
  const tileSize = { w: item.int("tilewidth", 1, LIMITS.assetPixels), h: item.int("tileheight", 1, LIMITS.assetPixels) };
  const margin = item.int("margin", 0, LIMITS.assetPixels, 0);
  const spacing = item.int("spacing", 0, LIMITS.assetPixels, 0);
  const columns = fitting(image.width, tileSize.w, margin, spacing);
  const inImage = columns * fitting(image.height, tileSize.h, margin, spacing);
  const cuts = `${tileSize.w}×${tileSize.h} pixels each cut from ${image.width}×${image.height}`;
  if (inImage < 1) badMap(item.where, `its picture holds no tile (${cuts})`);
  if (item.has("columns") && item.int("columns", 0, LIMITS.tilesPerTileset) !== columns) {
    badMap(
      item.where,
      `it says it has ${item.int("columns", 0, LIMITS.tilesPerTileset)} columns and its picture has ${columns} (${cuts}); open it in Tiled and save it again`,
    );
  }
  const tileCount = item.int("tilecount", 1, LIMITS.tilesPerTileset, Math.min(inImage, LIMITS.tilesPerTileset));
  const set = { ...commonOf(item), firstGid, tileCount, columns, image, tileSize, margin, spacing };
  if (!tilesFitImage(set)) badMap(item.where, `it says it has ${tileCount} tiles and its picture has ${inImage} (${cuts})`);
  return { ...set, tiles: tiles.flatMap((tile) => tileInfos(tile, tile.int("id", 0, tileCount - 1), firstGid, tileCount)) };
}

async function collectionSets(
  item: Item,
  path: string,
  firstGid: number,
  tiles: readonly Item[],
  assets: MapAssets,
): Promise<TilesetInfo[]> {
  const sets: TilesetInfo[] = [];
  for (const tile of tiles) {
    if (!tile.has("image")) badMap(tile.where, "it has no picture, and neither has its tileset");
    const image = await assets.image(tile, path);
    const { tileSize, part } = partOf(tile, image);
    sets.push({
      ...commonOf(item),
      firstGid: firstGid + tile.int("id", 0, LIMITS.tilesPerTileset),
      tileCount: 1,
      columns: 1,
      image,
      tileSize,
      ...(part === undefined ? {} : { part }),
      margin: 0,
      spacing: 0,
      tiles: tileInfos(tile, 0, firstGid, LIMITS.tilesPerTileset),
    });
  }
  if (sets.length === 0) badMap(item.where, "it has no picture and no tiles");
  return sets;
}

/** The part of its picture that a collected tile shows: all of it, when it does not say. */
function partOf(tile: Item, image: ImageInfo): { tileSize: { w: number; h: number }; part?: { x: number; y: number } } {
  const part = { x: tile.int("x", 0, LIMITS.assetPixels, 0), y: tile.int("y", 0, LIMITS.assetPixels, 0) };
  const tileSize = { w: tile.int("width", 1, LIMITS.assetPixels, image.width), h: tile.int("height", 1, LIMITS.assetPixels, image.height) };
  if (part.x + tileSize.w > image.width || part.y + tileSize.h > image.height)
    badMap(tile.where, `it shows a part that its picture of ${image.width}×${image.height} pixels does not have`);
  return part.x === 0 && part.y === 0 ? { tileSize } : { tileSize, part };
}

function commonOf(item: Item): Pick<TilesetInfo, "name" | "tileOffset" | "renderSize" | "fillMode" | "class" | "properties"> {
  const offset = item.item("tileoffset", item.where);
  const properties = item.properties();
  const className = item.label("class", "");
  return {
    name: item.label("name", ""),
    tileOffset: { x: offset?.number("x", 0) ?? 0, y: offset?.number("y", 0) ?? 0 },
    renderSize: item.text("tilerendersize", "tile") === "grid" ? "grid" : "tile",
    ...(item.text("fillmode", "stretch") === ASPECT ? { fillMode: ASPECT } : {}),
    ...(className === "" ? {} : { class: className }),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
  };
}

/** How many tiles fit along one side of a picture, counted as Tiled does. */
function fitting(pixels: number, tile: number, margin: number, spacing: number): number {
  return Math.max(0, Math.floor((pixels - margin + spacing) / (tile + spacing)));
}

/** One info, or none when the author said nothing of the tile. Frames become gids. */
function tileInfos(tile: Item, id: number, firstGid: number, tileCount: number): TileInfo[] {
  const properties = tile.properties();
  const className = tile.className();
  const group = tile.item("objectgroup", `${tile.where}: collision`);
  const shapes = drawnShapes(group?.items("objects", LIMITS.boxesPerTile, () => `${tile.where}: a collision shape`) ?? []);
  const frames = tile.items("animation", LIMITS.animationFrames, () => `${tile.where}: animation`);
  const info: TileInfo = {
    id,
    ...(className === "" ? {} : { class: className }),
    ...(frames.length === 0
      ? {}
      : {
          animation: frames.map((frame) => ({
            gid: firstGid + frame.int("tileid", 0, tileCount - 1),
            durationMs: frame.int("duration", 1, 3_600_000),
          })),
        }),
    ...(properties.solid === true ? { solid: true } : {}),
    ...(shapes.length === 0 ? {} : { shapes }),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
  };
  return Object.keys(info).length === 1 ? [] : [info];
}
