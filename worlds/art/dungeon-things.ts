// What waits in the Dungeon: pillars, iron, bones, chests, the altar, traps, things that glow in the dark.
import { Bitmap, picture } from "./bitmap.ts";
import { altar, brazier, crystals, mushrooms } from "./dungeon-glow.ts";
import { Grain } from "./grain.ts";
import { type Sheet, TILE } from "./sheet.ts";
import { BARREL, CHEST, CRATE } from "./tavern-furniture.ts";
import { frames, wallTorch } from "./tavern-light.ts";
import { standingStone } from "./tavern-yard.ts";

/** A pillar, one tile wide, three tall; the upper part stands over travellers. */
function pillar(broken: boolean): Bitmap {
  const shape = new Bitmap(TILE, 48);
  const top = broken ? 22 : 2;
  shape
    .box(4, top, 8, 40 - top, "D")
    .box(4, top, 2, 40 - top, "E")
    .box(5, top, 1, 40 - top, "F")
    .box(10, top, 2, 40 - top, "B")
    .box(8, top, 1, 40 - top, "C");
  shape.box(2, 38, 12, 6, "D").box(2, 38, 12, 1, "F").box(2, 39, 1, 5, "E").box(2, 42, 12, 2, "C").box(12, 39, 2, 5, "B");
  if (broken) shape.stamp(4, 19, ["....EF..", "EE.EEDC.", "EFEEDDCB"]);
  else
    shape
      .box(2, 2, 12, 5, "D")
      .box(2, 2, 12, 1, "F")
      .box(3, 3, 10, 1, "E")
      .box(2, 6, 12, 1, "B")
      .box(12, 3, 2, 4, "B")
      .box(4, 7, 8, 2, "B");
  shape.box(4, 24, 8, 1, "C").box(5, 31, 5, 1, "C");
  return new Bitmap(TILE, 48).ellipse(10, 43, 7, 3, "=").blit(shape.outlined("#"), 0, 0);
}

/** An iron door, one tile wide, two tall. */
function ironDoor(open: boolean): Bitmap {
  const out = new Bitmap(TILE, 32, "#");
  if (open) return out.box(1, 4, 14, 28, "A").box(0, 2, 3, 30, "i").box(0, 2, 1, 30, "j").box(13, 2, 3, 30, "i").box(15, 2, 1, 30, "h");
  out.box(1, 3, 14, 28, "i").box(1, 3, 14, 1, "k").box(1, 3, 1, 28, "j").box(14, 4, 1, 27, "h");
  for (const x of [5, 9]) out.box(x, 4, 1, 27, "h").box(x + 1, 4, 1, 27, "j");
  for (const y of [7, 17, 27]) {
    out.box(1, y, 14, 3, "h").box(1, y, 14, 1, "k");
    for (const x of [2, 7, 12]) out.dot(x, y + 1, "l");
  }
  return out
    .stamp(10, 20, [".uu.", "u##u", "u..u", ".tt."])
    .box(4, 11, 8, 4, "#")
    .box(5, 11, 1, 4, "j")
    .box(7, 11, 1, 4, "j")
    .box(9, 11, 1, 4, "j");
}

const BONES = [
  "................",
  "................",
  "................",
  "...##.......##..",
  "..#ll#.....#pl#.",
  "..#lkk#...#lk##.",
  "...##kk#.#lk#...",
  ".....#kl#lk#....",
  "......#lkk#.....",
  ".....#lk#kl#....",
  "...##lk#.#kl##..",
  "..#llk#...#kkl#.",
  "..#kl#.....#lk#.",
  "...##.......##..",
  "................",
  "................",
];

const SKULL = [
  "................",
  "................",
  "................",
  ".....######.....",
  "....#pppllk#....",
  "...#ppplllkk#...",
  "...#pplllllk#...",
  "...#l##ll##k#...",
  "...#l##ll##k#...",
  "...#kll##lkj#...",
  "....#kl##kj#....",
  "....#lklklk#....",
  "....#k#k#kj#....",
  ".....######.....",
  "................",
  "................",
];

const RUBBLE = [
  "................",
  "................",
  "................",
  "................",
  ".......####.....",
  ".....##EEDC#....",
  "....#FEDDCC#....",
  "....#EDDCCB#.##.",
  "..##.#DCCB##ED#.",
  ".#FE#.####.#DC#.",
  "#FEDC#.##...##..",
  "#EDDC#D#ED#.....",
  "#DDCB##FEDC#.##.",
  ".#CB#.#EDCB##E#.",
  "..##...####..#..",
  "................",
];

