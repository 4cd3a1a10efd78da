// The picture that `sojourn inspect --picture` draws of real Tiled maps, pixel by pixel, against the plainest drawing of the same files.
// The maps are not part of the project: where ../shared/maps is missing, the test says so and passes over them.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { drawWorld } from "@sojourn/cli/picture";
import { valueOf } from "@sojourn/protocol";
import { memoryStore, openVersion } from "@sojourn/substrate";
import { packTiled } from "@sojourn/substrate/node";
import { describe, expect, it } from "vitest";
import { drawFlat } from "./web/flat-map.ts";

const MAPS = new URL("../../../../shared/maps/", import.meta.url);
/** Blending rounds once a layer; a channel may be off by this much. */
const CHANNEL_SLACK = 2;

describe.skipIf(!existsSync(MAPS))("a picture of a real Tiled map (needs ../shared/maps)", () => {
  it.each(["desert.tmx", "sewers.tmx", "orthogonal-outside.tmx"])("%s is the plain drawing of it", async (map) => {
    const file = fileURLToPath(new URL(map, MAPS));
    const packed = valueOf(await packTiled(file));
    const view = valueOf(await openVersion(packed.root, memoryStore("map", packed.blocks)));
    valueOf(await view.loadAll());
    const { canvas, missing } = await drawWorld(view);
    const flat = drawFlat(file);
    expect([canvas.width, canvas.height, missing]).toEqual([flat.width, flat.height, []]);
    let most = 0;
    for (let at = 0; at < flat.pixels.length; at++)
      most = Math.max(most, Math.abs((canvas.data[at] as number) - (flat.pixels[at] as number)));
    expect(most).toBeLessThanOrEqual(CHANNEL_SLACK);
  });
});
