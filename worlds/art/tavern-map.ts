// The Tavern: an inn at the edge of a wood. From the carpet in the hall the double doors stand open to the east, and across
// the yard, straight on, lies the ring of stones that leads to the Dungeon.
import { surroundings } from "./edges.ts";
import { hashAt } from "./grain.ts";
import { type Masonry, Plan } from "./plan.ts";
import type { Sheet } from "./sheet.ts";
import { MapDraft } from "./tiled.ts";

// # wall · D front door · . hall boards · , boards of the side rooms · ' grass · c cobbles · p path
const ROWS: readonly string[] = [
  "''''''''''''''''''''''''''''''''''''''''",
  "''#######################'''''''''''''''",
  "''#######################'''''''''''''''",
  "''#######################'''''''''''''''",
  "''#,,,,,,#..............#'''''''''''''''",
  "''#,,,,,,#..............#'''''''''''''''",
  "''#,,,,,,#..............#''''ccccccc''''",
  "''#,,,,,,,..............#''cccccccccc'''",
  "''#,,,,,,,..............#'''cccccccccc''",
  "''########..............#''cccccccccc'''",
  "''########..............#'ccccccccccccc'",
  "''########...............ccccccccccccc''",
  "''#,,,,,,#...............ccccccccccccc''",
  "''#,,,,,,#..............#'ccccccccccccc'",
  "''#,,,,,,#..............#''cccccccccc'''",
  "''#,,,,,,,..............#'''ccccccccccc'",
  "''#,,,,,,,..............#''''ccccccccc''",
  "''##############DD#######''''cccc'cc''''",
  "''##############DD#######'''cccc''''''''",
  "''##############DD#######'''cccc''''''''",
  "'''''''''''''''cccc''''''''cccc'''''''''",
  "'''''''''''''''cccc'''''''pppp''''''''''",
  "''''''''''''''''pp'''''ppppp''''''''''''",
  "'''''''''''''''pppppppppppp'''''''''''''",
  "'''''''''''''''pppppppp'''''''''''''''''",
  "'''''''''''''''ppp''''''''''''''''''''''",
  "''''''''''''''ppp'''''''''''''''''''''''",
  "''''''''''''''ppp'''''''''''''''''''''''",
  "'''''''''''''ppp''''''''''''''''''''''''",
  "'''''''''''''ppp''''''''''''''''''''''''",
];

const plan = new Plan(ROWS, "'");
const SOUTH_FRONT = 18;

const masonry: Masonry = {
  top: (mask) => `beam/${mask}`,
  over: "beam-over",
  upper: (x, y) => (isPost(x, y) ? "plaster-post" : `plaster/${hashAt(x, y, 1) % 3}`),
  lower: (x, y) => (y > SOUTH_FRONT ? `foot/${x % 2}` : isPost(x, y) ? "wainscot-post" : `wainscot/${hashAt(x, y, 2) % 3}`),
  lintel: (side) => `lintel/${side}`,
  jamb: (side) => `jamb/${side}`,
};

function isPost(x: number, y: number): boolean {
  return y >= SOUTH_FRONT ? x % 7 === 2 || x === 15 || x === 18 : [10, 17, 21].includes(x) && y < 4;
}

/** @returns the finished map. */
export function tavernMap(tavern: Sheet, items: Sheet): MapDraft {
  const draft = new MapDraft({
    width: plan.width,
    height: plan.height,
    sheets: [
      { sheet: tavern, source: "tavern.tsj" },
      { sheet: items, source: "items.tsj" },
    ],
    encoding: "csv",
    background: "#1b1320",
    properties: { mood: "warm", title: "The Tavern" },
  });
  layGround(draft);
  plan.build(draft, masonry);
  furnishHall(draft);
  furnishRooms(draft);
  plantYard(draft);
  plantFront(draft);
  setPlaces(draft);
  return draft;
}

function layGround(draft: MapDraft): void {
  const paved = (x: number, y: number): boolean => plan.at(x, y) !== "'";
  plan.each((x, y, letter) => {
    if (letter === "." || letter === "D" || (letter === "#" && x > 9)) draft.put("ground", x, y, `boards/${x % 6},${y % 4}`);
    else if (letter === "," || letter === "#") draft.put("ground", x, y, `old-boards/${x % 4},${y % 2}`);
    else if (letter === "c") draft.put("ground", x, y, `cobble/${x % 4},${y % 4}`);
    else if (letter === "p") draft.put("ground", x, y, `path/${x % 4},${y % 4}`);
    else {
      const bed = hashAt(x >> 2, y >> 1, 4) % 7;
      const blooms = bed < 3 && hashAt(x, y, 6) % 3 === 0;
      const meadow = hashAt(x >> 1, y >> 1, 8) % 3 === 0;
      draft.put("ground", x, y, blooms ? `flowers/${bed}` : `grass/${meadow ? 3 + (hashAt(x, y, 5) % 3) : hashAt(x, y, 5) % 3}`);
    }
    const rim = surroundings(x, y, paved);
    if ((letter === "c" || letter === "p") && rim !== 255) draft.put("fringe", x, y, `fringe/${rim}`);
  });
}

