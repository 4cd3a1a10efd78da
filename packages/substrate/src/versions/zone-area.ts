// Whether a point (units) lies in a zone, by the zone's true shape. Pure.
import type { Zone } from "./types.ts";

/** Points and polylines have no inside: they hold nothing. */
export function zoneHolds(zone: Zone, x: number, y: number): boolean {
  const { x: left, y: top, w, h } = zone;
  if (x < left || y < top || x >= left + w || y >= top + h) return false;
  switch (zone.shape) {
    case "rectangle":
      return true;
    case "ellipse":
      return ((x - left - w / 2) / (w / 2)) ** 2 + ((y - top - h / 2) / (h / 2)) ** 2 <= 1;
    case "polygon":
      return polygonHolds(zone.points ?? [], x, y);
    default:
      return false;
  }
}

/** Even-odd rule. */
function polygonHolds(points: readonly (readonly [number, number])[], x: number, y: number): boolean {
  let isInside = false;
  let [px, py] = points.at(-1) ?? [0, 0];
  for (const [qx, qy] of points) {
    if (py > y !== qy > y && x < ((qx - px) * (y - py)) / (qy - py) + px) isInside = !isInside;
    [px, py] = [qx, qy];
  }
  return isInside;
}
