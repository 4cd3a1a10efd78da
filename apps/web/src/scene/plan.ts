// In which order a world is drawn: its layers, and where among them the travellers walk. Pure.
// Law: the author's order of layers is never changed. Travellers stand below the first layer marked `above`.
import type { LayerInfo } from "@sojourn/substrate";
import { faded, parseColour, WHITE } from "./colour.ts";

/** Rows of tiles on either side of 0, and chunks on either side of 0, that have a place of their own within a layer's order. */
const ROWS = 2 ** 20;
const CHUNKS = 2 ** 17;

/** The place of one chunk's row of tiles within its layer, from 0 up to 1: rows from top to bottom, in a row from left to right. */
export function rowOrder(row: number, cx: number): number {
  return ((row + ROWS) * 2 * CHUNKS + cx + CHUNKS) / (4 * ROWS * CHUNKS);
}

export interface LayerPlan {
  readonly info: LayerInfo;
  /** 0xRRGGBBAA with the opacity multiplied in. */
  readonly tint: number;
  /** A whole number; what lies in the layer goes up to the next. */
  readonly renderOrder: number;
}

export interface DrawPlan {
  readonly layers: readonly LayerPlan[];
  readonly spritesOrder: number;
  /** The object layer whose objects stand among the travellers, nearer ones in front; undefined when there is none. */
  readonly sortedLayer: number | undefined;
}

export function isAbove(layer: LayerInfo): boolean {
  return layer.properties?.above === true || layer.class === "above";
}

export function planLayers(layers: readonly LayerInfo[]): DrawPlan {
  const shown = [...layers].sort((a, b) => a.order - b.order).filter((layer) => layer.visible && layer.opacity > 0);
  const firstAbove = shown.findIndex(isAbove);
  const below = firstAbove < 0 ? shown.length : firstAbove;
  const beneath = shown[below - 1];
  const sorted = beneath !== undefined && standsAmongTravellers(beneath) ? beneath.order : undefined;
  return {
    layers: shown.map((info, i) => ({ info, tint: layerTint(info), renderOrder: i < below ? i : i + 1 })),
    spritesOrder: below,
    sortedLayer: sorted,
  };
}

function standsAmongTravellers(layer: LayerInfo): boolean {
  return layer.kind === "object" && layer.drawOrder !== "index" && layer.parallax.x === 1 && layer.parallax.y === 1;
}

export function layerTint(layer: LayerInfo): number {
  const tint = layer.tint === undefined ? WHITE : (parseColour(layer.tint) ?? WHITE);
  return faded(tint, layer.opacity);
}
