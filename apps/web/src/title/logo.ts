// The product's name in letters of our own, five dots high and wide.

const LETTERS: { readonly [letter: string]: readonly string[] } = {
  S: [".####", "#....", ".###.", "....#", "####."],
  O: [".###.", "#...#", "#...#", "#...#", ".###."],
  J: ["..###", "...#.", "...#.", "#..#.", ".##.."],
  U: ["#...#", "#...#", "#...#", "#...#", ".###."],
  R: ["####.", "#...#", "####.", "#..#.", "#...#"],
  N: ["#...#", "##..#", "#.#.#", "#..##", "#...#"],
};
const BANDS = ["#fff3cf", "#ffdf94", "#f8bd57", "#e0913a", "#b8672c"];
const DEPTH = ["#5c2f4d", "#3b1f3d"];

/** Draws the name; every dot is `dot` canvas pixels. A word with letters it does not know leaves gaps. */
export function drawLogo(word: string, dot: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  const letters = [...word.toUpperCase()];
  canvas.width = (letters.length * 6 + 1) * dot;
  canvas.height = 8 * dot;
  const paint = canvas.getContext("2d");
  if (paint === null) return canvas;
  const each = (draw: (x: number, y: number) => void): void => {
    letters.forEach((letter, i) => {
      LETTERS[letter]?.forEach((row, y) => {
        for (let x = 0; x < row.length; x++) if (row[x] === "#") draw((i * 6 + x + 0.5) * dot, y * dot);
      });
    });
  };
  const edge = dot / 4;
  each((x, y) => {
    paint.fillStyle = "#1a1028";
    paint.fillRect(x - edge, y - edge + edge * 2, dot + edge * 2, dot * 2 + edge * 2);
  });
  each((x, y) => {
    paint.fillStyle = DEPTH[1] as string;
    paint.fillRect(x, y + edge * 2, dot, dot * 1.75);
    paint.fillStyle = DEPTH[0] as string;
    paint.fillRect(x, y + edge * 2, dot, dot * 1.2);
  });
  each((x, y) => {
    paint.fillStyle = BANDS[Math.round(y / dot)] as string;
    paint.fillRect(x, y + edge, dot, dot);
    paint.fillStyle = "rgba(255,255,255,0.35)";
    paint.fillRect(x, y + edge, dot, edge);
  });
  return canvas;
}