const URN = [
  "................",
  ".....######.....",
  "....#ffeedd#....",
  ".....#e##c#.....",
  "....#fe##dc#....",
  "...#ffeeeddc#...",
  "..#gfueuduedc#..",
  "..#ffeueududc#..",
  "..#fueuduedcc#..",
  "..#ffeeeeddcc#..",
  "..#ssssssrrrr#..",
  "...#feeeddcc#...",
  "....#eeddcc#....",
  ".....#ddcc#.....",
  ".....######.....",
  "................",
];

const COBWEB = [
  "l..l....l......l",
  ".ll.l...k....k..",
  ".lkl.k..k..kk...",
  "l.lklk.kk.k.....",
  "..klkkkk.kk.....",
  "..k.kkk.k.......",
  "...kk.kk........",
  "l..k.kk.........",
  ".kkkk..k........",
  "...k.k..........",
  "..k..k..........",
  ".k...k..........",
  "..kkk...........",
  "..k.............",
  ".k..............",
  "l...............",
];

const LEVER = [
  "................",
  "................",
  "...##...........",
  "..#sr#..........",
  "..#rr##.........",
  "...##kj#........",
  ".....#kj#.......",
  "......#kj#......",
  ".......#kj#.....",
  "....######j#....",
  "...#kjjjjii#....",
  "..#kji####ih#...",
  "..#jiiiiiihh#...",
  "...##########...",
  "................",
  "................",
];

function spikes(out: number): Bitmap {
  const tile = new Bitmap(TILE, TILE);
  tile.box(1, 1, 14, 14, "A").bevel(1, 1, 14, 14, ["A", "B", "D"]);
  for (let y = 4; y < 15; y += 4)
    for (let x = 4; x < 15; x += 4) {
      tile.box(x - 1, y - 1, 2, 2, "#");
      for (let j = 0; j < out; j++) tile.dot(x - 1, y - j, j === out - 1 ? "l" : "k").dot(x, y - j, j === out - 1 ? "#" : "i");
    }
  return tile;
}

function plate(down: boolean): Bitmap {
  const tile = new Bitmap(TILE, TILE);
  if (down) return tile.box(2, 2, 12, 12, "A").bevel(3, 3, 10, 10, ["B", "C", "D"]).box(6, 6, 4, 4, "B");
  return tile.box(1, 2, 14, 13, "A").bevel(2, 2, 12, 11, ["F", "E", "C"]).bevel(5, 5, 6, 5, ["C", "D", "F"]);
}

/** A stone coffin, two tiles wide, two tall. */
function coffin(): Bitmap {
  const out = new Bitmap(32, 32).ellipse(18, 28, 14, 3, "=");
  out.box(1, 6, 30, 22, "#").box(2, 6, 28, 14, "E").box(2, 6, 28, 1, "F").box(2, 6, 1, 14, "F").box(2, 19, 28, 1, "C");
  out.bevel(5, 9, 22, 8, ["C", "D", "F"]).box(2, 20, 28, 7, "C").box(2, 20, 28, 1, "A").box(2, 26, 28, 1, "B");
  out.box(15, 10, 2, 6, "F").box(13, 11, 6, 1, "F").box(16, 11, 1, 5, "B");
  for (const x of [6, 13, 20]) out.bevel(x, 22, 5, 4, ["D", "C", "B"]);
  return out;
}

/** A banner on the wall. */
function banner(): Bitmap {
  const out = new Bitmap(TILE, 32);
  out
    .box(2, 3, 12, 2, "#")
    .box(2, 3, 12, 1, "v")
    .box(3, 5, 10, 18, "T")
    .box(3, 5, 2, 18, "U")
    .box(11, 5, 2, 18, "S")
    .box(2, 5, 1, 18, "#")
    .box(13, 5, 1, 18, "#");
  for (let i = 0; i < 5; i++)
    out
      .box(3 + i, 23 + (4 - i), 1, 1, "#")
      .box(12 - i, 23 + (4 - i), 1, 1, "#")
      .box(3 + i, 23, 1, 4 - i, "U")
      .box(12 - i, 23, 1, 4 - i, "S");
  return out.box(3, 20, 10, 1, "v").stamp(5, 9, ["..vv..", ".v..v.", "v.ww.v", "v.wu.v", ".v..v.", "..vv.."]);
}

function chains(): Bitmap {
  const out = new Bitmap(TILE, 32);
  const grain = new Grain(2);
  for (const x of [4, 10]) {
    out.box(x - 1, 4, 3, 2, "#");
    for (let y = 5; y < 18 + grain.below(6); y += 3) out.stamp(x - 1, y, [".j.", "j.i", ".i."]);
  }
  return out;
}

