// Quads on the GPU: one mesh, one draw call for each run of quads of the same page.
import { BufferAttribute, BufferGeometry, DynamicDrawUsage, Mesh, type RawShaderMaterial, Sphere, StaticDrawUsage } from "three";
import { type Quads, quadIndices } from "./quads.ts";

const EVERYWHERE = new Sphere();

export type BatchMesh = Mesh<BufferGeometry, RawShaderMaterial[]>;

/** A mesh over the arrays of `quads`. `moving` batches are refilled every frame, others hardly ever. */
export function batchMesh(quads: Quads, materials: RawShaderMaterial[], moving: boolean): BatchMesh {
  const mesh: BatchMesh = new Mesh(new BufferGeometry(), materials);
  mesh.frustumCulled = false;
  mesh.matrixAutoUpdate = true;
  bind(mesh, quads, moving);
  setRuns(mesh, quads);
  return mesh;
}

function bind(mesh: BatchMesh, quads: Quads, moving: boolean): void {
  const usage = moving ? DynamicDrawUsage : StaticDrawUsage;
  const geometry = mesh.geometry;
  // Order is given by renderOrder alone; left to itself three would measure every batch to sort it.
  geometry.boundingSphere = EVERYWHERE;
  geometry.setIndex(new BufferAttribute(quadIndices(quads.capacity), 1));
  geometry.setAttribute("position", new BufferAttribute(quads.position, 2).setUsage(usage));
  geometry.setAttribute("source", new BufferAttribute(quads.source, 2).setUsage(usage));
  geometry.setAttribute("bounds", new BufferAttribute(quads.bounds, 4).setUsage(usage));
  geometry.setAttribute("tint", new BufferAttribute(quads.tint, 4, true).setUsage(usage));
}

function setRuns(mesh: BatchMesh, quads: Quads): void {
  mesh.geometry.clearGroups();
  for (const run of quads.runs) mesh.geometry.addGroup(run.first * 6, run.count * 6, run.page);
}

/** Sends the refilled quads. Where their arrays grew, the mesh gets new buffers. */
export function refreshBatch(mesh: BatchMesh, quads: Quads): void {
  const position = mesh.geometry.getAttribute("position") as BufferAttribute;
  if (position.array !== quads.position) {
    mesh.geometry.dispose();
    mesh.geometry = new BufferGeometry();
    bind(mesh, quads, true);
  } else {
    for (const name of ["position", "source", "bounds", "tint"]) touch(mesh.geometry.getAttribute(name) as BufferAttribute, 0, quads.count);
  }
  setRuns(mesh, quads);
}

/** Sends the pictures of some quads again: an animation's next frame. */
export function refreshPictures(mesh: BatchMesh, first: number, count: number): void {
  touch(mesh.geometry.getAttribute("source") as BufferAttribute, first, count);
  touch(mesh.geometry.getAttribute("bounds") as BufferAttribute, first, count);
}

function touch(attribute: BufferAttribute, firstQuad: number, quads: number): void {
  if (quads === 0) return;
  attribute.addUpdateRange(firstQuad * 4 * attribute.itemSize, quads * 4 * attribute.itemSize);
  attribute.needsUpdate = true;
}
