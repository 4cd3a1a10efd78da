// The Dungeon: old halls under old rock. Who arrives stands in the west chamber; straight back west lies the way home.
// North a cave that glows, east the drowned hall with its bridge, beyond it the altar, the crypt, and a vault behind spikes.
import { surroundings } from "./edges.ts";
import { hashAt } from "./grain.ts";
import { type Masonry, Plan } from "./plan.ts";
import type { Sheet } from "./sheet.ts";
import { MapDraft } from "./tiled.ts";

// # rock and wall · D arch · . slabs · , fine tiles · ; cave · ~ water · b bridge
const ROWS: readonly string[] = [
  "################################################",
  "################################################",
  "################################################",
  "########################,,,,,,,,,,,,,###########",
  "######;;;;####;;########,,,,,,,,,,,,,###########",
  "####;;;;;;;;;;;;########,,,,,,,,,,,,,###########",
  "###;;;;;;;;;;;;;;#######,,,,,,,,,,,,,###########",
  "###;;;~~~;;;;;;;;;######,,,,,,,,,,,,,###########",
  "##;;;~~~~~;;;;;;;;######,,,,,,,,,,,,,###########",
  "##;;;~~~~~;;;;;;;;;######,,,,,,,,,,,############",
  "##;;;;~~~;;;;;;;;;#######,,,,,,,,,,,############",
  "###;;;;;;;;;;;;;;############DDD################",
  "####;;;;;;;;;;;;#############DDD################",
  "######;;;;;;;################DDD################",
  "#########DD############...............##########",
  "#########DD############...............###,,,,,##",
  "#########DD############...............###,,,,,##",
  "###...............#####...~~~~~~~~~...###,,,,,##",
  "###,,,,,,.........#####...~~~~~~~~~...###,,,,,##",
  "###,,,,,,.........#####...~~~~~~~~~...###,,,,,##",
  "###,,,,,,.................bbbbbbbbb......,,,,,##",
  "###,,,,,,.................bbbbbbbbb......,,,,,##",
  "###,,,,,,.........#####...~~~~~~~~~...###,,,,,##",
  "###,,,,,,.........#####...~~~~~~~~~...###,,,,,##",
  "###...............#####...~~~~~~~~~...###,,,,,##",
  "#########DD############...............##########",
  "#########DD############...............##########",
  "#########DD############...............##########",
  "####...........##############DDD################",
  "####...........##############DDD################",
  "####...........##############DDD################",
  "####...........######...................########",
  "####....................................########",
  "####....................................########",
  "####...........######...................########",
  "####...........######...................########",
  "#####################...................########",
  "#####################...................########",
  "################################################",
  "################################################",
];

const FLOORS: Readonly<Record<string, string>> = { ",": "tile", ";": "cave" };

const plan = new Plan(ROWS, "#");

const masonry: Masonry = {
  top: (mask) => `rock/${mask}`,
  over: "rock-over",
  upper: (x, y) => (hashAt(x, y, 1) % 6 === 0 ? "upper-moss" : `upper/${hashAt(x, y, 2) % 4}`),
  lower: (x, y) => (hashAt(x, y, 3) % 5 === 0 ? "lower-moss" : `lower/${hashAt(x, y, 4) % 4}`),
  lintel: (side) => `arch/${side}`,
  jamb: (side) => `arch-foot/${side}`,
};

/** @returns the finished map. */
export function dungeonMap(dungeon: Sheet, items: Sheet): MapDraft {
  const draft = new MapDraft({
    width: plan.width,
    height: plan.height,
    sheets: [
      { sheet: dungeon, source: "dungeon.tsj" },
      { sheet: items, source: "items.tsj" },
    ],
    encoding: "zlib",
    background: "#11121d",
    properties: { mood: "cold", title: "The Dungeon" },
  });
  layGround(draft);
  plan.build(draft, masonry);
  furnishArrival(draft);
  furnishCave(draft);
  furnishHall(draft);
  furnishAltar(draft);
  furnishVault(draft);
  furnishCrypt(draft);
  furnishStore(draft);
  wearDown(draft);
  setPlaces(draft);
  return draft;
}

