// The garden of examples/my-world: small enough to be read whole, a start for an author's own map in Tiled.
import { surroundings } from "./edges.ts";
import { hashAt } from "./grain.ts";
import type { Sheet } from "./sheet.ts";
import { MapDraft } from "./tiled.ts";

const [WIDTH, HEIGHT] = [24, 16];
const PATH_Y = 8;

/** @returns the finished map. */
export function gardenMap(tavern: Sheet, items: Sheet): MapDraft {
  const draft = new MapDraft({
    width: WIDTH,
    height: HEIGHT,
    sheets: [
      { sheet: tavern, source: "tavern.tsj" },
      { sheet: items, source: "items.tsj" },
    ],
    encoding: "csv",
    background: "#1b1320",
    properties: { title: "The Garden" },
  });
  layGround(draft);
  plant(draft);
  furnish(draft);
  return draft;
}

function isPath(x: number, y: number): boolean {
  return (y === PATH_Y || y === PATH_Y + 1) && x > 1 && x < WIDTH - 3;
}

function layGround(draft: MapDraft): void {
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const grass = `grass/${hashAt(x, y, 5) % 6}`;
      draft.put(
        "ground",
        x,
        y,
        isPath(x, y) ? `path/${x % 4},${y % 4}` : hashAt(x, y, 6) % 9 === 0 ? `flowers/${hashAt(x, y, 4) % 3}` : grass,
      );
      const rim = surroundings(x, y, isPath);
      if (isPath(x, y) && rim !== 255) draft.put("fringe", x, y, `fringe/${rim}`);
    }
  }
}

function plant(draft: MapDraft): void {
  const trees = [
    [0, 0, "oak/0"],
    [3, -1, "fir"],
    [9, -1, "oak/1"],
    [14, -1, "fir"],
    [20, 0, "oak/0"],
    [1, 11, "fir"],
    [10, 12, "oak/1"],
    [20, 11, "oak/0"],
  ] as const;
  for (const [x, y, kind] of trees) draft.stand(x, y, kind, 3);
  for (const [x, y] of [
    [6, 5],
    [17, 5],
    [8, 12],
    [17, 12],
  ] as const)
    draft.put("decor", x, y, `bush/${(x + y) % 2}`);
}

function furnish(draft: MapDraft): void {
  draft.stand(11, 4, "well", 2);
  draft.spot("well", 11, 6, 2, 1, {}, "well");
  draft.thing("chest", 6, 11, "chest", {}, "garden chest");
  draft.point("cat", 14, 7.5, "Tabby", "things");
  for (const [x, y] of [
    [5, 6],
    [8, 11],
    [16, 10],
  ] as const)
    draft.lie("seed", x, y);
  draft.put("shade", 20, PATH_Y - 1, "portal-dungeon");
  draft.point("spawn", 3.5, PATH_Y + 1, "gate");
  draft.place("portal", 21, PATH_Y, 2, 2, { label: "To the Tavern" }, "ring");
  for (const [name, x, y, w, h] of [
    ["north edge", 0, 0, WIDTH, 1],
    ["south edge", 0, HEIGHT - 0.5, WIDTH, 0.5],
    ["west edge", 0, 0, 0.5, HEIGHT],
    ["east edge", WIDTH - 0.5, 0, 0.5, HEIGHT],
  ] as const)
    draft.place("solid", x, y, w, h, {}, name);
}
