// Tiled's XML (.tmx, .tsx, .tx) as a tree in the shape of its JSON. Elements that this reader does not know are refused by name:
// what is not read cannot be shown right. No entity is ever expanded but XML's own five. Pure.
import { parseXml, XmlElement, XmlText } from "@rgrove/parse-xml";
import { LIMITS } from "../limits.ts";
import type { Tree } from "./item.ts";
import { badMap, unsupported } from "./problem.ts";

type Build = Record<string, unknown>;

/** Elements that only concern the editor. */
const EDITOR_ONLY = new Set(["editorsettings", "export", "chunksize", "wangsets", "terraintypes", "transformations", "grid"]);
const ROOTS = new Set(["map", "tileset", "template"]);
const LAYER_TYPES: Readonly<Record<string, string>> = {
  layer: "tilelayer",
  objectgroup: "objectgroup",
  imagelayer: "imagelayer",
  group: "group",
};

/** The root element as a tree; `type` is its name (`map`, `tileset`, `template`). */
export function treeFromXml(text: string, file: string): Tree {
  let root: XmlElement | null;
  try {
    root = parseXml(text).root;
  } catch (error) {
    if (error instanceof RangeError) return badMap(file, "its elements are nested too deep to be read; Tiled writes no such file");
    const reason = (error instanceof Error ? error.message : String(error)).split("\n")[0];
    return badMap(file, `it is no well-formed XML (${reason}); open it in Tiled and save it again`);
  }
  if (root === null) return badMap(file, "it is empty");
  if (!ROOTS.has(root.name)) return badMap(file, `it holds a <${root.name}>, and not a map, a tileset or a template`);
  return { ...elementTree(root, file, 0), type: root.name };
}

function elementTree(element: XmlElement, file: string, depth: number): Build {
  if (depth > 3 * LIMITS.groupDepth) badMap(file, "its elements are nested too deep");
  const tree: Build = { ...element.attributes };
  for (const child of element.children) if (child instanceof XmlElement) addChild(tree, element, child, file, depth);
  return tree;
}

function addChild(tree: Build, parent: XmlElement, child: XmlElement, file: string, depth: number): void {
  const below = (): Build => elementTree(child, file, depth + 1);
  const where = `${parent.name}>${child.name}`;
  if (EDITOR_ONLY.has(child.name)) return;
  if (child.name === "properties") {
    tree.properties = elementsOf(child).map((property) => propertyTree(property, file, depth + 1));
    return;
  }
  const layerType = LAYER_TYPES[child.name];
  if (layerType !== undefined && (parent.name === "map" || parent.name === "group")) {
    listIn(tree, "layers").push({ ...below(), type: layerType });
    return;
  }
  switch (where) {
    case "map>tileset":
      listIn(tree, "tilesets").push(below());
      return;
    case "tileset>tile":
      listIn(tree, "tiles").push(below());
      return;
    case "objectgroup>object":
      listIn(tree, "objects").push(below());
      return;
    case "tile>animation":
      tree.animation = elementsOf(child).map((frame) => ({ ...frame.attributes }));
      return;
    case "template>tileset":
    case "template>object":
    case "tile>objectgroup":
    case "tileset>tileoffset":
    case "object>text":
      tree[child.name] = below();
      return;
    case "layer>data":
      Object.assign(tree, dataTree(child, file));
      return;
    case "object>ellipse":
    case "object>capsule":
    case "object>point":
      tree[child.name] = true;
      return;
    case "object>polygon":
    case "object>polyline":
      tree[child.name] = pointList(child, file);
      return;
    case "tileset>image":
    case "tile>image":
    case "imagelayer>image":
      Object.assign(tree, imageTree(child, file));
      return;
    default:
      unsupported(file, `the element <${child.name}> inside <${parent.name}>`, "remove it in Tiled");
  }
}

function listIn(tree: Build, key: string): unknown[] {
  const list = (tree[key] ?? []) as unknown[];
  tree[key] = list;
  return list;
}

function elementsOf(element: XmlElement): XmlElement[] {
  return element.children.filter((child): child is XmlElement => child instanceof XmlElement);
}

/** A value is an attribute, or the text inside when it has several lines, or further properties for a class. */
function propertyTree(element: XmlElement, file: string, depth: number): Build {
  const tree = elementTree(element, file, depth);
  if (tree.value === undefined && tree.properties === undefined) tree.value = textOf(element);
  return tree;
}

function imageTree(element: XmlElement, file: string): Build {
  const { source, trans, width, height } = element.attributes;
  if (source === undefined) unsupported(file, "a picture embedded in the file", "keep it in a file of its own");
  return { image: source, imagewidth: width, imageheight: height, transparentcolor: trans };
}

function dataTree(element: XmlElement, file: string): Build {
  const { encoding, compression } = element.attributes;
  const children = elementsOf(element);
  const chunks = children.filter((child) => child.name === "chunk");
  if (chunks.length > 0) {
    const read = chunks.map((chunk) => ({ ...chunk.attributes, data: cellsOf(chunk, encoding, file) }));
    return { encoding, compression, chunks: read };
  }
  return { encoding, compression, data: cellsOf(element, encoding, file) };
}

/** Encoded text, or the gids of `<tile gid="…"/>` elements. */
function cellsOf(element: XmlElement, encoding: string | undefined, file: string): string | string[] {
  if (encoding !== undefined) return textOf(element);
  return elementsOf(element).map((tile) => {
    if (tile.name !== "tile") unsupported(file, `the element <${tile.name}> inside <${element.name}>`, "save the map again in Tiled");
    return tile.attributes.gid ?? "0";
  });
}

function textOf(element: XmlElement): string {
  return element.children.map((child) => (child instanceof XmlText ? child.text : "")).join("");
}

function pointList(element: XmlElement, file: string): { x: string; y: string }[] {
  const points = (element.attributes.points ?? "").trim().split(/\s+/);
  return points.map((point) => {
    const [x, y, more] = point.split(",");
    if (x === undefined || y === undefined || more !== undefined)
      return badMap(file, `a <${element.name}> has the point "${point.slice(0, 40)}"`);
    return { x, y };
  });
}