function layGround(draft: MapDraft): void {
  const isWet = (x: number, y: number): boolean => plan.at(x, y) === "~" || plan.at(x, y) === "b";
  plan.each((x, y, letter) => {
    if (letter === "~" || letter === "b") draft.put("ground", x, y, `water/${surroundings(x, y, isWet)}`);
    else draft.put("ground", x, y, `${FLOORS[letter] ?? "slab"}/${x % 4},${y % 4}`);
    // A bridge takes the place of the water under it, so that nothing solid is left there.
    if (letter === "b")
      draft.put("ground", x, y, plan.at(x, y - 1) === "~" ? "bridge/north" : plan.at(x, y + 1) === "~" ? "bridge/south" : "bridge/middle");
  });
}

function light(draft: MapDraft, spots: readonly (readonly [x: number, y: number])[]): void {
  for (const [x, y] of spots) draft.put("decor", x, y, "wall-torch");
  for (const [x, y] of spots) draft.pool(x, y + 3, "glow");
}

function furnishArrival(draft: MapDraft): void {
  draft.put("shade", 4, 19, "portal-tavern");
  draft.stand(5, 18, "portal-tavern-sparks", 3);
  for (const [i, [x, y]] of (
    [
      [3, 17],
      [8, 17],
      [3, 22],
      [8, 22],
    ] as const
  ).entries())
    draft.stand(x, y, `stone/${i}`, 1);
  light(draft, [
    [6, 15],
    [11, 15],
    [16, 15],
  ]);
  for (const [x, y] of [
    [12, 16],
    [12, 21],
    [16, 21],
    [16, 16],
  ] as const)
    draft.stand(x, y, "pillar", 2);
  draft.thing("sign", 13.5, 18.5, "items:sign", { text: "West: the Tavern. East: you were warned." }, "sign");
  draft.thing("chest", 17, 24, "chest", { text: "Left by someone who travelled light." }, "old chest");
  draft.put("decor", 3, 24, "rubble");
  draft.put("decor", 3, 15, "banner");
  draft.put("decor", 14, 15, "banner");
  draft.put("decor", 17, 17, "cobweb/right");
  draft.put("decor", 17, 18, "urn");
  draft.put("decor", 14, 24, "bones");
  draft.point("guard", 10.5, 18.5, "Orsk", "things");
}

function furnishCave(draft: MapDraft): void {
  const mushrooms = [
    [4, 8],
    [8, 5],
    [11, 10],
    [6, 12],
    [15, 6],
    [17, 9],
    [13, 12],
  ] as const;
  for (const [x, y] of mushrooms) draft.put("decor", x, y, "mushroom");
  for (const [x, y] of [
    [3, 6],
    [12, 6],
    [16, 8],
    [17, 8],
  ] as const)
    draft.put("decor", x, y, (x + y) % 2 === 0 ? "crystal-blue" : "crystal-violet");
  draft.pool(7, 9, "cold-glow");
  draft.pool(16, 8, "magic-glow");
  draft.pool(13, 11, "cold-glow");
  draft.lie("gem", 14, 5);
  draft.put("decor", 5, 5, "rubble");
  draft.put("decor", 15, 11, "bones");
}

function furnishHall(draft: MapDraft): void {
  light(draft, [
    [25, 12],
    [35, 12],
  ]);
  for (const x of [24, 36]) for (const y of [15, 22]) draft.stand(x, y, x === 36 && y === 22 ? "pillar-broken" : "pillar", 2);
  draft.put("decor", 27, 12, "banner");
  draft.put("decor", 33, 12, "banner");
  draft.put("decor", 24, 12, "chains");
  draft.put("decor", 23, 27, "urn");
  draft.put("decor", 37, 27, "crystal-blue");
  draft.put("decor", 37, 14, "rubble");
  draft.put("decor", 34, 26, "skull");
  draft.put("decor", 26, 26, "puddle");
  draft.put("decor", 28, 15, "puddle");
  draft.lie("lantern", 25, 26);
}

function furnishAltar(draft: MapDraft): void {
  draft.pool(30, 7, "magic-glow");
  draft.stand(29, 4, "altar", 1);
  draft.spot("altar", 29, 4, 3, 2, { text: "It hums. It has been waiting a long time." }, "altar");
  for (const x of [26, 34]) {
    draft.stand(x, 4, "brazier", 1);
    draft.stand(x, 7, "pillar", 2);
  }
  light(draft, [
    [26, 1],
    [34, 1],
  ]);
  draft.put("decor", 30, 1, "banner");
  draft.lie("wand", 28, 8);
  draft.put("decor", 24, 3, "cobweb/left");
  draft.put("decor", 36, 3, "cobweb/right");
  draft.put("decor", 25, 10, "skull");
  draft.put("decor", 35, 10, "urn");
}

