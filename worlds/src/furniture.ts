// Things that stand in several of our worlds and work the same there.
import type { Kinds, ThingDefinition } from "@sojourn/world";
import type { components } from "./items.ts";

type Thing = ThingDefinition<Kinds & { readonly components: typeof components }>;

/** Gives what its fixture (of the chest's own name) holds, one thing at a time; `empty` is said when that is nothing. */
export function chest(interact: string, empty: string): Thing {
  return {
    title: "Chest",
    sprite: "chest",
    solid: true,
    interact,
    onInteract(ctx) {
      const found = ctx.fixture(ctx.target.name)[0];
      if (found === undefined) return empty;
      if (!ctx.traveller.receive(found.id)) return "Your hands are full.";
      ctx.target.effect("spark");
      ctx.traveller.tell("You found something.", "good");
      return undefined;
    },
  };
}
