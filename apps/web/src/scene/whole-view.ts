// One triangle that covers a whole target, for drawing into textures; and a camera for shaders that need none.
import { BufferAttribute, BufferGeometry, Camera, Mesh, type RawShaderMaterial, Sphere } from "three";

export const NO_CAMERA: Camera = new Camera();

/** A mesh whose `position` (two numbers a vertex) is already in clip space. */
export function wholeView(material: RawShaderMaterial): Mesh<BufferGeometry, RawShaderMaterial> {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array([-1, -1, 3, -1, -1, 3]), 2));
  geometry.boundingSphere = new Sphere();
  const mesh = new Mesh(geometry, material);
  mesh.frustumCulled = false;
  return mesh;
}
