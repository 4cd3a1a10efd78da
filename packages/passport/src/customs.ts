// Customs: what a world lets in, from where. Pure. Nothing is let in that no rule allows, every thing gets a ruling, and nothing is dropped:
// what is not admitted stays behind in a locker.
import {
  BODY_KIND,
  type Clamp,
  type CustomsAnswer,
  clampBody,
  clampsFor,
  effectiveProps,
  flattenItems,
  type Item,
  LIMITS,
  type Ruling,
  type TravellerBody,
  type WorldId,
} from "@sojourn/protocol";
import { sentences } from "./customs-words.ts";
import { type ImportPolicy, type ImportRules, rulesFor } from "./import-policy.ts";

export interface Import extends CustomsAnswer {
  /** What comes in, as trees; a refused thing stays behind with everything in it. */
  readonly admitted: readonly Item[];
  readonly body: TravellerBody;
}

/** Every item by itself, containers before their contents; last the body. */
export function rule(policy: ImportPolicy, origin: WorldId, items: readonly Item[], body: TravellerBody): Import {
  const rules = rulesFor(policy, origin);
  const counts = new Map<string, number>();
  const rulings: Ruling[] = [];
  const admit = (list: readonly Item[], depth: number): Item[] =>
    list.flatMap((item) => {
      const ruling = ruleItem(rules, item, depth, counts);
      rulings.push(ruling);
      if (ruling.verdict !== "refuse") return [{ ...item, contents: admit(item.contents, depth + 1) }];
      for (const inner of flattenItems(item.contents)) rulings.push(ruled(inner, "refuse", sentences.inside(item.kind)));
      return [];
    });
  const admitted = admit(items, 0);
  rulings.push(ruleBody(rules, body));
  const kinds = new Set([BODY_KIND, ...flattenItems(admitted).map((item) => item.kind)]);
  const clamps = (rules?.clamp ?? []).filter((clamp) => clamp.kind === "*" || kinds.has(clamp.kind));
  return { rulings, clamps, admitted, body: clampBody(body, clamps) };
}

function ruleItem(rules: ImportRules | undefined, item: Item, depth: number, counts: Map<string, number>): Ruling {
  const { kind } = item;
  if (rules === undefined) return ruled(item, "refuse", sentences.noRules());
  if (names(rules.deny, kind)) return ruled(item, "refuse", sentences.denied(kind));
  if (!names(rules.allow, kind)) return ruled(item, "refuse", sentences.unlisted(kind));
  if (depth > (rules.depth ?? LIMITS.itemDepth)) return ruled(item, "refuse", sentences.tooDeep(rules.depth ?? LIMITS.itemDepth));
  for (const limited of [kind, "*"]) {
    const max = limitOf(rules, limited);
    if (max !== undefined && (counts.get(limited) ?? 0) >= max) return ruled(item, "refuse", sentences.tooMany(limited, max));
  }
  for (const limited of [kind, "*"]) counts.set(limited, (counts.get(limited) ?? 0) + 1);
  const biting = bitingClamps(item, rules.clamp ?? []);
  return biting.length === 0 ? ruled(item, "admit", sentences.admitted()) : ruled(item, "clamp", sentences.clamped(biting));
}

function ruleBody(rules: ImportRules | undefined, body: TravellerBody): Ruling {
  const clamps = clampsFor(BODY_KIND, rules?.clamp ?? []);
  const after = clampBody(body, clamps);
  const biting = clamps.filter(({ prop }) => (prop === "health" ? after.health !== body.health : after.props[prop] !== body.props[prop]));
  const [verdict, reason] =
    biting.length === 0 ? (["admit", sentences.welcome()] as const) : (["clamp", sentences.clamped(biting)] as const);
  return { item: BODY_KIND, kind: BODY_KIND, verdict, reason };
}

function bitingClamps(item: Item, clamps: readonly Clamp[]): readonly Clamp[] {
  const after = effectiveProps(item, clamps);
  return clampsFor(item.kind, clamps).filter(({ prop }) => Object.hasOwn(item.props, prop) && after[prop] !== item.props[prop]);
}

function names(kinds: readonly string[] | undefined, kind: string): boolean {
  return kinds !== undefined && (kinds.includes(kind) || kinds.includes("*"));
}

function limitOf(rules: ImportRules, kind: string): number | undefined {
  return rules.limit !== undefined && Object.hasOwn(rules.limit, kind) ? rules.limit[kind] : undefined;
}

function ruled(item: Item, verdict: Ruling["verdict"], reason: string): Ruling {
  return { item: item.id, kind: item.kind, verdict, reason };
}
