// Maps that nobody here drew: examples of the Tiled editor. Their art has licences of its own, so they are not in the project;
// where they do not lie beside it, these tests are left out and say so.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { memoryStore } from "../stores/memory.ts";
import type { SubstrateView } from "../versions/types.ts";
import { openVersion } from "../versions/view.ts";
import { packTiled } from "./pack.ts";

const MAPS = fileURLToPath(new URL("../../../../../shared/maps/", import.meta.url));
const areThere = existsSync(MAPS);
if (!areThere) console.warn("left out: packing Tiled's own example maps (there is no folder ../shared/maps beside the project)");

async function opened(name: string): Promise<SubstrateView> {
  const packed = await packTiled(`${MAPS}${name}.tmx`);
  if (!packed.ok) throw new Error(packed.fault.detail);
  const view = await openVersion(packed.value.root, memoryStore("memory", packed.value.blocks));
  if (!view.ok) throw new Error(view.fault.detail);
  expect(await view.value.loadAll()).toMatchObject({ ok: true });
  return view.value;
}

/** Each layer's gids, read with nothing of ours. */
function layersInFile(name: string): Uint32Array[] {
  const text = readFileSync(`${MAPS}${name}.tmx`, "utf8");
  return [...text.matchAll(/<data encoding="base64" compression="zlib">([^<]*)<\/data>/g)].map(([, data = ""]) => {
    const bytes = inflateSync(Buffer.from(data.trim(), "base64"));
    return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32LE(i * 4));
  });
}

describe.skipIf(!areThere)("Tiled's own examples", () => {
  test.each([
    ["desert", "bafyreidilma7ll5r4uhb5t4f4r5znyy5n2xwzibo4lngn7nmnztywd3wde"],
    ["sewers", "bafyreibt3xwtznr7pqh6woi2ibeei4xy3zish5kayudr736yhdmvmavoei"],
    ["orthogonal-outside", "bafyreignjwpxtodjqcq7nieg5qdnwv5hjs5qho4mmm3753rxxzdfrzbvsa"],
  ])("%s has every tile where its file has it, and one root everywhere", async (name, root) => {
    const view = await opened(name);
    expect(view.version.root).toBe(root);
    const layers = layersInFile(name);
    expect(view.version.layers.filter(({ kind }) => kind === "tile")).toHaveLength(layers.length);
    for (const [layer, cells] of layers.entries()) {
      expect(cells).toHaveLength(view.version.width * view.version.height);
      cells.forEach((gid, i) => {
        const [x, y] = [i % view.version.width, Math.floor(i / view.version.width)];
        const gids = view.loaded(x >> 4, y >> 4)?.layers.find((one) => one.layer === layer)?.gids;
        if ((gids?.[(y % 16) * 16 + (x % 16)] ?? 0) !== gid) throw new Error(`layer ${layer}, tile (${x}, ${y}) is not ${gid}`);
      });
    }
  });

  test("desert has its spacing and margin", async () => {
    const [set] = (await opened("desert")).version.tilesets;
    expect(set).toMatchObject({ name: "Desert", columns: 8, tileCount: 48, margin: 1, spacing: 1, image: { width: 265, height: 199 } });
  });

  test("sewers has its transparent colour and opacity, and columns counted from the picture", async () => {
    const { tilesets, layers } = (await opened("sewers")).version;
    expect(tilesets[0]).toMatchObject({ columns: 8, tileCount: 72, image: { transparent: "#ff00ff" } });
    expect(layers.map(({ name, opacity }) => [name, opacity])).toEqual([
      ["Bottom", 1],
      ["Top", 0.49],
      ["placed", 1],
    ]);
  });

  test("orthogonal-outside has its objects, zones and properties", async () => {
    const view = await opened("orthogonal-outside");
    expect(view.version.properties).toEqual({ enemyTint: "#ffa33636" });
    expect(view.version.zones.map(({ name, class: className, shape }) => [name, className, shape])).toEqual([
      ["maggots", "Location", "rectangle"],
      ["discover chest", "Trigger", "ellipse"],
      ["unreachable", "Fixture", "polygon"],
      ["guard", "NPC", "polyline"],
      ["guard", "NPC", "polyline"],
      ["player-start", "Location", "point"],
    ]);
    const objects = [...view.loadedChunks()].flatMap((chunk) => chunk.objects);
    expect(objects).toHaveLength(23);
    expect(objects.find(({ id }) => id === "m34")).toMatchObject({ kind: "Sign", text: "East West", gid: 257, x: 42.41796875, y: 4.9375 });
    expect(objects.find(({ id }) => id === "m12")).toMatchObject({ gid: 2147483930, x: 26.9375, y: 14.20703125 });
  });
});
