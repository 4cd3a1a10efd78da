// Light over the world: a small texture holds the world's ambient colour plus every lamp's glow, and is multiplied over the picture.
// One texel of it covers LIGHT_TEXELS of the world, so that light falls in steps as coarse as the pixels it falls on.
import {
  AddEquation,
  BufferAttribute,
  BufferGeometry,
  CustomBlending,
  DoubleSide,
  DstColorFactor,
  DynamicDrawUsage,
  GLSL3,
  Mesh,
  NearestFilter,
  NoColorSpace,
  OneFactor,
  RawShaderMaterial,
  Sphere,
  SrcColorFactor,
  Vector2,
  Vector3,
  type WebGLRenderer,
  WebGLRenderTarget,
  ZeroFactor,
} from "three";
import { SCENE } from "../limits.ts";
import type { Look } from "./camera.ts";
import { rgbOf } from "./colour.ts";
import type { SharedUniforms } from "./material.ts";
import { quadIndices } from "./quads.ts";
import { NO_CAMERA } from "./whole-view.ts";

/** A lamp: texels, 0xRRGGBBAA; strength 1 is a good lamp. */
export interface Light {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly colour: number;
  readonly strength: number;
}

const LIGHT_TEXELS = 2;
/** What a lamp of strength 1 adds by bright day; the darker the world, the more it adds. */
const GLARE = { byDay: 0.18, inDarkness: 0.36 } as const;
const HAZE = 0.1;
/** A world darker than this is lit by its lamps alone. */
const DARK = 0.7;
const DARK_GLARE = 0.66;

const LAMP_VERTEX = `
precision highp float;
uniform vec2 origin;
uniform vec2 size;
in vec2 position;
in vec2 local;
in vec3 glow;
out vec2 vLocal;
out vec3 vGlow;
void main() {
  vLocal = local;
  vGlow = glow;
  gl_Position = vec4((position - origin) / size * 2.0 - 1.0, 0.0, 1.0);
}`;

const LAMP_FRAGMENT = `
precision highp float;
in vec2 vLocal;
in vec3 vGlow;
out vec4 colour;
void main() {
  float d = clamp(1.0 - dot(vLocal, vLocal), 0.0, 1.0);
  ivec2 at = ivec2(gl_FragCoord.xy);
  float dither = float(((at.x & 1) << 1) ^ ((at.y & 1) * 3)) / 4.0 - 0.375;
  float stepped = max(0.0, floor(d * d * 14.0 + 0.5 + dither * 0.8) / 14.0);
  colour = vec4(vGlow * stepped * 0.5, 1.0);
}`;

const COVER_VERTEX = `
precision highp float;
uniform mat4 modelViewMatrix;
uniform mat4 projectionMatrix;
in vec2 position;
out vec2 vAt;
void main() {
  vAt = position;
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position * ${LIGHT_TEXELS}.0, 0.0, 1.0);
}`;

/** The haze around lamps, added: it shows even where the floor itself is nearly black. */
const HALO_FRAGMENT = `
precision highp float;
uniform sampler2D light;
uniform vec3 dark;
uniform float haze;
uniform float ghost;
in vec2 vAt;
out vec4 colour;
void main() {
  vec3 c = max(texelFetch(light, ivec2(floor(vAt)), 0).rgb - dark, 0.0) * haze;
  colour = vec4(mix(c, vec3(dot(c, vec3(0.30, 0.59, 0.11)) * 0.5), ghost), 1.0);
}`;

const COVER_FRAGMENT = `
precision highp float;
uniform sampler2D light;
uniform float ghost;
in vec2 vAt;
out vec4 colour;
void main() {
  vec3 c = texelFetch(light, ivec2(floor(vAt)), 0).rgb;
  float grey = dot(c, vec3(0.30, 0.59, 0.11));
  colour = vec4(mix(c, vec3(mix(grey, 0.5, 0.35)), ghost), 1.0);
}`;

