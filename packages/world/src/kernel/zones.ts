// Who walked into which zone and against which thing in this tick. Each coming and going is said once; a portal that was walked into
// does not call again until it was left.

import { areaOf } from "../author/area.ts";
import type { EntityInfo } from "./entities.ts";
import type { Avatar, Hook, Stage } from "./stage.ts";

/** How near a body must be to a thing to touch it, units between their boxes. */
const TOUCH = 0.05;

export function visitZones(stage: Stage): void {
  const { ground, portals, definition } = stage.options;
  if (ground.zones.length === 0) return;
  const portalOf = new Map(portals.map((portal) => [portal.zone.id, portal]));
  for (const avatar of [...stage.avatars.values()]) {
    const { xs, ys } = stage.entities.columns;
    const { slot } = avatar.entity;
    if (xs[slot] === avatar.zonedAt?.x && ys[slot] === avatar.zonedAt?.y) continue;
    const at = stage.entities.at(avatar.entity);
    avatar.zonedAt = at;
    for (const zone of ground.zones) {
      const isIn = ground.holds(zone, at);
      if (isIn === avatar.zonesIn.has(zone.id)) continue;
      if (isIn) avatar.zonesIn.add(zone.id);
      else avatar.zonesIn.delete(zone.id);
      const portal = portalOf.get(zone.id);
      if (portal !== undefined && isIn) stage.wishes.push({ wish: "cross", traveller: avatar.traveller, portal: portal.name });
      stage.hook("onZone", definition.onZone, { traveller: avatar, more: { zone: areaOf(zone, ground), entered: isIn } });
    }
  }
}

/** Calls onTouch for each traveller and thing that begin to touch. What is not near anybody costs nothing. */
export function visitThings(stage: Stage): void {
  const { entities } = stage;
  const { bodyWidth, bodyHeight } = stage.options.physics;
  const [farX, farY] = [bodyWidth / 2 + TOUCH, bodyHeight / 2 + TOUCH];
  for (const avatar of [...stage.avatars.values()]) {
    if (avatar.touched.size === 0 && !entities.hasTouchables) continue;
    const { x, y } = entities.at(avatar.entity);
    const near = entities.touchablesIn(x - farX, y - farY, x + farX, y + farY);
    for (const id of avatar.touched) if (!near.some((info) => info.id === id)) avatar.touched.delete(id);
    for (const info of near) touch(stage, avatar, info);
  }
}

function touch(stage: Stage, avatar: Avatar, info: EntityInfo): void {
  if (stage.entities.info(info.id) === undefined) return;
  const { bodyWidth, bodyHeight } = stage.options.physics;
  const body = stage.entities.at(avatar.entity);
  const at = stage.entities.at(info);
  const gapX = Math.abs(body.x - at.x) - (bodyWidth + info.width) / 2;
  const gapY = Math.abs(body.y - at.y) - (bodyHeight + info.height) / 2;
  const touches = gapX <= TOUCH && gapY <= TOUCH;
  if (touches === avatar.touched.has(info.id)) return;
  if (!touches) {
    avatar.touched.delete(info.id);
    return;
  }
  avatar.touched.add(info.id);
  const thing = info.role.is === "thing" ? info.role.thing : "";
  stage.hook(`${thing}.onTouch`, stage.options.kinds.things.get(thing)?.onTouch as Hook | undefined, { traveller: avatar, target: info });
}
