// A map of some hundred chunks of which every one is another, over a picture that is there already.
import { copyFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { seededRandom } from "../../src/federation/random.ts";

const PICTURE = fileURLToPath(new URL("../../../substrate/fixtures/tiles.png", import.meta.url));

/** Writes the map, `chunks` chunks a side, with a place where newcomers begin; its picture lies beside it. */
export async function writeWideMap(path: string, chunks: number): Promise<void> {
  const random = seededRandom(chunks);
  const side = chunks * 16;
  const data = Array.from({ length: side * side }, () => 1 + random.below(8));
  const spawn = {
    id: 1,
    name: "gate",
    type: "spawn",
    point: true,
    x: side * 8,
    y: side * 8,
    width: 0,
    height: 0,
    rotation: 0,
    visible: true,
  };
  const look = { opacity: 1, visible: true, x: 0, y: 0 };
  const map = {
    ...{
      type: "map",
      version: "1.10",
      orientation: "orthogonal",
      renderorder: "right-down",
      infinite: false,
      nextlayerid: 3,
      nextobjectid: 2,
    },
    ...{ width: side, height: side, tilewidth: 16, tileheight: 16 },
    tilesets: [
      {
        ...{ firstgid: 1, name: "tiles", image: "tiles.png", imagewidth: 64, imageheight: 32, tilewidth: 16, tileheight: 16 },
        ...{ columns: 4, tilecount: 8, margin: 0, spacing: 0 },
      },
    ],
    layers: [
      { type: "tilelayer", id: 1, name: "ground", width: side, height: side, data, ...look },
      { type: "objectgroup", id: 2, name: "places", draworder: "topdown", objects: [spawn], ...look },
    ],
  };
  await copyFile(PICTURE, join(dirname(path), "tiles.png"));
  await writeFile(path, JSON.stringify(map));
}
