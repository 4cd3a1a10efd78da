// Travellers' bodies: put into the live world, walked, hurt, healed, put to rest, taken out. Custody says who is here; this shows them.
import {
  ENTITY_FLAGS,
  FIELD,
  MoveQueue,
  type Point,
  type Resident,
  snap,
  stepBody,
  type TravellerBody,
  type TravellerId,
} from "@sojourn/protocol";
import type { Kinds } from "../author/definition.ts";
import type { EnterMoment, LeaveMoment } from "../author/moments.ts";
import { MOVE_LIMITS, REST_LIMITS } from "../limits.ts";
import { mintItem } from "./belongings.ts";
import { middleOf } from "./ground.ts";
import { TRAVELLER_KIND } from "./kinds.ts";
import type { Avatar, Stage } from "./stage.ts";

export type EnterHow = EnterMoment<Kinds>["how"];

/** A traveller who is new to the world: their beginning and their kit, as records. */
export function bear(stage: Stage, traveller: TravellerId, name: string): void {
  const { ledger, definition, fullHealth } = stage.options;
  ledger.write({ r: "born", traveller, name, body: { health: fullHealth, props: {} } });
  for (const wanted of definition.kit ?? []) {
    const [kind, facts] = typeof wanted === "string" ? [wanted, {}] : [wanted.kind, wanted.facts ?? {}];
    mintItem(stage, kind, { in: "inventory", of: traveller }, facts);
  }
}

/** Shows a resident who is here. `fromWorld` names where an arrival came from. Undefined when the world is full of entities. */
export function enter(
  stage: Stage,
  resident: Resident,
  how: EnterHow,
  fromWorld: string | undefined,
  arrivedBy?: string,
): Avatar | undefined {
  const { traveller, name } = resident;
  const place = entryPlace(stage, resident, arrivedBy);
  const entity = stage.entities.spawn({ is: "traveller", traveller }, TRAVELLER_KIND, place, name);
  if (entity === undefined) return undefined;
  const health = Math.max(1, resident.body.health);
  const avatar: Avatar = {
    traveller,
    entity,
    name,
    health,
    held: undefined,
    moves: new MoveQueue(stage.options.physics.tickHz),
    walkedAtMs: Number.NEGATIVE_INFINITY,
    zonesIn: new Set(stage.options.ground.zones.filter((zone) => stage.options.ground.holds(zone, place)).map((zone) => zone.id)),
    touched: new Set(),
    zonedAt: undefined,
    restAtMs: undefined,
    noted: { x: resident.x ?? Number.NaN, y: resident.y ?? Number.NaN, health: resident.body.health },
    notedAtMs: stage.steadyMs,
  };
  stage.avatars.set(traveller, avatar);
  stage.entities.write(entity, FIELD.health, health);
  showFlags(stage, avatar);
  stage.entities.write(entity, FIELD.facing, 64);
  stage.show("arrive", entity, (fromWorld ?? "").slice(0, 64));
  stage.hook("onEnter", stage.options.definition.onEnter, { traveller: avatar, more: { how, from: fromWorld } });
  return avatar;
}

/** Takes a body out of the live world. Custody knows already, or is told by the caller. */
export function leave(stage: Stage, avatar: Avatar, how: LeaveMoment<Kinds>["how"], toWorld: string | undefined): void {
  stage.hook("onLeave", stage.options.definition.onLeave, { traveller: avatar, more: { how, to: toWorld } });
  stage.show("leave", avatar.entity, (toWorld ?? "").slice(0, 64));
  stage.entities.remove(avatar.entity.id);
  stage.avatars.delete(avatar.traveller);
}

/** Where a resident appears: where they were last; else beside the portal that leads to where they came from; else at a spawn place. */
function entryPlace(stage: Stage, resident: Resident, arrivedBy: string | undefined): Point {
  const { ground, portals } = stage.options;
  if (resident.x !== undefined && resident.y !== undefined)
    return ground.freePlace({ x: snap(resident.x), y: snap(resident.y) }, stage.entities.solids);
  const portal = arrivedBy === undefined ? undefined : portals.find((one) => one.name === arrivedBy);
  if (portal !== undefined) return ground.freePlace(middleOf(portal.zone), stage.entities.solids);
  return ground.spawnPlace(stage.avatars.size, stage.entities.solids);
}

/** One tick of walking for everybody. */
export function walkAll(stage: Stage): void {
  for (const avatar of stage.avatars.values()) walk(stage, avatar);
}

