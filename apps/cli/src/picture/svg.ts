// A world as a plan in SVG: its bounds, what stops movement, zones and portals by name, and what stands in it. Names come from strangers:
// all of them are text, and nothing in the file can run or fetch anything.
import { objectBox, type StaticObject, type SubstrateView, type Zone } from "@sojourn/substrate";
import { PICTURE } from "../limits.ts";
import { plain } from "../output.ts";
import type { Area } from "./png.ts";

const PIXELS_PER_UNIT = 16;
const LABEL_CHARS = 28;
const STYLE = `
  text { font: 0.55px sans-serif; fill: #1c1c28; paint-order: stroke; stroke: #f6f4ee; stroke-width: 0.12px; }
  .ground { fill: #f6f4ee; } .solid { fill: #5d6273; } .zone { fill: #4a90d933; stroke: #4a90d9; stroke-width: 0.08px; }
  .portal { fill: #c03ad633; stroke: #c03ad6; stroke-width: 0.16px; } .spawn { fill: #2fa84f33; stroke: #2fa84f; stroke-width: 0.12px; }
  .thing { fill: #c9a25a55; stroke: #8c6d2f; stroke-width: 0.05px; } .built { fill: #e0662a66; stroke: #e0662a; stroke-width: 0.1px; }`;

export interface Plan {
  readonly svg: string;
  /** Shapes that are left out because there are too many. */
  readonly left: number;
}

/** The view must have its chunks loaded. */
export function planOf(view: SubstrateView, area: Area = view.version.bounds, scale = 1): Plan {
  const { name, tileSize } = view.version;
  const [w, h] = [area.x1 - area.x0, area.y1 - area.y0];
  const shapes = [...solids(view), ...zones(view), ...objects(view)].filter(({ box: [x0, y0, x1, y1] }) => {
    return x1 >= area.x0 && y1 >= area.y0 && x0 <= area.x1 && y0 <= area.y1;
  });
  const shown = shapes.slice(0, PICTURE.shapes);
  const size = `width="${Math.round(w * PIXELS_PER_UNIT * scale)}" height="${Math.round(((h * tileSize.h) / tileSize.w) * PIXELS_PER_UNIT * scale)}"`;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="${area.x0} ${area.y0} ${w} ${h}" preserveAspectRatio="none">`,
    `<title>${escaped(name)}</title><style>${STYLE}\n</style>`,
    `<rect class="ground" x="${area.x0}" y="${area.y0}" width="${w}" height="${h}"/>`,
    ...shown.map(({ drawn }) => drawn),
    // Names last, over everything.
    ...shown.flatMap(({ label, box: [x0, y0] }) =>
      label === "" ? [] : [`<text x="${short(x0)}" y="${short(y0 - 0.15)}">${escaped(label)}</text>`],
    ),
    "</svg>\n",
  ];
  return { svg: svg.join("\n"), left: shapes.length - shown.length };
}

interface Shape {
  readonly box: readonly [number, number, number, number];
  readonly drawn: string;
  readonly label: string;
}

/** Solid tiles as one rectangle for each stretch of a row; solid boxes as they are. */
function* solids(view: SubstrateView): Iterable<Shape> {
  for (const { cx, cy, solid, boxes } of view.loadedChunks()) {
    for (let y = 0; y < 16; y++) {
      for (let x = 0; x < 16; x++) {
        const from = x;
        while (x < 16 && ((solid[(y * 16 + x) >> 3] as number) >> (x & 7)) & 1) x++;
        if (x > from) yield rectangle("solid", [cx * 16 + from, cy * 16 + y, cx * 16 + x, cy * 16 + y + 1], "");
      }
    }
    for (const box of boxes) yield rectangle("solid", box, "");
  }
}

function* zones(view: SubstrateView): Iterable<Shape> {
  for (const zone of view.version.zones) yield zoneShape(zone);
}

function zoneShape(zone: Zone): Shape {
  const { x, y, w, h, shape, points = [] } = zone;
  const kind = zone.class.toLowerCase();
  const look = kind === "portal" || kind === "spawn" ? kind : "zone";
  const label = zone.class === zone.name ? zone.name : [zone.class, zone.name].filter((word) => word !== "").join(" ");
  const box = [x, y, x + w, y + h] as const;
  const corners = points.map((point) => point.map(short).join(",")).join(" ");
  switch (shape) {
    case "ellipse":
      return {
        box,
        label,
        drawn: `<ellipse class="${look}" cx="${short(x + w / 2)}" cy="${short(y + h / 2)}" rx="${short(w / 2)}" ry="${short(h / 2)}"/>`,
      };
    case "point":
      return { box, label, drawn: `<circle class="${look}" cx="${short(x)}" cy="${short(y)}" r="0.3"/>` };
    case "polygon":
      return { box, label, drawn: `<polygon class="${look}" points="${corners}"/>` };
    case "polyline":
      return { box, label, drawn: `<polyline class="${look}" points="${corners}" fill="none"/>` };
    case "rectangle":
      return rectangle(look, box, label);
  }
}

function* objects(view: SubstrateView): Iterable<Shape> {
  for (const chunk of view.loadedChunks()) {
    for (const object of chunk.objects) {
      if (object.hidden !== true)
        yield rectangle(object.by === undefined ? "thing" : "built", objectBox(object, view.version.tileSize), labelOf(object));
    }
  }
}

function labelOf({ kind, name, text, by }: StaticObject): string {
  const words = name ?? text ?? "";
  return by === undefined && words === "" ? "" : words === "" || words === kind ? kind : `${kind} ${words}`;
}

function rectangle(look: string, box: readonly [number, number, number, number], label: string): Shape {
  const [x0, y0, x1, y1] = box;
  const size = `width="${short(x1 - x0)}" height="${short(y1 - y0)}"`;
  return { box, label, drawn: `<rect class="${look}" x="${short(x0)}" y="${short(y0)}" ${size}/>` };
}

function short(value: number): string {
  return String(Math.round(value * 1_000) / 1_000);
}

function escaped(text: string): string {
  const marks: { readonly [mark: string]: string } = { "<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "'": "&apos;" };
  return plain(text.length > LABEL_CHARS ? `${text.slice(0, LABEL_CHARS - 1)}…` : text).replace(
    /[<>&"']/g,
    (mark) => marks[mark] as string,
  );
}
