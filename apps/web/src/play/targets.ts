// What is near enough to be acted on, and what lies under the pointer. Pure. World units.
import type { ViewEntity } from "@sojourn/client";
import type { PortalInfo } from "@sojourn/protocol";
import type { StaticObject } from "@sojourn/substrate";

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Distance from a spot to an entity's body, 0 within it: the measure the world uses for reach. */
export function distanceTo(from: Spot, entity: ViewEntity): number {
  const dx = Math.max(0, Math.abs(entity.x - from.x) - entity.kind.width / 2);
  const dy = Math.max(0, Math.abs(entity.y - from.y) - entity.kind.height / 2);
  return Math.hypot(dx, dy);
}

/** A direction of view (256ths of a turn) as a unit vector. */
export function headingOf(facing: number): Spot {
  const turn = (facing / 128) * Math.PI;
  return { x: Math.cos(turn), y: Math.sin(turn) };
}

/** The thing one would act on: in reach, the nearest, and of equally near ones the one looked at. */
export function nearestTarget(entities: readonly ViewEntity[], me: ViewEntity, reach: number): ViewEntity | undefined {
  const heading = headingOf(me.facing);
  let best: ViewEntity | undefined;
  let bestScore = Number.POSITIVE_INFINITY;
  for (const entity of entities) {
    if (entity.isMe || entity.kind.interact === undefined) continue;
    const distance = distanceTo(me, entity);
    if (distance > reach) continue;
    const dx = entity.x - me.x;
    const dy = entity.y - me.y;
    const ahead = (dx * heading.x + dy * heading.y) / Math.max(0.001, Math.hypot(dx, dy));
    const score = distance - ahead * 0.4;
    if (score < bestScore) [best, bestScore] = [entity, score];
  }
  return best;
}

/** Writing that is part of the static world: read by oneself, also where nobody answers any more. */
export function nearestWriting(objects: readonly StaticObject[], me: Spot, reach: number): StaticObject | undefined {
  let best: StaticObject | undefined;
  let least = reach;
  for (const object of objects) {
    if (object.text === undefined || object.text === "") continue;
    const dx = Math.max(0, Math.abs(object.x - me.x) - (object.width ?? 1) / 2);
    const dy = Math.max(0, Math.abs(object.y - me.y) - (object.height ?? 1) / 2);
    const far = Math.hypot(dx, dy);
    if (far <= least) [best, least] = [object, far];
  }
  return best;
}

/** What is drawn under a spot, the nearest to the viewer first. A picture stands one unit or more above its feet. */
export function entityAt(entities: readonly ViewEntity[], spot: Spot): ViewEntity | undefined {
  let best: ViewEntity | undefined;
  for (const entity of entities) {
    if (entity.isMe) continue;
    const half = Math.max(0.5, entity.kind.width / 2);
    const above = Math.max(entity.kind.sprite === "traveller" ? 1.1 : 0.5, entity.kind.height / 2);
    const below = Math.max(0.5, entity.kind.height / 2);
    if (Math.abs(spot.x - entity.x) > half || spot.y < entity.y - above || spot.y > entity.y + below) continue;
    if (best === undefined || (entity.kind.interact !== undefined) > (best.kind.interact !== undefined) || entity.y > best.y) best = entity;
  }
  return best;
}

/** The portal one stands in or right before. */
export function portalNear(portals: readonly PortalInfo[], me: Spot, within: number): PortalInfo | undefined {
  return portals.find(({ x, y, w, h }) => {
    const dx = Math.max(0, Math.abs(me.x - (x + w / 2)) - w / 2);
    const dy = Math.max(0, Math.abs(me.y - (y + h / 2)) - h / 2);
    return Math.hypot(dx, dy) <= within;
  });
}