function walk(stage: Stage, avatar: Avatar): void {
  avatar.moves.earn();
  for (let move = avatar.moves.next(); move !== undefined; move = avatar.moves.next()) {
    const stands = move.dx === 0 && move.dy === 0;
    avatar.walkedAtMs = stands ? Number.NEGATIVE_INFINITY : stage.steadyMs;
    if (stands) continue;
    const before = stage.entities.at(avatar.entity);
    const after = stepBody(before, move.dx, move.dy, stage.options.physics, stage.solids);
    if (after.x !== before.x || after.y !== before.y) stage.entities.moveTo(avatar.entity, after);
    // Who pushes against a wall is not on the way: nobody is to show them going on.
    else avatar.walkedAtMs = Number.NEGATIVE_INFINITY;
    stage.entities.write(avatar.entity, FIELD.facing, facingOf(move.dx, move.dy));
  }
  showFlags(stage, avatar);
}

/** A traveller's flags: that it is one, whether its link is lost, whether it walks (a moment without a move is the network's, not a stop). */
function showFlags(stage: Stage, avatar: Avatar): void {
  const lingers = avatar.restAtMs === undefined ? 0 : ENTITY_FLAGS.lingering;
  const walks = stage.steadyMs - avatar.walkedAtMs < MOVE_LIMITS.stillWalkingMs ? ENTITY_FLAGS.walking : 0;
  stage.entities.write(avatar.entity, FIELD.flags, ENTITY_FLAGS.traveller | lingers | walks);
}

/** 256ths of a turn: 0 right, 64 down. */
export function facingOf(dx: number, dy: number): number {
  return Math.round((Math.atan2(dy, dx) / (2 * Math.PI)) * 256) & 255;
}

export function bodyOf(stage: Stage, avatar: Avatar): TravellerBody {
  const props = stage.custody.residents.get(avatar.traveller)?.body.props ?? {};
  return { health: avatar.health, props };
}

/** Takes health. At none left the traveller wakes at a spawn place, whole, with everything they carried. */
export function hurt(stage: Stage, avatar: Avatar, points: number): void {
  if (!(points > 0)) return;
  avatar.health = Math.max(0, avatar.health - Math.ceil(points));
  if (avatar.health > 0) {
    stage.entities.write(avatar.entity, FIELD.health, avatar.health);
    stage.show("effect", avatar.entity, "hurt");
    return;
  }
  stage.show("effect", avatar.entity, "poof");
  avatar.health = stage.options.fullHealth;
  stage.entities.write(avatar.entity, FIELD.health, avatar.health);
  placeAt(stage, avatar, stage.options.ground.spawnPlace(0, stage.entities.solids));
  stage.options.voice.tell(avatar.traveller, {
    t: "notice",
    text: "You fainted, and woke up where one begins. You have everything you carried.",
    tone: "warn",
  });
}

export function heal(stage: Stage, avatar: Avatar, points: number): void {
  const full = Math.max(avatar.health, stage.options.fullHealth);
  const after = Math.min(full, avatar.health + Math.ceil(points));
  if (!(points > 0) || after === avatar.health) return;
  avatar.health = after;
  stage.entities.write(avatar.entity, FIELD.health, after);
  stage.show("effect", avatar.entity, "heal");
}

/** Puts a body somewhere at once; moves that were on their way count as walked. */
export function placeAt(stage: Stage, avatar: Avatar, to: Point): void {
  avatar.moves.clear();
  stage.entities.moveTo(avatar.entity, { x: snap(to.x), y: snap(to.y) });
}

/** Writes down where a body is and how it is, if that is news. */
export function note(stage: Stage, avatar: Avatar): boolean {
  avatar.notedAtMs = stage.steadyMs;
  const { x, y } = stage.entities.at(avatar.entity);
  const { noted, health } = avatar;
  if (noted.x === x && noted.y === y && noted.health === health) return false;
  if (stage.custody.residents.get(avatar.traveller)?.status !== "here") return false;
  stage.options.ledger.write({ r: "rest", traveller: avatar.traveller, body: bodyOf(stage, avatar), x, y });
  avatar.noted = { x, y, health };
  return true;
}

/** A few travellers' places each tick, so that a crash sets nobody back far and no tick pays for all. */
export function noteSome(stage: Stage): void {
  let left: number = REST_LIMITS.perTick;
  for (const avatar of stage.avatars.values()) {
    if (left === 0) return;
    if (stage.steadyMs - avatar.notedAtMs >= REST_LIMITS.everyMs && note(stage, avatar)) left -= 1;
  }
}

/** Bodies whose link has been gone for long enough go to rest where they stand. */
export function restSome(stage: Stage): void {
  for (const avatar of [...stage.avatars.values()]) {
    if (avatar.restAtMs === undefined || stage.steadyMs < avatar.restAtMs) continue;
    note(stage, avatar);
    leave(stage, avatar, "rest", undefined);
  }
}

export function setLingering(stage: Stage, avatar: Avatar, restAtMs: number | undefined): void {
  avatar.restAtMs = restAtMs;
  avatar.moves.restart();
  avatar.walkedAtMs = Number.NEGATIVE_INFINITY;
  showFlags(stage, avatar);
}
