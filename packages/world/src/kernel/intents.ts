// What a traveller asks to do, measured against the world as it is in this tick: reach, ownership, room, sense. A refusal is a fault
// with a sentence; what is allowed has happened when the call returns.
import { type Fault, fault, flattenItems, type Intent, type Item, LIMITS, type Point, snap } from "@sojourn/protocol";
import type { ItemDefinition, Kinds, ThingDefinition } from "../author/definition.ts";
import { canCarry, canLie, carries, holdItem, itemHere, putItem } from "./belongings.ts";
import { placeBuild, whyNotPlace } from "./builds.ts";
import type { EntityInfo } from "./entities.ts";
import { whySealed } from "./sealed.ts";
import type { Avatar, Hook, Stage } from "./stage.ts";
import { shownWords } from "./words.ts";

type Refused = Fault | undefined;
type Asked<K extends Intent["kind"]> = Extract<Intent, { kind: K }>;

/** Tolerance of reach: the client saw the world as it was a moment ago. Units. */
const REACH_SLACK = 0.5;

/** Carries out an intent, or says why not. */
export function actOn(stage: Stage, avatar: Avatar, intent: Intent): Refused {
  const no = stage.hook("onIntent", stage.options.definition.onIntent, { traveller: avatar, more: { intent } });
  if (no !== undefined) return fault("not-allowed", "world", sentence(no));
  switch (intent.kind) {
    case "interact":
      return interact(stage, avatar, intent);
    case "use":
      return use(stage, avatar, intent);
    case "chat":
      return chat(stage, avatar, intent);
    case "pick-up":
      return pickUp(stage, avatar, intent);
    case "drop":
      return drop(stage, avatar, intent);
    case "place":
      return place(stage, avatar, intent);
    case "cross":
      return cross(stage, avatar, intent);
  }
}

export function sentence(words: string): string {
  return shownWords(words, LIMITS.detailBytes) || "This world does not allow it.";
}

function reachable(stage: Stage, avatar: Avatar, id: number): EntityInfo | Fault {
  const info = stage.entities.info(id);
  if (info === undefined) return fault("no-such-target", "client", "It is not there any more.");
  const far = stage.entities.distance(stage.entities.at(avatar.entity), info);
  if (far > stage.options.physics.reach + REACH_SLACK) return fault("out-of-reach", "client", "It is too far away.");
  return info;
}

function isFault(value: EntityInfo | Fault): value is Fault {
  return "code" in value;
}

function interact(stage: Stage, avatar: Avatar, intent: Asked<"interact">): Refused {
  const target = reachable(stage, avatar, intent.target);
  if (isFault(target)) return target;
  if (target.role.is === "item") return pickUp(stage, avatar, { kind: "pick-up", target: intent.target });
  if (target.role.is === "build") return readBuild(stage, avatar, target.role.build);
  const thing: ThingDefinition<Kinds> | undefined =
    target.role.is === "thing" ? stage.options.kinds.things.get(target.role.thing) : undefined;
  if (thing?.onInteract === undefined || target.role.is !== "thing") return fault("not-usable", "client", "Nothing happens.");
  const no = stage.hook(`${target.role.thing}.onInteract`, thing.onInteract as Hook, { traveller: avatar, target });
  return no === undefined ? undefined : fault("not-allowed", "world", sentence(no));
}

function readBuild(stage: Stage, avatar: Avatar, id: string): Refused {
  const text = stage.custody.builds.get(id)?.object.text;
  if (typeof text !== "string" || text === "") return fault("not-usable", "client", "Nothing happens.");
  stage.options.voice.tell(avatar.traveller, { t: "notice", text, tone: "info" });
  return undefined;
}

function owned(stage: Stage, avatar: Avatar, ref: string): Item | Fault {
  const item = carries(stage, avatar.traveller, ref) ? itemHere(stage, ref) : undefined;
  return item ?? fault("not-yours", "client", "You do not carry that.");
}

