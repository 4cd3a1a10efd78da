// The sentences of customs, for a player to read. Names of kinds are shown as the worlds write them.
import type { Clamp } from "@sojourn/protocol";

function spoken(kind: string): string {
  return kind.replaceAll("-", " ");
}

function boundWords({ prop, min, max }: Clamp): string {
  if (min !== undefined && max !== undefined) return `${spoken(prop)} counts as ${min} to ${max}`;
  return max !== undefined ? `${spoken(prop)} counts as at most ${max}` : `${spoken(prop)} counts as at least ${min ?? 0}`;
}

export const sentences = {
  admitted: (): string => "Comes in as it is.",
  welcome: (): string => "You come in as you are.",
  clamped: (clamps: readonly Clamp[]): string =>
    `Comes in, but here its ${[...new Set(clamps.map(boundWords))].slice(0, 3).join(", its ")}.`,
  noRules: (): string => "This world lets in nothing from where you come.",
  denied: (kind: string): string => `No ${spoken(kind)} is let into this world.`,
  unlisted: (kind: string): string => `A ${spoken(kind)} is not among the things this world lets in.`,
  tooDeep: (depth: number): string => (depth === 0 ? "Bags must come empty." : `Nothing may lie more than ${depth} deep in bags.`),
  tooMany: (kind: string, max: number): string =>
    kind === "*" ? `At most ${max} things may come in at once.` : `At most ${max} of ${spoken(kind)} may come in at once.`,
  inside: (kind: string): string => `It stays in the ${spoken(kind)}, which is not let in.`,
} as const;

export { boundWords, spoken };
