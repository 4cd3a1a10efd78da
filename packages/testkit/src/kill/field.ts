// The worlds that are killed: small fields that differ in customs, each with a portal to every other. Everything is within reach, so
// that travellers spend their time crossing and handling things, not walking.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defineWorld, type Openable } from "@sojourn/world";

/** By these names the worlds pin each other, and their portals are called the same. */
export const WORLD_NAMES = ["ash", "birch", "cedar"] as const;
export type WorldName = (typeof WORLD_NAMES)[number];

const TILE = 16;
const WIDTH = 64;
const HEIGHT = 32;

interface MapZone {
  readonly name: string;
  readonly type: "spawn" | "portal";
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

function fieldMap(name: WorldName): unknown {
  const portals = WORLD_NAMES.filter((other) => other !== name).map(
    (other, index): MapZone => ({ name: other, type: "portal", x: 12 + index * 32, y: 12, w: 3, h: 3 }),
  );
  const zones: MapZone[] = [{ name: "start", type: "spawn", x: 30, y: 14, w: 4, h: 4 }, ...portals];
  const objects = zones.map(({ x, y, w, h, ...zone }, index) => ({
    ...zone,
    ...{ id: index + 1, x: x * TILE, y: y * TILE, width: w * TILE, height: h * TILE, rotation: 0, visible: true },
    properties: zone.type === "portal" ? [{ name: "to", type: "string", value: zone.name }] : [],
  }));
  return {
    ...{ type: "map", version: "1.10", tiledversion: "1.11.0", orientation: "orthogonal", renderorder: "right-down", infinite: false },
    ...{ width: WIDTH, height: HEIGHT, tilewidth: TILE, tileheight: TILE, nextlayerid: 2, nextobjectid: objects.length + 1, tilesets: [] },
    layers: [{ id: 1, name: "places", type: "objectgroup", draworder: "topdown", opacity: 1, visible: true, x: 0, y: 0, objects }],
  };
}

/** Each world lets in something else: all, all but ale, or a few things and those with a bound laid over them. */
const CUSTOMS = {
  ash: { "*": { allow: ["*"] } },
  birch: { "*": { allow: ["*"], deny: ["ale"] } },
  cedar: { "*": { allow: ["*"], clamp: [{ kind: "torch", prop: "charge", max: 3 }], limit: { "*": 12 } } },
} as const;

export async function fieldWorld(name: WorldName, folder: string): Promise<Openable> {
  await mkdir(folder, { recursive: true });
  const map = join(folder, "field.tmj");
  await writeFile(map, JSON.stringify(fieldMap(name)));
  return defineWorld({
    name: `Field ${name}`,
    map,
    physics: { reach: 64 },
    items: {
      torch: {
        title: "Torch",
        sprite: "torch",
        facts: { charge: 9 },
        onUse: (ctx) => ctx.alter(ctx.item.id, { charge: Math.floor(ctx.random() * 10) }),
      },
      // Something new each time: a world's own numbers go on while travellers come and go.
      flint: { title: "Flint", sprite: "flint", onUse: (ctx) => void ctx.traveller.give(ctx.random() < 0.5 ? "crate" : "loaf") },
      loaf: { title: "Loaf", sprite: "loaf", onUse: (ctx) => ctx.burn(ctx.item.id, "eaten") },
      ale: { title: "Ale", sprite: "ale" },
      crate: { title: "Crate", sprite: "crate", place: true },
    },
    kit: ["torch", "flint", "ale", "loaf", "crate"],
    customs: CUSTOMS[name],
  });
}