function furnishHall(draft: MapDraft): void {
  draft.spread(16, 10, 7, 4, "rug-red");
  draft.spread(18, 5, 3, 2, "rug-red");
  draft.put("decor", 18, 2, "hearth");
  draft.pool(19, 6, "glow");
  draft.spot("hearth", 18, 3, 3, 2, { text: "The fire is warm. Someone keeps it fed." }, "hearth");
  draft.put("decor", 22, 2, "stairs-up");
  for (let x = 11; x < 15; x++) draft.put("decor", x, 2, `shelf/${x - 11}`);
  draft.put("decor", 12, 4, "kegs");
  for (const [x, part] of [
    [11, "left"],
    [12, "middle"],
    [13, "middle"],
    [14, "middle"],
    [15, "right"],
  ] as const)
    draft.put("decor", x, 6, `bar/${part}`);
  draft.put("decor", 15, 5, "bar/side");
  draft.put("decor", 15, 4, "bar/side");
  for (const x of [15, 16, 21]) draft.put("decor", x, 2, x === 16 ? "trophy" : "wall-lantern");
  draft.lie("ale", 12, 5.6875);
  draft.lie("ale", 13.25, 5.6875);
  draft.lie("bread", 14.25, 5.75);
  for (const x of [11, 13, 14]) draft.put("decor", x, 7, "stool");
  draft.put("decor", 11, 9, "table-long");
  draft.put("decor", 12, 14, "table");
  draft.put("decor", 20, 14, "table");
  for (const [x, y] of [
    [11, 11],
    [13, 11],
    [14, 10],
    [11, 15],
    [14, 14],
    [19, 14],
    [22, 15],
    [21, 16],
  ] as const)
    draft.put("decor", x, y, "stool");
  draft.stand(16, 14, "chandelier", 2);
  draft.stand(16, 7, "chandelier", 2);
  for (const [x, y] of [
    [17, 16],
    [17, 9],
    [12, 9],
    [21, 14],
  ] as const)
    draft.pool(x, y, "glow");
  draft.thing("candle", 12.5, 8.9375, "candle");
  draft.lie("bread", 11.25, 9);
  draft.lie("ale", 12.25, 14.125);
  draft.thing("candle", 20.5, 13.9375, "candle");
  draft.lie("torch", 17, 6);
  draft.lie("torch", 21, 6);
  draft.lie("lantern", 23, 8);
  draft.thing("barrel", 23, 16, "barrel", { text: "Full to the brim." }, "barrel");
  draft.thing("barrel", 22, 16, "barrel", {}, "barrel");
  draft.thing("chest", 10, 16, "chest", { text: "The innkeeper's lost-and-found." }, "lost and found");
  draft.put("decor", 10, 4, "plant");
  draft.put("decor", 23, 5, "plant");
  draft.put("decor", 23, 13, "plant");
  draft.point("innkeeper", 13.5, 5.5, "Maud", "things", {
    text: "Sit anywhere that isn't taken. The ring outside? Mind what you carry; the Dungeon looks in your bags.",
  });
}

function furnishRooms(draft: MapDraft): void {
  // Kitchen and store.
  draft.put("decor", 3, 2, "shelf/2");
  draft.put("decor", 5, 2, "window");
  draft.put("decor", 8, 2, "shelf/0");
  draft.put("decor", 6, 4, "cauldron");
  draft.put("decor", 3, 4, "sack");
  draft.put("decor", 4, 4, "sack");
  draft.put("decor", 8, 4, "barrel");
  draft.put("decor", 8, 5, "crate");
  draft.put("decor", 3, 7, "hatch");
  draft.spot("hatch", 3, 7, 2, 2, { text: "The cellar. It smells of apples and old stone." }, "cellar hatch");
  draft.lie("crate", 3, 6);
  draft.lie("bag", 6, 8);
  draft.put("decor", 7, 2, "wall-lantern");
  // Guest room.
  draft.spread(4, 14, 4, 3, "rug-blue");
  draft.put("decor", 3, 12, "bed-red");
  draft.put("decor", 6, 12, "bed-green");
  draft.put("decor", 8, 10, "books/0");
  draft.put("decor", 7, 10, "books/1");
  draft.put("decor", 3, 10, "painting");
  draft.put("decor", 5, 10, "wall-lantern");
  draft.put("decor", 8, 12, "plant");
  draft.thing("chest", 4, 12, "chest", { text: "Somebody's travelling things." }, "guest chest");
  draft.lie("book", 3, 15);
}