export class Lighting {
  /** What lies over everything drawn before: the light multiplied in, in dark worlds twice, and the haze of lamps added. */
  readonly meshes: readonly Mesh<BufferGeometry, RawShaderMaterial>[];
  private readonly cover: Mesh<BufferGeometry, RawShaderMaterial>;
  private readonly again: Mesh<BufferGeometry, RawShaderMaterial>;
  private readonly halo: Mesh<BufferGeometry, RawShaderMaterial>;
  private readonly target: WebGLRenderTarget;
  private readonly dark = new Vector3();
  private readonly haze = { value: 0 };
  private readonly lamps: Mesh<BufferGeometry, RawShaderMaterial>;
  private readonly origin = new Vector2();
  private readonly size = new Vector2(1, 1);
  private readonly positions = new Float32Array(SCENE.lights * 8);
  private readonly glows = new Float32Array(SCENE.lights * 12);

  constructor(shared: SharedUniforms, renderOrder: number) {
    this.target = new WebGLRenderTarget(1, 1, {
      minFilter: NearestFilter,
      magFilter: NearestFilter,
      generateMipmaps: false,
      depthBuffer: false,
    });
    this.target.texture.colorSpace = NoColorSpace;
    this.lamps = new Mesh(this.lampGeometry(), lampMaterial(this.origin, this.size));
    this.lamps.frustumCulled = false;
    const sheet = coverGeometry();
    this.cover = new Mesh(sheet, coverMaterial(this.target, shared));
    this.again = new Mesh(sheet, this.cover.material);
    this.halo = new Mesh(sheet, haloMaterial(this.target, shared, this.dark, this.haze));
    this.meshes = [this.cover, this.again, this.halo];
    this.meshes.forEach((mesh, i) => {
      mesh.frustumCulled = false;
      mesh.renderOrder = renderOrder + i / this.meshes.length;
    });
  }

  /** Draws the light of this look. Bright day without lamps costs nothing. */
  update(renderer: WebGLRenderer, look: Look, ambient: number, lights: readonly Light[]): void {
    const count = Math.min(SCENE.lights, lights.length);
    const shown = count > 0 || ambient >>> 8 !== 0xff_ffff;
    for (const mesh of this.meshes) mesh.visible = shown;
    if (!shown) return;
    const originX = Math.floor(look.x / LIGHT_TEXELS);
    const originY = Math.floor(look.y / LIGHT_TEXELS);
    const w = Math.ceil(look.widthPx / look.zoom / LIGHT_TEXELS) + 1;
    const h = Math.ceil(look.heightPx / look.zoom / LIGHT_TEXELS) + 1;
    if (this.target.width !== w || this.target.height !== h) this.target.setSize(w, h);
    const full = rgbOf(ambient);
    const darkness = 1 - (full[0] * 0.3 + full[1] * 0.59 + full[2] * 0.11);
    // Multiplied once, light doubles at most; where it is dark that is too little to see by, so there it is squared.
    const squared = darkness > DARK;
    this.again.visible = squared;
    const [r, g, b] = squared ? (full.map(Math.sqrt) as [number, number, number]) : full;
    this.fill(lights, count, squared ? DARK_GLARE : GLARE.byDay + GLARE.inDarkness * darkness);
    this.dark.set(r / 2, g / 2, b / 2);
    this.haze.value = darkness * HAZE;
    this.lamps.geometry.setDrawRange(0, count * 6);
    this.origin.set(originX * LIGHT_TEXELS, originY * LIGHT_TEXELS);
    this.size.set(w * LIGHT_TEXELS, h * LIGHT_TEXELS);
    renderer.setRenderTarget(this.target);
    renderer.setClearColor((Math.round(r * 127.5) << 16) | (Math.round(g * 127.5) << 8) | Math.round(b * 127.5), 1);
    renderer.clear(true, false, false);
    if (count > 0) renderer.render(this.lamps, NO_CAMERA);
    renderer.setRenderTarget(null);
    this.spread(w, h);
    for (const mesh of this.meshes) mesh.position.set(originX * LIGHT_TEXELS, originY * LIGHT_TEXELS, 0);
  }

  dispose(): void {
    this.target.dispose();
    this.lamps.geometry.dispose();
    this.lamps.material.dispose();
    this.cover.geometry.dispose();
    this.cover.material.dispose();
    this.halo.material.dispose();
  }

