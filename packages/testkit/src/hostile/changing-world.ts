// A world without pictures in which every chunk is another, for fetches that are lied to. It needs nothing of Node.
import type { ContentId } from "@sojourn/protocol";
import { type Block, buildVersion, type Chunk, type Scene } from "@sojourn/substrate";

/** `side`: chunks along one side. */
export async function changingWorld(side: number): Promise<{ readonly root: ContentId; readonly blocks: readonly Block[] }> {
  const look = { visible: true, opacity: 1, offset: { x: 0, y: 0 }, parallax: { x: 1, y: 1 } } as const;
  const scene: Scene = {
    bounds: { x0: 0, y0: 0, x1: side * 16, y1: side * 16 },
    tileSize: { w: 16, h: 16 },
    parallaxOrigin: { x: 0, y: 0 },
    layers: [
      { order: 0, name: "ground", kind: "tile", ...look },
      { order: 1, name: "placed", kind: "object", drawOrder: "topdown", ...look },
    ],
    placedLayer: 1,
    ...{ tilesets: [], assets: [], zones: [], properties: {} },
  };
  const chunk = (cx: number, cy: number): Chunk => {
    const gids = Uint32Array.from({ length: 256 }, (_, i) => 1 + cx * 64 + cy * 4_096 + (i % 4));
    return { cx, cy, layers: [{ layer: 0, gids }], solid: new Uint8Array(32), boxes: [], objects: [] };
  };
  const chunks = Array.from({ length: side * side }, (_, i) => chunk(i % side, Math.floor(i / side)));
  const built = await buildVersion({ name: "liars", scene, chunks, assetBlocks: [] });
  if (!built.ok) throw new Error(built.fault.detail);
  return built.value;
}
