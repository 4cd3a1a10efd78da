// Pictures that a definition names and the map's tilesets do not have. The world opens: what has no picture can still be used.
import type { Log } from "@sojourn/runtime";
import type { SubstrateVersion } from "@sojourn/substrate";
import { placeOf } from "../kernel/kinds.ts";
import type { AnyDefinition } from "../options.ts";

/** Sprites that stand for no tile: nothing, and the figures that clients have of their own, which can walk. */
const DRAWN_OTHERWISE: ReadonlySet<string> = new Set(["", "traveller", "innkeeper", "guard", "skeleton", "cat", "rat"]);

/** `items.torch: torch`, one for each that is missing. */
export function missingSprites(definition: AnyDefinition, version: Pick<SubstrateVersion, "tilesets">): string[] {
  const known = new Set(version.tilesets.flatMap((tileset) => tileset.tiles.map((tile) => tile.class)));
  const wanted: [string, string][] = [];
  for (const [kind, item] of Object.entries(definition.items ?? {})) {
    wanted.push([`items.${kind}`, item.sprite]);
    const sprite = placeOf(item)?.sprite;
    if (sprite !== undefined) wanted.push([`items.${kind}.place`, sprite]);
  }
  for (const [kind, thing] of Object.entries(definition.things ?? {})) wanted.push([`things.${kind}`, thing.sprite]);
  return wanted.filter(([, sprite]) => !DRAWN_OTHERWISE.has(sprite) && !known.has(sprite)).map(([at, sprite]) => `${at}: ${sprite}`);
}

export function warnOfSprites(definition: AnyDefinition, version: Pick<SubstrateVersion, "tilesets">, log: Log): void {
  const missing = missingSprites(definition, version);
  if (missing.length === 0) return;
  const remedy = "give a tile of the map's tilesets that class in Tiled";
  log.warn("sprites missing", { sprites: missing.slice(0, 16).join(", "), count: missing.length, remedy });
}
