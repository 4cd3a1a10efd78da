// Things the map lays out: every object of the map whose class is an item kind is one item on the ground, once in the world's life.
import type { Kinds, Moment } from "@sojourn/world";

/** Call in onStart. Only the first start of a world mints; afterwards the items live their own life in the journal. */
export function layOut<K extends Kinds>(ctx: Moment<K>, kinds: readonly K["item"][]): void {
  if (ctx.recall("laid out") === true) return;
  for (const kind of kinds) {
    for (const area of ctx.areas(kind)) ctx.mint(kind, { x: area.x + area.w / 2, y: area.y + area.h / 2 });
  }
  ctx.remember("laid out", true);
}

/** Call in onTick: where the map laid an item and none of its kind lies near any more, a new one appears after a while. */
export function restock<K extends Kinds>(ctx: Moment<K>, kinds: readonly K["item"][], everySeconds: number, tickHz = 20): void {
  if (ctx.tick % (everySeconds * tickHz) !== 0) return;
  for (const kind of kinds) {
    for (const area of ctx.areas(kind)) {
      const at = { x: area.x + area.w / 2, y: area.y + area.h / 2 };
      if (!ctx.near(at, 1).some((entity) => entity.kind === `item.${kind}`)) ctx.mint(kind, at);
    }
  }
}