function use(stage: Stage, avatar: Avatar, intent: Asked<"use">): Refused {
  const item = owned(stage, avatar, intent.item);
  if ("code" in item) return item;
  const sealed = whySealed(item);
  if (sealed !== undefined) return sealed;
  const target = intent.target === undefined ? undefined : reachable(stage, avatar, intent.target);
  if (target !== undefined && isFault(target)) return target;
  const definition: ItemDefinition<Kinds> | undefined = stage.options.kinds.items.get(item.kind);
  if (definition?.onUse === undefined) return fault("not-usable", "client", "Nobody here knows what to do with it.");
  holdItem(stage, avatar.traveller, item.id);
  const no = stage.hook(`${item.kind}.onUse`, definition.onUse as Hook, { traveller: avatar, target, more: { item } });
  return no === undefined ? undefined : fault("not-allowed", "world", sentence(no));
}

function chat(stage: Stage, avatar: Avatar, intent: Asked<"chat">): Refused {
  const text = shownWords(intent.text, LIMITS.chatBytes);
  if (text === "") return fault("not-allowed", "client", "There were no words in it.");
  const no = stage.hook("onChat", stage.options.definition.onChat, { traveller: avatar, more: { text } });
  if (no !== undefined) return fault("not-allowed", "world", sentence(no));
  stage.speak(avatar.entity, text);
  return undefined;
}

function pickUp(stage: Stage, avatar: Avatar, intent: Asked<"pick-up">): Refused {
  const target = reachable(stage, avatar, intent.target);
  if (isFault(target)) return target;
  if (target.role.is !== "item") return fault("not-usable", "client", "That cannot be picked up.");
  const item = itemHere(stage, target.role.item);
  if (item === undefined) return fault("no-such-target", "client", "It is not there any more.");
  if (!canCarry(stage, avatar.traveller, flattenItems([item]).length)) return fault("no-room", "client", "Your hands are full.");
  putItem(stage, item.id, { in: "inventory", of: avatar.traveller });
  return undefined;
}

function drop(stage: Stage, avatar: Avatar, intent: Asked<"drop">): Refused {
  const item = owned(stage, avatar, intent.item);
  if ("code" in item) return item;
  const at = stage.entities.at(avatar.entity);
  if (!canLie(stage, at)) return fault("no-room", "world", "There is too much lying about here already.");
  putItem(stage, item.id, { in: "ground", x: at.x, y: at.y });
  return undefined;
}

function place(stage: Stage, avatar: Avatar, intent: Asked<"place">): Refused {
  const item = owned(stage, avatar, intent.item);
  if ("code" in item) return item;
  const sealed = whySealed(item);
  if (sealed !== undefined) return sealed;
  const at: Point = { x: snap(intent.x), y: snap(intent.y) };
  const from = stage.entities.at(avatar.entity);
  if (Math.hypot(at.x - from.x, at.y - from.y) > stage.options.physics.reach + REACH_SLACK)
    return fault("out-of-reach", "client", "That is too far away.");
  const no = whyNotPlace(stage, avatar, item, at);
  if (no !== undefined) return fault(no.startsWith("This cannot") ? "not-usable" : "no-room", "client", no);
  placeBuild(stage, avatar, item, at, intent.text);
  return undefined;
}

function cross(stage: Stage, avatar: Avatar, intent: Asked<"cross">): Refused {
  const portal = stage.options.portals.find((one) => one.name === intent.portal);
  if (portal === undefined) return fault("no-such-portal", "client", "There is no such portal.");
  if (!stage.options.isLeading(portal)) return fault("no-such-portal", "client", `${portal.label}: this portal leads nowhere yet.`);
  const { x, y } = stage.entities.at(avatar.entity);
  const { zone } = portal;
  const dx = Math.max(zone.x - x, 0, x - zone.x - zone.w);
  const dy = Math.max(zone.y - y, 0, y - zone.y - zone.h);
  if (Math.hypot(dx, dy) > stage.options.physics.reach + REACH_SLACK) return fault("out-of-reach", "client", "The portal is too far away.");
  stage.wishes.push({ wish: "cross", traveller: avatar.traveller, portal: portal.name });
  return undefined;
}
