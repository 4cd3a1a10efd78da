// The few pictures every world needs and no world brings: the unknown thing, a shadow, a dot. Drawn here, dot by dot.

const PALETTE: { readonly [letter: string]: string } = {
  "#": "#2a1e33",
  w: "#ffffff",
  p: "#8a6fd0",
  q: "#6b50b0",
  k: "#c9b8f5",
  s: "rgba(18,10,28,0.42)",
};

const PICTURES: { readonly [name: string]: readonly string[] } = {
  unknown: [
    ".##############.",
    "#kkkkkkkkkkkkkk#",
    "#kppppppppppppq#",
    "#kppppwwwwppppq#",
    "#kpppwwwwwwpppq#",
    "#kppwww##wwwppq#",
    "#kpp##pp#wwwppq#",
    "#kpppppppwwwppq#",
    "#kppppppwwww#pq#",
    "#kpppppwwww##pq#",
    "#kpppppww##pppq#",
    "#kpppppp##ppppq#",
    "#kpppppwwpppppq#",
    "#kpppppww#ppppq#",
    "#qqqqqqq##qqqqq#",
    ".##############.",
  ],
  dot: ["w"],
  shadow: ["..ssssssss..", ".ssssssssss.", "ssssssssssss", ".ssssssssss.", "..ssssssss.."],
};

export type Bit = "unknown" | "dot" | "shadow";

/** A canvas of one of the pictures; pages and style sheets take it from here. */
export function drawBit(name: Bit): HTMLCanvasElement {
  const rows = PICTURES[name] as readonly string[];
  const canvas = document.createElement("canvas");
  canvas.width = (rows[0] as string).length;
  canvas.height = rows.length;
  const paint = canvas.getContext("2d");
  if (paint === null) return canvas;
  rows.forEach((row, y) => {
    [...row].forEach((letter, x) => {
      const colour = PALETTE[letter];
      if (colour === undefined) return;
      paint.fillStyle = colour;
      paint.fillRect(x, y, 1, 1);
    });
  });
  return canvas;
}

export const BITS: readonly Bit[] = ["unknown", "dot", "shadow"];
