// What the tiles of a world stop, cell by cell: layer after layer, row after row over the whole plane, whatever pieces a map or
// a version keeps them in. Packing a map and writing a version back as a map both ask here, and so agree. Pure.
import type { LayerInfo, SubstrateVersion } from "../versions/types.ts";
import type { ChunkCutter } from "./chunks.ts";
import { unsupported } from "./problem.ts";
import { TileShapes } from "./tile-shapes.ts";

/** Everything in the layer stops movement. */
export function isCollision({ name, class: className, properties }: Pick<LayerInfo, "name" | "class" | "properties">): boolean {
  return [name, className].some((word) => word?.toLowerCase() === "collision") || properties?.solid === true;
}

/** What stops movement lies in the world; a layer that slides with the view does not. */
export function refuseParallax({ parallax }: Pick<LayerInfo, "parallax">, where: string): void {
  if (parallax.x !== 1 || parallax.y !== 1)
    unsupported(where, "something solid in a layer with parallax", "move it to a layer without parallax");
}

/** Adds to the cutter what is solid of the cells that it holds. `where` names a layer for people. */
export function addCellSolids(
  tiles: Pick<SubstrateVersion, "tilesets" | "tileSize">,
  layers: readonly LayerInfo[],
  cutter: ChunkCutter,
  where: (layer: LayerInfo) => string,
): void {
  const shapes = new TileShapes(tiles);
  for (const layer of layers) {
    if (layer.kind !== "tile") continue;
    const isAllSolid = isCollision(layer);
    const [dx, dy] = [layer.offset.x / tiles.tileSize.w, layer.offset.y / tiles.tileSize.h];
    cutter.eachCell(layer.order, (x, y, gid) => {
      const { isWhole, boxes } = shapes.inCell(gid);
      const isSolid = isAllSolid || isWhole;
      if (!isSolid && boxes.length === 0) return;
      refuseParallax(layer, where(layer));
      if (isSolid && dx === 0 && dy === 0) cutter.setSolid(x, y);
      else if (isSolid) cutter.addBox([x + dx, y + dy, x + dx + 1, y + dy + 1]);
      else for (const [x0, y0, x1, y1] of boxes) cutter.addBox([x + dx + x0, y + dy + y0, x + dx + x1, y + dy + y1]);
    });
  }
}