  private fill(lights: readonly Light[], count: number, power: number): void {
    for (let i = 0; i < count; i++) {
      const { x, y, radius, colour, strength } = lights[i] as Light;
      this.positions.set([x - radius, y - radius, x + radius, y - radius, x + radius, y + radius, x - radius, y + radius], i * 8);
      const [r, g, b] = rgbOf(colour);
      const s = strength * power;
      for (let v = 0; v < 4; v++) this.glows.set([r * s, g * s, b * s], (i * 4 + v) * 3);
    }
    for (const name of ["position", "glow"]) (this.lamps.geometry.getAttribute(name) as BufferAttribute).needsUpdate = true;
  }

  private spread(w: number, h: number): void {
    const position = this.cover.geometry.getAttribute("position") as BufferAttribute;
    (position.array as Float32Array).set([0, 0, w, 0, w, h, 0, h]);
    position.needsUpdate = true;
  }

  private lampGeometry(): BufferGeometry {
    const geometry = new BufferGeometry();
    geometry.boundingSphere = new Sphere();
    const corners = new Float32Array(SCENE.lights * 8);
    for (let i = 0; i < SCENE.lights; i++) corners.set([-1, -1, 1, -1, 1, 1, -1, 1], i * 8);
    geometry.setIndex(new BufferAttribute(quadIndices(SCENE.lights), 1));
    geometry.setAttribute("position", new BufferAttribute(this.positions, 2).setUsage(DynamicDrawUsage));
    geometry.setAttribute("local", new BufferAttribute(corners, 2));
    geometry.setAttribute("glow", new BufferAttribute(this.glows, 3).setUsage(DynamicDrawUsage));
    return geometry;
  }
}

function coverGeometry(): BufferGeometry {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array(8), 2));
  geometry.setIndex(new BufferAttribute(quadIndices(1), 1));
  geometry.boundingSphere = new Sphere();
  return geometry;
}

const LAID_OVER = { glslVersion: GLSL3, transparent: true, depthTest: false, depthWrite: false, side: DoubleSide } as const;

function haloMaterial(target: WebGLRenderTarget, shared: SharedUniforms, dark: Vector3, haze: { value: number }): RawShaderMaterial {
  return new RawShaderMaterial({
    ...LAID_OVER,
    vertexShader: COVER_VERTEX,
    fragmentShader: HALO_FRAGMENT,
    uniforms: { light: { value: target.texture }, dark: { value: dark }, haze, ghost: shared.ghost },
    blending: CustomBlending,
    blendEquation: AddEquation,
    blendSrc: OneFactor,
    blendDst: OneFactor,
  });
}

function lampMaterial(origin: Vector2, size: Vector2): RawShaderMaterial {
  return new RawShaderMaterial({
    glslVersion: GLSL3,
    vertexShader: LAMP_VERTEX,
    fragmentShader: LAMP_FRAGMENT,
    uniforms: { origin: { value: origin }, size: { value: size } },
    transparent: true,
    blending: CustomBlending,
    blendEquation: AddEquation,
    blendSrc: OneFactor,
    blendDst: OneFactor,
    depthTest: false,
    depthWrite: false,
    side: DoubleSide,
  });
}

/** 2 × source × destination: 0.5 in the light texture leaves the picture as it is, more makes it brighter. */
function coverMaterial(target: WebGLRenderTarget, shared: SharedUniforms): RawShaderMaterial {
  return new RawShaderMaterial({
    glslVersion: GLSL3,
    vertexShader: COVER_VERTEX,
    fragmentShader: COVER_FRAGMENT,
    uniforms: { light: { value: target.texture }, ghost: shared.ghost },
    transparent: true,
    blending: CustomBlending,
    blendEquation: AddEquation,
    blendSrc: DstColorFactor,
    blendDst: SrcColorFactor,
    blendSrcAlpha: ZeroFactor,
    blendDstAlpha: OneFactor,
    depthTest: false,
    depthWrite: false,
    side: DoubleSide,
  });
}
