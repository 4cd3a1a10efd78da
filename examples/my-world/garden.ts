// A world of one's own, small enough to read in a minute: a garden in which guests sow flowers that stay. README.md says how to run it
// and how to make it yours; worlds/ has larger ones.
import { defineWorld } from "@sojourn/world";

export const garden = defineWorld({
  name: "The Garden",
  about: "Sow something. It will still be here when you come back.",
  map: new URL("./garden.tmj", import.meta.url),
  entry: "open",
  // What clients show of entities besides the usual.
  components: { petted: "u8" },
  items: {
    seed: {
      title: "Seed",
      sprite: "coin",
      about: "Plant it somewhere that needs it.",
      // Placed, it becomes a lasting part of the world.
      place: { label: "Sow", sprite: "flower" },
    },
    bread: {
      title: "Bread",
      sprite: "bread",
      use: "Eat",
      onUse(ctx) {
        ctx.burn(ctx.item.id, "eaten");
        ctx.traveller.heal(15);
      },
    },
  },
  // What somebody who begins here carries.
  kit: ["seed", "seed"],
  // An object of the map whose class is one of these brings one.
  things: {
    cat: {
      title: "Cat",
      sprite: "cat",
      interact: "Stroke",
      onInteract(ctx) {
        const petted = ctx.target.get("petted");
        if (petted === 255) return "It has had enough.";
        ctx.target.set("petted", petted + 1);
        ctx.target.say("Prrr.");
        return undefined;
      },
    },
    well: {
      title: "Well",
      sprite: "",
      width: 2,
      interact: "Draw water",
      onInteract: (ctx) => ctx.traveller.heal(10),
    },
    chest: {
      title: "Chest",
      sprite: "chest",
      solid: true,
      interact: "Look inside",
      onInteract(ctx) {
        if (ctx.traveller.has("bread")) return "You have bread already.";
        if (ctx.traveller.give("bread") === undefined) return "Your hands are full.";
        return undefined;
      },
    },
  },
  // The map's portal "ring" leads to the world that the operator pinned as "tavern".
  portals: { ring: { to: "tavern", label: "The Tavern" } },
  // What may come in from there. From anywhere else: nothing.
  customs: { tavern: { allow: ["*"], deny: ["bomb", "sword"], limit: { "*": 16 } } },

  onStart(ctx) {
    // Once in the world's life: what lies about at the beginning. Afterwards it is remembered like everything else.
    if (ctx.recall("sown") === true) return;
    for (const { x, y } of ctx.areas("seed")) ctx.mint("seed", { x, y });
    ctx.remember("sown", true);
  },
  onEnter(ctx) {
    const visits = Number(ctx.recall("visits") ?? 0) + 1;
    ctx.remember("visits", visits);
    ctx.traveller.tell(ctx.how === "back" ? "Welcome back." : `You are guest number ${visits}.`, "good");
  },
});
