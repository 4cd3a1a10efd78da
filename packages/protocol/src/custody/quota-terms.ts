// The words of quotas: how many things a world lets in, and a thing as they count it. What is counted, and whether it is too much, is quota.ts.
import type { ItemKind, ItemRef, WorldId } from "../ids.ts";
import { CUSTODY } from "../limits.ts";
import type { Scalar, Schema } from "../schema.ts";
import { optional, real, struct, text, uint } from "../schema.ts";

export interface Quota {
  /** An item kind, or "*" for all kinds together. */
  readonly kind: string;
  /** So many come in within an hour, whoever carries them. */
  readonly perHour?: number;
  /** So many are here at once, wherever they lie. */
  readonly inAll?: number;
  /** A bound on the sum of a number prop over all that are here, as this world reads it; what is below zero counts as zero. */
  readonly sum?: { readonly prop: string; readonly max: number };
}

export const quotaSchema: Schema<Quota> = struct({
  kind: text(32, /^(\*|[a-z][a-z0-9-]{0,31})$/),
  perHour: optional(uint()),
  inAll: optional(uint()),
  sum: optional(struct({ prop: text(64), max: real(0, CUSTODY.boundMagnitude) })),
});

/** A thing as quotas count it. */
export interface Import {
  readonly id: ItemRef;
  readonly accounts: readonly WorldId[];
  readonly kind: ItemKind;
  readonly props: { readonly [name: string]: Scalar };
}
