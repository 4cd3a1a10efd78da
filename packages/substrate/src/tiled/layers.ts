// The layers of a map with its groups folded in: opacity and tint multiplied, offsets added, hidden when a group is. Pure.
import { LIMITS } from "../limits.ts";
import { colourFromTiled, multipliedColours } from "../versions/colour.ts";
import type { LayerInfo, Properties } from "../versions/types.ts";
import { isCollision } from "./cell-solids.ts";
import type { Item } from "./item.ts";
import { badMap, unsupported } from "./problem.ts";

export interface FlatLayer {
  readonly item: Item;
  readonly info: Omit<LayerInfo, "image">;
  /** An object layer's own offset, pixels: its objects are moved by it, so that they stand where they say. */
  readonly objectOffset: { readonly x: number; readonly y: number };
  /** Everything in the layer stops movement. */
  readonly isCollision: boolean;
}

type Look = Pick<LayerInfo, "opacity" | "tint" | "offset" | "parallax" | "visible">;
const KINDS = { tilelayer: "tile", objectgroup: "object", imagelayer: "image" } as const;
const PLAIN: Look = { opacity: 1, offset: { x: 0, y: 0 }, parallax: { x: 1, y: 1 }, visible: true };

export function flatLayers(map: Item, file: string): FlatLayer[] {
  const layers: FlatLayer[] = [];
  collect(map, file, PLAIN, 0, layers);
  if (layers.length > LIMITS.layers - 1) badMap(file, `it has ${layers.length} layers; ${LIMITS.layers - 1} are allowed`);
  return layers;
}

function collect(parent: Item, file: string, above: Look, depth: number, layers: FlatLayer[]): void {
  if (depth > LIMITS.groupDepth) badMap(parent.where, `its groups are nested more than ${LIMITS.groupDepth} deep`);
  const named = (tree: unknown): string => `${file}: layer ${JSON.stringify((tree as { name?: unknown } | null)?.name ?? "")}`;
  for (const item of parent.items("layers", 4 * LIMITS.layers, named)) {
    const look = lookOf(item, above);
    const type = item.text("type");
    if (type === "group") {
      collect(item, file, look, depth + 1, layers);
      continue;
    }
    const kind = KINDS[type as keyof typeof KINDS];
    if (kind === undefined) unsupported(item.where, `a layer of the type "${type}"`, "use tile, object and image layers");
    layers.push(flatLayer(item, kind, look, layers.length));
  }
}

function lookOf(item: Item, above: Look): Look {
  const mode = item.text("mode", "normal");
  if (mode !== "normal") unsupported(item.where, `the blend mode "${mode}"`, 'set it to "Normal"');
  const opacity = item.number("opacity", 1);
  if (opacity < 0 || opacity > 1) badMap(item.where, `its opacity is ${opacity}; it must be from 0 to 1`);
  const tint = item.has("tintcolor") ? colourFromTiled(item.text("tintcolor")) : undefined;
  if (item.has("tintcolor") && tint === undefined) badMap(item.where, "its tint is no colour");
  const tints = [above.tint, tint].filter((one) => one !== undefined);
  const both = tints.length === 2 ? multipliedColours(tints[0] as string, tints[1] as string) : tints[0];
  // Image layers of Tiled up to 0.14 say where they lie by x and y.
  const isOldImage = item.text("type") === "imagelayer" && !item.has("offsetx") && !item.has("offsety");
  const [keyX, keyY] = isOldImage ? ["x", "y"] : ["offsetx", "offsety"];
  return {
    opacity: above.opacity * opacity,
    ...(both === undefined || both === "#ffffff" ? {} : { tint: both }),
    offset: { x: above.offset.x + item.number(keyX, 0), y: above.offset.y + item.number(keyY, 0) },
    parallax: { x: above.parallax.x * item.number("parallaxx", 1), y: above.parallax.y * item.number("parallaxy", 1) },
    visible: above.visible && item.truth("visible", true),
  };
}

function flatLayer(item: Item, kind: LayerInfo["kind"], look: Look, order: number): FlatLayer {
  const properties: Properties = item.properties();
  const className = item.label("class", "");
  const name = item.label("name", "");
  const isObjects = kind === "object";
  const info: FlatLayer["info"] = {
    ...{ order, name },
    ...(className === "" ? {} : { class: className }),
    ...{ kind, ...look },
    ...(isObjects ? { offset: { x: 0, y: 0 }, drawOrder: item.text("draworder", "topdown") === "index" ? "index" : "topdown" } : {}),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
  };
  return { item, info, objectOffset: isObjects ? look.offset : { x: 0, y: 0 }, isCollision: isCollision(info) };
}
