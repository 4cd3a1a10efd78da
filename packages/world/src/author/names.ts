// The names a definition may use, part by part. The type checker knows them too, but a world can be served without it having looked:
// a misspelt hook would be silently never called. Pure.
import { importPolicySchema } from "@sojourn/passport";
import { check } from "@sojourn/protocol";

type Kind = "function" | "any";
type Names = { readonly [name: string]: Kind };

const any = (...names: readonly string[]): Names => Object.fromEntries(names.map((name) => [name, "any"] as const));
const hooks = (...names: readonly string[]): Names => Object.fromEntries(names.map((name) => [name, "function"] as const));

const WORLD: Names = {
  ...any("name", "about", "map", "entry", "capacity", "health", "physics", "archive", "archiveDelayMinutes"),
  ...any("components", "items", "things", "kit", "portals", "customs", "quotas"),
  ...hooks("onStart", "onEnter", "onLeave", "onIntent", "onChat", "onZone", "onTick"),
};
const ITEM: Names = { ...any("title", "sprite", "about", "facts", "use", "place"), ...hooks("onUse") };
const PLACE: Names = any("label", "sprite", "solid", "text", "width", "height");
const THING: Names = {
  ...any("title", "sprite", "solid", "width", "height", "components", "interact"),
  ...hooks("onInteract", "onTouch", "onTick"),
};
const PORTAL: Names = any("label", "to");

/** What is wrong with the names of a definition, and where; undefined when all are known and every hook is a function. */
export function wrongName(definition: object): { readonly at: string; readonly what: string } | undefined {
  const parts: [string, unknown, Names][] = [["", definition, WORLD]];
  for (const [kind, item] of entriesOf(definition, "items")) {
    parts.push([`items.${kind}`, item, ITEM]);
    const place: unknown = isPart(item) ? Reflect.get(item, "place") : undefined;
    if (place !== undefined && place !== true) parts.push([`items.${kind}.place`, place, PLACE]);
  }
  for (const [kind, thing] of entriesOf(definition, "things")) parts.push([`things.${kind}`, thing, THING]);
  for (const [zone, portal] of entriesOf(definition, "portals")) parts.push([`portals.${zone}`, portal, PORTAL]);
  for (const [at, part, names] of parts) {
    const wrong = wrongIn(at, part, names);
    if (wrong !== undefined) return wrong;
  }
  return wrongCustoms(definition);
}

function wrongIn(at: string, part: unknown, names: Names): { at: string; what: string } | undefined {
  if (!isPart(part)) return { at, what: `an object with ${Object.keys(names).join(", ")}` };
  for (const [name, value] of Object.entries(part)) {
    const path = at === "" ? name : `${at}.${name}`;
    if (!Object.hasOwn(names, name)) return { at: path, what: `this name is not known here; known are ${Object.keys(names).join(", ")}` };
    if (names[name] === "function" && value !== undefined && typeof value !== "function") return { at: path, what: "a function is needed" };
  }
  return undefined;
}

function wrongCustoms(definition: object): { at: string; what: string } | undefined {
  for (const [origin, rules] of entriesOf(definition, "customs")) {
    const checked = check(importPolicySchema, { origins: { "*": rules } }, "customs");
    if (!checked.ok) return { at: `customs.${origin}`, what: checked.fault.detail };
  }
  for (const [world, quotas] of entriesOf(definition, "quotas")) {
    const checked = check(importPolicySchema, { origins: {}, quotas: { "*": quotas } }, "quotas");
    if (!checked.ok) return { at: `quotas.${world}`, what: checked.fault.detail };
  }
  return undefined;
}

function entriesOf(definition: object, name: string): [string, unknown][] {
  const part: unknown = Reflect.get(definition, name);
  return isPart(part) ? Object.entries(part) : [];
}

function isPart(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
