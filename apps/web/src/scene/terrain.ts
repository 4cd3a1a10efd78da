// The tile layers of a world on the screen: one mesh for each chunk and layer near the view, made when it comes near.
import type { Chunk, SubstrateView } from "@sojourn/substrate";
import { Group, type RawShaderMaterial } from "three";
import { SCENE } from "../limits.ts";
import { type BatchMesh, batchMesh, refreshPictures } from "./batch.ts";
import { type Look, parallaxShift, snapTo } from "./camera.ts";
import { flipsOf } from "./flips.ts";
import { type DrawPlan, type LayerPlan, rowOrder } from "./plan.ts";
import type { TileBook } from "./tile-book.ts";
import { CHUNK_TILES, type ChunkLayer, chunkLayer } from "./tile-chunk.ts";

interface ChunkMeshes {
  readonly layer: ChunkLayer;
  readonly meshes: readonly BatchMesh[];
  usedFrame: number;
  /** The pictures shown now by the animated quads, by gid. */
  readonly shown: number[];
}

interface TileLayer {
  readonly plan: LayerPlan;
  readonly group: Group;
  readonly chunks: Map<string, ChunkMeshes | null>;
}

/** A range of chunks, both ends included. */
export interface ChunkRange {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export class Terrain {
  readonly root: Group = new Group();
  private readonly view: SubstrateView;
  private readonly book: TileBook;
  private readonly materials: RawShaderMaterial[];
  private readonly layers: readonly TileLayer[];
  private readonly asked = new Set<string>();
  private readonly overhang: number;
  private frame = 0;

  constructor(view: SubstrateView, plan: DrawPlan, book: TileBook, materials: RawShaderMaterial[]) {
    this.view = view;
    this.book = book;
    this.materials = materials;
    this.overhang = book.overhang(view.version.tileSize.w, view.version.tileSize.h);
    this.layers = plan.layers
      .filter(({ info }) => info.kind === "tile")
      .map((layer) => ({ plan: layer, group: new Group(), chunks: new Map() }));
    for (const layer of this.layers) this.root.add(layer.group);
  }

  /** Shows what this look needs. With `allAtOnce` every chunk in view is made now, otherwise a few a frame. True when nothing is missing. */
  update(look: Look, timeMs: number, allAtOnce: boolean): boolean {
    this.frame++;
    const budget = { left: allAtOnce ? Number.POSITIVE_INFINITY : SCENE.chunksPerFrame };
    let complete = true;
    for (const layer of this.layers) {
      const { shift, range } = this.rangeOf(layer.plan, look);
      layer.group.position.set(shift.x, shift.y, 0);
      for (let cy = range.y0; cy <= range.y1; cy++) {
        for (let cx = range.x0; cx <= range.x1; cx++) if (!this.showChunk(layer, cx, cy, timeMs, budget)) complete = false;
      }
      this.hideUnused(layer);
    }
    return complete;
  }

  /** Which chunks are in view for a layer, wider by `margin` texels, and where the layer lies. */
  rangeOf(plan: LayerPlan, look: Look, margin: number = this.overhang): { shift: { x: number; y: number }; range: ChunkRange } {
    const { info } = plan;
    const { tileSize, parallaxOrigin } = this.view.version;
    const moved = parallaxShift(look, info.parallax.x, info.parallax.y, parallaxOrigin.x, parallaxOrigin.y);
    const shift = { x: snapTo(info.offset.x + moved.x, look.zoom), y: snapTo(info.offset.y + moved.y, look.zoom) };
    const chunkW = tileSize.w * CHUNK_TILES;
    const chunkH = tileSize.h * CHUNK_TILES;
    const left = look.x - shift.x - margin;
    const top = look.y - shift.y - margin;
    return {
      shift,
      range: {
        x0: Math.floor(left / chunkW),
        y0: Math.floor(top / chunkH),
        x1: Math.floor((left + look.widthPx / look.zoom + 2 * margin) / chunkW),
        y1: Math.floor((top + look.heightPx / look.zoom + 2 * margin) / chunkH),
      },
    };
  }

  /** The chunk if it is here; asks for it otherwise. null is an empty chunk. */
  chunkAt(cx: number, cy: number): Chunk | null | undefined {
    const known = this.view.loaded(cx, cy);
    const key = `${cx},${cy}`;
    if (known === undefined && !this.asked.has(key)) {
      this.asked.add(key);
      void this.view.chunk(cx, cy).then((result) => {
        if (!result.ok) setTimeout(() => this.asked.delete(key), 1_000);
      });
    }
    return known;
  }

  dispose(): void {
    for (const layer of this.layers)
      for (const chunk of layer.chunks.values()) for (const mesh of chunk?.meshes ?? []) mesh.geometry.dispose();
    this.root.removeFromParent();
  }

  /** False while the chunk is missing. */
  private showChunk(layer: TileLayer, cx: number, cy: number, timeMs: number, budget: { left: number }): boolean {
    const key = `${cx},${cy}`;
    let meshes = layer.chunks.get(key);
    if (meshes === undefined) {
      const chunk = this.chunkAt(cx, cy);
      if (chunk === undefined || budget.left <= 0) return false;
      const gids = chunk?.layers.find((part) => part.layer === layer.plan.info.order)?.gids;
      meshes = gids === undefined ? null : this.makeMeshes(layer, cx, cy, gids);
      if (meshes !== null) budget.left--;
      layer.chunks.set(key, meshes);
    }
    if (meshes === null) return true;
    meshes.usedFrame = this.frame;
    for (const mesh of meshes.meshes) mesh.visible = true;
    this.animate(meshes, timeMs);
    return true;
  }

  private makeMeshes(layer: TileLayer, cx: number, cy: number, gids: Uint32Array): ChunkMeshes {
    const { w, h } = this.view.version.tileSize;
    const made = chunkLayer(gids, this.book, w, h, layer.plan.tint);
    const meshes = made.batches.map((quads, row) => {
      const mesh = batchMesh(quads, this.materials, false);
      mesh.position.set(cx * CHUNK_TILES * w, cy * CHUNK_TILES * h, 0);
      mesh.renderOrder = layer.plan.renderOrder + rowOrder(cy * CHUNK_TILES + (made.byRow ? row : 0), cx);
      layer.group.add(mesh);
      return mesh;
    });
    return { layer: made, meshes, usedFrame: this.frame, shown: made.animated.map(() => 0) };
  }

  private animate({ layer, meshes, shown }: ChunkMeshes, timeMs: number): void {
    layer.animated.forEach(({ batch, index, gid }, i) => {
      const picture = this.book.pictureAt(gid, timeMs);
      if (picture === undefined || picture.gid === shown[i]) return;
      const quads = layer.batches[batch];
      const mesh = meshes[batch];
      if (quads === undefined || mesh === undefined) return;
      shown[i] = picture.gid;
      quads.show(index, picture.region, flipsOf(gid));
      refreshPictures(mesh, index, 1);
    });
  }

  private hideUnused(layer: TileLayer): void {
    for (const [key, chunk] of layer.chunks) {
      if (chunk === null || chunk.usedFrame === this.frame) continue;
      for (const mesh of chunk.meshes) mesh.visible = false;
      if (layer.chunks.size * this.layers.length <= SCENE.chunkMeshes) continue;
      for (const mesh of chunk.meshes) {
        mesh.geometry.dispose();
        mesh.removeFromParent();
      }
      layer.chunks.delete(key);
    }
  }
}
