// The import policy: data an operator writes, per origin world. Closed by default: an origin without rules brings nothing in.
import {
  type Clamp,
  CUSTODY,
  clampSchema,
  dict,
  int,
  LIMITS,
  list,
  optional,
  type Quota,
  quotaSchema,
  type Schema,
  struct,
  text,
  type WorldId,
} from "@sojourn/protocol";
import { boundWords, spoken } from "./customs-words.ts";
import { PASSPORT_LIMITS } from "./limits.ts";

export interface ImportRules {
  /** Item kinds that may come in; "*" for every kind. */
  readonly allow: readonly string[];
  /** Item kinds that may not, whatever `allow` says. */
  readonly deny?: readonly string[];
  /** Bounds laid over facts: per item kind, "*" for every kind, or "body" (props and `health`). */
  readonly clamp?: readonly Clamp[];
  /** How many may come in on one crossing: per item kind, "*" for all together. Contents count. */
  readonly limit?: { readonly [kind: string]: number };
  /** How deep things may lie in things: 0 means bags come empty. */
  readonly depth?: number;
}

/** By origin world id; "*" is for every origin without rules of its own. */
export interface ImportPolicy {
  readonly origins: { readonly [origin: WorldId]: ImportRules };
  /** How much is taken of one world's things, whoever carries them: by the world that answers for them; "*" for every world without its own. */
  readonly quotas?: { readonly [world: WorldId]: readonly Quota[] };
}

const kinds = list(text(32, /^(\*|[a-z][a-z0-9-]{0,31})$/), PASSPORT_LIMITS.ruleKinds);

export const importPolicySchema: Schema<ImportPolicy> = struct({
  origins: dict(
    struct({
      allow: kinds,
      deny: optional(kinds),
      clamp: optional(list(clampSchema, PASSPORT_LIMITS.ruleClamps)),
      limit: optional(dict(int(0, LIMITS.itemsCarried), PASSPORT_LIMITS.ruleKinds)),
      depth: optional(int(0, LIMITS.itemDepth)),
    }),
    PASSPORT_LIMITS.ruleOrigins,
  ),
  quotas: optional(dict(list(quotaSchema, CUSTODY.quotas), PASSPORT_LIMITS.ruleOrigins)),
});

export function quotasFor(policy: ImportPolicy, world: WorldId): readonly Quota[] {
  const { quotas = {} } = policy;
  if (Object.hasOwn(quotas, world)) return quotas[world] ?? [];
  return Object.hasOwn(quotas, "*") ? (quotas["*"] ?? []) : [];
}

export function rulesFor(policy: ImportPolicy, origin: WorldId): ImportRules | undefined {
  if (Object.hasOwn(policy.origins, origin)) return policy.origins[origin];
  return Object.hasOwn(policy.origins, "*") ? policy.origins["*"] : undefined;
}

/** Item kinds some origin may bring in, for the manifest's `allowedItems`. */
export function allowedKinds(policy: ImportPolicy): string[] {
  const all = Object.values(policy.origins).flatMap((rules) => rules.allow.filter((kind) => !(rules.deny ?? []).includes(kind)));
  return [...new Set(all)].sort();
}

/** The policy in sentences, for people. `nameOf` turns a world id into a name. */
export function describePolicy(policy: ImportPolicy, nameOf: (world: WorldId) => string = (world) => world): string[] {
  const origins = Object.entries(policy.origins);
  if (origins.length === 0) return ["Nothing is let in from other worlds."];
  const rules = origins.flatMap(([origin, one]) => {
    const from = origin === "*" ? "elsewhere" : nameOf(origin);
    return describeRules(one).map((sentence) => `From ${from}: ${sentence}`.slice(0, 256));
  });
  const quotas = Object.entries(policy.quotas ?? {}).flatMap(([world, some]) => {
    const whose = world === "*" ? "Of any other world's things" : `Of ${nameOf(world)}'s things`;
    return some.flatMap(describeQuota).map((sentence) => `${whose}: ${sentence}`.slice(0, 256));
  });
  return [...rules, ...quotas];
}

function describeQuota({ kind, perHour, inAll, sum }: Quota): string[] {
  const what = kind === "*" ? "in all" : `of ${spoken(kind)}`;
  const said: string[] = [];
  if (perHour !== undefined) said.push(`at most ${perHour} ${what} an hour.`);
  if (inAll !== undefined) said.push(`at most ${inAll} ${what} here at once.`);
  if (sum !== undefined) said.push(`a ${spoken(sum.prop)} of at most ${sum.max} together, ${what}.`);
  return said;
}

function describeRules(rules: ImportRules): string[] {
  const list = (names: readonly string[]): string => names.map(spoken).join(", ");
  const said: string[] = [];
  if (rules.allow.length === 0 || (rules.deny ?? []).includes("*")) said.push("nothing is let in.");
  else if (rules.allow.includes("*")) said.push("everything is let in.");
  else said.push(`let in: ${list(rules.allow)}.`);
  if (rules.deny !== undefined && rules.deny.length > 0) said.push(`not let in: ${list(rules.deny)}.`);
  for (const [kind, max] of Object.entries(rules.limit ?? {})) {
    said.push(kind === "*" ? `at most ${max} things at once.` : `at most ${max} of ${spoken(kind)} at once.`);
  }
  if (rules.depth !== undefined) said.push(rules.depth === 0 ? "bags come empty." : `nothing lies more than ${rules.depth} deep in bags.`);
  for (const clamp of rules.clamp ?? []) {
    const what = clamp.kind === "body" ? "your body's" : clamp.kind === "*" ? "every thing's" : `a ${spoken(clamp.kind)}'s`;
    said.push(`${what} ${boundWords(clamp)}.`);
  }
  return said;
}
