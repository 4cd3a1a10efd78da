import type { LayerInfo } from "@sojourn/substrate";
import { describe, expect, it } from "vitest";
import { layerTint, planLayers, rowOrder } from "./plan.ts";

function layer(order: number, rest: Partial<LayerInfo> = {}): LayerInfo {
  return {
    order,
    name: `layer ${order}`,
    kind: "tile",
    visible: true,
    opacity: 1,
    offset: { x: 0, y: 0 },
    parallax: { x: 1, y: 1 },
    ...rest,
  };
}

const above = { properties: { above: true } };

describe("the order of drawing", () => {
  it("keeps the author's order and puts travellers beneath the first layer marked above", () => {
    const plan = planLayers([layer(2, above), layer(0), layer(3), layer(1)]);
    expect(plan.layers.map(({ info }) => info.order)).toEqual([0, 1, 2, 3]);
    const orders = plan.layers.map(({ renderOrder }) => renderOrder);
    expect(orders).toEqual([...orders].sort((a, b) => a - b));
    expect(orders[1]).toBeLessThan(plan.spritesOrder);
    expect(orders[2]).toBeGreaterThan(plan.spritesOrder);
  });

  it("puts travellers over everything where nothing is marked", () => {
    const plan = planLayers([layer(0), layer(1)]);
    expect(plan.layers.every(({ renderOrder }) => renderOrder < plan.spritesOrder)).toBe(true);
  });

  it("lets objects of the layer right beneath stand among the travellers, unless their order is the author's own", () => {
    const objects = layer(1, { kind: "object", drawOrder: "topdown" });
    expect(planLayers([layer(0), objects]).sortedLayer).toBe(1);
    expect(planLayers([layer(0), objects, layer(2, above)]).sortedLayer).toBe(1);
    expect(planLayers([layer(0), objects, layer(2)]).sortedLayer).toBeUndefined();
    expect(planLayers([layer(0), { ...objects, drawOrder: "index" }]).sortedLayer).toBeUndefined();
    expect(planLayers([layer(0), { ...objects, parallax: { x: 0.5, y: 1 } }]).sortedLayer).toBeUndefined();
  });

  it("leaves out what cannot be seen", () => {
    expect(planLayers([layer(0, { visible: false }), layer(1, { opacity: 0 }), layer(2)]).layers.map(({ info }) => info.order)).toEqual([
      2,
    ]);
  });

  it("multiplies opacity into the tint", () => {
    expect(layerTint(layer(0, { opacity: 0.49 }))).toBe(0xffff_ff7d);
    expect(layerTint(layer(0, { tint: "#80402080", opacity: 0.5 }))).toBe(0x8040_2040);
  });

  it("orders rows from top to bottom and within a row from left to right, all within one layer", () => {
    const spots = [
      [-1_048_576, 65_535],
      [-1, 0],
      [0, -65_536],
      [0, 0],
      [0, 1],
      [1, -65_536],
      [1_048_575, 65_535],
    ] as const;
    const orders = spots.map(([row, cx]) => rowOrder(row, cx));
    expect(orders).toEqual([...new Set(orders)].sort((a, b) => a - b));
    expect(Math.min(...orders)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...orders)).toBeLessThan(1);
    expect(63 + rowOrder(0, 1)).toBeGreaterThan(63 + rowOrder(0, 0)); // still told apart beside the largest layer number
  });
});
