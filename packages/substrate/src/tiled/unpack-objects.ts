// The object layers of a version as Tiled's: tile objects at their place in the list, zones and solid shapes in the gaps between them and
// after them. Each object is read back as packing will read it; what does not come out the same says by its own facts what it is.
import { encodeNode } from "../blocks/node-codec.ts";
import { objectNode } from "../versions/object-codec.ts";
import { plainGid } from "../versions/tile-draw.ts";
import type { Box, Chunk, LayerInfo, Properties, StaticObject, SubstrateVersion, Zone } from "../versions/types.ts";
import { isCollision } from "./cell-solids.ts";
import { type Point, rotated } from "./geometry.ts";
import { Item, type Tree } from "./item.ts";
import type { FlatLayer } from "./layers.ts";
import { layerObjects, type MapObjects, type ObjectReader, pictureMiddle } from "./objects.ts";
import { OWN_PROPERTY, type OwnFacts } from "./own-facts.ts";
import { TileShapes } from "./tile-shapes.ts";
import { MapTilesets } from "./tilesets.ts";
import { propertiesTree } from "./unpack-names.ts";

export interface ObjectLayers {
  /** Objects by the order of their layer. */
  readonly byLayer: ReadonlyMap<number, Tree[]>;
  readonly nextId: number;
}

/** `boxes`: what is solid in each chunk and is neither tile nor object. */
export function objectLayers(version: SubstrateVersion, chunks: readonly Chunk[], boxes: ReadonlyMap<Chunk, readonly Box[]>): ObjectLayers {
  const writer = new Writer(version, chunks);
  const layers = version.layers.filter(({ kind }) => kind === "object");
  const zones = version.zones.map((zone) => writer.zone(zone));
  const solids = chunks.flatMap((chunk) => (boxes.get(chunk) ?? []).map((box) => writer.solid(box)));
  const objects = Map.groupBy(
    chunks.flatMap((chunk) => chunk.objects),
    ({ layer }) => layer,
  );
  const byLayer = new Map<number, Tree[]>();
  for (const layer of layers) byLayer.set(layer.order, listed(layer, objects.get(layer.order) ?? [], zones, solids, writer));
  // What found no gap comes last, where it is read: zones in any layer that is not solid, shapes in one that does not slide.
  byLayer.get(layers.findLast((layer) => !isCollision(layer))?.order ?? version.placedLayer)?.push(...zones);
  byLayer.get(layers.findLast(takesSolids)?.order ?? version.placedLayer)?.push(...solids);
  return { byLayer, nextId: writer.nextId };
}

function takesSolids(layer: LayerInfo): boolean {
  return !isCollision(layer) && layer.parallax.x === 1 && layer.parallax.y === 1;
}

/** An object's place in the list is its place in the drawing order; `zones` and `solids` lose those that fill gaps. */
function listed(layer: LayerInfo, objects: readonly StaticObject[], zones: Tree[], solids: Tree[], writer: Writer): Tree[] {
  const list: Tree[] = [];
  const others: StaticObject[] = [];
  const byOrder = [...objects].sort((a, b) => (a.order ?? Infinity) - (b.order ?? Infinity) || (a.id < b.id ? -1 : 1));
  for (const object of byOrder) {
    const gap = object.order === undefined ? -1 : object.order - list.length;
    const fillers = [...(isCollision(layer) ? [] : zones), ...(takesSolids(layer) ? solids : [])];
    if (gap < 0 || gap > fillers.length) {
      others.push(object);
      continue;
    }
    const fromZones = isCollision(layer) ? 0 : Math.min(gap, zones.length);
    list.push(...zones.splice(0, fromZones), ...solids.splice(0, gap - fromZones));
    list.push(writer.object(object, layer, list.length));
  }
  for (const object of others) list.push(writer.object(object, layer, list.length));
  return list;
}

class Writer {
  nextId: number;
  readonly #version: SubstrateVersion;
  readonly #tilesets: MapTilesets = new MapTilesets();
  readonly #shapes: TileShapes;

  constructor(version: SubstrateVersion, chunks: readonly Chunk[]) {
    this.#version = version;
    this.#tilesets.sets.push(...version.tilesets);
    this.#shapes = new TileShapes(version);
    const ids = [...version.zones.map(({ id }) => id), ...chunks.flatMap(({ objects }) => objects.map(({ id }) => id))];
    this.nextId = ids.reduce((most, id) => Math.max(most, numberOf(id) ?? 0), 0) + 1;
  }

