// Authors' custom properties in a node: a map of text, numbers, truths and further maps, within limits. Pure.
import { isReservedKey, Link, type NodeMap, type NodeValue } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import { badShape } from "./fields.ts";
import type { Properties, PropertyValue } from "./types.ts";

export function readProperties(value: NodeValue, path: string): Properties {
  const wrong = wrongProperties(value, path, 1);
  return wrong === undefined ? (value as Properties) : badShape(wrong);
}

/** What makes the value no properties, or undefined. */
export function wrongProperties(value: unknown, path: string, depth = 1): string | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value) || value instanceof Uint8Array || value instanceof Link) {
    return `${path} must be a map of properties`;
  }
  const entries = Object.entries(value);
  if (entries.length > LIMITS.properties) return `${path} has ${entries.length} properties; ${LIMITS.properties} are allowed`;
  for (const [name, item] of entries) {
    if (isReservedKey(name) || utf8Bytes(name) > LIMITS.nameBytes)
      return `${path}: a property cannot have the name ${JSON.stringify(name)}`;
    const wrong = wrongValue(item, `${path}.${name}`, depth);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function wrongValue(item: PropertyValue | NodeValue | undefined, path: string, depth: number): string | undefined {
  switch (typeof item) {
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(item) && Math.abs(item) <= Number.MAX_SAFE_INTEGER ? undefined : `${path} must be a finite number below 2^53`;
    case "string":
      if (!item.isWellFormed()) return `${path} has half a surrogate pair`;
      return utf8Bytes(item) <= LIMITS.propertyTextBytes ? undefined : `${path} is longer than ${LIMITS.propertyTextBytes} bytes`;
    default:
      if (depth >= LIMITS.propertyDepth) return `${path} is deeper than ${LIMITS.propertyDepth} classes`;
      return wrongProperties(item, path, depth + 1);
  }
}

export function propertiesNode(properties: Properties): NodeMap {
  return properties as NodeMap;
}

export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
