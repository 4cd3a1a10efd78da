// The two worlds one crosses between: small yards with a gate each, everything within reach, all things let in.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defineWorld, type Openable } from "@sojourn/world";

export const YARDS = ["left", "right"] as const;
export type YardName = (typeof YARDS)[number];

/** What a traveller carries along. */
export const KIT = ["torch", "rope", "ale"] as const;

const TILE = 16;
const SIDE = 32;

export async function yard(name: YardName, folder: string): Promise<Openable> {
  await mkdir(folder, { recursive: true });
  const map = join(folder, "yard.tmj");
  const to = name === "left" ? "right" : "left";
  const place = { rotation: 0, visible: true };
  const objects = [
    { id: 1, name: "start", type: "spawn", x: 8 * TILE, y: 8 * TILE, width: 2 * TILE, height: 2 * TILE, properties: [], ...place },
    {
      ...{ id: 2, name: "gate", type: "portal", x: 20 * TILE, y: 8 * TILE, width: 2 * TILE, height: 2 * TILE, ...place },
      properties: [{ name: "to", type: "string", value: to }],
    },
  ];
  const layer = { id: 1, name: "places", type: "objectgroup", draworder: "topdown", opacity: 1, visible: true, x: 0, y: 0, objects };
  const tiled = {
    ...{ type: "map", version: "1.10", orientation: "orthogonal", renderorder: "right-down", infinite: false },
    ...{ width: SIDE, height: SIDE, tilewidth: TILE, tileheight: TILE, nextlayerid: 2, nextobjectid: 3, tilesets: [], layers: [layer] },
  };
  await writeFile(map, JSON.stringify(tiled));
  return defineWorld({
    name,
    map,
    capacity: 2_000,
    physics: { reach: 64 },
    items: {
      torch: { title: "Torch", sprite: "torch", facts: { charge: 9 } },
      rope: { title: "Rope", sprite: "rope" },
      ale: { title: "Ale", sprite: "ale" },
    },
    kit: KIT,
    customs: { "*": { allow: ["*"] } },
  });
}