  solid([x0, y0, x1, y1]: Box): Tree {
    const { w, h } = this.#version.tileSize;
    return { ...this.#head(undefined, "", "solid"), x: x0 * w, y: y0 * h, width: (x1 - x0) * w, height: (y1 - y0) * h };
  }

  zone(zone: Zone): Tree {
    const { w, h } = this.#version.tileSize;
    const facts: OwnFacts | undefined = numberOf(zone.id) === undefined ? { id: zone.id } : undefined;
    const tree = {
      ...this.#head(zone.id, zone.name, zone.class),
      ...{ x: zone.x * w, y: zone.y * h, width: zone.w * w, height: zone.h * h },
      ...(facts === undefined ? propertiesTree(zone.properties) : withFacts(zone.properties, facts)),
    };
    if (zone.points !== undefined)
      return { ...tree, width: 0, height: 0, [zone.shape]: zone.points.map(([x, y]) => ({ x: (x - zone.x) * w, y: (y - zone.y) * h })) };
    return zone.shape === "rectangle" ? tree : { ...tree, [zone.shape]: true };
  }

  /** `at`: its place in the list. */
  object(object: StaticObject, layer: LayerInfo, at: number): Tree {
    const plain = { ...this.#objectTree(object), ...propertiesTree(object.properties ?? {}) };
    if (object.gid !== undefined && numberOf(object.id) !== undefined && isSame(this.#read(plain, layer, at), object)) return plain;
    const { id, by, text, order, solid } = object;
    const facts: OwnFacts = {
      ...(numberOf(id) === undefined ? { id } : {}),
      ...(by === undefined ? {} : { by }),
      ...(text === undefined ? {} : { text }),
      ...(order === undefined ? {} : { order }),
      ...(solid === true ? { solid } : {}),
      ...(object.boxes === undefined ? {} : { shapes: true }),
      ...(object.gid === undefined ? { bare: true } : {}),
    };
    return { ...plain, ...withFacts(object.properties ?? {}, facts) };
  }

  #objectTree(object: StaticObject): Tree {
    const { w, h } = this.#version.tileSize;
    const size = { w: (object.width ?? 1) * w, h: (object.height ?? 1) * h };
    const middle = this.#middle(object, size);
    return {
      ...this.#head(object.id, object.name ?? "", object.kind),
      ...{ x: object.x * w - middle[0], y: object.y * h - middle[1], width: size.w, height: size.h },
      ...(object.rotation === undefined ? {} : { rotation: object.rotation }),
      ...(object.gid === undefined ? {} : { gid: object.gid }),
      ...(object.hidden === true ? { visible: false } : {}),
      ...(object.opacity === undefined ? {} : { opacity: object.opacity }),
    };
  }

  /** The centre from the object's own point, pixels. */
  #middle({ gid, rotation = 0 }: StaticObject, size: { w: number; h: number }): Point {
    const rule = gid === undefined ? undefined : this.#tilesets.rule(plainGid(gid));
    return rule === undefined ? rotated([size.w / 2, size.h / 2], [0, 0], rotation) : pictureMiddle(rule, size, rotation);
  }

  #read(tree: Tree, layer: LayerInfo, at: number): StaticObject | undefined {
    const flat: FlatLayer = { item: new Item({}, ""), info: layer, objectOffset: { x: 0, y: 0 }, isCollision: isCollision(layer) };
    const into: MapObjects = { zones: [], boxes: [], objects: [] };
    const reader: ObjectReader = { tileSize: this.#version.tileSize, tilesets: this.#tilesets, shapes: this.#shapes, ids: new Set() };
    layerObjects(flat, [new Item(tree, "")], reader, into);
    const [object] = into.objects;
    return object === undefined ? undefined : { ...object, order: at };
  }

  #head(id: string | undefined, name: string, type: string): Tree {
    const own = id === undefined ? undefined : numberOf(id);
    return { id: own ?? this.nextId++, name, type, rotation: 0, visible: true };
  }
}

function withFacts(properties: Properties, facts: OwnFacts): Tree {
  return propertiesTree({ ...properties, [OWN_PROPERTY]: { ...facts } as Properties });
}

/** The number in `m17`, as the map gave it. */
function numberOf(id: string): number | undefined {
  return /^m(0|[1-9]\d{0,8})$/.test(id) ? Number(id.slice(1)) : undefined;
}

function isSame(read: StaticObject | undefined, object: StaticObject): boolean {
  if (read === undefined) return false;
  const [a, b] = [encodeNode(objectNode(read)), encodeNode(objectNode(object))];
  return a.ok && b.ok && Buffer.compare(a.value, b.value) === 0;
}
