// Checks a definition before a world opens on it: what the type checker cannot see. Every complaint names the place and the remedy.
import { check, fieldTable, ITEM_KIND_PATTERN, LIMITS, type PhysicsConfig, physicsSchema } from "@sojourn/protocol";
import { TICK_LIMITS, WORLD_LIMITS } from "../limits.ts";
import type { DefineWorld, WorldDefinition } from "./definition.ts";
import { wrongName } from "./names.ts";

export const DEFAULT_PHYSICS: PhysicsConfig = {
  tickHz: TICK_LIMITS.tickHz,
  speed: 5,
  bodyWidth: 0.6,
  bodyHeight: 0.5,
  reach: 1.75,
  chatRange: 12,
  viewRadius: 24,
};
export const DEFAULT_HEALTH = 100;

const COMPONENT_PATTERN = /^[a-z][a-zA-Z0-9]{0,31}$/;
const COMPONENT_TYPES: readonly string[] = ["bool", "u8", "u16", "u32", "i16", "f32", "text"];
const THING_PATTERN = /^[a-z][a-z0-9-]{0,23}$/;

export const defineWorld: DefineWorld = (definition) => {
  checkDefinition(definition as unknown as WorldDefinition);
  return definition;
};

/** Throws an Error that says what to change. */
export function checkDefinition(definition: WorldDefinition): void {
  const wrong = wrongName(definition);
  if (wrong !== undefined) complain(wrong.at, wrong.what);
  checkText("name", definition.name, 48);
  if (definition.name.trim() === "") complain("name", "a world needs a name");
  checkText("about", definition.about ?? "", 1_024);
  checkWhole("capacity", definition.capacity ?? 1, 1, WORLD_LIMITS.capacityMax);
  checkWhole("archiveDelayMinutes", definition.archiveDelayMinutes ?? 0, 0, LIMITS.archiveDelayMs / 60_000);
  checkWhole("health", definition.health ?? 1, 1, 255);
  const physics = check(physicsSchema, { ...DEFAULT_PHYSICS, ...definition.physics }, "physics");
  if (!physics.ok) complain("physics", physics.fault.detail);
  checkComponents(definition);
  checkItems(definition);
  checkThings(definition);
  checkKit(definition);
  for (const [zone, portal] of Object.entries(definition.portals ?? {})) {
    checkText(`portals.${zone}.label`, portal.label ?? "", 64);
    checkText(`portals.${zone}.to`, portal.to ?? "", 128);
  }
}

function checkComponents(definition: WorldDefinition): void {
  const declared = Object.entries(definition.components ?? {}).map(([name, type]) => ({ name, type }));
  for (const { name, type } of declared) {
    if (!COMPONENT_PATTERN.test(name))
      complain(`components.${name}`, "a name is letters and digits, beginning with a small letter, at most 32");
    if (!COMPONENT_TYPES.includes(type)) complain(`components.${name}`, `one of ${COMPONENT_TYPES.join(", ")}`);
  }
  try {
    fieldTable(declared);
  } catch (error) {
    complain("components", error instanceof Error ? error.message : String(error));
  }
}

function checkItems(definition: WorldDefinition): void {
  const items = Object.entries(definition.items ?? {});
  if (items.length > LIMITS.itemKinds) complain("items", `at most ${LIMITS.itemKinds} kinds`);
  for (const [kind, item] of items) {
    const at = `items.${kind}`;
    if (!ITEM_KIND_PATTERN.test(kind) || kind.length > WORLD_LIMITS.kindNameChars) {
      complain(at, `an item kind is lower case letters, digits and dashes, at most ${WORLD_LIMITS.kindNameChars}`);
    }
    checkText(`${at}.title`, item.title, 64);
    checkText(`${at}.sprite`, item.sprite, 64);
    checkText(`${at}.about`, item.about ?? "", 256);
    checkText(`${at}.use`, item.use ?? "", 64);
    if (item.use !== undefined && item.onUse === undefined) complain(`${at}.use`, "a word for using it, but no onUse that does something");
    if (item.place !== undefined && item.place !== true) checkText(`${at}.place.label`, item.place.label ?? "", 64);
    if (Object.keys(item.facts ?? {}).length > LIMITS.itemProps) complain(`${at}.facts`, `at most ${LIMITS.itemProps} facts`);
  }
}

function checkThings(definition: WorldDefinition): void {
  for (const [kind, thing] of Object.entries(definition.things ?? {})) {
    const at = `things.${kind}`;
    if (!THING_PATTERN.test(kind)) complain(at, `a kind is lower case letters, digits and dashes, at most ${WORLD_LIMITS.kindNameChars}`);
    if (kind === "traveller" || kind === "item" || kind === "build") complain(at, "this name means something else already");
    checkText(`${at}.title`, thing.title, 64);
    checkText(`${at}.sprite`, thing.sprite, 64);
    checkText(`${at}.interact`, thing.interact ?? "", 64);
    for (const name of Object.keys(thing.components ?? {})) {
      if (!Object.hasOwn(definition.components ?? {}, name)) complain(`${at}.components.${name}`, "declare it under components first");
    }
  }
}

function checkKit(definition: WorldDefinition): void {
  const kit = definition.kit ?? [];
  if (kit.length > WORLD_LIMITS.kitItems) complain("kit", `at most ${WORLD_LIMITS.kitItems} items`);
  for (const item of kit) {
    const kind = typeof item === "string" ? item : (item as { kind: string }).kind;
    if (!Object.hasOwn(definition.items ?? {}, kind)) complain("kit", `"${kind}" is no item of this world`);
  }
}

function checkText(at: string, value: unknown, maxBytes: number): void {
  if (typeof value !== "string") complain(at, "a text is needed");
  else if (!value.isWellFormed() || new TextEncoder().encode(value).length > maxBytes) complain(at, `at most ${maxBytes} bytes of text`);
}

function checkWhole(at: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) complain(at, `a whole number from ${min} to ${max}`);
}

function complain(at: string, what: string): never {
  throw new Error(`defineWorld: ${at}: ${what}`);
}
