// The scene as a node. What is written is what is read: every field has one place, one range and one spelling. Pure.
import type { Result } from "@sojourn/protocol";
import type { NodeMap, NodeValue } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import { assetNode, imageNode, present, readAsset, readColour, readImage } from "./asset-codec.ts";
import { badShape, Fields, readShape } from "./fields.ts";
import { propertiesNode, readProperties } from "./properties.ts";
import type { Scene } from "./scene.ts";
import { readTileset, tilesetNode } from "./tileset-codec.ts";
import type { AssetInfo, LayerInfo } from "./types.ts";
import { readZone, zoneNode } from "./zone-codec.ts";

const LAYER_KINDS = ["tile", "object", "image"] as const;
const FAR_PIXELS = 1e9;

export function sceneNode(scene: Scene): NodeMap {
  const { bounds, tileSize, parallaxOrigin } = scene;
  return present({
    bounds: [bounds.x0, bounds.y0, bounds.x1, bounds.y1],
    tile: [tileSize.w, tileSize.h],
    background: scene.backgroundColor,
    parallaxOrigin: [parallaxOrigin.x, parallaxOrigin.y],
    layers: scene.layers.map(layerNode),
    placed: scene.placedLayer,
    tilesets: scene.tilesets.map(tilesetNode),
    assets: scene.assets.map(assetNode),
    zones: scene.zones.map(zoneNode),
    class: scene.class,
    properties: propertiesNode(scene.properties),
  });
}

/** Fault `bad-block`. */
export function readScene(value: NodeValue): Result<Scene> {
  return readShape("the scene", () => {
    const fields = new Fields(value, "scene");
    const far = LIMITS.coordinateTiles;
    const [x0, y0, x1, y1] = fields.numbers("bounds", 4, -far, far) as [number, number, number, number];
    const whole = [x0, y0, x1, y1].every(Number.isInteger);
    if (!whole || x1 <= x0 || y1 <= y0 || x1 - x0 > LIMITS.worldTiles || y1 - y0 > LIMITS.worldTiles)
      badShape("its bounds are no area of tiles");
    const [w, h] = fields.numbers("tile", 2, 1, LIMITS.tilePixels) as [number, number];
    const [px, py] = fields.numbers("parallaxOrigin", 2, -FAR_PIXELS, FAR_PIXELS) as [number, number];
    const assets = fields.list("assets", LIMITS.assets, readAsset);
    const pixels = assets.reduce((sum, { width = 0, height = 0 }) => sum + width * height, 0);
    if (pixels > LIMITS.scenePixels) badShape(`its pictures have ${pixels} pixels together; ${LIMITS.scenePixels} are allowed`);
    const known = new Map(assets.map((asset) => [asset.cid, asset]));
    const layers = fields.list("layers", LIMITS.layers, (item, path) => readLayer(item, path, known));
    if (layers.some(({ order }, i) => order !== i)) badShape("its layers are out of order");
    const tilesets = fields.list("tilesets", LIMITS.tilesets, (item, path) => readTileset(item, path, known));
    if (tilesets.some((set, i) => i > 0 && set.firstGid < endOf(tilesets[i - 1]))) badShape("its tilesets share gids");
    const scene: Scene = {
      bounds: { x0, y0, x1, y1 },
      tileSize: { w, h },
      ...(fields.has("background") ? { backgroundColor: readColour(fields, "background") } : {}),
      parallaxOrigin: { x: px, y: py },
      layers,
      placedLayer: fields.int("placed", 0, Math.max(0, layers.length - 1)),
      tilesets,
      assets,
      zones: fields.list("zones", LIMITS.zones, readZone),
      ...fields.optional("class", (f, key) => f.text(key, LIMITS.nameBytes)),
      properties: readProperties(fields.raw("properties"), "scene.properties"),
    };
    if (layers[scene.placedLayer]?.kind !== "object") badShape("objects cannot be placed in a layer that is no object layer");
    fields.end();
    return scene;
  });
}

function endOf(set: { firstGid: number; tileCount: number } | undefined): number {
  return set === undefined ? 1 : set.firstGid + set.tileCount;
}

function layerNode(layer: LayerInfo): NodeMap {
  const { image } = layer;
  return present({
    order: layer.order,
    name: layer.name,
    class: layer.class,
    kind: layer.kind,
    visible: layer.visible,
    opacity: layer.opacity,
    tint: layer.tint,
    offset: [layer.offset.x, layer.offset.y],
    parallax: [layer.parallax.x, layer.parallax.y],
    drawOrder: layer.drawOrder,
    image: image && { ...imageNode(image), repeatX: image.repeatX, repeatY: image.repeatY },
    properties: layer.properties && propertiesNode(layer.properties),
  });
}

function readLayer(item: NodeValue, path: string, assets: ReadonlyMap<string, AssetInfo>): LayerInfo {
  const fields = new Fields(item, path);
  const [x, y] = fields.numbers("offset", 2, -FAR_PIXELS, FAR_PIXELS) as [number, number];
  const [px, py] = fields.numbers("parallax", 2, -1e6, 1e6) as [number, number];
  const layer: LayerInfo = {
    order: fields.int("order", 0, LIMITS.layers - 1),
    name: fields.text("name", LIMITS.nameBytes),
    ...fields.optional("class", (f, key) => f.text(key, LIMITS.nameBytes)),
    kind: fields.one("kind", LAYER_KINDS),
    visible: fields.truth("visible"),
    opacity: fields.number("opacity", 0, 1),
    ...fields.optional("tint", readColour),
    offset: { x, y },
    parallax: { x: px, y: py },
    ...fields.optional("drawOrder", (f, key) => f.one(key, ["topdown", "index"] as const)),
    ...fields.optional("image", (f) => readLayerImage(f.map("image"), path, assets)),
    ...fields.optional("properties", (f, key) => readProperties(f.raw(key), path)),
  };
  fields.end();
  if ((layer.kind === "image") !== (layer.image !== undefined)) badShape(`${path} and its kind do not agree on an image`);
  if ((layer.kind === "object") !== (layer.drawOrder !== undefined)) badShape(`${path} and its kind do not agree on a drawing order`);
  return layer;
}

function readLayerImage(fields: Fields, path: string, assets: ReadonlyMap<string, AssetInfo>): NonNullable<LayerInfo["image"]> {
  const image = { ...readImage(fields, path, assets), repeatX: fields.truth("repeatX"), repeatY: fields.truth("repeatY") };
  fields.end();
  return image;
}
