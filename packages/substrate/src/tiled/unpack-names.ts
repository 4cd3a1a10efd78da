// What the files of a map written from a version are called, and what is written in all of them alike. Pure.
import type { ContentId } from "@sojourn/protocol";
import type { AssetMime, Properties, PropertyValue, SubstrateVersion, TilesetInfo } from "../versions/types.ts";
import type { Tree } from "./item.ts";
import { MAX_COLLECTED } from "./tilesets.ts";

export const TILED: Tree = { version: "1.10" };
const ENDINGS: Readonly<Record<AssetMime, string>> = { "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp" };
const NAME_CHARS = 48;

/** Tilesets that make one file: a tileset with one image, or the images of one collection. */
export interface TilesetFile {
  readonly name: string;
  readonly firstGid: number;
  readonly sets: readonly TilesetInfo[];
  readonly isCollection: boolean;
}

export interface FileNames {
  readonly map: string;
  readonly tilesets: readonly TilesetFile[];
  readonly pictures: ReadonlyMap<ContentId, string>;
}

export function fileNames(version: SubstrateVersion): FileNames {
  const taken = new Set<string>();
  const map = unused(version.name, "tmj", taken);
  const tilesets = grouped(version.tilesets).map((file) => ({ ...file, name: unused(file.sets[0]?.name ?? "", "tsj", taken) }));
  const pictures = new Map<ContentId, string>();
  const shown = [
    ...version.tilesets.map(({ name, image }) => ({ name, image })),
    ...version.layers.flatMap(({ name, image }) => (image === undefined ? [] : [{ name, image }])),
  ];
  for (const { name, image } of shown) if (!pictures.has(image.asset)) pictures.set(image.asset, unused(name, ENDINGS[image.mime], taken));
  return { map, tilesets, pictures };
}

/** A name that works on every disk, and that no other file has: capital letters aside. */
function unused(name: string, ending: string, taken: Set<string>): string {
  const plain =
    name
      .replace(/[^A-Za-z0-9._-]+/g, "-")
      .replace(/^[-.]+|[-.]+$/g, "")
      .slice(0, NAME_CHARS) || "unnamed";
  for (let n = 1; ; n++) {
    const file = `${plain}${n === 1 ? "" : `-${n}`}.${ending}`;
    if (taken.has(file.toLowerCase())) continue;
    taken.add(file.toLowerCase());
    return file;
  }
}

function grouped(sets: readonly TilesetInfo[]): Omit<TilesetFile, "name">[] {
  const files: { firstGid: number; sets: TilesetInfo[]; isCollection: boolean; alike: string; least: number }[] = [];
  let least = 1;
  for (const set of sets) {
    const [alike, isCollection] = [commonText(set), isSingle(set)];
    // Frames are counted from the file's first gid, so that lies no higher than any of them.
    const gids = isCollection ? [set.firstGid, ...framesOf(set)] : [set.firstGid];
    const last = files.at(-1);
    const from = Math.min(last?.firstGid ?? Infinity, ...gids);
    const joins = isCollection && last?.isCollection === true && last.alike === alike;
    if (joins && from >= last.least && Math.max(...gids) - from <= MAX_COLLECTED) {
      last.firstGid = from;
      last.sets.push(set);
    } else files.push({ firstGid: Math.max(least, Math.min(...gids)), sets: [set], isCollection, alike, least });
    least = set.firstGid + set.tileCount;
  }
  return files.map(({ firstGid, sets: own, isCollection }) => ({ firstGid, sets: own, isCollection }));
}

/** Cut as a collection cuts: one tile, from an image or a part of it. A tileset of one such image is the same thing. */
function isSingle({ tileCount, columns, margin, spacing }: TilesetInfo): boolean {
  return tileCount === 1 && columns === 1 && margin === 0 && spacing === 0;
}

function framesOf({ tiles }: TilesetInfo): number[] {
  return tiles.flatMap(({ animation = [] }) => animation.map(({ gid }) => gid));
}

function commonText({ name, tileOffset, renderSize, fillMode, class: className, properties }: TilesetInfo): string {
  return JSON.stringify([name, tileOffset, renderSize, fillMode, className, properties]);
}

/** `{ properties: […] }`, or nothing where there are none. */
export function propertiesTree(properties: Properties): Tree {
  const list = Object.entries(properties).map(([name, value]) => ({ name, ...valueTree(value) }));
  return list.length === 0 ? {} : { properties: list };
}

function valueTree(value: PropertyValue): Tree {
  switch (typeof value) {
    case "string":
      return { type: "string", value };
    case "boolean":
      return { type: "bool", value };
    case "number":
      return { type: Number.isInteger(value) && Math.abs(value) < 0x80000000 ? "int" : "float", value };
    default:
      return { type: "class", propertytype: "", value };
  }
}
