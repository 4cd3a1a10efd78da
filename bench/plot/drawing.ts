// Draws the newest results of the snapshot workloads as one SVG: a column for each workload, bars for each server, CPU above and bytes
// below. Pure: the same results give the same picture to the last byte. Works on light and on dark pages.

export interface Bar {
  readonly target: string;
  readonly value: number;
  /** Said behind the value, such as a rate that was not held. */
  readonly note?: string;
}

export interface Panel {
  readonly title: string;
  readonly about: string;
  readonly rows: readonly { readonly label: string; readonly unit: string; readonly bars: readonly Bar[] }[];
}

const PAGE = { width: 1_120, margin: 28, head: 74, foot: 44 } as const;
const COLUMN_GAP = 34;
const NAME_WIDTH = 100;
const VALUE_WIDTH = 100;
const BAR = { height: 17, pitch: 25 } as const;
const ROW_HEAD = 30;
const PANEL_HEAD = 46;
/** A bar longer than so many times that of the first is cut, and says so. */
const CUT = 4;
const OURS = "sojourn";
const FLOORS = new Set(["ws", "net"]);

const STYLE = `
  text { font: 13px "Helvetica Neue", Helvetica, Arial, sans-serif; fill: #3c4048; }
  .title { font-size: 20px; font-weight: 600; fill: #1d2026; }
  .panel { font-size: 16px; font-weight: 600; fill: #1d2026; }
  .faint { font-size: 12px; fill: #7a808c; }
  .ours { font-weight: 600; fill: #0f6b5c; }
  .value { font-variant-numeric: tabular-nums; }
  .bar { fill: #b6bcc8; } .bar.floor { fill: #dcdfe6; } .bar.mine { fill: #159a84; }
  .page { fill: #ffffff; } .cut { stroke: #ffffff; stroke-width: 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #c3c8d2; } .title, .panel { fill: #f0f2f6; } .faint { fill: #8d94a3; } .ours { fill: #4fd0b8; }
    .bar { fill: #5a6170; } .bar.floor { fill: #3b414d; } .bar.mine { fill: #1fb298; }
    .page { fill: #16181d; } .cut { stroke: #16181d; }
  }`;

export function drawing(title: string, subtitle: string, panels: readonly Panel[], foot: string): string {
  const width = (PAGE.width - 2 * PAGE.margin - COLUMN_GAP * (panels.length - 1)) / panels.length;
  const parts = panels.map((panel, i) => panelOf(panel, PAGE.margin + i * (width + COLUMN_GAP), PAGE.head, width));
  const height = PAGE.head + Math.max(...panels.map(heightOf)) + PAGE.foot;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${PAGE.width} ${height}" width="${PAGE.width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title><style>${STYLE}\n</style>`,
    `<rect class="page" width="${PAGE.width}" height="${height}" rx="8"/>`,
    text(PAGE.margin, 36, title, "title"),
    text(PAGE.margin, 57, subtitle, "faint"),
    ...parts,
    text(PAGE.margin, height - 18, foot, "faint"),
    "</svg>\n",
  ].join("\n");
}

function heightOf({ rows }: Panel): number {
  return PANEL_HEAD + rows.reduce((sum, { bars }) => sum + ROW_HEAD + bars.length * BAR.pitch + 12, 0);
}

function panelOf(panel: Panel, x: number, y: number, width: number): string {
  const parts = [text(x, y + 18, panel.title, "panel"), text(x, y + 36, panel.about, "faint")];
  let top = y + PANEL_HEAD;
  for (const { label, unit, bars } of panel.rows) {
    parts.push(text(x, top + 20, `${label}`, ""), text(x + width, top + 20, unit, "faint", "end"));
    top += ROW_HEAD;
    parts.push(barsOf(bars, x, top, width));
    top += bars.length * BAR.pitch + 12;
  }
  return parts.join("\n");
}

function barsOf(bars: readonly Bar[], x: number, top: number, width: number): string {
  const room = width - NAME_WIDTH - VALUE_WIDTH;
  const ours = bars.find(({ target }) => target === OURS)?.value ?? 0;
  const bound = ours === 0 ? Number.POSITIVE_INFINITY : ours * CUT;
  const longest = Math.max(...bars.map(({ value }) => Math.min(value, bound)));
  const left = x + NAME_WIDTH;
  const parts = bars.map(({ target, value, note }, i) => {
    const y = top + i * BAR.pitch;
    const length = Math.max(1, (Math.min(value, bound) / longest) * room);
    const kind = target === OURS ? "bar mine" : FLOORS.has(target) ? "bar floor" : "bar";
    const said = `${shown(value)}${note === undefined ? "" : ` ${note}`}`;
    return [
      text(left - 8, y + 13, target, target === OURS ? "ours" : "", "end"),
      `<rect class="${kind}" x="${at(left)}" y="${y}" width="${at(length)}" height="${BAR.height}" rx="2"/>`,
      ...(value > bound ? [cut(left + length - 22, y)] : []),
      text(left + length + 7, y + 13, said, target === OURS ? "value ours" : "value"),
    ].join("");
  });
  return parts.join("\n");
}

/** Two slanted strokes over a bar that would be longer. */
function cut(x: number, y: number): string {
  return [0, 7].map((gap) => `<path class="cut" d="M${at(x + gap)} ${y + BAR.height + 2} l6 ${-BAR.height - 4}"/>`).join("");
}

function text(x: number, y: number, words: string, kind: string, anchor = "start"): string {
  const anchored = anchor === "start" ? "" : ` text-anchor="${anchor}"`;
  return `<text x="${at(x)}" y="${at(y)}"${kind === "" ? "" : ` class="${kind}"`}${anchored}>${escaped(words)}</text>`;
}

function shown(value: number): string {
  return value >= 1_000 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
