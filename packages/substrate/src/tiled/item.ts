// One thing of a map file (map, layer, object …) with its attributes read one by one. Both of Tiled's formats come here as the
// same tree, in the shape of its JSON; XML attributes are text, so numbers and truths are also taken from text. Pure.
import { isReservedKey } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import { utf8Bytes } from "../versions/properties.ts";
import type { Properties, PropertyValue } from "../versions/types.ts";
import { badMap, unsupported } from "./problem.ts";

export type Tree = { readonly [key: string]: unknown };

const FAR = 1e9;

export class Item {
  readonly tree: Tree;
  /** For people: `map.tmx: layer "Ground"`. */
  readonly where: string;

  constructor(tree: unknown, where: string) {
    if (tree === null || typeof tree !== "object" || Array.isArray(tree)) badMap(where, "it must have attributes, and has none");
    this.tree = tree as Tree;
    this.where = where;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.tree, key) && this.tree[key] !== undefined && this.tree[key] !== null;
  }

  raw(key: string): unknown {
    return this.has(key) ? this.tree[key] : undefined;
  }

  text(key: string, otherwise?: string): string {
    const value = this.raw(key) ?? otherwise;
    if (typeof value !== "string") return badMap(this.where, `"${key}" must be text`);
    return value;
  }

  /** Text that is kept: a name or class. */
  label(key: string, otherwise?: string): string {
    const value = this.text(key, otherwise);
    if (!value.isWellFormed() || utf8Bytes(value) > LIMITS.nameBytes)
      badMap(this.where, `"${key}" must be at most ${LIMITS.nameBytes} bytes of text`);
    return value;
  }

  number(key: string, otherwise?: number): number {
    const given = this.raw(key) ?? otherwise;
    const value = typeof given === "string" && /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(given) ? Number(given) : given;
    if (typeof value === "number" && Math.abs(value) <= FAR) return value + 0;
    return badMap(this.where, `"${key}" must be a number, not ${JSON.stringify(given)?.slice(0, 40)}`);
  }

  int(key: string, min: number, max: number, otherwise?: number): number {
    const value = this.raw(key) === undefined && otherwise !== undefined ? otherwise : this.#wide(key);
    if (value >= min && value <= max) return value;
    return badMap(this.where, `"${key}" is ${value}; it must be from ${min} to ${max}`);
  }

  truth(key: string, otherwise: boolean): boolean {
    const value = this.raw(key) ?? otherwise;
    if (value === true || value === "true" || value === "1" || value === 1) return true;
    if (value === false || value === "false" || value === "0" || value === 0) return false;
    return badMap(this.where, `"${key}" must be true or false`);
  }

  items(key: string, max: number, where: (tree: unknown, index: number) => string): Item[] {
    const value = this.raw(key) ?? [];
    if (!Array.isArray(value)) return badMap(this.where, `"${key}" must be a list`);
    if (value.length > max) return badMap(this.where, `it has ${value.length} ${key}; ${max} are allowed`);
    return value.map((tree, i) => new Item(tree, where(tree, i)));
  }

  item(key: string, where: string): Item | undefined {
    return this.has(key) ? new Item(this.raw(key), where) : undefined;
  }

  /** Of a tile or object: Tiled wrote it as `type` up to 1.8, as `class` in 1.9, and as `type` again since 1.10. */
  className(): string {
    return this.has("class") ? this.label("class") : this.label("type", "");
  }

  properties(): Properties {
    const properties: Record<string, PropertyValue> = {};
    for (const item of this.items("properties", LIMITS.properties, () => `${this.where}: a property`)) {
      const name = propertyName(item.label("name"), this.where);
      properties[name] = propertyValue(new Item(item.tree, `${this.where}: property ${JSON.stringify(name)}`), 1);
    }
    return properties;
  }

  /** A whole number up to 2^32, which is more than `number` takes. */
  #wide(key: string): number {
    const given = this.raw(key);
    const value = typeof given === "string" && /^-?\d{1,10}$/.test(given) ? Number(given) : given;
    return typeof value === "number" && Number.isInteger(value) ? value + 0 : badMap(this.where, `"${key}" must be a whole number`);
  }
}

function propertyName(name: string, where: string): string {
  if (isReservedKey(name)) badMap(`${where}: property ${JSON.stringify(name)}`, "this name is reserved; choose another one");
  return name;
}

function propertyValue(item: Item, depth: number): PropertyValue {
  const type = item.text("type", "string");
  switch (type) {
    case "string":
    case "file":
    case "color":
      return checkedText(item.text("value", ""), item.where);
    case "int":
    case "object":
      return item.int("value", -0x80000000, 0xffffffff, 0);
    case "float":
      return item.number("value", 0);
    case "bool":
      return item.truth("value", false);
    case "class":
      return classValue(item, depth);
    default:
      return unsupported(item.where, `the type "${type}"`, "use text, a number, a truth, or a class of these");
  }
}

function checkedText(text: string, where: string): string {
  if (!text.isWellFormed() || utf8Bytes(text) > LIMITS.propertyTextBytes)
    badMap(where, `it must be at most ${LIMITS.propertyTextBytes} bytes of text`);
  return text;
}

/** XML nests properties inside a class's property; JSON gives their bare values. */
function classValue(item: Item, depth: number): Properties {
  if (depth >= LIMITS.propertyDepth) badMap(item.where, `classes are nested more than ${LIMITS.propertyDepth} deep`);
  const fields: Record<string, PropertyValue> = {};
  if (item.has("properties")) {
    for (const field of item.items("properties", LIMITS.properties, () => item.where))
      fields[propertyName(field.label("name"), item.where)] = propertyValue(field, depth + 1);
    return fields;
  }
  const bare = item.item("value", item.where);
  for (const [name, value] of Object.entries(bare?.tree ?? {})) {
    const where = `${item.where}, field ${JSON.stringify(propertyName(name, item.where))}`;
    if (typeof value === "boolean" || typeof value === "number") fields[name] = value;
    else if (typeof value === "string") fields[name] = checkedText(value, where);
    else fields[name] = classValue(new Item({ value }, where), depth + 1);
  }
  return fields;
}
