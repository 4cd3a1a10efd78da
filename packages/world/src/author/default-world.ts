// A world over any Tiled map, for whoever has a map and no rules yet: one can walk, talk, carry and see each other.
import { basename, extname } from "node:path";
import { cutBytes } from "../kernel/words.ts";
import type { AnyDefinition } from "../options.ts";

/** The rules of a land that somebody else made, and nobody wrote down rules for. */
export function inheritedWorld(name: string): AnyDefinition {
  const title = cutBytes(name, 48) || "World";
  return { ...defaultWorld("", title), about: "The land of a world that fell silent, as it was, and what was built since." };
}

export function defaultWorld(mapFile: string, name: string | undefined): AnyDefinition {
  const title = name ?? basename(mapFile, extname(mapFile));
  return {
    name: cutBytes(title, 48) || "World",
    about: cutBytes(`A walk over the map ${basename(mapFile)}.`, 1_024),
    map: mapFile,
    entry: "open",
    // The operator pinned each peer by hand; a world without rules has no reason to look into bags.
    customs: { "*": { allow: ["*"] } },
  };
}
