// The Dungeon: one comes through a portal or not at all. It looks into bags: torches and blades pass (blades blunted), ale does not.
import { defineWorld, type Spot } from "@sojourn/world";
import { chest } from "./furniture.ts";
import { bag, bread, coin, components, crate, gem, key, lantern, potion, sign, sword, torch } from "./items.ts";
import { layOut, restock } from "./stock.ts";

const SPIKES_SECONDS = 2;
const SKELETON_BITE = 8;

export const dungeon = defineWorld({
  name: "The Dungeon",
  about: "Cold halls under the hill. Something hums behind the altar room. Bring light.",
  map: new URL("../dungeon/dungeon.tmj", import.meta.url),
  entry: "portal-only",
  capacity: 100,
  components: { ...components, armed: "bool" },
  items: {
    torch,
    bread,
    potion,
    sword,
    crate,
    sign,
    lantern,
    bag,
    key,
    gem,
    coin,
    wand: {
      title: "Wand",
      sprite: "wand",
      about: "It points at what it likes.",
      use: "Wave",
      onUse(ctx) {
        for (const near of ctx.near(ctx.traveller, 4)) near.effect("spark");
        ctx.traveller.say("Lumen!");
      },
    },
    bomb: {
      title: "Blast powder",
      sprite: "bomb",
      about: "The Tavern would rather not know.",
      use: "Light the fuse",
      onUse(ctx) {
        ctx.burn(ctx.item.id, "went off");
        ctx.traveller.effect("spark");
        for (const near of ctx.near(ctx.traveller, 3)) if (near.kind === "skeleton") near.effect("poof");
        ctx.announce("A dull boom rolls through the halls.", "warn");
      },
    },
    "cursed-skull": { title: "Cursed skull", sprite: "skull", about: "It whispers. The Tavern will not have it." },
  },
  things: {
    guard: {
      title: "Orsk, the gatekeeper",
      sprite: "guard",
      interact: "Talk",
      onInteract(ctx) {
        ctx.target.say(
          ctx.traveller.has("torch")
            ? "You have light. Good. Keep left of the spikes."
            : "No light? Then you will find the walls with your hands.",
        );
      },
    },
    skeleton: {
      title: "Skeleton",
      sprite: "skeleton",
      onTouch(ctx) {
        const armed = ctx.traveller.has("sword");
        ctx.traveller.damage(armed ? SKELETON_BITE / 2 : SKELETON_BITE);
        ctx.target.say(armed ? "Clack." : "Clack, clack!");
      },
      onTick: (ctx) => patrol(ctx, 3, 1.2),
    },
    rat: { title: "Rat", sprite: "rat", onTick: (ctx) => patrol(ctx, 2, 2) },
    "spike-trap": {
      title: "Spikes",
      sprite: "spike-trap",
      onTouch(ctx) {
        ctx.traveller.damage(10);
        ctx.target.effect("spark");
      },
    },
    "pressure-plate": {
      title: "Pressure plate",
      sprite: "pressure-plate",
      components: { armed: true },
      onTouch(ctx) {
        if (ctx.target.get("armed") !== true) return;
        ctx.target.set("armed", false);
        ctx.target.state = 1;
        ctx.announce("Click. Somewhere stone grinds on stone.", "warn");
      },
      onTick(ctx) {
        if (ctx.target.get("armed") === true || ctx.tick % (20 * SPIKES_SECONDS) !== 0) return;
        ctx.target.set("armed", true);
        ctx.target.state = 0;
      },
    },
    altar: {
      title: "Altar",
      sprite: "",
      width: 3,
      height: 2,
      interact: "Touch",
      onInteract(ctx) {
        const gift = ctx.fixture("altar")[0];
        if (gift === undefined) return "The stone is cold. It has given what it had, for now.";
        if (!ctx.traveller.receive(gift.id)) return "Your hands are full.";
        ctx.traveller.effect("spark");
        ctx.announce(`${ctx.traveller.name} took something from the altar.`, "warn");
        return undefined;
      },
    },
    chest: chest("Open", "Dust, and a beetle."),
    lever: {
      title: "Lever",
      sprite: "lever",
      interact: "Pull",
      onInteract(ctx) {
        ctx.target.state = ctx.target.state === 0 ? 1 : 0;
        ctx.announce("Clunk. Somewhere, something moved.");
      },
    },
    sign: {
      title: "Sign",
      sprite: "sign",
      interact: "Read",
      onInteract: (ctx) => ctx.traveller.tell("West: the Tavern. East: you were warned."),
    },
    "iron-door": {
      title: "Iron door",
      sprite: "",
      interact: "Push",
      onInteract: (ctx) => ctx.traveller.tell("Locked since before the rock above it was a hill."),
    },
    barrel: {
      title: "Barrel",
      sprite: "barrel",
      interact: "Look",
      onInteract: (ctx) => ctx.traveller.tell("Salt pork. Very old salt pork."),
    },
  },
  portals: { tavern: { to: "tavern", label: "The Tavern" } },
  customs: {
    tavern: {
      allow: ["torch", "bread", "potion", "sword", "crate", "sign", "lantern", "bag", "key", "gem", "coin", "wand", "book"],
      deny: ["ale", "flower"],
      limit: { potion: 2, bread: 3, "*": 24 },
      clamp: [{ kind: "sword", prop: "damage", min: 0, max: 8 }],
      depth: 2,
    },
  },

  onStart(ctx) {
    layOut(ctx, ["gem", "lantern", "wand", "coin", "potion", "sword", "crate", "bomb"]);
    if (ctx.recall("stocked") === true) return;
    ctx.stock("altar", "cursed-skull");
    // The altar's own gem goes with papers: whoever gives it away twice is proven.
    ctx.stock("altar", "gem", { cut: "altar" }, { tier: "provenance" });
    for (const chest of ctx.entities("chest")) {
      ctx.stock(chest.name, "gem");
      ctx.stock(chest.name, "coin");
    }
    ctx.remember("stocked", true);
  },
  onEnter(ctx) {
    const lit = ctx.traveller.items.find((item) => item.kind === "torch" && item.props.lit === true);
    if (lit !== undefined) ctx.traveller.hold(lit.id);
    ctx.traveller.set("lit", lit !== undefined);
    if (ctx.how === "arrived") {
      ctx.traveller.tell(lit === undefined ? "It is dark here. A lit torch helps." : "Your torch throws long shadows.");
    }
  },
  onTick(ctx) {
    restock(ctx, ["potion", "coin"], 60);
  },
});

interface Walker extends Spot {
  readonly id: number;
  state: number;
  walkTo(spot: Spot, speed?: number): boolean;
}

/** Walks to a new spot near where it stands now and then; `state` holds the direction. */
function patrol(ctx: { readonly tick: number; random(): number; readonly target: Walker }, radius: number, speed: number): void {
  const { target } = ctx;
  if ((ctx.tick + target.id * 7) % 60 === 0) target.state = Math.floor(ctx.random() * 9);
  if (target.state === 0) return;
  const turn = (target.state / 8) * 2 * Math.PI;
  target.walkTo({ x: target.x + Math.cos(turn) * radius, y: target.y + Math.sin(turn) * radius }, speed);
}
