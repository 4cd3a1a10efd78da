// How quads become pixels. Colours are written as they are in the picture: no colour management, no filtering, no lights here.
// texelFetch with clamped coordinates instead of a sampler: a quad can never bleed into its neighbour, at any zoom or turn.
import { DoubleSide, GLSL3, type IUniform, NormalBlending, RawShaderMaterial, type Texture } from "three";

/** Values every material shares: `ghost` 0 is full colour, 1 is the grey of a world whose authority is gone. */
export interface SharedUniforms {
  readonly ghost: IUniform<number>;
}

export const QUAD_VERTEX = `
precision highp float;
uniform mat4 modelViewMatrix;
uniform mat4 projectionMatrix;
in vec2 position;
in vec2 source;
in vec4 bounds;
in vec4 tint;
out vec2 vSource;
flat out vec4 vBounds;
out vec4 vTint;
void main() {
  vSource = source;
  vBounds = bounds;
  vTint = tint;
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 0.0, 1.0);
}`;

const QUAD_FRAGMENT = `
precision highp float;
uniform sampler2D page;
uniform float ghost;
in vec2 vSource;
flat in vec4 vBounds;
in vec4 vTint;
out vec4 colour;
void main() {
  ivec2 at = ivec2(clamp(floor(vSource), vBounds.xy, vBounds.zw));
  vec4 c = texelFetch(page, at, 0) * vTint;
  if (c.a == 0.0) discard;
  float grey = dot(c.rgb, vec3(0.30, 0.59, 0.11));
  c.rgb = mix(c.rgb, grey * vec3(0.78, 0.86, 0.98) + vec3(0.015, 0.02, 0.035), ghost);
  colour = c;
}`;

/** Draws {@link Quads} of one page. */
export function pageMaterial(page: Texture, shared: SharedUniforms): RawShaderMaterial {
  return new RawShaderMaterial({
    glslVersion: GLSL3,
    vertexShader: QUAD_VERTEX,
    fragmentShader: QUAD_FRAGMENT,
    uniforms: { page: { value: page }, ghost: shared.ghost },
    transparent: true,
    blending: NormalBlending,
    premultipliedAlpha: false,
    depthTest: false,
    depthWrite: false,
    side: DoubleSide,
  });
}
