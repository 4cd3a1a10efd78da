// What a version knows of an object and Tiled has no place for (who built it, under which id), in one property of the class kind:
// `sojourn`. It is written when a version is written back as a map, and read when that map is packed. Pure.
import { DID_KEY_PATTERN, type TravellerId } from "@sojourn/protocol";
import type { Properties } from "../versions/types.ts";
import { badMap } from "./problem.ts";

export const OWN_PROPERTY = "sojourn";

/** An object that has them is what they say, exactly: nothing of its tile's class, text or properties is added. */
export interface OwnFacts {
  /** The object's id in the version; `m` and its number when not given. */
  readonly id?: string;
  readonly by?: TravellerId;
  readonly text?: string;
  /** Its place in the drawing order; none when not given. */
  readonly order?: number;
  /** It stops movement: with its bounding box; with the collision shapes of its tile. */
  readonly solid?: boolean;
  readonly shapes?: boolean;
  /** A static object that shows no tile. */
  readonly bare?: boolean;
}

/** The facts among the properties, and the properties without them. */
export function takeOwnFacts(all: Properties, where: string): { facts: OwnFacts | undefined; properties: Properties } {
  const { [OWN_PROPERTY]: found, ...properties } = all;
  if (found === undefined) return { facts: undefined, properties: all };
  if (typeof found !== "object") return badMap(where, `its property "${OWN_PROPERTY}" must be a class; remove it`);
  const wrong = Object.entries(found).find(([name, value]) => !isFact(name, value));
  if (wrong !== undefined) badMap(where, `"${wrong[0]}" in its property "${OWN_PROPERTY}" is not what a version would say; remove it`);
  return { facts: found as OwnFacts, properties };
}

function isFact(name: string, value: unknown): boolean {
  switch (name) {
    case "id":
    case "text":
      return typeof value === "string";
    case "by":
      return typeof value === "string" && DID_KEY_PATTERN.test(value);
    case "order":
      return Number.isSafeInteger(value) && (value as number) >= 0;
    case "solid":
    case "shapes":
    case "bare":
      return typeof value === "boolean";
    default:
      return false;
  }
}
