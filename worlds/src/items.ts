// Items that several of our worlds know. Kinds are names, not code: each world says for itself what an item does there.
import type { ComponentTypes, ItemDefinition, Kinds } from "@sojourn/world";

/** What entities of our worlds show besides the core fields. */
export const components = { lit: "bool", open: "bool" } as const satisfies ComponentTypes;

/** The kinds this shelf names, whatever else a world has. */
type Shelf = Kinds & { readonly components: typeof components };
export type Item = ItemDefinition<Shelf>;

/** Held up for light. Using it lights or puts it out; it stays lit across a crossing. */
export const torch: Item = {
  title: "Torch",
  sprite: "torch",
  about: "Pitch and linen on an ash stick. Use it to light it or put it out.",
  facts: { lit: false },
  use: "Light or put out",
  onUse(ctx) {
    const lit = ctx.item.props.lit !== true;
    ctx.alter(ctx.item.id, { lit });
    ctx.traveller.hold(lit ? ctx.item.id : undefined);
    ctx.traveller.set("lit", lit);
    ctx.traveller.effect(lit ? "spark" : "poof");
  },
};

function meal(title: string, sprite: string, about: string, points: number, use: string): Item {
  return {
    title,
    sprite,
    about,
    use,
    onUse(ctx) {
      ctx.burn(ctx.item.id, "eaten");
      ctx.traveller.heal(points);
      ctx.traveller.effect("heal");
    },
  };
}

export const bread: Item = meal("Bread", "bread", "Still warm. Heals a little.", 15, "Eat");
export const potion: Item = meal("Healing potion", "potion", "Red, sweet, and strong.", 60, "Drink");

export const sword: Item = {
  title: "Sword",
  sprite: "sword",
  about: "A plain blade. Keeps skeletons at arm's length.",
  facts: { damage: 12 },
  use: "Draw or sheathe",
  onUse(ctx) {
    ctx.traveller.hold(ctx.item.id);
    ctx.traveller.effect("cheer");
  },
};

function lasting(title: string, sprite: string, about: string, rest: { readonly solid?: boolean; readonly text?: boolean }): Item {
  return { title, sprite, about, place: { label: "Place for good", sprite, ...rest } };
}

export const crate: Item = lasting("Crate", "crate", "Place it and it becomes part of the world.", { solid: true });
export const sign: Item = lasting("Sign", "sign", "Write on it and place it: others will read it long after you left.", { text: true });
export const flower: Item = lasting("Flower", "flower", "Plant it somewhere that needs it.", {});
export const lantern: Item = lasting("Lantern", "lantern", "Stands where you leave it and shines.", {});

export const bag: Item = { title: "Bag", sprite: "bag", about: "Holds other things." };
export const key: Item = { title: "Key", sprite: "key", about: "Iron, and heavier than it looks." };
export const gem: Item = { title: "Gem", sprite: "gem", about: "Cold light in it." };
export const coin: Item = { title: "Coin", sprite: "coin", about: "Good in one world, pretty in all." };
