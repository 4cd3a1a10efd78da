// What gives light in the Dungeon: mushrooms, crystals, braziers, the altar. All of it moves in four frames.
import { Bitmap } from "./bitmap.ts";
import { bricks } from "./materials.ts";
import { TILE } from "./sheet.ts";
import { flames } from "./tavern-light.ts";

/** Mushrooms that breathe light. */
export function mushrooms(frame: number): Bitmap {
  const out = new Bitmap(TILE, TILE);
  const [hot, cap] = frame % 4 === 2 ? ["Q", "P"] : frame % 2 === 1 ? ["Q", "O"] : ["P", "O"];
  out.ellipse(9, 14, 6, 2, "-");
  out.stamp(
    3,
    4,
    ["..####..", ".#ccbb#.", "#cdcbba#", ".######.", "..#oo#..", "..#on#..", "..#on#..", "..#on#..", "...##..."].map((row) =>
      row
        .replaceAll("c", cap as string)
        .replaceAll("d", hot as string)
        .replaceAll("b", "N")
        .replaceAll("a", "M"),
    ),
  );
  out.stamp(
    9,
    9,
    [".###..", "#cdb#.", "#####.", ".#o#..", ".##..."].map((row) =>
      row
        .replaceAll("c", cap as string)
        .replaceAll("d", hot as string)
        .replaceAll("b", "N"),
    ),
  );
  if (frame === 1) out.dot(2, 2, "P");
  if (frame === 2) out.dot(12, 4, "Q").dot(2, 1, "O");
  if (frame === 3) out.dot(12, 2, "P");
  return out;
}

/** Crystals; a glint runs up them. */
export function crystals(frame: number, ramp: string): Bitmap {
  const [dark, low, face, light, white] = ramp as unknown as [string, string, string, string, string];
  const out = new Bitmap(TILE, TILE).ellipse(9, 14, 7, 2, "=");
  const shard = (x: number, top: number, width: number, foot: number): void => {
    for (let y = top; y <= foot; y++) {
      const half = Math.min(width, Math.ceil((y - top + 1) * 0.8));
      const left = x + Math.floor((width - half) / 2);
      out
        .box(left - 1, y, half + 2, 1, "#")
        .box(left, y, half, 1, face)
        .dot(left, y, light)
        .dot(left + half - 1, y, low);
      if (half > 3) out.dot(left + half - 2, y, low);
    }
    out
      .dot(x + (width >> 1), top - 1, "#")
      .box(x, foot, width, 1, dark)
      .box(x, foot + 1, width, 1, "#");
    const glint = foot - 2 - frame * 3;
    if (glint > top) out.dot(x + 1, glint, white).dot(x + 2, glint - 1, white);
  };
  shard(9, 6, 4, 13);
  shard(5, 2, 5, 13);
  shard(2, 8, 3, 13);
  return out;
}

export function brazier(frame: number): Bitmap {
  const out = new Bitmap(TILE, 32).ellipse(9, 29, 6, 2, "=");
  out.stamp(1, 15, [
    "##############",
    "#kjjjiiiiihhh#",
    ".#jiiiiihhhh#.",
    "..#iiihhhhh#..",
    "...########...",
    ".....#ji#.....",
    ".....#ji#.....",
    ".....#ih#.....",
    "....#jiih#....",
    "...#j#ih#h#...",
    "..#i#.##.#h#..",
    "..##......##..",
  ]);
  return out.blit(flames(12, 14, frame, 6), 2, 3);
}

/** The altar: three tiles wide, two tall, a cloth, two candles, and something that hums. */
export function altar(frame: number): Bitmap {
  const out = new Bitmap(48, 32).ellipse(25, 29, 23, 3, "=");
  out.box(1, 8, 46, 21, "#").box(2, 8, 44, 8, "E").box(2, 8, 44, 1, "F").box(2, 8, 1, 8, "F").box(2, 15, 44, 1, "C");
  out
    .blit(bricks(44, 12, 8, ["D", "C", "C", "B", "A"], 6, 12), 2, 16)
    .box(2, 16, 44, 1, "A")
    .box(2, 26, 44, 2, "B");
  out
    .box(15, 8, 18, 18, "T")
    .box(15, 8, 18, 1, "V")
    .box(15, 8, 1, 17, "U")
    .box(32, 9, 1, 17, "S")
    .box(16, 23, 16, 1, "v")
    .box(16, 16, 16, 1, "S");
  for (let x = 15; x < 33; x += 2) out.dot(x, 26, "v");
  out.stamp(21, 18, ["..U..", ".U.U.", "U.W.U", ".U.U.", "..U.."]);
  const bob = [0, 1, 2, 1][frame] as number;
  out.stamp(20, 9, ["..####..", ".#vvuu#.", "..####.."]);
  out.stamp(21, 1 + (bob >> 1), ["..##..", ".#WV#.", "#QWVU#", "#WVUU#", ".#UT#.", "..##.."]);
  if (frame % 2 === 0) out.dot(19, 3, "W").dot(28, 5, "V");
  else out.dot(20, 6, "V").dot(28, 2, "W");
  for (const [i, x] of [6, 39].entries())
    out
      .box(x, 6, 3, 6, "#")
      .box(x, 5, 3, 6, "o")
      .box(x, 5, 1, 6, "p")
      .blit(flames(3, 5, frame + i, 4), x, 0);
  return out;
}
