// Colours as the substrate writes them (#rrggbb, #rrggbbaa) and as the GPU takes them (0xRRGGBBAA). Pure.

export const WHITE = 0xffff_ffff;

/** `#rrggbb` or `#rrggbbaa`, the # optional, to 0xRRGGBBAA; undefined when it is no colour. */
export function parseColour(text: string): number | undefined {
  const m = /^#?([0-9a-f]{6})([0-9a-f]{2})?$/i.exec(text);
  if (m === null) return undefined;
  const alpha = m[2] === undefined ? 255 : Number.parseInt(m[2], 16);
  return ((Number.parseInt(m[1] as string, 16) << 8) | alpha) >>> 0;
}

/** A tint with an opacity (0 to 1) multiplied in. */
export function faded(tint: number, opacity: number): number {
  const alpha = Math.round((tint & 255) * Math.min(1, Math.max(0, opacity)));
  return ((tint & 0xffff_ff00) | alpha) >>> 0;
}

/** 0xRRGGBBAA as three parts of 0 to 1. */
export function rgbOf(tint: number): readonly [number, number, number] {
  return [((tint >>> 24) & 255) / 255, ((tint >>> 16) & 255) / 255, ((tint >>> 8) & 255) / 255];
}
