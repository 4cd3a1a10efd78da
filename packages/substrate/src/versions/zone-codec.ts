// Zones as a scene holds them, in whole 1/256 units like objects. Pure.
import type { NodeMap, NodeValue } from "../blocks/node-codec.ts";
import { LIMITS } from "../limits.ts";
import { present } from "./asset-codec.ts";
import { badShape, Fields, intWithin, listOf } from "./fields.ts";
import { STEPS_PER_UNIT, toSteps } from "./object-codec.ts";
import { propertiesNode, readProperties } from "./properties.ts";
import type { Zone } from "./types.ts";

const SHAPES = ["rectangle", "ellipse", "point", "polygon", "polyline"] as const;
const FAR_STEPS = 4 * LIMITS.coordinateTiles * STEPS_PER_UNIT;

export function zoneNode(zone: Zone): NodeMap {
  return present({
    id: zone.id,
    name: zone.name,
    class: zone.class,
    shape: zone.shape,
    box: [zone.x, zone.y, zone.w, zone.h].map(toSteps),
    points: zone.points?.map((point) => point.map(toSteps)),
    properties: propertiesNode(zone.properties),
  });
}

/** Throws BadShape. */
export function readZone(item: NodeValue, path: string): Zone {
  const fields = new Fields(item, path);
  const box = fields.list("box", 4, readUnits);
  const [x, y, w, h] = box as [number, number, number, number];
  if (box.length !== 4 || w < 0 || h < 0) return badShape(`${path}.box must be x, y, width, height`);
  const zone: Zone = {
    id: fields.text("id", LIMITS.idBytes),
    name: fields.text("name", LIMITS.nameBytes),
    class: fields.text("class", LIMITS.nameBytes),
    ...{ x, y, w, h },
    shape: fields.one("shape", SHAPES),
    ...fields.optional("points", (f, key) => f.list(key, LIMITS.zonePoints, readPoint)),
    properties: readProperties(fields.raw("properties"), path),
  };
  fields.end();
  const isDrawn = zone.shape === "polygon" || zone.shape === "polyline";
  if (isDrawn !== (zone.points?.length ?? 0) >= (zone.shape === "polygon" ? 3 : 2)) badShape(`${path}.points do not suit its shape`);
  return zone;
}

function readPoint(item: NodeValue, path: string): readonly [number, number] {
  const point = listOf(item, 2, path, readUnits);
  return point.length === 2 ? (point as [number, number]) : badShape(`${path} must be x, y`);
}

function readUnits(item: NodeValue, path: string): number {
  return intWithin(item, -FAR_STEPS, FAR_STEPS, path) / STEPS_PER_UNIT;
}
