// Templates (.tx, .tj): what many objects of a map have in common, in a file of its own. An object keeps what it says itself and
// takes the rest from its template; a template's tileset joins those of the map.
import { plainGid } from "../versions/tile-draw.ts";
import { type MapFiles, pathBeside } from "./files.ts";
import { Item, type Tree } from "./item.ts";
import { badMap, unsupported } from "./problem.ts";
import type { MapAssets, MapTilesets } from "./tilesets.ts";

const SHAPES = ["ellipse", "capsule", "point", "polygon", "polyline", "text"];
const FLIPS = 0xf0000000;

interface Template {
  readonly object: Tree;
  readonly where: string;
}

export class MapTemplates {
  readonly #files: MapFiles;
  readonly #tilesets: MapTilesets;
  readonly #assets: MapAssets;
  readonly #known: Map<string, Template> = new Map();

  constructor(files: MapFiles, tilesets: MapTilesets, assets: MapAssets) {
    this.#files = files;
    this.#tilesets = tilesets;
    this.#assets = assets;
  }

  /** The object as it stands in the map at `mapPath`, its template folded in. */
  async resolved(object: Item, mapPath: string): Promise<Item> {
    if (!object.has("template")) return object;
    const reference = object.text("template");
    const path = pathBeside(mapPath, reference, object.where);
    const template = this.#known.get(path) ?? (await this.#read(path, `${object.where}: template "${reference}"`));
    this.#known.set(path, template);
    return new Item(folded(template.object, object.tree), object.where);
  }

  async #read(path: string, where: string): Promise<Template> {
    const tree = await this.#files.tree(path, where);
    if (tree.type !== "template") badMap(where, "the file holds no template");
    const whole = new Item(tree, where);
    const object = whole.item("object", where) ?? badMap(where, "it holds no object");
    if (object.has("template")) unsupported(where, "a template made from a template", "detach its object in Tiled");
    if (!object.has("gid")) return { object: object.tree, where };
    const tileset = whole.item("tileset", where) ?? badMap(where, "its object shows a tile, and it names no tileset");
    const gid = object.int("gid", 1, 0xffffffff);
    const own = plainGid(gid) - tileset.int("firstgid", 1, 0x0fffffff);
    if (own < 0) badMap(where, `its object shows gid ${plainGid(gid)}, which its tileset does not have`);
    if (!tileset.has("source")) unsupported(where, "a tileset inside of a template", "keep the tileset in a file of its own");
    const firstGid = await this.#tilesets.join(tileset.text("source"), path, where, this.#files, this.#assets);
    return { object: { ...object.tree, gid: ((gid & FLIPS) | (firstGid + own)) >>> 0 }, where };
  }
}

/** What the object says itself wins; properties are taken one by one. */
function folded(template: Tree, object: Tree): Tree {
  const base: Record<string, unknown> = { ...template };
  for (const key of ["id", "x", "y", "properties"]) delete base[key];
  if (SHAPES.some((shape) => object[shape] !== undefined)) for (const shape of SHAPES) delete base[shape];
  if (object.type !== undefined || object.class !== undefined) for (const key of ["type", "class"]) delete base[key];
  const own = listOf(object.properties);
  const names = new Set(own.map((one) => (one as { name?: unknown } | null)?.name));
  const taken = listOf(template.properties).filter((one) => !names.has((one as { name?: unknown } | null)?.name));
  const { template: _template, ...said } = object;
  return { ...base, ...said, properties: [...taken, ...own] };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
