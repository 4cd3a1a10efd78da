// A zone of the map as an author sees it.
import type { Zone } from "@sojourn/substrate";
import type { Ground } from "../kernel/ground.ts";
import type { Area } from "./moments.ts";

export function areaOf(zone: Zone, ground: Ground): Area {
  const { name, x, y, w, h, properties } = zone;
  return Object.freeze({ name, class: zone.class, x, y, w, h, properties, contains: (spot) => ground.holds(zone, spot) } satisfies Area);
}