function plantYard(draft: MapDraft): void {
  draft.put("shade", 29, 10, "portal-dungeon");
  draft.stand(30, 9, "portal-dungeon-sparks", 3);
  for (const [i, [x, y]] of (
    [
      [29, 7],
      [32, 7],
      [34, 9],
      [34, 13],
      [32, 15],
      [29, 15],
      [27, 8],
      [27, 13],
    ] as const
  ).entries())
    draft.stand(x, y, `stone/${i % 4}`, 1);
  draft.put("decor", 25, 10, "open-door");
  draft.stand(26, 8, "lamp-post", 2);
  draft.stand(26, 13, "lamp-post", 2);
  draft.stand(35, 15, "well", 2);
  draft.spot("well", 35, 17, 2, 1, { text: "Cold, clear, and deeper than it should be." }, "well");
  draft.put("decor", 34, 17, "can");
  const trees = [
    [26, 0, "oak/0"],
    [29, -1, "fir"],
    [31, 0, "oak/1"],
    [34, -1, "fir"],
    [36, 0, "oak/0"],
    [37, 4, "fir"],
    [36, 18, "oak/1"],
    [33, 20, "oak/0"],
    [36, 23, "oak/0"],
    [34, 24, "fir"],
    [30, 23, "oak/1"],
  ] as const;
  for (const [x, y, kind] of trees) draft.stand(x, y, kind, 3);
  for (const [x, y] of [
    [26, 5],
    [33, 5],
    [37, 11],
    [26, 16],
    [38, 15],
    [32, 19],
  ] as const)
    draft.put("decor", x, y, `bush/${(x + y) % 2}`);
  draft.lie("flower", 28, 5);
  draft.thing(
    "signpost",
    25,
    13,
    "signpost",
    { text: "East: the ring of stones. The Dungeon lies beyond; what you carry is looked at there." },
    "signpost",
  );
}

function plantFront(draft: MapDraft): void {
  for (const x of [4, 8, 11, 20]) draft.put("decor", x, SOUTH_FRONT, "window");
  draft.put("decor", 15, SOUTH_FRONT, "wall-lantern");
  draft.put("decor", 18, SOUTH_FRONT, "wall-lantern");
  draft.put("decor", 19, 20, "notice-board");
  draft.spot("sign", 19, 20, 2, 1, { text: "Rooms, ale, a fire. Portals open all night. Wipe your boots." }, "notice board");
  draft.put("decor", 12, 20, "hay");
  draft.put("decor", 11, 20, "hay");
  draft.put("decor", 3, 20, "logs");
  draft.put("decor", 5, 20, "logs");
  draft.thing("barrel", 22, 20, "barrel", {}, "rain barrel");
  for (const [x, y] of [
    [7, 20],
    [9, 20],
    [24, 20],
    [14, 20],
  ] as const)
    draft.put("decor", x, y, `bush/${x % 2}`);
  const trees = [
    [-1, 0, "fir"],
    [-1, 4, "oak/0"],
    [0, 8, "fir"],
    [-1, 12, "oak/1"],
    [0, 16, "fir"],
    [-1, 20, "oak/0"],
    [2, 21, "oak/1"],
    [5, 22, "fir"],
    [7, 21, "oak/0"],
    [0, 24, "fir"],
    [2, 25, "oak/0"],
    [10, 22, "fir"],
    [7, 25, "oak/1"],
    [18, 25, "oak/0"],
    [21, 25, "fir"],
    [23, 24, "oak/1"],
    [27, 25, "oak/0"],
  ] as const;
  for (const [x, y, kind] of trees) draft.stand(x, y, kind, 3);
  for (let x = 0; x < plan.width; x++)
    if (plan.at(x, 29) === "'" && draft.isFree("decor", x, 29))
      draft.put("decor", x, 29, plan.at(x + 1, 29) === "p" ? "fence/right" : plan.at(x - 1, 29) === "p" ? "fence/left" : "fence/middle");
  for (let y = 4; y < 29; y++) if (draft.isFree("decor", 39, y)) draft.put("decor", 39, y, "fence/up");
}

function setPlaces(draft: MapDraft): void {
  draft.point("spawn", 19.5, 12, "start");
  draft.place("portal", 30, 11, 2, 2, { label: "The Dungeon", to: "dungeon" }, "dungeon");
  const { width, height } = plan;
  draft.place("solid", 0, 0, width, 1, {}, "north edge");
  draft.place("solid", 0, height - 0.5, width, 0.5, {}, "south edge");
  draft.place("solid", 0, 0, 0.5, height, {}, "west edge");
  draft.place("solid", width - 0.5, 0, 0.5, height, {}, "east edge");
}
