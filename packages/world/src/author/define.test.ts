import { describe, expect, it } from "vitest";
import { defineWorld } from "./define.ts";
import type { WorldDefinition } from "./definition.ts";

describe("defineWorld", () => {
  it("knows the author's own names in every hook", () => {
    const world = defineWorld({
      name: "Typed",
      map: "map.tmj",
      components: { lit: "bool", servings: "u8" },
      items: {
        torch: {
          title: "Torch",
          sprite: "torch",
          onUse(ctx) {
            if (ctx.target?.get("lit") === true) return "It burns already.";
            ctx.target?.set("lit", true);
            ctx.traveller.give("ale", { strength: 3 });
            // @ts-expect-error no such item
            ctx.traveller.give("beer");
            // @ts-expect-error a component of another type
            ctx.target?.set("servings", true);
            return undefined;
          },
        },
        ale: { title: "Ale", sprite: "mug" },
      },
      things: {
        keg: {
          title: "Keg",
          sprite: "keg",
          components: { servings: 12 },
          onInteract: (ctx) => (ctx.target.get("servings") === 0 ? "The keg is empty." : undefined),
        },
      },
      kit: ["torch", { kind: "ale", facts: { strength: 1 } }],
      onStart(ctx) {
        ctx.spawn("keg", { x: 1, y: 2, components: { lit: false } });
        // @ts-expect-error no such thing
        ctx.spawn("barrel", { x: 1, y: 2 });
      },
    });
    expect(world.name).toBe("Typed");
  });

  const plain: WorldDefinition = { name: "Plain", map: "map.tmj" };
  const cases: [string, Partial<WorldDefinition>, RegExp][] = [
    ["an empty name", { name: " " }, /name: a world needs a name/],
    ["a component that is named like a core field", { components: { health: "u8" } }, /components/],
    ["too many components", { components: Object.fromEntries(Array.from({ length: 23 }, (_, i) => [`c${i}`, "u8"])) }, /at most 22/],
    ["a component of no type", { components: { lit: "truth" as "bool" } }, /components.lit: one of bool/],
    ["an item kind in capitals", { items: { Torch: { title: "Torch", sprite: "torch" } } }, /items.Torch/],
    ["a use without a hook", { items: { torch: { title: "Torch", sprite: "torch", use: "Light" } } }, /onUse/],
    ["an undeclared component", { things: { keg: { title: "Keg", sprite: "keg", components: { lit: true } } } }, /declare it/],
    ["a kit of nothing", { kit: ["sword"] }, /"sword" is no item/],
    ["a speed past the limit", { physics: { speed: 1_000 } }, /physics.speed/],
    ["a title too long", { things: { keg: { title: "k".repeat(65), sprite: "keg" } } }, /at most 64 bytes/],
    ["a misspelt hook", { onEntr: () => {} } as object, /onEntr: this name is not known here; known are name, .*onEnter/],
    [
      "a misspelt part of an item",
      { items: { torch: { title: "T", sprite: "t", onuse: () => {} } as never } },
      /items.torch.onuse: .*onUse/,
    ],
    ["a hook that is none", { things: { keg: { title: "K", sprite: "k", onTick: 5 as never } } }, /things.keg.onTick: a function/],
    ["a part of no shape", { portals: { gate: "dungeon" as never } }, /portals.gate: an object with label, to/],
    ["a portal to no name", { portals: { gate: { to: 5 as never } } }, /portals.gate.to: a text/],
    ["customs of no shape", { customs: { tavern: { allow: "*" as never } } }, /customs.tavern: .*allow/],
    ["too much health", { health: 256 }, /whole number from 1 to 255/],
  ];
  it.each(cases)("refuses %s and says where", (_name, change, message) => {
    expect(() => defineWorld({ ...plain, ...change })).toThrow(message);
  });
});