export function addDungeonThings(sheet: Sheet): void {
  const cold = (radius: number): { radius: number; colour: string } => ({ radius, colour: "#70c7d4" });
  const warm = (radius: number): { radius: number; colour: string } => ({ radius, colour: "#ff9a3c" });
  const low = { x: 2, y: 5, width: 12, height: 9 };
  sheet.add("wall-torch", frames(wallTorch), { type: "wall-torch", solid: true, light: warm(5), frameMs: 120 });
  sheet.add("pillar", pillar(false), { type: "pillar", solid: { x: 2, y: 33, width: 12, height: 11 } });
  sheet.add("pillar-broken", pillar(true), { type: "pillar", solid: { x: 2, y: 33, width: 12, height: 11 } });
  sheet.add("iron-door", ironDoor(false), { type: "iron-door", solid: true });
  sheet.add("iron-door-open", ironDoor(true), { type: "iron-door-open" });
  sheet.add("bones", picture(BONES), { type: "bones" });
  sheet.add("skull", picture(SKULL), { type: "skull" });
  sheet.add("rubble", picture(RUBBLE), { type: "rubble", solid: low });
  sheet.add("urn", picture(URN), { type: "urn", solid: low });
  sheet.add("barrel", picture(BARREL), { type: "barrel", solid: { x: 1, y: 4, width: 14, height: 11 } });
  sheet.add("crate", picture(CRATE), { type: "crate", solid: { x: 1, y: 3, width: 14, height: 12 } });
  sheet.add("chest", picture(CHEST).recoloured("gfed", "lkji"), { type: "chest", solid: { x: 1, y: 4, width: 14, height: 10 } });
  sheet.add("chest-open", picture(OPEN_CHEST), { type: "chest-open", solid: { x: 1, y: 4, width: 14, height: 10 } });
  sheet.add("lever", picture(LEVER), { type: "lever", solid: { x: 2, y: 9, width: 11, height: 5 } });
  sheet.add("lever-pulled", picture(LEVER).mirrored(), { type: "lever-pulled", solid: { x: 3, y: 9, width: 11, height: 5 } });
  sheet.add("cobweb/left", picture(COBWEB));
  sheet.add("cobweb/right", picture(COBWEB).mirrored());
  sheet.add("spikes", spikes(0), { type: "spike-trap" });
  sheet.add("spikes-out", spikes(3), { type: "spike-trap-out" });
  sheet.add("plate", plate(false), { type: "pressure-plate" });
  sheet.add("plate-down", plate(true), { type: "pressure-plate-down" });
  sheet.add("mushroom", frames(mushrooms), { type: "mushroom", light: cold(3), frameMs: 320 });
  sheet.add(
    "crystal-blue",
    frames((f) => crystals(f, "MNOPQ")),
    { type: "crystal", solid: low, light: cold(3), frameMs: 260 },
  );
  sheet.add(
    "crystal-violet",
    frames((f) => crystals(f, "STUVW")),
    { type: "crystal", solid: low, light: { radius: 3, colour: "#b76fdd" }, frameMs: 260 },
  );
  sheet.add("brazier", frames(brazier), { type: "brazier", solid: { x: 2, y: 18, width: 12, height: 11 }, light: warm(5), frameMs: 120 });
  sheet.add("altar", frames(altar), {
    type: "altar",
    solid: { x: 1, y: 16, width: 46, height: 12 },
    light: { radius: 5, colour: "#b76fdd" },
    frameMs: 200,
  });
  sheet.add("coffin", coffin(), { type: "coffin", solid: { x: 1, y: 8, width: 30, height: 19 } });
  sheet.add("banner", banner(), { type: "banner", solid: true });
  sheet.add("chains", chains(), { type: "chains", solid: true });
  for (let n = 0; n < 4; n++)
    sheet.add(`stone/${n}`, standingStone(n, ["F", "E", "C", "B"], "wu"), {
      type: "standing-stone",
      solid: { x: 2, y: 19, width: 12, height: 11 },
    });
}

const OPEN_CHEST: readonly string[] = [
  "..############..",
  "#kkjjjjjjjjii##.",
  "#kjubbbbbbubih#.",
  "#jbubaaaabubih#.",
  "#jbubaaaabtbih#.",
  "###############.",
  ".#aPQaauvwaauv#.",
  ".#uPQPuvwvuVWu#.",
  ".#OOPuvuvwuVVU#.",
  ".##############.",
  ".#uuuutwwtuuut#.",
  ".#kjjjuuujiiih#.",
  ".#jjuiiiihuihh#.",
  ".#itihhhhhthhh#.",
  ".##############.",
  "................",
];
