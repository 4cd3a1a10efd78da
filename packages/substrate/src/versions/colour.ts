// Colours as versions hold them: `#rrggbb`, or `#rrggbbaa` where they are not opaque. Pure.
const PATTERN = /^#[0-9a-f]{6}([0-9a-f]{2})?$/;

export function isColour(text: string): boolean {
  return PATTERN.test(text) && text.slice(7) !== "ff";
}

/** Tiled's `#AARRGGBB`, `AARRGGBB`, `#RRGGBB` or `RRGGBB`; undefined when it is none of them. */
export function colourFromTiled(text: string): string | undefined {
  const hex = /^#?([0-9a-fA-F]{2})?([0-9a-fA-F]{6})$/.exec(text);
  if (hex === null) return undefined;
  const alpha = (hex[1] ?? "ff").toLowerCase();
  return `#${(hex[2] as string).toLowerCase()}${alpha === "ff" ? "" : alpha}`;
}

/** The colour as Tiled writes it: `#rrggbb` or `#aarrggbb`. */
export function colourForTiled(colour: string): string {
  return colour.length === 9 ? `#${colour.slice(7)}${colour.slice(1, 7)}` : colour;
}

/** Both tints at once, channel by channel. */
export function multipliedColours(a: string, b: string): string {
  const channels = [1, 3, 5, 7].map((at) => Math.round((channel(a, at) * channel(b, at)) / 255));
  const text = channels.map((value) => value.toString(16).padStart(2, "0")).join("");
  return `#${text.endsWith("ff") ? text.slice(0, 6) : text}`;
}

function channel(colour: string, at: number): number {
  return at < colour.length ? Number.parseInt(colour.slice(at, at + 2), 16) : 255;
}