function furnishVault(draft: MapDraft): void {
  for (const y of [20, 21]) draft.thing("spike-trap", 39, y, "spikes", { damage: 10 }, "spikes");
  draft.thing("pressure-plate", 37, 19, "plate", {}, "plate");
  light(draft, [
    [41, 13],
    [45, 13],
  ]);
  draft.put("decor", 43, 13, "iron-door");
  draft.spot("iron-door", 43, 14, 1, 1, { text: "Locked since before the rock above it was a hill." }, "iron door");
  draft.thing("chest", 43, 17, "chest", { text: "Heavy. Something shifts inside." }, "vault chest");
  for (const [x, y] of [
    [42, 17],
    [44, 18],
    [44, 16],
  ] as const)
    draft.lie("coin", x, y);
  draft.put("decor", 45, 15, "crystal-violet");
  draft.put("decor", 41, 24, "crystal-violet");
  draft.put("decor", 45, 24, "urn");
  draft.put("decor", 44, 24, "urn");
  draft.put("decor", 41, 15, "cobweb/left");
  draft.lie("potion", 45, 22);
}

function furnishCrypt(draft: MapDraft): void {
  light(draft, [
    [24, 29],
    [36, 29],
  ]);
  for (const x of [23, 26, 33, 36]) draft.put("decor", x, 34, "coffin");
  for (const x of [28, 32]) draft.stand(x, 31, "pillar", 2);
  draft.put("decor", 21, 31, "cobweb/left");
  draft.put("decor", 39, 31, "cobweb/right");
  for (const [x, y] of [
    [22, 32],
    [31, 36],
    [38, 33],
    [27, 37],
  ] as const)
    draft.put("decor", x, y, "bones");
  draft.put("decor", 25, 32, "skull");
  draft.put("decor", 39, 37, "rubble");
  for (const x of [22, 38]) draft.put("decor", x, 29, "banner");
  draft.put("decor", 21, 37, "mushroom");
  draft.put("decor", 22, 36, "mushroom");
  draft.pool(22, 36, "cold-glow");
  for (const x of [28, 32]) draft.stand(x, 36, "brazier", 1);
  draft.pool(30, 36, "glow");
  draft.lie("sword", 30, 36);
  draft.point("skeleton", 34.5, 32.5, "Rattles", "things");
}

function furnishStore(draft: MapDraft): void {
  light(draft, [
    [6, 26],
    [13, 26],
  ]);
  for (const [x, y] of [
    [4, 28],
    [5, 28],
    [4, 29],
    [14, 35],
    [13, 35],
  ] as const)
    draft.thing("barrel", x, y, "barrel", {}, "barrel");
  for (const [x, y] of [
    [14, 28],
    [14, 29],
    [4, 35],
  ] as const)
    draft.lie("crate", x, y);
  draft.thing("lever", 11, 28, "lever", { text: "Clunk. Somewhere, something moved." }, "lever");
  draft.lie("bomb", 6, 34);
  draft.put("decor", 8, 33, "puddle");
  draft.put("decor", 12, 31, "bones");
  draft.put("decor", 4, 26, "chains");
  draft.put("decor", 4, 32, "rubble");
  draft.put("decor", 14, 31, "urn");
  draft.put("decor", 12, 35, "mushroom");
  draft.point("rat", 8.5, 31.5, "rat", "things");
}

/** Time: cracks and moss where nothing else lies. */
function wearDown(draft: MapDraft): void {
  plan.each((x, y, letter) => {
    if (FLOORS[letter] === undefined && letter !== ".") return;
    const lot = hashAt(x, y, 9) % 30;
    const nearWall = plan.isWall(x - 1, y) || plan.isWall(x, y + 1) || plan.isWall(x + 1, y);
    if (lot < 1 || (nearWall && lot < 5)) draft.put("fringe", x, y, `moss/${lot % 4}`);
    else if (lot === 9 || lot === 10) draft.put("fringe", x, y, `crack/${hashAt(x, y, 10) % 4}`);
  });
}

function setPlaces(draft: MapDraft): void {
  draft.point("spawn", 15, 21, "arrival");
  draft.place("portal", 5, 20, 2, 2, { label: "The Tavern", to: "tavern" }, "tavern");
}
