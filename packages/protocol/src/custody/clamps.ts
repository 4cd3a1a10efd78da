// Bounds that a world lays over facts it admits. A clamp never changes an item: whoever reads the item here reads it through the clamp,
// and when the item leaves, its own facts leave with it. The body is the world's to change, so its clamp is applied on arrival.
import type { ItemKind } from "../ids.ts";
import type { TravellerBody } from "../items.ts";
import type { Scalar } from "../schema.ts";
import type { Clamp } from "./claims.ts";

type Props = { readonly [name: string]: Scalar };

export const BODY_KIND = "body";

/** Clamps that speak of things of this kind. */
export function clampsFor(kind: ItemKind, clamps: readonly Clamp[]): readonly Clamp[] {
  return clamps.filter((clamp) => clamp.kind === kind || (clamp.kind === "*" && kind !== BODY_KIND));
}

/** The facts of an item as this world reads them. Only numbers are bounded. */
export function effectiveProps(item: { readonly kind: ItemKind; readonly props: Props }, clamps: readonly Clamp[]): Props {
  return boundProps(item.props, clampsFor(item.kind, clamps));
}

export function clampBody(body: TravellerBody, clamps: readonly Clamp[]): TravellerBody {
  const mine = clampsFor(BODY_KIND, clamps);
  const health = bound(
    body.health,
    mine.filter((clamp) => clamp.prop === "health"),
  );
  return { health: Math.min(255, Math.max(0, Math.round(health))), props: boundProps(body.props, mine) };
}

function boundProps(props: Props, clamps: readonly Clamp[]): Props {
  if (clamps.length === 0) return props;
  const bounded: { [name: string]: Scalar } = { ...props };
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "number")
      bounded[name] = bound(
        value,
        clamps.filter((clamp) => clamp.prop === name),
      );
  }
  return bounded;
}

/** All lower bounds, then all upper bounds: the upper ones have the last word, so bounding twice is bounding once. */
function bound(value: number, clamps: readonly Clamp[]): number {
  const min = Math.max(...clamps.map((clamp) => clamp.min ?? Number.NEGATIVE_INFINITY));
  const max = Math.min(...clamps.map((clamp) => clamp.max ?? Number.POSITIVE_INFINITY));
  return Math.min(Math.max(value, min), max);
}
