// The Tavern: where travellers begin. Open to everybody; from the Dungeon it lets in nearly everything but what bites.
import { defineWorld } from "@sojourn/world";
import { chest } from "./furniture.ts";
import { bag, bread, coin, components, crate, flower, gem, key, lantern, potion, sign, sword, torch } from "./items.ts";
import { layOut, restock } from "./stock.ts";

const GREETINGS = [
  "Sit by the fire, it is free.",
  "The stones in the yard hum tonight. East, through the doors.",
  "They take no ale in the Dungeon. Drink it here.",
  "Lost something? What a border keeps back, it keeps for you.",
  "Place a crate, plant a flower. We keep what guests build.",
] as const;

export const tavern = defineWorld({
  name: "The Tavern",
  about: "An inn at the edge of a wood. A fire, a bar, and in the yard a ring of stones that leads elsewhere.",
  map: new URL("../tavern/tavern.tmj", import.meta.url),
  entry: "open",
  capacity: 200,
  components,
  items: {
    torch,
    bread,
    potion,
    sword,
    crate,
    sign,
    flower,
    lantern,
    bag,
    key,
    gem,
    coin,
    ale: {
      title: "Mug of ale",
      sprite: "ale",
      about: "Brewed here, drunk here: no other world lets it in.",
      use: "Drink",
      onUse(ctx) {
        ctx.burn(ctx.item.id, "drunk");
        ctx.traveller.heal(5);
        ctx.traveller.effect("cheer");
        ctx.traveller.say("Ahh!");
      },
    },
    book: {
      title: "Book of travels",
      sprite: "book",
      about: "Whoever walks far writes a line.",
      use: "Read",
      onUse(ctx) {
        const crossings = Number(ctx.recall("arrivals") ?? 0);
        ctx.traveller.tell(`"So far ${crossings} travellers came in by the stones." The ink is fresh.`);
      },
    },
  },
  kit: ["torch", "bread", "ale", "sword", "crate", "sign"],
  things: {
    innkeeper: {
      title: "Maud, the innkeeper",
      sprite: "innkeeper",
      interact: "Talk",
      onInteract(ctx) {
        const greeting = GREETINGS[Math.floor(ctx.random() * GREETINGS.length)] as string;
        ctx.target.say(greeting);
        if (!ctx.traveller.has("ale") && ctx.traveller.give("ale") !== undefined) ctx.traveller.tell("Maud fills you a mug.", "good");
      },
    },
    cat: {
      title: "Cat",
      sprite: "cat",
      interact: "Stroke",
      onInteract(ctx) {
        ctx.target.say("Prrr.");
        ctx.target.effect("heal");
      },
      onTick(ctx) {
        // A cat goes where it likes: every few seconds another spot near the fire.
        if (ctx.tick % 100 === 0) ctx.target.state = Math.floor(ctx.random() * 8);
        const home = ctx.area("hearth");
        if (home === undefined || ctx.target.state === 0) return;
        const turn = (ctx.target.state / 8) * 2 * Math.PI;
        ctx.target.walkTo({ x: home.x + 1.5 + Math.cos(turn) * 2.5, y: home.y + 4 + Math.sin(turn) * 1.5 }, 1.5);
      },
    },
    hearth: { title: "Hearth", sprite: "", width: 3, height: 2, interact: "Warm yourself", onInteract: (ctx) => warm(ctx.traveller) },
    hatch: spot("Cellar hatch", 2, 2, "Locked. It smells of apples and old stone."),
    well: spot("Well", 2, 1, "Cold, clear, and deeper than it should be."),
    sign: spot("Notice board", 2, 1, "Rooms, ale, a fire. The ring in the yard stands open all night. Wipe your boots."),
    signpost: spot("Signpost", 1, 1, "East: the ring of stones. The Dungeon lies beyond; what you carry is looked at there.", "signpost"),
    barrel: spot("Barrel", 1, 1, "Full to the brim.", "barrel"),
    candle: { title: "Candle", sprite: "candle" },
    chest: chest("Look inside", "It is empty."),
  },
  portals: { dungeon: { to: "dungeon", label: "The Dungeon" } },
  customs: {
    dungeon: {
      allow: ["*"],
      deny: ["cursed-skull"],
      limit: { gem: 8, "*": 40 },
      clamp: [{ kind: "sword", prop: "damage", min: 0, max: 12 }],
    },
  },

  onStart(ctx) {
    layOut(ctx, ["ale", "bread", "torch", "lantern", "crate", "bag", "flower", "book"]);
    const hearth = ctx.area("hearth");
    if (hearth !== undefined) ctx.spawn("cat", { x: hearth.x + 1.5, y: hearth.y + 4, name: "Mouser" });
    if (ctx.recall("stocked") !== true) {
      for (const chest of ctx.entities("chest")) {
        ctx.stock(chest.name, "coin");
        ctx.stock(chest.name, "potion");
      }
      ctx.remember("stocked", true);
    }
  },
  onEnter(ctx) {
    if (ctx.how === "arrived") ctx.remember("arrivals", Number(ctx.recall("arrivals") ?? 0) + 1);
    const lit = ctx.traveller.items.find((item) => item.kind === "torch" && item.props.lit === true);
    if (lit !== undefined) ctx.traveller.hold(lit.id);
    ctx.traveller.set("lit", lit !== undefined);
    ctx.traveller.tell(
      ctx.how === "born"
        ? "Welcome to the Tavern. Use your torch, talk to Maud, walk east when you want to see more."
        : "Welcome back to the Tavern.",
      "good",
    );
  },
  onTick(ctx) {
    restock(ctx, ["ale", "bread", "torch"], 20);
  },
});

function warm(traveller: { heal(points: number): void; effect(name: string): void; tell(words: string): void }): void {
  traveller.heal(20);
  traveller.effect("heal");
  traveller.tell("The warmth does you good.");
}

/** Something that only has words to say; the picture is the map's own unless a sprite is named. */
function spot(title: string, width: number, height: number, words: string, sprite = "") {
  return {
    title,
    sprite,
    width,
    height,
    interact: "Look",
    onInteract(ctx: { readonly traveller: { tell(words: string): void } }): void {
      ctx.traveller.tell(words);
    },
  };
}
